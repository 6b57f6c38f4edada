//! Messages that make sense only after an answer: "继续", "why?", "shorter". They inherit the task of the last
//! round, but pro is inherited only by what goes on with the reasoning or doubts it.

use super::evidence::Evidence;
use super::lexicon::Concept;
use super::reason::{Feature, Reason};
use super::{Classified, Kind, Previous, Task};

/// A follow-up has at most this many words (an ideograph counts as six tenths).
const WORDS: usize = 16;

/// The verdict on `own` words, corrected by what came before.
pub(super) fn inherit(own: Classified, previous: Previous, evidence: &Evidence) -> Classified {
    let Some(inherited) = inherited(&own, previous, evidence) else { return own };
    if inherited < own.task {
        return own;
    }
    let mut after = own;
    after.task = inherited;
    after.kind = Kind::FollowUp;
    after.reasons.insert(0, Reason { feature: Feature::FollowUp, count: 1, work: 0.0, reasoning: 0.0 });
    after
}

fn inherited(own: &Classified, previous: Previous, evidence: &Evidence) -> Option<Task> {
    use Concept as C;
    if own.task == Task::Complex || evidence.has_code() || evidence.payload >= 60 || evidence.words > WORDS {
        return None;
    }
    if evidence.chars == 0 {
        return None;
    }
    let goes_on = evidence.leads(C::Continue);
    let deepens = evidence.leads(C::Deepen);
    let changes = evidence.asks(C::Modify);
    let points = evidence.asks(C::Pointer);
    let polite = evidence.asks(C::Greeting) || evidence.asks(C::Feeling);
    let asks = evidence.shape.ends_asking || evidence.asks(C::Question);
    if polite && !goes_on && !changes && !deepens {
        return None;
    }
    // A question of its own: it names what it is about and points to nothing.
    let own_subject = evidence.words > 3 && !points && !goes_on && !changes && !deepens;
    if own_subject && (asks || evidence.words > 8 || own.task == Task::Task) {
        return None;
    }
    let bare = goes_on && evidence.words <= 6;
    let doubts = deepens && evidence.words <= 12;
    Some(match previous.task {
        Task::Complex if bare || (doubts && !changes) => Task::Complex,
        Task::Complex => Task::Task,
        before => before,
    })
}
