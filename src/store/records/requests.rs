//! Requests: what was asked, by which role, and the seed that lets `svs route` explain the choice. No text.

use rusqlite::{OptionalExtension as _, Row};

use crate::domain::chat::{RequestRef, UserId};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::{Feature, Reason, Task};
use crate::domain::reference::{RequestId, RequestName};
use crate::domain::role::{PerRole, Role};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, decode, encode, from_ms, ms};

/// The quarter hours of a day of 24 hours; the 25th hour of a long day counts as the last quarter.
pub(crate) const BUCKETS_A_DAY: usize = 96;

const QUARTER_MS: i64 = 15 * 60 * 1000;
const LAST_BUCKET: u32 = BUCKETS_A_DAY as u32 - 1;

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RequestRecord {
    /// Its identity.
    pub(crate) id: RequestId,
    /// The short name that was shown for it, if one was.
    pub(crate) reference: Option<RequestRef>,
    /// The person, none for a shell.
    pub(crate) user: Option<UserId>,
    /// The effective role.
    pub(crate) role: Role,
    /// A vip who had no seat.
    pub(crate) seatless_vip: bool,
    /// What kind of task it was found to be; none for an update that asked nothing.
    pub(crate) task: Option<Task>,
    /// Why.
    pub(crate) reasons: Vec<Reason>,
    /// The model the person asked for.
    pub(crate) choice: Option<ModelSlot>,
    /// What the routers' choices were drawn from.
    pub(crate) seed: u64,
    /// The first plan, as `domain::router::record` writes it.
    pub(crate) plan: String,
    /// When it was asked.
    pub(crate) asked_at: Timestamp,
    /// How it ended, none while it runs.
    pub(crate) end: Option<RequestEnd>,
}

impl RequestRecord {
    /// The person's own role.
    pub(crate) fn base(&self) -> Role {
        if self.seatless_vip { Role::Vip } else { self.role }
    }
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

const COLUMNS: &str = "id, ref, user_id, role, seatless, task, reasons, choice, seed, plan, asked_at, ended_at, \
                       outcome, key, model, attempts, tokens";

/// The points of a reason beside its feature and count.
type StoredReason = (Feature, u32, f32, f32);

fn request(row: &Row<'_>) -> rusqlite::Result<(RequestRecord, [String; 3])> {
    let end = match row.get::<_, Option<i64>>(11)? {
        Some(at) => Some(RequestEnd {
            at: from_ms(at),
            outcome: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
            key: row.get(13)?,
            model: row.get(14)?,
            attempts: row.get(15)?,
            tokens: row.get(16)?,
        }),
        None => None,
    };
    let record = RequestRecord {
        id: RequestId(row.get(0)?),
        reference: row.get::<_, Option<String>>(1)?.map(RequestRef),
        user: row.get::<_, Option<i64>>(2)?.map(UserId),
        role: Role::Guest,
        seatless_vip: row.get(4)?,
        task: None,
        reasons: Vec::new(),
        choice: row.get::<_, Option<String>>(7)?.and_then(|name| name.parse().ok()),
        seed: row.get::<_, i64>(8)?.cast_unsigned(),
        plan: row.get(9)?,
        asked_at: from_ms(row.get(10)?),
        end,
    };
    Ok((record, [row.get(3)?, row.get(5)?, row.get(6)?]))
}

fn complete(
    (mut record, [role, task, reasons]): (RequestRecord, [String; 3]),
) -> Result<RequestRecord, StoreError> {
    record.role = role
        .parse()
        .map_err(|_| StoreError::Undecodable { what: "request role".to_owned(), why: role.clone() })?;
    record.task = Task::ALL.into_iter().find(|known| known.name() == task);
    let reasons: Vec<StoredReason> = decode("request reasons", &reasons)?;
    let reason = |(feature, count, work, reasoning)| Reason { feature, count, work, reasoning };
    record.reasons = reasons.into_iter().map(reason).collect();
    Ok(record)
}

/// What usage counts of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RequestFact {
    /// Its identity.
    pub(crate) id: RequestId,
    /// The person, none for a shell and for somebody forgotten.
    pub(crate) user: Option<UserId>,
    /// The effective role's name.
    pub(crate) role: String,
    /// When it was asked.
    pub(crate) asked_at: Timestamp,
    /// When it ended and with which outcome, none while it runs.
    pub(crate) ended: Option<(Timestamp, String)>,
    /// Whether anything was delivered.
    pub(crate) is_answered: bool,
    /// Sends made for it.
    pub(crate) sends: u32,
    /// Tokens of the answer that was delivered.
    pub(crate) tokens: u32,
}

impl Tx<'_> {
    /// The latest requests that a ref was shown for, at most `most`, newest first.
    pub(crate) fn latest_requests(&self, most: u32) -> Result<Vec<RequestRecord>, StoreError> {
        let select =
            format!("SELECT {COLUMNS} FROM requests WHERE ref IS NOT NULL ORDER BY asked_at DESC LIMIT ?1");
        let mut select = self.sql(&select)?;
        let found: Vec<_> = select.query_map([most], request)?.collect::<Result<_, _>>()?;
        found.into_iter().map(complete).collect()
    }

    /// Walks over the requests asked since `since`, in the order of time.
    pub(crate) fn each_request(
        &self,
        since: Timestamp,
        mut each: impl FnMut(RequestFact),
    ) -> Result<(), StoreError> {
        let mut select = self.sql(
            "SELECT user_id, role, asked_at, ended_at, outcome, key IS NOT NULL, attempts, tokens, id FROM requests
             WHERE asked_at >= ?1 ORDER BY asked_at",
        )?;
        let mut rows = select.query([ms(since)])?;
        while let Some(row) = rows.next()? {
            each(RequestFact {
                id: RequestId(row.get(8)?),
                user: row.get::<_, Option<i64>>(0)?.map(UserId),
                role: row.get(1)?,
                asked_at: from_ms(row.get(2)?),
                ended: match row.get::<_, Option<i64>>(3)? {
                    Some(at) => Some((from_ms(at), row.get::<_, Option<String>>(4)?.unwrap_or_default())),
                    None => None,
                },
                is_answered: row.get(5)?,
                sends: row.get(6)?,
                tokens: row.get(7)?,
            });
        }
        Ok(())
    }

    /// The identity of the next request that no update carries.
    pub(crate) fn next_shell_request(&self) -> Result<RequestId, StoreError> {
        let mut select = self.sql("SELECT min(coalesce((SELECT min(id) FROM requests), 0), 0) - 1")?;
        Ok(select.query_row([], |row| row.get(0)).map(RequestId)?)
    }

    /// Writes down a request that runs. The same update may put its request again, with a newer plan; the ref and the
    /// time it was first asked stay.
    pub(crate) fn put_request(&mut self, request: &RequestRecord) -> Result<(), StoreError> {
        let reason = |reason: &Reason| (reason.feature, reason.count, reason.work, reason.reasoning);
        let reasons: Vec<StoredReason> = request.reasons.iter().map(reason).collect();
        let mut upsert = self.sql(
            "INSERT INTO requests (id, user_id, role, seatless, task, reasons, choice, seed, plan, asked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET
               role = excluded.role, seatless = excluded.seatless, task = excluded.task, reasons = excluded.reasons,
               choice = excluded.choice, seed = excluded.seed, plan = excluded.plan,
               ended_at = NULL, outcome = NULL",
        )?;
        upsert.execute((
            request.id.0,
            request.user.map(|user| user.0),
            request.role.name(),
            request.seatless_vip,
            request.task.map_or("none", Task::name),
            encode("request reasons", &reasons)?,
            request.choice.map(ModelSlot::name),
            request.seed.cast_signed(),
            &request.plan,
            ms(request.asked_at),
        ))?;
        match &request.end {
            Some(end) => self.end_request(request.id, end).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Writes down how a request ended; false when it was not running.
    pub(crate) fn end_request(&mut self, id: RequestId, end: &RequestEnd) -> Result<bool, StoreError> {
        let mut update = self.sql(
            "UPDATE requests SET ended_at = ?2, outcome = ?3, key = ?4, model = ?5, attempts = ?6, tokens = ?7
             WHERE id = ?1 AND ended_at IS NULL",
        )?;
        let ended = update.execute((
            id.0,
            ms(end.at),
            &end.outcome,
            &end.key,
            &end.model,
            end.attempts,
            end.tokens,
        ))?;
        Ok(ended == 1)
    }

    /// Gives a kept request the ref under which it is shown.
    pub(crate) fn name_request(&mut self, id: RequestId, reference: &RequestRef) -> Result<(), StoreError> {
        self.sql("UPDATE requests SET ref = ?2 WHERE id = ?1")?.execute((id.0, &reference.0))?;
        Ok(())
    }

    /// Whether a kept request has this ref.
    pub(crate) fn is_ref_taken(&self, reference: &RequestRef) -> Result<bool, StoreError> {
        Ok(self.sql("SELECT 1 FROM requests WHERE ref = ?1")?.exists([&reference.0])?)
    }

    /// A request that is kept.
    pub(crate) fn request(&self, name: &RequestName) -> Result<Option<RequestRecord>, StoreError> {
        let select = |which: &str| self.sql(&format!("SELECT {COLUMNS} FROM requests WHERE {which} = ?1"));
        let found = match name {
            RequestName::Id(id) => select("id")?.query_row([id.0], request).optional()?,
            RequestName::Ref(reference) => select("ref")?.query_row([&reference.0], request).optional()?,
        };
        found.map(complete).transpose()
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
