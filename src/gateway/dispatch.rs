//! The task that calls those who wait for a key.
//!
//! It wakes when something may have become ready, asks the router for whom, and calls them one by one in order: the next
//! only after the one before has taken its key, so nobody is called for a key that is gone. Who is parked and comes
//! close to the head is recalled, and so has a task again when its turn comes.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::hub::Shared;
use super::queue::{AT_HAND, Line, Presence, Waiter, Wish};
use crate::domain::policy::fairness::queue::EntryId;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::router::plan::{Decision, plan};
use crate::domain::time::Timestamp;

/// How long the dispatcher sleeps at most while somebody waits: what becomes ready by an operator's hand, or by
/// another process, is told by nobody.
const LONGEST_NAP: Duration = Duration::from_secs(1);
/// What is ready and yet not served is looked at again after this.
const SHORTEST_NAP: Duration = Duration::from_millis(5);

/// What was seen along the line.
#[derive(Default)]
struct Seen {
    /// The first who can be served now.
    next: Option<EntryId>,
    /// Who is to have a task again.
    recall: Vec<EntryId>,
    /// When the first of the others may be served.
    soonest: Option<Timestamp>,
}

/// Calls those who can be served, in order, for as long as the gateway lives.
pub(super) async fn dispatch(shared: Weak<Shared>) {
    let Some(queue) = shared.upgrade().map(|shared| shared.queue.clone()) else { return };
    let one_at_a_time = Arc::new(Semaphore::new(1));
    let mut nap = None;
    loop {
        match nap {
            None => queue.changed().await,
            Some(nap) => {
                tokio::select! {
                    () = tokio::time::sleep(nap) => {}
                    () = queue.changed() => {}
                }
            }
        }
        let early = queue.was_stirred();
        nap = loop {
            let Ok(permit) = Arc::clone(&one_at_a_time).acquire_owned().await else { return };
            let Some(shared) = shared.upgrade() else { return };
            match shared.call_next(permit, early) {
                Called::One => {}
                Called::Nobody(nap) => break nap,
            }
        };
    }
}

enum Called {
    One,
    /// The line is to be looked at again after this; none: it is empty.
    Nobody(Option<Duration>),
}

impl Shared {
    fn call_next(self: &Arc<Shared>, permit: OwnedSemaphorePermit, early: bool) -> Called {
        let now = self.clock.now();
        let (call, recalled, nap) = {
            let pool = self.pool();
            let mut line = self.queue.line();
            if line.waiting.is_empty() {
                return Called::Nobody(None);
            }
            let seen = look(&line, &pool, early, now);
            let recalled: Vec<_> =
                seen.recall.into_iter().filter_map(|entry| self.recall(&mut line, entry)).collect();
            let call = seen.next.and_then(|entry| call_of(&mut line, entry));
            let nap = seen.soonest.map_or(LONGEST_NAP, |soonest| soonest.since(now));
            (call, recalled, nap.clamp(SHORTEST_NAP, LONGEST_NAP))
        };
        self.send_recalled(recalled);
        match call {
            // Whoever left meanwhile drops the permit, and the next is called.
            Some(call) => {
                drop(call.send(permit));
                Called::One
            }
            None => Called::Nobody(Some(nap)),
        }
    }
}

fn call_of(line: &mut Line, entry: EntryId) -> Option<oneshot::Sender<OwnedSemaphorePermit>> {
    match line.waiting.pop(entry)?.item.presence {
        Presence::Here(call) => Some(call),
        Presence::Parked(_) | Presence::Coming => None,
    }
}

/// Looks along the line for the first who can be served. Equal wishes are asked about once.
fn look(line: &Line, pool: &KeyPool, early: bool, now: Timestamp) -> Seen {
    let mut seen = Seen::default();
    let mut known: Vec<(&Arc<Wish>, Option<Timestamp>)> = Vec::new();
    // When this one may be served; none: now.
    let mut due = |waiter: &'_ Waiter, wish| {
        if waiter.not_before > now && !early {
            return Some(waiter.not_before);
        }
        if let Some((_, due)) = known.iter().find(|(known, _)| Arc::ptr_eq(known, wish)) {
            return *due;
        }
        let due = match plan(pool, &waiter.wish.request(), waiter.seed, now).decide(now, waiter.latest) {
            Decision::Send(_) => None,
            Decision::Wait(until) => Some(until),
            Decision::Refuse { .. } => Some(Timestamp::NEVER),
        };
        known.push((wish, due));
        due
    };
    let mut coming = 0;
    // Who is not at hand when the time is over has to be told so.
    for (entry, waiter) in line.waiting.iter() {
        match waiter.presence {
            Presence::Parked(_) if waiter.latest < now => seen.recall.push(entry),
            Presence::Coming => coming += 1,
            Presence::Parked(_) | Presence::Here(_) => {}
        }
    }
    for (nth, (entry, waiter)) in line.waiting.firsts().enumerate() {
        let due = due(waiter, &waiter.wish);
        match (&waiter.presence, due) {
            (Presence::Here(_), None) => {
                seen.next = Some(entry);
                break;
            }
            (Presence::Parked(_), due) if nth < AT_HAND || due.is_none() => seen.recall.push(entry),
            (_, due) => seen.soonest = seen.soonest.into_iter().chain(due).min(),
        }
    }
    // What comes is large again: not too many at once.
    seen.recall.truncate(AT_HAND.saturating_sub(coming));
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::{ChatId, ConversationId, UserId};
    use crate::domain::policy::task::Task;
    use crate::domain::pool::roster::Roster;
    use crate::domain::role::Role;
    use crate::domain::router::attempts::Attempts;
    use crate::domain::rules::Rules;
    use crate::domain::time::{Calendar, QuotaDay};
    use crate::gateway::parked::Parked;

    fn parked(n: i64, role: Role, latest: Timestamp) -> Waiter {
        let (seatless_vip, task, choice, attempts) = (false, Task::Chat, None, Attempts::default());
        let wish = Arc::new(Wish { role, seatless_vip, task, choice, attempts });
        let lane = ConversationId { chat: ChatId(n), topic: None, user: UserId(n) };
        let parked = Parked { update_id: n, lane, headed_since: Timestamp::ZERO, is_told: false };
        let presence = Presence::Parked(parked);
        Waiter { wish, seed: 1, latest, not_before: Timestamp::ZERO, presence }
    }

    #[test]
    fn whoever_has_no_time_left_is_recalled_from_any_place_and_never_too_many_at_once() {
        let calendar = Calendar::new(QuotaDay(0), Vec::new());
        let pool =
            KeyPool::new(Arc::new(Roster::from(Vec::new())), Arc::new(Rules::default()), Arc::new(calendar));
        let now = Timestamp::ZERO + Duration::from_hours(1);
        let mut line = Line::default();
        let guest = line.waiting.push(UserId(1), Role::Guest, parked(1, Role::Guest, now - SHORTEST_NAP));
        for n in 2..90 {
            line.waiting.push(UserId(n), Role::Normal, parked(n, Role::Normal, now + LONGEST_NAP));
        }
        let seen = look(&line, &pool, false, now);
        assert!(seen.recall.contains(&guest) && seen.recall.len() == AT_HAND && seen.next.is_none());
        for entry in seen.recall {
            line.waiting.get_mut(entry).expect("it waits").presence = Presence::Coming;
        }
        assert!(look(&line, &pool, false, now).recall.is_empty(), "enough are on their way");
    }
}
