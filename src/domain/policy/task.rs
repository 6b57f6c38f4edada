//! What a message asks for, and so which model is worth spending on it.
//!
//! Decided here, locally, in microseconds, and never by a call: two sums, *work* ("is there a result to
//! produce?") and *reasoning* ("does it take several steps?"), over features that do not depend on a topic.
//!
//! ```text
//! text → window (text) → meanings (scan, lexicon) ─┬→ instruction │ payload (segment)
//!                      → shape                     ┘→ kind → reasons × weights → work, reasoning → task
//! ```
//!
//! Reasoning ≥ 3.2 is complex, else work ≥ 2 is a task, else it is chat. The weights and thresholds stand in one
//! table (`reason`). A short message after an answer inherits from it (`follow_up`). Whether a picture is wanted is another
//! question (`picture`).

mod evidence;
mod follow_up;
mod kind;
mod lexicon;
mod picture;
mod reason;
mod scan;
mod score;
mod segment;
mod shape;
#[cfg(test)]
mod tests;
mod text;

use serde::{Deserialize, Serialize};

use crate::domain::model::ModelSlot;
use evidence::Evidence;

pub use kind::Kind;
pub use picture::asks_for_picture;
pub use reason::{Feature, Reason};

/// How hard a message is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Small talk and short questions: flash-lite.
    Chat,
    /// Work with a result: flash.
    Task,
    /// Several steps of reasoning: pro.
    Complex,
}

impl Task {
    /// All of them, easiest first.
    pub const ALL: [Task; 3] = [Task::Chat, Task::Task, Task::Complex];

    /// The model this task wishes for.
    pub const fn model(self) -> ModelSlot {
        match self {
            Task::Chat => ModelSlot::FlashLite,
            Task::Task => ModelSlot::Flash,
            Task::Complex => ModelSlot::Pro,
        }
    }

    /// The word in output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Task::Chat => "chat",
            Task::Task => "task",
            Task::Complex => "complex",
        }
    }
}

/// A message with what is known around it.
#[derive(Clone, Copy, Default, Debug)]
pub struct Message<'a> {
    pub text: &'a str,
    /// How the last round of this conversation was classified, if there is one.
    pub previous: Option<Previous>,
    /// The text this message replies to or quotes: material, never an instruction.
    pub quoted: Option<&'a str>,
    /// How many files come with it.
    pub files: u32,
}

impl<'a> Message<'a> {
    /// A message that opens a conversation.
    pub const fn new(text: &'a str) -> Message<'a> {
        Message { text, previous: None, quoted: None, files: 0 }
    }

    /// The same message after a round.
    #[must_use]
    pub const fn after(self, task: Task, kind: Kind) -> Message<'a> {
        Message { previous: Some(Previous { task, kind }), ..self }
    }
}

/// How the last round was classified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Previous {
    pub task: Task,
    pub kind: Kind,
}

/// What a message is, and why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Classified {
    pub task: Task,
    pub kind: Kind,
    /// Every feature that counted, strongest first.
    pub reasons: Vec<Reason>,
    /// Points for "there is a result to produce"; from 2 on a task.
    pub work: f32,
    /// Points for "this takes several steps of reasoning"; from 3.2 on complex.
    pub reasoning: f32,
    /// How far the scores are from the next border: 0 (on it) to 1 (far).
    pub confidence: f32,
}

/// Classifies a message. Pure, total, linear in the length of the text (which is counted once); the rules look at
/// the first 3,000 and the last 1,500 characters.
pub fn classify(message: &Message<'_>) -> Classified {
    let evidence = Evidence::new(message.text);
    let kind = kind::kind(&evidence);
    let mut reasons = score::reasons(&evidence, kind);
    if evidence.chars == 0 && message.files == 0 {
        reasons = vec![Reason { feature: Feature::Empty, count: 1, work: 0.0, reasoning: 0.0 }];
    }
    score::add_files(&mut reasons, message.files);
    if let Some(quoted) = message.quoted {
        score::add_quoted(&mut reasons, quoted, kind);
    }
    let work: f32 = reasons.iter().map(|reason| reason.work).sum();
    let reasoning: f32 = reasons.iter().map(|reason| reason.reasoning).sum();
    let task = if evidence.chars == 0 {
        if message.files > 0 { Task::Task } else { Task::Chat }
    } else if reasoning >= reason::REASONING {
        Task::Complex
    } else if work >= reason::WORK || message.files > 0 {
        Task::Task
    } else {
        Task::Chat
    };
    reasons.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
    let own =
        Classified { task, kind, reasons, work, reasoning, confidence: confidence(task, work, reasoning) };
    match message.previous {
        Some(previous) => follow_up::inherit(own, previous, &evidence),
        None => own,
    }
}

fn strength(reason: &Reason) -> f32 {
    reason.work.abs() + reason.reasoning.abs()
}

fn confidence(task: Task, work: f32, reasoning: f32) -> f32 {
    let to_complex = (reasoning - reason::REASONING).abs() / reason::REASONING;
    let to_task = (work - reason::WORK).abs() / reason::WORK;
    let distance = match task {
        Task::Complex => to_complex,
        Task::Task | Task::Chat => to_complex.min(to_task),
    };
    distance.clamp(0.0, 1.0)
}
