//! The VIP room, through the socket.

use serde::{Deserialize, Serialize};

use crate::domain::chat::UserId;
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
    /// Rounds of the session.
    pub(crate) rounds: u32,
    /// Messages waiting.
    pub(crate) queue: u32,
}

/// How a kick is done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
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
    /// Until when they cannot take a seat again.
    pub(crate) banned_until: Option<Timestamp>,
    /// Nothing was done.
    pub(crate) dry_run: bool,
}
