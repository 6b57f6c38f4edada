//! Text from the command line and from standard input, within one limit.

use std::io::{self, Read};

use crate::error::{CommandError, ErrorKind};

/// The longest text in bytes.
pub(crate) const LONGEST_TEXT: u64 = 1024 * 1024;

/// Reads standard input as text: at most [`LONGEST_TEXT`] bytes of UTF-8 without NUL.
pub(crate) fn read_stdin() -> Result<String, CommandError> {
    read_text(io::stdin().lock())
}

/// Refuses a text that is too long or binary, wherever it comes from.
pub(crate) fn check_text(text: String) -> Result<String, CommandError> {
    if text.len() as u64 > LONGEST_TEXT {
        return Err(too_long());
    }
    if text.contains('\0') {
        return Err(binary());
    }
    Ok(text)
}

fn read_text(source: impl Read) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    source.take(LONGEST_TEXT + 1).read_to_end(&mut bytes).map_err(|error| {
        CommandError::new(ErrorKind::BadInput, "standard input cannot be read").caused_by(&error)
    })?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(too_long());
    }
    // Notepad's mark is no text.
    let text = String::from_utf8(bytes).map_err(|_| binary())?;
    check_text(text.trim_start_matches('\u{feff}').to_owned())
}

fn too_long() -> CommandError {
    CommandError::new(ErrorKind::BadInput, "the text is longer than 1 MiB")
}

fn binary() -> CommandError {
    CommandError::new(ErrorKind::BadInput, "the input is not text in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_within_the_limit_is_taken() {
        let longest = vec![b'x'; LONGEST_TEXT as usize];
        assert_eq!(read_text(&longest[..]).map(|text| text.len()), Ok(longest.len()));
        assert_eq!(read_text("\u{feff}你好\r\n".as_bytes()).as_deref(), Ok("你好\r\n"));
        let cases: [(&str, &mut dyn Read); 4] = [
            ("one byte more", &mut (&longest[..]).chain(&b"x"[..])),
            ("without an end", &mut io::repeat(b'x')),
            ("a picture", &mut &b"\x89PNG\r\n\x1a\n\0\0"[..]),
            ("NUL", &mut &b"a\0b"[..]),
        ];
        for (name, source) in cases {
            assert_eq!(read_text(source).map_err(|error| error.kind), Err(ErrorKind::BadInput), "{name}");
        }
    }
}
