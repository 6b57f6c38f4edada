//! The last entries of the log, and whoever follows it: `svs logs` works wherever the lines go.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{self, Receiver, Sender};

use super::record::Record;

/// Entries that are kept, at most.
const ENTRIES: usize = 1000;
/// What all of them may hold, in bytes, at most.
const BYTES: usize = 256 * 1024;
/// Entries that may wait for a follower who reads slowly; then it misses some, and is told how many.
const AHEAD: usize = 512;

/// The last entries; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Recent(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    /// None once the log is at its end.
    followers: Option<Sender<Arc<Record>>>,
}

impl Default for Recent {
    fn default() -> Recent {
        let followers = Some(Sender::new(1));
        Recent(Arc::new(Mutex::new(Kept { records: VecDeque::new(), bytes: 0, followers })))
    }
}

impl Recent {
    /// One more.
    pub(super) fn push(&self, record: Record) {
        let record = Arc::new(record);
        let mut kept = self.lock();
        kept.bytes += record.size();
        kept.records.push_back(Arc::clone(&record));
        while kept.records.len() > ENTRIES || kept.bytes > BYTES {
            let Some(oldest) = kept.records.pop_front() else { break };
            kept.bytes -= oldest.size();
        }
        if let Some(followers) = &kept.followers {
            // Nobody need follow.
            let _ = followers.send(record);
        }
    }

    /// The last entries, oldest first, and all that come after them, without a gap.
    pub(super) fn follow(&self) -> (Vec<Arc<Record>>, Receiver<Arc<Record>>) {
        let mut kept = self.lock();
        let receiver = match &kept.followers {
            Some(followers) if followers.receiver_count() > 0 => followers.subscribe(),
            // The room for those who are behind is only taken while somebody follows.
            Some(_) => {
                let (followers, receiver) = broadcast::channel(AHEAD);
                kept.followers = Some(followers);
                receiver
            }
            None => broadcast::channel(1).1,
        };
        (kept.records.iter().cloned().collect(), receiver)
    }

    /// Nothing follows any more: those who wait for more have all of it.
    pub(super) fn end(&self) {
        self.lock().followers = None;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogLevel;
    use crate::domain::time::Timestamp;

    fn record(message: String) -> Record {
        Record {
            at: Timestamp::ZERO,
            level: LogLevel::Info,
            target: String::new(),
            message,
            fields: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_make_room_and_the_room_is_bounded() {
        let recent = Recent::default();
        for n in 0..ENTRIES + 10 {
            recent.push(record(n.to_string()));
        }
        let (kept, _) = recent.follow();
        assert_eq!((kept.len(), kept[0].message.as_str()), (ENTRIES, "10"));
        for _ in 0..ENTRIES {
            recent.push(record("x".repeat(4096)));
        }
        let (kept, _) = recent.follow();
        assert!(kept.iter().map(|record| record.size()).sum::<usize>() <= BYTES && kept.len() > 50);
    }

    #[tokio::test]
    async fn a_follower_has_all_without_a_gap_and_an_end() {
        let recent = Recent::default();
        recent.push(record("before".to_owned()));
        let (kept, mut coming) = recent.follow();
        let (_, mut second) = recent.follow();
        recent.push(record("after".to_owned()));
        recent.end();
        recent.push(record("too late".to_owned()));
        assert_eq!(kept.len(), 1);
        for follower in [&mut coming, &mut second] {
            assert_eq!(follower.recv().await.expect("one came").message, "after");
            assert!(follower.recv().await.is_err());
        }
    }
}
