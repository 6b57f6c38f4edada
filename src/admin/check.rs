//! `keys check`: what Google says of each key. Models are listed, which spends no generation, or one token is asked
//! for, which is a send like any other.
//!
//! Here and not among the commands, because the daemon does it too, with its own keys, for whoever asks.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::api::{CheckRequest, CheckedKey, KeyState, MissingModel, Via};
use super::keys::{quotas, unknown};
use crate::config::{Config, ConfiguredKey};
use crate::domain::key::KeyId;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::domain::pool::refusal::Refusal;
use crate::domain::pool::snapshot::{Condition, KeyView};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{Gateway, KnownFacts, Learned, Probed};
use crate::gemini::{GeminiClient, Reply, SlotCheck, check_models};

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

/// With what a check is made.
#[derive(Clone, Copy)]
pub(crate) struct Tools<'a> {
    pub(crate) config: &'a Config,
    pub(crate) gemini: &'a GeminiClient,
    /// The ledger, which learns from the check; only a check without sends can do without.
    pub(crate) gateway: Option<&'a Gateway>,
    pub(crate) now: Timestamp,
}

/// Checks keys, so many at a time as the request says, and reports each as soon as it is known and written down.
pub(crate) async fn check_keys(
    tools: Tools<'_>,
    request: &CheckRequest,
    on_result: &mut (dyn FnMut(CheckedKey) + Send),
) -> Result<(), CommandError> {
    let known: Vec<KeyId> = tools.config.keys.iter().map(|key| key.id).collect();
    if let Some(stranger) = request.keys.iter().find(|key| !known.contains(key)) {
        return Err(unknown(&stranger.to_string(), &known));
    }
    let keys = selected(&tools.config.keys, request);
    let asked = asked(request, &tools.config.gemini.models);
    let facts = match tools.gateway {
        Some(gateway) => gateway.key_facts().await?,
        None => KnownFacts::new(),
    };
    let mut due = Vec::with_capacity(keys.len());
    let views = pool_now(tools);
    for key in keys {
        match remembered(key, request, &asked, &facts, tools.now) {
            Some(checked) => on_result(as_it_is(checked, key, &facts, &views)),
            None => due.push(key),
        }
    }
    let mut pause = request.pause_ms.map(|ms| {
        let mut pause = interval(Duration::from_millis(ms.max(1)));
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pause
    });
    let mut waiting = due.into_iter();
    let mut running = FuturesUnordered::new();
    loop {
        let may_begin = waiting.len() > 0 && running.len() < request.concurrency.max(1) as usize;
        tokio::select! {
            () = next_turn(&mut pause), if may_begin => {
                running.extend(waiting.next().map(|key| check_one(tools, request, key)));
            }
            Some(first) = running.next() => {
                // Whatever else is there already is written down with it.
                let mut found = vec![first?];
                while let Some(Some(more)) = running.next().now_or_never() {
                    found.push(more?);
                }
                learn(tools, &asked, &found).await?;
                let views = pool_now(tools);
                for (key, checked, _) in found {
                    on_result(as_it_is(checked, key, &facts, &views));
                }
            }
            else => return Ok(()),
        }
    }
}

async fn next_turn(pause: &mut Option<Interval>) {
    if let Some(pause) = pause {
        pause.tick().await;
    }
}

async fn learn(tools: Tools<'_>, asked: &str, found: &[Found<'_>]) -> Result<(), CommandError> {
    let Some(gateway) = tools.gateway else { return Ok(()) };
    let learned = found.iter().map(|(key, checked, outcome)| Learned {
        fingerprint: key.fingerprint,
        outcome: outcome.clone(),
        consumer: checked.consumer.clone(),
        asked: asked.to_owned(),
        result: serde_json::to_string(checked).unwrap_or_default(),
    });
    Ok(gateway.learn_from_checks(learned.collect()).await?)
}

/// What is asked for, in words that are the same for comparable checks.
fn asked(request: &CheckRequest, models: &PerModel<Option<String>>) -> String {
    let id = |slot: ModelSlot| models[slot].as_deref().unwrap_or("-");
    match request.via {
        Via::Models => format!("models {}", ModelSlot::ALL.map(id).join(" ")),
        Via::Generate => format!("generate {}", id(request.model.unwrap_or(ModelSlot::FlashLite))),
    }
}

/// The last check of a key, if it asked for the same and is young enough.
fn remembered(
    key: &ConfiguredKey,
    request: &CheckRequest,
    asked: &str,
    facts: &KnownFacts,
    now: Timestamp,
) -> Option<CheckedKey> {
    let youngest = now - Duration::from_millis(request.cached_ms?);
    let check = facts.get(&key.fingerprint.to_string())?.check.as_ref()?;
    let checked: CheckedKey = (check.asked == asked && check.at > youngest)
        .then(|| serde_json::from_slice(check.result.as_bytes()).ok())??;
    Some(CheckedKey { checked_at: Some(check.at), cached: true, ..checked })
}

/// The keys as the ledger has them now; none where there is no ledger.
fn pool_now(tools: Tools<'_>) -> Vec<KeyView> {
    tools.gateway.map(|gateway| gateway.keys().1).unwrap_or_default()
}

/// Puts the key's place and what the ledger knows beside what Google said.
fn as_it_is(checked: CheckedKey, key: &ConfiguredKey, facts: &KnownFacts, views: &[KeyView]) -> CheckedKey {
    let known = facts.get(&key.fingerprint.to_string()).and_then(|facts| facts.consumer.clone());
    let mut checked = CheckedKey {
        key: key.id,
        tail: key.secret.tail().map(str::to_owned),
        project: key.project.to_string(),
        repeated: key.repeated,
        consumer: checked.consumer.or(known),
        ..checked
    };
    if let Some(view) = views.iter().find(|view| view.id == key.id) {
        checked.quotas = quotas(view);
        if view.condition == Condition::Disabled {
            checked.disabled_until = view.refusal.map(|refusal| refusal.until());
        }
        if checked.state == KeyState::Limited && checked.until.is_none() {
            checked.until = view.until();
        }
    }
    checked
}

/// The key, what was found out of it, and of that what the ledger has not learned yet.
type Found<'a> = (&'a ConfiguredKey, CheckedKey, Option<Outcome>);

async fn check_one<'a>(
    tools: Tools<'a>,
    request: &CheckRequest,
    key: &'a ConfiguredKey,
) -> Result<Found<'a>, CommandError> {
    let begin = Instant::now();
    let mut checked = CheckedKey {
        fingerprint: Some(key.fingerprint),
        checked_at: Some(tools.gateway.map_or(tools.now, |gateway| gateway.clock().now())),
        ..CheckedKey::new(key.id)
    };
    let learned = match request.via {
        Via::Models => Some(list_models(tools, key, &mut checked).await),
        Via::Generate => {
            generate(tools, request.model.unwrap_or(ModelSlot::FlashLite), key, &mut checked).await?;
            None
        }
    };
    checked.ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok((key, checked, learned))
}

async fn list_models(tools: Tools<'_>, key: &ConfiguredKey, checked: &mut CheckedKey) -> Outcome {
    let verdict = match tools.gemini.list_models(&key.secret).await {
        Ok(listed) => {
            let missing = |check: SlotCheck| {
                (!check.found).then_some(MissingModel {
                    model: check.slot,
                    id: check.id,
                    nearest: check.nearest,
                })
            };
            let checks = check_models(&tools.config.gemini.models, &listed);
            checked.missing = checks.into_iter().filter_map(missing).collect();
            return Outcome::Answered;
        }
        Err(verdict) => verdict,
    };
    blame(checked, &verdict.outcome);
    (checked.reason, checked.help_url, checked.consumer) =
        (verdict.detail, verdict.help_url, verdict.consumer);
    verdict.outcome
}

/// Asks for one token, as far as the ledger grants it.
async fn generate(
    tools: Tools<'_>,
    model: ModelSlot,
    key: &ConfiguredKey,
    checked: &mut CheckedKey,
) -> Result<(), CommandError> {
    let gone = || CommandError::new(ErrorKind::NotFound, format!("no key {}", key.id));
    let gateway = tools.gateway.ok_or_else(gone)?;
    match gateway.probe(key.id, model).await?.ok_or_else(gone)? {
        Probed::Refused(Refusal::Rejected { why }) => {
            blame(checked, &Outcome::Rejected { reason: why });
            checked.reason = Some("known from before, so not asked; without --via generate it is".to_owned());
        }
        Probed::Refused(refusal) => {
            let is_disabled = matches!(refusal, Refusal::Disabled { .. });
            checked.state = if is_disabled { KeyState::Disabled } else { KeyState::Limited };
            checked.cause = Some(refusal.name().to_owned());
            checked.until = Some(refusal.until()).filter(|until| *until < Timestamp::NEVER);
            checked.reason = Some("not asked".to_owned());
        }
        Probed::Asked(reply) => {
            let Reply { outcome, detail, help_url, consumer, thinking_refused, .. } = *reply;
            // One token is often too few for any text, and Google knew the key before it looked at the request.
            let is_taken = thinking_refused
                || matches!(
                    outcome,
                    Outcome::Answered
                        | Outcome::Blocked
                        | Outcome::Empty
                        | Outcome::ThoughtOnly
                        | Outcome::Incomplete
                );
            if !is_taken {
                blame(checked, &outcome);
                (checked.reason, checked.help_url) = (detail, help_url);
                if let (Outcome::ModelMissing, Some(id)) = (&outcome, &tools.config.gemini.models[model]) {
                    checked.missing.push(MissingModel { model, id: id.clone(), nearest: None });
                }
            }
            checked.consumer = consumer;
        }
    }
    Ok(())
}

fn blame(checked: &mut CheckedKey, outcome: &Outcome) {
    checked.state = state_of(outcome);
    checked.cause = Some(outcome.name().to_owned());
}

/// What a failed check says of the key.
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
