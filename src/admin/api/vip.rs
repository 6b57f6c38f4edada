//! The VIP room, through the socket.

use serde::{Deserialize, Serialize};

use crate::domain::chat::{Notice, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// The VIP room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipList {
    /// When it looked like this.
    pub(crate) as_of: Timestamp,
    /// Seats in all.
    pub(crate) seats: u32,
    /// Who sits, by seat.
    pub(crate) sessions: Vec<VipSession>,
    /// For whom a seat is held, by seat.
    #[serde(default)]
    pub(crate) holds: Vec<VipHold>,
    /// Who waits for a seat, first comes first.
    #[serde(default)]
    pub(crate) line: Vec<VipWaiting>,
}

/// A seat that is held for somebody out of the line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipHold {
    /// The seat, counted from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// When it goes to the next in line.
    pub(crate) until: Timestamp,
}

/// Somebody who waits for a seat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipWaiting {
    /// The place in the line, counted from 1.
    pub(crate) position: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The earliest a seat can be theirs, where that is known.
    pub(crate) next_free: Option<Timestamp>,
}

/// One VIP session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipSession {
    /// The seat, counted from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The role.
    pub(crate) role: Role,
    /// Since when.
    pub(crate) since: Timestamp,
    /// The latest message.
    pub(crate) last_active: Timestamp,
    /// When the session ends if nothing happens.
    pub(crate) expires_at: Timestamp,
    /// When it ends however active; none: it does not.
    #[serde(default)]
    pub(crate) ends_at: Option<Timestamp>,
    /// Rounds of the session.
    pub(crate) rounds: u32,
    /// Messages waiting.
    pub(crate) queue: u32,
}

/// How a kick is done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KickRequest {
    /// What the user is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// How long no seat can be taken again; none: as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ban_ms: Option<u64>,
    /// Do not tell the user.
    #[serde(default)]
    pub(crate) silent: bool,
    /// Only say who would be kicked.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Who was kicked, or would be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Kicked {
    /// The sessions as they were.
    pub(crate) sessions: Vec<VipSession>,
    /// The held seats as they were.
    #[serde(default)]
    pub(crate) holds: Vec<VipHold>,
    /// The places in the line as they were.
    #[serde(default)]
    pub(crate) line: Vec<VipWaiting>,
    /// Until when they cannot take a seat again.
    pub(crate) banned_until: Option<Timestamp>,
    /// What they are told: who sat, and who did not.
    #[serde(default)]
    pub(crate) told: Vec<Notice>,
    /// Nothing was done.
    pub(crate) dry_run: bool,
}

/// How somebody is given a seat.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct GrantRequest {
    /// How long they are vip and sit; none: vip without end, and the seat as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<u64>,
    /// If every seat is taken, the longest session ends for it.
    #[serde(default)]
    pub(crate) evict_oldest: bool,
}

/// What a grant has changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Granted {
    /// The session.
    pub(crate) session: VipSession,
    /// When the role runs out; none: it does not.
    pub(crate) role_until: Option<Timestamp>,
    /// Who had to go.
    pub(crate) evicted: Option<UserId>,
}

/// By how much a session is prolonged.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ExtendRequest {
    /// So much later; none: to a full maximum duration from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<u64>,
}

/// A session that was prolonged, if it has an end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Extended {
    /// The session as it is now.
    pub(crate) session: VipSession,
}
