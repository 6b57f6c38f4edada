//! Checks of keys, through the socket.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;

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
    /// The project Google names for this key, where it does.
    #[serde(default)]
    pub(crate) consumer: Option<String>,
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
        }
    }
}
