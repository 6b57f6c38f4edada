//! Erasing a person: what they said, what was said to them, the names they were seen under, and what
//! they chose.
//!
//! Role, ban and caps stay, so that being forgotten is no way around them. Their updates end with it: whatever still
//! works on one finds it ended, and writes nothing ([`Tx::has_ended`]). The file itself is made to forget by
//! `secure_delete` and by [`Store::scrub`](crate::store::Store::scrub).

use crate::domain::chat::UserId;
use crate::store::tx::{Tx, ms};
use crate::store::{Ending, StoreError};

/// How many rows were erased, or would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Erased {
    /// Rounds of all their conversations.
    pub(crate) rounds: u32,
    /// Requests that do not name them any more.
    pub(crate) requests: u32,
    /// Updates of theirs, and messages to them.
    pub(crate) messages: u32,
}

impl Tx<'_> {
    /// What [`Tx::forget`] would erase.
    pub(crate) fn forgettable(&self, user: UserId) -> Result<Erased, StoreError> {
        let count = |select: &str| -> Result<u32, StoreError> {
            Ok(self.sql(select)?.query_row([user.0], |row| row.get(0))?)
        };
        Ok(Erased {
            rounds: self.rounds_of(user)?,
            requests: count("SELECT count(*) FROM requests WHERE user_id = ?1")?,
            messages: count("SELECT count(*) FROM inbox WHERE user = ?1")?
                + count("SELECT count(*) FROM outbox WHERE user = ?1 AND content IS NOT NULL")?,
        })
    }

    /// Erases a person. What is sent at this moment may still arrive.
    pub(crate) fn forget(&mut self, user: UserId) -> Result<Erased, StoreError> {
        let erased = self.forgettable(user)?;
        let now = ms(self.now());
        self.sql("DELETE FROM chat_history WHERE user_id = ?1")?.execute([user.0])?;
        self.sql("DELETE FROM cleared WHERE user_id = ?1")?.execute([user.0])?;
        self.sql("DELETE FROM asked WHERE user_id = ?1")?.execute([user.0])?;
        self.sql("DELETE FROM user_registry WHERE user_id = ?1")?.execute([user.0])?;
        self.sql("UPDATE requests SET user_id = NULL WHERE user_id = ?1")?.execute([user.0])?;
        self.sql(
            "UPDATE inbox SET raw = '', user = NULL, chat = NULL, topic = NULL,
               ending = coalesce(ending, ?2), ended_at = coalesce(ended_at, ?3) WHERE user = ?1",
        )?
        .execute((user.0, Ending::Dropped("forgotten").text(), now))?;
        // A message that is open without content is ended by the handler that opened it.
        self.sql("DELETE FROM outbox WHERE user = ?1 AND content IS NOT NULL")?.execute([user.0])?;
        self.sql(
            "UPDATE users SET username = NULL, first_name = NULL, language = NULL, seen_language = NULL,
               model = NULL WHERE user_id = ?1",
        )?
        .execute([user.0])?;
        Ok(erased)
    }
}
