//! Chat history, under the names the predecessor gave it, so that its data can be brought along.
//!
//! Clearing a conversation sets a mark behind its last round; nothing is deleted before its time.

use rusqlite::OptionalExtension as _;

use crate::domain::chat::{ConversationId, Round, UserId};
use crate::store::StoreError;
use crate::store::tx::{Tx, ms};

/// What clearing a conversation hid: the rounds after `before`, up to `through`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cleared {
    /// How many.
    pub(crate) rounds: u32,
    /// The mark so far.
    pub(crate) before: i64,
    /// The mark now.
    pub(crate) through: i64,
}

/// Telegram numbers topics from 1.
pub(super) fn topic(conversation: ConversationId) -> i32 {
    conversation.topic.unwrap_or(0)
}

impl Tx<'_> {
    /// Adds a round to a conversation; `model` is the model id that answered, `update_id` what asked. A question that
    /// was asked again has one round: this one, instead of the one it had. What was asked in a group that has another id
    /// since is remembered there.
    pub(crate) fn append_round(
        &mut self,
        conversation: ConversationId,
        round: &Round,
        model: &str,
        update_id: Option<i64>,
    ) -> Result<(), StoreError> {
        let conversation = ConversationId { chat: self.current_chat(conversation.chat)?, ..conversation };
        let now = ms(self.now());
        let mut insert = self.sql(
            "INSERT INTO chat_history
               (chat_id, topic_id, user_id, username, message_text, response_text, model_used, created_at, metadata)
             VALUES (?1, ?2, ?3, (SELECT username FROM users WHERE user_id = ?3), ?4, ?5, ?6, ?7, coalesce(
               (SELECT json_object('triggered_by_keyword', keyword) FROM asked
                WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND update_id = ?8 AND keyword IS NOT NULL),
               '{}'))",
        )?;
        let id = insert.insert((
            conversation.chat.0,
            topic(conversation),
            conversation.user.0,
            &round.question,
            &round.answer,
            model,
            now,
            update_id,
        ))?;
        update_id.map_or(Ok(()), |update_id| self.answer_asked(conversation, update_id, id))
    }

    /// The last `limit` rounds of a conversation since it was cleared, newest last.
    pub(crate) fn rounds(&self, conversation: ConversationId, limit: u32) -> Result<Vec<Round>, StoreError> {
        self.rounds_for(conversation, limit, None)
    }

    /// [`Tx::rounds`] as what `update_id` asks remembers them: a question that is asked again is not in its own memory.
    pub(crate) fn rounds_for(
        &self,
        conversation: ConversationId,
        limit: u32,
        update_id: Option<i64>,
    ) -> Result<Vec<Round>, StoreError> {
        let mut select = self.sql(
            "SELECT message_text, response_text FROM chat_history
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND id > ?4 AND id <> ?6 ORDER BY id DESC LIMIT ?5",
        )?;
        let (mark, but) = (self.clear_mark(conversation)?, self.replaced_round(conversation, update_id)?);
        let rows = select.query_map(
            (conversation.chat.0, topic(conversation), conversation.user.0, mark, limit, but),
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

    /// Hides all rounds of a conversation; none: there were none to hide. Nothing is deleted.
    pub(crate) fn clear(&mut self, conversation: ConversationId) -> Result<Option<Cleared>, StoreError> {
        self.hide_asked(conversation, true)?;
        let before = self.clear_mark(conversation)?;
        let (rounds, last) = self.count_between(conversation, before, i64::MAX)?;
        let Some(through) = last else { return Ok(None) };
        let now = ms(self.now());
        self.sql(
            "INSERT INTO cleared (chat_id, topic_id, user_id, through_id, at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (chat_id, topic_id, user_id) DO UPDATE SET
               through_id = excluded.through_id, at = excluded.at",
        )?
        .execute((conversation.chat.0, topic(conversation), conversation.user.0, through, now))?;
        Ok(Some(Cleared { rounds, before, through }))
    }

    /// Takes a clearing back: the rounds that it hid are seen again, before those that came since. Says how many are
    /// there of them; none, and nothing changes, when it is not the latest clearing.
    pub(crate) fn unclear(
        &mut self,
        conversation: ConversationId,
        through: i64,
        before: i64,
    ) -> Result<Option<u32>, StoreError> {
        let moved = self
            .sql(
                "UPDATE cleared SET through_id = ?5
                 WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND through_id = ?4",
            )?
            .execute((conversation.chat.0, topic(conversation), conversation.user.0, through, before))?;
        if moved == 0 {
            return Ok(None);
        }
        self.hide_asked(conversation, false)?;
        self.count_between(conversation, before, through).map(|(rounds, _)| Some(rounds))
    }

    /// How many rounds a conversation has after one mark and up to another, and the last of them.
    fn count_between(
        &self,
        conversation: ConversationId,
        after: i64,
        through: i64,
    ) -> Result<(u32, Option<i64>), StoreError> {
        let mut select = self.sql(
            "SELECT count(*), max(id) FROM chat_history
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND id > ?4 AND id <= ?5",
        )?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0, after, through);
        Ok(select.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    fn clear_mark(&self, conversation: ConversationId) -> Result<i64, StoreError> {
        let mut select =
            self.sql("SELECT through_id FROM cleared WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3")?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0);
        Ok(select.query_row(key, |row| row.get(0)).optional()?.unwrap_or(0))
    }
}
