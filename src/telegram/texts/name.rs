//! Names of people as plain text. A name is somebody else's: it may hold anything, and must look like a name.

use crate::telegram::markdown::is_blank;

/// Of a first name, so many characters are shown.
const LONGEST: usize = 32;

/// One line of a name without what nobody sees or what turns the direction of writing; none if nothing is left.
pub(crate) fn plain_name(name: &str) -> Option<String> {
    let is_seen = |c: &char| !c.is_control() && (*c == ' ' || !is_blank(c.encode_utf8(&mut [0; 4])));
    let words: Vec<&str> = name.split_whitespace().collect();
    let plain: String = words.join(" ").chars().filter(is_seen).take(LONGEST).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// `Li @li`, `Li`, `@li`, whichever is known.
pub(crate) fn full_name(first_name: Option<&str>, username: Option<&str>) -> Option<String> {
    let username = username.and_then(plain_name).map(|name| format!("@{name}"));
    let parts: Vec<String> = first_name.and_then(plain_name).into_iter().chain(username).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_short_line() {
        let cases = [
            ("Li", Some("Li")),
            ("  小 林\n\t二 ", Some("小 林 二")),
            ("<b>Li</b> & Co", Some("<b>Li</b> & Co")),
            ("abc\u{202e}fed\u{2066}x\u{2069}", Some("abcfedx")),
            ("a\u{200b}b\u{feff}c\u{0}d", Some("abcd")),
            ("\u{202e}\u{200d} \u{3164}", None),
            ("", None),
            ("مرحبا", Some("مرحبا")),
        ];
        for (name, plain) in cases {
            assert_eq!(plain_name(name).as_deref(), plain, "{name:?}");
        }
        assert_eq!(plain_name(&"长".repeat(500)).map(|name| name.chars().count()), Some(LONGEST));
    }

    #[test]
    fn a_full_name_is_what_is_known_of_it() {
        assert_eq!(full_name(Some("Li"), Some("li")).as_deref(), Some("Li @li"));
        assert_eq!(full_name(None, Some("li")).as_deref(), Some("@li"));
        assert_eq!(full_name(Some("\u{202e}"), None), None);
    }
}
