//! `keys check`: what Google says of each key. Models are listed, which spends no generation.
//!
//! Here and not among the commands, because the daemon does it too, with its own keys, for whoever asks.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::api::{CheckRequest, CheckedKey, KeyState};
use crate::config::ConfiguredKey;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::gemini::{GeminiClient, Verdict};

/// The keys a request means, in their order.
pub(crate) fn selected<'a>(keys: &'a [ConfiguredKey], request: &CheckRequest) -> Vec<&'a ConfiguredKey> {
    let everything = request.groups.is_empty() && request.keys.is_empty();
    let is_meant = |key: &&ConfiguredKey| {
        everything
            || request.keys.contains(&key.id)
            || key.id.group().is_some_and(|group| request.groups.contains(&group))
    };
    keys.iter().filter(is_meant).collect()
}

/// Checks keys, `concurrency` at a time, and reports each as soon as it is known, with what the pool may learn from
/// it: [`Outcome::Answered`] if the key is good.
pub(crate) async fn check_each(
    client: &GeminiClient,
    keys: &[&ConfiguredKey],
    concurrency: usize,
    on_result: &mut (dyn FnMut(CheckedKey, &Outcome) + Send),
) {
    let mut waiting = keys.iter();
    let mut running: FuturesUnordered<_> =
        waiting.by_ref().take(concurrency.max(1)).map(|key| check_one(client, key)).collect();
    while let Some((checked, outcome)) = running.next().await {
        running.extend(waiting.next().map(|key| check_one(client, key)));
        on_result(checked, &outcome);
    }
}

async fn check_one(client: &GeminiClient, key: &ConfiguredKey) -> (CheckedKey, Outcome) {
    let begin = Instant::now();
    let answer = client.list_models(&key.secret).await;
    let verdict = answer.err();
    let outcome = verdict.as_ref().map_or(Outcome::Answered, |verdict| verdict.outcome.clone());
    (checked(key, verdict, begin.elapsed()), outcome)
}

fn checked(key: &ConfiguredKey, verdict: Option<Verdict>, elapsed: Duration) -> CheckedKey {
    let state = verdict.as_ref().map_or(KeyState::Ok, |verdict| state_of(&verdict.outcome));
    let (detail, help_url, consumer) =
        verdict.map_or((None, None, None), |verdict| (verdict.detail, verdict.help_url, verdict.consumer));
    CheckedKey {
        key: key.id,
        tail: key.secret.tail().map(str::to_owned),
        project: key.project.to_string(),
        state,
        reason: detail,
        help_url,
        ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        consumer,
    }
}

/// What a failed listing says of the key.
fn state_of(outcome: &Outcome) -> KeyState {
    match outcome {
        Outcome::Answered => KeyState::Ok,
        Outcome::Rejected { reason } => match reason {
            Rejection::Invalid | Rejection::Expired | Rejection::Leaked | Rejection::WrongTokenType => {
                KeyState::Invalid
            }
            Rejection::Restricted | Rejection::ServiceDisabled => KeyState::Blocked,
            Rejection::Suspended | Rejection::NoCredit => KeyState::Suspended,
        },
        // Google knows the key and lets nobody in with it.
        Outcome::Unauthorized => KeyState::Blocked,
        Outcome::MinuteLimit { .. }
        | Outcome::DayLimit { .. }
        | Outcome::BareLimit
        | Outcome::ToolLimit
        | Outcome::SpendCap { .. } => KeyState::Limited,
        Outcome::RegionUnsupported => KeyState::Region,
        Outcome::Blocked
        | Outcome::BadRequest
        | Outcome::Empty
        | Outcome::ThoughtOnly
        | Outcome::ModelOff
        | Outcome::ModelMissing
        | Outcome::Overloaded
        | Outcome::UpstreamError
        | Outcome::Unreachable { .. }
        | Outcome::TimedOut
        | Outcome::Incomplete
        | Outcome::Abandoned => KeyState::Unreachable,
    }
}
