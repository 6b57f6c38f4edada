//! `svs keys check`: which keys Google takes.

use std::path::PathBuf;
use std::time::Duration;

use crate::admin::Client;
use crate::admin::api::{CheckEvent, CheckRequest, CheckedKey, KeyState, Via, path};
use crate::admin::check::{Tools, check_keys, selected};
use crate::commands::here::Here;
use crate::commands::{Ctx, parse_group, parse_key, parse_model, parse_span};
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Format, Progress, Report, note};

mod on_change;
mod report;

pub(super) use report::own_or_named;
use report::{Checked, FailOn};

/// Ask Google about each key; spends no quota
///
/// Lists the models a key may use, which is free. With --via generate each key is asked for one token, which is sent,
/// paced and counted like every request. Where a daemon runs, it checks its own keys; else those of the configuration
/// are checked. A key that Google rejects is sent nothing more; one that it takes again comes back.
///
/// Finds keys that are invalid, expired, leaked, suspended, restricted or without the API, configured models that Google
/// does not list, keys that are listed twice, and keys that share a project and are not known to.
///
/// Exits with 0 if all is well, 1 if something is not but every group can serve, 2 if a group cannot, 3 if that could
/// not be found out.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys check
  svs keys check --group A --concurrency 8
  svs keys check -q                    # only the keys that are not good
  svs keys check --fail-on group -o nagios
  svs keys check --via generate --rate 10/m
  svs keys check -q --on-change /var/lib/svs/keys.last   # for a timer that mails what it prints
  svs keys check --json | jq -r '.keys[] | select(.state != \"ok\").key'")]
pub(crate) struct CheckArgs {
    /// Only keys of these groups
    #[arg(short, long, value_name = "GROUPS", value_delimiter = ',', value_parser = parse_group)]
    group: Vec<Group>,
    /// Only these keys, as in A3
    #[arg(short, long, value_name = "KEYS", value_delimiter = ',', value_parser = parse_key)]
    key: Vec<KeyId>,
    /// What each key is asked for: the list of models, which is free, or one token, which is counted
    #[arg(long, value_name = "WHAT", default_value = "models")]
    via: ViaArg,
    /// The model that is asked for a token [default: flash-lite]
    #[arg(short, long, value_name = "MODEL", value_parser = parse_model)]
    model: Option<ModelSlot>,
    /// How many at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    concurrency: u32,
    /// How many tokens are asked for in a time [default: 10/m]
    #[arg(long, value_name = "N/UNIT", value_parser = parse_rate)]
    rate: Option<Duration>,
    /// What makes the command fail: anything that is not well, a group that cannot serve, or nothing short of all keys
    #[arg(long, value_name = "WHAT", default_value = "any")]
    fail_on: FailOn,
    /// Let the last check answer where it is younger than this; 0: ask in any case
    #[arg(long, value_name = "SPAN", default_value = "0", value_parser = parse_age)]
    cached: Duration,
    /// Print and fail only if the result differs from that in FILE, and write it there; without FILE it differs
    #[arg(long, value_name = "FILE")]
    on_change: Option<PathBuf>,
}

/// What each key is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum ViaArg {
    /// The list of models: free
    Models,
    /// One token: a send, debited and counted
    Generate,
}

/// The pace of generations that nobody chose otherwise.
const USUAL_PAUSE: Duration = Duration::from_secs(6);

/// Checks in the daemon where one runs, else here. None: nothing has changed, so nothing is said.
pub(crate) async fn run(args: &CheckArgs, ctx: &Ctx) -> Result<Option<impl Report + use<>>, CommandError> {
    let request = request(args)?;
    if args.on_change.is_some() && ctx.output.format == Format::Nagios {
        return Err(CommandError::new(ErrorKind::Usage, "a monitoring system must always be answered")
            .hint("leave out --on-change or -o nagios"));
    }
    let before = args.on_change.as_deref().map(on_change::read).transpose()?;
    let work = async {
        match ctx.find_daemon().await? {
            Some(client) => in_daemon(client, &request, ctx).await,
            None => here(&request, ctx).await,
        }
    };
    // A send every so often takes as long as it takes.
    let patience = match request.via {
        Via::Models => Duration::from_mins(5),
        Via::Generate => Duration::from_hours(2),
    };
    let mut keys = ctx.within(patience, "the check", work).await?;
    if keys.is_empty() {
        return Err(CommandError::new(ErrorKind::NotFound, "no key is meant by --group and --key")
            .hint("svs keys ls"));
    }
    keys.sort_by_key(|checked| checked.key);
    let mut checked = Checked::new(keys, args.fail_on);
    checked.is_picked = !args.key.is_empty();
    if let (Some(path), Some(before)) = (&args.on_change, before) {
        let now = on_change::LastResult::of(&checked);
        if before.as_ref() == Some(&now) {
            return Ok(None);
        }
        checked.changes = before.map(|before| before.changes_to(&now)).unwrap_or_default();
        on_change::write(path, &now)?;
    }
    Ok(Some(checked))
}

fn request(args: &CheckArgs) -> Result<CheckRequest, CommandError> {
    let via = match args.via {
        ViaArg::Models => Via::Models,
        ViaArg::Generate => Via::Generate,
    };
    if via == Via::Models && (args.rate.is_some() || args.model.is_some()) {
        let message = "--rate and --model are for --via generate: the list of models has neither";
        return Err(CommandError::new(ErrorKind::Usage, message).hint("add --via generate"));
    }
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Ok(CheckRequest {
        groups: args.group.clone(),
        keys: args.key.clone(),
        concurrency: args.concurrency,
        via,
        model: args.model,
        pause_ms: (via == Via::Generate).then(|| ms(args.rate.unwrap_or(USUAL_PAUSE))),
        cached_ms: Some(ms(args.cached)).filter(|ms| *ms > 0),
    })
}

/// What a person sees while the keys come in.
struct Watch {
    progress: Progress,
    keys: Vec<CheckedKey>,
    bad: usize,
}

impl Watch {
    fn new(total: usize, ctx: &Ctx) -> Watch {
        Watch { progress: Progress::new("keys", total as u64, &ctx.output), keys: Vec::new(), bad: 0 }
    }

    fn see(&mut self, checked: CheckedKey) {
        if checked.state != KeyState::Ok {
            self.bad += 1;
            let (key, state) = (checked.key, checked.state.name());
            self.progress.say(format!("keys, {} not good, the last {key} {state}:", self.bad));
        }
        self.progress.step();
        self.keys.push(checked);
    }
}

async fn in_daemon(
    client: Client,
    request: &CheckRequest,
    ctx: &Ctx,
) -> Result<Vec<CheckedKey>, CommandError> {
    let mut lines = client.lines(path::KEYS_CHECK, request).await?;
    let mut watch = Watch::new(0, ctx);
    let mut expected = None;
    while let Some(event) = lines.next().await? {
        match event {
            CheckEvent::Started { total } => {
                expected = Some(total as usize);
                watch.progress.expect(u64::from(total));
            }
            CheckEvent::Checked(checked) => watch.see(checked),
            CheckEvent::Failed(failure) => return Err(failure.into()),
        }
    }
    if expected != Some(watch.keys.len()) {
        return Err(CommandError::new(ErrorKind::Unavailable, "the daemon broke off the check"));
    }
    Ok(watch.keys)
}

/// Checks with this process' own keys, and writes down what it learns.
async fn here(request: &CheckRequest, ctx: &Ctx) -> Result<Vec<CheckedKey>, CommandError> {
    let here = Here::load(ctx)?;
    let opened = match here.open(ctx).await {
        Ok(opened) => Some(opened),
        // A send must be counted; what Google says of itself is worth telling all the same.
        Err(error) if request.via == Via::Generate => return Err(error),
        Err(error) => {
            note(&format!("warning: not written down: {error}"));
            None
        }
    };
    let mut watch = Watch::new(selected(&here.config.keys, request).len(), ctx);
    let tools = Tools {
        config: &here.config,
        gemini: &here.gemini,
        gateway: opened.as_ref().map(|(gateway, _)| gateway),
        now: ctx.clock.now(),
    };
    let checked = check_keys(tools, request, &mut |checked| watch.see(checked)).await;
    if let Some((_, store)) = opened {
        store.close().await;
    }
    checked.map(|()| watch.keys)
}

/// `10/m`: the time between two.
fn parse_rate(text: &str) -> Result<Duration, String> {
    let refuse = || "a number and a unit are needed, as in 2/s, 10/m, 100/h".to_owned();
    let (number, unit) = text.split_once('/').ok_or_else(refuse)?;
    let unit = match unit {
        "s" => Duration::from_secs(1),
        "m" | "min" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(refuse()),
    };
    match number.parse::<u32>() {
        Ok(number @ 1..=1000) => Ok(unit / number),
        Ok(_) => Err("a rate lies between 1 and 1000 of its unit".to_owned()),
        Err(_) => Err(refuse()),
    }
}

/// A span, or 0 for none.
fn parse_age(text: &str) -> Result<Duration, String> {
    if text == "0" { Ok(Duration::ZERO) } else { parse_span(text) }
}

#[cfg(test)]
mod tests;
