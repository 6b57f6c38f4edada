//! Users and their roles, through the socket.
//!
//! Whoever may use the socket may read. Only the daemon's own user, root and the users listed in `control.uids` may
//! change: a role is the right to spend more than `normal`, which members of the group do not have themselves.

use serde::{Deserialize, Serialize};

use crate::domain::chat::{Notice, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// Whom a list shows; what is left out is not asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct PeopleQuery {
    /// Those who have this role now.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// Those seen then or later.
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
    /// The banned.
    #[serde(default)]
    pub(crate) banned: bool,
}

/// Users.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PersonList {
    /// When it was so.
    pub(crate) as_of: Timestamp,
    /// Those asked for, by id.
    pub(crate) users: Vec<Person>,
}

/// One user, with the time of the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PersonNow {
    /// When it was so.
    pub(crate) as_of: Timestamp,
    /// Who.
    pub(crate) user: Person,
}

/// One user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    /// Telegram's numeric id.
    pub(crate) id: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The first name last seen.
    pub(crate) first_name: Option<String>,
    /// The role in force; `guest` for whom the bot does not serve.
    pub(crate) role: Role,
    /// Whether the bot serves them: neither banned, nor shut out by a closed bot.
    pub(crate) served: bool,
    /// The role that was granted and has not run out.
    pub(crate) granted: Option<Role>,
    /// When the grant runs out; none: it does not.
    pub(crate) granted_until: Option<Timestamp>,
    /// Whether they have met the bot in private.
    pub(crate) started: bool,
    /// Whether they are banned.
    pub(crate) banned: bool,
    /// What was noted beside the ban.
    pub(crate) ban_reason: Option<String>,
    /// When first seen.
    pub(crate) first_seen: Timestamp,
    /// When last seen.
    pub(crate) last_seen: Timestamp,
    /// Requests of the last 60 min that count.
    pub(crate) used_hour: u32,
    /// Requests of the quota day that count.
    pub(crate) used_day: u32,
    /// How many an hour may have; none: no cap.
    pub(crate) per_hour: Option<u32>,
    /// How many a quota day may have; none: no cap.
    pub(crate) per_day: Option<u32>,
    /// When the day's count begins anew.
    pub(crate) resets_at: Timestamp,
    /// Rounds of memory that the role has.
    pub(crate) rounds: u32,
    /// Rounds kept of all their conversations.
    pub(crate) rounds_stored: u32,
    /// As whom they stand in the log; none without a daemon, which alone writes it.
    #[serde(default)]
    pub(crate) log_name: Option<String>,
}

/// A role to be given, or taken back.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleRequest {
    /// The role; none: what was granted is taken back.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// For how long; none: without an end.
    #[serde(default)]
    pub(crate) for_ms: Option<u64>,
    /// Do not tell the user.
    #[serde(default)]
    pub(crate) silent: bool,
}

/// What became of a role.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RoleChanged {
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The role until now.
    pub(crate) before: Role,
    /// The role from now on.
    pub(crate) role: Role,
    /// When it runs out; none: it does not.
    pub(crate) until: Option<Timestamp>,
    /// Whether the bot serves them now.
    pub(crate) served: bool,
    /// Whether they were seen before.
    pub(crate) seen: bool,
    /// What they are told.
    #[serde(default)]
    pub(crate) told: Option<Notice>,
}

/// A ban.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BanRequest {
    /// A note for operators; the user is told nothing.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// What became of a ban.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct BanChanged {
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// Whether they are banned now.
    pub(crate) banned: bool,
    /// Whether that is new.
    pub(crate) changed: bool,
    /// Whether they were seen before.
    pub(crate) seen: bool,
}

/// How somebody is forgotten.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgetRequest {
    /// Only count.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What was erased, or would be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Forgotten {
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here until now, without @.
    pub(crate) name: Option<String>,
    /// Rounds of all their conversations.
    pub(crate) rounds: u32,
    /// Requests that do not name them any more.
    pub(crate) requests: u32,
    /// Updates of theirs, and messages to them.
    pub(crate) messages: u32,
    /// Nothing was done.
    pub(crate) dry_run: bool,
    /// Whether nothing of it is left in any file; not so while another process reads the state.
    pub(crate) complete: bool,
}
