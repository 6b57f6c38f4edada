//! Which lines are code, and which are the fences around it.

use super::lines;

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// Not code.
    Text,
    /// Not code, and nothing in it.
    Blank,
    /// Code that lacks so much indentation to stand within its fences.
    Code(usize),
    /// An opening or a closing fence: its indentation, and how many marks it should have.
    Fence {
        /// In spaces.
        indent: usize,
        /// At least 3.
        marks: usize,
    },
}

/// Follows the fences of a text, line by line.
#[derive(Clone, Default, Debug)]
pub(super) struct Fences {
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    mark: u8,
    len: usize,
    indent: usize,
    is_quoted: bool,
    /// What each line lacks, if the first one lacks some of the indentation of the fence.
    lacks: Option<usize>,
    /// A block of Markdown may contain fences of its own; this many of them are open.
    inner: Option<usize>,
}

/// A fence around Markdown is made longer by this, so that those within it do not end it.
const LONGER: usize = 8;

impl Open {
    const fn marks(&self) -> usize {
        if self.inner.is_some() { self.len + LONGER } else { self.len }
    }
}

impl Fences {
    /// Whether what comes next is code.
    pub(super) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The next line, without its line break.
    pub(super) fn read(&mut self, line: &str) -> Line {
        let bare = line.trim_start_matches(' ');
        if let Some(open) = &mut self.open {
            if !open.is_quoted || bare.starts_with('>') {
                return self.within(line);
            }
            // The quotation has ended, and its code with it.
            self.open = None;
        }
        let opening = lines::opening(line);
        let content = &line[opening.content..];
        let Some((mark, len)) = fence(content) else {
            return if bare.is_empty() || bare.trim().is_empty() { Line::Blank } else { Line::Text };
        };
        let info = content[len..].trim();
        if mark == b'`' && info.contains('`') {
            return Line::Text;
        }
        let language = info.split_whitespace().next().unwrap_or("");
        let is_markdown = language.eq_ignore_ascii_case("markdown") || language.eq_ignore_ascii_case("md");
        let is_quoted = bare.starts_with('>');
        let indent = if is_quoted { 0 } else { line[..opening.content].chars().count() };
        let open = Open { mark, len, indent, is_quoted, lacks: None, inner: is_markdown.then_some(0) };
        self.open = Some(open);
        Line::Fence { indent, marks: open.marks() }
    }

    fn within(&mut self, line: &str) -> Line {
        let Some(open) = &mut self.open else { return Line::Text };
        let bare =
            if open.is_quoted { line.trim_start_matches([' ', '>']) } else { line.trim_start_matches(' ') };
        let has = line.len() - line.trim_start_matches(' ').len();
        if open.lacks.is_none() && !bare.is_empty() {
            open.lacks = Some(open.indent.saturating_sub(has));
        }
        let lacks = open.lacks.unwrap_or(0);
        let code = Line::Code(lacks.max(open.indent.saturating_sub(has + lacks)));
        let Some((mark, len)) = fence(bare) else { return code };
        if mark != open.mark || len < open.len.min(3 + LONGER) {
            return code;
        }
        let is_bare = bare[len..].trim().is_empty();
        match (&mut open.inner, is_bare) {
            (Some(inner), false) => {
                *inner += 1;
                code
            }
            (Some(inner @ 1..), true) => {
                *inner -= 1;
                code
            }
            (None, false) => code,
            (_, true) if len < open.len => code,
            (_, true) => {
                let closing = Line::Fence { indent: open.indent, marks: open.marks() };
                self.open = None;
                closing
            }
        }
    }
}

/// The line with the fence that a text leaves open. Code in a quotation ends with the text.
pub(in crate::telegram::markdown) fn left_open(text: &str) -> Option<&str> {
    let mut fences = Fences::default();
    let mut opening = "";
    for line in text.lines() {
        let was_open = fences.is_open();
        fences.read(line);
        if fences.is_open() && !was_open {
            opening = line;
        }
    }
    fences.open.is_some_and(|open| !open.is_quoted).then(|| opening.trim())
}

/// The mark and the length of the fence that a text begins with.
fn fence(text: &str) -> Option<(u8, usize)> {
    let mark = *text.as_bytes().first().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let len = text.bytes().take_while(|byte| *byte == mark).count();
    (len >= 3).then_some((mark, len))
}
