//! How Telegram counts a text, and when it sees nothing in it.

/// The most UTF-16 units put into one message. Telegram takes 4096; what is left is for a cursor.
pub(crate) const MAX_UNITS: usize = 4000;

/// The length Telegram counts, in UTF-16 units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether a person sees nothing in it: white space, zero-width and control characters only.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// The bytes of the longest prefix of at most `limit` units; none if that is everything.
pub(super) fn prefix(text: &str, limit: usize) -> Option<usize> {
    // No character has more units than bytes.
    if text.len() <= limit {
        return None;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > limit {
            return Some(at);
        }
    }
    None
}

/// Chinese, Japanese and Korean letters and their punctuation, written without spaces.
pub(super) const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in ["", " \n", "\u{200b}\u{200d}", "\u{3164}", "\u{2800}\u{fe0f}", "\0\u{1}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "。", "👍", "\u{200b}x"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn a_prefix_never_ends_inside_a_character() {
        assert_eq!(prefix("a😀b", 2), Some(1));
        assert_eq!(prefix("a😀b", 3), Some(5));
        assert_eq!(prefix("a😀b", 4), None);
        assert_eq!(utf16_len("a😀中"), 4);
    }
}
