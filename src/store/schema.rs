//! The tables, and how an older file is brought to the present shape.
//!
//! `user_version` counts the migrations that were applied; a file with more of them than this program knows is
//! refused. A migration is never changed once released: a new one is added behind it.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// "svs" and a zero byte: other programs' databases are refused by it.
const APPLICATION_ID: i32 = 0x7376_7300;

const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// The schema this program writes.
pub(super) const CURRENT: u32 = MIGRATIONS.len() as u32;

/// What every connection needs. What is deleted is overwritten, so that nobody finds it in the file. WAL is kept by the file itself; NORMAL makes a commit durable against the death
/// of the process, and `Store::sync` against the loss of power. A MiB of pages is held: the system holds the rest.
pub(super) fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 0; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;
         PRAGMA cache_size = -1024;",
    )
}

/// Makes the tables in an empty file that nobody else knows yet.
pub(super) fn create(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    migrate(connection)?;
    // Answers with the mode it reached; `check` sees whether it is the right one.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
}

/// Refuses a file that is not ours, damaged at first sight or newer; brings an older one up to date.
pub(super) fn check(connection: &mut Connection, path: &Path, may_write: bool) -> Result<(), StoreError> {
    let at = |error| StoreError::at(error, path);
    let pragma =
        |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(at);
    let found = u32::try_from(pragma("user_version")?).unwrap_or(u32::MAX);
    if pragma("application_id")? != i64::from(APPLICATION_ID) {
        return Err(StoreError::Damaged { path: path.to_owned(), why: "is no database of svs".to_owned() });
    }
    if found > CURRENT {
        return Err(StoreError::NewerSchema { found, known: CURRENT });
    }
    if found < CURRENT {
        if found == 0 || !may_write {
            let why = "has an unfinished schema".to_owned();
            return Err(StoreError::Damaged { path: path.to_owned(), why });
        }
        migrate(connection).map_err(at)?;
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another command may have migrated while this one waited for the lock.
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", CURRENT.max(found))?;
    transaction.commit()
}
