//! The labels of buttons.

use super::{Key, Texts, model_name};
use crate::domain::chat::{Button, Language};

impl Texts {
    /// What stands on a button.
    pub(crate) fn button(&self, language: Language, button: &Button) -> String {
        let key = match button {
            Button::Undo { .. } => Key::ButtonUndo,
            Button::TellMe => Key::ButtonTellMe,
            Button::EnterVip => Key::ButtonEnterVip,
            Button::RejoinVip => Key::ButtonRejoinVip,
            Button::LeaveLine => Key::ButtonLeaveLine,
            Button::Renew => Key::ButtonRenew,
            Button::Retry | Button::Continue { again: true } => Key::ButtonRetry,
            Button::Continue { again: false } => Key::ButtonContinue,
            Button::New => Key::ButtonNew,
            Button::Language { language } => return self.language_name(*language),
            Button::Model { slot: None } => Key::ButtonModelAuto,
            Button::Model { slot: Some(slot) } => return model_name(*slot).to_owned(),
        };
        self.get(language, key)
    }
}
