//! Groups that became supergroups: everything that was kept under the old id is kept under the new one.
//!
//! The ids of messages begin anew in a supergroup. What named a message of the old group names none from then on, or it
//! would mean somebody else's.

use rusqlite::OptionalExtension as _;

use crate::domain::chat::ChatId;
use crate::store::StoreError;
use crate::store::tx::Tx;

/// From ?1 to ?2. Where both have a row of the same key, somebody wrote in the new group before we knew.
const MOVES: [&str; 11] = [
    "UPDATE moved_chats SET to_id = ?2 WHERE to_id = ?1",
    "UPDATE inbox SET chat = ?2 WHERE chat = ?1",
    "UPDATE outbox SET chat = ?2, message_id = NULL, reply_to = NULL WHERE chat = ?1",
    "UPDATE chat_history SET chat_id = ?2 WHERE chat_id = ?1",
    "UPDATE OR IGNORE asked SET chat_id = ?2, message_id = 0 WHERE chat_id = ?1",
    "DELETE FROM asked WHERE chat_id = ?1 AND chat_id <> ?2",
    "INSERT INTO cleared (chat_id, topic_id, user_id, through_id, at)
     SELECT ?2, topic_id, user_id, through_id, at FROM cleared WHERE chat_id = ?1
     ON CONFLICT (chat_id, topic_id, user_id) DO UPDATE SET through_id = max(through_id, excluded.through_id)",
    "DELETE FROM cleared WHERE chat_id = ?1 AND chat_id <> ?2",
    "UPDATE user_registry SET trigger_count = user_registry.trigger_count + old.trigger_count,
       created_at = min(user_registry.created_at, old.created_at)
     FROM user_registry AS old
     WHERE user_registry.chat_id = ?2 AND old.chat_id = ?1 AND old.user_id = user_registry.user_id",
    "UPDATE OR IGNORE user_registry SET chat_id = ?2 WHERE chat_id = ?1",
    "DELETE FROM user_registry WHERE chat_id = ?1 AND chat_id <> ?2",
];

impl Tx<'_> {
    /// A group has another id from now on. Telegram says so more than once; the later times change nothing.
    pub(crate) fn move_chat(&mut self, from: ChatId, to: ChatId) -> Result<(), StoreError> {
        if from == to || self.current_chat(from)? == to || self.current_chat(to)? == from {
            return Ok(());
        }
        self.sql(
            "INSERT INTO moved_chats (from_id, to_id) VALUES (?1, ?2)
             ON CONFLICT (from_id) DO UPDATE SET to_id = excluded.to_id",
        )?
        .execute((from.0, to.0))?;
        for statement in MOVES {
            self.sql(statement)?.execute((from.0, to.0))?;
        }
        Ok(())
    }

    /// The id that a chat has now.
    pub(crate) fn current_chat(&self, chat: ChatId) -> Result<ChatId, StoreError> {
        let mut select = self.sql("SELECT to_id FROM moved_chats WHERE from_id = ?1")?;
        Ok(select.query_row([chat.0], |row| row.get(0)).optional()?.map_or(chat, ChatId))
    }

    /// All groups that have another id now: the old one, the new one.
    pub(crate) fn moved_chats(&self) -> Result<Vec<(ChatId, ChatId)>, StoreError> {
        let mut select = self.sql("SELECT from_id, to_id FROM moved_chats")?;
        let moved = select.query_map([], |row| Ok((ChatId(row.get(0)?), ChatId(row.get(1)?))))?;
        Ok(moved.collect::<Result<_, _>>()?)
    }
}
