//! What is thrown away when it is old, a bounded number of rows at a time so that nobody waits for it.

use super::StoreError;
use super::tx::{Tx, ms};
use crate::config::StorageConfig;
use crate::domain::time::Timestamp;

impl Tx<'_> {
    /// Deletes at most `limit` rows of each kind that are older at `now` than `keep` says; says how many it deleted. A result
    /// of at least `limit` means that there may be more.
    pub(crate) fn purge(
        &mut self,
        now: Timestamp,
        keep: &StorageConfig,
        limit: u32,
    ) -> Result<usize, StoreError> {
        let bounded = [
            (
                "DELETE FROM sends WHERE id IN (SELECT id FROM sends WHERE at < ?1 ORDER BY at LIMIT ?2)",
                keep.sends,
            ),
            (
                "DELETE FROM requests WHERE id IN
                   (SELECT id FROM requests WHERE asked_at < ?1 ORDER BY asked_at LIMIT ?2)",
                keep.requests,
            ),
            (
                "DELETE FROM inbox WHERE arrival IN
                   (SELECT arrival FROM inbox WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT ?2)",
                keep.inbox,
            ),
            (
                "DELETE FROM outbox WHERE id IN
                   (SELECT id FROM outbox WHERE done_at IS NOT NULL AND done_at < ?1 LIMIT ?2)",
                keep.inbox,
            ),
            // Opened for an update that ended without an answer.
            (
                "DELETE FROM outbox WHERE id IN
                   (SELECT id FROM outbox AS o WHERE done_at IS NULL AND state = 'open' AND created_at < ?1
                      AND NOT EXISTS (SELECT 1 FROM inbox AS i
                                      WHERE i.update_id = o.update_id AND i.ended_at IS NULL) LIMIT ?2)",
                keep.inbox,
            ),
            (
                "DELETE FROM chat_history WHERE id IN
                   (SELECT id FROM chat_history WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
                keep.history,
            ),
            (
                "DELETE FROM asked WHERE (chat_id, topic_id, user_id) IN
                   (SELECT chat_id, topic_id, user_id FROM asked WHERE at < ?1 LIMIT ?2)",
                keep.history,
            ),
            // A mark goes after the last round that it hides.
            (
                "DELETE FROM cleared WHERE (chat_id, topic_id, user_id) IN
                   (SELECT chat_id, topic_id, user_id FROM cleared AS c WHERE at < ?1
                      AND NOT EXISTS (SELECT 1 FROM chat_history AS h
                                      WHERE h.chat_id = c.chat_id AND h.topic_id = c.topic_id
                                        AND h.user_id = c.user_id AND h.id <= c.through_id) LIMIT ?2)",
                keep.history,
            ),
        ];
        let mut deleted = 0;
        for (delete, keep) in bounded {
            deleted += self.sql(delete)?.execute((ms(now - keep), limit))?;
        }
        Ok(deleted)
    }
}
