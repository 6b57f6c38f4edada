//! Puts pieces of text one after another: line breaks, indentation, bullets, and what is special.

use super::document::{Document, Kind, Span};

/// Builds a document from its beginning to its end.
#[derive(Default, Debug)]
pub(super) struct Writer {
    document: Document,
    /// Line breaks before the next text; none at the beginning.
    breaks: usize,
    /// Spaces at the beginning of the next line.
    indent: usize,
    /// The bullet of an item that has no text yet, and its indentation.
    bullet: Option<(usize, String)>,
    /// The line breaks that come hold a heading to what follows.
    is_glued: bool,
    /// What is special, and since which byte; those without one begin with the next text.
    open: Vec<(Kind, Option<usize>)>,
}

impl Writer {
    /// At least so many line breaks come before the next text, which is indented by so many spaces.
    pub(super) fn part(&mut self, breaks: usize, indent: usize) {
        self.indent = indent;
        if self.bullet.is_none() {
            let breaks = if self.is_glued { 1 } else { breaks };
            self.breaks = self.breaks.max(breaks);
        }
    }

    /// The next text stands behind this bullet.
    pub(super) fn bullet(&mut self, indent: usize, bullet: String) {
        self.settle_bullet();
        self.bullet = Some((indent, bullet));
    }

    /// Adds a mark to the bullet that waits for its text, or puts another in its place.
    pub(super) fn mark_bullet(&mut self, mark: &str) {
        match &mut self.bullet {
            Some((_, bullet)) if bullet.starts_with(|c: char| c.is_ascii_digit()) => bullet.push_str(mark),
            Some((_, bullet)) => mark.clone_into(bullet),
            None => self.text(mark),
        }
    }

    /// Writes a bullet without text.
    pub(super) fn settle_bullet(&mut self) {
        if let Some((_, bullet)) = &mut self.bullet {
            bullet.truncate(bullet.trim_end().len());
            self.settle();
        }
    }

    /// What follows, to the end of this line, belongs to what stands after its line break.
    pub(super) const fn glue(&mut self) {
        self.is_glued = true;
    }

    /// Writes what is due before a text: line breaks, indentation, the bullet.
    pub(super) fn settle(&mut self) {
        let document = &mut self.document;
        if !document.text.is_empty() {
            if self.is_glued && self.breaks > 0 {
                document.glue.push(document.text.len());
            }
            document.text.extend(std::iter::repeat_n('\n', self.breaks));
        }
        let is_at_line_start = self.breaks > 0 || document.text.is_empty();
        if self.breaks > 0 {
            self.is_glued = false;
        }
        self.breaks = 0;
        if let Some((indent, bullet)) = self.bullet.take() {
            document.text.extend(std::iter::repeat_n(' ', indent));
            document.text.push_str(&bullet);
        } else if is_at_line_start {
            document.text.extend(std::iter::repeat_n(' ', self.indent));
        }
        let here = document.text.len();
        for (_, start) in self.open.iter_mut().rev().take_while(|(_, start)| start.is_none()) {
            *start = Some(here);
        }
    }

    /// Text, in as many lines as it has.
    pub(super) fn text(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.breaks += 1;
            }
            if !line.is_empty() {
                self.settle();
                self.push_line(line);
            }
        }
    }

    fn push_line(&mut self, line: &str) {
        if line.contains('\t') {
            self.document.text.push_str(&line.replace('\t', "    "));
        } else {
            self.document.text.push_str(line);
        }
    }

    /// A text that is special as a whole; its lines stay as they are.
    pub(super) fn special(&mut self, text: &str, kind: Kind) {
        if text.is_empty() {
            return;
        }
        self.settle();
        let start = self.document.text.len();
        self.push_line(text);
        let end = self.document.text.len();
        self.document.spans.push(Span { kind, start, end });
    }

    /// What follows is special, until the matching `end`.
    pub(super) fn begin(&mut self, kind: Kind) {
        self.open.push((kind, None));
    }

    /// Ends what was begun last; gives its text.
    pub(super) fn end(&mut self) -> &str {
        let Some((kind, Some(start))) = self.open.pop() else { return "" };
        let end = self.document.text.len();
        if start < end {
            self.document.spans.push(Span { kind, start, end });
        }
        &self.document.text[start..]
    }

    /// Ends what was begun last, which turns out to be nothing special; gives its text.
    pub(super) fn abandon(&mut self) -> &str {
        let Some((_, Some(start))) = self.open.pop() else { return "" };
        &self.document.text[start..]
    }

    /// A whole document within this one; its lines get the current indentation.
    pub(super) fn document(&mut self, inner: &Document) {
        if inner.text.is_empty() {
            return;
        }
        self.settle();
        let start = self.document.text.len();
        self.document.text.push_str(&inner.text);
        self.document.spans.extend(inner.spans.iter().map(|span| Span {
            kind: span.kind.clone(),
            start: start + span.start,
            end: start + span.end,
        }));
    }

    /// What was written, with every piece legal.
    pub(super) fn finish(mut self) -> Document {
        self.settle_bullet();
        while !self.open.is_empty() {
            self.end();
        }
        self.document.legalize();
        self.document
    }
}
