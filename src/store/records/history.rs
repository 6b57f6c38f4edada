//! Chat history, under the names the predecessor gave it, so that its data can be brought along.
//!
//! Clearing a conversation sets a mark behind its last round; nothing is deleted before its time.

use rusqlite::OptionalExtension as _;

use crate::domain::chat::{ConversationId, Round, UserId};
use crate::store::StoreError;
use crate::store::tx::{Tx, ms};

/// Telegram numbers topics from 1.
fn topic(conversation: ConversationId) -> i32 {
    conversation.topic.unwrap_or(0)
}

impl Tx<'_> {
    /// Adds a round to a conversation; `model` is the model id that answered.
    pub(crate) fn append_round(
        &mut self,
        conversation: ConversationId,
        round: &Round,
        model: &str,
    ) -> Result<(), StoreError> {
        let now = ms(self.now());
        self.sql(
            "INSERT INTO chat_history
               (chat_id, topic_id, user_id, username, message_text, response_text, model_used, created_at)
             VALUES (?1, ?2, ?3, (SELECT username FROM users WHERE user_id = ?3), ?4, ?5, ?6, ?7)",
        )?
        .execute((
            conversation.chat.0,
            topic(conversation),
            conversation.user.0,
            &round.question,
            &round.answer,
            model,
            now,
        ))?;
        Ok(())
    }

    /// The last `limit` rounds of a conversation since it was cleared, newest last.
    pub(crate) fn rounds(&self, conversation: ConversationId, limit: u32) -> Result<Vec<Round>, StoreError> {
        let mut select = self.sql(
            "SELECT message_text, response_text FROM chat_history
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND id > ?4 ORDER BY id DESC LIMIT ?5",
        )?;
        let mark = self.clear_mark(conversation)?;
        let rows = select.query_map(
            (conversation.chat.0, topic(conversation), conversation.user.0, mark, limit),
            |row| Ok(Round { question: row.get(0)?, answer: row.get(1)? }),
        )?;
        let mut rounds = rows.collect::<Result<Vec<_>, _>>()?;
        rounds.reverse();
        Ok(rounds)
    }

    /// How many rounds of a user are kept, hidden ones among them.
    pub(crate) fn rounds_of(&self, user: UserId) -> Result<u32, StoreError> {
        let mut select = self.sql("SELECT count(*) FROM chat_history WHERE user_id = ?1")?;
        Ok(select.query_row([user.0], |row| row.get(0))?)
    }

    /// Hides all rounds of a conversation; says how many were visible. Nothing is deleted.
    pub(crate) fn clear(&mut self, conversation: ConversationId) -> Result<u32, StoreError> {
        let now = ms(self.now());
        let mark = self.clear_mark(conversation)?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0, mark);
        let (hidden, last): (u32, Option<i64>) = self
            .sql(
                "SELECT count(*), max(id) FROM chat_history
                 WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND id > ?4",
            )?
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(last) = last {
            self.sql(
                "INSERT INTO cleared (chat_id, topic_id, user_id, through_id, at)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (chat_id, topic_id, user_id) DO UPDATE SET
                   through_id = excluded.through_id, at = excluded.at",
            )?
            .execute((
                conversation.chat.0,
                topic(conversation),
                conversation.user.0,
                last,
                now,
            ))?;
        }
        Ok(hidden)
    }

    fn clear_mark(&self, conversation: ConversationId) -> Result<i64, StoreError> {
        let mut select =
            self.sql("SELECT through_id FROM cleared WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3")?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0);
        Ok(select.query_row(key, |row| row.get(0)).optional()?.unwrap_or(0))
    }
}
