//! Whether the times told in refusals were true: of every class of requests, one refusal at a time is watched until
//! well after the time it told.

use std::collections::BTreeMap;

use super::report::{Ending, RefusalTruth};
use super::request::{CLASSES, class_request};
use crate::domain::model::ModelSlot;
use crate::domain::router::plan::wish;
use crate::domain::time::Timestamp;

/// How often a watched class is looked at in the time that was told, and for a quarter of it beyond.
pub(super) const LOOKS: u32 = 20;

/// The refusals that are watched, and what has become of the others.
pub(super) struct Watches {
    open: [Option<Watch>; CLASSES],
    pub(super) truth: BTreeMap<Ending, RefusalTruth>,
}

#[derive(Clone, Copy)]
struct Watch {
    ending: Ending,
    told_at: Timestamp,
    until: Timestamp,
    /// Requests that waited before the one refused.
    ahead: usize,
    /// When one more could be served.
    first: Option<Timestamp>,
}

impl Watches {
    pub(super) fn new() -> Watches {
        Watches { open: [None; CLASSES], truth: BTreeMap::new() }
    }

    /// A request of this class was told to come back at `until`. Says when to look.
    pub(super) fn refused(
        &mut self,
        class: usize,
        ending: Ending,
        ahead: usize,
        told_at: Timestamp,
        until: Timestamp,
    ) -> Option<impl Iterator<Item = Timestamp> + use<>> {
        if self.open[class].is_some() || until == Timestamp::NEVER || until <= told_at {
            return None;
        }
        self.open[class] = Some(Watch { ending, told_at, until, ahead, first: None });
        let step = until.since(told_at) / LOOKS;
        Some((1..=LOOKS + LOOKS / 4).map(move |look| told_at + step * look))
    }

    /// A request of this class was sent to `model` for the first time: every class of the same role that may use the
    /// model could have been served instead.
    pub(super) fn sent(&mut self, class: usize, model: ModelSlot, now: Timestamp) {
        for other in class / 3 * 3..class / 3 * 3 + 3 {
            let request = class_request(other);
            let Some(watch) = &mut self.open[other] else { continue };
            if other != class && model > wish(request.role, request.task, None) {
                continue;
            }
            if watch.ahead > 0 {
                watch.ahead -= 1;
            } else if watch.first.is_none() {
                watch.first = Some(now);
            }
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
        let truth = self.truth.entry(watch.ending).or_default();
        match watch.first {
            Some(first) if first < watch.until - told / 5 => truth.early += 1,
            Some(first) if first <= watch.until + told / 5 => truth.right += 1,
            _ => truth.late += 1,
        }
        self.open[class] = None;
    }
}
