//! A text with what is special about pieces of it, before it is cut into messages.

use serde_json::{Value, json};

/// What is special about a piece of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Monospace in a line.
    Code,
    /// A block of monospace text.
    Pre {
        /// What it is written in, as the model called it.
        language: Option<String>,
    },
    /// Leads somewhere.
    Link {
        /// Where: http, https or tg.
        url: String,
    },
    /// A quotation.
    Quote,
}

impl Kind {
    /// `pre` and `code` contain nothing, and only a quotation may contain them.
    pub(super) const fn is_code(&self) -> bool {
        matches!(self, Kind::Code | Kind::Pre { .. })
    }

    /// What encloses what when two pieces are the same text: the lower rank is outside.
    const fn rank(&self) -> u8 {
        match self {
            Kind::Quote => 0,
            Kind::Link { .. } => 1,
            Kind::Bold => 2,
            Kind::Italic => 3,
            Kind::Underline => 4,
            Kind::Strikethrough => 5,
            Kind::Code | Kind::Pre { .. } => 6,
        }
    }

    const fn is_same_sort(&self, other: &Kind) -> bool {
        self.rank() == other.rank()
    }

    /// The bytes it takes of the total that Telegram allows for the entities of a message, roughly.
    pub(super) const fn weight(&self) -> usize {
        16 + match self {
            Kind::Link { url } => url.len(),
            Kind::Pre { language: Some(language) } => language.len(),
            _ => 0,
        }
    }
}

/// A piece of a document, in bytes of its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A text and its special pieces.
#[derive(Clone, Default, Debug)]
pub(super) struct Document {
    pub(super) text: String,
    /// In order of their start, outer before inner, once they are legal.
    pub(super) spans: Vec<Span>,
    /// Bytes of line breaks that hold a heading to what follows.
    pub(super) glue: Vec<usize>,
}

impl Document {
    /// Makes the pieces what Telegram takes: trimmed, not empty, code by itself, no sort inside itself.
    pub(super) fn legalize(&mut self) {
        let text = self.text.as_str();
        self.spans.retain_mut(|span| trim(text, span));
        // They come as they ended, inner before outer.
        self.spans.reverse();
        self.spans.sort_by_key(|span| (span.start, usize::MAX - span.end, span.kind.rank()));
        let codes: Vec<_> =
            self.spans.iter().filter(|span| span.kind.is_code()).map(|span| (span.start, span.end)).collect();
        let mut legal: Vec<Span> = Vec::with_capacity(self.spans.len());
        let mut open: Vec<(usize, Kind)> = Vec::new();
        let mut next_code = 0;
        for span in self.spans.drain(..) {
            open.retain(|(end, _)| *end > span.start);
            if open.iter().any(|(_, kind)| kind.is_same_sort(&span.kind)) {
                continue;
            }
            open.push((span.end, span.kind.clone()));
            if span.kind.is_code() || span.kind == Kind::Quote {
                legal.push(span);
                continue;
            }
            // What is around code is cut at it.
            while codes.get(next_code).is_some_and(|code| code.1 <= span.start) {
                next_code += 1;
            }
            let mut start = span.start;
            for code in codes[next_code..].iter().take_while(|code| code.0 < span.end) {
                legal.push(Span { kind: span.kind.clone(), start, end: code.0 });
                start = code.1;
            }
            legal.push(Span { start, ..span });
        }
        legal.retain_mut(|span| trim(text, span));
        legal.sort_by_key(|span| (span.start, usize::MAX - span.end, span.kind.rank()));
        self.spans = legal;
    }

    /// Puts text between; what is special around it goes around it, what ended here ends before it.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.text.insert_str(at, text);
        let shift = |place: &mut usize, is_moved: bool| *place += if is_moved { text.len() } else { 0 };
        for span in &mut self.spans {
            let (start, end) = (span.start, span.end);
            shift(&mut span.start, start >= at);
            shift(&mut span.end, end > at);
        }
        for glue in &mut self.glue {
            let place = *glue;
            shift(glue, place >= at);
        }
    }

    /// The piece of the text between two bytes as a message. No white space is trimmed but what is trimmed is in no
    /// entity.
    pub(super) fn cut(&self, start: usize, end: usize) -> Rendered {
        let text = &self.text[start..end];
        let from = self.spans.partition_point(|span| span.start < start);
        // Spans nest, so those that began before are few and found by looking at all of them.
        let before = self.spans[..from].iter().filter(|span| span.end > start);
        let within = self.spans[from..].iter().take_while(|span| span.start < end);
        let mut entities = Vec::new();
        let units = units_before(text);
        for span in before.chain(within) {
            let mut clipped = Span {
                kind: span.kind.clone(),
                start: span.start.max(start) - start,
                end: span.end.min(end) - start,
            };
            if clipped.start < clipped.end && trim(text, &mut clipped) {
                let offset = units[clipped.start] as usize;
                let length = units[clipped.end] as usize - offset;
                entities.push(Entity { kind: clipped.kind, offset, length });
            }
        }
        entities.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length, entity.kind.rank()));
        Rendered { text: text.to_owned(), entities }
    }
}

/// Takes white space from both ends, the indentation of blocks excepted; false if nothing is left.
fn trim(text: &str, span: &mut Span) -> bool {
    let Some(piece) = text.get(span.start..span.end) else { return false };
    let piece = piece.trim_end();
    if piece.is_empty() {
        return false;
    }
    span.end = span.start + piece.len();
    let is_block = matches!(span.kind, Kind::Pre { .. } | Kind::Quote);
    let rest = if is_block { piece.trim_start_matches('\n') } else { piece.trim_start() };
    span.start = span.end - rest.len();
    true
}

/// The UTF-16 units before each byte of a text.
fn units_before(text: &str) -> Vec<u32> {
    let mut before = Vec::with_capacity(text.len() + 1);
    let mut units = 0;
    for c in text.chars() {
        before.resize(before.len() + c.len_utf8(), units);
        units += c.len_utf16() as u32;
    }
    before.push(units);
    before
}

/// A message as it is sent: plain text, and what is special in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rendered {
    /// The text, without markup.
    pub(crate) text: String,
    /// In order of their offset, outer before inner.
    pub(crate) entities: Vec<Entity>,
}

/// A special piece of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entity {
    /// What is special.
    pub(crate) kind: Kind,
    /// Where it begins, in UTF-16 units.
    pub(crate) offset: usize,
    /// How long it is, in UTF-16 units; never 0.
    pub(crate) length: usize,
}

impl Entity {
    /// As Telegram takes it: a `MessageEntity`.
    pub(crate) fn to_value(&self) -> Value {
        let name = match &self.kind {
            Kind::Bold => "bold",
            Kind::Italic => "italic",
            Kind::Underline => "underline",
            Kind::Strikethrough => "strikethrough",
            Kind::Code => "code",
            Kind::Pre { .. } => "pre",
            Kind::Link { .. } => "text_link",
            Kind::Quote => "blockquote",
        };
        let mut value = json!({"type": name, "offset": self.offset, "length": self.length});
        match &self.kind {
            Kind::Pre { language: Some(language) } => value["language"] = json!(language),
            Kind::Link { url } => value["url"] = json!(url),
            _ => {}
        }
        value
    }
}
