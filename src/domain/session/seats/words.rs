//! The words of the VIP room: how a place is taken, and what its operations answer.

use serde::{Deserialize, Serialize};

use crate::domain::chat::UserId;
use crate::domain::time::Timestamp;

/// How a place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tenure {
    /// A VIP session.
    Sitting {
        /// When it began.
        since: Timestamp,
        /// The last message.
        last_active: Timestamp,
        /// When the seat is freed if no message comes.
        idle_until: Timestamp,
        /// When the session ends however active; none: it does not.
        ends_at: Option<Timestamp>,
    },
    /// Kept for someone out of the line.
    Held {
        /// When the hold runs out.
        until: Timestamp,
    },
}

impl Tenure {
    /// When time ends it.
    pub(super) fn due(self) -> Timestamp {
        match self {
            Tenure::Sitting { idle_until, ends_at, .. } => {
                ends_at.map_or(idle_until, |end| end.min(idle_until))
            }
            Tenure::Held { until } => until,
        }
    }
}

/// What time has done to somebody, to be told to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatEvent {
    /// A session ended without the user's or an operator's word to the user.
    Ended { user: UserId, number: u32, why: Ending },
    /// A session will end at `until` unless it is prolonged; `is_renewable`: the user can do that.
    Ending { user: UserId, number: u32, until: Timestamp, is_renewable: bool },
    /// A hold ran out unused, or was taken back.
    HoldLapsed { user: UserId, number: u32 },
    /// The first in line has a seat held for them.
    Held { user: UserId, number: u32, until: Timestamp },
    /// A seat is free for whoever takes it first; the user was turned away of late.
    Freed { user: UserId },
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// No message for too long.
    Idle,
    /// The maximum duration is over.
    Duration,
    /// An operator gave the seat to somebody else.
    Evicted,
    /// The room has fewer seats than before.
    RoomShrunk,
}

/// What a vip's message meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Sitting on seat `number`; `taken` seats are now in use; `newly` if this message took the seat. `until`: the
    /// end of the session where it has one.
    Seated { number: u32, taken: u32, newly: bool, until: Option<Timestamp> },
    /// No seat. `next_free`: the earliest a seat can be this user's, where that is known; `position` in the line,
    /// from 1, if they are in it.
    Full { next_free: Option<Timestamp>, position: Option<u32> },
    /// Kicked, and not yet allowed back.
    CoolingOff { until: Timestamp },
}

/// What came of asking for a place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Already sitting on seat `number`.
    Seated { number: u32 },
    /// A seat is free and held until then.
    Held { number: u32, until: Timestamp },
    /// In the line, from 1.
    Waiting { position: u32, next_free: Option<Timestamp> },
    /// The line has its `LINE_CAPACITY`.
    TooLong,
    /// The room has no seats at all.
    NoSeats,
    /// Kicked, and not yet allowed back.
    CoolingOff { until: Timestamp },
}

/// How somebody stands to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Sitting, one of `taken`; `ends_at`: the end of the session where it has one.
    Seated { taken: u32, ends_at: Option<Timestamp> },
    /// A seat is held for them until then.
    Held { until: Timestamp },
    /// In the line, from 1.
    Waiting { position: u32, next_free: Option<Timestamp> },
    /// Kicked, and not yet allowed back.
    CoolingOff { until: Timestamp },
    /// Outside, and a seat is free; `taken` are in use.
    Free { taken: u32 },
    /// Outside, and no seat is free; `next_free`: the earliest one can be, behind everybody in line.
    Full { next_free: Option<Timestamp> },
}

/// A session, hold or place in the line that an operator ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kicked {
    /// The seat that was taken or held; none for somebody in the line.
    pub number: Option<u32>,
    /// When the session began; none if there was none.
    pub since: Option<Timestamp>,
    /// Not before this may the user sit again.
    pub cool_off_until: Timestamp,
}

/// What came of an operator's grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// The user sits; `evicted` had to go for it.
    Seated { number: u32, taken: u32, until: Option<Timestamp>, evicted: Option<UserId> },
    /// Every seat is taken, and nobody was to be evicted.
    Full { next_free: Option<Timestamp> },
}

/// A place as operators see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatView {
    /// The seat's number, from 1; it does not change during a session.
    pub number: u32,
    /// Whose it is.
    pub user: UserId,
    /// How.
    pub tenure: Tenure,
}
