//! From what a model wrote to the messages that are sent.

use super::document::{Document, Rendered};
use super::file::{File, Shelf};
use super::layout::lay_out;
use super::measure::{MAX_UNITS, is_blank};
use super::source::{Source, clean};
use super::split;

/// How much goes into chat messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    /// UTF-16 units of one message. Telegram takes 4096; what is left is for a footer or a cursor.
    pub(crate) units: usize,
    /// Messages of one answer; a longer one is a file.
    pub(crate) parts: usize,
    /// Lines of one block of code; a longer one is a file.
    pub(crate) code_lines: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { units: MAX_UNITS, parts: 5, code_lines: 120 }
    }
}

/// An answer as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Answer {
    /// In order; only the first of them, if a file holds the whole.
    pub(crate) parts: Vec<Rendered>,
    /// What is too long for a chat.
    pub(crate) overflow: Overflow,
}

/// What of an answer is too long for a chat.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum Overflow {
    /// Nothing.
    #[default]
    None,
    /// Blocks of code: where each stood, its file is named.
    Code(Vec<File>),
    /// The answer itself, as it was written.
    Document(File),
}

/// The messages of a finished answer, and the files beside them. Blank only if the answer is.
pub(crate) fn render_answer(markdown: &str, limits: Limits) -> Answer {
    let source = Source::read(markdown, false);
    let mut shelf = Shelf::new(limits.code_lines);
    let document = lay_out(&source, Some(&mut shelf));
    let mut parts = parts_of(document, markdown, limits.units);
    if parts.len() > limits.parts {
        parts.truncate(1);
        return Answer { parts, overflow: Overflow::Document(File::document(markdown)) };
    }
    let files = shelf.into_files();
    let overflow = if files.is_empty() { Overflow::None } else { Overflow::Code(files) };
    Answer { parts, overflow }
}

/// The messages of a finished text, however many.
pub(crate) fn render_parts(markdown: &str, limits: Limits) -> Vec<Rendered> {
    parts_of(lay_out(&Source::read(markdown, false), None), markdown, limits.units)
}

/// The messages of what there is of a text that is still being written: every mark is balanced, and what may become
/// one with the next characters waits. Only the last part changes when more comes.
pub(crate) fn render_growing(markdown: &str, limits: Limits) -> Vec<Rendered> {
    split::split(lay_out(&Source::read(markdown, true), None), limits.units)
}

/// A short text as one message.
#[cfg(test)]
pub(super) fn render(markdown: &str) -> Rendered {
    let document = lay_out(&Source::read(markdown, false), None);
    document.cut(0, document.text.trim_end().len())
}

/// Markup without anything in it is shown as it was written.
fn parts_of(document: Document, markdown: &str, limit: usize) -> Vec<Rendered> {
    let parts = split::split(document, limit);
    if !parts.is_empty() || is_blank(markdown) {
        return parts;
    }
    let text = clean(markdown).trim().replace('\t', "    ");
    split::split(Document { text, ..Document::default() }, limit)
}
