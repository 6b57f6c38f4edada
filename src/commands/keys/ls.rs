//! `svs keys ls`: every key as the pool sees it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{KeyList, KeyNow, path};
use crate::admin::keys;
use crate::commands::{Ctx, parse_group, stored, unused_pool};
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::pool::breaker::Breaker;
use crate::domain::pool::snapshot::{Condition, key_views};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::stored_keys;
use crate::ui::text::{count, lines, relative, rfc3339};
use crate::ui::{Body, Paint, Report, Style, Table};

/// Every key: how it is, until when, what it sent and may send today
///
/// Spends nothing and asks nobody: this is what the pool knows. Where no daemon runs, the stored state says it. A key
/// is named by its place and the last characters of its secret, never by more.
#[derive(clap::Args, Debug)]
#[command(
    visible_alias = "list",
    after_help = "Examples:
  svs keys ls
  svs keys ls --group A
  svs keys ls --json | jq -r '.keys[] | select(.state != \"ready\").key'
  svs keys ls -q                       # the places only"
)]
pub(crate) struct LsArgs {
    /// Only keys of these groups
    #[arg(short, long, value_name = "GROUPS", value_delimiter = ',', value_parser = parse_group)]
    group: Vec<Group>,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &LsArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => Ok((client.get::<KeyList>(path::KEYS).await?, true)),
            None => Ok((of_state(ctx).await?, false)),
        }
    };
    let (mut list, live) = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    let is_meant = |key: &KeyNow| {
        args.group.is_empty() || key.key.group().is_some_and(|group| args.group.contains(&group))
    };
    list.keys.retain(is_meant);
    Ok(Listed { list, live })
}

/// Where there is no state yet, nothing has happened to any key.
async fn of_state(ctx: &Ctx) -> Result<KeyList, CommandError> {
    let (config, store) = stored::open(ctx)?;
    config.require_keys()?;
    let Some(store) = store else {
        let now = ctx.clock.now();
        let pool = unused_pool(&config, now);
        return Ok(keys::list((now, key_views(&pool, &pool.calendar.moment(now))), &config));
    };
    let found = stored_keys(&store, &config).await?;
    store.close().await;
    Ok(keys::list(found, &config))
}

struct Listed {
    list: KeyList,
    /// A daemon said so.
    live: bool,
}

impl Report for Listed {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let header = &[
            "KEY",
            "SECRET",
            "GROUP",
            "PROJECT",
            "STATE",
            "UNTIL",
            "LAST SEND",
            "FLASH-LITE",
            "FLASH",
            "PRO",
            "WHY",
        ];
        let mut table = Table::new("keys", header);
        for key in &self.list.keys {
            let [lite, flash, pro] = ModelSlot::TEXT.map(|model| (Paint::Plain, used(key, model)));
            table.row([
                (Paint::Strong, key.key.to_string()),
                (Paint::Faint, key.tail.as_ref().map_or_else(|| "…".to_owned(), |tail| format!("…{tail}"))),
                (Paint::Plain, group(key)),
                (Paint::Plain, super::check::own_or_named(&key.project).to_owned()),
                (paint(key.state), key.state.name().to_owned()),
                (Paint::Plain, key.until.map(|until| relative(until, self.list.as_of)).unwrap_or_default()),
                (
                    Paint::Plain,
                    key.last_send.map_or_else(|| "-".to_owned(), |at| relative(at, self.list.as_of)),
                ),
                lite,
                flash,
                pro,
                (Paint::Plain, why(key)),
            ]);
        }
        Body::Table(table)
    }

    fn csv(&self) -> Option<Table> {
        let header = &[
            "KEY",
            "SECRET",
            "FINGERPRINT",
            "GROUP",
            "PROJECT",
            "STATE",
            "UNTIL",
            "LAST_SEND",
            "FLASH_LITE_USED",
            "FLASH_LITE_BUDGET",
            "FLASH_USED",
            "FLASH_BUDGET",
            "PRO_USED",
            "PRO_BUDGET",
            "WHY",
        ];
        let mut table = Table::new("keys", header);
        for key in &self.list.keys {
            let budget = |model| {
                let found = key.quotas.iter().find(|quota| quota.model == model);
                found.map_or((0, 0), |quota| (quota.used, quota.allowed))
            };
            let [lite, flash, pro] = ModelSlot::TEXT.map(budget);
            let fields = [
                key.key.to_string(),
                key.tail.clone().unwrap_or_default(),
                key.fingerprint.to_string(),
                group(key),
                key.project.clone(),
                key.state.name().to_owned(),
                key.until.and_then(rfc3339).unwrap_or_default(),
                key.last_send.and_then(rfc3339).unwrap_or_default(),
                lite.0.to_string(),
                lite.1.to_string(),
                flash.0.to_string(),
                flash.1.to_string(),
                pro.0.to_string(),
                pro.1.to_string(),
                why(key),
            ];
            table.plain_row(fields);
        }
        Some(table)
    }

    fn json(&self) -> Value {
        json!({
            "as_of": rfc3339(self.list.as_of),
            "live": self.live,
            "keys": self.list.keys.iter().map(key_json).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        lines(self.list.keys.iter().map(|key| key.key))
    }

    fn notes(&self) -> Vec<String> {
        let keys = &self.list.keys;
        let ready = keys.iter().filter(|key| key.state == Condition::Ready).count();
        let stored = (!self.live).then(|| stored::NOTE.to_owned());
        [format!("{}, {ready} ready", count(keys.len(), "key"))].into_iter().chain(stored).collect()
    }
}

/// One key for programs.
pub(super) fn key_json(key: &KeyNow) -> Value {
    let mut json = now_json(key);
    json["group"] = json!(key.key.group().map(|group| group.to_string()));
    json["budgets"] = json!(key.quotas);
    json
}

/// What is said alike of a key wherever programs meet it.
pub(in crate::commands) fn now_json(key: &KeyNow) -> Value {
    let breaker = match key.breaker {
        Breaker::Closed { failures } => json!({"state": "closed", "strikes": failures}),
        Breaker::Open { until, .. } => json!({"state": "open", "until": rfc3339(until)}),
        Breaker::HalfOpen { deadline, .. } => json!({"state": "half_open", "until": rfc3339(deadline)}),
    };
    json!({
        "key": key.key,
        "tail": key.tail,
        "fingerprint": key.fingerprint,
        "project": key.project,
        "state": key.state.name(),
        "why": key.why,
        "until": key.until.and_then(rfc3339),
        "reason": key.reason,
        "breaker": breaker,
        "last_send": key.last_send.and_then(rfc3339),
        "cools_until": key.cools_until.and_then(rfc3339),
        "running": key.running,
    })
}

fn group(key: &KeyNow) -> String {
    key.key.group().map_or_else(|| "router".to_owned(), |group| group.to_string())
}

fn used(key: &KeyNow, model: ModelSlot) -> String {
    let found = key.quotas.iter().find(|quota| quota.model == model);
    found.map_or_else(|| "-".to_owned(), |quota| format!("{}/{}", quota.used, quota.allowed))
}

/// Why it cannot serve, and what an operator said of that; nothing that the state has said already.
fn why(key: &KeyNow) -> String {
    let why = key.why.clone().filter(|why| why != key.state.name());
    [why, key.reason.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

const fn paint(state: Condition) -> Paint {
    match state {
        Condition::Ready => Paint::Good,
        Condition::Cooling | Condition::Exhausted | Condition::Disabled => Paint::Warning,
        Condition::Blacklisted | Condition::Invalid => Paint::Bad,
    }
}
