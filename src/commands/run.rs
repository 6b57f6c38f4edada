//! `svs run`: the bot as a service.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::context::Ctx;
use super::daemon::{Daemon, serve};
use super::init;
use super::supervisor::Supervisor;
use crate::config::{Flag, Running, into_command_error, load};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::telemetry::{Otlp, Vitals, start_log};
use crate::ui::{confirm, emit};

/// Run the bot
///
/// Polls Telegram, answers with Gemini, and opens the control socket for the other commands. Ends on SIGTERM or
/// Ctrl-C: what is being answered is finished first (25 seconds at most); a second signal ends it at once.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs run
  svs run --config /etc/svs/svs.toml
  svs run --listen 127.0.0.1:8080 --log-format json
  svs run --check-config   # says what is wrong and ends")]
pub(crate) struct RunArgs {
    /// Only check the configuration
    #[arg(long)]
    pub(crate) check_config: bool,
    /// Serve /health, /ready and /metrics there; "on" is 127.0.0.1:8080, see http.listen in svs.toml
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// How lines of the log look: text for people, json, journal (its priority in front); auto finds out
    #[arg(long, value_name = "FORMAT", value_parser = ["auto", "text", "json", "journal"])]
    pub(crate) log_format: Option<String>,
}

impl RunArgs {
    /// The settings that flags overrule.
    fn flags(&self) -> Vec<Flag> {
        let flag = |setting, name, value: &Option<String>| {
            value.as_ref().map(|value| Flag { setting, name, value: value.into() })
        };
        let flags = [
            flag("http.listen", "--listen", &self.listen),
            flag("log.format", "--log-format", &self.log_format),
        ];
        flags.into_iter().flatten().collect()
    }
}

/// Runs until it is told to end.
pub(crate) async fn run(args: &RunArgs, ctx: &Ctx) -> Result<(), CommandError> {
    let mut options = ctx.load_options();
    options.dot_env_in = std::env::current_dir().ok();
    options.flags = args.flags();
    let mut loaded = load(&options).map_err(|problems| into_command_error(&problems))?;
    let mut missing = loaded.config.missing_for_run();
    if !missing.is_empty() && loaded.file.is_none() && ctx.config.is_none() {
        let error = into_command_error(&missing).hint("svs init asks for all of it and writes svs.toml");
        if args.check_config || !ctx.is_interactive() || !offered()? {
            return Err(error);
        }
        let made = init::run_wizard(ctx).await?;
        emit(&made, &ctx.output, ctx.clock.now())?;
        loaded = load(&options).map_err(|problems| into_command_error(&problems))?;
        missing = loaded.config.missing_for_run();
    }
    if !missing.is_empty() {
        return Err(into_command_error(&missing));
    }
    if args.check_config {
        return Ok(());
    }
    let vitals = Vitals::default();
    let log = &loaded.config.log;
    let log = start_log(log.level, log.format, ctx.output.stderr.is_enabled(), &vitals)
        .map_err(|error| CommandError::new(ErrorKind::Bug, "the log cannot be written").caused_by(&error))?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let otlp = Otlp::of_environment(&options.env);
    let shutdown = CancellationToken::new();
    let mut signals = Signals::listen()?;
    let supervisor = Supervisor::default();
    let daemon = Daemon {
        config: Arc::clone(&loaded.config),
        clock: ctx.clock.clone(),
        vitals,
        shutdown: shutdown.clone(),
        running: Some(Running::new(options, &loaded)),
        hangups: Arc::clone(&signals.hangups),
        control: true,
        logs: Some(log.logs.clone()),
        supervisor: supervisor.clone(),
        otlp,
    };
    let keys = loaded.config.keys.len();
    let told = (daemon.vitals.clone(), ctx.clock.clone(), shutdown.clone());
    let ready = Box::new(move |gateway: &Gateway| {
        tracing::info!(keys, version = env!("CARGO_PKG_VERSION"), "svs is ready");
        let (vitals, clock, shutdown) = told;
        supervisor.keep_told(gateway.clone(), vitals, clock, shutdown);
    });
    let serving = serve(daemon, ready);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => return ended,
        name = signals.next() => name,
    };
    tracing::info!(signal = ended, "ending: what is being answered is finished first");
    Supervisor::stopping();
    shutdown.cancel();
    tokio::select! {
        ended = &mut serving => ended,
        name = signals.next() => {
            let message = format!("ended at once by a second signal ({name})");
            Err(CommandError::new(ErrorKind::Interrupted, message).hint("what was not answered is answered at the next start"))
        }
    }
}

/// Asks a person who has no configuration whether to make one.
fn offered() -> Result<bool, CommandError> {
    confirm("There is no configuration yet. Make one now?").map_err(|error| {
        let kind = match error.kind() {
            std::io::ErrorKind::Interrupted => ErrorKind::Interrupted,
            _ => ErrorKind::Config,
        };
        CommandError::new(kind, "the answer cannot be read").caused_by(&error).hint("svs init")
    })
}

/// The signals that end the daemon, and the one that has it read its configuration again.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    hangups: Arc<Notify>,
}

impl Signals {
    fn listen() -> Result<Signals, CommandError> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                CommandError::new(ErrorKind::Bug, "signals cannot be received").caused_by(&error)
            })
        };
        Ok(Signals {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
            hangups: Arc::default(),
        })
    }

    /// Waits for a signal that ends the daemon, and names it.
    async fn next(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.hangup.recv() => self.hangups.notify_one(),
            }
        }
    }
}
