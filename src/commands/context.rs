//! What every command knows: the global options, the terminal, the clock.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{self, LoadOptions, Loaded, into_command_error};
use crate::domain::chat::Language;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{OutputOptions, Paint, note};

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
    /// `--socket`.
    pub(crate) socket: Option<PathBuf>,
    /// `--socket` alone, whatever the environment says: that names the socket of the real daemon.
    pub(crate) socket_of_flag: Option<PathBuf>,
    /// `--timeout`.
    pub(crate) timeout: Option<Duration>,
    /// `--no-input`.
    pub(crate) no_input: bool,
    /// `--lang`.
    pub(crate) language: Option<Language>,
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
