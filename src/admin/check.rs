//! `keys check`: what Google says of each key. Models are listed, which spends no generation.
//!
//! Here and not among the commands, because the daemon does it too, with its own keys, for whoever asks.

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::api::{CheckRequest, CheckedKey, KeyState, MissingModel};
use crate::config::ConfiguredKey;
use crate::domain::model::PerModel;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::gemini::{GeminiClient, SlotCheck, check_models};

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
    models: &PerModel<Option<String>>,
    keys: &[&ConfiguredKey],
    concurrency: usize,
    on_result: &mut (dyn FnMut(CheckedKey, &Outcome) + Send),
) {
    let mut waiting = keys.iter();
    let mut running: FuturesUnordered<_> =
        waiting.by_ref().take(concurrency.max(1)).map(|key| check_one(client, models, key)).collect();
    while let Some((checked, outcome)) = running.next().await {
        running.extend(waiting.next().map(|key| check_one(client, models, key)));
        on_result(checked, &outcome);
    }
}

async fn check_one(
    client: &GeminiClient,
    models: &PerModel<Option<String>>,
    key: &ConfiguredKey,
) -> (CheckedKey, Outcome) {
    let begin = Instant::now();
    let answer = client.list_models(&key.secret).await;
    let mut checked = CheckedKey {
        key: key.id,
        tail: key.secret.tail().map(str::to_owned),
        project: key.project.to_string(),
        state: KeyState::Ok,
        reason: None,
        help_url: None,
        ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        missing: Vec::new(),
        consumer: None,
    };
    let verdict = match answer {
        Ok(listed) => {
            let missing = |check: SlotCheck| {
                (!check.found).then_some(MissingModel {
                    model: check.slot,
                    id: check.id,
                    nearest: check.nearest,
                })
            };
            checked.missing = check_models(models, &listed).into_iter().filter_map(missing).collect();
            return (checked, Outcome::Answered);
        }
        Err(verdict) => verdict,
    };
    checked.state = state_of(&verdict.outcome);
    (checked.reason, checked.help_url, checked.consumer) =
        (verdict.detail, verdict.help_url, verdict.consumer);
    (checked, verdict.outcome)
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
