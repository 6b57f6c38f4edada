//! Keys that Google repeats in its error texts, removed by their shape.
//!
//! `redact` knows every secret of the configuration and the plainest shapes; here it is whatever stands where Google
//! quotes a key, since a text may echo one that was never registered: an old one, or one cut short.

use crate::redact;

const REDACTED: &str = "[redacted]";

/// Words after which a key follows.
const MARKERS: [&str; 7] =
    ["api_key:", "api_key=", "api key: ", "apikey:", "?key=", "&key=", "x-goog-api-key: "];
/// How keys and tokens of Google's begin, and how many characters the shortest has.
const PREFIXES: [(&str, usize); 3] = [("AIza", 20), ("AQ.", 16), ("ya29.", 16)];
/// What follows a marker is a key from this length on; shorter, it is a word.
const SHORTEST: usize = 6;

/// Removes registered secrets and everything that has the shape of a key.
pub(in crate::gemini) fn scrub(text: &str) -> String {
    // Shapes first: once a part of a key is gone, the rest has no shape.
    redact::scrub(&by_shape(text)).into_owned()
}

fn by_shape(text: &str) -> String {
    // Lower case of ASCII keeps every byte's place.
    let lowered = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (lead, run) = key_at(text, &lowered, at);
        if run > 0 {
            out.push_str(&text[at..at + lead]);
            out.push_str(REDACTED);
            at += lead + run;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    out
}

/// How long the words before a key at `at` are, and how long the key is; (0, 0) where none begins.
fn key_at(text: &str, lowered: &str, at: usize) -> (usize, usize) {
    for marker in MARKERS {
        if lowered[at..].starts_with(marker) {
            let rest = &text[at + marker.len()..];
            let lead = rest.len() - rest.trim_start_matches([' ', '\'', '"']).len();
            let run = run_length(&rest[lead..]);
            if run >= SHORTEST {
                return (marker.len() + lead, run);
            }
        }
    }
    for (prefix, shortest) in PREFIXES {
        if text[at..].starts_with(prefix) {
            let run = run_length(&text[at..]);
            if run >= shortest {
                return (0, run);
            }
        }
    }
    (0, 0)
}

/// How many bytes of a key's alphabet stand here, dots and signs of base64 included; a full stop at the end is the
/// sentence's.
fn run_length(text: &str) -> usize {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '/' | '%')))
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.').len()
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    #[test]
    fn an_echoed_key_is_removed_by_its_shape() {
        let key = "AIzaSyD-0123456789abcdefghijklmnopqrstu";
        let cases = [
            (
                format!("Consumer 'api_key:{key}' has been suspended."),
                "Consumer 'api_key:[redacted]' has been suspended.",
            ),
            ("Consumer 'api_key:short-1' is out".to_owned(), "Consumer 'api_key:[redacted]' is out"),
            (format!("Invalid API key: {key}. Get one"), "Invalid API key: [redacted]. Get one"),
            ("Invalid API Key: 'legacy-key-77'".to_owned(), "Invalid API Key: '[redacted]'"),
            (format!("see https://x.test/?key={key}&alt=sse"), "see https://x.test/?key=[redacted]&alt=sse"),
            ("AQ.Ab8RN6KtokenTokenToken.x_y-z is new".to_owned(), "[redacted] is new"),
            (format!("{key} and AQ.Ab8RN6KtokenTokenToken_x"), "[redacted] and [redacted]"),
            (
                "API key not valid. Please pass a valid API key.".to_owned(),
                "API key not valid. Please pass a valid API key.",
            ),
            ("grüße 🎈 api_key:".to_owned(), "grüße 🎈 api_key:"),
        ];
        for (text, expected) in cases {
            assert_eq!(scrub(&text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_key_survives_wherever_it_stands(before in "\\PC{0,20}[ '\":]", after in "[ '\"\\n,]\\PC{0,20}") {
            let key = "AIzaSyD-0123456789abcdefghijklmnopqrstu";
            let scrubbed = scrub(&format!("{before}{key}{after}"));
            prop_assert!(!scrubbed.contains("0123456789"), "{}", scrubbed);
        }
    }
}
