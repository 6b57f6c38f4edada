//! Model slots: the four jobs a Gemini model can have. Which model id fills a slot is configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A job for a model, cheapest first. Budgets are kept per slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelSlot {
    /// Chat.
    FlashLite,
    /// Tasks.
    Flash,
    /// Hard tasks.
    Pro,
    /// Pictures; off until a model id is configured, never chosen by classification.
    Image,
}

impl ModelSlot {
    /// All slots, cheapest first.
    pub const ALL: [ModelSlot; 4] =
        [ModelSlot::FlashLite, ModelSlot::Flash, ModelSlot::Pro, ModelSlot::Image];
    /// The slots that answer in text, cheapest first.
    pub const TEXT: [ModelSlot; 3] = [ModelSlot::FlashLite, ModelSlot::Flash, ModelSlot::Pro];

    /// The name in configuration, commands and output.
    pub const fn name(self) -> &'static str {
        match self {
            ModelSlot::FlashLite => "flash-lite",
            ModelSlot::Flash => "flash",
            ModelSlot::Pro => "pro",
            ModelSlot::Image => "image",
        }
    }

    /// The next cheaper text slot; none below flash-lite, and none for pictures.
    pub const fn lower(self) -> Option<ModelSlot> {
        match self {
            ModelSlot::Pro => Some(ModelSlot::Flash),
            ModelSlot::Flash => Some(ModelSlot::FlashLite),
            ModelSlot::FlashLite | ModelSlot::Image => None,
        }
    }

    /// The place of this slot in a table with one entry per slot.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for ModelSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no model slot.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no such model slot (flash-lite, flash, pro, image)")]
pub struct UnknownModel;

impl FromStr for ModelSlot {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<ModelSlot, UnknownModel> {
        ModelSlot::ALL.into_iter().find(|slot| slot.name() == name).ok_or(UnknownModel)
    }
}

/// One value per model slot, cheapest slot first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PerModel<T>(pub [T; 4]);

impl<T> PerModel<T> {
    /// A table filled by a function of the slot.
    pub fn from_fn(fill: impl FnMut(ModelSlot) -> T) -> PerModel<T> {
        PerModel(ModelSlot::ALL.map(fill))
    }
}

impl<T> std::ops::Index<ModelSlot> for PerModel<T> {
    type Output = T;

    fn index(&self, slot: ModelSlot) -> &T {
        &self.0[slot.index()]
    }
}

impl<T> std::ops::IndexMut<ModelSlot> for PerModel<T> {
    fn index_mut(&mut self, slot: ModelSlot) -> &mut T {
        &mut self.0[slot.index()]
    }
}
