//! Cuts a document into messages: at a paragraph, else a line, a sentence, a space, else between characters as
//! people see them.
//!
//! What is special goes on in the next part: code is code there too, in the same language. A cut depends only on
//! what stands before it and a little after it, so the parts of a growing text do not move.

use unicode_segmentation::UnicodeSegmentation as _;

use super::document::{Document, Kind, Rendered, Span};
use super::measure::{is_blank, prefix};

/// Telegram shows at most 100 entities of a message.
const MAX_ENTITIES: usize = 90;
/// Telegram refuses entities that are together longer than about this many bytes.
const MAX_WEIGHT: usize = 9000;

/// The parts of a document, in order, each of 1 to `limit` UTF-16 units and none blank; white space at a cut is
/// dropped.
pub(super) fn split(mut document: Document, limit: usize) -> Vec<Rendered> {
    let mut parts = Vec::new();
    let mut start = 0;
    loop {
        start = begin(&document, start);
        let mut end = Cutter::new(&document, start, limit).cut();
        if let Some(full) = full_at(&document, start, end) {
            // A few entities too many: the part ends earlier. Too many for that: the least important go.
            let early =
                Cutter::new(&document, start, super::measure::utf16_len(&document.text[start..full])).cut();
            if full - start > (end - start) / 2 && early > start {
                end = early;
            } else {
                thin_out(&mut document, start, end);
                continue;
            }
        }
        let shown = document.text[start..end].trim_end();
        if !is_blank(shown) {
            parts.push(document.cut(start, start + shown.len()));
        }
        if end >= document.text.len() {
            return parts;
        }
        start = end;
    }
}

/// Where the next part begins: after white space, but not after the indentation of code.
fn begin(document: &Document, start: usize) -> usize {
    let rest = &document.text[start..];
    let lines = rest.trim_start_matches('\n');
    let start = start + rest.len() - lines.len();
    let from = document.spans.partition_point(|span| span.start <= start);
    let is_block = |span: &Span| matches!(span.kind, Kind::Pre { .. }) && span.end > start;
    if document.spans[..from].iter().any(is_block) {
        start
    } else {
        start + lines.len() - lines.trim_start().len()
    }
}

/// Where the entity begins that is one too many for a message.
fn full_at(document: &Document, start: usize, end: usize) -> Option<usize> {
    let from = document.spans.partition_point(|span| span.start < start);
    let before = document.spans[..from].iter().filter(|span| span.end > start);
    let within = document.spans[from..].iter().take_while(|span| span.start < end);
    let (mut count, mut weight) = (0, 0);
    for span in before.chain(within) {
        count += 1;
        weight += span.kind.weight();
        if count > MAX_ENTITIES || weight > MAX_WEIGHT {
            return Some(span.start.max(start));
        }
    }
    None
}

/// What is dropped first where there are too many entities.
const fn importance(kind: &Kind) -> u8 {
    match kind {
        Kind::Link { .. } => 0,
        Kind::Underline => 1,
        Kind::Italic => 2,
        Kind::Strikethrough => 3,
        Kind::Bold => 4,
        Kind::Code => 5,
        Kind::Quote => 6,
        Kind::Pre { .. } => 7,
    }
}

/// Drops the least important entities between two bytes, the last ones first, so that those left fit; a link is
/// spelled out.
fn thin_out(document: &mut Document, start: usize, end: usize) {
    let is_near = |index: &usize| document.spans[*index].start < end && document.spans[*index].end > start;
    let mut near: Vec<usize> = (0..document.spans.len()).filter(is_near).collect();
    near.sort_by_key(|index| (importance(&document.spans[*index].kind), usize::MAX - index));
    near.truncate(near.len().saturating_sub(MAX_ENTITIES).max(1));
    near.sort_unstable();
    let mut dropped = Vec::with_capacity(near.len());
    let (mut index, mut next) = (0, near.into_iter().peekable());
    document.spans.retain(|span| {
        let is_dropped = next.next_if_eq(&index).is_some();
        if is_dropped {
            dropped.push(span.clone());
        }
        index += 1;
        !is_dropped
    });
    for span in dropped.into_iter().rev() {
        if let Kind::Link { url } = &span.kind
            && document.text[span.start..span.end] != *url
        {
            document.insert(span.end, &format!(" ({url})"));
        }
    }
}

/// Finds one cut.
struct Cutter<'d> {
    text: &'d str,
    start: usize,
    /// The byte after the last that fits.
    window: usize,
    /// A cut that leaves less than half a message behind is worse than a finer one.
    enough: usize,
    limit: usize,
    /// Blocks of code: cut between lines only.
    blocks: Vec<&'d Span>,
    /// Code in a line, and links: not cut unless they are long.
    whole: Vec<&'d Span>,
    glue: &'d [usize],
}

impl<'d> Cutter<'d> {
    fn new(document: &'d Document, start: usize, limit: usize) -> Self {
        let rest = &document.text[start..];
        let window = start + prefix(rest, limit).unwrap_or(rest.len());
        let enough = start + prefix(rest, limit / 2).unwrap_or(0);
        let until = document.spans.partition_point(|span| span.start < window);
        let near = || document.spans[..until].iter().filter(|span| span.end > start);
        let blocks = near().filter(|span| matches!(span.kind, Kind::Pre { .. })).collect();
        let whole = near().filter(|span| matches!(span.kind, Kind::Code | Kind::Link { .. })).collect();
        Self { text: &document.text, start, window, enough, limit, blocks, whole, glue: &document.glue }
    }

    /// The byte at which to cut.
    fn cut(&self) -> usize {
        if self.window == self.text.len() {
            return self.window;
        }
        self.paragraph()
            .or_else(|| self.line())
            .or_else(|| self.sentence())
            .or_else(|| self.space())
            .unwrap_or_else(|| self.grapheme())
    }

    fn head(&self) -> &'d str {
        &self.text[self.start..self.window]
    }

    fn is_late(&self, at: usize) -> bool {
        at > self.enough
    }

    fn is_glued(&self, at: usize) -> bool {
        self.glue.binary_search(&at).is_ok()
    }

    fn paragraph(&self) -> Option<usize> {
        let blank = self.head().rmatch_indices("\n\n").map(|(at, _)| self.start + at);
        let found = blank.take_while(|at| self.is_late(*at)).find(|at| !is_within(&self.blocks, *at));
        let block = self.blocks.iter().rev().map(|span| span.start).find(|at| {
            self.text[..*at].ends_with('\n') && !self.is_glued(self.text[..*at].trim_end_matches('\n').len())
        });
        found.max(block.filter(|at| self.is_late(*at)))
    }

    fn line(&self) -> Option<usize> {
        let ends = self.head().rmatch_indices('\n').map(|(at, _)| self.start + at);
        ends.take_while(|at| self.is_late(*at)).find(|at| !self.is_glued(*at))
    }

    /// After 。！？, or after .!? before white space.
    fn sentence(&self) -> Option<usize> {
        let mut end = None;
        for (at, c) in self.text[self.enough..self.window].char_indices() {
            let after = self.enough + at + c.len_utf8();
            let next = &self.text[after..];
            let ends = match c {
                '。' | '！' | '？' | '…' => {
                    !next.starts_with(['”', '’', '」', '』', '）', '…', '！', '？'])
                }
                '.' | '!' | '?' => next.starts_with(char::is_whitespace),
                '”' | '」' | '』' => self.text[..self.enough + at].ends_with(['。', '！', '？', '…']),
                _ => false,
            };
            if ends && after <= self.window && self.may_cut(after) {
                end = Some(after);
            }
        }
        end
    }

    fn space(&self) -> Option<usize> {
        let spaces = self.head().rmatch_indices(char::is_whitespace).map(|(at, _)| self.start + at);
        spaces.take_while(|at| self.is_late(*at)).find(|at| self.may_cut(*at))
    }

    /// The last boundary between characters as people see them; between code points when one alone fills the window.
    fn grapheme(&self) -> usize {
        // The segmentation looks behind the window, so that it does not cut what continues there.
        let beyond = self.text[self.window..]
            .char_indices()
            .nth(16)
            .map_or(self.text.len(), |(at, _)| self.window + at);
        let last = self.text[self.start..beyond]
            .grapheme_indices(true)
            .map(|(at, _)| self.start + at)
            .take_while(|at| *at <= self.window)
            .last()
            .filter(|at| *at > self.start)
            .unwrap_or(self.window);
        // What should stay whole goes to the next part, if it fits there.
        let torn = self.whole.iter().find(|span| span.start < last && last < span.end);
        match torn {
            Some(span) if self.is_late(span.start) => span.start,
            _ => last,
        }
    }

    /// Whether a cut here leaves whole what should stay so.
    fn may_cut(&self, at: usize) -> bool {
        let is_short = |span: &&&Span| span.end - span.start < self.limit;
        !is_within(&self.blocks, at)
            && !self.whole.iter().filter(is_short).any(|span| span.start < at && at < span.end)
    }
}

fn is_within(spans: &[&Span], at: usize) -> bool {
    spans.iter().any(|span| span.start < at && at < span.end)
}
