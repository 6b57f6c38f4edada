//! `svs logs level`: how much the daemon writes to its log.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{LevelRequest, LevelState, path};
use crate::commands::{Ctx, parse_span};
use crate::config::LogLevel;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::text::{lines, relative, rfc3339};
use crate::ui::{Body, Report, Style};

/// Show or change how much the daemon logs
///
/// Without a level it is shown. A change holds until the daemon ends, or for the time given with --for; the
/// configuration (log.level) stays as it is. At debug and trace the log may hold what people write.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs logs level
  svs logs level debug --for 10m
  svs logs level reset")]
pub(crate) struct LevelArgs {
    /// error, warn, info, debug or trace; reset: that of the configuration
    #[arg(value_name = "LEVEL", value_parser = parse_wish)]
    level: Option<Wish>,
    /// Go back to the configured level after this long, as in 10m
    #[arg(long = "for", value_name = "SPAN", requires = "level", value_parser = parse_span)]
    span: Option<Duration>,
}

/// What is wished for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wish {
    Level(LogLevel),
    Reset,
}

fn parse_wish(text: &str) -> Result<Wish, String> {
    if text == "reset" {
        return Ok(Wish::Reset);
    }
    super::parse_level(text).map(Wish::Level).map_err(|why| why.replace(')', ", reset)"))
}

/// Asks the daemon, or tells it.
pub(crate) async fn run(args: &LevelArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        let client = ctx.daemon().await?;
        let Some(wish) = args.level else { return client.get::<LevelState>(path::LOGS_LEVEL).await };
        let level = match wish {
            Wish::Level(level) => Some(level),
            Wish::Reset => None,
        };
        let for_ms = args.span.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        client
            .put(path::LOGS_LEVEL, &LevelRequest { level, for_ms: for_ms.filter(|_| level.is_some()) })
            .await
    };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await.map(Level)
}

struct Level(LevelState);

impl Report for Level {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let LevelState { now, level, configured, until, dropped } = self.0;
        let until = until.map(|until| format!(", {} again {}", configured.name(), relative(until, now)));
        let for_good = (level != configured)
            .then(|| format!(" until the daemon ends; {} is configured", configured.name()));
        let said = level.name().to_owned() + &until.or(for_good).unwrap_or_default();
        let lost = (dropped > 0).then(|| format!("{dropped} lines found no room and were dropped"));
        Body::Text(lines(std::iter::once(said).chain(lost)))
    }

    fn json(&self) -> Value {
        json!({
            "level": self.0.level.name(),
            "configured": self.0.configured.name(),
            "until": self.0.until.and_then(rfc3339),
            "log_lines_dropped": self.0.dropped,
        })
    }

    fn brief(&self) -> String {
        format!("{}\n", self.0.level.name())
    }
}
