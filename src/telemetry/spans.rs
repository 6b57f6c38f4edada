//! Spans: what was done for a request and how long it took, for a tracing system. Where nobody listens to them, none
//! is made.
//!
//! The spans of one request are one trace, whose ids follow from the request's. So whoever knows the request can add a
//! span, and nothing is carried along while it waits without a task or over a restart. The span of the whole request
//! is made at its end, of what is stored of it.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::vitals::Vitals;
use crate::domain::reference::RequestId;
use crate::domain::time::Timestamp;

/// One span.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Span {
    /// The request it belongs to.
    pub(crate) request: RequestId,
    /// Whether it is the request as a whole, and the others are its children.
    pub(crate) is_whole: bool,
    /// What was done: one of few names.
    pub(crate) name: Cow<'static, str>,
    /// Who did it.
    pub(crate) side: Side,
    /// When it began.
    pub(crate) began: Timestamp,
    /// How long it took.
    pub(crate) took: Duration,
    /// The circumstances.
    pub(crate) facts: Vec<(&'static str, Fact)>,
    /// The name of what went wrong; none: nothing did.
    pub(crate) error: Option<Cow<'static, str>>,
}

/// Who does what a span is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// svs, for itself.
    Inside,
    /// svs, with what Telegram handed over.
    Received,
    /// svs, for a caller who waits for it.
    Served,
    /// Another service, for svs.
    Called,
}

/// The value of a circumstance.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Fact {
    Text(Cow<'static, str>),
    Texts(Vec<String>),
    Whole(i64),
    Real(f64),
    Is(bool),
}

impl Span {
    /// A part of a request that begins.
    pub(crate) fn part(
        request: RequestId,
        side: Side,
        name: impl Into<Cow<'static, str>>,
        began: Timestamp,
    ) -> Span {
        let (name, took) = (name.into(), Duration::ZERO);
        Span { request, is_whole: false, name, side, began, took, facts: Vec::new(), error: None }
    }

    /// Adds a circumstance.
    pub(crate) fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Span {
        self.add(name, fact);
        self
    }

    /// Adds a circumstance.
    pub(crate) fn add(&mut self, name: &'static str, fact: impl Into<Fact>) {
        self.facts.push((name, fact.into()));
    }

    /// Says what went wrong.
    pub(crate) fn fail(&mut self, what: impl Into<Cow<'static, str>>) {
        let what = what.into();
        self.add("error.type", what.clone());
        self.error = Some(what);
    }
}

impl From<&'static str> for Fact {
    fn from(text: &'static str) -> Fact {
        Fact::Text(text.into())
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Fact {
        Fact::Text(text.into())
    }
}

impl From<Cow<'static, str>> for Fact {
    fn from(text: Cow<'static, str>) -> Fact {
        Fact::Text(text)
    }
}

impl From<u32> for Fact {
    fn from(number: u32) -> Fact {
        Fact::Whole(number.into())
    }
}

/// Whoever wants spans.
#[derive(Default)]
pub(super) struct Listener(OnceLock<Listens>);

type Listens = Box<dyn Fn(Span) + Send + Sync>;

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.0.get().is_some()).finish()
    }
}

impl Vitals {
    /// Hands every span over from now on. The first who listens stays.
    #[cfg(feature = "otlp")]
    pub(super) fn listen_to_spans(&self, listens: Listens) {
        let _ = self.listener().0.set(listens);
    }

    /// Whether anybody wants spans.
    pub(crate) fn is_traced(&self) -> bool {
        self.listener().0.get().is_some()
    }

    /// Hands a span over.
    pub(crate) fn trace(&self, span: impl FnOnce() -> Span) {
        if let Some(listens) = self.listener().0.get() {
            listens(span());
        }
    }

    /// Begins a span that ends when it is dropped.
    pub(crate) fn begin_span(&self, span: impl FnOnce() -> Span) -> OpenSpan {
        let open = |span| Box::new(Open { vitals: self.clone(), span, since: Instant::now() });
        OpenSpan(self.is_traced().then(|| open(span())))
    }
}

/// A span that has begun. Dropping it ends it; a panic loses it, since what panicked is tried again.
#[derive(Debug)]
pub(crate) struct OpenSpan(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    vitals: Vitals,
    span: Span,
    since: Instant,
}

impl OpenSpan {
    /// Writes into the span, if anybody wants it, what is known by now; the time is that since it began.
    pub(crate) fn note(&mut self, write: impl FnOnce(&mut Span, Duration)) {
        if let Some(open) = &mut self.0 {
            write(&mut open.span, open.since.elapsed());
        }
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        if let Some(open) = self.0.take()
            && !std::thread::panicking()
        {
            let Open { vitals, mut span, since } = *open;
            span.took = since.elapsed();
            vitals.trace(|| span);
        }
    }
}
