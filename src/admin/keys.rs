//! Keys as operators see and change them, on a daemon's pool or on the stored one: the same words for both.

use std::time::Duration;

use super::api::{KeyChanged, KeyList, KeyNow, KeyVerb, KeysChanged, KeysRequest, Quota};
use crate::config::Config;
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::nearest::nearest;
use crate::domain::pool::snapshot::KeyView;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{ChangedKey, ChangedKeys, KeyChange, KeyOrder};

/// The longest reason of an operator, in characters.
pub(crate) const LONGEST_REASON: usize = 200;

/// Every key.
pub(crate) fn list((as_of, views): (Timestamp, Vec<KeyView>), config: &Config) -> KeyList {
    KeyList { as_of, keys: views.into_iter().map(|view| wire(view, config)).collect() }
}

/// What a request means to the gateway.
pub(crate) fn order(request: &KeysRequest, uid: u32) -> KeyOrder {
    let change = match request.verb {
        KeyVerb::Disable => KeyChange::Disable { span: request.for_ms.map(Duration::from_millis) },
        KeyVerb::Enable => KeyChange::Enable,
        KeyVerb::Reset => KeyChange::Reset,
    };
    let mut keys: Vec<KeyId> = Vec::new();
    for key in &request.keys {
        if !keys.contains(key) {
            keys.push(*key);
        }
    }
    KeyOrder { change, keys, reason: request.reason.clone(), uid, dry_run: request.dry_run }
}

/// What became of the keys; if one of them is unknown, which.
pub(crate) fn changed(
    found: Option<ChangedKeys>,
    request: &KeysRequest,
    config: &Config,
    as_of: Timestamp,
) -> Result<KeysChanged, CommandError> {
    let Some(found) = found else {
        let known: Vec<KeyId> = config.keys.iter().map(|key| key.id).collect();
        let strangers = request.keys.iter().find(|key| !known.contains(key));
        return Err(unknown(&strangers.map(ToString::to_string).unwrap_or_default(), &known));
    };
    let change = |change: ChangedKey| KeyChanged { key: wire(change.key, config), changed: change.changed };
    let (keys, left_empty) = (found.keys.into_iter().map(change).collect(), found.left_empty);
    Ok(KeysChanged { as_of, verb: request.verb, keys, left_empty, dry_run: request.dry_run })
}

/// There is no key of this name.
pub(crate) fn unknown(name: &str, known: &[KeyId]) -> CommandError {
    let error = CommandError::new(ErrorKind::NotFound, format!("no key {name}"));
    let initial = name.chars().next().map(|letter| letter.to_ascii_uppercase());
    let places = known.iter().map(ToString::to_string);
    let like_it: Vec<String> = places.filter(|place| place.chars().next() == initial).collect();
    let near = nearest(name, like_it.iter().map(String::as_str));
    let error = match (near, like_it.as_slice()) {
        (_, []) => error,
        (Some(one), _) => error.hint(format!("did you mean {one}?")),
        (None, more) => error.hint(format!("did you mean one of {}?", more.join(", "))),
    };
    error.hint("svs keys ls")
}

/// What the project of a key may spend on the models that it has.
pub(crate) fn quotas(view: &KeyView) -> Vec<Quota> {
    let quota = |model: ModelSlot| {
        let ((used, allowed), (minute, per_minute)) = (view.spent[model], view.activity.minute[model]);
        Quota { model, used, allowed, minute, per_minute }
    };
    ModelSlot::ALL.into_iter().map(quota).filter(|quota| quota.allowed > 0).collect()
}

/// One key.
pub(crate) fn wire(view: KeyView, config: &Config) -> KeyNow {
    let configured = config.keys.iter().find(|key| key.id == view.id);
    KeyNow {
        key: view.id,
        fingerprint: view.fingerprint,
        tail: configured.and_then(|key| key.secret.tail()).map(str::to_owned),
        project: view.project.to_string(),
        state: view.condition,
        why: view.refusal.map(|refusal| refusal.name().to_owned()),
        until: view.until(),
        breaker: view.activity.breaker,
        last_send: view.activity.last_send,
        cools_until: view.activity.cools_until,
        running: view.activity.running,
        quotas: quotas(&view),
        reason: view.reason,
    }
}
