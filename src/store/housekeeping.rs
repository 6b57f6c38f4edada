//! What is thrown away when it is old, a bounded number of rows at a time so that nobody waits for it.

use std::time::Duration;

use super::StoreError;
use super::tx::{Tx, ms};
use crate::domain::time::Timestamp;

const HOUR: Duration = Duration::from_hours(1);
/// How long sends are kept.
const SENDS: Duration = HOUR.saturating_mul(35 * 24);
/// How long requests are kept.
const REQUESTS: Duration = HOUR.saturating_mul(7 * 24);
/// How long the ids of ended updates, their answers and said rows are kept.
const MESSAGES: Duration = HOUR.saturating_mul(48);

impl Tx<'_> {
    /// Deletes at most `limit` rows of each kind that are too old at `now`; says how many it deleted. A result
    /// of at least `limit` means that there may be more.
    pub(crate) fn purge(&mut self, now: Timestamp, limit: u32) -> Result<usize, StoreError> {
        let bounded = [
            (
                "DELETE FROM sends WHERE id IN (SELECT id FROM sends WHERE at < ?1 ORDER BY at LIMIT ?2)",
                SENDS,
            ),
            (
                "DELETE FROM requests WHERE id IN
                   (SELECT id FROM requests WHERE asked_at < ?1 ORDER BY asked_at LIMIT ?2)",
                REQUESTS,
            ),
            (
                "DELETE FROM inbox WHERE arrival IN
                   (SELECT arrival FROM inbox WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT ?2)",
                MESSAGES,
            ),
            (
                "DELETE FROM outbox WHERE id IN
                   (SELECT id FROM outbox WHERE done_at IS NOT NULL AND done_at < ?1 LIMIT ?2)",
                MESSAGES,
            ),
            // Opened for an update that ended without an answer.
            (
                "DELETE FROM outbox WHERE id IN
                   (SELECT id FROM outbox AS o WHERE done_at IS NULL AND state = 'open' AND created_at < ?1
                      AND NOT EXISTS (SELECT 1 FROM inbox AS i
                                      WHERE i.update_id = o.update_id AND i.ended_at IS NULL) LIMIT ?2)",
                MESSAGES,
            ),
            (
                "DELETE FROM answers WHERE update_id IN
                   (SELECT update_id FROM answers AS a WHERE created_at < ?1
                      AND NOT EXISTS (SELECT 1 FROM inbox AS i
                                      WHERE i.update_id = a.update_id AND i.ended_at IS NULL) LIMIT ?2)",
                MESSAGES,
            ),
        ];
        let mut deleted = 0;
        for (delete, keep) in bounded {
            deleted += self.sql(delete)?.execute((ms(now - keep), limit))?;
        }
        Ok(deleted)
    }
}
