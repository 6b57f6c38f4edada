//! Requests: what was asked, by which role, and the seed that lets `svs route` explain the choice. No text.

use rusqlite::{OptionalExtension as _, Row};

use crate::domain::chat::{RequestRef, UserId};
use crate::domain::role::{PerRole, Role};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// The quarter hours of a day of 24 hours; the 25th hour of a long day counts as the last quarter.
pub(crate) const BUCKETS_A_DAY: usize = 96;

const QUARTER_MS: i64 = 15 * 60 * 1000;
const LAST_BUCKET: u32 = BUCKETS_A_DAY as u32 - 1;

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RequestRecord {
    /// Its short name.
    pub(crate) reference: RequestRef,
    /// The update that asked, none for a shell.
    pub(crate) update_id: Option<i64>,
    /// The person, none for a shell.
    pub(crate) user: Option<UserId>,
    /// The effective role.
    pub(crate) role: Role,
    /// What kind of task it was found to be.
    pub(crate) task: String,
    /// What the routers' choices were drawn from.
    pub(crate) seed: u64,
    /// The plan as JSON, as the gateway writes it.
    pub(crate) plan: String,
    /// When it was asked.
    pub(crate) asked_at: Timestamp,
    /// How it ended, none while it runs.
    pub(crate) end: Option<RequestEnd>,
}

/// How a request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RequestEnd {
    /// When.
    pub(crate) at: Timestamp,
    /// The outcome's or refusal's name.
    pub(crate) outcome: String,
    /// The key that answered.
    pub(crate) key: Option<String>,
    /// The model that answered.
    pub(crate) model: Option<String>,
    /// Counted and free attempts.
    pub(crate) attempts: u32,
    /// Tokens in all.
    pub(crate) tokens: u32,
}

const COLUMNS: &str = "ref, update_id, user_id, role, task, seed, plan, asked_at, ended_at, outcome, key, model, \
                       attempts, tokens";

fn request(row: &Row<'_>) -> rusqlite::Result<(RequestRecord, String, String)> {
    let end = match row.get::<_, Option<i64>>(8)? {
        Some(at) => Some(RequestEnd {
            at: from_ms(at),
            outcome: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            key: row.get(10)?,
            model: row.get(11)?,
            attempts: row.get(12)?,
            tokens: row.get(13)?,
        }),
        None => None,
    };
    let record = RequestRecord {
        reference: RequestRef(row.get(0)?),
        update_id: row.get(1)?,
        user: row.get::<_, Option<i64>>(2)?.map(UserId),
        role: Role::Guest,
        task: row.get(4)?,
        seed: row.get::<_, i64>(5)?.cast_unsigned(),
        plan: String::new(),
        asked_at: from_ms(row.get(7)?),
        end,
    };
    Ok((record, row.get(3)?, row.get(6)?))
}

fn complete((mut record, role, plan): (RequestRecord, String, String)) -> Result<RequestRecord, StoreError> {
    record.role = role
        .parse()
        .map_err(|_| StoreError::Undecodable { what: "request role".to_owned(), why: role.clone() })?;
    record.plan = plan;
    Ok(record)
}

impl Tx<'_> {
    /// Writes down a request. The same update may put its request again under the same reference (with a newer
    /// plan); a reference that names another request without an end is refused as taken.
    pub(crate) fn put_request(&mut self, request: &RequestRecord) -> Result<(), StoreError> {
        let mut upsert = self.sql(
            "INSERT INTO requests (ref, update_id, user_id, role, task, seed, plan, asked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (ref) WHERE ended_at IS NULL DO UPDATE SET
               role = excluded.role, task = excluded.task, seed = excluded.seed, plan = excluded.plan
             WHERE requests.update_id = excluded.update_id",
        )?;
        let stored = upsert.execute((
            &request.reference.0,
            request.update_id,
            request.user.map(|user| user.0),
            request.role.name(),
            &request.task,
            request.seed.cast_signed(),
            &request.plan,
            ms(request.asked_at),
        ))?;
        if stored == 0 {
            return Err(StoreError::ReferenceTaken);
        }
        match &request.end {
            Some(end) => self.end_request(&request.reference, end).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Writes down how the request of this reference ended; false when none was running.
    pub(crate) fn end_request(
        &mut self,
        reference: &RequestRef,
        end: &RequestEnd,
    ) -> Result<bool, StoreError> {
        let mut update = self.sql(
            "UPDATE requests SET ended_at = ?2, outcome = ?3, key = ?4, model = ?5, attempts = ?6, tokens = ?7
             WHERE ref = ?1 AND ended_at IS NULL",
        )?;
        let ended = update.execute((
            &reference.0,
            ms(end.at),
            &end.outcome,
            &end.key,
            &end.model,
            end.attempts,
            end.tokens,
        ))?;
        Ok(ended == 1)
    }

    /// Whether no request that is kept has this reference.
    pub(crate) fn reference_is_free(&self, reference: &RequestRef) -> Result<bool, StoreError> {
        Ok(!self.sql("SELECT 1 FROM requests WHERE ref = ?1")?.exists([&reference.0])?)
    }

    /// The request an update had put before its process died, if it has no end.
    pub(crate) fn running_request(&self, update_id: i64) -> Result<Option<RequestRecord>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM requests WHERE update_id = ?1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1"
        ))?;
        select.query_row([update_id], request).optional()?.map(complete).transpose()
    }

    /// How many requests each role asked in each quarter hour of the quota day, summed over days.
    ///
    /// `midnights` are ascending: a day lies between each two neighbors.
    pub(crate) fn arrivals(
        &self,
        midnights: &[Timestamp],
    ) -> Result<PerRole<[u32; BUCKETS_A_DAY]>, StoreError> {
        let mut arrivals = PerRole([[0; BUCKETS_A_DAY]; 5]);
        let mut select = self.sql(
            "SELECT role, min((asked_at - ?1) / ?3, ?4), count(*) FROM requests
             WHERE asked_at >= ?1 AND asked_at < ?2 GROUP BY 1, 2",
        )?;
        for day in midnights.windows(2) {
            let mut rows = select.query((ms(day[0]), ms(day[1]), QUARTER_MS, LAST_BUCKET))?;
            while let Some(row) = rows.next()? {
                let role: String = row.get(0)?;
                let (bucket, count): (u32, u32) = (row.get(1)?, row.get(2)?);
                if let Ok(role) = role.parse::<Role>() {
                    arrivals[role][bucket as usize] += count;
                }
            }
        }
        Ok(arrivals)
    }
}
