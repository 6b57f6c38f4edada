//! `svs usage`: what was asked and sent, by whom or by what.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{Usage, UsageBy, path};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::{UsageRow, usage};
use crate::ui::text::{lines, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

use super::{Ctx, parse_span, stored};

/// Count what was asked and sent
///
/// By user, role and day, requests are counted: how many were answered, refused for want of quota or by Google's
/// policy, failed, or were stopped. By model and key, sends are counted the same way, and their requests are those that
/// had a send there. The median is of those answered. What was turned away was refused before it became a request, by
/// a cap or a full line.
///
/// A day is a quota day: it begins at midnight in Los Angeles. Requests are kept 7 days, sends 35, what was turned away
/// 2, if the configuration says nothing else. Where no daemon runs, the stored state answers.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs usage
  svs usage --by user --since 24h
  svs usage --by key --since 30d -o csv > keys.csv")]
pub(crate) struct UsageArgs {
    /// What to count by
    #[arg(long, value_name = "WHAT", default_value = "day")]
    by: By,
    /// How far back
    #[arg(long, value_name = "SPAN", value_parser = parse_span, default_value = "7d")]
    since: Duration,
}

/// What to count by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum By {
    /// The person who asked
    User,
    /// The role in force
    Role,
    /// The model
    Model,
    /// The API key
    Key,
    /// The quota day
    Day,
}

impl From<By> for UsageBy {
    fn from(by: By) -> UsageBy {
        match by {
            By::User => UsageBy::User,
            By::Role => UsageBy::Role,
            By::Model => UsageBy::Model,
            By::Key => UsageBy::Key,
            By::Day => UsageBy::Day,
        }
    }
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &UsageArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let (by, since) = (UsageBy::from(args.by), ctx.clock.now() - args.since);
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => {
                let by = by.name();
                let query = format!("{}?by={by}&since={}", path::USAGE, since.as_millis());
                Ok(Counted { usage: Some(client.get::<Usage>(&query).await?), live: true })
            }
            None => Ok(Counted { usage: stored_usage(by, since, ctx).await?, live: false }),
        }
    };
    ctx.within(Duration::from_secs(10), "the daemon's answer", asked).await
}

/// None: there is no state yet, so nothing was used.
async fn stored_usage(by: UsageBy, since: Timestamp, ctx: &Ctx) -> Result<Option<Usage>, CommandError> {
    let (config, Some(store)) = stored::open(ctx)? else { return Ok(None) };
    let counted = usage(&store, &config, by, since).await?;
    store.close().await;
    Ok(Some(counted))
}

struct Counted {
    usage: Option<Usage>,
    live: bool,
}

impl Counted {
    fn rows(&self) -> &[UsageRow] {
        self.usage.as_ref().map_or(&[], |usage| &usage.rows)
    }
}

impl Report for Counted {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let mut table = Table::new(
            "rows",
            &[
                "NAME",
                "LABEL",
                "REQUESTS",
                "ANSWERED",
                "REFUSED",
                "FAILED",
                "STOPPED",
                "SENDS",
                "TOKENS",
                "MEDIAN_MS",
                "TURNED_AWAY",
            ],
        );
        for row in self.rows() {
            let plain = |n: u64| (Paint::Plain, n.to_string());
            let maybe = |n: Option<u64>| (Paint::Plain, n.map_or_else(String::new, |n| n.to_string()));
            table.row([
                (Paint::Strong, row.name.clone()),
                (Paint::Plain, row.label.clone().unwrap_or_default()),
                plain(row.requests),
                plain(row.answered),
                plain(row.refused),
                (if row.failed > 0 { Paint::Warning } else { Paint::Plain }, row.failed.to_string()),
                plain(row.stopped),
                plain(row.sends),
                plain(row.tokens),
                maybe(row.median_ms),
                maybe(row.turned_away),
            ]);
        }
        Body::Table(table)
    }

    fn json(&self) -> Value {
        let Some(usage) = &self.usage else { return json!({"live": false, "rows": []}) };
        json!({
            "as_of": rfc3339(usage.as_of),
            "live": self.live,
            "by": usage.by.name(),
            "since": rfc3339(usage.since),
            "kept_since": rfc3339(usage.kept_since),
            "rows": usage.rows,
            "total": usage.total,
            "turned_away": usage.turned_away,
            "turned_away_kept_since": rfc3339(usage.turned_away_kept_since),
        })
    }

    fn brief(&self) -> String {
        lines(self.rows().iter().map(|row| &row.name))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(usage) = &self.usage {
            notes.push(total(&usage.total));
            if !usage.turned_away.is_empty() {
                let reasons = usage.turned_away.iter().map(|(reason, count)| format!("{count} {reason}"));
                notes.push(format!("turned away: {}", reasons.collect::<Vec<_>>().join(", ")));
            }
            if usage.since < usage.kept_since {
                let kept = span(usage.as_of.since(usage.kept_since));
                notes.push(format!("only the last {kept} are kept"));
            }
            if usage.by == UsageBy::Day {
                notes.push("days begin at midnight in Los Angeles, as Google's quotas do".to_owned());
            }
        }
        if !self.live {
            notes.push(stored::NOTE.to_owned());
        }
        notes
    }
}

fn total(total: &UsageRow) -> String {
    let parts = [
        (total.answered, "answered"),
        (total.refused, "refused"),
        (total.failed, "failed"),
        (total.stopped, "stopped"),
        (total.running, "running"),
    ];
    let parts =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let separator = if parts.is_empty() { "" } else { ": " };
    format!(
        "total {} requests, {} sends{separator}{parts}; {} tokens",
        total.requests, total.sends, total.tokens
    )
}
