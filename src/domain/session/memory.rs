//! Memory: which rounds of a conversation reach Gemini.
//!
//! Stored history is not touched here; rounds limit what is *sent*, for the effective role at that moment, so a
//! role that drops trims the next prompt at once.
//!
//! **Invariant:** a prompt holds nothing but the rounds this function was given and the question. Whose rounds
//! they are is decided in one place, where history is read by its `ConversationId` (chat, topic, user).

use crate::domain::chat::{Round, Speaker, Turn};

/// The prompt of `question` with exactly the last `role_rounds` rounds before it: speakers alternate, the user is
/// first and last. A round without a question or without an answer is no round: it is skipped and not counted.
pub fn turns(rounds: &[Round], role_rounds: u32, question: &str) -> Vec<Turn> {
    turns_within(rounds, role_rounds, question, None)
}

/// [`turns`] that also keep within `max_chars` characters: the oldest rounds go first, whole. The question is
/// always sent whole.
pub fn turns_within(
    rounds: &[Round],
    role_rounds: u32,
    question: &str,
    max_chars: Option<usize>,
) -> Vec<Turn> {
    let mut left = max_chars.map(|max| max.saturating_sub(question.chars().count()));
    let complete = rounds.iter().rev().filter(|round| !is_blank(&round.question) && !is_blank(&round.answer));
    let mut kept: Vec<&Round> = complete
        .take(role_rounds as usize)
        .take_while(|round| match &mut left {
            None => true,
            Some(left) => {
                let size = round.question.chars().count() + round.answer.chars().count();
                let fits = size <= *left;
                *left = left.saturating_sub(size);
                fits
            }
        })
        .collect();
    kept.reverse();
    let turn = |speaker, text: &str| Turn { speaker, text: text.to_owned() };
    let remembered = kept
        .into_iter()
        .flat_map(|round| [turn(Speaker::User, &round.question), turn(Speaker::Model, &round.answer)]);
    remembered.chain([turn(Speaker::User, question)]).collect()
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests;
