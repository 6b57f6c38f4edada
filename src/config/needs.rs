//! What a command needs from a configuration that is good in itself.

use super::problem::{Origin, Problem, into_command_error};
use super::secret::Secret;
use super::settings::{Config, ConfiguredKey};
use crate::domain::key::Group;
use crate::error::{CommandError, ErrorKind};

impl Config {
    /// The groups that have keys, highest first.
    pub(crate) fn configured_groups(&self) -> Vec<Group> {
        Group::ALL
            .into_iter()
            .filter(|group| self.keys.iter().any(|key| key.id.group() == Some(*group)))
            .collect()
    }

    /// The bot's token, for a command that cannot do without.
    pub(crate) fn require_token(&self) -> Result<&Secret, CommandError> {
        self.telegram.token.as_ref().ok_or_else(|| into_command_error(&[no_token()]))
    }

    /// The keys, for a command that cannot do without any. Router keys alone serve nobody.
    pub(crate) fn require_keys(&self) -> Result<&[ConfiguredKey], CommandError> {
        if self.configured_groups().is_empty() {
            return Err(into_command_error(&[no_keys()]));
        }
        Ok(&self.keys)
    }

    /// What `run` would miss: for `run` itself, `run --check-config` and `config check`.
    pub(crate) fn missing_for_run(&self) -> Vec<Problem> {
        let token = self.telegram.token.is_none().then(no_token);
        let keys = self.configured_groups().is_empty().then(no_keys);
        token.into_iter().chain(keys).collect()
    }
}

fn no_token() -> Problem {
    missing(
        "there is no Telegram bot token",
        "get one from @BotFather and set TELEGRAM_BOT_SVSKILO_TOKEN or telegram.token_file, or try: svs sandbox",
    )
}

fn no_keys() -> Problem {
    missing(
        "there is no Gemini API key in any group",
        "get one at https://aistudio.google.com/apikey and set GROUP_A_KEYS or keys.A_file, or try: svs sandbox",
    )
}

fn missing(message: &str, hint: &str) -> Problem {
    Problem {
        kind: ErrorKind::Config,
        message: message.to_owned(),
        origin: Origin::Default,
        hint: Some(hint.to_owned()),
    }
}
