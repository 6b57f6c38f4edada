//! Cuts a long text into messages: at a paragraph, else a line, a sentence, a space, else between characters as
//! people see them.
//!
//! Telegram counts UTF-16 units. A cut depends only on the text before it and a little after it, so the parts
//! of a growing text do not move.

use unicode_segmentation::UnicodeSegmentation as _;

/// The most UTF-16 units put into one message. Telegram takes 4096.
pub(crate) const MAX_UNITS: usize = 4000;

/// The length Telegram counts.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
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

/// The parts of `text`, in order, each of 1 to `limit` units and none blank; white space at a cut is dropped.
pub(crate) fn split(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((head, tail)) = split_first(rest, limit) {
        if !is_blank(head) {
            parts.push(head);
        }
        rest = tail;
    }
    let last = rest.trim_end();
    if !is_blank(last) {
        parts.push(last);
    }
    parts
}

/// The first part and what is left, if `text` does not fit into one.
pub(crate) fn split_first(text: &str, limit: usize) -> Option<(&str, &str)> {
    let window = prefix(text, limit)?;
    let cut = cut_of(text, window, limit);
    let (head, tail) = text.split_at(cut);
    Some((
        head.trim_end(),
        tail.trim_start_matches(['\n', '\r'])
            .strip_prefix(' ')
            .unwrap_or_else(|| tail.trim_start_matches(['\n', '\r'])),
    ))
}

/// The bytes of the longest prefix of at most `limit` units; none if that is everything.
fn prefix(text: &str, limit: usize) -> Option<usize> {
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

/// The byte at which to cut, `0 < cut ≤ window`.
fn cut_of(text: &str, window: usize, limit: usize) -> usize {
    let head = &text[..window];
    // A cut that leaves less than half a message behind is worse than a finer one.
    let enough = prefix(head, limit / 2).unwrap_or(0);
    let late = |cut: usize| (cut > enough).then_some(cut);
    let paragraph = || head.rfind("\n\n").and_then(late);
    let line = || head.rfind('\n').and_then(late);
    let sentence = || sentence_end(text, window).and_then(late);
    let space = || head.rfind(char::is_whitespace).and_then(late);
    paragraph().or_else(line).or_else(sentence).or_else(space).unwrap_or_else(|| grapheme_end(text, window))
}

/// The end of the last sentence in the window: after 。！？, or after .!? before white space.
fn sentence_end(text: &str, window: usize) -> Option<usize> {
    let mut end = None;
    for (at, c) in text[..window].char_indices() {
        let after = at + c.len_utf8();
        let ends = match c {
            '。' | '！' | '？' | '…' => {
                !text[after..].starts_with(['”', '’', '」', '』', '）', '…', '！', '？'])
            }
            '.' | '!' | '?' => text[after..].starts_with(char::is_whitespace),
            '”' | '」' | '』' => text[..at].ends_with(['。', '！', '？', '…']),
            _ => false,
        };
        if ends && after <= window {
            end = Some(after);
        }
    }
    end
}

/// The last boundary between characters as people see them; between code points when one alone fills the window.
fn grapheme_end(text: &str, window: usize) -> usize {
    // The segmentation looks behind the window, so that it does not cut what continues there.
    let beyond = text[window..].char_indices().nth(16).map_or(text.len(), |(at, _)| window + at);
    text[..beyond]
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .take_while(|at| *at <= window)
        .last()
        .filter(|at| *at > 0)
        .unwrap_or(window)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_cut_prefers_the_larger_unit_of_writing() {
        let cases: [(&str, usize, &[&str]); 10] = [
            ("short", 10, &["short"]),
            ("one two\n\nthree four", 12, &["one two", "three four"]),
            ("one two\nthree four", 12, &["one two", "three four"]),
            ("One two. Three four", 12, &["One two.", "Three four"]),
            ("今天天气好。明天下雨吗", 8, &["今天天气好。", "明天下雨吗"]),
            ("他说：“好的！”然后走了", 9, &["他说：“好的！”", "然后走了"]),
            ("one two three", 9, &["one two", "three"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("  \n\n ", 2, &[]),
            ("a\n\nbcdefghijk", 6, &["a\n\nbcd", "efghij", "k"]),
        ];
        for (text, limit, parts) in cases {
            assert_eq!(split(text, limit), parts, "{text:?}");
        }
    }

    #[test]
    fn what_people_see_as_one_is_not_torn() {
        // A family of four joined by zero-width joiners is 11 units.
        assert_eq!(split("ab👨‍👩‍👧‍👦", 11), ["ab", "👨‍👩‍👧‍👦"]);
        assert_eq!(split("a🇨🇳🇩🇪", 6), ["a🇨🇳", "🇩🇪"]);
        assert_eq!(split("xe\u{301}e\u{301}", 3), ["xe\u{301}", "e\u{301}"]);
    }

    #[test]
    fn ten_thousand_marks_on_one_letter_are_cut_between_code_points() {
        let text = format!("a{}", "\u{301}".repeat(10_000));
        let parts = split(&text, MAX_UNITS);
        assert!(parts.iter().all(|part| utf16_len(part) <= MAX_UNITS));
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn a_length_is_counted_in_utf16_units() {
        let text = "😀".repeat(2001);
        let parts = split(&text, MAX_UNITS);
        assert_eq!(parts.iter().map(|part| utf16_len(part)).collect::<Vec<_>>(), [4000, 2]);
    }

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in ["", " \n", "\u{200b}\u{200d}", "\u{3164}", "\u{2800}\u{fe0f}", "\0\u{1}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "。", "👍", "\u{200b}x"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_part_fits_and_no_word_is_lost(text in "(?s).{0,400}", limit in 2usize..60) {
            let parts = split(&text, limit);
            for part in &parts {
                prop_assert!(utf16_len(part) <= limit && !is_blank(part));
            }
            let seen = |text: &str| {
                text.chars().filter(|c| !is_blank(c.encode_utf8(&mut [0; 4]))).collect::<String>()
            };
            prop_assert_eq!(seen(&parts.concat()), seen(&text));
        }

        #[test]
        fn the_first_part_of_a_growing_text_stays(text in "[a-c 。.\n😀e\u{301}]{120,300}", more in ".{0,80}") {
            let limit = 60;
            let Some((head, _)) = split_first(&text, limit) else { return Ok(()) };
            let grown = format!("{text}{more}");
            prop_assert_eq!(split_first(&grown, limit).map(|(head, _)| head), Some(head));
        }
    }
}
