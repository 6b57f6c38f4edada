//! The real bot, run in this process against the two servers, and a second look at its state: what it has ended.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::commands::Ctx;
use crate::commands::daemon::{Daemon, serve};
use crate::commands::supervisor::Supervisor;
use crate::config::{self, Config, Environment, LoadOptions, into_command_error};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::sandbox::Sandbox;
use crate::sandbox::telegram::Telegram;
use crate::store::{Access, Store};
use crate::telemetry::Vitals;

/// How long an unfinished answer may hold the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// The configuration of a bot that knows nothing but the sandbox: no file, no `.env`, no credential and no variable
/// of this process is looked at.
pub(super) fn configure(
    sandbox: &Sandbox,
    folder: &Path,
    socket: Option<&Path>,
    is_patient: bool,
) -> Result<Arc<Config>, CommandError> {
    let nothing = folder.join("svs.toml");
    std::fs::write(&nothing, "").map_err(|error| {
        CommandError::new(ErrorKind::CannotWrite, format!("{} cannot be written", nothing.display()))
            .caused_by(&error)
    })?;
    let text = |path: &Path| path.as_os_str().to_owned();
    let mut variables: Vec<(String, std::ffi::OsString)> =
        sandbox.environment().into_iter().map(|(name, value)| (name, value.into())).collect();
    variables.push(("SVS_STATE_DIR".to_owned(), text(&folder.join("state"))));
    variables.push(("SVS_SOCKET".to_owned(), text(socket.unwrap_or(&folder.join("control.sock")))));
    // Pictures cost nothing here.
    variables.push(("SVS_GEMINI_MODELS_IMAGE".to_owned(), "gemini-3.1-flash-image".into()));
    variables.push(("SVS_LIMITS_IMAGE_DAILY_LIMIT".to_owned(), "100".into()));
    if !is_patient {
        // Nobody watches a script: the pace that spares Telegram would only be waited for.
        for name in ["SVS_TELEGRAM_PRIVATE_INTERVAL", "SVS_TELEGRAM_GROUP_INTERVAL"] {
            variables.push((name.to_owned(), "50ms".into()));
        }
    }
    let options = LoadOptions {
        config: Some(nothing),
        env: variables.into_iter().collect::<Environment>(),
        credentials: false,
        ..LoadOptions::of_process()
    };
    Ok(config::load(&options).map_err(|problems| into_command_error(&problems))?.config)
}

/// The running bot.
pub(super) struct Bot {
    shutdown: CancellationToken,
    /// None once it has ended.
    serving: Option<JoinHandle<Result<(), CommandError>>>,
    /// The bot's own store is the bot's; this one only looks.
    view: Store,
    telegram: Telegram,
}

impl Bot {
    /// Starts the bot and waits until it is ready.
    pub(super) async fn start(
        config: &Arc<Config>,
        telegram: Telegram,
        opens_socket: bool,
        ctx: &Ctx,
    ) -> Result<Bot, CommandError> {
        let shutdown = CancellationToken::new();
        let daemon = Daemon {
            config: Arc::clone(config),
            clock: ctx.clock.clone(),
            vitals: Vitals::default(),
            shutdown: shutdown.clone(),
            running: None,
            hangups: Arc::default(),
            control: opens_socket,
            logs: None,
            supervisor: Supervisor::default(),
            otlp: None,
        };
        let (ready, is_ready) = oneshot::channel();
        let on_ready = Box::new(move |_: &Gateway| _ = ready.send(()));
        let mut serving = tokio::spawn(serve(daemon, on_ready));
        tokio::select! {
            biased;
            Ok(()) = is_ready => {}
            ended = &mut serving => return Err(why_it_ended(ended)),
        }
        let view = Store::open_as(&config.state_dir, ctx.clock.clone(), Access::ReadOnly)?;
        Ok(Bot { shutdown, serving: Some(serving), view, telegram })
    }

    /// Whether the bot has done with an update: stored as ended, and all said that was to be said.
    pub(super) async fn has_ended(&self, update: i64) -> Result<bool, CommandError> {
        // It moves the offset beyond an update only after it has stored it.
        if self.telegram.confirmed_offset() <= update {
            return Ok(false);
        }
        let look = self.view.read(move |tx| {
            Ok(tx.pending_update(update)?.is_none() && tx.pending_rows_of(Some(update))?.is_empty())
        });
        Ok(look.await?)
    }

    /// Done only when the bot ends by itself, which it should not.
    pub(super) async fn failed(&mut self) -> CommandError {
        let Some(serving) = &mut self.serving else { return std::future::pending().await };
        let ended = serving.await;
        self.serving = None;
        why_it_ended(ended)
    }

    /// Ends the bot; what it has not answered by then stays unanswered.
    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        if let Some(mut serving) = self.serving
            && tokio::time::timeout(FAREWELL, &mut serving).await.is_err()
        {
            serving.abort();
            let _ = serving.await;
        }
        self.view.close().await;
    }
}

fn why_it_ended(ended: Result<Result<(), CommandError>, tokio::task::JoinError>) -> CommandError {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(())) => CommandError::new(ErrorKind::Bug, "the bot ended by itself"),
        Err(error) => CommandError::new(ErrorKind::Bug, "the bot met a bug").caused_by(&error),
    }
}
