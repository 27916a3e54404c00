//! The IDX format of the MNIST files (<http://yann.lecun.com/exdb/mnist/>).
//!
//! A file is a magic number (two zero bytes, 8 for bytes, the rank), one big-endian `u32` per
//! dimension, and the bytes; it may be packed with gzip.

use std::io::Read;

/// The largest unpacked file that is accepted, in bytes; MNIST's largest has 47,040,016.
const MAX_BYTES: u64 = 64 << 20;

/// Returns the plain contents of a file that may be packed with gzip.
///
/// # Errors
/// Returns the reason if it cannot be unpacked or is too large.
pub fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    // The file's last four bytes say how much it unpacks to: one buffer of that size, not one that grows.
    let promised = bytes.last_chunk().map_or(0, |size| u64::from(u32::from_le_bytes(*size)));
    let mut plain = Vec::with_capacity(promised.min(MAX_BYTES) as usize);
    flate2::read::GzDecoder::new(bytes.as_slice()).take(MAX_BYTES + 1).read_to_end(&mut plain).map_err(
        |e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => "it cannot be unpacked: it is cut off",
            _ => "it cannot be unpacked: it is damaged",
        },
    )?;
    if plain.len() as u64 > MAX_BYTES {
        return Err(format!("it unpacks to more than {MAX_BYTES} bytes"));
    }
    Ok(plain)
}

/// Splits an IDX file of bytes into its dimensions and its data.
///
/// # Errors
/// Returns the reason if the header is wrong or the data has another length.
pub fn parse(bytes: &[u8]) -> Result<(Vec<usize>, &[u8]), String> {
    let rank = match bytes {
        [0, 0, 8, rank, ..] => *rank as usize,
        _ => return Err("it does not begin like an IDX file of bytes".into()),
    };
    let data_at = 4 + 4 * rank;
    let header = bytes.get(4..data_at).ok_or("its header is cut off")?;
    let dims: Vec<usize> =
        header.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    let wanted = dims.iter().try_fold(1_usize, |n, d| n.checked_mul(*d));
    let data = &bytes[data_at..];
    if wanted != Some(data.len()) {
        return Err(format!("its header promises {dims:?} bytes, it holds {}", data.len()));
    }
    Ok((dims, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_packed_file_reads_as_its_plain_form() {
        let plain = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        let unpacked = unpack(gzip.finish().unwrap()).unwrap();
        assert_eq!(parse(&unpacked).unwrap(), (vec![2, 3], &plain[12..]));
        assert_eq!(unpack(plain.to_vec()).unwrap(), plain);
    }

    #[test]
    fn wrong_files_are_refused_with_the_reason() {
        for (bytes, reason) in [
            (&b"<html>"[..], "does not begin like"),
            (&[0, 0, 8, 3, 0, 0], "header is cut off"),
            (&[0, 0, 8, 1, 0, 0, 0, 5, 1, 2], "holds 2"),
            (&[0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], "holds 0"),
        ] {
            assert!(parse(bytes).unwrap_err().contains(reason), "{reason}");
        }
        assert!(unpack(vec![0x1f, 0x8b, 8, 0, 1]).unwrap_err().contains("cannot be unpacked"));
    }
}
