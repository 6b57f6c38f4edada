//! Whether the times told in refusals were true: of every class of requests, one refusal at a time is watched until
//! well after the time it told.

use super::report::RefusalTruth;
use super::request::CLASSES;
use crate::domain::time::Timestamp;

/// How often a watched class is looked at in the time that was told, and for a quarter of it beyond.
pub(super) const LOOKS: u32 = 40;

/// The refusals that are watched, and what has become of the others.
pub(super) struct Watches {
    open: [Option<Watch>; CLASSES],
    pub(super) truth: RefusalTruth,
}

#[derive(Clone, Copy)]
struct Watch {
    told_at: Timestamp,
    until: Timestamp,
    /// Requests that waited before the one refused.
    ahead: usize,
    /// When one more could be served.
    first: Option<Timestamp>,
}

impl Watches {
    pub(super) fn new() -> Watches {
        Watches { open: [None; CLASSES], truth: RefusalTruth::default() }
    }

    /// A request of this class was told to come back at `until`. Says when to look.
    pub(super) fn refused(
        &mut self,
        class: usize,
        ahead: usize,
        told_at: Timestamp,
        until: Timestamp,
    ) -> Option<impl Iterator<Item = Timestamp> + use<>> {
        if self.open[class].is_some() || until == Timestamp::NEVER || until <= told_at {
            return None;
        }
        self.open[class] = Some(Watch { told_at, until, ahead, first: None });
        let step = until.since(told_at) / LOOKS;
        Some((1..=LOOKS + LOOKS / 4).map(move |look| told_at + step * look))
    }

    /// A request of this class was sent for the first time.
    pub(super) fn sent(&mut self, class: usize, now: Timestamp) {
        let Some(watch) = &mut self.open[class] else { return };
        if watch.ahead > 0 {
            watch.ahead -= 1;
        } else if watch.first.is_none() {
            watch.first = Some(now);
        }
    }

    /// Whether it is worth asking if this class can be served now.
    pub(super) fn wonders(&self, class: usize) -> bool {
        self.open[class].is_some_and(|watch| watch.first.is_none())
    }

    /// A look at the class: `served` if a request of it could be sent now.
    pub(super) fn look(&mut self, class: usize, served: bool, now: Timestamp) {
        let Some(watch) = &mut self.open[class] else { return };
        if served && watch.first.is_none() {
            watch.first = Some(now);
        }
        let told = watch.until.since(watch.told_at);
        if now < watch.until + told / 5 {
            return;
        }
        match watch.first {
            Some(first) if first < watch.until - told / 5 => self.truth.early += 1,
            Some(first) if first <= watch.until + told / 5 => self.truth.right += 1,
            _ => self.truth.late += 1,
        }
        self.open[class] = None;
    }
}
