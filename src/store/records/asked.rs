//! The latest question of each conversation: what /retry asks again, what an edit changes, and which round the new
//! answer replaces.

use rusqlite::OptionalExtension as _;

use super::history::topic;
use crate::domain::chat::ConversationId;
use crate::store::StoreError;
use crate::store::tx::{Tx, encode, ms};

/// A question, as it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Question {
    /// The update that asks it.
    pub(crate) update_id: i64,
    /// The person's message.
    pub(crate) message_id: i64,
    /// The text; may be empty where files ask.
    pub(crate) text: String,
    /// What comes with it: files and a quote, as JSON of the shell that asks.
    pub(crate) enclosed: Option<String>,
    /// The keyword by which a message in a group that did not name the bot called it.
    pub(crate) keyword: Option<String>,
}

/// The latest question of a conversation, as it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    /// The update that asked it last, the person's message, the text.
    pub(crate) question: Question,
    /// Whether it was answered.
    pub(crate) is_answered: bool,
    /// Whether the conversation was begun anew since: then nobody asks it again.
    pub(crate) is_hidden: bool,
    /// The updates whose messages hold the beginning of its answer, where that goes on in those of the latest.
    pub(crate) earlier: Vec<i64>,
}

impl Tx<'_> {
    /// A question is asked for the first time: it is the latest of its conversation.
    pub(crate) fn ask(
        &mut self,
        conversation: ConversationId,
        question: &Question,
    ) -> Result<(), StoreError> {
        if let Some(keyword) = &question.keyword
            && self.asked_by(conversation)? != Some(question.update_id)
        {
            self.count_trigger(conversation, keyword)?;
        }
        let now = ms(self.now());
        self.sql(
            "INSERT INTO asked (chat_id, topic_id, user_id, update_id, message_id, question, enclosed, at, keyword)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (chat_id, topic_id, user_id) DO UPDATE SET
               update_id = excluded.update_id, message_id = excluded.message_id, question = excluded.question,
               enclosed = excluded.enclosed, round_id = NULL, hidden = 0, at = excluded.at,
               keyword = excluded.keyword, earlier = '[]'",
        )?
        .execute((
            conversation.chat.0,
            topic(conversation),
            conversation.user.0,
            question.update_id,
            question.message_id,
            &question.text,
            &question.enclosed,
            now,
            &question.keyword,
        ))?;
        Ok(())
    }

    /// The latest question of a conversation.
    pub(crate) fn asked(&self, conversation: ConversationId) -> Result<Option<Asked>, StoreError> {
        let mut select = self.sql(
            "SELECT update_id, message_id, question, round_id IS NOT NULL, hidden, enclosed, keyword, earlier
             FROM asked
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3",
        )?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0);
        let read = |row: &rusqlite::Row<'_>| {
            let question = Question {
                update_id: row.get(0)?,
                message_id: row.get(1)?,
                text: row.get(2)?,
                enclosed: row.get(5)?,
                keyword: row.get(6)?,
            };
            let earlier: String = row.get(7)?;
            Ok(Asked {
                question,
                is_answered: row.get(3)?,
                is_hidden: row.get(4)?,
                earlier: serde_json::from_slice(earlier.as_bytes()).unwrap_or_default(),
            })
        };
        Ok(select.query_row(key, read).optional()?)
    }

    /// What the latest question was answered, as far as that is kept.
    pub(crate) fn answer_of_asked(&self, conversation: ConversationId) -> Result<Option<String>, StoreError> {
        let mut select = self.sql(
            "SELECT response_text FROM chat_history WHERE id =
               (SELECT round_id FROM asked WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3)",
        )?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0);
        Ok(select.query_row(key, |row| row.get(0)).optional()?)
    }

    /// The latest question is asked again by another update; the messages of the `earlier` ones hold the beginning of
    /// its answer. Its round stays until the new answer is there, and then goes.
    pub(crate) fn ask_again(
        &mut self,
        conversation: ConversationId,
        update_id: i64,
        earlier: &[i64],
    ) -> Result<(), StoreError> {
        let earlier = encode("asked", &earlier)?;
        self.sql(
            "UPDATE asked SET update_id = ?4, earlier = ?5 WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3",
        )?
        .execute((conversation.chat.0, topic(conversation), conversation.user.0, update_id, earlier))?;
        Ok(())
    }

    /// The latest question was changed by its person, and is asked again in its new words. Its round goes at once: what
    /// it answered was taken back.
    pub(crate) fn ask_changed(
        &mut self,
        conversation: ConversationId,
        update_id: i64,
        text: &str,
        enclosed: Option<&str>,
    ) -> Result<(), StoreError> {
        self.delete_answer(conversation)?;
        self.sql(
            "UPDATE asked SET update_id = ?4, question = ?5, enclosed = ?6, round_id = NULL, earlier = '[]'
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3",
        )?
        .execute((
            conversation.chat.0,
            topic(conversation),
            conversation.user.0,
            update_id,
            text,
            enclosed,
        ))?;
        Ok(())
    }

    /// The round `round_id` answers what `update_id` asked. If that was the latest question, the round takes the place
    /// of the answer that the question had before.
    pub(super) fn answer_asked(
        &mut self,
        conversation: ConversationId,
        update_id: i64,
        round_id: i64,
    ) -> Result<(), StoreError> {
        if self.asked_by(conversation)? != Some(update_id) {
            return Ok(());
        }
        self.delete_answer(conversation)?;
        self.sql("UPDATE asked SET round_id = ?4 WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3")?
            .execute((conversation.chat.0, topic(conversation), conversation.user.0, round_id))?;
        Ok(())
    }

    /// The round that the answer to `update_id` will replace, 0 for none: it is no part of the memory of its own
    /// question.
    pub(super) fn replaced_round(
        &self,
        conversation: ConversationId,
        update_id: Option<i64>,
    ) -> Result<i64, StoreError> {
        let mut select = self.sql(
            "SELECT round_id FROM asked
             WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3 AND update_id = ?4",
        )?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0, update_id);
        Ok(select.query_row(key, |row| row.get::<_, Option<i64>>(0)).optional()?.flatten().unwrap_or(0))
    }

    /// Hides the latest question from who would ask it again, or shows it again.
    pub(super) fn hide_asked(
        &mut self,
        conversation: ConversationId,
        hidden: bool,
    ) -> Result<(), StoreError> {
        self.sql("UPDATE asked SET hidden = ?4 WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3")?
            .execute((conversation.chat.0, topic(conversation), conversation.user.0, hidden))?;
        Ok(())
    }

    fn asked_by(&self, conversation: ConversationId) -> Result<Option<i64>, StoreError> {
        let mut select =
            self.sql("SELECT update_id FROM asked WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3")?;
        let key = (conversation.chat.0, topic(conversation), conversation.user.0);
        Ok(select.query_row(key, |row| row.get(0)).optional()?)
    }

    fn delete_answer(&mut self, conversation: ConversationId) -> Result<(), StoreError> {
        self.sql(
            "DELETE FROM chat_history WHERE id =
               (SELECT round_id FROM asked WHERE chat_id = ?1 AND topic_id = ?2 AND user_id = ?3)",
        )?
        .execute((conversation.chat.0, topic(conversation), conversation.user.0))?;
        Ok(())
    }
}
