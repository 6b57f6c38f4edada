//! `svs keys check`: which keys Google takes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Client;
use crate::admin::api::{CheckEvent, CheckRequest, CheckedKey, KeyState, path};
use crate::admin::check::{check_each, selected};
use crate::commands::here::Here;
use crate::commands::{Ctx, parse_group, parse_key};
use crate::domain::key::{Group, KeyId};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{count, lines};
use crate::ui::{Body, Exit, Paint, Progress, Report, Style, Table, note};

/// Ask Google about each key; spends no quota
///
/// Lists the models a key may use, which is free. Where a daemon runs, it checks its own keys; else those of the
/// configuration are checked.
///
/// Exits with 0 if all keys are good, 1 if some are not but every group can serve, 2 if a group cannot, 3 if that
/// could not be found out.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys check
  svs keys check --group A --concurrency 8
  svs keys check -q                    # only the keys that are not good
  svs keys check --fail-on group -o nagios
  svs keys check --json | jq -r '.keys[] | select(.state != \"ok\").key'")]
pub(crate) struct CheckArgs {
    /// Only keys of these groups
    #[arg(short, long, value_name = "GROUPS", value_delimiter = ',', value_parser = parse_group)]
    group: Vec<Group>,
    /// Only these keys, as in A3
    #[arg(short, long, value_name = "KEYS", value_delimiter = ',', value_parser = parse_key)]
    key: Vec<KeyId>,
    /// How many at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    concurrency: u32,
    /// What makes the command fail: any bad key, a group that cannot serve, or nothing short of all keys
    #[arg(long, value_name = "WHAT", default_value = "any")]
    fail_on: FailOn,
}

/// What makes the command fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum FailOn {
    /// Any key that is not good: 1, or 2 if its group cannot serve
    Any,
    /// A group that cannot serve: 2
    Group,
    /// No key at all can serve: 2
    All,
}

/// Checks in the daemon where one runs, else here.
pub(crate) async fn run(args: &CheckArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request =
        CheckRequest { groups: args.group.clone(), keys: args.key.clone(), concurrency: args.concurrency };
    let work = async {
        match ctx.find_daemon().await? {
            Some(client) => in_daemon(client, &request, ctx).await,
            None => here(&request, ctx).await,
        }
    };
    let mut keys = ctx.within(Duration::from_mins(5), "the check", work).await?;
    if keys.is_empty() {
        return Err(CommandError::new(ErrorKind::NotFound, "no key is meant by --group and --key")
            .hint("svs config show keys lists the keys"));
    }
    keys.sort_by_key(|checked| checked.key);
    Ok(Checked { keys, fail_on: args.fail_on })
}

async fn in_daemon(
    client: Client,
    request: &CheckRequest,
    ctx: &Ctx,
) -> Result<Vec<CheckedKey>, CommandError> {
    let mut lines = client.lines(path::KEYS_CHECK, request).await?;
    let progress = Progress::new("keys", 0, &ctx.output);
    let mut keys = Vec::new();
    let mut expected = None;
    while let Some(event) = lines.next().await? {
        match event {
            CheckEvent::Started { total } => {
                expected = Some(total as usize);
                progress.expect(u64::from(total));
            }
            CheckEvent::Checked(checked) => {
                progress.step();
                keys.push(checked);
            }
            CheckEvent::Failed(failure) => return Err(failure.into()),
        }
    }
    if expected != Some(keys.len()) {
        return Err(CommandError::new(ErrorKind::Unavailable, "the daemon broke off the check"));
    }
    Ok(keys)
}

/// Checks with this process' own keys, and writes down what it learns: a rejected key goes out, a good one comes back.
async fn here(request: &CheckRequest, ctx: &Ctx) -> Result<Vec<CheckedKey>, CommandError> {
    let here = Here::load(ctx)?;
    let chosen = selected(&here.config.keys, request);
    let progress = Progress::new("keys", chosen.len() as u64, &ctx.output);
    let mut found = Vec::with_capacity(chosen.len());
    let models = &here.config.gemini.models;
    check_each(&here.gemini, models, &chosen, request.concurrency as usize, &mut |checked, outcome| {
        progress.step();
        found.push((checked, outcome.clone()));
    })
    .await;
    drop(progress);
    match here.open(ctx).await {
        Ok((gateway, store)) => {
            for (checked, outcome) in &found {
                gateway.learn_from_check(checked.key, outcome).await?;
            }
            store.close().await;
        }
        // What Google says is worth telling all the same.
        Err(error) => note(&format!("warning: not written down: {error}")),
    }
    Ok(found.into_iter().map(|(checked, _)| checked).collect())
}

struct Checked {
    keys: Vec<CheckedKey>,
    fail_on: FailOn,
}

/// How the keys of one group are.
#[derive(Clone, Copy, Default)]
struct Tally {
    total: usize,
    /// Good, or good but asked too much of late.
    serving: usize,
    /// Nobody knows.
    unknown: usize,
}

impl Tally {
    /// Definitely nobody serves.
    const fn is_dead(self) -> bool {
        self.serving == 0 && self.unknown == 0
    }

    /// Perhaps nobody serves.
    const fn is_unknown(self) -> bool {
        self.serving == 0 && self.unknown > 0
    }
}

const fn serves(state: KeyState) -> bool {
    matches!(state, KeyState::Ok | KeyState::Limited)
}

impl Checked {
    fn tally(&self) -> BTreeMap<Option<Group>, Tally> {
        let mut tallies: BTreeMap<Option<Group>, Tally> = BTreeMap::new();
        for checked in &self.keys {
            let tally = tallies.entry(checked.key.group()).or_default();
            tally.total += 1;
            tally.serving += usize::from(serves(checked.state));
            tally.unknown += usize::from(matches!(checked.state, KeyState::Unreachable | KeyState::Region));
        }
        tallies
    }

    /// The groups whose keys serve nobody; the router keys are a reserve, not a group.
    fn groups(&self, is: impl Fn(Tally) -> bool) -> Vec<String> {
        let tally = self.tally();
        tally
            .into_iter()
            .filter(|(_, tally)| is(*tally))
            .filter_map(|(group, _)| Some(group?.to_string()))
            .collect()
    }

    fn good(&self) -> usize {
        self.keys.iter().filter(|checked| checked.state == KeyState::Ok).count()
    }

    fn code(&self) -> u8 {
        let all = self.tally().into_values().fold(Tally::default(), |sum, tally| Tally {
            total: sum.total + tally.total,
            serving: sum.serving + tally.serving,
            unknown: sum.unknown + tally.unknown,
        });
        let any_group = |is: fn(Tally) -> bool| !self.groups(is).is_empty();
        match self.fail_on {
            FailOn::Any | FailOn::Group if any_group(Tally::is_dead) => 2,
            FailOn::Any | FailOn::Group if any_group(Tally::is_unknown) => 3,
            _ if all.is_dead() => 2,
            _ if all.is_unknown() => 3,
            FailOn::Any if !self.keys.iter().all(|checked| serves(checked.state)) => 1,
            _ => 0,
        }
    }

    fn summary(&self) -> String {
        let bad = self.keys.len() - self.good();
        let dead = self.groups(Tally::is_dead);
        let bad = if bad == 0 { String::new() } else { format!(", {bad} not") };
        let dead =
            if dead.is_empty() { String::new() } else { format!(", no key of {} serves", dead.join(", ")) };
        format!("{} good{bad}{dead}", count(self.good(), "key"))
    }

    /// Keys that Google counts in one project though they are configured apart.
    /// Configured models that Google does not list, each once with the keys it is missing from.
    fn missing_models(&self) -> Vec<String> {
        let mut missing: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        for checked in &self.keys {
            for model in &checked.missing {
                let nearest = model.nearest.as_deref().unwrap_or("nothing like it");
                let what = (model.id.as_str(), nearest);
                missing.entry(what).or_default().push(checked.key.to_string());
            }
        }
        let lines = missing.into_iter().map(|((id, nearest), keys)| {
            format!(
                "warning: model {id} is not there for {}; the nearest that is: {nearest}",
                keys.join(", ")
            )
        });
        lines.collect()
    }

    fn shared_projects(&self) -> Vec<String> {
        let mut by_consumer: BTreeMap<&str, Vec<&CheckedKey>> = BTreeMap::new();
        for checked in &self.keys {
            if let Some(consumer) = &checked.consumer {
                by_consumer.entry(consumer).or_default().push(checked);
            }
        }
        let apart = |keys: &Vec<&CheckedKey>| keys.iter().any(|key| key.project != keys[0].project);
        let line = |(consumer, keys): (&str, Vec<&CheckedKey>)| {
            let ids: Vec<String> = keys.iter().map(|checked| checked.key.to_string()).collect();
            format!("{} belong to project {consumer}, one budget: name it under [projects]", ids.join(", "))
        };
        by_consumer.into_iter().filter(|(_, keys)| apart(keys)).map(line).collect()
    }
}

impl Report for Checked {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let mut table = Table::new("keys", &["KEY", "SECRET", "PROJECT", "STATE", "MS", "REASON"]);
        for checked in &self.keys {
            let paint = match checked.state {
                KeyState::Ok => Paint::Good,
                KeyState::Limited | KeyState::Unreachable => Paint::Warning,
                _ => Paint::Bad,
            };
            table.row([
                (Paint::Strong, checked.key.to_string()),
                (
                    Paint::Faint,
                    checked.tail.as_ref().map_or_else(|| "…".to_owned(), |tail| format!("…{tail}")),
                ),
                (Paint::Plain, own_or_named(&checked.project).to_owned()),
                (paint, checked.state.name().to_owned()),
                (Paint::Plain, checked.ms.to_string()),
                (Paint::Plain, checked.reason.clone().unwrap_or_default()),
            ]);
        }
        Body::Table(table)
    }

    fn json(&self) -> Value {
        let key = |checked: &CheckedKey| {
            json!({
                "key": checked.key.to_string(),
                "group": checked.key.group().map(|group| group.to_string()),
                "tail": checked.tail,
                "project": checked.project,
                "state": checked.state.name(),
                "reason": checked.reason,
                "help_url": checked.help_url,
                "ms": checked.ms,
                "missing_models": checked.missing,
            })
        };
        json!({
            "keys": self.keys.iter().map(key).collect::<Vec<_>>(),
            "ok": self.good(),
            "total": self.keys.len(),
        })
    }

    fn brief(&self) -> String {
        let bad = self.keys.iter().filter(|checked| checked.state != KeyState::Ok);
        lines(bad.map(|checked| format!("{} {}", checked.key, checked.state.name())))
    }

    fn nagios(&self) -> Option<String> {
        let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][usize::from(self.code())];
        let slowest = self.keys.iter().map(|checked| checked.ms).max().unwrap_or(0);
        let (good, total) = (self.good(), self.keys.len());
        Some(format!("{word} - {} | keys={good};;;0;{total} slowest={slowest}ms", self.summary()))
    }

    fn notes(&self) -> Vec<String> {
        let help = self
            .keys
            .iter()
            .filter_map(|checked| Some(format!("{}: {}", checked.key, checked.help_url.as_ref()?)));
        [self.summary()]
            .into_iter()
            .chain(self.shared_projects())
            .chain(self.missing_models())
            .chain(help)
            .collect()
    }

    fn exit(&self) -> Exit {
        Exit(self.code())
    }
}

/// A project nobody named is the key's own, called after its fingerprint.
fn own_or_named(project: &str) -> &str {
    if project.starts_with("key:") { "own" } else { project }
}

#[cfg(test)]
mod tests;
