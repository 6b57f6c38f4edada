//! What Gemini is asked, and what is remembered of it.

use super::ask::{Ask, Asker};
use super::course::Course;
use super::hub::Shared;
use crate::domain::model::ModelSlot;
use crate::domain::session::memory::turns;
use crate::gemini::{Attachment, Prompt};

/// The prompt of a request.
pub(super) fn prompt(shared: &Shared, ask: &Ask, course: &Course) -> Prompt {
    let memory = match ask.asker {
        Asker::Chat { .. } => shared.config().rules.roles[course.role].rounds,
        Asker::Shell { .. } => 0,
    };
    Prompt {
        // The configured instruction is about conversations; image models may refuse any.
        system: ask.system.clone().or_else(|| {
            let talks = ask.model != Some(ModelSlot::Image);
            shared.config().gemini.system_prompt.clone().filter(|_| talks)
        }),
        turns: turns(&course.rounds, memory, &ask.text),
        quote: ask.quote.clone(),
        continuation: ask.continuation.clone(),
        attachments: ask.attachments.clone(),
        max_output_tokens: ask.max_output_tokens,
        temperature: ask.temperature,
        schema: ask.schema.clone(),
        less_thinking: course.attempts.less_thinking,
    }
}

/// What is remembered of a question: its words, and of files without words only that they were there.
pub(super) fn remembered(text: String, attachments: &[Attachment]) -> String {
    if !text.trim().is_empty() {
        return text;
    }
    attachments.iter().map(|file| format!("[{}]", file.noun())).collect::<Vec<_>>().join(" ")
}
