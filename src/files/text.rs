//! Text that a person wrote.

use std::{fs::File, io::Read, path::Path};

use crate::error::{Error, Result};

/// Reads a text of at most `limit` bytes, also from a pipe.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be read, and [`Error::Usage`] with the place if it is too long or not UTF-8.
pub fn read_text(path: &Path, limit: usize) -> Result<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes))
        .map_err(Error::file("read", path))?;
    let name = path.display();
    if bytes.len() > limit {
        return Err(Error::Usage {
            message: format!("`{name}` has more than {limit} bytes, the most that is read of such a file"),
            hint: "is this the right file?".into(),
        });
    }
    let utf16 = |little| format!("`{name}` is UTF-16 ({little} byte first), not UTF-8");
    let message = match bytes[..] {
        [0xff, 0xfe, ..] => utf16("the low"),
        [0xfe, 0xff, ..] => utf16("the high"),
        _ => match String::from_utf8(bytes) {
            Ok(text) => return Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let line = bytes[..at].split(|byte| *byte == b'\n').count();
                format!("`{name}` is not UTF-8: line {line} has the byte 0x{:02x}", bytes[at])
            }
        },
    };
    let hint = "save the file as UTF-8; `iconv -f ENCODING -t UTF-8 FILE > NEW` converts it".into();
    Err(Error::Usage { message, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test writes its own input")]
    fn a_text_in_another_encoding_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.yaml");
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read_text(&path, 20).map_err(|e| e.to_string())
        };
        assert_eq!(read("\u{feff}a: é\n".as_bytes()), Ok("a: é\n".to_owned()));
        assert!(read(b"a: 1\nb: caf\xe9\n").unwrap_err().ends_with("is not UTF-8: line 2 has the byte 0xe9"));
        assert!(read(&[0xff, 0xfe, b'a', 0]).unwrap_err().contains("is UTF-16 (the low byte first)"));
        assert!(read(&[0xfe, 0xff, 0, b'a']).unwrap_err().contains("is UTF-16 (the high byte first)"));
        assert!(read(&[b'a'; 21]).unwrap_err().contains("has more than 20 bytes"));
    }
}
