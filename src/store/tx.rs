//! One transaction, as a closure given to the store sees it. The other files of this room add its verbs.

use std::cell::OnceCell;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::tally::UpdateCounts;
use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// An open transaction.
pub(crate) struct Tx<'c> {
    connection: &'c Connection,
    clock: &'c Clock,
    /// Looked up once: what one transaction decides and writes is of one instant.
    now: OnceCell<Timestamp>,
    /// What it did that is counted once it is committed.
    pub(super) counted: UpdateCounts,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c Connection, clock: &'c Clock) -> Tx<'c> {
        Tx { connection, clock, now: OnceCell::new(), counted: UpdateCounts::default() }
    }

    /// The time of this transaction: the same whenever it is asked, and no earlier transaction saw a later one.
    pub(crate) fn now(&self) -> Timestamp {
        *self.now.get_or_init(|| self.clock.now())
    }

    /// A statement, compiled once per connection.
    pub(super) fn sql(&self, text: &str) -> Result<CachedStatement<'c>, StoreError> {
        Ok(self.connection.prepare_cached(text)?)
    }

    /// A small value of the store itself.
    pub(super) fn meta<T: rusqlite::types::FromSql>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let mut select = self.sql("SELECT value FROM meta WHERE key = ?1")?;
        Ok(select.query_row([key], |row| row.get(0)).optional()?)
    }

    /// What people are hashed with in the log; none before the first log.
    pub(crate) fn log_salt(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.meta("log_salt")
    }

    /// Draws it.
    pub(crate) fn draw_log_salt(&mut self) -> Result<Vec<u8>, StoreError> {
        let salt: Vec<u8> = self.sql("SELECT randomblob(16)")?.query_row([], |row| row.get(0))?;
        self.set_meta("log_salt", &salt)?;
        Ok(salt)
    }

    pub(super) fn set_meta<T: rusqlite::ToSql>(&self, key: &str, value: T) -> Result<(), StoreError> {
        let mut upsert = self.sql(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?;
        upsert.execute((key, value))?;
        Ok(())
    }
}

/// A timestamp as SQLite keeps it; `Timestamp` never exceeds its signed integers.
pub(super) fn ms(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// A timestamp as SQLite kept it.
pub(super) fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(ms).unwrap_or(0))
}

pub(super) fn encode<T: Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Undecodable { what: what.to_owned(), why: error.to_string() })
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    // serde_json's message names the place and the type, never more of the content than one unexpected scalar.
    // From bytes, as everywhere: a reader of text would be compiled beside the reader of bytes, for every type.
    serde_json::from_slice(text.as_bytes()).map_err(|error| StoreError::Undecodable {
        what: what.to_owned(),
        why: format!("line {} column {}", error.line(), error.column()),
    })
}
