//! `svs route`: which key and model would serve a message, and why not the others. The same function decides for the
//! bot; here it is only asked.

use serde_json::{Value, json};

use crate::admin::keys;
use crate::domain::chat::RequestRef;
use crate::domain::key::{KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::{Classified, Message, classify};
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::roster::Roster;
use crate::domain::role::Role;
use crate::domain::router::first::first_decision;
use crate::domain::router::plan::{Decision, Plan, Request, Step};
use crate::domain::router::record::PlanRecord;
use crate::domain::router::told::told;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::telegram::{TELL_WAIT_AFTER, Texts};
use crate::ui::text::{count, lines, one_line, relative, rfc3339};
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

use super::input::{check_text, read_stdin};
use super::{Ctx, block_on, parse_key, parse_model, parse_role, parse_time, plan};

mod carried;
mod day;
mod lived;
mod state;

use carried::Carried;
use day::{Crowd, DayArgs};
use lived::LivedDay;
use state::{Found, StateSource, find_state};

/// Show which key and model would serve a message, simulate a day, add up what a day can carry
///
/// Decides as the bot does, but sends nothing and changes nothing. The same state, seed and time give the same
/// route: with the seed, time and state of a request that `svs explain` shows, the very same. Exits with 0 if there is a
/// route, 75 if nothing can serve now.
///
/// Where the person would read more than the answer, such as why there is none, it says so in the words of --lang.
///
/// With --n or --load a whole day passes by the same rules: queue, caps, seats, retries. It says who was served and
/// who was not, by which keys, and when each role ran dry.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs route --role vip --text 'prove that there are infinitely many primes'
  svs route --role normal --fail C1,C2        # as if these had just failed
  svs route --role guest --state empty -o json
  cat question.txt | svs route --role premium --text -
  svs route --n 1000 --load 3/min             # a simulated day, until midnight at most
  svs route --load 2/s --until 6h --role guest --fail D1,D2 -o csv
  svs route --capacity")]
pub(crate) struct RouteArgs {
    /// Whose rights: owner, vip, premium, normal or guest; in a simulation all of them if none is named
    #[arg(long, value_name = "ROLE", value_parser = parse_role, required_unless_present_any = ["n", "load", "capacity"])]
    role: Option<Role>,
    /// The message; - reads it from standard input
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Ask for this model, whatever the message is
    #[arg(short, long, value_name = "MODEL", value_parser = parse_model)]
    model: Option<ModelSlot>,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Act as if these keys had failed this message already; in a simulation they fail all day
    #[arg(long, value_name = "KEYS", value_delimiter = ',', value_parser = parse_key)]
    fail: Vec<KeyId>,
    /// The state of the pool: live (the daemon's), stored, empty (nothing sent yet), or a file
    ///
    /// A file holds what `GET /v1/snapshot` gives. Without this option: live where a daemon answers, else stored where
    /// there is a state, else empty. The output says which.
    #[arg(long, value_name = "STATE")]
    state: Option<StateSource>,
    /// The time, as in 2026-01-31T12:00:00Z [default: now; with a file: its own]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// A vip without a seat
    #[arg(long)]
    no_seat: bool,
    /// Say why the message is what it is, and what each step has spent of its budget
    #[arg(long)]
    explain: bool,
    /// Add up what a day can carry per role, model and project, and what is promised in vain
    #[arg(long, conflicts_with_all = ["role", "text", "model", "fail", "no_seat", "explain", "n", "load"])]
    capacity: bool,
    #[command(flatten)]
    day: DayArgs,
}

impl RouteArgs {
    /// Whether what is shown are rows: a day or a capacity, and not the steps of one message.
    pub(crate) const fn has_rows(&self) -> bool {
        self.capacity || self.day.is_wanted()
    }
}

/// Makes the plan, lives through a day, or adds up what a day can carry.
pub(crate) fn run(args: &RouteArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let found = block_on(find_state(args.state.as_ref(), args.at, ctx))?;
    if args.capacity {
        return Ok(Shown::Capacity(Carried::of(&found)));
    }
    let text = match args.text.as_deref() {
        Some("-") => Some(read_stdin()?),
        Some(text) => Some(check_text(text.to_owned())?),
        None => None,
    };
    if args.day.is_wanted() {
        let asked = Crowd { role: args.role, text: text.as_deref(), fail: &args.fail, seed: args.seed };
        return args
            .day
            .live(found, &asked, ctx.output.stdout_is_terminal)
            .map(|day| Shown::Day(Box::new(day)));
    }
    route(args, &text.unwrap_or_default(), found, ctx).map(Shown::Route)
}

fn route(args: &RouteArgs, text: &str, found: Found, ctx: &Ctx) -> Result<Route, CommandError> {
    // The grammar asks for it.
    let role = args.role.unwrap_or(Role::Guest);
    let Found { name: state, mut pool, at: now } = found;
    let tried = projects_of(&args.fail, &pool)?;
    let classified = classify(&Message::new(text));
    let seatless_vip = args.no_seat && role == Role::Vip;
    let request = Request {
        role: if seatless_vip { Role::Premium } else { role },
        seatless_vip,
        task: classified.task,
        choice: args.model,
        attempt: if tried.is_empty() { 1 } else { 2 },
        tried: &tried,
        given_up: &[],
    };
    let (made, decision) = first_decision(&mut pool, &request, args.seed, now);
    let used = args.explain.then(|| explained(&pool, &made, now));
    let (home, reset) = (pool.roster.home(request.role), pool.calendar.next_reset(now));
    let attempts = u32::try_from(tried.len()).unwrap_or(u32::MAX);
    // Its ref is drawn when it is asked.
    let notice = told(&made, &decision, home, attempts, reset, RequestRef("…".to_owned()));
    let language = ctx.language();
    let told = match decision {
        Decision::Wait(until) if until.since(now) > TELL_WAIT_AFTER => {
            Some(Texts::load().still_working(language, 1, until.since(now)))
        }
        _ => notice.map(|notice| Texts::load().notice(language, &notice, now)),
    };
    let plan = PlanRecord::from(&made);
    Ok(Route { role, seed: args.seed, state, at: now, classified, plan, decision, told, explained: used })
}

/// For each step what the choice between equals was made by: sends spent of the day's budget.
fn explained(pool: &KeyPool, plan: &Plan, now: Timestamp) -> Vec<(u32, u32)> {
    let moment = pool.calendar.moment(now);
    let used = |step: &Step| {
        let key = pool.roster.find(step.key)?;
        let state = pool.project(key);
        let budget = state.budget(&pool.roster.keys()[key].limits, step.model, &moment);
        Some((state.spent(step.model, &moment), budget))
    };
    plan.steps.iter().map(|step| used(step).unwrap_or_default()).collect()
}

/// The projects of keys that are said to have failed.
fn projects_of(keys: &[KeyId], pool: &KeyPool) -> Result<Vec<Project>, CommandError> {
    let project = |key: &KeyId| {
        let place = pool.roster.find(*key).ok_or_else(|| not_configured(*key, &pool.roster))?;
        Ok(pool.roster.keys()[place].project.clone())
    };
    keys.iter().map(project).collect()
}

fn not_configured(key: KeyId, roster: &Roster) -> CommandError {
    let known: Vec<KeyId> = roster.keys().iter().map(|known| known.id).collect();
    keys::unknown(&key.to_string(), &known)
}

struct Route {
    role: Role,
    seed: u64,
    state: String,
    at: Timestamp,
    classified: Classified,
    plan: PlanRecord,
    decision: Decision,
    /// What the person would read beside the answer, or instead of one.
    told: Option<String>,
    /// With `--explain`.
    explained: Option<Vec<(u32, u32)>>,
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
        let mut text = head;
        text += &lines(self.told.iter().map(|told| format!("the person reads: {}", one_line(told))));
        if self.explained.is_some() {
            text += &lines(self.classified.reasons.iter().map(|reason| format!("  {reason}")));
        }
        text += &plan::text(&self.plan, self.at, style);
        if let Some(used) = &self.explained {
            let mut table = Table::new("used", &["KEY", "MODEL", "SPENT", "BUDGET"]);
            for (step, (spent, budget)) in self.plan.steps.iter().zip(used) {
                let fields =
                    [step.key.to_string(), step.model.to_string(), spent.to_string(), budget.to_string()];
                table.plain_row(fields);
            }
            text += &table.aligned(style, None);
        }
        Body::Text(text)
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
            "used": self.explained.as_ref().map(|used| {
                used.iter().map(|(spent, budget)| json!({"spent": spent, "budget": budget})).collect::<Vec<_>>()
            }),
            "skipped": plan::skipped_json(&self.plan),
            "decision": decision,
            "until": until.and_then(rfc3339),
            "told": self.told,
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

/// One of the three things that can be asked.
enum Shown {
    Route(Route),
    Day(Box<LivedDay>),
    Capacity(Carried),
}

impl Shown {
    fn report(&self) -> &dyn Report {
        match self {
            Shown::Route(route) => route,
            Shown::Day(day) => &**day,
            Shown::Capacity(carried) => carried,
        }
    }
}

impl Report for Shown {
    fn body(&self, style: Style, now: Timestamp) -> Body {
        self.report().body(style, now)
    }

    fn csv(&self) -> Option<Table> {
        self.report().csv()
    }

    fn json(&self) -> Value {
        self.report().json()
    }

    fn brief(&self) -> String {
        self.report().brief()
    }

    fn notes(&self) -> Vec<String> {
        self.report().notes()
    }

    fn exit(&self) -> Exit {
        self.report().exit()
    }
}
