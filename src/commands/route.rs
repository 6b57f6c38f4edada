//! `svs route`: which key and model would serve a message, and why not the others. The same function decides for the
//! bot; here it is only asked.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Client;
use crate::admin::api::path;
use crate::clock::pacific_calendar;
use crate::domain::key::{KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::{Classified, Message, classify};
use crate::domain::pool::key_pool::{KeyPool, Snapshot};
use crate::domain::role::Role;
use crate::domain::router::plan::{Decision, Request, Step, plan as make_plan};
use crate::domain::router::record::PlanRecord;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{count, relative, rfc3339};
use crate::ui::{Body, Exit, Paint, Report, Style};

use super::input::{check_text, read_stdin};
use super::pool::unused_pool;
use super::{Ctx, block_on, parse_key, parse_model, parse_role, parse_time, plan};

/// The largest file of a state.
const LARGEST_STATE: u64 = 64 * 1024 * 1024;

/// Show which key and model would serve a message, and why not the others
///
/// Decides as the bot does, but sends nothing and changes nothing. The same state, seed and time give the same
/// route. Exits with 0 if there is a route, 75 if nothing can serve now.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs route --role vip --text 'prove that there are infinitely many primes'
  svs route --role normal --fail C1,C2        # as if these had just failed
  svs route --role guest --state empty -o json
  cat question.txt | svs route --role premium --text -")]
pub(crate) struct RouteArgs {
    /// Whose rights: owner, vip, premium, normal or guest
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Role,
    /// The message; - reads it from standard input
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,
    /// Ask for this model, whatever the message is
    #[arg(short, long, value_name = "MODEL", value_parser = parse_model)]
    model: Option<ModelSlot>,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Act as if these keys had failed this message already
    #[arg(long, value_name = "KEYS", value_delimiter = ',', value_parser = parse_key)]
    fail: Vec<KeyId>,
    /// The state of the pool: live (the daemon's), empty (nothing sent yet), or a file
    ///
    /// A file holds what `GET /v1/snapshot` gives. Without this option: live where a daemon answers, else empty.
    #[arg(long, value_name = "STATE")]
    state: Option<StateSource>,
    /// The time, as in 2026-01-31T12:00:00Z [default: now; with a file: its own]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// A vip without a seat
    #[arg(long)]
    no_seat: bool,
}

/// Where the state of the pool comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
enum StateSource {
    Live,
    Empty,
    File(PathBuf),
}

impl From<std::ffi::OsString> for StateSource {
    fn from(text: std::ffi::OsString) -> StateSource {
        match text.to_str() {
            Some("live") => StateSource::Live,
            Some("empty") => StateSource::Empty,
            _ => StateSource::File(text.into()),
        }
    }
}

/// Makes the plan.
pub(crate) fn run(args: &RouteArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let text = if args.text == "-" { read_stdin()? } else { check_text(args.text.clone())? };
    let found = find_state(args.state.as_ref(), ctx)?;
    let now = args.at.or(found.at).unwrap_or_else(|| ctx.clock.now());
    let pool = if let Some(snapshot) = found.snapshot {
        KeyPool::from_snapshot(snapshot, Arc::new(pacific_calendar(now)))
    } else {
        let loaded = ctx.load()?;
        loaded.config.require_keys()?;
        unused_pool(&loaded.config, now)
    };
    let tried = projects_of(&args.fail, &pool)?;
    let classified = classify(&Message::new(&text));
    let seatless_vip = args.no_seat && args.role == Role::Vip;
    let request = Request {
        role: if seatless_vip { Role::Premium } else { args.role },
        seatless_vip,
        task: classified.task,
        choice: args.model,
        attempt: if tried.is_empty() { 1 } else { 2 },
        tried: &tried,
        given_up: &[],
    };
    let made = make_plan(&pool, &request, args.seed, now);
    let decision = made.decide(now, now + pool.rules.router.max_wait);
    let plan = PlanRecord::from(&made);
    Ok(Route { role: args.role, seed: args.seed, state: found.name, at: now, classified, plan, decision })
}

/// A state of the pool.
struct Found {
    name: String,
    /// None: nothing sent yet.
    snapshot: Option<Snapshot>,
    /// The time of the snapshot, where it is not the present.
    at: Option<Timestamp>,
}

fn find_state(source: Option<&StateSource>, ctx: &Ctx) -> Result<Found, CommandError> {
    let empty = || Found { name: "empty".to_owned(), snapshot: None, at: None };
    match source {
        Some(StateSource::Empty) => Ok(empty()),
        Some(StateSource::File(path)) => {
            let snapshot = read_state(path)?;
            let at = Some(snapshot.at);
            Ok(Found { name: path.display().to_string(), snapshot: Some(snapshot), at })
        }
        Some(StateSource::Live) => block_on(live(ctx)).map_err(|error| error.hint("or use --state empty")),
        None => match block_on(live(ctx)) {
            Err(error) if error.kind == ErrorKind::Unavailable && ctx.socket_of_flag.is_none() => Ok(empty()),
            found => found,
        },
    }
}

async fn live(ctx: &Ctx) -> Result<Found, CommandError> {
    let asked = async { Client::connect(ctx.socket.as_deref()).await?.get::<Snapshot>(path::SNAPSHOT).await };
    let snapshot = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    Ok(Found { name: "live".to_owned(), snapshot: Some(snapshot), at: None })
}

fn read_state(path: &Path) -> Result<Snapshot, CommandError> {
    let bad = |error: &(dyn std::error::Error + 'static)| {
        CommandError::new(ErrorKind::BadInput, format!("{} holds no state of the pool", path.display()))
            .caused_by(error)
    };
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| bad(&error))?;
    file.take(LARGEST_STATE).read_to_end(&mut text).map_err(|error| bad(&error))?;
    serde_json::from_slice(&text).map_err(|error| bad(&error))
}

/// The projects of keys that are said to have failed.
fn projects_of(keys: &[KeyId], pool: &KeyPool) -> Result<Vec<Project>, CommandError> {
    let project = |key: &KeyId| {
        let place = pool.roster.find(*key).ok_or_else(|| {
            CommandError::new(ErrorKind::NotFound, format!("key {key} is not configured"))
                .hint("svs config show keys lists the keys")
        })?;
        Ok(pool.roster.keys()[place].project.clone())
    };
    keys.iter().map(project).collect()
}

struct Route {
    role: Role,
    seed: u64,
    state: String,
    at: Timestamp,
    classified: Classified,
    plan: PlanRecord,
    decision: Decision,
}

impl Route {
    fn first(&self) -> Option<&Step> {
        self.plan.steps.first()
    }

    /// What the bot would do, in a word, and until when it would wait or refuse.
    fn decision(&self) -> (&'static str, Option<Timestamp>) {
        match self.decision {
            Decision::Send(_) => ("send", None),
            Decision::Wait(until) => ("wait", Some(until)),
            Decision::Refuse { until, .. } => ("refuse", (until < Timestamp::NEVER).then_some(until)),
        }
    }
}

impl Report for Route {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let (decision, until) = self.decision();
        let until = until.map_or_else(String::new, |until| format!(" {}", relative(until, self.at)));
        let head = format!(
            "{} asks for {}, wishes {} (state {}, seed {}): {}{until}\n",
            self.role,
            self.classified.task.name(),
            self.plan.wished,
            self.state,
            self.seed,
            style.paint(Paint::Strong, decision),
        );
        Body::Text(head + &plan::text(&self.plan, self.at, style))
    }

    fn json(&self) -> Value {
        let (decision, until) = self.decision();
        json!({
            "role": self.role.name(),
            "task": self.classified.task.name(),
            "reasons": self.classified.reasons,
            "model": self.first().map_or(self.plan.wished, |step| step.model).name(),
            "wished": self.plan.wished.name(),
            "steps": plan::steps_json(&self.plan),
            "skipped": plan::skipped_json(&self.plan),
            "decision": decision,
            "until": until.and_then(rfc3339),
            "state": self.state,
            "seed": self.seed,
            "at": rfc3339(self.at),
        })
    }

    fn brief(&self) -> String {
        self.first().map_or_else(String::new, |step| format!("{} {}\n", step.key, step.model))
    }

    fn notes(&self) -> Vec<String> {
        vec![format!("{}, {} skipped", count(self.plan.steps.len(), "step"), self.plan.skipped.len())]
    }

    fn exit(&self) -> Exit {
        if self.plan.steps.is_empty() { Exit(ErrorKind::TryAgain.exit_code()) } else { Exit::OK }
    }
}
