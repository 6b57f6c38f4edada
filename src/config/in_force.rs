//! What a daemon can take over while it runs, and what it must start anew for: whatever was opened once with it.

use super::settings::{Config, LogConfig, TelegramConfig};

/// Settings, or with a dot at the end tables, that are read once: the state and its lock, the socket, the bot's client,
/// the form of the log.
const READ_ONCE: [&str; 8] = [
    "storage.state_dir",
    "control.",
    "http.",
    "telegram.token",
    "telegram.api_url",
    "telegram.proxy",
    "log.format",
    "log.ids",
];

/// What it takes to put a change in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// The daemon takes it over: `svs reload`.
    Reload,
    /// The daemon must start anew.
    Restart,
}

impl Needs {
    /// Of a setting.
    pub(crate) fn of(setting: &str) -> Needs {
        let is = |once: &&str| setting == *once || (once.ends_with('.') && setting.starts_with(*once));
        if READ_ONCE.iter().any(is) { Needs::Restart } else { Needs::Reload }
    }

    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Needs::Reload => "reload",
            Needs::Restart => "restart",
        }
    }
}

impl Config {
    /// This configuration as far as a daemon that runs with `running` can take it over.
    pub(crate) fn taken_over_from(self, running: &Config) -> Config {
        let TelegramConfig { token, api_url, proxy, .. } = running.telegram.clone();
        Config {
            telegram: TelegramConfig { token, api_url, proxy, ..self.telegram },
            control: running.control.clone(),
            http: running.http.clone(),
            state_dir: running.state_dir.clone(),
            log: LogConfig { level: self.log.level, ..running.log.clone() },
            ..self
        }
    }
}
