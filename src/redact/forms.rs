//! The forms in which a secret may stand in a text.

use std::fmt::Write as _;

/// The secret itself, in a URL, in JSON, and in base64 at each of the three places it may have in what was encoded.
pub(super) fn of(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    let mut add = |form: String| {
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    add(in_url(secret, false));
    add(in_url(secret, true));
    add(in_json(secret, false));
    add(in_json(secret, true));
    for before in 0..3 {
        let standard = in_base64(secret.as_bytes(), before);
        add(standard.replace('+', "-").replace('/', "_"));
        add(standard);
    }
    forms
}

fn in_url(secret: &str, lower_case: bool) -> String {
    let mut form = String::with_capacity(secret.len());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            form.push(char::from(byte));
        } else {
            let _ = if lower_case { write!(form, "%{byte:02x}") } else { write!(form, "%{byte:02X}") };
        }
    }
    form
}

fn in_json(secret: &str, escape_slash: bool) -> String {
    let mut form = String::with_capacity(secret.len());
    for letter in secret.chars() {
        match letter {
            '"' | '\\' => form.extend(['\\', letter]),
            '/' if escape_slash => form.push_str("\\/"),
            '\n' => form.push_str("\\n"),
            '\t' => form.push_str("\\t"),
            letter if letter.is_control() => {
                let _ = write!(form, "\\u{:04x}", u32::from(letter));
            }
            letter => form.push(letter),
        }
    }
    form
}

/// The base64 of the secret where `before` bytes (0, 1 or 2, modulo 3) come before it: only the letters that depend
/// on nothing but the secret.
fn in_base64(secret: &[u8], before: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut form = String::with_capacity(secret.len() * 4 / 3 + 1);
    // Bits not yet written, and how many: at first the bits of the byte before that share a letter with the secret.
    let (mut bits, mut waiting) = (0_u32, before * 8 % 6);
    let mut is_own = waiting == 0;
    for byte in secret {
        bits = bits << 8 | u32::from(*byte);
        waiting += 8;
        while waiting >= 6 {
            waiting -= 6;
            // The first letter holds foreign bits, unless none were waiting.
            if is_own {
                form.push(char::from(LETTERS[(bits >> waiting & 63) as usize]));
            }
            is_own = true;
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_at_every_place() {
        // printf '%s' secret | base64, with nothing, one and two letters in front, without the letters at the edges
        // that depend on what is around.
        for (before, expected) in [(0, "c2VjcmV0IQ"), (1, "NlY3JldC"), (2, "zZWNyZXQh")] {
            assert_eq!(in_base64(b"secret!", before)[..6], expected[..6], "{before}");
        }
    }

    #[test]
    fn escapes_of_urls_and_json() {
        let forms = of("a/b\"c:é-123456");
        for form in [
            "a%2Fb%22c%3A%C3%A9-123456",
            "a%2fb%22c%3a%c3%a9-123456",
            "a/b\\\"c:é-123456",
            "a\\/b\\\"c:é-123456",
        ] {
            assert!(forms.iter().any(|found| found == form), "{form}");
        }
    }
}
