//! `svs health`: whether the daemon lives, for who restarts it otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Client;
use crate::admin::api::{Status, path};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{relative, rfc3339, span};
use crate::ui::{Body, Report, Style};

use super::Ctx;
use super::status::POLL_STALL;

/// Whether the daemon lives: it answers, and Telegram answers it
///
/// For the health check of a container, and whoever restarts what does not live. What a restart does not mend is no
/// matter here: svs status tells of keys and budgets.
///
/// Exits with 0 if it lives and 1 if not, whatever the reason. Waits for 3 seconds at most, or --timeout.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs health
  svs health -q --socket /run/svs/control.sock
  HEALTHCHECK CMD [\"/svs\", \"health\", \"-q\"]   # in a Dockerfile")]
pub(crate) struct HealthArgs {}

/// Asks the daemon.
pub(crate) async fn run(_: &HealthArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async { Client::connect(ctx.socket.as_deref()).await?.get::<Status>(path::STATUS).await };
    let answered = ctx.within(Duration::from_secs(3), "the daemon's answer", asked).await;
    let status = answered.map_err(|error| CommandError { kind: ErrorKind::Negative, ..error })?;
    let silent = status.now.since(status.last_poll.unwrap_or(status.started_at));
    if silent > POLL_STALL {
        let message = format!("no answer from Telegram for {}", span(silent));
        return Err(CommandError::new(ErrorKind::Negative, message).hint("svs doctor --online"));
    }
    Ok(Alive(status))
}

struct Alive(Status);

impl Report for Alive {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let polled = self
            .0
            .last_poll
            .map_or_else(|| "not yet polled".to_owned(), |at| format!("polled {}", relative(at, self.0.now)));
        Body::Text(format!("alive: up {}, {polled}\n", span(self.0.now.since(self.0.started_at))))
    }

    fn json(&self) -> Value {
        json!({
            "alive": true,
            "uptime_s": self.0.now.since(self.0.started_at).as_secs(),
            "last_poll": self.0.last_poll.and_then(rfc3339),
        })
    }
}
