//! `svs verify`: the proof that no limit was ever passed, from the sends that are kept.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{Verified, path};
use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::pool::proof::{Finding, Limit, Subject, Violation};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{UsedKey, verify};
use crate::ui::text::{count, rfc3339, span};
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

use super::{Ctx, Instant, parse_instant, stored};

/// Prove that no limit was ever passed
///
/// Replays every send that is kept, one after the other, and finds the worst of each limit: the most sends of a project
/// to a model in any 60 s and in a quota day, the smallest gap between two sends of a key. It counts for itself, by the
/// list of sends alone. That the ledger knows of all sends of today is checked as well.
///
/// Judged by the limits that are configured now: after a change of limits, --since leaves out what was before. A day is
/// a quota day: it begins at midnight in Los Angeles. Sends are kept 35 days, if the configuration says nothing else.
/// Where no daemon runs, the stored state is judged. Nothing is sent and nothing is changed.
///
/// Exits with 0 if no limit was passed, 2 if one was, 66 if no send is kept.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs verify
  svs verify --since 24h
  svs verify --since midnight -o json | jq .proved
  svs verify -o csv > limits.csv
  svs verify -o nagios")]
pub(crate) struct VerifyArgs {
    /// How far back: a span, a time, or midnight [default: all that is kept]
    #[arg(long, value_name = "WHEN", value_parser = parse_instant)]
    since: Option<Instant>,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &VerifyArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let now = ctx.clock.now();
    let since = match args.since {
        None => Timestamp::ZERO,
        Some(Instant::At(at)) => at,
        Some(Instant::Away(span)) => now - span,
        Some(Instant::Midnight) => {
            let calendar = crate::clock::pacific_calendar(now);
            calendar.start(calendar.day(now))
        }
    };
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => {
                let query = format!("{}?since={}", path::VERIFY, since.as_millis());
                Ok((client.get::<Verified>(&query).await?, true))
            }
            None => Ok((stored_proof(since, ctx).await?, false)),
        }
    };
    let (verified, live) = ctx.within(Duration::from_secs(30), "the proof", asked).await?;
    if verified.proof.sends == 0 && verified.proof.violated == 0 {
        return Err(nothing_kept());
    }
    Ok(Proved { verified, live })
}

async fn stored_proof(since: Timestamp, ctx: &Ctx) -> Result<Verified, CommandError> {
    let (config, Some(store)) = stored::open(ctx)? else { return Err(nothing_kept()) };
    let verified = verify(&store, &config, since).await?;
    store.close().await;
    Ok(verified)
}

fn nothing_kept() -> CommandError {
    CommandError::new(ErrorKind::NotFound, "no send is kept, so there is nothing to prove")
        .hint("svs config path tells where the state is; sends are kept for storage.keep_sends")
}

struct Proved {
    verified: Verified,
    live: bool,
}

impl Proved {
    const fn is_proved(&self) -> bool {
        self.verified.proof.violated == 0
    }

    fn verdict(&self) -> String {
        let proof = &self.verified.proof;
        let keys: std::collections::BTreeSet<_> =
            self.verified.keys.iter().map(|key| key.fingerprint).collect();
        let sends = format!("{} of {}", count_u64(proof.sends, "send"), count(keys.len(), "key"));
        let time = self.verified.span.map_or_else(String::new, |(first, last)| {
            let at = |at| rfc3339(at).unwrap_or_default();
            format!(" from {} to {}", at(first), at(last))
        });
        if self.is_proved() {
            return format!("proved: {sends}{time} passed no limit");
        }
        format!("NOT proved: limits were passed {} by {sends}{time}", count_u64(proof.violated, "time"))
    }

    fn key(&self, fingerprint: Fingerprint) -> Option<&UsedKey> {
        self.verified.keys.iter().find(|key| key.fingerprint == fingerprint)
    }

    /// `A3 …x9Kd`; a key that is not configured any more by its fingerprint.
    fn key_name(&self, fingerprint: Fingerprint) -> String {
        self.key(fingerprint).map_or_else(|| format!("gone:{fingerprint}"), name_of)
    }

    /// A project that nobody named goes by its key.
    fn project_name(&self, project: &Project) -> String {
        let own = project.0.strip_prefix("key:").and_then(|fingerprint| fingerprint.parse().ok());
        own.map_or_else(|| project.to_string(), |fingerprint| self.key_name(fingerprint))
    }

    /// The finding of a limit that is nearest to it, among those that `of` takes.
    fn tightest(&self, limit: Limit, of: impl Fn(&Subject) -> bool) -> Option<&Finding> {
        let all = self.verified.proof.findings.iter();
        all.filter(|finding| finding.limit == limit && of(&finding.of)).min_by_key(|finding| finding.margin())
    }

    fn projects(&self, style: Style) -> String {
        let mut table = Table::new(
            "projects",
            &["PROJECT", "KEYS", "SENDS", "WORST 60S", "SMALLEST GAP", "FLASH-LITE", "FLASH", "PRO"],
        );
        let mut projects: Vec<&Project> = Vec::new();
        for key in &self.verified.keys {
            if !projects.contains(&&key.project) {
                projects.push(&key.project);
            }
        }
        for project in projects {
            let keys: Vec<&UsedKey> =
                self.verified.keys.iter().filter(|key| key.project == *project).collect();
            let is_budget =
                |of: &Subject| matches!(of, Subject::Budget { project: known, .. } if known == project);
            let is_key = |of: &Subject| matches!(of, Subject::Key { fingerprint } if keys.iter().any(|key| key.fingerprint == *fingerprint));
            let days = |model: ModelSlot| {
                self.tightest(Limit::Day, |of| {
                    is_budget(of) && matches!(of, Subject::Budget { model: known, .. } if *known == model)
                })
            };
            let judged = self.verified.proof.findings.iter();
            let judged = judged.filter(|finding| finding.limit == Limit::Day && is_budget(&finding.of));
            let names: Vec<String> = keys.iter().map(|key| short_name(key)).collect();
            let [lite, flash, pro] = ModelSlot::TEXT.map(|model| cell(days(model)));
            table.row([
                (Paint::Strong, self.project_name(project)),
                (Paint::Plain, names.join(" ")),
                (Paint::Plain, judged.map(|finding| finding.sends).sum::<u64>().to_string()),
                cell(self.tightest(Limit::Minute, is_budget)),
                cell(self.tightest(Limit::Gap, is_key)),
                lite,
                flash,
                pro,
            ]);
        }
        table.aligned(style, None)
    }

    fn violation(&self, violation: &Violation) -> String {
        let Violation { limit, of, worst, allowed, at, sends } = violation;
        let of = match of {
            Subject::Budget { project, model } => format!("{} {model}", self.project_name(project)),
            Subject::Key { fingerprint } => self.key_name(*fingerprint),
        };
        let ids: Vec<String> = sends.iter().map(ToString::to_string).collect();
        let (at, ids) = (rfc3339(*at).unwrap_or_default(), ids.join(" "));
        match limit {
            Limit::Minute => format!("{at} {of}: {worst} sends in 60s, {allowed} allowed (sends {ids})"),
            Limit::Day => format!("{at} {of}: send {worst} of the day, {allowed} allowed (send {ids})"),
            Limit::Gap => {
                let (worst, allowed) = (millis(*worst), millis(*allowed));
                format!("{at} {of}: {worst} between two sends, {allowed} needed (sends {ids})")
            }
            Limit::Ledger => {
                format!("{at} {of}: {worst} sends today, the ledger knows of {allowed}: it was changed")
            }
        }
    }
}

fn name_of(key: &UsedKey) -> String {
    let tail = key.tail.as_ref().map(|tail| format!(" …{tail}")).unwrap_or_default();
    key.id.map_or_else(|| format!("gone:{}", key.fingerprint), |id| format!("{id}{tail}"))
}

fn short_name(key: &UsedKey) -> String {
    key.id.map_or_else(|| format!("gone:{}", key.fingerprint), |id| id.to_string())
}

/// `6 of 10`, `10.3s of 10s`.
fn cell(finding: Option<&Finding>) -> (Paint, String) {
    let Some(finding) = finding else { return (Paint::Faint, "-".to_owned()) };
    let paint = if finding.holds() { Paint::Plain } else { Paint::Bad };
    if finding.limit == Limit::Gap {
        return (paint, format!("{} of {}", millis(finding.worst), millis(finding.allowed)));
    }
    (paint, format!("{} of {}", finding.worst, finding.allowed))
}

/// Seconds, with what is below them where there is any: `10s`, `10.26s`; long gaps in the usual units.
fn millis(ms: u64) -> String {
    match ms {
        0..60_000 => format!("{}s", ms as f64 / 1000.0),
        _ => span(Duration::from_millis(ms)),
    }
}

fn count_u64(n: u64, noun: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), noun)
}

impl Report for Proved {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let proof = &self.verified.proof;
        let paint = if self.is_proved() { Paint::Good } else { Paint::Bad };
        let mut text = style.paint(paint, &self.verdict()) + "\n" + &self.projects(style);
        for violation in &proof.violations {
            let _ = writeln!(text, "{}", style.paint(Paint::Bad, &self.violation(violation)));
        }
        let more = proof.violated - proof.violations.len() as u64;
        if more > 0 {
            let _ = writeln!(text, "… and {more} more");
        }
        Body::Text(text)
    }

    fn csv(&self) -> Option<Table> {
        let mut table = Table::new(
            "findings",
            &["LIMIT", "PROJECT", "MODEL", "KEY", "FINGERPRINT", "SENDS", "WORST", "ALLOWED", "AT", "HOLDS"],
        );
        for finding in &self.verified.proof.findings {
            let (project, model, fingerprint) = match &finding.of {
                Subject::Budget { project, model } => (project.to_string(), model.to_string(), None),
                Subject::Key { fingerprint } => (String::new(), String::new(), Some(*fingerprint)),
            };
            let key = fingerprint.and_then(|fingerprint| self.key(fingerprint)?.id);
            let plain = |text: String| (Paint::Plain, text);
            table.row([
                plain(finding.limit.name().to_owned()),
                plain(project),
                plain(model),
                plain(key.map_or_else(String::new, |id| id.to_string())),
                plain(fingerprint.map_or_else(String::new, |fingerprint| fingerprint.to_string())),
                plain(finding.sends.to_string()),
                plain(finding.worst.to_string()),
                plain(finding.allowed.to_string()),
                plain(rfc3339(finding.at).unwrap_or_default()),
                plain(finding.holds().to_string()),
            ]);
        }
        Some(table)
    }

    fn json(&self) -> Value {
        let Verified { as_of, since, kept_since, span, not_sent, proof, keys, lowered } = &self.verified;
        let of = |of: &Subject| match of {
            Subject::Budget { project, model } => (Some(project.clone()), Some(model.name()), None),
            Subject::Key { fingerprint } => (None, None, Some(*fingerprint)),
        };
        let finding = |finding: &Finding| {
            let (project, model, fingerprint) = of(&finding.of);
            json!({
                "limit": finding.limit.name(), "project": project, "model": model,
                "key": fingerprint.and_then(|fingerprint| self.key(fingerprint)?.id),
                "fingerprint": fingerprint, "sends": finding.sends, "worst": finding.worst,
                "allowed": finding.allowed, "at": rfc3339(finding.at), "holds": finding.holds(),
            })
        };
        let violation = |violation: &Violation| {
            let (project, model, fingerprint) = of(&violation.of);
            json!({
                "limit": violation.limit.name(), "project": project, "model": model,
                "key": fingerprint.and_then(|fingerprint| self.key(fingerprint)?.id),
                "fingerprint": fingerprint, "worst": violation.worst, "allowed": violation.allowed,
                "at": rfc3339(violation.at), "sends": violation.sends,
            })
        };
        json!({
            "as_of": rfc3339(*as_of),
            "live": self.live,
            "proved": self.is_proved(),
            "since": (*since > Timestamp::ZERO).then(|| rfc3339(*since)),
            "kept_since": rfc3339(*kept_since),
            "first": span.and_then(|(first, _)| rfc3339(first)),
            "last": span.and_then(|(_, last)| rfc3339(last)),
            "sends": proof.sends,
            "not_sent": not_sent,
            "findings": proof.findings.iter().map(finding).collect::<Vec<_>>(),
            "violated": proof.violated,
            "violations": proof.violations.iter().map(violation).collect::<Vec<_>>(),
            "keys": keys,
            "lowered": lowered,
        })
    }

    fn brief(&self) -> String {
        if self.is_proved() { String::new() } else { self.verdict() + "\n" }
    }

    fn nagios(&self) -> Option<String> {
        let proof = &self.verified.proof;
        let status = if self.is_proved() { "OK" } else { "CRITICAL" };
        let gap = self.tightest(Limit::Gap, |_| true).map_or_else(String::new, |finding| {
            format!(" smallest_gap={}ms;;{}:", finding.worst, finding.allowed)
        });
        Some(format!(
            "{status} - {} | sends={} violated={};;0{gap}",
            self.verdict(),
            proof.sends,
            proof.violated
        ))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "worst of allowed: sends in any 60s, milliseconds between two sends, sends of the busiest quota day"
                .to_owned(),
        ];
        let verified = &self.verified;
        if verified.not_sent > 0 {
            notes.push(format!("{} never left this host", count_u64(verified.not_sent, "send")));
        }
        for lowered in &verified.lowered {
            notes.push(format!(
                "Google has since named a lower limit for {} {}: {} a minute, {} of ours a day",
                self.project_name(&lowered.project),
                lowered.model,
                lowered.rpm,
                lowered.budget
            ));
        }
        if verified.keys.iter().any(|key| key.id.is_none()) {
            notes.push("keys that are gone were judged by the general limits".to_owned());
        }
        if !self.live {
            notes.push(stored::NOTE.to_owned());
        }
        notes
    }

    fn exit(&self) -> Exit {
        if self.is_proved() { Exit::OK } else { Exit(ErrorKind::Critical.exit_code()) }
    }
}
