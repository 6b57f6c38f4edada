//! Formulas: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`.

use super::super::super::math;
use super::Inline;

impl Inline<'_, '_> {
    pub(super) fn backslash(&mut self) {
        let rest = self.rest();
        let (close, is_missing) = match rest.as_bytes().get(1) {
            Some(b'(') => ("\\)", &mut self.missing.parenthesis),
            Some(b'[') => ("\\]", &mut self.missing.bracket),
            _ => return self.copy(1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
        };
        let found = if *is_missing { None } else { rest[2..].find(close) };
        *is_missing = found.is_none();
        match found {
            Some(end) if math::is_formula(&rest[2..2 + end]) => self.formula(2, end, 2),
            None if self.is_unfinished(&rest[2..]) => self.unfinished_formula(2),
            _ => self.copy(2),
        }
    }

    pub(super) fn dollar(&mut self) {
        let rest = self.rest();
        if let Some(content) = rest.strip_prefix("$$") {
            let found = if self.missing.dollars { None } else { content.find("$$") };
            self.missing.dollars = found.is_none();
            return match found {
                Some(end) if !content[..end].trim().is_empty() => self.formula(2, end, 2),
                None if self.is_unfinished(content) => self.unfinished_formula(2),
                _ => self.copy(2),
            };
        }
        let line = &rest[1..];
        let end = line.find(['$', '`', '\n']).filter(|end| line[*end..].starts_with('$'));
        let is_formula = end.is_some_and(|end| {
            let content = &line[..end];
            let after = line[end + 1..].chars().next();
            !content.starts_with(char::is_whitespace)
                && !content.ends_with([' ', '\t', '\\'])
                && after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '$')
                && math::is_formula(content)
        });
        match end.filter(|_| is_formula) {
            Some(end) => self.formula(1, end, 1),
            None if end.is_none() && self.is_unfinished(line) && may_be_formula(line) => {
                self.unfinished_formula(1);
            }
            None => self.copy(1),
        }
    }

    /// Whether a formula that is not closed may still be.
    fn is_unfinished(&self, rest: &str) -> bool {
        self.is_growing && self.is_last && rest.len() < 2000
    }

    fn formula(&mut self, open: usize, len: usize, close: usize) {
        let rest = self.rest();
        let whole = open + len + close;
        self.source.push_formula(&rest[..whole], &rest[open..open + len]);
        self.at += whole;
    }

    /// A formula that is still being written is shown up to its last complete word.
    fn unfinished_formula(&mut self, open: usize) {
        let rest = self.rest();
        let mut depth = 0_usize;
        let mut complete = open;
        for (at, c) in rest.char_indices().skip(open) {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ' ' | '\n' if depth == 0 => complete = at,
                _ => {}
            }
        }
        self.source.push_formula(rest, &rest[open..complete.max(open)]);
        self.at = self.text.len();
    }
}

/// Whether what follows a dollar looks like the beginning of a formula, and not like an amount.
fn may_be_formula(text: &str) -> bool {
    let is_amount = text.starts_with(|c: char| c.is_ascii_digit() || c.is_whitespace());
    !is_amount && !text.contains(['\n', '`']) && text.contains(['\\', '^', '_'])
}
