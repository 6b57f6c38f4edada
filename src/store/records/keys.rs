//! What Google said of keys: the project a key belongs to, and how its last check went.

use crate::domain::key::Fingerprint;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// What is known of one key from Google's own mouth.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct KeyFacts {
    /// The key, in hexadecimal.
    pub(crate) fingerprint: String,
    /// The number of its project.
    pub(crate) consumer: Option<String>,
    /// Its last check.
    pub(crate) check: Option<StoredCheck>,
}

/// How a check went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StoredCheck {
    /// When.
    pub(crate) at: Timestamp,
    /// What it asked for: two checks with the same words are comparable.
    pub(crate) asked: String,
    /// What came of it, in the words of whoever checked.
    pub(crate) result: String,
}

impl Tx<'_> {
    /// Google named the project of a key.
    pub(crate) fn learn_consumer(
        &mut self,
        fingerprint: Fingerprint,
        consumer: &str,
    ) -> Result<(), StoreError> {
        let mut upsert = self.sql(
            "INSERT INTO key_facts (fingerprint, consumer) VALUES (?1, ?2)
             ON CONFLICT (fingerprint) DO UPDATE SET consumer = excluded.consumer
               WHERE consumer IS NOT excluded.consumer",
        )?;
        upsert.execute((fingerprint.to_string(), consumer))?;
        Ok(())
    }

    /// Keeps the last check of a key.
    pub(crate) fn put_check(
        &mut self,
        fingerprint: Fingerprint,
        check: &StoredCheck,
    ) -> Result<(), StoreError> {
        let mut upsert = self.sql(
            "INSERT INTO key_facts (fingerprint, checked_at, asked, result) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (fingerprint) DO UPDATE
               SET checked_at = excluded.checked_at, asked = excluded.asked, result = excluded.result",
        )?;
        upsert.execute((fingerprint.to_string(), ms(check.at), &check.asked, &check.result))?;
        Ok(())
    }

    /// What is known of all keys.
    pub(crate) fn key_facts(&self) -> Result<Vec<KeyFacts>, StoreError> {
        let mut select =
            self.sql("SELECT fingerprint, consumer, checked_at, asked, result FROM key_facts")?;
        let facts = select.query_map([], |row| {
            let check = match (row.get::<_, Option<i64>>(2)?, row.get(3)?, row.get(4)?) {
                (Some(at), Some(asked), Some(result)) => Some(StoredCheck { at: from_ms(at), asked, result }),
                _ => None,
            };
            Ok(KeyFacts { fingerprint: row.get(0)?, consumer: row.get(1)?, check })
        })?;
        Ok(facts.collect::<Result<_, _>>()?)
    }
}
