//! Text that looks like a key or a token, whoever it belongs to.

/// No key is shorter behind its first letters.
const KEY_REST: usize = 16;
/// A bot's token has 35 letters behind its colon.
const TOKEN_REST: usize = 30;

/// Adds the ranges of all that has the shape of a secret.
pub(super) fn find(text: &str, found: &mut Vec<(usize, usize)>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let range = match byte {
            b'A' => key_at(bytes, at),
            b':' => token_around(bytes, at).or_else(|| named_key_behind(bytes, at)),
            _ => None,
        };
        at = match range {
            Some((start, end)) => {
                found.push((start, end));
                end
            }
            None => at + 1,
        };
    }
}

/// `AIza…` or `AQ.…`.
fn key_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = &bytes[at..];
    let prefix = [&b"AIza"[..], b"AQ."].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let length = run(&rest[prefix.len()..], is_plain);
    (length >= KEY_REST).then_some((at, at + prefix.len() + length))
}

/// `123456789:AA…`, with the digits before the colon.
fn token_around(bytes: &[u8], colon: usize) -> Option<(usize, usize)> {
    let digits = bytes[..colon].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let rest = run(&bytes[colon + 1..], is_plain);
    (rest >= TOKEN_REST).then_some((colon - digits, colon + 1 + rest))
}

/// What stands behind `api_key:`, as in Google's own error texts.
fn named_key_behind(bytes: &[u8], colon: usize) -> Option<(usize, usize)> {
    if !bytes[..colon].ends_with(b"api_key") {
        return None;
    }
    let start = colon + 1;
    let length = run(&bytes[start..], |byte| is_plain(byte) || byte == b'.');
    (length > 0 && !bytes[start..].starts_with(b"[redacted]")).then_some((start, start + length))
}

fn run(bytes: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| fits(**byte)).count()
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
