//! What a message asks for, and so which model is worth spending on it.

use serde::{Deserialize, Serialize};

use crate::domain::model::ModelSlot;

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
