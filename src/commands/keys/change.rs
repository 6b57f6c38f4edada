//! `svs keys disable`, `svs keys enable` and `svs keys reset`: one change on some keys, in the daemon where one runs,
//! else on the stored state.

use std::time::Duration;

use serde_json::{Value, json};

use super::ls::key_json;
use crate::admin::api::{KeyChanged, KeyNow, KeyVerb, KeysChanged, KeysRequest, path};
use crate::admin::keys::{self, LONGEST_REASON};
use crate::commands::{Ctx, parse_key, parse_span, stored};
use crate::domain::key::KeyId;
use crate::domain::pool::snapshot::Condition;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::change_stored_keys;
use crate::store::{Access, Store};
use crate::telemetry::Vitals;
use crate::ui::text::{lines, relative, rfc3339};
use crate::ui::{Body, Report, Style, note};

/// Take keys out: from now on they send nothing
///
/// What is on its way is not cut off. A restart changes nothing; with --for they come back by themselves, else with
/// svs keys enable. If one of the keys is unknown, none is changed. Without a daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys disable A3
  svs keys disable A3 B1 --for 1h --reason 'billing is checked'
  svs keys disable A1 A2 A3 --dry-run")]
pub(crate) struct DisableArgs {
    /// The keys, as in A3
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// For how long [default: until they are enabled]
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    span: Option<Duration>,
    /// A note for operators, shown by keys ls
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    reason: Option<String>,
    /// Only say what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Do not ask, even if a group loses its last key
    #[arg(short, long)]
    yes: bool,
}

/// Take keys back that were disabled
///
/// What else keeps a key out, such as a ban, is not touched: see svs keys reset. Without a daemon the stored state is
/// changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys enable A3
  svs keys enable A3 B1 --reason 'billing is good again'")]
pub(crate) struct EnableArgs {
    #[command(flatten)]
    which: Which,
}

/// Forget bans, rejections and strikes of keys
///
/// For a key that was mended: it is tried again at once. What was sent stays counted, and so do budgets, cooldowns and
/// the pauses that Google asked for; a disabled key stays disabled. Without a daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys reset A3
  svs keys reset A3 B1 --reason 'restriction lifted'")]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    which: Which,
}

/// Which keys, and how.
#[derive(clap::Args, Debug)]
struct Which {
    /// The keys, as in A3
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// A note for the log
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    reason: Option<String>,
    /// Only say what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Takes keys out. Asks first where a group would be left without a key that serves.
pub(crate) async fn disable(args: &DisableArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let order = Order {
        keys: &args.keys,
        request: KeysRequest {
            verb: KeyVerb::Disable,
            keys: Vec::new(),
            for_ms: args.span.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
            reason: args.reason.clone(),
            dry_run: args.dry_run,
        },
    };
    if !args.yes && !args.dry_run && ctx.is_interactive() && !agreed(&order, ctx).await? {
        return Err(CommandError::new(ErrorKind::Negative, "no key was disabled"));
    }
    order.carry_out(ctx).await
}

/// Takes keys back.
pub(crate) async fn enable(args: &EnableArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    Order::new(KeyVerb::Enable, &args.which).carry_out(ctx).await
}

/// Forgets what is held against keys.
pub(crate) async fn reset(args: &ResetArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    Order::new(KeyVerb::Reset, &args.which).carry_out(ctx).await
}

/// A change, with the keys as they were typed.
struct Order<'a> {
    keys: &'a [String],
    request: KeysRequest,
}

impl<'a> Order<'a> {
    fn new(verb: KeyVerb, which: &'a Which) -> Order<'a> {
        let Which { keys, reason, dry_run } = which;
        let (reason, dry_run) = (reason.clone(), *dry_run);
        Order { keys, request: KeysRequest { verb, keys: Vec::new(), for_ms: None, reason, dry_run } }
    }

    async fn carry_out(&self, ctx: &Ctx) -> Result<Done, CommandError> {
        let changing = async {
            match ctx.find_daemon().await? {
                Some(client) => client.post(path::KEYS, &self.request()?).await,
                None => self.on_stored(ctx).await,
            }
        };
        ctx.within(Duration::from_secs(5), "the daemon's answer", changing).await.map(Done)
    }

    /// The request with its keys read. A word that is no place at all is an unknown key too.
    fn request(&self) -> Result<KeysRequest, CommandError> {
        let read = |name: &String| parse_key(name).map_err(|_| keys::unknown(name, &[]));
        let keys: Vec<KeyId> = self.keys.iter().map(read).collect::<Result<_, _>>()?;
        Ok(KeysRequest { keys, ..self.request.clone() })
    }

    /// Changes the state that no daemon holds. A state is never made for it: where there is none, the daemon's is
    /// somewhere else.
    async fn on_stored(&self, ctx: &Ctx) -> Result<KeysChanged, CommandError> {
        let request = self.request()?;
        let (config, Some(looked_at)) = stored::open(ctx)? else {
            let error =
                CommandError::new(ErrorKind::Unavailable, "no daemon runs, and there is no stored state");
            return Err(error.hint("systemctl start svs"));
        };
        looked_at.close().await;
        config.require_keys()?;
        // A log begins once in a process, and a change that is only looked at is not logged.
        let _log = (!request.dry_run).then(|| ctx.start_log(&config.log, &Vitals::default())).transpose()?;
        let store = Store::open_as(&config.state_dir, ctx.clock.clone(), Access::Direct)?;
        let uid = rustix::process::getuid().as_raw();
        let found = change_stored_keys(&store, &config, keys::order(&request, uid)).await;
        store.close().await;
        let changed = keys::changed(found?, &request, &config, ctx.clock.now())?;
        if !ctx.output.quiet && !request.dry_run {
            note("no daemon runs: the stored state is changed");
        }
        Ok(changed)
    }
}

/// Whether keys may be taken out: asked only where a group would have none left.
async fn agreed(order: &Order<'_>, ctx: &Ctx) -> Result<bool, CommandError> {
    let preview = Order { keys: order.keys, request: KeysRequest { dry_run: true, ..order.request.clone() } };
    let Done(changed) = preview.carry_out(ctx).await?;
    if changed.left_empty.is_empty() {
        return Ok(true);
    }
    let groups: Vec<String> = changed.left_empty.iter().map(ToString::to_string).collect();
    ctx.confirm(&format!("No key of {} would serve any more. Go on?", groups.join(", ")))
}

struct Done(KeysChanged);

impl Done {
    fn line(&self, changed: &KeyChanged, now: Timestamp) -> String {
        let KeysChanged { verb, dry_run, .. } = &self.0;
        let key = name(&changed.key);
        let would = |done: &str, would: &str| {
            if *dry_run { format!("{key} would be {would}") } else { format!("{key} is {done}") }
        };
        let back = || match changed.key.until {
            Some(until) => format!(", back {}", relative(until, now)),
            None => " until it is enabled".to_owned(),
        };
        match (verb, changed.changed) {
            (KeyVerb::Disable, true) => would("disabled", "disabled") + &back(),
            (KeyVerb::Disable, false) => format!("{key} was disabled already{}", back()),
            (KeyVerb::Enable, true) => would("enabled", "enabled") + &otherwise(&changed.key, now),
            (KeyVerb::Enable, false) => format!("{key} was not disabled"),
            (KeyVerb::Reset, true) => would("reset", "reset") + &otherwise(&changed.key, now),
            (KeyVerb::Reset, false) => format!("nothing was held against {key}"),
        }
    }
}

/// What keeps a key out all the same.
fn otherwise(key: &KeyNow, now: Timestamp) -> String {
    if key.state == Condition::Ready {
        return String::new();
    }
    let until = key.until.map(|until| format!(", back {}", relative(until, now))).unwrap_or_default();
    format!("; now {}{until}", key.state.name())
}

fn name(key: &KeyNow) -> String {
    key.tail.as_ref().map_or_else(|| key.key.to_string(), |tail| format!("{} …{tail}", key.key))
}

impl Report for Done {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(lines(self.0.keys.iter().map(|changed| self.line(changed, self.0.as_of))))
    }

    fn json(&self) -> Value {
        let key = |changed: &KeyChanged| {
            let mut key = key_json(&changed.key);
            key["changed"] = json!(changed.changed);
            key
        };
        json!({
            "as_of": rfc3339(self.0.as_of),
            "verb": self.0.verb,
            "dry_run": self.0.dry_run,
            "keys": self.0.keys.iter().map(key).collect::<Vec<_>>(),
            "left_empty": self.0.left_empty,
        })
    }

    fn brief(&self) -> String {
        let changed = self.0.keys.iter().filter(|changed| changed.changed);
        lines(changed.map(|changed| changed.key.key))
    }

    fn notes(&self) -> Vec<String> {
        let empty = self.0.left_empty.iter();
        empty.map(|group| format!("warning: no key of {group} serves any more; another group does")).collect()
    }
}

fn parse_reason(text: &str) -> Result<String, String> {
    let reason = text.trim();
    match reason.chars().count() {
        1..=LONGEST_REASON => Ok(reason.to_owned()),
        _ => Err(format!("a reason has 1 to {LONGEST_REASON} characters")),
    }
}
