//! What the text of a key can be seen to be, without asking Google and without repeating it.

use std::fmt;

/// Why a text cannot be a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Flaw {
    /// It was never filled in.
    Placeholder,
    /// It holds a character no header may carry, at a position counted from 1.
    Character { name: String, position: usize },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Placeholder => f.write_str("is a placeholder, not a key"),
            Flaw::Character { name, position } => write!(f, "has {name} at position {position}"),
        }
    }
}

/// Checks one key; true: it has the shape of the keys Google gives out.
pub(super) fn check(key: &str) -> Result<bool, Flaw> {
    if is_placeholder(key) {
        return Err(Flaw::Placeholder);
    }
    for (position, letter) in (1..).zip(key.chars()) {
        if !letter.is_ascii_graphic() || matches!(letter, '"' | '\'' | '\\') {
            return Err(Flaw::Character { name: name_of(letter), position });
        }
    }
    Ok(is_usual(key))
}

/// What separates keys where only a comma may, by name.
pub(super) fn wrong_separator(list: &str, line_breaks: bool) -> Option<&'static str> {
    list.chars().find_map(|letter| match letter {
        '，' => Some("a full-width comma (，)"),
        '、' => Some("an ideographic comma (、)"),
        ';' => Some("a semicolon (;)"),
        '；' => Some("a full-width semicolon (；)"),
        '|' => Some("a bar (|)"),
        '\n' | '\r' if !line_breaks => Some("a line break"),
        _ => None,
    })
}

/// Words that stand in examples where a secret goes.
pub(super) fn is_placeholder(text: &str) -> bool {
    const PARTS: [&str; 7] =
        ["your", "changeme", "change_me", "change-me", "placeholder", "example", "replace"];
    let lower = text.to_ascii_lowercase();
    let word = lower.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches(['_', '-']);
    matches!(
        word,
        "" | "key" | "api_key" | "apikey" | "api-key" | "k" | "token" | "secret" | "todo" | "none" | "null"
    ) || PARTS.iter().any(|part| lower.contains(part))
        || lower.contains("xxxx")
        || lower.chars().all(|letter| matches!(letter, 'x' | '*' | '.' | '-' | '_'))
        || (text.starts_with('<') && text.ends_with('>'))
        || text.contains("...")
        || text.contains('…')
}

/// `AIza` and 35 more, or `AQ.` and some more: no other shape was ever given out, but one may be.
fn is_usual(key: &str) -> bool {
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if let Some(rest) = key.strip_prefix("AQ.") {
        return rest.len() >= 20 && plain(&rest.replace('.', ""));
    }
    key.len() == 39 && key.starts_with("AIza") && plain(key)
}

fn name_of(letter: char) -> String {
    match letter {
        ' ' => "a space".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {
            format!("an invisible character (U+{:04X})", u32::from(letter))
        }
        '"' | '\'' => "a quote".to_owned(),
        letter => format!("a character that is not plain ASCII (U+{:04X})", u32::from(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_recognized_and_keys_are_not_taken_for_them() {
        for text in [
            "xxx",
            "XXXX",
            "key1",
            "k1",
            "your_api_key",
            "<key>",
            "AIzaSy...",
            "changeme",
            "api_key_2",
            "123",
        ] {
            assert_eq!(check(text), Err(Flaw::Placeholder), "{text}");
        }
        for (text, usual) in [
            ("AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", true),
            ("AQ.Ab8RN6Kq0123456789abcdefghij", true),
            ("AIzaShort", false),
            ("sk-0123456789", false),
        ] {
            assert_eq!(check(text), Ok(usual), "{text}");
        }
    }

    #[test]
    fn an_odd_character_is_named_with_its_position() {
        for (text, message) in [
            ("AIza\u{200b}Sy", "has an invisible character (U+200B) at position 5"),
            ("AIzaSy\u{a0}1", "has a no-break space (U+00A0) at position 7"),
            ("A B", "has a space at position 2"),
            ("é1", "has a character that is not plain ASCII (U+00E9) at position 1"),
        ] {
            assert_eq!(check(text).map_err(|flaw| flaw.to_string()), Err(message.to_owned()));
        }
    }

    #[test]
    fn only_a_comma_separates() {
        assert_eq!(wrong_separator("a,b", false), None);
        assert_eq!(wrong_separator("a\nb", true), None);
        for (list, name) in
            [("a，b", "full-width"), ("a;b", "semicolon"), ("a\nb", "line break"), ("a、b", "ideo")]
        {
            assert!(wrong_separator(list, false).is_some_and(|found| found.contains(name)), "{list}");
        }
    }
}
