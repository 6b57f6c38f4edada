//! `svs vip extend`: move the end of a VIP session.

use std::time::Duration;

use serde_json::{Value, json};

use super::ls::session_json;
use crate::admin::api::{ExtendRequest, Extended, KickTarget, path};
use crate::commands::{Ctx, parse_span};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::text::relative;
use crate::ui::{Body, Report, Style};

/// Move the end of a VIP session
///
/// It counts as activity. A session without an end stays without one: it is freed when it has been idle for long
/// enough.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs vip extend 42 --for 30m
  svs vip extend seat:2")]
pub(crate) struct ExtendArgs {
    /// A user id, seat:N, or @name as last used here
    #[arg(value_name = "WHO", value_parser = super::kick::parse_target)]
    who: KickTarget,
    /// How much later it ends, as in 30m [default: a full `seats.max_duration` from now]
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    by: Option<Duration>,
}

/// Lets the daemon do it.
pub(crate) async fn run(args: &ExtendArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request = ExtendRequest { for_ms: args.by.map(super::kick::ms) };
    let path = format!("{}/{}/extend", path::VIP, args.who);
    let asked = async { ctx.daemon().await?.post(&path, &request).await };
    Ok(Done(ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?))
}

struct Done(Extended);

impl Report for Done {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let session = &self.0.session;
        let who = super::kick::named(session.user, session.name.as_deref());
        let end = match session.ends_at {
            Some(end) => format!("ends {}", relative(end, now)),
            None => format!("has no end; idle it is freed {}", relative(session.expires_at, now)),
        };
        Body::Text(format!("the session of {who} (seat {}) {end}\n", session.seat))
    }

    fn json(&self) -> Value {
        json!({ "session": session_json(&self.0.session) })
    }

    fn brief(&self) -> String {
        format!("{}\n", self.0.session.user)
    }
}
