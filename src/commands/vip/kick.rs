//! `svs vip kick`: end a VIP session.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{KickRequest, KickTarget, Kicked, VipHold, VipSession, VipWaiting, path};
use crate::commands::{Ctx, parse_span, with_at};
use crate::domain::chat::UserId;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::telegram::Texts;
use crate::ui::text::{lines, one_line, relative, rfc3339};
use crate::ui::{Body, Report, Style, note};

use super::ls::{hold_json, session_json, waiting_json};

/// End a VIP session, a hold or a place in the line
///
/// The running answer is cut, the user is told and cannot take a seat again for the cool-off. The question and
/// --dry-run show what the user is told, in the language of --lang; the user reads it in their own.
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
    /// Everybody who sits or has a seat held
    #[arg(long, conflicts_with = "who")]
    all: bool,
    /// What the user is told, at most 200 characters
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
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
        ban_ms: args.ban.map(ms),
        silent: args.no_notify,
        dry_run: args.dry_run,
    };
    if !args.yes && !args.dry_run && !agreed(&target, &request, ctx).await? {
        return Err(CommandError::new(ErrorKind::Negative, "nobody was kicked"));
    }
    match kick(&target, &request, ctx).await {
        Err(error) if error.kind == ErrorKind::NotFound && args.if_exists => {
            let (sessions, holds, line, told) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let banned_until = None;
            Ok(Done::new(Kicked { sessions, holds, line, banned_until, told, dry_run: args.dry_run }, ctx))
        }
        result => result.map(|kicked| Done::new(kicked, ctx)),
    }
}

/// Shows whom the target means, and asks. Nobody there is an error before any question.
async fn agreed(target: &KickTarget, request: &KickRequest, ctx: &Ctx) -> Result<bool, CommandError> {
    if !ctx.is_interactive() {
        return Err(CommandError::new(ErrorKind::Usage, "nobody can be asked whether to end the session")
            .hint("add --yes"));
    }
    let preview = KickRequest { dry_run: true, ..request.clone() };
    let found = match kick(target, &preview, ctx).await {
        // The real attempt says it, or --if-exists forgives it.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
        result => Done::new(result?, ctx),
    };
    for told in &found.told {
        note(&format!("told: {told}"));
    }
    ctx.confirm(&format!("End {}?", names(&found.kicked)))
}

async fn kick(target: &KickTarget, request: &KickRequest, ctx: &Ctx) -> Result<Kicked, CommandError> {
    let path = format!("{}/{target}", path::VIP);
    let asked = async { ctx.daemon().await?.delete(&path, request).await };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await
}

fn names(kicked: &Kicked) -> String {
    let session = |session: &VipSession| {
        format!("the session of {} (seat {})", named(session.user, session.name.as_deref()), session.seat)
    };
    let hold = |hold: &VipHold| {
        format!("the hold of {} (seat {})", named(hold.user, hold.name.as_deref()), hold.seat)
    };
    let waiting = |waiting: &VipWaiting| {
        let who = named(waiting.user, waiting.name.as_deref());
        format!("the place of {who} in the line ({})", waiting.position)
    };
    let sessions = kicked.sessions.iter().map(session);
    let outside = kicked.holds.iter().map(hold).chain(kicked.line.iter().map(waiting));
    let names: Vec<String> = sessions.chain(outside).collect();
    if names.is_empty() { "no session".to_owned() } else { names.join(", ") }
}

/// A person by id, with the name last used here.
pub(super) fn named(user: UserId, name: Option<&str>) -> String {
    name.map_or_else(|| user.to_string(), |name| format!("{user} @{name}"))
}

struct Done {
    kicked: Kicked,
    /// What people are told.
    told: Vec<String>,
}

impl Done {
    fn new(kicked: Kicked, ctx: &Ctx) -> Done {
        let (texts, now) = (Texts::load(), ctx.clock.now());
        let words = |notice| texts.notice(ctx.language(), notice, now);
        Done { told: kicked.told.iter().map(words).collect(), kicked }
    }
}

impl Report for Done {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let verb = if self.kicked.dry_run { "would end" } else { "ended" };
        let ban = |until| format!("; a seat again {}", relative(until, now));
        let ban = self.kicked.banned_until.map_or_else(String::new, ban);
        let ended = format!("{verb} {}{ban}", names(&self.kicked));
        let told = self.told.iter().map(|told| format!("told: {}", one_line(told)));
        Body::Text(lines([ended].into_iter().chain(told)))
    }

    fn brief(&self) -> String {
        let holds = self.kicked.holds.iter().map(|hold| hold.user);
        let line = self.kicked.line.iter().map(|waiting| waiting.user);
        lines(self.kicked.sessions.iter().map(|session| session.user).chain(holds).chain(line))
    }

    fn json(&self) -> Value {
        json!({
            "kicked": self.kicked.sessions.iter().map(session_json).collect::<Vec<_>>(),
            "holds": self.kicked.holds.iter().map(hold_json).collect::<Vec<_>>(),
            "line": self.kicked.line.iter().map(waiting_json).collect::<Vec<_>>(),
            "banned_until": self.kicked.banned_until.and_then(rfc3339),
            "told": self.told,
            "dry_run": self.kicked.dry_run,
        })
    }
}

fn parse_reason(text: &str) -> Result<String, String> {
    let reason = text.trim();
    match reason.chars().count() {
        1..=200 => Ok(reason.to_owned()),
        _ => Err("a reason has 1 to 200 characters".to_owned()),
    }
}

pub(super) fn parse_target(text: &str) -> Result<KickTarget, String> {
    text.parse().map_err(|error: crate::admin::api::UnknownTarget| format!("{error}{}", with_at(text)))
}

/// A span for the wire.
pub(super) fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
