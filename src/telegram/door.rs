//! The door: who is served as whom, and what those outside hear.
//!
//! A stranger to a closed bot hears their own id, and that once a minute at most; the banned hear nothing. Neither
//! learns how busy the bot is, or leaves anything behind in the store. In a group everybody hears why somebody is not
//! answered; so nobody is told the same again within a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::desk::Desk;
use super::intake::{Message, Sender};
use crate::domain::chat::{ChatId, UserId};
use crate::domain::policy::roles::Admission;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{Content, Ending, OutboxRow, StoreError, User};

/// What somebody was told, they are told again after this.
const TELLS_EVERY: Duration = Duration::from_mins(1);
/// So many are kept before those told long ago are forgotten.
const PRUNE_ABOVE: usize = 1024;

/// When each was told.
pub(super) struct Told<K>(Mutex<HashMap<K, Timestamp>>);

/// Strangers, of whom each is told that the bot is not open to them.
pub(super) type Door = Told<UserId>;
/// Refusals in groups, where others read them too: whom, where, and why.
pub(super) type Refusals = Told<(ChatId, UserId, &'static str)>;

impl<K> Default for Told<K> {
    fn default() -> Told<K> {
        Told(Mutex::default())
    }
}

impl<K: Eq + Hash> Told<K> {
    /// Whether this one is told now.
    pub(super) fn tells(&self, whom: K, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= PRUNE_ABOVE {
            told.retain(|_, at| now.since(*at) < TELLS_EVERY);
        }
        let last = told.get(&whom).filter(|at| now.since(**at) < TELLS_EVERY);
        if last.is_some() {
            return false;
        }
        told.insert(whom, now);
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

    /// What is said of a refusal: in a group nothing, if its person was told the same a moment ago. What has a ref is
    /// about one question, and is always said.
    pub(super) fn said_of(&self, mut rows: Vec<OutboxRow>, ending: Ending) -> Vec<OutboxRow> {
        let Ending::Refused(reason) = ending else { return rows };
        let has_ref = ["blocked", "failed", "internal", "empty"].contains(&reason);
        for row in rows.iter_mut().filter(|row| row.chat.0 < 0 && !has_ref) {
            let whom = (row.chat, row.user.unwrap_or(UserId(0)), reason);
            if !self.refusals.tells(whom, self.clock.now()) {
                // A message that was opened for it goes.
                (row.content, row.buttons) = (Content::Withdrawn, Vec::new());
            }
        }
        rows
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
