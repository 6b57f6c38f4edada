//! What was used: requests and sends of some time, counted by who or what. No content.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::hub::Gateway;
use crate::clock::{pacific_calendar, pacific_date};
use crate::config::Config;
use crate::domain::chat::UserId;
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::reference::RequestId;
use crate::domain::role::Role;
use crate::domain::time::{Calendar, Timestamp};
use crate::store::{RequestFact, SettledSend, Store, StoreError, Tx};

/// What usage is counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UsageBy {
    /// Requests by the person; a shell is nobody.
    User,
    /// Requests by the role in force.
    Role,
    /// Sends by model.
    Model,
    /// Sends by key.
    Key,
    /// Requests by quota day, which begins at midnight in Los Angeles.
    Day,
}

impl UsageBy {
    /// The word in requests and JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            UsageBy::User => "user",
            UsageBy::Role => "role",
            UsageBy::Model => "model",
            UsageBy::Key => "key",
            UsageBy::Day => "day",
        }
    }

    /// Whether sends are counted, and not requests.
    const fn counts_sends(self) -> bool {
        matches!(self, UsageBy::Model | UsageBy::Key)
    }
}

/// What was used.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// When it was counted.
    pub(crate) as_of: Timestamp,
    /// What it is counted by.
    pub(crate) by: UsageBy,
    /// From when on it was asked for.
    pub(crate) since: Timestamp,
    /// What is older than this is not kept any more.
    pub(crate) kept_since: Timestamp,
    /// One per name.
    pub(crate) rows: Vec<UsageRow>,
    /// All of them.
    pub(crate) total: UsageRow,
    /// Updates that were refused before they became requests, by reason.
    pub(crate) turned_away: BTreeMap<String, u32>,
    /// Of those, what is older than this is not kept any more.
    pub(crate) turned_away_kept_since: Timestamp,
}

/// What one of them used. Where sends are counted, `requests` are those that had a send here, and the four endings
/// are the sends'.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct UsageRow {
    /// The user's id, the role, the model, the key's place, the day; `shell` for questions from a shell, `forgotten`
    /// for people who were erased.
    pub(crate) name: String,
    /// The name last used here without @, or the key's last characters.
    pub(crate) label: Option<String>,
    pub(crate) requests: u64,
    /// Something was delivered.
    pub(crate) answered: u64,
    /// No key had quota in time, or Google's policy said no.
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    /// The person, an operator or a restart ended it before anything was delivered.
    pub(crate) stopped: u64,
    /// It has not ended.
    pub(crate) running: u64,
    pub(crate) sends: u64,
    pub(crate) tokens: u64,
    /// The median of those answered: of a request all its waiting included, of a send the call alone.
    pub(crate) median_ms: Option<u64>,
    /// Refused before they became requests: caps, full lines. Counted by user and day only.
    pub(crate) turned_away: Option<u64>,
}

/// A row that is being counted.
#[derive(Default)]
struct Tally {
    row: UsageRow,
    requests: HashSet<i64>,
    took: Vec<u64>,
}

impl Tally {
    fn count(&mut self, outcome: Option<&str>, is_answered: bool) {
        let row = &mut self.row;
        let place = match outcome {
            None => &mut row.running,
            Some(_) if is_answered => &mut row.answered,
            Some("refused" | "pool_spent" | "pool_busy" | "outage" | "blocked" | "bad_request") => {
                &mut row.refused
            }
            Some("stopped" | "abandoned") => &mut row.stopped,
            Some(_) => &mut row.failed,
        };
        *place += 1;
    }

    fn request(&mut self, request: &RequestFact) {
        self.row.requests += 1;
        self.row.sends += u64::from(request.sends);
        self.row.tokens += u64::from(request.tokens);
        self.count(request.ended.as_ref().map(|(_, outcome)| outcome.as_str()), request.is_answered);
        if let Some((at, _)) = request.ended.as_ref().filter(|_| request.is_answered) {
            self.took.push(millis(at.since(request.asked_at)));
        }
    }

    fn send(&mut self, send: &SettledSend) {
        self.requests.extend(send.request.map(|id| id.0));
        self.row.sends += 1;
        self.row.tokens += u64::from(send.tokens.unwrap_or(0));
        let is_answered = send.outcome.as_deref() == Some("answered");
        self.count(send.outcome.as_deref(), is_answered);
        self.took.extend(send.elapsed.filter(|_| is_answered).map(millis));
    }

    fn finish(mut self, name: String) -> UsageRow {
        self.row.name = name;
        self.row.requests += self.requests.len() as u64;
        let middle = self.took.len() / 2;
        if !self.took.is_empty() {
            self.row.median_ms = Some(*self.took.select_nth_unstable(middle).1);
        }
        self.row
    }
}

impl Gateway {
    /// What was used since `since`.
    pub(crate) async fn usage(&self, by: UsageBy, since: Timestamp) -> Result<Usage, StoreError> {
        usage(&self.shared.store, &self.shared.config(), by, since).await
    }
}

/// What was used since `since`, from a store that needs no daemon.
pub(crate) async fn usage(
    store: &Store,
    config: &Config,
    by: UsageBy,
    since: Timestamp,
) -> Result<Usage, StoreError> {
    let keep = config.storage;
    let mut usage = store
        .read_aside(move |tx| {
            let now = tx.now();
            let kept = now - if by.counts_sends() { keep.sends } else { keep.requests };
            let mut usage = count(tx, by, since.max(kept), &pacific_calendar(now))?;
            (usage.since, usage.kept_since, usage.turned_away_kept_since) = (since, kept, now - keep.inbox);
            Ok(usage)
        })
        .await?;
    if by == UsageBy::Key {
        for row in &mut usage.rows {
            if let Some(key) = config.keys.iter().find(|key| key.fingerprint.to_string() == row.name) {
                row.name = key.id.to_string();
                row.label = key.secret.tail().map(str::to_owned);
            }
        }
    }
    sort(by, &mut usage.rows);
    Ok(usage)
}

fn count(tx: &Tx<'_>, by: UsageBy, since: Timestamp, calendar: &Calendar) -> Result<Usage, StoreError> {
    let mut tallies: HashMap<String, Tally> = HashMap::new();
    let mut total = Tally::default();
    let user_name = |user: Option<UserId>, id: RequestId| match user {
        Some(user) => user.to_string(),
        None if id.is_of_shell() => "shell".to_owned(),
        None => "forgotten".to_owned(),
    };
    if by.counts_sends() {
        tx.each_send(since, |send| {
            let name = if by == UsageBy::Key { &send.fingerprint } else { &send.model };
            tallies.entry(name.clone()).or_default().send(&send);
            total.send(&send);
        })?;
    } else {
        tx.each_request(since, |request| {
            let name = match by {
                UsageBy::User => user_name(request.user, request.id),
                UsageBy::Day => pacific_date(calendar.day(request.asked_at)),
                _ => request.role.clone(),
            };
            tallies.entry(name).or_default().request(&request);
            total.request(&request);
        })?;
    }
    let mut turned_away: BTreeMap<String, u32> = BTreeMap::new();
    for (user, at, reason) in tx.turned_away(since)? {
        *turned_away.entry(reason).or_default() += 1;
        let name = match by {
            // Only updates are turned away.
            UsageBy::User => user_name(user, RequestId(0)),
            UsageBy::Day => pacific_date(calendar.day(at)),
            _ => continue,
        };
        for tally in [tallies.entry(name).or_default(), &mut total] {
            *tally.row.turned_away.get_or_insert_default() += 1;
        }
    }
    let mut rows: Vec<UsageRow> = tallies.into_iter().map(|(name, tally)| tally.finish(name)).collect();
    if by == UsageBy::User {
        for row in &mut rows {
            if let Ok(id) = row.name.parse() {
                row.label = tx.user(UserId(id))?.and_then(|user| user.username);
            }
        }
    }
    Ok(Usage {
        as_of: tx.now(),
        by,
        since,
        kept_since: since,
        rows,
        total: total.finish("total".to_owned()),
        turned_away,
        turned_away_kept_since: since,
    })
}

/// Days and keys in their own order, roles and models from the highest, people by how much they asked.
fn sort(by: UsageBy, rows: &mut [UsageRow]) {
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    match by {
        UsageBy::User => rows.sort_by_key(|row| Reverse(row.requests + row.turned_away.unwrap_or(0))),
        UsageBy::Role => rows.sort_by_key(|row| Reverse(row.name.parse::<Role>().ok())),
        UsageBy::Model => rows.sort_by_key(|row| Reverse(row.name.parse::<ModelSlot>().ok())),
        UsageBy::Key => rows.sort_by_key(|row| {
            let key = row.name.parse::<KeyId>().ok();
            (key.is_none(), key)
        }),
        UsageBy::Day => {}
    }
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
