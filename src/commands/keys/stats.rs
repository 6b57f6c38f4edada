//! `svs keys stats`: how each key did.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{KeyStat, KeyStats, path};
use crate::commands::{Ctx, parse_span, stored};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::key_stats;
use crate::ui::text::{count, lines, relative, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

/// How each key did: sends, how they ended, how long they took
///
/// Counted from the stored sends, which are kept 35 days if the configuration says nothing else. The times are those
/// of answered sends, from the call to the end of the answer. Where no daemon runs, the stored state says it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs keys stats
  svs keys stats --for 24h
  svs keys stats --for 7d -o csv > keys.csv")]
pub(crate) struct StatsArgs {
    /// How far back
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span, default_value = "1h")]
    span: Duration,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &StatsArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let since = ctx.clock.now() - args.span;
    let asked = async {
        if let Some(client) = ctx.find_daemon().await? {
            let query = format!("{}?since={}", path::KEYS_STATS, since.as_millis());
            return Ok(Counted { stats: client.get::<KeyStats>(&query).await?, live: true });
        }
        let (config, store) = stored::open(ctx)?;
        config.require_keys()?;
        let Some(store) = store else {
            // There is no state yet, so nothing was sent.
            let stats = KeyStats { as_of: ctx.clock.now(), since, keys: Vec::new() };
            return Ok(Counted { stats, live: false });
        };
        let stats = key_stats(&store, &config, since).await?;
        store.close().await;
        Ok(Counted { stats, live: false })
    };
    ctx.within(Duration::from_secs(10), "the daemon's answer", asked).await
}

struct Counted {
    stats: KeyStats,
    live: bool,
}

impl Report for Counted {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let header =
            &["KEY", "SECRET", "SENDS", "ANSWERED", "P50", "P95", "TOKENS", "LAST SEND", "OTHERWISE"];
        let mut table = Table::new("keys", header);
        let time = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| span(Duration::from_millis(ms)));
        for key in &self.stats.keys {
            let bad = key.sends > key.answered() + key.running;
            table.row([
                (Paint::Strong, name(key)),
                (Paint::Faint, key.tail.as_ref().map(|tail| format!("…{tail}")).unwrap_or_default()),
                (Paint::Plain, key.sends.to_string()),
                (Paint::Plain, key.answered().to_string()),
                (Paint::Plain, time(key.p50_ms)),
                (Paint::Plain, time(key.p95_ms)),
                (Paint::Plain, key.tokens.to_string()),
                (
                    Paint::Plain,
                    key.last_send.map_or_else(|| "-".to_owned(), |at| relative(at, self.stats.as_of)),
                ),
                (if bad { Paint::Warning } else { Paint::Plain }, otherwise(key)),
            ]);
        }
        Body::Table(table)
    }

    fn csv(&self) -> Option<Table> {
        let header = &[
            "KEY",
            "FINGERPRINT",
            "SENDS",
            "ANSWERED",
            "RUNNING",
            "P50_MS",
            "P95_MS",
            "TOKENS",
            "LAST_SEND",
            "OTHERWISE",
        ];
        let mut table = Table::new("keys", header);
        let number = |ms: Option<u64>| ms.map(|ms| ms.to_string()).unwrap_or_default();
        for key in &self.stats.keys {
            let fields = [
                name(key),
                key.fingerprint.clone(),
                key.sends.to_string(),
                key.answered().to_string(),
                key.running.to_string(),
                number(key.p50_ms),
                number(key.p95_ms),
                key.tokens.to_string(),
                key.last_send.and_then(rfc3339).unwrap_or_default(),
                otherwise(key),
            ];
            table.plain_row(fields);
        }
        Some(table)
    }

    fn json(&self) -> Value {
        let key = |key: &KeyStat| {
            json!({
                "key": key.key,
                "tail": key.tail,
                "fingerprint": key.fingerprint,
                "sends": key.sends,
                "answered": key.answered(),
                "running": key.running,
                "outcomes": key.outcomes,
                "tokens": key.tokens,
                "p50_ms": key.p50_ms,
                "p95_ms": key.p95_ms,
                "last_send": key.last_send.and_then(rfc3339),
            })
        };
        json!({
            "as_of": rfc3339(self.stats.as_of),
            "since": rfc3339(self.stats.since),
            "live": self.live,
            "keys": self.stats.keys.iter().map(key).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        let sent = self.stats.keys.iter().filter(|key| key.sends > 0);
        lines(sent.map(|key| format!("{} {}", name(key), key.sends)))
    }

    fn notes(&self) -> Vec<String> {
        let sends: u64 = self.stats.keys.iter().map(|key| key.sends).sum();
        let sends = count(usize::try_from(sends).unwrap_or(usize::MAX), "send");
        let since = relative(self.stats.since, self.stats.as_of);
        let stored = (!self.live).then(|| stored::NOTE.to_owned());
        [format!("{sends} since {since}")].into_iter().chain(stored).collect()
    }
}

/// The place, or of a key that is not in the pool any more the fingerprint.
fn name(key: &KeyStat) -> String {
    key.key.map_or_else(|| format!("gone {}", key.fingerprint), |key| key.to_string())
}

/// `3 minute_limit, 1 overloaded, 2 running`.
fn otherwise(key: &KeyStat) -> String {
    let others = key.outcomes.iter().filter(|(outcome, _)| *outcome != "answered");
    let mut others: Vec<String> = others.map(|(outcome, count)| format!("{count} {outcome}")).collect();
    if key.running > 0 {
        others.push(format!("{} running", key.running));
    }
    others.join(", ")
}
