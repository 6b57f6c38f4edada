//! The inbox: every update that Telegram was told we have, until it has ended.
//!
//! The set of update ids is the only thing that tells a new update from a repeated one: Telegram may begin
//! again at a random id after an idle week, so "greater than the last" would lose updates. Order is the order
//! of arrival, counted by the table itself.
//!
//! ```text
//!   receive ──▶ pending ──begin_attempt──▶ pending ──finish──▶ ended (kept 48 h for its id)
//! ```

use rusqlite::{OptionalExtension as _, Row};

use super::StoreError;
use super::tx::{Tx, from_ms, ms};
use crate::domain::chat::{ChatId, ConversationId, UserId};
use crate::domain::time::Timestamp;

/// An update that was begun this often without coming to its end is not begun again: it is finished as dropped.
pub(crate) const MAX_ATTEMPTS: u32 = 3;

/// An update as it comes from Telegram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Incoming {
    /// Telegram's id, unique while it is kept.
    pub(crate) update_id: i64,
    /// The chat, where the update has one.
    pub(crate) chat: Option<ChatId>,
    /// The topic in the chat.
    pub(crate) topic: Option<i32>,
    /// The sender, where the update has one.
    pub(crate) user: Option<UserId>,
    /// The whole update as JSON; dropped when the update ends.
    pub(crate) raw: String,
}

/// An update that has not ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct InboxRow {
    /// Its place in the order of arrival.
    pub(crate) arrival: i64,
    /// What came.
    pub(crate) incoming: Incoming,
    /// When it was first received.
    pub(crate) received_at: Timestamp,
    /// How often work on it was begun.
    pub(crate) attempts: u32,
}

/// How an update ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Ending {
    /// An answer was stored and handed to the outbox.
    Answered,
    /// A refusal was handed to the outbox, for the reason of this name.
    Refused(&'static str),
    /// Dropped by the rule of this name.
    Dropped(&'static str),
}

impl Ending {
    /// What happened and, where there is one, the reason.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Ending::Answered => ("answered", ""),
            Ending::Refused(reason) => ("refused", reason),
            Ending::Dropped(rule) => ("dropped", rule),
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Ending::Answered => "answered".to_owned(),
            Ending::Refused(reason) => format!("refused:{reason}"),
            Ending::Dropped(rule) => format!("dropped:{rule}"),
        }
    }
}

const COLUMNS: &str = "arrival, update_id, chat, topic, user, raw, received_at, attempts";

fn row(row: &Row<'_>) -> rusqlite::Result<InboxRow> {
    Ok(InboxRow {
        arrival: row.get(0)?,
        incoming: Incoming {
            update_id: row.get(1)?,
            chat: row.get::<_, Option<i64>>(2)?.map(ChatId),
            topic: row.get(3)?,
            user: row.get::<_, Option<i64>>(4)?.map(UserId),
            raw: row.get(5)?,
        },
        received_at: from_ms(row.get(6)?),
        attempts: row.get(7)?,
    })
}

/// What is kept of an update for who looks back: no content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UpdateRecord {
    /// The chat, where the update has one.
    pub(crate) chat: Option<ChatId>,
    /// The topic in the chat.
    pub(crate) topic: Option<i32>,
    /// The sender, where the update has one.
    pub(crate) user: Option<UserId>,
    /// When it was first received.
    pub(crate) received_at: Timestamp,
    /// How often work on it was begun.
    pub(crate) attempts: u32,
    /// When and how it ended, none while it is worked on.
    pub(crate) ended: Option<(Timestamp, String)>,
}

impl Tx<'_> {
    /// What is kept of an update.
    pub(crate) fn update(&self, update_id: i64) -> Result<Option<UpdateRecord>, StoreError> {
        let mut select = self.sql(
            "SELECT chat, topic, user, received_at, attempts, ended_at, ending FROM inbox WHERE update_id = ?1",
        )?;
        let update = select.query_row([update_id], |row| {
            Ok(UpdateRecord {
                chat: row.get::<_, Option<i64>>(0)?.map(ChatId),
                topic: row.get(1)?,
                user: row.get::<_, Option<i64>>(2)?.map(UserId),
                received_at: from_ms(row.get(3)?),
                attempts: row.get(4)?,
                ended: match row.get::<_, Option<i64>>(5)? {
                    Some(at) => Some((from_ms(at), row.get::<_, Option<String>>(6)?.unwrap_or_default())),
                    None => None,
                },
            })
        });
        Ok(update.optional()?)
    }

    /// Stores a batch in its order; says for each update whether it is new. Receiving one twice changes nothing.
    pub(crate) fn receive(&mut self, batch: &[Incoming]) -> Result<Vec<bool>, StoreError> {
        let now = ms(self.now());
        let mut insert = self.sql(
            "INSERT INTO inbox (update_id, chat, topic, user, raw, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (update_id) DO NOTHING",
        )?;
        let mut new = Vec::with_capacity(batch.len());
        for update in batch {
            let stored = insert.execute((
                update.update_id,
                update.chat.map(|chat| chat.0),
                update.topic,
                update.user.map(|user| user.0),
                &update.raw,
                now,
            ))?;
            new.push(stored == 1);
        }
        self.counted.received += new.iter().filter(|is_new| **is_new).count() as u64;
        Ok(new)
    }

    /// The updates that have not ended, in the order of their arrival.
    pub(crate) fn pending(&self) -> Result<Vec<InboxRow>, StoreError> {
        let mut select =
            self.sql(&format!("SELECT {COLUMNS} FROM inbox WHERE ended_at IS NULL ORDER BY arrival"))?;
        Ok(select.query_map([], row)?.collect::<Result<_, _>>()?)
    }

    /// The updates of one conversation that have not ended, in the order of their arrival.
    pub(crate) fn pending_of(&self, at: ConversationId) -> Result<Vec<InboxRow>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM inbox WHERE ended_at IS NULL AND chat = ?1 AND topic IS ?2 AND user = ?3
             ORDER BY arrival"
        ))?;
        Ok(select.query_map((at.chat.0, at.topic, at.user.0), row)?.collect::<Result<_, _>>()?)
    }

    /// An update that has not ended.
    pub(crate) fn pending_update(&self, update_id: i64) -> Result<Option<InboxRow>, StoreError> {
        let mut select =
            self.sql(&format!("SELECT {COLUMNS} FROM inbox WHERE update_id = ?1 AND ended_at IS NULL"))?;
        Ok(select.query_row([update_id], row).optional()?)
    }

    /// Whether an update was received and has ended.
    pub(crate) fn has_ended(&self, update_id: i64) -> Result<bool, StoreError> {
        let mut select = self.sql("SELECT 1 FROM inbox WHERE update_id = ?1 AND ended_at IS NOT NULL")?;
        Ok(select.exists([update_id])?)
    }

    /// Counts one more beginning of work on an update and says the how-manieth it is; 0 for one that has ended
    /// or was never received. Commit this before the work: an update that kills its worker must be counted too.
    pub(crate) fn begin_attempt(&mut self, update_id: i64) -> Result<u32, StoreError> {
        let mut update = self.sql(
            "UPDATE inbox SET attempts = attempts + 1 WHERE update_id = ?1 AND ended_at IS NULL RETURNING attempts",
        )?;
        Ok(update.query_row([update_id], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// Ends an update and drops its body; false when it had already ended: the first ending stands.
    pub(crate) fn finish(&mut self, update_id: i64, ending: Ending) -> Result<bool, StoreError> {
        let now = ms(self.now());
        let mut update = self.sql(
            "UPDATE inbox SET ended_at = ?2, ending = ?3, raw = '' WHERE update_id = ?1 AND ended_at IS NULL",
        )?;
        let ended = update.execute((update_id, now, ending.text()))? == 1;
        if ended {
            self.counted.end(ending);
        }
        Ok(ended)
    }

    /// The updates received since `since` that were refused before they became requests: of whom, when, and the reason.
    pub(crate) fn turned_away(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(Option<UserId>, Timestamp, String)>, StoreError> {
        let mut select = self.sql(
            "SELECT user, received_at, substr(ending, 9) FROM inbox
             WHERE received_at >= ?1 AND ending GLOB 'refused:*'
               AND NOT EXISTS (SELECT 1 FROM requests WHERE id = update_id)",
        )?;
        let rows = select.query_map([ms(since)], |row| {
            Ok((row.get::<_, Option<i64>>(0)?.map(UserId), from_ms(row.get(1)?), row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What became of the updates received since `since`: `answered`, `refused:<reason>`, `dropped:<rule>`, none for
    /// those that have not ended, each with its count.
    pub(crate) fn endings_since(&self, since: Timestamp) -> Result<Vec<(Option<String>, u32)>, StoreError> {
        let mut select = self.sql(
            "SELECT ending, count(*) FROM inbox WHERE received_at >= ?1 GROUP BY ending ORDER BY ending",
        )?;
        Ok(select.query_map([ms(since)], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }
}
