//! What goes through the control socket, for both ends. Times are milliseconds since 1970, spans milliseconds.
//!
//! Version 1 only ever grows: a field may be added, none is taken away or changes its meaning. What an answer has
//! more than a command knows is passed over. What a request has more than a daemon knows is refused, lest less be done
//! than was asked; so a field added to a request is left out where it is not used.

use serde::{Deserialize, Serialize};

pub(crate) use super::target::{KickTarget, UnknownTarget};
use crate::error::{CommandError, ErrorKind};
pub(crate) use crate::gateway::{KeyStat, KeyStats, RecentRequest, Trace, Updates, Usage, UsageBy, Verified};

mod ask;
mod config;
mod history;
mod keys;
mod logs;
mod people;
mod profile;
mod status;
mod vip;

pub(crate) use ask::{Answered, AskEvent, AskRequest, File};
pub(crate) use config::{ConfigDiff, DiffRequest, SettingChange};
pub(crate) use history::{RecentRequests, UsageQuery, VerifyQuery};
pub(crate) use keys::{
    CheckEvent, CheckRequest, CheckedKey, KeyChanged, KeyList, KeyNow, KeyState, KeyStatsQuery, KeyVerb,
    KeysChanged, KeysRequest, MissingModel, Via,
};
pub(crate) use logs::{LevelRequest, LevelState, LogsEvent, LogsRequest};
pub(crate) use people::{
    BanChanged, BanRequest, ForgetRequest, Forgotten, PeopleQuery, Person, PersonList, PersonNow,
    RoleChanged, RoleRequest,
};
pub(crate) use profile::{LONGEST_PROFILE, Profile, ProfileRequest};
pub(crate) use status::{Budget, KeyCounts, Outage, Quota, Rates, RecentFailure, Status};
pub(crate) use vip::{
    ExtendRequest, Extended, GrantRequest, Granted, KickRequest, Kicked, VipHold, VipList, VipSession,
    VipWaiting,
};

/// What to do when one end says what the other does not know.
pub(super) const OTHER_VERSION: &str = "command and daemon have different versions: svs version, svs status";

/// Where the verbs are.
pub(crate) mod path {
    /// `GET`: [`super::Status`].
    pub(crate) const STATUS: &str = "/v1/status";
    /// `GET`: [`super::VipList`]; `DELETE` below it with a [`super::KickRequest`]: [`super::Kicked`]. Below a user `POST`
    /// to `grant` a [`super::GrantRequest`]: [`super::Granted`]; to `extend` a [`super::ExtendRequest`]:
    /// [`super::Extended`].
    pub(crate) const VIP: &str = "/v1/vip";
    /// `GET` with a [`super::PeopleQuery`]: [`super::PersonList`]. Below it, for one user: `GET`
    /// [`super::PersonNow`], `DELETE` with a [`super::ForgetRequest`]: [`super::Forgotten`], `PUT …/role` a
    /// [`super::RoleRequest`]: [`super::RoleChanged`], `PUT …/ban` a [`super::BanRequest`] and `DELETE …/ban`:
    /// [`super::BanChanged`].
    pub(crate) const USERS: &str = "/v1/users";
    /// `GET`: [`super::KeyList`]; `POST` a [`super::KeysRequest`]: [`super::KeysChanged`].
    pub(crate) const KEYS: &str = "/v1/keys";
    /// `GET` with a [`super::KeyStatsQuery`]: [`super::KeyStats`].
    pub(crate) const KEYS_STATS: &str = "/v1/keys/stats";
    /// `POST` a [`super::CheckRequest`]: lines of [`super::CheckEvent`].
    pub(crate) const KEYS_CHECK: &str = "/v1/keys/check";
    /// `POST` an [`super::AskRequest`]: lines of [`super::AskEvent`].
    pub(crate) const ASK: &str = "/v1/ask";
    /// `POST` a [`super::DiffRequest`]: [`super::ConfigDiff`].
    pub(crate) const CONFIG_DIFF: &str = "/v1/config/diff";
    /// `POST`: reads the sources and takes them over; [`super::ConfigDiff`].
    pub(crate) const RELOAD: &str = "/v1/config/reload";
    /// `GET`: [`super::RecentRequests`]; below it, by ref or id: [`super::Trace`].
    pub(crate) const REQUESTS: &str = "/v1/requests";
    /// `GET` with a [`super::UsageQuery`]: [`super::Usage`].
    pub(crate) const USAGE: &str = "/v1/usage";
    /// `GET` with a [`super::VerifyQuery`]: [`super::Verified`].
    pub(crate) const VERIFY: &str = "/v1/verify";
    /// `POST` a [`super::LogsRequest`]: lines of [`super::LogsEvent`].
    pub(crate) const LOGS: &str = "/v1/logs";
    /// `GET`: [`super::LevelState`]; `PUT` a [`super::LevelRequest`]: the same.
    pub(crate) const LOGS_LEVEL: &str = "/v1/logs/level";
    /// `POST` a [`super::ProfileRequest`]: [`super::Profile`].
    pub(crate) const PROFILE: &str = "/v1/debug/profile";
    /// `GET`: the snapshot of the pool, as `domain` writes it.
    pub(crate) const SNAPSHOT: &str = "/v1/snapshot";
}

/// Why a verb failed: a [`CommandError`] on its way through the socket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The kind's name; an unknown one counts as `unavailable`.
    pub(crate) code: String,
    /// What happened.
    pub(crate) message: String,
    /// Why, outermost first.
    #[serde(default)]
    pub(crate) causes: Vec<String>,
    /// What to do next.
    #[serde(default)]
    pub(crate) hints: Vec<String>,
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Failure {
        Failure {
            code: error.kind.name().to_owned(),
            message: error.message,
            causes: error.causes,
            hints: error.hints,
        }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> CommandError {
        let kind = ErrorKind::named(&failure.code).unwrap_or(ErrorKind::Unavailable);
        CommandError { kind, message: failure.message, causes: failure.causes, hints: failure.hints }
    }
}
