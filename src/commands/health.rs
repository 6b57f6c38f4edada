//! `svs health`: whether the daemon lives, for who restarts it otherwise.

use std::time::Duration;

use reqwest::Url;
use serde_json::{Map, Value};

use crate::admin::api::{Status, path};
use crate::admin::http::fetch;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{one_line, span};
use crate::ui::{Body, Report, Style};

use super::Ctx;

/// Whether the daemon lives: it answers, polls Telegram and can store what comes
///
/// For the health check of a container, and whoever restarts what does not live. What a restart does not mend is no
/// matter here, be it keys, budgets or Telegram itself: svs status tells of these, and /ready.
///
/// Asks at the control socket; with --url at an address that the daemon serves (svs run --listen), be it /health or
/// /ready.
///
/// Exits with 0 if it lives and 1 if not, whatever the reason. Waits for 3 seconds at most, or --timeout.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs health
  svs health -q --socket /run/svs/control.sock
  svs health --url http://127.0.0.1:8080/ready
  HEALTHCHECK CMD [\"/svs\", \"health\", \"-q\"]   # in a Dockerfile")]
pub(crate) struct HealthArgs {
    /// Ask this address instead of the control socket; without a path, /health there
    #[arg(long, value_name = "URL", conflicts_with = "socket", value_parser = parse_url)]
    url: Option<Url>,
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = text.parse::<Url>().ok().filter(|url| url.scheme() == "http" && url.has_host());
    let mut url = url.ok_or_else(|| "an address like http://127.0.0.1:8080 is needed".to_owned())?;
    if url.path() == "/" {
        url.set_path("/health");
    }
    Ok(url)
}

/// Asks the daemon.
pub(crate) async fn run(args: &HealthArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        match &args.url {
            Some(url) => over_http(url).await,
            None => over_socket(ctx).await,
        }
    };
    let answered = ctx.within(Duration::from_secs(3), "the daemon's answer", asked).await;
    answered.map_err(|error| CommandError { kind: ErrorKind::Negative, ..error })
}

async fn over_socket(ctx: &Ctx) -> Result<Alive, CommandError> {
    let status = ctx.daemon().await?.get::<Status>(path::STATUS).await?;
    if let Some(fault) = status.fault {
        return Err(sick(&fault));
    }
    let seconds = |since| status.now.since(since).as_secs();
    Ok(Alive { uptime: Some(seconds(status.started_at)), poll_age: status.last_poll.map(seconds) })
}

async fn over_http(url: &Url) -> Result<Alive, CommandError> {
    let fetched = fetch(url).await?;
    let body: Map<String, Value> = serde_json::from_slice(fetched.body.as_bytes()).unwrap_or_default();
    if fetched.status == 200 {
        let seconds = |name: &str| body.get(name).and_then(Value::as_u64);
        return Ok(Alive { uptime: seconds("uptime_s"), poll_age: seconds("poll_age_s") });
    }
    let mut reasons = reasons(&body);
    if reasons.is_empty() {
        reasons.push(format!("{url} answered {}", fetched.status));
    }
    Err(sick(&reasons.join(", ")))
}

/// Why not, as `/health` or `/ready` says it.
fn reasons(body: &Map<String, Value>) -> Vec<String> {
    let parts = body.values().filter_map(|part| part.get("why"));
    body.get("why")
        .into_iter()
        .chain(parts)
        .filter_map(Value::as_str)
        .map(|why| one_line(why).into_owned())
        .collect()
}

fn sick(why: &str) -> CommandError {
    CommandError::new(ErrorKind::Negative, why).hint("svs doctor --online")
}

struct Alive {
    /// Seconds, where it was told.
    uptime: Option<u64>,
    /// Seconds; none: not yet.
    poll_age: Option<u64>,
}

impl Report for Alive {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let told = |seconds: u64| span(Duration::from_secs(seconds));
        let uptime = self.uptime.map(|seconds| format!("up {}", told(seconds)));
        let polled = match self.poll_age {
            Some(seconds) => format!("polled {} ago", told(seconds)),
            None => "not yet polled".to_owned(),
        };
        let said: Vec<String> = uptime.map(|uptime| [uptime, polled].to_vec()).unwrap_or_default();
        Body::Text(if said.is_empty() {
            "ready\n".to_owned()
        } else {
            format!("alive: {}\n", said.join(", "))
        })
    }

    fn json(&self) -> Value {
        serde_json::json!({ "alive": true, "uptime_s": self.uptime, "poll_age_s": self.poll_age })
    }
}
