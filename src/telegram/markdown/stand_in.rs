//! Characters that stand in for others while the parser reads, so that it does not take them for markup.
//!
//! Unicode keeps U+FDD0..=U+FDEF free for such use: they never mean a character. The parser takes them for
//! letters. What comes in is rid of them first, so that each one met later is ours.

use std::borrow::Cow;

/// Nothing: makes what stands beside it look like a letter's neighbor.
pub(super) const NOTHING: char = '\u{FDD0}';
/// `*`, `_` and `~` that are no emphasis.
pub(super) const STAR: char = '\u{FDD1}';
pub(super) const UNDERSCORE: char = '\u{FDD2}';
pub(super) const TILDE: char = '\u{FDD3}';
/// `<br>`: the only way to break a line in the cell of a table.
pub(super) const BREAK: char = '\u{FDD4}';
/// The index of a formula stands between these two, in decimal digits.
pub(super) const FORMULA: char = '\u{FDD5}';
pub(super) const FORMULA_END: char = '\u{FDD6}';

pub(super) const fn is_stand_in(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// What `c` stands for; formulas are not for this.
const fn meaning(c: char) -> &'static str {
    match c {
        STAR => "*",
        UNDERSCORE => "_",
        TILDE => "~",
        BREAK => "<br>",
        _ => "",
    }
}

/// The text with every stand-in replaced; `formula` says what stands for a formula.
pub(super) fn restore<'a, 'f>(text: &'a str, formula: impl Fn(usize) -> &'f str) -> Cow<'a, str> {
    let Some(first) = text.find(is_stand_in) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == FORMULA {
            let end = rest.find(FORMULA_END).unwrap_or(rest.len());
            if let Ok(index) = rest[..end].parse() {
                out.push_str(formula(index));
            }
            rest = rest[end..].strip_prefix(FORMULA_END).unwrap_or("");
        } else if is_stand_in(c) {
            out.push_str(meaning(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_is_replaced_by_what_it_stands_for() {
        let text = format!("a{NOTHING}{STAR}b{BREAK}{FORMULA}12{FORMULA_END}c{UNDERSCORE}{TILDE}");
        assert_eq!(restore(&text, |index| if index == 12 { "x²" } else { "?" }), "a*b<br>x²c_~");
        assert!(matches!(restore("plain", |_| "?"), Cow::Borrowed("plain")));
    }
}
