//! `svs vip grant`: make somebody vip and seat them.

use std::time::Duration;

use serde_json::{Value, json};

use super::ls::session_json;
use crate::admin::api::{GrantRequest, Granted, path};
use crate::commands::{Ctx, parse_span, parse_who};
use crate::domain::chat::Who;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::text::{lines, relative, rfc3339};
use crate::ui::{Body, Report, Style};

/// Make somebody vip and give them a seat
///
/// They are seated at once, past the line and any cool-off, and told. Who is vip already keeps that role if it lasts
/// longer.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs vip grant 42
  svs vip grant @ming --for 30m
  svs vip grant 42 --for 1d --evict-oldest")]
pub(crate) struct GrantArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
    /// How long they are vip and sit, as in 30m [default: vip without end, the seat as configured]
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    length: Option<Duration>,
    /// If every seat is taken, end the longest session for it
    #[arg(long)]
    evict_oldest: bool,
}

/// Lets the daemon do it.
pub(crate) async fn run(args: &GrantArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request = GrantRequest { for_ms: args.length.map(super::kick::ms), evict_oldest: args.evict_oldest };
    let path = format!("{}/{}/grant", path::VIP, args.who);
    let asked = async { ctx.daemon().await?.post(&path, &request).await };
    Ok(Done(ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?))
}

struct Done(Granted);

impl Report for Done {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let Granted { session, role_until, evicted } = &self.0;
        let who = super::kick::named(session.user, session.name.as_deref());
        let end = |at: Option<Timestamp>| match at {
            Some(at) => format!("ends {}", relative(at, now)),
            None => "has no end".to_owned(),
        };
        let (session_end, role_end) = (end(session.ends_at), end(*role_until));
        let seated =
            format!("seated {who} on seat {}; the session {session_end}, the role {role_end}", session.seat);
        let ended = evicted.map(|evicted| format!("ended the session of {evicted} for it"));
        Body::Text(lines([seated].into_iter().chain(ended)))
    }

    fn json(&self) -> Value {
        json!({
            "session": session_json(&self.0.session),
            "role_until": self.0.role_until.and_then(rfc3339),
            "evicted": self.0.evicted,
        })
    }

    fn brief(&self) -> String {
        format!("{}\n", self.0.session.user)
    }
}
