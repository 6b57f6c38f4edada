//! The door: who is served as whom, and what those outside hear.
//!
//! A stranger to a closed bot hears their own id, and that once a minute at most; the banned hear nothing. Neither
//! learns how busy the bot is, or leaves anything behind in the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::desk::Desk;
use super::intake::{Message, Sender};
use crate::domain::chat::UserId;
use crate::domain::policy::roles::Admission;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, User};

/// A stranger is told again after this.
const TELLS_EVERY: Duration = Duration::from_mins(1);
/// Strangers kept before those told long ago are forgotten.
const PRUNE_ABOVE: usize = 1024;

/// When each stranger was told that the bot is not open to them.
#[derive(Default)]
pub(super) struct Door(Mutex<HashMap<UserId, Timestamp>>);

impl Door {
    /// Whether a stranger is told now.
    pub(super) fn tells(&self, stranger: UserId, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= PRUNE_ABOVE {
            told.retain(|_, at| now.since(*at) < TELLS_EVERY);
        }
        let last = told.get(&stranger).filter(|at| now.since(**at) < TELLS_EVERY);
        if last.is_some() {
            return false;
        }
        told.insert(stranger, now);
        true
    }
}

impl Desk {
    /// As whom somebody is served, if they are, ban or no ban.
    pub(super) fn role_of(&self, sender: &Sender, stored: Option<&User>, in_private: bool) -> Option<Role> {
        match self.gateway.admission(sender.id, stored, in_private && !sender.is_anonymous) {
            Admission::Served(_) if sender.is_anonymous => Some(Role::Guest),
            Admission::Served(role) => Some(role),
            Admission::NotOpen => None,
        }
    }

    /// Whether the writer of a message is served, so that it may be told anything about its course.
    pub(super) async fn serves(&self, message: &Message) -> Result<bool, StoreError> {
        let stored = self.stored(&message.sender).await?;
        let is_banned = stored.as_ref().is_some_and(|user| user.banned);
        let role = self.role_of(&message.sender, stored.as_ref(), message.chat.is_private);
        Ok(role.is_some() && !is_banned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_told_once_a_minute() {
        let (door, now) = (Door::default(), Timestamp::from_millis(1_000_000));
        let later = |seconds| now + Duration::from_secs(seconds);
        assert!(door.tells(UserId(1), now) && door.tells(UserId(2), now));
        assert!(!door.tells(UserId(1), later(59)) && door.tells(UserId(1), later(60)));
        assert!(!door.tells(UserId(1), later(61)));
    }

    #[test]
    fn strangers_are_forgotten() {
        let (door, now) = (Door::default(), Timestamp::from_millis(1_000_000));
        for n in 0..5000_i64 {
            door.tells(UserId(n), now + TELLS_EVERY * u32::try_from(n / 1000).expect("small"));
        }
        assert!(door.0.lock().expect("no panic").len() <= 2 * PRUNE_ABOVE);
    }
}
