//! What every command knows: the global options, the terminal, the clock.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::parse_language;
use crate::admin::Client;
use crate::clock::Clock;
use crate::config::{self, LoadOptions, Loaded, LogConfig, LogFormat, LogLevel, Problem, into_command_error};
use crate::domain::language::Language;
use crate::error::{CommandError, ErrorKind};
use crate::telemetry::{Log, Vitals, start_log};
use crate::ui::{OutputOptions, Paint, confirm, note};

/// What every command knows.
#[derive(Clone, Debug)]
pub(crate) struct Ctx {
    /// The grammar of the command line, for completions, manual pages and help; set by `cli`.
    pub(crate) grammar: fn() -> clap::Command,
    /// How output is wanted.
    pub(crate) output: OutputOptions,
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--env-file`.
    pub(crate) env_file: Option<PathBuf>,
    /// `--socket`, or else `SVS_SOCKET`.
    pub(crate) socket: Option<PathBuf>,
    /// `--socket` alone, whatever the environment says: that names the socket of the real daemon.
    pub(crate) socket_of_flag: Option<PathBuf>,
    /// `--timeout`.
    pub(crate) timeout: Option<Duration>,
    /// `--no-input`.
    pub(crate) no_input: bool,
    /// `--lang`, or else `SVS_LANG`.
    pub(crate) lang: Option<Language>,
    /// Standard input is a terminal.
    pub(crate) stdin_is_terminal: bool,
    /// The time.
    pub(crate) clock: Clock,
}

impl Ctx {
    /// Whether a question may be asked.
    pub(crate) const fn is_interactive(&self) -> bool {
        self.stdin_is_terminal && self.output.stderr_is_terminal && !self.no_input
    }

    /// Reads `SVS_LANG` where there was no `--lang`.
    pub(crate) fn take_language(&mut self) -> Result<(), CommandError> {
        let Some(wished) = std::env::var("SVS_LANG").ok().filter(|wished| !wished.is_empty()) else {
            return Ok(());
        };
        if self.lang.is_none() {
            let unknown = |why| CommandError::new(ErrorKind::Usage, format!("SVS_LANG={wished}: {why}"));
            self.lang = Some(parse_language(&wished).map_err(unknown)?);
        }
        Ok(())
    }

    /// In which language to show what the bot says: the one that was wished, else that of the locale, else English.
    pub(crate) fn language(&self) -> Language {
        self.lang.or_else(|| of_locale(|name| std::env::var(name).ok())).unwrap_or_default()
    }

    /// Asks a yes-or-no question; only where one may be asked.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, CommandError> {
        debug_assert!(self.is_interactive(), "nobody is asked without a terminal");
        confirm(question).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => CommandError::new(ErrorKind::Interrupted, "interrupted"),
            _ => CommandError::new(ErrorKind::Usage, "the answer cannot be read")
                .caused_by(&error)
                .hint("add --yes"),
        })
    }

    /// The daemon.
    pub(crate) async fn daemon(&self) -> Result<Client, CommandError> {
        let (places, unread) = self.sockets()?;
        let connected = Client::connect(&places).await;
        // It may be where only the configuration knows.
        connected.map_err(|error| unread.iter().fold(error, |error, problem| error.caused_by(problem)))
    }

    /// The daemon, where one runs. None is a failure only if `--socket` named it.
    pub(crate) async fn find_daemon(&self) -> Result<Option<Client>, CommandError> {
        if self.socket_of_flag.is_some() {
            return self.daemon().await.map(Some);
        }
        Client::find(&self.sockets()?.0).await
    }

    /// Where to look for the daemon: where it was told to be, or else where the configuration has it.
    fn sockets(&self) -> Result<(Vec<PathBuf>, Vec<Problem>), CommandError> {
        if let Some(named) = &self.socket {
            return Ok((vec![named.clone()], Vec::new()));
        }
        let (places, unread) = config::control_sockets(&self.load_options());
        // Whoever mistypes the name of a file means another daemon than the one at the usual place.
        match &self.config {
            Some(named) if !named.exists() => Err(into_command_error(&unread)),
            _ => Ok((places, unread)),
        }
    }

    /// Starts the log of a command that does the daemon's work itself: warnings, or more with `--verbose`.
    pub(crate) fn start_log(&self, log: &LogConfig, vitals: &Vitals) -> Result<Log, CommandError> {
        let level = match (self.output.quiet, self.output.verbose) {
            (true, _) => LogLevel::Error,
            (false, 0) => LogLevel::Warn,
            (false, 1) => LogLevel::Info,
            (false, 2) => LogLevel::Debug,
            (false, _) => LogLevel::Trace,
        };
        let format = if self.output.format.is_json() { LogFormat::Json } else { log.format };
        start_log(level, format, self.output.stderr.is_enabled(), vitals).map_err(|error| {
            CommandError::new(ErrorKind::State, "the log cannot be written").caused_by(&error)
        })
    }

    /// Where the configuration of this command comes from.
    pub(crate) fn load_options(&self) -> LoadOptions {
        LoadOptions {
            config: self.config.clone(),
            env_file: self.env_file.clone(),
            ..LoadOptions::of_process()
        }
    }

    /// The configuration; with `--verbose` its warnings go to standard error, `svs config check` always shows them.
    pub(crate) fn load(&self) -> Result<Loaded, CommandError> {
        let loaded = config::load(&self.load_options()).map_err(|problems| into_command_error(&problems))?;
        if self.output.verbose > 0 {
            for warning in &loaded.warnings {
                note(&format!("{} {warning}", self.output.stderr.paint(Paint::Warning, "warning:")));
            }
        }
        Ok(loaded)
    }

    /// Runs `work` for at most `--timeout`, or `default` where none was given.
    pub(crate) async fn within<T>(
        &self,
        default: Duration,
        what: &str,
        work: impl Future<Output = Result<T, CommandError>>,
    ) -> Result<T, CommandError> {
        let limit = self.timeout.unwrap_or(default);
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let message = format!("{what} took longer than {}", crate::ui::text::span(limit));
            Err(CommandError::new(ErrorKind::Unavailable, message).hint("--timeout allows more time"))
        })
    }
}

/// The language of a locale, if the bot has it.
fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Option<Language> {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    Language::of_tag(&names.filter_map(variable).find(|value| !value.is_empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_speak_the_language_of_the_locale() {
        let cases = [
            ("LANG", "zh_CN.UTF-8", Some(Language::ZH)),
            ("LC_ALL", "zh_TW", Some(Language::ZH)),
            ("LANG", "en_US.UTF-8", Some(Language::EN)),
            ("LANG", "C.UTF-8", None),
            ("LANG", "", None),
        ];
        for (name, value, expected) in cases {
            let locale = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(of_locale(locale), expected, "{name}={value}");
        }
    }
}
