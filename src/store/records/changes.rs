//! What operators changed while no daemon ran: kept until the next daemon has logged it.

use crate::domain::chat::UserId;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// A change that nobody could log when it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OfflineChange {
    /// When.
    pub(crate) at: Timestamp,
    /// Who, as the operating system knows them.
    pub(crate) uid: u32,
    /// What was done, in the words of the log.
    pub(crate) verb: String,
    /// The key it was done with.
    pub(crate) key: Option<String>,
    /// The person it was done with.
    pub(crate) user: Option<UserId>,
    /// What else the log says of it, such as the reason.
    pub(crate) note: Option<String>,
}

impl Tx<'_> {
    /// Keeps a change for the log.
    pub(crate) fn put_offline_change(&mut self, change: &OfflineChange) -> Result<(), StoreError> {
        let mut insert = self.sql(
            "INSERT INTO offline_changes (at, uid, verb, key, user, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let OfflineChange { at, uid, verb, key, user, note } = change;
        insert.execute((ms(*at), uid, verb, key, user.map(|user| user.0), note))?;
        Ok(())
    }

    /// The changes that are not logged yet, in their order.
    pub(crate) fn offline_changes(&self) -> Result<Vec<OfflineChange>, StoreError> {
        let mut select =
            self.sql("SELECT at, uid, verb, key, user, note FROM offline_changes ORDER BY id")?;
        let changes = select.query_map([], |row| {
            Ok(OfflineChange {
                at: from_ms(row.get(0)?),
                uid: row.get(1)?,
                verb: row.get(2)?,
                key: row.get(3)?,
                user: row.get::<_, Option<i64>>(4)?.map(UserId),
                note: row.get(5)?,
            })
        })?;
        Ok(changes.collect::<Result<_, _>>()?)
    }

    /// They are logged. Nobody else writes while the daemon that logged them holds the state.
    pub(crate) fn forget_offline_changes(&mut self) -> Result<(), StoreError> {
        self.sql("DELETE FROM offline_changes")?.execute([])?;
        Ok(())
    }
}
