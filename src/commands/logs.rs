//! `svs logs`: the daemon's log, wherever its lines go.

use crate::admin::api::{LogsEvent, LogsRequest, path};
use crate::config::LogLevel;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Exit, Stream, note, with_schema};

use super::Ctx;
use super::signals::Signals;

pub(crate) mod level;

/// Show the daemon's log, or follow it
///
/// The last entries are kept by the daemon itself, whether its lines go to the journal, a file or a pipe that nobody
/// reads: 1000 of them, or what 256 KiB hold. What was written before its last start is where its lines go:
/// journalctl -u svs, docker logs svs-bot.
///
/// No entry holds a secret; people stand there under a hash (svs users ls -o jsonl has it as
/// `log_name`), or under their id with log.ids.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  svs logs -n 20
  svs logs -f --level warn
  svs logs -f -o json | jq .message
  svs logs level debug --for 10m"
)]
pub(crate) struct LogsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LogsCommand>,
    /// Show what comes as well, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// How many of the last entries
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    lines: u32,
    /// Only what is at least as important: error, warn, info, debug, trace
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    level: Option<LogLevel>,
}

/// What else can be done with the log.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum LogsCommand {
    Level(level::LevelArgs),
}

/// A level by name.
fn parse_level(text: &str) -> Result<LogLevel, String> {
    LogLevel::of_name(&text.to_ascii_lowercase())
        .ok_or_else(|| "no such level (error, warn, info, debug, trace)".to_owned())
}

/// Prints entries as they come.
pub(crate) async fn run(args: &LogsArgs, ctx: &Ctx) -> Result<Exit, CommandError> {
    let mut signals = Signals::listen()?;
    let request = LogsRequest { lines: args.lines, level: args.level, follow: args.follow };
    let told = async {
        let mut lines = ctx.daemon().await?.lines(path::LOGS, &request).await?;
        let mut out = Stream::stdout();
        while let Some(event) = lines.next::<LogsEvent>().await? {
            let line = match event {
                LogsEvent::Entry(entry) if ctx.output.format.is_json() => {
                    with_schema(entry.json()).to_string()
                }
                LogsEvent::Entry(entry) => entry.text(ctx.output.stdout.is_enabled()),
                LogsEvent::Missed(count) => {
                    note(&format!("{count} entries came too fast to be shown"));
                    continue;
                }
            };
            if out.write(&(line + "\n")).is_err() {
                return Ok(Exit::OK);
            }
        }
        if args.follow {
            return Err(CommandError::new(ErrorKind::Unavailable, "the daemon has ended"));
        }
        Ok(Exit::OK)
    };
    if !args.follow {
        return ctx.within(std::time::Duration::from_secs(10), "the daemon's answer", told).await;
    }
    tokio::select! {
        told = told => told,
        came = signals.next() => came.ends_talk(),
    }
}
