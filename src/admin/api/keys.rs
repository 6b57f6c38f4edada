//! Keys through the socket: each as it is, what operators do with them, and checks.

use serde::{Deserialize, Serialize};

use super::{Failure, Quota};
use crate::domain::key::{Fingerprint, Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::pool::breaker::Breaker;
use crate::domain::pool::snapshot::Condition;
use crate::domain::time::Timestamp;

/// Every key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyList {
    /// When it was so.
    pub(crate) as_of: Timestamp,
    /// By their places.
    pub(crate) keys: Vec<KeyNow>,
}

/// One key as the pool sees it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyNow {
    /// Its place.
    pub(crate) key: KeyId,
    /// Its identity.
    pub(crate) fingerprint: Fingerprint,
    /// The last characters of the secret, by which operators know it; none if it is too short for that.
    pub(crate) tail: Option<String>,
    /// Its quota domain.
    pub(crate) project: String,
    /// How it is.
    pub(crate) state: Condition,
    /// Why it cannot serve now; none if it can.
    pub(crate) why: Option<String>,
    /// When that ends by itself, where that is known.
    pub(crate) until: Option<Timestamp>,
    /// What the operator said who took it out.
    pub(crate) reason: Option<String>,
    /// Strikes and the blacklist.
    pub(crate) breaker: Breaker,
    /// Its last send, whatever the model.
    pub(crate) last_send: Option<Timestamp>,
    /// When the cooldown after that ends; none: it has ended.
    pub(crate) cools_until: Option<Timestamp>,
    /// Sends that are out.
    pub(crate) running: u32,
    /// What its project may spend, per model that it has.
    pub(crate) quotas: Vec<Quota>,
}

/// From when on the stats of keys are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyStatsQuery {
    /// From when on.
    pub(crate) since: Timestamp,
}

/// What is done with keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyVerb {
    /// Not one send more.
    Disable,
    /// May send again.
    Enable,
    /// Bans, rejections and strikes are forgotten, and no count of sends.
    Reset,
}

/// What an operator wants of keys. If one of them is unknown, nothing is done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysRequest {
    /// What is done.
    pub(crate) verb: KeyVerb,
    /// With which keys.
    pub(crate) keys: Vec<KeyId>,
    /// For how long they are disabled; none: until they are enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<u64>,
    /// Why, for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Only say what would be done.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What became of keys.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct KeysChanged {
    /// When.
    pub(crate) as_of: Timestamp,
    /// What was asked for.
    pub(crate) verb: KeyVerb,
    /// One by one, as they were named.
    pub(crate) keys: Vec<KeyChanged>,
    /// Groups of these keys in which no key serves any more before it is mended or enabled.
    #[serde(default)]
    pub(crate) left_empty: Vec<Group>,
    /// Nothing was done.
    pub(crate) dry_run: bool,
}

/// What became of one key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyChanged {
    /// As it is now, or would be.
    pub(crate) key: KeyNow,
    /// Whether that is new.
    pub(crate) changed: bool,
}

/// How a key is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Via {
    /// By the list of models, which spends nothing.
    #[default]
    Models,
    /// By one token of an answer, which is a send like any other.
    Generate,
}

impl Via {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_models(&self) -> bool {
        *self == Via::Models
    }
}

/// Which keys to check. Without group and key: all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    /// Of these groups.
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    /// These keys.
    #[serde(default)]
    pub(crate) keys: Vec<KeyId>,
    /// How many at a time, 1….
    pub(crate) concurrency: u32,
    /// How.
    #[serde(default, skip_serializing_if = "Via::is_models")]
    pub(crate) via: Via,
    /// The model that is asked for a token; none: flash-lite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<ModelSlot>,
    /// The time between the beginnings of two checks; none: no pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pause_ms: Option<u64>,
    /// The last check answers where it is younger than this; none: it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cached_ms: Option<u64>,
}

/// One line of the answer to a check.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum CheckEvent {
    /// How many keys there will be.
    Started { total: u32 },
    /// One key is done.
    Checked(CheckedKey),
    /// It could not go on.
    Failed(Failure),
}

/// What a check says of a key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct CheckedKey {
    /// Its place.
    pub(crate) key: KeyId,
    /// The last characters of the secret, by which operators know it; none if it is too short for that.
    pub(crate) tail: Option<String>,
    /// Its quota domain.
    pub(crate) project: String,
    /// What Google says.
    pub(crate) state: KeyState,
    /// Why, in Google's words, scrubbed.
    pub(crate) reason: Option<String>,
    /// Where to read on.
    #[serde(default)]
    pub(crate) help_url: Option<String>,
    /// How long the answer took.
    pub(crate) ms: u64,
    /// Configured models that Google does not list for this key.
    #[serde(default)]
    pub(crate) missing: Vec<MissingModel>,
    /// The number of the project Google has named for this key, now or ever.
    #[serde(default)]
    pub(crate) consumer: Option<String>,
    /// Its identity.
    #[serde(default)]
    pub(crate) fingerprint: Option<Fingerprint>,
    /// What is wrong, more closely than `state` says: `expired`, `leaked`, `service_disabled`, ….
    #[serde(default)]
    pub(crate) cause: Option<String>,
    /// When a limited key serves again, where that is known.
    #[serde(default)]
    pub(crate) until: Option<Timestamp>,
    /// When Google said so.
    #[serde(default)]
    pub(crate) checked_at: Option<Timestamp>,
    /// It was not asked now: the last check answers.
    #[serde(default)]
    pub(crate) cached: bool,
    /// How often more the list of its group names it.
    #[serde(default)]
    pub(crate) repeated: u32,
    /// An operator keeps it out until then.
    #[serde(default)]
    pub(crate) disabled_until: Option<Timestamp>,
    /// What its project may spend, per model that it has.
    #[serde(default)]
    pub(crate) quotas: Vec<Quota>,
}

impl CheckedKey {
    /// A good key of which nothing more is known.
    pub(crate) fn new(key: KeyId) -> CheckedKey {
        CheckedKey {
            key,
            tail: None,
            project: String::new(),
            state: KeyState::Ok,
            reason: None,
            help_url: None,
            ms: 0,
            missing: Vec::new(),
            consumer: None,
            fingerprint: None,
            cause: None,
            until: None,
            checked_at: None,
            cached: false,
            repeated: 0,
            disabled_until: None,
            quotas: Vec::new(),
        }
    }
}

/// A configured model that Google does not list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct MissingModel {
    /// The job it was to do.
    pub(crate) model: ModelSlot,
    /// The configured id.
    pub(crate) id: String,
    /// The listed id most like it.
    pub(crate) nearest: Option<String>,
}

/// What Google says of a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    /// It is good.
    Ok,
    /// Good, but it has been asked too much of late.
    Limited,
    /// Definitely rejected: not valid, expired, leaked, of a kind that is no longer taken.
    Invalid,
    /// Restricted to other APIs, referrers or addresses, or its project does not have the API enabled.
    Blocked,
    /// Its project is suspended, denied, or has no credit.
    Suspended,
    /// Google does not serve this region.
    Region,
    /// Google could not be reached, or answered with an error of its own.
    Unreachable,
    /// An operator took it out, so it was not asked.
    Disabled,
}

impl KeyState {
    /// The word in output and JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            KeyState::Ok => "ok",
            KeyState::Limited => "limited",
            KeyState::Invalid => "invalid",
            KeyState::Blocked => "blocked",
            KeyState::Suspended => "suspended",
            KeyState::Region => "region",
            KeyState::Unreachable => "unreachable",
            KeyState::Disabled => "disabled",
        }
    }
}
