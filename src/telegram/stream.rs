//! When an answer that is being written is shown: the first real message, then edits that become rarer.
//!
//! ```text
//! typing… ──text──▶ collecting ──40 characters, a sentence, or 1.2 s──▶ open ──▶ edit, edit, … ──▶ final
//! ```
//!
//! Pure: the outbox does what [`Cadence::next`] says.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// The push notification shows the first message, so it should say something.
const OPENING_CHARS: usize = 40;
/// …or what there is this long after the first text.
const OPENING_WAIT: Duration = Duration::from_millis(1200);
/// An edit with less new text than this is not worth its place in the chat's budget.
const EDIT_CHARS: usize = 24;
/// The waits between edits; the last one repeats.
const EDIT_GAPS: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_millis(1200),
    Duration::from_millis(1600),
    Duration::from_millis(2200),
    Duration::from_secs(3),
    Duration::from_secs(4),
];
/// "typing…" lasts 5 s on the other side.
pub(crate) const TYPING_EVERY: Duration = Duration::from_millis(4500);
/// A native "Thinking…" lasts 30 s.
pub(crate) const DRAFT_EVERY: Duration = Duration::from_secs(20);
/// A wait longer than this is told in words.
pub(crate) const TELL_WAIT_AFTER: Duration = Duration::from_secs(6);
/// Marks a text that is still being written. It makes every unfinished text differ from the final one.
pub(crate) const CURSOR: &str = " ▌";

/// What the outbox does next for one message of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Nothing until there is more text.
    Rest,
    /// Nothing before then.
    WaitUntil(Timestamp),
    /// Send the first message.
    Open,
    /// Edit it.
    Edit,
}

/// The state of one message of a growing answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cadence {
    first_text: Option<Timestamp>,
    shown: Option<Shown>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shown {
    at: Timestamp,
    chars: usize,
    edits: usize,
}

impl Shown {
    /// When the next edit may come.
    fn due(self) -> Timestamp {
        self.at + EDIT_GAPS[self.edits.min(EDIT_GAPS.len() - 1)]
    }
}

impl Cadence {
    /// Text has come.
    pub(crate) fn text_came(&mut self, now: Timestamp) {
        self.first_text.get_or_insert(now);
    }

    /// The message shows `chars` characters of the answer since `now`: none, if it only says that it waits.
    pub(crate) fn showed(&mut self, chars: usize, now: Timestamp) {
        let edits = match self.shown {
            // A placeholder's first edit is the answer's first sight: at once, then the gaps begin.
            Some(before) if before.chars > 0 => before.edits + 1,
            _ => 0,
        };
        self.shown = Some(Shown { at: now, chars, edits });
    }

    /// Whether a message is there.
    pub(crate) const fn is_open(&self) -> bool {
        self.shown.is_some()
    }

    /// The pause between two edits, if it is not over.
    pub(crate) fn pause_until(&self, now: Timestamp) -> Option<Timestamp> {
        let shown = self.shown.filter(|shown| shown.chars > 0)?;
        Some(shown.due()).filter(|due| now < *due)
    }

    /// What to do for a text of `chars` characters that begins with `text`.
    pub(crate) fn next(&self, text: &str, chars: usize, now: Timestamp) -> Step {
        let Some(first_text) = self.first_text.filter(|_| chars > 0) else { return Step::Rest };
        match self.shown {
            None | Some(Shown { chars: 0, .. }) => {
                let due = first_text + OPENING_WAIT;
                if chars < OPENING_CHARS && !has_sentence(text) && now < due {
                    return Step::WaitUntil(due);
                }
                if self.shown.is_none() { Step::Open } else { Step::Edit }
            }
            Some(shown) if chars < shown.chars + EDIT_CHARS => Step::Rest,
            Some(shown) => {
                let due = shown.due();
                if now < due { Step::WaitUntil(due) } else { Step::Edit }
            }
        }
    }
}

/// Whether a first sentence is complete. A full stop alone may belong to a number or a list.
fn has_sentence(text: &str) -> bool {
    let mut letters = 0;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => characters.peek().is_some_and(|next| next.is_whitespace()),
            _ => false,
        };
        if ends && letters >= 4 {
            return true;
        }
        letters += usize::from(c.is_alphabetic());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_millis(50_000);

    fn at(ms: u64) -> Timestamp {
        T0 + Duration::from_millis(ms)
    }

    fn with_text() -> Cadence {
        let mut cadence = Cadence::default();
        cadence.text_came(T0);
        cadence
    }

    #[test]
    fn a_message_opens_with_something_to_read() {
        let long = "x".repeat(40);
        let cases = [
            ("Hi", 0, Step::WaitUntil(at(1200))),
            ("Hi", 1199, Step::WaitUntil(at(1200))),
            ("Hi", 1200, Step::Open),
            ("今天天气不错。", 0, Step::Open),
            ("That is right. It", 0, Step::Open),
            ("1. ", 0, Step::WaitUntil(at(1200))),
            ("It costs 3.5", 0, Step::WaitUntil(at(1200))),
            (&long, 0, Step::Open),
            ("", 5000, Step::Rest),
        ];
        for (text, ms, step) in cases {
            assert_eq!(with_text().next(text, text.chars().count(), at(ms)), step, "{text:?} at {ms}");
        }
    }

    #[test]
    fn edits_become_rarer_up_to_four_seconds() {
        let mut cadence = with_text();
        cadence.showed(40, T0);
        let mut now = T0;
        let mut chars = 40;
        for gap in [1000, 1200, 1600, 2200, 3000, 4000, 4000, 4000] {
            chars += 24;
            let due = now + Duration::from_millis(gap);
            assert_eq!(cadence.next("", chars, now), Step::WaitUntil(due));
            assert_eq!(cadence.next("", chars, due), Step::Edit);
            cadence.showed(chars, due);
            now = due;
        }
    }

    #[test]
    fn a_little_new_text_waits_for_more() {
        let mut cadence = with_text();
        cadence.showed(40, T0);
        assert_eq!(cadence.next("", 63, at(60_000)), Step::Rest);
        assert_eq!(cadence.next("", 64, at(60_000)), Step::Edit);
    }

    #[test]
    fn a_waiting_note_becomes_the_answer() {
        let mut cadence = Cadence::default();
        cadence.showed(0, T0);
        assert_eq!(cadence.next("", 0, at(9000)), Step::Rest);
        cadence.text_came(at(9000));
        assert_eq!(cadence.next("Hi", 2, at(9000)), Step::WaitUntil(at(10_200)));
        assert_eq!(cadence.next("Hi", 2, at(10_200)), Step::Edit);
        cadence.showed(2, at(10_200));
        assert_eq!(cadence.next("", 60, at(10_300)), Step::WaitUntil(at(11_200)));
    }
}
