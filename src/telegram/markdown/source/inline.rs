//! One paragraph: emphasis, code, formulas, addresses.
//!
//! Everything is copied; characters that the parser would read otherwise than they are meant get a stand-in, and
//! formulas are taken out. Code is copied as it is.

mod formulas;

use super::super::measure::is_cjk;
use super::super::stand_in::{BREAK, NOTHING, STAR, TILDE, UNDERSCORE};
use super::Source;

/// Emphasis that is open at once; more is not followed.
const MAX_OPEN: usize = 32;
/// How far an emphasis that ends after a space is looked for.
const LOOK_AHEAD: usize = 400;

/// Reads one paragraph into the source.
pub(super) struct Inline<'a, 's> {
    text: &'a str,
    at: usize,
    /// The text ends with this paragraph, so what is open in it is closed.
    is_last: bool,
    is_growing: bool,
    source: &'s mut Source,
    open: Vec<Open>,
    /// Closers that are nowhere in the rest.
    missing: Missing,
    /// In the row of a table: the bars that may still part cells.
    bars: Option<usize>,
}

/// Emphasis that is not closed yet.
#[derive(Clone, Copy)]
struct Open {
    mark: u8,
    len: usize,
}

#[derive(Default)]
struct Missing {
    dollars: bool,
    bracket: bool,
    parenthesis: bool,
}

impl<'a, 's> Inline<'a, 's> {
    /// `row` is how many columns the table has that the text is a row of.
    pub(super) fn new(
        text: &'a str,
        is_last: bool,
        is_growing: bool,
        row: Option<usize>,
        source: &'s mut Source,
    ) -> Self {
        let (open, missing) = (Vec::new(), Missing::default());
        Self { text, at: 0, is_last, is_growing, source, open, missing, bars: row }
    }

    pub(super) fn run(mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let plain = rest.find(is_special).unwrap_or(rest.len());
            self.copy(plain);
            match rest.as_bytes().get(plain) {
                None => break,
                Some(b'\\') => self.backslash(),
                Some(b'`') => self.code(),
                Some(b'$') => self.dollar(),
                Some(b'<') => self.angle(),
                Some(b':') => self.colon(),
                Some(b']') => self.bracket(),
                Some(b'|') => self.bar(),
                Some(_) => self.emphasis(),
            }
        }
        if self.is_last {
            self.close();
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn copy(&mut self, bytes: usize) {
        self.source.text.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    fn push(&mut self, c: char) {
        self.source.text.push(c);
    }

    /// What is open at the end of the text is closed there, in the right order.
    fn close(&mut self) {
        let kept = self.source.text.trim_end().len();
        let tail = self.source.text.split_off(kept);
        for open in self.open.drain(..).rev() {
            let mark = char::from(open.mark);
            let has_content = !self.source.text.ends_with(mark);
            // One asterisk at the end of a whole text may be a footnote's.
            if has_content && (open.len > 1 || self.is_growing) {
                // After punctuation a mark closes only before the end of a line, and here another may follow.
                self.source.text.push(NOTHING);
                self.source.text.extend(std::iter::repeat_n(mark, open.len));
            }
        }
        self.source.text.push_str(&tail);
    }

    fn code(&mut self) {
        let rest = self.rest();
        let len = run(rest, b'`');
        let mut at = len;
        while let Some(found) = rest[at..].find('`') {
            let closing = run(&rest[at + found..], b'`');
            at += found + closing;
            if closing == len && self.bars.is_some() {
                // A bar in code parts no cells, whatever the specification says.
                self.source.text.push_str(&rest[..at].replace("\\|", "|").replace('|', "\\|"));
                self.at += at;
                return;
            } else if closing == len {
                return self.copy(at);
            }
        }
        let content = rest[len..].trim_end();
        if self.is_last && !content.is_empty() && len < 3 {
            self.copy(len + content.len());
            self.source.text.push_str(&rest[..len]);
            // Emphasis around it is closed after it.
            return;
        }
        self.copy(len);
    }

    /// HTML is text. An address in angle brackets is an address.
    fn angle(&mut self) {
        let rest = self.rest();
        for tag in ["<br>", "<br/>", "<br />"] {
            if rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)) {
                self.push(BREAK);
                self.at += tag.len();
                return;
            }
        }
        self.copy(1);
        let word = &rest[1..rest.find(|c: char| c == '>' || c.is_whitespace()).unwrap_or(1).max(1)];
        let is_address =
            rest[1 + word.len()..].starts_with('>') && (word.contains("://") || word.contains('@'));
        if is_address {
            self.copy(word.len() + 1);
        } else {
            self.push(NOTHING);
        }
    }

    /// The marks in `http://…` belong to the address.
    fn colon(&mut self) {
        let rest = self.rest();
        let before = &self.text[..self.at];
        if !rest.starts_with("://") || !(before.ends_with("http") || before.ends_with("https")) {
            return self.copy(1);
        }
        let end = address_end(rest);
        let address = rest[..end].trim_end_matches(['*', '_', '~', '$']);
        for c in address.chars() {
            self.push(match c {
                '*' => STAR,
                '_' => UNDERSCORE,
                '~' => TILDE,
                c => c,
            });
        }
        self.at += address.len();
    }

    /// A row with more cells than the table has columns would lose them: its last cell gets the rest.
    fn bar(&mut self) {
        let is_last = self.rest().trim_end().len() == 1;
        match &mut self.bars {
            Some(0) if !is_last => self.source.text.push('\\'),
            Some(bars) => *bars = bars.saturating_sub(1),
            None => {}
        }
        self.copy(1);
    }

    /// `[label]: …` at the beginning of a line would vanish; it is kept as text.
    fn bracket(&mut self) {
        self.copy(1);
        if self.rest().starts_with(':') {
            self.push(NOTHING);
        }
    }

    fn emphasis(&mut self) {
        let rest = self.rest();
        let mark = rest.as_bytes()[0];
        let len = run(rest, mark);
        let before = self.text[..self.at].chars().next_back().unwrap_or('\n');
        let after = rest[len..].chars().next().unwrap_or('\n');
        let is_product = len == 1 && before.is_ascii_digit() && after.is_ascii_digit();
        let beyond = &rest[len..];
        let is_glob = beyond.starts_with("/*")
            || (before == '/' && after == '.')
            || (len == 1 && before.is_whitespace() && after == '.');
        if mark == b'~' && len != 2 {
            self.replace(len, TILDE);
        } else if mark == b'*' && (is_product || is_glob) {
            self.replace(len, STAR);
        } else if mark == b'_' {
            self.follow_underscores(len, before, after);
        } else {
            self.mend(mark, len, before, after);
        }
    }

    fn replace(&mut self, bytes: usize, stand_in: char) {
        self.source.text.extend(std::iter::repeat_n(stand_in, bytes));
        self.at += bytes;
    }

    fn follow_underscores(&mut self, len: usize, before: char, after: char) {
        self.copy(len);
        if before.is_alphanumeric() && after.is_alphanumeric() {
            return;
        }
        if !before.is_whitespace() && self.is_open(b'_', len) {
            self.pop(b'_', len);
        } else if !after.is_whitespace() && !before.is_alphanumeric() {
            self.remember(b'_', len);
        }
    }

    /// Asterisks, and tildes in pairs. The specification tells opening from closing by what stands beside them, and
    /// that fails where no spaces are written: `**注意：**请`. What can only be meant as one of the two becomes it.
    fn mend(&mut self, mark: u8, len: usize, before: char, after: char) {
        let is_open = self.is_open(mark, len);
        match (before.is_whitespace(), after.is_whitespace()) {
            (true, false) if is_open && len == 2 && self.is_last_of_pair(mark, len) => {
                // `**Note: **text`
                self.push(NOTHING);
                self.copy(len);
                self.pop(mark, len);
            }
            (false, _) if is_open => self.end(mark, len, before),
            (_, true) => self.copy(len),
            (_, false) => self.begin(mark, len, after),
        }
    }

    fn begin(&mut self, mark: u8, len: usize, after: char) {
        self.copy(len);
        if !after.is_alphanumeric() {
            self.push(NOTHING);
        }
        self.remember(mark, len);
    }

    fn end(&mut self, mark: u8, len: usize, before: char) {
        if !before.is_alphanumeric() {
            self.push(NOTHING);
        }
        self.copy(len);
        self.pop(mark, len);
    }

    fn is_open(&self, mark: u8, len: usize) -> bool {
        self.open.iter().any(|open| open.mark == mark && (open.len == len || open.len == 3 || len == 3))
    }

    /// Whether what is left of the line has only whole pairs of this mark.
    fn is_last_of_pair(&self, mark: u8, len: usize) -> bool {
        let rest = &self.rest().as_bytes()[len..];
        let near = &rest[..rest.len().min(LOOK_AHEAD)];
        let line = near.split(|byte| *byte == b'\n').next().unwrap_or(near);
        let pairs = line.windows(2).filter(|pair| *pair == [mark, mark]).count();
        pairs % 2 == 0
    }

    fn remember(&mut self, mark: u8, len: usize) {
        if self.open.len() < MAX_OPEN {
            self.open.push(Open { mark, len });
        }
    }

    /// Closes what the marks close, from the innermost outward.
    fn pop(&mut self, mark: u8, mut len: usize) {
        while len > 0 {
            let Some(at) = self.open.iter().rposition(|open| open.mark == mark) else { return };
            let closed = self.open[at].len.min(len);
            len -= closed;
            self.open[at].len -= closed;
            self.open.truncate(if self.open[at].len == 0 { at } else { at + 1 });
        }
    }
}

/// Where an address ends: at white space, Chinese text, or a parenthesis that it has not opened.
fn address_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            c if c.is_whitespace() || is_cjk(c) || "<>\"`)]|\\".contains(c) => return at,
            _ => {}
        }
    }
    text.len()
}

const fn is_special(c: char) -> bool {
    matches!(c, '\\' | '`' | '$' | '<' | ':' | ']' | '|' | '*' | '_' | '~')
}

/// How often the byte stands at the beginning.
fn run(text: &str, mark: u8) -> usize {
    text.bytes().take_while(|byte| *byte == mark).count()
}
