//! The daemon's configuration against its sources: what differs, and taking it over. One look at a time, so that two
//! reloads do not cross.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{Config, Difference, LoadOptions, Loaded, Needs, Running, into_command_error, load};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::gemini::GeminiClient;
use crate::telemetry::Logs;

/// Where a reload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Begins,
    /// Whatever came of it.
    Ends,
}

/// Hears of each turn.
pub(crate) type OnTurn = Box<dyn Fn(Turn) + Send + Sync>;

/// The way from the sources to the configuration in force.
pub(crate) struct Reloader {
    gateway: Gateway,
    logs: Option<Logs>,
    on_turn: OnTurn,
    running: Mutex<Running>,
    /// Held while the sources are taken over.
    turn: tokio::sync::Mutex<()>,
}

impl Reloader {
    /// Of a daemon that came by its configuration as `running` says.
    pub(crate) fn new(
        gateway: Gateway,
        logs: Option<Logs>,
        running: Running,
        on_turn: OnTurn,
    ) -> Arc<Reloader> {
        Arc::new(Reloader {
            gateway,
            logs,
            on_turn,
            running: Mutex::new(running),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// What would be different if the sources were read now; `file` in place of the daemon's svs.toml.
    pub(crate) async fn differences(&self, file: Option<PathBuf>) -> Result<Vec<Difference>, CommandError> {
        let _turn = self.turn.lock().await;
        let loaded = self.read(file).await?;
        Ok(self.running().differences(&loaded.settings))
    }

    /// Reads the sources and puts in force what can be while the daemon runs; says what differed. Whatever is wrong
    /// with them, the old configuration stays.
    pub(crate) async fn reload(&self) -> Result<Vec<Difference>, CommandError> {
        let _turn = self.turn.lock().await;
        (self.on_turn)(Turn::Begins);
        let taken_over = self.take_over().await;
        (self.on_turn)(Turn::Ends);
        taken_over
    }

    async fn take_over(&self) -> Result<Vec<Difference>, CommandError> {
        let loaded = self.read(None).await?;
        let missing = loaded.config.missing_for_run();
        if !missing.is_empty() {
            return Err(into_command_error(&missing));
        }
        let differences = self.running().differences(&loaded.settings);
        let running = self.gateway.config();
        let config = Config::clone(&loaded.config).taken_over_from(&running);
        let gemini = if config.gemini == running.gemini { None } else { Some(client(&config)?) };
        let level = config.log.level;
        self.gateway.reconfigure(Arc::new(config), gemini).await?;
        if let Some(logs) = &self.logs {
            logs.configure(level);
        }
        self.running().take_over(loaded.settings);
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        let restart = differences.iter().filter(|difference| difference.needs() == Needs::Restart).count();
        tracing::info!(changes = differences.len() - restart, restart, "the configuration was read again");
        Ok(differences)
    }

    async fn read(&self, file: Option<PathBuf>) -> Result<Loaded, CommandError> {
        let options = self.running().options().clone();
        let options = LoadOptions { config: file.or(options.config), ..options };
        let reading = tokio::task::spawn_blocking(move || load(&options));
        let loaded = reading.await.map_err(|error| CommandError::new(ErrorKind::Bug, error.to_string()))?;
        loaded.map_err(|problems| into_command_error(&problems))
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(config: &Config) -> Result<GeminiClient, CommandError> {
    GeminiClient::new(&config.gemini)
        .map_err(|error| CommandError::new(ErrorKind::Config, error.to_string()).hint("svs config check"))
}
