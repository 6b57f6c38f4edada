//! `svs status`: how the daemon is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{KeyCounts, Status, Updates, path};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::telemetry::POLL_STALL;
use crate::ui::text::{bytes, lines, one_line, relative, rfc3339, span};
use crate::ui::{Body, Exit, Paint, Report, Style};

use super::Ctx;

mod details;

/// How the daemon is: polling, keys, budgets, VIP seats
///
/// Exits with 0 if all is well, 1 if a group of keys cannot serve, 2 if the bot hears nobody or no key can serve, 69
/// without a daemon (2 with -o nagios).
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs status
  svs status -o json | jq .keys
  svs status -o nagios")]
pub(crate) struct StatusArgs {}

/// Asks the daemon.
pub(crate) async fn run(_: &StatusArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async { ctx.daemon().await?.get::<Status>(path::STATUS).await };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await.map(Health)
}

struct Health(Status);

/// How bad it is, and why.
pub(super) struct Verdict {
    /// How bad.
    pub(super) level: Level,
    /// Why; nothing if all is well.
    pub(super) reasons: Vec<String>,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    Ok,
    Warning,
    Critical,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Level::Ok => "OK",
            Level::Warning => "WARNING",
            Level::Critical => "CRITICAL",
        }
    }

    const fn paint(self) -> Paint {
        match self {
            Level::Ok => Paint::Good,
            Level::Warning => Paint::Warning,
            Level::Critical => Paint::Bad,
        }
    }
}

/// How bad it is, and why: the worst finding decides.
pub(super) fn verdict(status: &Status) -> Verdict {
    let silent_since = status.last_poll.unwrap_or(status.started_at);
    let silent_for = status.now.since(silent_since);
    let mut critical: Vec<String> = status.fault.iter().cloned().collect();
    if silent_for > POLL_STALL {
        critical.push(format!("no answer from Telegram for {}", span(silent_for)));
    }
    let dead: Vec<&KeyCounts> =
        status.keys.iter().filter(|keys| keys.group.is_some() && is_dead(keys)).collect();
    if status.keys.iter().all(is_dead) {
        critical.push("no key can serve".to_owned());
    }
    if !critical.is_empty() {
        return Verdict { level: Level::Critical, reasons: critical };
    }
    let reasons: Vec<String> =
        dead.iter().map(|keys| format!("no key of group {} can serve", name(keys))).collect();
    Verdict { level: if reasons.is_empty() { Level::Ok } else { Level::Warning }, reasons }
}

impl Health {
    fn verdict(&self) -> Verdict {
        verdict(&self.0)
    }

    fn serving(&self) -> (u32, u32) {
        let keys = &self.0.keys;
        (keys.iter().map(|keys| keys.ready + keys.limited).sum(), keys.iter().map(|keys| keys.total).sum())
    }
}

/// None of them can serve before the next day or an operator's help.
fn is_dead(keys: &KeyCounts) -> bool {
    keys.ready + keys.limited == 0
}

fn name(keys: &KeyCounts) -> String {
    keys.group.map_or_else(|| "router".to_owned(), |group| group.to_string())
}

impl Report for Health {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let status = &self.0;
        let verdict = self.verdict();
        let mut text = vec![format!(
            "{} svs {}, pid {}, up {}",
            style.paint(verdict.level.paint(), verdict.level.word()),
            status.version,
            status.pid,
            span(status.now.since(status.started_at)),
        )];
        text.extend(verdict.reasons.iter().map(|reason| format!("  {reason}")));
        let polled = status.last_poll.map_or_else(|| "not yet".to_owned(), |at| relative(at, status.now));
        let title = |title: &str| style.paint(Paint::Strong, &format!("{title:<8}"));
        text.push(format!("{} polled {polled}, {} to send", title("telegram"), status.outbox));
        text.push(format!("{} {} running, {} waiting", title("requests"), status.running, status.queue));
        text.extend(
            updates(&status.updates).into_iter().map(|(name, line)| format!("{} {line}", title(name))),
        );
        for keys in &status.keys {
            text.push(format!("{} {}", title(&format!("keys {}", name(keys))), counts(keys)));
        }
        for budget in &status.budgets {
            text.push(format!("{} {} of {} today", title(budget.model.name()), budget.used, budget.allowed));
        }
        text.push(format!("{} budgets renew {}", title("day"), relative(status.resets_at, status.now)));
        text.push(format!("{} {}/{} seats taken", title("vip"), status.seats_taken, status.seats));
        let rss = status.rss.map_or_else(|| "unknown".to_owned(), bytes);
        let overhead = status
            .overhead_p50_us
            .map_or_else(String::new, |us| format!(", adds {:.1} ms to an answer", us as f64 / 1000.0));
        text.push(format!("{} {rss}{overhead}", title("memory")));
        if status.log_lines_dropped > 0 {
            text.push(format!("{} {} lines dropped", title("log"), status.log_lines_dropped));
        }
        for failure in &status.recent_failures {
            let what = format!("{}: {}", relative(failure.at, status.now), one_line(&failure.message));
            text.push(format!("{} {what}", title("failed")));
        }
        Body::Text(lines(text))
    }

    fn json(&self) -> Value {
        let status = &self.0;
        let verdict = self.verdict();
        let keys = |keys: &KeyCounts| {
            json!({
                "group": name(keys), "total": keys.total, "ready": keys.ready, "limited": keys.limited,
                "exhausted": keys.exhausted, "blacklisted": keys.blacklisted, "rejected": keys.rejected,
                "disabled": keys.disabled,
            })
        };
        json!({
            "state": verdict.level.word().to_lowercase(),
            "reasons": verdict.reasons,
            "version": status.version,
            "pid": status.pid,
            "now": rfc3339(status.now),
            "started_at": rfc3339(status.started_at),
            "uptime_s": status.now.since(status.started_at).as_secs(),
            "last_poll": status.last_poll.and_then(rfc3339),
            "queue": status.queue,
            "running": status.running,
            "outbox": status.outbox,
            "updates_24h": status.updates,
            "keys": status.keys.iter().map(keys).collect::<Vec<_>>(),
            "budgets": status.budgets,
            "resets_at": rfc3339(status.resets_at),
            "vip": details::room(status),
            "pool": status.pool.iter().map(details::key).collect::<Vec<_>>(),
            "rates_1m": status.rates,
            "outages": status.outages.iter().map(details::outage).collect::<Vec<_>>(),
            "rss": status.rss,
            "overhead_p50_us": status.overhead_p50_us,
            "log_lines_dropped": status.log_lines_dropped,
            "recent_failures": status.recent_failures.iter().map(|failure| {
                json!({"at": rfc3339(failure.at), "message": failure.message})
            }).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        lines(&self.verdict().reasons)
    }

    fn nagios(&self) -> Option<String> {
        let status = &self.0;
        let verdict = self.verdict();
        let (serving, total) = self.serving();
        let text = if verdict.reasons.is_empty() {
            format!("{serving}/{total} keys, VIP {}/{}", status.seats_taken, status.seats)
        } else {
            verdict.reasons.join(", ")
        };
        Some(format!(
            "{} - {text} | uptime={}s queue={} outbox={} keys={serving};;;0;{total} vip={};;;0;{} received_24h={} \
             answered_24h={} refused_24h={} dropped_24h={} pending={}",
            verdict.level.word(),
            status.now.since(status.started_at).as_secs(),
            status.queue,
            status.outbox,
            status.seats_taken,
            status.seats,
            status.updates.received,
            status.updates.answered,
            sum(&status.updates.refused),
            sum(&status.updates.dropped),
            status.updates.pending,
        ))
    }

    fn exit(&self) -> Exit {
        Exit(self.verdict().level as u8)
    }
}

/// In = out: what became of the updates of the last day, and why some got no answer.
fn updates(updates: &Updates) -> Vec<(&'static str, String)> {
    let (refused, dropped) = (sum(&updates.refused), sum(&updates.dropped));
    let all = format!(
        "{} in 24h = {} answered + {refused} refused + {dropped} dropped + {} pending",
        updates.received, updates.answered, updates.pending
    );
    let why = |counts: &BTreeMap<String, u32>| {
        counts.iter().map(|(why, count)| format!("{count} {why}")).collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![("updates", all)];
    if refused > 0 {
        lines.push(("refused", why(&updates.refused)));
    }
    if dropped > 0 {
        lines.push(("dropped", why(&updates.dropped)));
    }
    lines
}

fn sum(counts: &BTreeMap<String, u32>) -> u32 {
    counts.values().sum()
}

/// `5 of 6 ready, 1 rejected`.
fn counts(keys: &KeyCounts) -> String {
    let parts = [
        (keys.limited, "limited"),
        (keys.exhausted, "exhausted"),
        (keys.blacklisted, "blacklisted"),
        (keys.rejected, "rejected"),
        (keys.disabled, "disabled"),
    ];
    let rest =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    format!("{} of {} ready{}", keys.ready, keys.total, rest.collect::<String>())
}

#[cfg(test)]
mod tests {
    use crate::admin::api::Rates;
    use crate::domain::key::Group;

    use super::*;

    fn keys(group: Option<Group>, ready: u32, rejected: u32) -> KeyCounts {
        let total = ready + rejected;
        KeyCounts { group, total, ready, limited: 0, exhausted: 0, blacklisted: 0, rejected, disabled: 0 }
    }

    fn status(keys: Vec<KeyCounts>, last_poll: Option<u64>) -> Health {
        Health(Status {
            version: "0.1.0".to_owned(),
            pid: 7,
            now: Timestamp::from_millis(1_000_000),
            started_at: Timestamp::from_millis(900_000),
            last_poll: last_poll.map(Timestamp::from_millis),
            fault: None,
            queue: 0,
            running: 0,
            outbox: 0,
            updates: Updates { received: 3, answered: 2, pending: 1, ..Updates::default() },
            keys,
            budgets: Vec::new(),
            resets_at: Timestamp::from_millis(2_000_000),
            seats_taken: 2,
            seats: 3,
            rss: None,
            overhead_p50_us: None,
            log_lines_dropped: 0,
            recent_failures: Vec::new(),
            pool: Vec::new(),
            sessions: Vec::new(),
            holds: Vec::new(),
            line: Vec::new(),
            rates: Rates::default(),
            outages: Vec::new(),
        })
    }

    #[test]
    fn the_worst_finding_decides() {
        let good = || vec![keys(Some(Group::A), 5, 1), keys(None, 2, 0)];
        let one_dead = || vec![keys(Some(Group::A), 6, 0), keys(Some(Group::D), 0, 5)];
        let all_dead = || vec![keys(Some(Group::A), 0, 6)];
        let cases = [
            (good(), Some(999_000), 0, "OK - 7/8 keys, VIP 2/3 | uptime=100s"),
            (one_dead(), Some(999_000), 1, "WARNING - no key of group D can serve |"),
            (all_dead(), Some(999_000), 2, "CRITICAL - no key can serve |"),
            (good(), Some(909_000), 2, "CRITICAL - no answer from Telegram for 1m 31s |"),
            (good(), None, 2, "CRITICAL - no answer from Telegram for 1m 40s |"),
        ];
        for (keys, last_poll, exit, line) in cases {
            let health = status(keys, last_poll);
            let nagios = health.nagios().expect("status has one");
            assert!(nagios.starts_with(line), "{nagios}");
            let counted = "received_24h=3 answered_24h=2 refused_24h=0 dropped_24h=0 pending=1";
            assert!(nagios.ends_with(counted), "{nagios}");
            assert_eq!(health.exit(), Exit(exit));
        }
    }

    #[test]
    fn a_router_key_left_alone_keeps_the_bot_from_being_dead() {
        let health = status(vec![keys(Some(Group::A), 0, 6), keys(None, 1, 0)], Some(999_000));
        assert_eq!(health.exit(), Exit(1));
    }
}
