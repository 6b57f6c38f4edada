//! How each key did: its sends of some time, how they ended, how long they took.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::hub::Gateway;
use crate::config::Config;
use crate::domain::key::KeyId;
use crate::domain::time::Timestamp;
use crate::store::{SettledSend, Store, StoreError};

/// How the keys did.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyStats {
    /// When it was counted.
    pub(crate) as_of: Timestamp,
    /// From when on; later than asked for where older sends are not kept.
    pub(crate) since: Timestamp,
    /// Every key of the pool, then those that sent and are not in it any more.
    pub(crate) keys: Vec<KeyStat>,
}

/// How one key did.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeyStat {
    /// Its place; none if it is not in the pool any more.
    pub(crate) key: Option<KeyId>,
    /// Its identity, in hexadecimal.
    pub(crate) fingerprint: String,
    /// The last characters of the secret.
    pub(crate) tail: Option<String>,
    /// All sends, checks by a generation among them.
    pub(crate) sends: u64,
    /// How they ended, by the outcome's name.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// Sends that have not ended, or whose process died.
    pub(crate) running: u64,
    /// Tokens in all.
    pub(crate) tokens: u64,
    /// The median of the answered ones in milliseconds, from the call to the end of the answer.
    pub(crate) p50_ms: Option<u64>,
    /// Nineteen of twenty took no longer.
    pub(crate) p95_ms: Option<u64>,
    /// The latest send.
    pub(crate) last_send: Option<Timestamp>,
}

impl KeyStat {
    /// Sends that brought an answer.
    pub(crate) fn answered(&self) -> u64 {
        self.outcomes.get("answered").copied().unwrap_or(0)
    }

    fn count(&mut self, took: &mut Vec<u64>, send: &SettledSend) {
        self.sends += 1;
        self.tokens += u64::from(send.tokens.unwrap_or(0));
        self.last_send = self.last_send.max(Some(send.at));
        match &send.outcome {
            None => self.running += 1,
            Some(outcome) => *self.outcomes.entry(outcome.clone()).or_default() += 1,
        }
        if send.outcome.as_deref() == Some("answered") {
            took.extend(send.elapsed.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
        }
    }
}

impl Gateway {
    /// How each key did since `since`.
    pub(crate) async fn key_stats(&self, since: Timestamp) -> Result<KeyStats, StoreError> {
        key_stats(&self.shared.store, &self.shared.config(), since).await
    }
}

/// How each key did since `since`, from a store that needs no daemon.
pub(crate) async fn key_stats(
    store: &Store,
    config: &Config,
    since: Timestamp,
) -> Result<KeyStats, StoreError> {
    let keep = config.storage.sends;
    // Counted beside the writer: there may be many of them.
    let counted = store.read_aside(move |tx| {
        let since = since.max(tx.now() - keep);
        let mut stats: HashMap<String, (KeyStat, Vec<u64>)> = HashMap::new();
        tx.each_send(since, |send| {
            let (stat, took) = stats.entry(send.fingerprint.clone()).or_default();
            stat.count(took, &send);
        })?;
        Ok((tx.now(), since, stats))
    });
    let (as_of, since, mut stats) = counted.await?;
    let mut keys = Vec::with_capacity(config.keys.len());
    for key in &config.keys {
        let fingerprint = key.fingerprint.to_string();
        let mut stat = stats.remove(&fingerprint).map(finished).unwrap_or_default();
        (stat.key, stat.tail) = (Some(key.id), key.secret.tail().map(str::to_owned));
        keys.push(KeyStat { fingerprint, ..stat });
    }
    let gone = stats.into_iter().map(|(fingerprint, of)| KeyStat { fingerprint, ..finished(of) });
    let mut gone: Vec<KeyStat> = gone.collect();
    gone.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    keys.append(&mut gone);
    Ok(KeyStats { as_of, since, keys })
}

fn finished((mut stat, mut took): (KeyStat, Vec<u64>)) -> KeyStat {
    took.sort_unstable();
    (stat.p50_ms, stat.p95_ms) = (percentile(&took, 50), percentile(&took, 95));
    stat
}

/// The nearest rank: the least of the sorted values that so many of a hundred do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let hundred: Vec<u64> = (1..=100).collect();
        let cases: [(&[u64], usize, Option<u64>); 6] = [
            (&[], 50, None),
            (&[7], 50, Some(7)),
            (&[7], 95, Some(7)),
            (&[1, 2, 3, 100], 50, Some(2)),
            (&[1, 2, 3, 100], 95, Some(100)),
            (&hundred, 95, Some(95)),
        ];
        for (sorted, percent, expected) in cases {
            assert_eq!(percentile(sorted, percent), expected, "{percent} of {sorted:?}");
        }
    }
}
