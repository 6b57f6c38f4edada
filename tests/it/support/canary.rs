//! Looks for secrets in whatever came out: as they are, in URLs, JSON and base64, whole or a piece of twelve letters.

use std::collections::HashMap;
use std::fmt::Write as _;

/// A piece this long is found.
const PIECE: usize = 12;

/// The pieces of all forms of some secrets, each with the name of its secret.
pub(crate) struct Canaries(HashMap<Vec<u8>, String>);

impl Canaries {
    pub(crate) fn new(secrets: &[(String, String)]) -> Canaries {
        let mut pieces = HashMap::new();
        for (name, secret) in secrets {
            for form in forms(secret) {
                for piece in form.as_bytes().windows(PIECE) {
                    pieces.insert(piece.to_vec(), name.clone());
                }
            }
        }
        Canaries(pieces)
    }

    /// The first secret in `bytes`, with what stands around it.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<String> {
        let hit = |piece: &[u8]| self.0.get(piece).cloned();
        bytes.windows(PIECE).enumerate().find_map(|(at, piece)| {
            let name = hit(piece)?;
            let around = &bytes[at.saturating_sub(60)..(at + 30).min(bytes.len())];
            Some(format!("{name} in …{}…", String::from_utf8_lossy(around)))
        })
    }

    pub(crate) fn assert_none(&self, place: &str, bytes: &[u8]) {
        if let Some(found) = self.find(bytes) {
            panic!("{place} holds a secret: {found}");
        }
    }
}

fn forms(secret: &str) -> Vec<String> {
    let mut forms =
        vec![secret.to_owned(), serde_json::Value::from(secret).to_string(), secret.replace('/', "\\/")];
    for lower in [false, true] {
        let mut url = String::new();
        for byte in secret.bytes() {
            let _ = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    write!(url, "{}", char::from(byte))
                }
                _ if lower => write!(url, "%{byte:02x}"),
                _ => write!(url, "%{byte:02X}"),
            };
        }
        forms.push(url);
    }
    for before in ["", "x", "xy"] {
        let code = base64(format!("{before}{secret}").as_bytes());
        // Without the letters that depend on what stands before and behind.
        let own = code[if before.is_empty() { 0 } else { 4 }..code.len() - 4].to_owned();
        forms.push(own.replace('+', "-").replace('/', "_"));
        forms.push(own);
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut code = String::new();
    for group in bytes.chunks(3) {
        let word =
            group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for n in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * n) & 63) as usize]);
            code.push(if n <= group.len() { letter } else { '=' });
        }
    }
    code
}

#[test]
fn a_planted_secret_is_found_in_every_form() {
    assert_eq!(base64(b"Many hands make light work."), "TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu");
    assert_eq!(base64(b"light w"), "bGlnaHQgdw==");
    let canaries = Canaries::new(&[("it".to_owned(), "s3cret/with+odd\"letters".to_owned())]);
    for text in [
        "a s3cret/with+odd\"letters b",
        "cut off: cret/with+od",
        "?key=s3cret%2Fwith%2Bodd%22letters",
        "%2fwith%2bodd%22l",
        r#"{"key":"s3cret/with+odd\"letters"}"#,
        r"s3cret\/with+odd",
        &base64(b"user:s3cret/with+odd\"letters"),
        &base64(b"s3cret/with+odd\"letters\n"),
    ] {
        assert!(canaries.find(text.as_bytes()).is_some(), "{text}");
    }
    assert_eq!(canaries.find(b"a secret with odd letters, or a part: s3cret/with"), None);
}
