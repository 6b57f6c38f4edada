//! Who called the bot by a keyword, where and how often: the table and columns of the predecessor.

use crate::domain::chat::ConversationId;
use crate::store::StoreError;
use crate::store::tx::{Tx, ms};

impl Tx<'_> {
    /// A keyword called the bot once more. Who writes in a chat's name is nobody to register.
    pub(super) fn count_trigger(&mut self, at: ConversationId, keyword: &str) -> Result<(), StoreError> {
        if !at.user.is_person() {
            return Ok(());
        }
        let now = ms(self.now());
        self.sql(
            "INSERT INTO user_registry
               (user_id, chat_id, username, first_name, triggered_by_keyword, trigger_count, last_triggered_at, created_at)
             VALUES (?1, ?2, (SELECT username FROM users WHERE user_id = ?1),
               (SELECT first_name FROM users WHERE user_id = ?1), ?3, 1, ?4, ?4)
             ON CONFLICT (user_id, chat_id) DO UPDATE SET username = excluded.username, first_name = excluded.first_name,
               triggered_by_keyword = excluded.triggered_by_keyword, trigger_count = trigger_count + 1,
               last_triggered_at = excluded.last_triggered_at",
        )?
        .execute((at.user.0, at.chat.0, keyword, now))?;
        Ok(())
    }
}
