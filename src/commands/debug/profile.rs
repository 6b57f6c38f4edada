//! `svs debug profile`: where the daemon's time on processors goes.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::admin::api::{LONGEST_PROFILE, Profile, ProfileRequest, path};
use crate::commands::Ctx;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::span;
use crate::ui::{Exit, note, print_raw};

/// What the daemon needs to draw, beyond the time it looks: names are looked up in the whole binary.
const DRAWING: Duration = Duration::from_mins(2);

/// Take a CPU flamegraph of the running daemon
///
/// The daemon must be built with the feature profiling, and not be stripped of its names:
/// cargo build --profile profiling --features profiling. The drawing is a page for a browser; -o names its file, and
/// without it goes to standard output. It holds names of functions and nothing of anybody.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs debug profile -o flame.svg
  svs debug profile --seconds 30 -o /tmp/flame.svg
  svs debug profile > flame.svg")]
pub(crate) struct ProfileArgs {
    /// For how long
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_PROFILE)))]
    seconds: u32,
    /// Of -o; none: standard output.
    #[arg(skip)]
    pub(crate) file: Option<PathBuf>,
}

/// Asks the daemon, and writes the drawing.
pub(crate) async fn run(args: &ProfileArgs, ctx: &Ctx) -> Result<Exit, CommandError> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    if file.is_none() && args.file.is_none() && std::io::stdout().is_terminal() {
        let error = CommandError::new(ErrorKind::Usage, "the drawing is nothing for a terminal");
        return Err(error.hint("svs debug profile -o flame.svg"));
    }
    let client = ctx.daemon().await?;
    let looking = Duration::from_secs(args.seconds.into());
    let request = ProfileRequest { seconds: args.seconds };
    let asked = client.post::<_, Profile>(path::PROFILE, &request);
    let profile = ctx.within(looking + DRAWING, "the profile", asked).await?;
    let place = if let Some(file) = file {
        fs::write(file, &profile.svg).map_err(|error| {
            let message = format!("{} cannot be written", file.display());
            CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error)
        })?;
        format!(": {}", file.display())
    } else {
        // Who closes the pipe has seen enough.
        let _ = print_raw(&profile.svg);
        String::new()
    };
    if !ctx.output.quiet {
        let took = span(Duration::from_millis(profile.took_ms));
        note(&format!("{} samples in {took}{place}", profile.samples));
    }
    if !profile.is_named {
        note(
            "no function of svs has a name there: build it with cargo build --profile profiling --features profiling",
        );
    }
    Ok(Exit::OK)
}
