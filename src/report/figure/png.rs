//! A PNG file from rows of RGB bytes.
//!
//! The compressor is called directly: it is plain Rust and gives the same bytes everywhere, whatever other crates
//! choose for theirs.

/// Pixels of the page in one inch, when 500 of them fill a column of 8.5 cm.
const PAGE_PIXELS_PER_METRE: f64 = 500.0 / 0.085;
/// Level of compression, of ten: 9 takes seven times as long for 4 % fewer bytes.
const LEVEL: u8 = 4;

/// The resolution to record for a picture of `scale` pixels per pixel of the page.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
pub(super) fn dots_per_metre(scale: f64) -> u32 {
    (PAGE_PIXELS_PER_METRE * scale).round() as u32
}

/// Encodes `pixels` (three bytes each, row after row) as a PNG file.
pub(super) fn encode(width: u32, height: u32, pixels: &[u8], per_metre: u32) -> Vec<u8> {
    let row_bytes = 3 * width as usize;
    let mut rows = Vec::with_capacity(pixels.len() + height as usize);
    for row in pixels.chunks(row_bytes.max(1)) {
        rows.push(0); // no filter
        rows.extend_from_slice(row);
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend_from_slice(&[8, 2, 0, 0, 0]); // eight bits, RGB, not interlaced
    let mut density = [per_metre.to_be_bytes(), per_metre.to_be_bytes()].concat();
    density.push(1); // per metre

    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"pHYs", &density);
    chunk(&mut file, *b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, LEVEL));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// Appends one chunk: its length, name, contents and checksum.
fn chunk(file: &mut Vec<u8>, name: [u8; 4], contents: &[u8]) {
    let length = u32::try_from(contents.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&length.to_be_bytes());
    let start = file.len();
    file.extend_from_slice(&name);
    file.extend_from_slice(contents);
    let checksum = crc32(&file[start..]);
    file.extend_from_slice(&checksum.to_be_bytes());
}

/// The checksum PNG asks for.
fn crc32(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 },
        )
    });
    !rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_file_holds_its_size_and_pixels() {
        let file = encode(2, 1, &[1, 2, 3, 4, 5, 6], 11_811);
        assert!(file.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01"));
        let data = file.windows(4).position(|name| name == b"IDAT").unwrap() + 4;
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&file[data..]).unwrap();
        assert_eq!(rows, [0, 1, 2, 3, 4, 5, 6]);
    }
}
