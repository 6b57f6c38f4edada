//! `svs vip kick`: end a VIP session.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Client;
use crate::admin::api::{KickRequest, KickTarget, Kicked, path};
use crate::commands::{Ctx, parse_span};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{count, relative, rfc3339};
use crate::ui::{Body, Report, Style, confirm};

use super::ls::session_json;

/// End a VIP session
///
/// The running answer is cut, the user is told and cannot take a seat again for the cool-off.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs vip kick 42
  svs vip kick seat:2 --reason 'too many images' --yes
  svs vip kick @ming --ban 1h --yes
  svs vip kick --all --dry-run")]
pub(crate) struct KickArgs {
    /// A user id, seat:N, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_target, required_unless_present = "all")]
    who: Option<KickTarget>,
    /// Everybody
    #[arg(long, conflicts_with = "who")]
    all: bool,
    /// What the user is told
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// How long the user cannot take a seat again, as in 1h [default: as configured]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    ban: Option<Duration>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Only say who would be kicked
    #[arg(long)]
    dry_run: bool,
    /// Do not tell the user
    #[arg(long)]
    no_notify: bool,
    /// Succeed when there is no such session
    #[arg(long)]
    if_exists: bool,
}

/// Asks, then lets the daemon do it.
pub(crate) async fn run(args: &KickArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let target = match &args.who {
        Some(target) => target.clone(),
        None => KickTarget::All,
    };
    let request = KickRequest {
        reason: args.reason.clone(),
        ban_ms: args.ban.map(|ban| u64::try_from(ban.as_millis()).unwrap_or(u64::MAX)),
        silent: args.no_notify,
        dry_run: args.dry_run,
    };
    if !args.yes && !args.dry_run && !agreed(&target, ctx).await? {
        return Err(CommandError::new(ErrorKind::Negative, "nobody was kicked"));
    }
    match kick(&target, &request, ctx).await {
        Err(error) if error.kind == ErrorKind::NotFound && args.if_exists => {
            Ok(Done(Kicked { sessions: Vec::new(), banned_until: None, dry_run: args.dry_run }))
        }
        result => result.map(Done),
    }
}

/// Shows whom the target means, and asks. Nobody there is an error before any question.
async fn agreed(target: &KickTarget, ctx: &Ctx) -> Result<bool, CommandError> {
    if !ctx.is_interactive() {
        return Err(CommandError::new(ErrorKind::Usage, "nobody can be asked whether to end the session")
            .hint("add --yes"));
    }
    let preview = KickRequest { dry_run: true, ..KickRequest::default() };
    let found = match kick(target, &preview, ctx).await {
        // The real attempt says it, or --if-exists forgives it.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
        result => result?,
    };
    let question = format!("End {}?", names(&found));
    confirm(&question).map_err(|error| {
        CommandError::new(ErrorKind::Usage, "the answer cannot be read").caused_by(&error).hint("add --yes")
    })
}

async fn kick(target: &KickTarget, request: &KickRequest, ctx: &Ctx) -> Result<Kicked, CommandError> {
    let path = format!("{}/{target}", path::VIP);
    let asked = async { Client::connect(ctx.socket.as_deref()).await?.delete(&path, request).await };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await
}

fn names(kicked: &Kicked) -> String {
    let name = |session: &crate::admin::api::VipSession| match &session.name {
        Some(name) => format!("{} (@{name}, seat {})", session.user, session.seat),
        None => format!("{} (seat {})", session.user, session.seat),
    };
    let names: Vec<String> = kicked.sessions.iter().map(name).collect();
    match names.as_slice() {
        [] => "no session".to_owned(),
        [one] => format!("the session of {one}"),
        many => format!("{} of {}", count(many.len(), "session"), many.join(", ")),
    }
}

struct Done(Kicked);

impl Report for Done {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let verb = if self.0.dry_run { "would end" } else { "ended" };
        let ban = |until| format!("; a seat again {}", relative(until, now));
        let ban = self.0.banned_until.map_or_else(String::new, ban);
        Body::Text(format!("{verb} {}{ban}\n", names(&self.0)))
    }

    fn json(&self) -> Value {
        json!({
            "kicked": self.0.sessions.iter().map(session_json).collect::<Vec<_>>(),
            "banned_until": self.0.banned_until.and_then(rfc3339),
            "dry_run": self.0.dry_run,
        })
    }
}

fn parse_target(text: &str) -> Result<KickTarget, String> {
    text.parse().map_err(|error: crate::admin::api::UnknownTarget| error.to_string())
}
