//! What a model wrote, made ready for a parser of `CommonMark`.
//!
//! Models write Markdown as they saw it rendered somewhere, not as the specification has it: emphasis that ends at
//! `：**请`, bullets as `•`, a rule right under a line, a closing fence that lost its indentation. And a text that is
//! still being written ends anywhere. This room mends such habits line by line and leaves the rest to the parser.

mod fences;
mod growing;
mod inline;
mod lines;

use std::borrow::Cow;

use super::math;
use super::stand_in;
pub(super) use fences::left_open;
use fences::{Fences, Line};
use inline::Inline;
use lines::Opening;

/// A text for the parser, and what was taken out of it.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) text: String,
    formulas: Vec<Formula>,
    /// Where `[label]: https://…` leads; the line itself stays in the text.
    definitions: Vec<(String, String)>,
}

/// A formula that stands in the text as its index.
#[derive(Debug)]
struct Formula {
    written: String,
    text: String,
}

impl Source {
    /// Reads a whole text, or what there is so far of one that `is_growing`: then what is not yet understood at its
    /// end is left out.
    pub(super) fn read(markdown: &str, is_growing: bool) -> Source {
        let clean = clean(markdown);
        let settled = if is_growing { growing::settle(&clean) } else { Cow::Borrowed(clean.trim_end()) };
        let mut source = Source { text: String::with_capacity(settled.len() * 9 / 8), ..Source::default() };
        Scanner::new(&settled, is_growing, &mut source).run();
        source
    }

    /// Text as it is shown.
    pub(super) fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        stand_in::restore(text, |index| self.formulas.get(index).map_or("", |formula| formula.text.as_str()))
    }

    /// Text as it was written: code, addresses.
    pub(super) fn written<'a>(&self, text: &'a str) -> Cow<'a, str> {
        stand_in::restore(text, |index| {
            self.formulas.get(index).map_or("", |formula| formula.written.as_str())
        })
    }

    /// Where a label leads.
    pub(super) fn definition(&self, label: &str) -> Option<&str> {
        let found = self.definitions.iter().find(|(known, _)| known.eq_ignore_ascii_case(label))?;
        Some(&found.1)
    }

    /// Takes a formula out of the text and leaves its index there.
    fn push_formula(&mut self, written: &str, tex: &str) {
        use std::fmt::Write as _;
        let (open, end) = (stand_in::FORMULA, stand_in::FORMULA_END);
        // Writing to a string does not fail.
        let _ = write!(self.text, "{open}{}{end}", self.formulas.len());
        self.formulas.push(Formula { written: written.to_owned(), text: math::to_unicode(tex) });
    }
}

/// Without what no message may contain, with one kind of line break.
pub(super) fn clean(markdown: &str) -> Cow<'_, str> {
    let is_odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || stand_in::is_stand_in(c)
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{FEFF}')
    };
    if !markdown.contains(is_odd) {
        return Cow::Borrowed(markdown);
    }
    let mut out = String::with_capacity(markdown.len());
    let mut characters = markdown.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            c if is_odd(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Reads lines and gathers them into paragraphs.
struct Scanner<'a, 's> {
    input: &'a str,
    is_growing: bool,
    source: &'s mut Source,
    fences: Fences,
    /// Where the paragraph that is being gathered begins.
    paragraph: Option<usize>,
    /// The line before: a paragraph's, a table's?
    before: Before,
    /// The columns of the table that is being read, once its second line said how many.
    columns: Option<usize>,
    /// Lines that begin before this belong to a formula.
    formula_until: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Text,
    Row,
}

impl<'a, 's> Scanner<'a, 's> {
    fn new(input: &'a str, is_growing: bool, source: &'s mut Source) -> Self {
        let (fences, before) = (Fences::default(), Before::Nothing);
        Self { input, is_growing, source, fences, paragraph: None, before, columns: None, formula_until: 0 }
    }

    fn run(mut self) {
        let mut start = 0;
        while start < self.input.len() {
            let end = self.input[start..].find('\n').map_or(self.input.len(), |at| start + at);
            self.line(start, end);
            start = end + 1;
        }
        self.flush(self.input.len(), true);
    }

    fn line(&mut self, start: usize, end: usize) {
        let line = &self.input[start..end];
        if start < self.formula_until {
            return;
        }
        match self.fences.read(line) {
            Line::Text => {}
            Line::Blank => {
                self.flush(start, false);
                self.before = Before::Nothing;
                self.source.text.push_str(line);
                self.source.text.push('\n');
                return;
            }
            Line::Code(lacks) => {
                self.flush(start, false);
                self.before = Before::Nothing;
                self.push_code(line, lacks);
                return;
            }
            Line::Fence { indent, marks } => {
                self.flush(start, false);
                self.before = Before::Nothing;
                self.push_fence(line, indent, marks);
                return;
            }
        }
        let opening = lines::opening(line);
        self.part_from_before(start, line, &opening);
        if opening.is_block {
            self.flush(start, false);
            let out = &mut self.source.text;
            lines::push_bullets(out, &line[..opening.content]);
            let marks = lines::push_heading(out, &line[opening.content..]);
            self.paragraph = Some(start + opening.content + marks);
        } else if self.paragraph.is_none() {
            self.paragraph = Some(start);
        }
        if !opening.is_row {
            self.columns = None;
        } else if self.columns.is_none() && self.before == Before::Row && lines::is_delimiter_row(Some(line))
        {
            self.columns = Some(line.trim_matches([' ', '|']).split('|').count());
        }
        self.before = if opening.is_row { Before::Row } else { Before::Text };
        let content = &line[opening.content..];
        if let Some(label) = lines::definition(content) {
            self.source.definitions.push(label);
        }
        let formula_end = self.formula_end(start + opening.content, content);
        self.formula_until = self.formula_until.max(formula_end);
        if opening.is_line && formula_end == 0 {
            self.flush((end + 1).min(self.input.len()), end + 1 >= self.input.len());
            self.before = if opening.is_row { Before::Row } else { Before::Nothing };
        }
    }

    /// A blank line where a table or a rule would be taken for part of what stands above it, or the reverse.
    fn part_from_before(&mut self, start: usize, line: &str, opening: &Opening) {
        let is_parted = match self.before {
            Before::Nothing => false,
            Before::Text => {
                lines::is_rule(line)
                    || (opening.is_row && lines::is_delimiter_row(self.input[start..].split('\n').nth(1)))
            }
            Before::Row => !opening.is_row && !opening.is_block && !line.contains('|'),
        };
        if is_parted {
            self.flush(start, false);
            self.source.text.push('\n');
        }
    }

    /// Where a formula of several lines ends that begins with this content; 0 if none does.
    fn formula_end(&self, at: usize, content: &str) -> usize {
        let (open, close) = if content.starts_with("$$") {
            ("$$", "$$")
        } else if content.starts_with("\\[") {
            ("\\[", "\\]")
        } else {
            return 0;
        };
        if content[open.len()..].contains(close) {
            return 0;
        }
        let rest = &self.input[at + open.len()..];
        let rest = &rest[..rest.find("\n\n").unwrap_or(rest.len())];
        match rest.find(close) {
            Some(found) => at + open.len() + found,
            None if self.is_growing && at + open.len() + rest.len() == self.input.len() => self.input.len(),
            None => 0,
        }
    }

    /// Code, and a closing fence, that lost the indentation of their opening fence get it back: else they would
    /// end the list that the code stands in.
    fn push_code(&mut self, line: &str, lacks: usize) {
        if !line.trim().is_empty() {
            self.source.text.extend(std::iter::repeat_n(' ', lacks));
        }
        self.source.text.push_str(line);
        self.source.text.push('\n');
    }

    fn push_fence(&mut self, line: &str, indent: usize, marks: usize) {
        let Some(at) = line.find(['`', '~']) else { return };
        let (prefix, fence) = line.split_at(at);
        let rest = fence.trim_start_matches(&fence[..1]);
        let out = &mut self.source.text;
        lines::push_bullets(out, prefix);
        if prefix.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', indent.saturating_sub(at)));
        }
        out.extend(std::iter::repeat_n(&fence[..1], marks.max(fence.len() - rest.len())));
        out.push_str(rest);
        out.push('\n');
    }

    /// The paragraph gathered so far goes to the parser.
    fn flush(&mut self, end: usize, is_last: bool) {
        let Some(start) = self.paragraph.take() else { return };
        let row = (self.before == Before::Row).then_some(self.columns.unwrap_or(usize::MAX));
        Inline::new(&self.input[start..end], is_last, self.is_growing, row, self.source).run();
    }
}
