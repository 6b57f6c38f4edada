//! What stands in, below and under an answer.

use super::*;
use crate::domain::key::KeyId;
use crate::domain::router::degradation::{Cause, Degradation};
use crate::gemini::Usage;

fn answer(finish: Finish, stopped: Option<Stop>, notices: Vec<Notice>) -> Answer {
    Answer {
        text: "Four.\n".to_owned(),
        pictures: Vec::new(),
        finish,
        stopped,
        model: ModelSlot::Flash,
        wished: ModelSlot::Pro,
        notices,
        key: KeyId::RouterA,
        reference: None,
        usage: Usage::default(),
        left_today: None,
    }
}

#[test]
fn what_ended_or_lowered_an_answer_stands_below_it() {
    let texts = Texts::load();
    let (wished, served) = (ModelSlot::Pro, ModelSlot::Flash);
    let lowered = Degradation { wished, served, borrowed: None, why: Cause::Spent };
    let cases = [
        (answer(Finish::Complete, None, vec![]), "Four."),
        (
            answer(Finish::Complete, None, vec![Notice::Degraded(lowered)]),
            "Four.\n\nPro is used up today; answered with Flash.",
        ),
        (answer(Finish::Incomplete, Some(Stop::Caller), vec![]), "Four.\n\n⏹ Stopped."),
        (
            answer(Finish::Incomplete, None, vec![]),
            "Four.\n\n(The connection broke; the answer is incomplete.)",
        ),
    ];
    for (answer, text) in cases {
        let parts = said(&texts, Language::EN, &answer, &Head::default(), Timestamp::ZERO, Vec::new()).parts;
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>(), [text]);
    }
}

#[test]
fn what_was_cut_can_go_on_and_what_is_whole_can_be_asked_again() {
    let (go_on, again) = (Button::Continue { again: false }, [Button::Retry, Button::New]);
    let cut = [&[go_on][..], &again[..]].concat();
    let cases = [
        (answer(Finish::Complete, None, vec![]), again.to_vec()),
        (answer(Finish::Incomplete, Some(Stop::Caller), vec![]), vec![go_on]),
        (answer(Finish::Incomplete, Some(Stop::Kicked), vec![]), vec![go_on]),
        (answer(Finish::Incomplete, Some(Stop::Banned), vec![]), vec![]),
        (answer(Finish::Incomplete, None, vec![]), cut.clone()),
        (answer(Finish::Truncated, None, vec![]), cut),
        (Answer { text: String::new(), ..answer(Finish::Truncated, None, vec![]) }, again.to_vec()),
    ];
    for (answer, buttons) in cases {
        assert_eq!(offered(&answer), buttons, "{answer:?}");
    }
}
