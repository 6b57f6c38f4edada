//! Memory: the last rounds and nobody else's.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::domain::role::Role;
use crate::domain::rules::Rules;

fn round(question: &str, answer: &str) -> Round {
    Round { question: question.to_owned(), answer: answer.to_owned() }
}

fn texts(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.text.as_str()).collect()
}

/// A prompt alternates, begins and ends with the user.
fn alternates(turns: &[Turn]) -> bool {
    turns.len() % 2 == 1
        && turns
            .iter()
            .enumerate()
            .all(|(place, turn)| turn.speaker == if place % 2 == 0 { Speaker::User } else { Speaker::Model })
}

#[test]
fn exactly_the_last_rounds_are_sent_oldest_first() {
    let rounds = [round("q1", "a1"), round("q2", "a2"), round("q3", "a3")];
    let cases: [(u32, &[&str]); 5] = [
        (0, &["now"]),
        (1, &["q3", "a3", "now"]),
        (2, &["q2", "a2", "q3", "a3", "now"]),
        (3, &["q1", "a1", "q2", "a2", "q3", "a3", "now"]),
        (10, &["q1", "a1", "q2", "a2", "q3", "a3", "now"]),
    ];
    for (role_rounds, expected) in cases {
        let sent = turns(&rounds, role_rounds, "now");
        assert_eq!(texts(&sent), expected, "{role_rounds} rounds");
        assert!(alternates(&sent));
    }
}

#[test]
fn a_round_without_question_or_answer_is_skipped_and_not_counted() {
    let rounds =
        [round("q1", "a1"), round("q2", ""), round(" \n", "a3"), round("q4", "a4"), round("q5", "\t")];
    assert_eq!(texts(&turns(&rounds, 2, "now")), ["q1", "a1", "q4", "a4", "now"]);
}

#[test]
fn a_character_budget_drops_the_oldest_rounds_whole() {
    let rounds = [round("一二", "三四"), round("abcd", "efgh"), round("五", "六")];
    let cases: [(usize, &[&str]); 6] = [
        (100, &["一二", "三四", "abcd", "efgh", "五", "六", "问"]),
        (15, &["一二", "三四", "abcd", "efgh", "五", "六", "问"]),
        (14, &["abcd", "efgh", "五", "六", "问"]),
        (10, &["五", "六", "问"]),
        (3, &["五", "六", "问"]),
        (0, &["问"]),
    ];
    for (max, expected) in cases {
        assert_eq!(texts(&turns_within(&rounds, 10, "问", Some(max))), expected, "{max} characters");
    }
}

#[test]
fn a_big_round_is_not_jumped_over() {
    let rounds = [round("q", "a"), round("long", "long"), round("q", "a")];
    assert_eq!(texts(&turns_within(&rounds, 10, "?", Some(6))), ["q", "a", "?"]);
}

#[test]
fn a_role_that_drops_trims_the_next_prompt() {
    let rules = Rules::default();
    let rounds: Vec<Round> = (0..20).map(|n| round(&format!("q{n}"), &format!("a{n}"))).collect();
    let sent = |role: Role| turns(&rounds, rules.roles[role].rounds, "now").len();
    assert_eq!(Role::ALL.map(sent), [1, 7, 11, 15, 21]);
}

proptest! {
    #[test]
    fn any_history_gives_an_alternating_prompt_of_its_last_rounds(
        history in proptest::collection::vec((any::<bool>(), any::<bool>(), 0_usize..40), 0..30),
        role_rounds in 0_u32..12,
        max_chars in proptest::option::of(0_usize..400),
    ) {
        let text = |kept: bool, n: usize, size: usize| {
            if kept { format!("{n}{}", "x".repeat(size)) } else { " ".to_owned() }
        };
        let rounds: Vec<Round> = history
            .iter()
            .enumerate()
            .map(|(n, (question, answer, size))| round(&text(*question, n, *size), &text(*answer, n, *size)))
            .collect();
        let sent = turns_within(&rounds, role_rounds, "the question", max_chars);
        prop_assert!(alternates(&sent));
        prop_assert_eq!(&sent[sent.len() - 1].text, "the question");

        // By brute force: the longest tail of complete rounds within both limits.
        let complete: Vec<&Round> = rounds
            .iter()
            .filter(|round| !round.question.trim().is_empty() && !round.answer.trim().is_empty())
            .collect();
        let fits = |tail: &[&Round]| {
            let chars: usize = tail.iter().map(|round| round.question.len() + round.answer.len()).sum();
            tail.len() <= role_rounds as usize
                && max_chars.is_none_or(|max| tail.is_empty() || chars + "the question".len() <= max)
        };
        let start = (0..=complete.len()).find(|start| fits(&complete[*start..])).unwrap_or(complete.len());
        let mut expected: Vec<&str> = Vec::new();
        for round in &complete[start..] {
            expected.extend([round.question.as_str(), round.answer.as_str()]);
        }
        expected.push("the question");
        prop_assert_eq!(texts(&sent), expected);
    }
}
