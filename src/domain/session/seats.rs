//! The VIP room: a few seats, a line in front of them, and the kicked who must wait outside.
//!
//! ```text
//!                 join_line                a seat frees               enter
//!    Outside ───────────────────▶ InLine ───────────────▶ Held(until) ────────┐
//!     ▲ ▲ │                         │                       │                 │
//!     │ │ │  enter, a seat is free  │ leave, kick           │ hold runs out   │
//!     │ │ └─────────────────────────┼───────────────────────┼──────────────┐  │
//!     │ │                           ▼                       ▼              ▼  ▼
//!     │ └───────────────────────────┴───────────────────────┴─────────── Sitting ◀─┐
//!     │            leave · idle for 10 min · end of the session · evicted   │ └────┘ enter, extend
//!     │                                                                     │
//!     │ cool-off over · grant                                          kick │
//!     └───────────────────────── CoolingOff(until) ◀────────────────────────┘ (also from InLine and Held)
//! ```
//!
//! **Invariant:** sitting and held places together are never more than `SeatRules::seats`, at any instant.
//! **Invariant:** what is past due is gone, whether or not [`Seats::expire`] has run: every operation first settles
//! what the time has ended, and [`Seats::is_seated`] looks at the time itself.
//! **Invariant:** nobody walks past the line: whatever frees is held for the first in it within the same operation.
//!
//! A session keeps the terms it was given; a changed idle time binds from its next message on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::chat::UserId;
use crate::domain::rules::SeatRules;
use crate::domain::time::Timestamp;

mod words;

pub use words::{Ending, Entry, Granted, Kicked, Line, SeatEvent, SeatView, Tenure};

/// The longest line; one more is told that it is too long.
pub const LINE_CAPACITY: usize = 64;

/// Events nobody has fetched yet; beyond this many the oldest are forgotten, so that the cell stays small.
const EVENTS_KEPT: usize = 64;

/// The state of the VIP room: the ledger's cell `seats`.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Seats {
    /// Sitting or held, by number.
    places: Vec<Place>,
    /// Waiting for a seat, first comes first.
    line: Vec<UserId>,
    cooling: Vec<CoolOff>,
    /// What time has done since the last [`Seats::expire`].
    events: Vec<SeatEvent>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    number: u32,
    user: UserId,
    tenure: Tenure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CoolOff {
    user: UserId,
    until: Timestamp,
}

impl Seats {
    /// A vip's message: takes a free seat, or keeps the one they have.
    pub fn enter(&mut self, user: UserId, rules: &SeatRules, now: Timestamp) -> Entry {
        self.settle(rules, now);
        if let Some(until) = self.cooling_off(user, now) {
            return Entry::CoolingOff { until };
        }
        let newly = !self.is_seated(user, now);
        if let Some((number, until)) = self.sit(user, rules.max_duration, rules, now) {
            return Entry::Seated { number, taken: self.taken(), newly, until };
        }
        let place = self.line.iter().position(|waiting| *waiting == user);
        let next_free = self.next_free(place.unwrap_or(self.line.len()), rules);
        Entry::Full { next_free, position: place.map(|index| index as u32 + 1) }
    }

    /// Settle what the time has ended and return everything that must be told, once.
    pub fn expire(&mut self, rules: &SeatRules, now: Timestamp) -> Vec<SeatEvent> {
        self.settle(rules, now);
        std::mem::take(&mut self.events)
    }

    /// End whatever claim `user` has, and keep them out for `cool_off`. None if there was no claim.
    pub fn kick(
        &mut self,
        user: UserId,
        cool_off: Duration,
        rules: &SeatRules,
        now: Timestamp,
    ) -> Option<Kicked> {
        self.settle(rules, now);
        let place = self.remove_place(user);
        if place.is_none() && !self.remove_from_line(user) {
            return None;
        }
        let cool_off_until = now + cool_off;
        self.cooling.push(CoolOff { user, until: cool_off_until });
        self.settle(rules, now);
        let since = place.as_ref().and_then(|place| match place.tenure {
            Tenure::Sitting { since, .. } => Some(since),
            Tenure::Held { .. } => None,
        });
        Some(Kicked { number: place.map(|place| place.number), since, cool_off_until })
    }

    /// Give up seat, hold or place in the line: by the user's wish, or because they are no vip any more.
    /// False if there was nothing to give up.
    pub fn leave(&mut self, user: UserId, rules: &SeatRules, now: Timestamp) -> bool {
        self.settle(rules, now);
        let had = self.remove_place(user).is_some() || self.remove_from_line(user);
        self.settle(rules, now);
        had
    }

    /// Wait for a seat; a free one is held at once.
    pub fn join_line(&mut self, user: UserId, rules: &SeatRules, now: Timestamp) -> Line {
        self.settle(rules, now);
        if rules.seats == 0 {
            return Line::NoSeats;
        }
        if let Some(until) = self.cooling_off(user, now) {
            return Line::CoolingOff { until };
        }
        if !self.line.contains(&user) && self.place(user).is_none() {
            if self.line.len() >= LINE_CAPACITY {
                return Line::TooLong;
            }
            self.line.push(user);
            self.settle(rules, now);
            // The answer to this call says it; no event repeats it.
            self.events.retain(|event| !matches!(event, SeatEvent::Held { user: held, .. } if *held == user));
        }
        if let Some(place) = self.place(user) {
            return match place.tenure {
                Tenure::Sitting { .. } => Line::Seated { number: place.number },
                Tenure::Held { until } => Line::Held { number: place.number, until },
            };
        }
        let ahead = self.line.iter().position(|waiting| *waiting == user).unwrap_or(self.line.len());
        Line::Waiting { position: ahead as u32 + 1, next_free: self.next_free(ahead, rules) }
    }

    /// Move the end of a session: `by` later, or without it to a full maximum duration from now; both count as
    /// activity. A session without an end stays so. Returns that end; none at all if `user` has no session.
    pub fn extend(
        &mut self,
        user: UserId,
        by: Option<Duration>,
        rules: &SeatRules,
        now: Timestamp,
    ) -> Option<Option<Timestamp>> {
        self.settle(rules, now);
        let place = self.places.iter_mut().find(|place| place.user == user)?;
        let Tenure::Sitting { last_active, idle_until, ends_at, .. } = &mut place.tenure else {
            return None;
        };
        *last_active = now.max(*last_active);
        *idle_until = *last_active + rules.idle;
        *ends_at = ends_at.map(|end| match by {
            Some(by) => end + by,
            None => rules.max_duration.map_or(end, |length| end.max(now + length)),
        });
        Some(*ends_at)
    }

    /// An operator seats `user`, past the line and any cool-off, for `length` (none: as the rules say). If every
    /// seat is taken and `evict_oldest`, the longest session ends for it; a mere hold goes back to the line.
    pub fn grant(
        &mut self,
        user: UserId,
        length: Option<Duration>,
        evict_oldest: bool,
        rules: &SeatRules,
        now: Timestamp,
    ) -> Granted {
        self.settle(rules, now);
        let length = length.or(rules.max_duration);
        let mut evicted = None;
        if self.place(user).is_none() && self.places.len() >= rules.seats as usize {
            if !evict_oldest || rules.seats == 0 {
                return Granted::Full { next_free: self.next_free(0, rules) };
            }
            evicted = self.evict_oldest();
        }
        self.cooling.retain(|cooling| cooling.user != user);
        self.remove_from_line(user);
        let sat = self.sit(user, length, rules, now);
        if let (Some(length), Some(place)) = (length, self.places.iter_mut().find(|place| place.user == user))
            && let Tenure::Sitting { ends_at, .. } = &mut place.tenure
        {
            *ends_at = Some(now + length);
        }
        self.settle(rules, now);
        match sat {
            Some((number, until)) => Granted::Seated {
                number,
                taken: self.taken(),
                until: length.map_or(until, |length| Some(now + length)),
                evicted,
            },
            None => Granted::Full { next_free: self.next_free(0, rules) },
        }
    }

    /// When [`Seats::expire`] next has something to do; [`Timestamp::ZERO`]: it has already.
    pub fn next_event(&self) -> Option<Timestamp> {
        if !self.events.is_empty() {
            return Some(Timestamp::ZERO);
        }
        self.places.iter().map(|place| place.tenure.due()).min()
    }

    /// Whether `user` has a VIP session at `now`.
    pub fn is_seated(&self, user: UserId, now: Timestamp) -> bool {
        self.place(user)
            .is_some_and(|place| matches!(place.tenure, Tenure::Sitting { .. }) && now < place.tenure.due())
    }

    /// Whose seat `number` is, for commands that name a seat.
    pub fn user_at(&self, number: u32, now: Timestamp) -> Option<UserId> {
        self.list(now).find(|view| view.number == number).map(|view| view.user)
    }

    /// The places in use, by number.
    pub fn list(&self, now: Timestamp) -> impl Iterator<Item = SeatView> + '_ {
        self.places.iter().filter(move |place| now < place.tenure.due()).map(|place| SeatView {
            number: place.number,
            user: place.user,
            tenure: place.tenure,
        })
    }

    /// Who waits for a seat, first comes first.
    pub fn waiting(&self) -> &[UserId] {
        &self.line
    }

    /// Until when `user` may not sit again, if they may not.
    pub fn cooling_off(&self, user: UserId, now: Timestamp) -> Option<Timestamp> {
        let mine = self.cooling.iter().filter(|cooling| cooling.user == user && now < cooling.until);
        mine.map(|cooling| cooling.until).max()
    }

    /// Seats in use for sessions; holds are not counted.
    fn taken(&self) -> u32 {
        self.places.iter().filter(|place| matches!(place.tenure, Tenure::Sitting { .. })).count() as u32
    }

    fn place(&self, user: UserId) -> Option<&Place> {
        self.places.iter().find(|place| place.user == user)
    }

    /// Put `user` on their own or a free seat. The caller has settled, so a free seat has no line before it.
    fn sit(
        &mut self,
        user: UserId,
        length: Option<Duration>,
        rules: &SeatRules,
        now: Timestamp,
    ) -> Option<(u32, Option<Timestamp>)> {
        let new_end = length.map(|length| now + length);
        let new =
            Tenure::Sitting { since: now, last_active: now, idle_until: now + rules.idle, ends_at: new_end };
        if let Some(place) = self.places.iter_mut().find(|place| place.user == user) {
            let Tenure::Sitting { last_active, idle_until, ends_at, .. } = &mut place.tenure else {
                place.tenure = new;
                return Some((place.number, new_end));
            };
            *last_active = now.max(*last_active);
            *idle_until = *last_active + rules.idle;
            return Some((place.number, *ends_at));
        }
        let number = self.free_number(rules)?;
        self.place_at(number, user, new);
        Some((number, new_end))
    }

    /// End what is past due, and hold what is free for the line.
    fn settle(&mut self, rules: &SeatRules, now: Timestamp) {
        let events = &mut self.events;
        self.places.retain(|place| {
            let (user, number) = (place.user, place.number);
            if now < place.tenure.due() && number <= rules.seats {
                return true;
            }
            events.push(match place.tenure {
                Tenure::Held { .. } => SeatEvent::HoldLapsed { user, number },
                Tenure::Sitting { idle_until, ends_at, .. } => {
                    let why = if now < place.tenure.due() {
                        Ending::RoomShrunk
                    } else if ends_at.is_some_and(|end| end <= idle_until) {
                        Ending::Duration
                    } else {
                        Ending::Idle
                    };
                    SeatEvent::Ended { user, number, why }
                }
            });
            false
        });
        self.cooling.retain(|cooling| now < cooling.until);
        while !self.line.is_empty()
            && let Some(number) = self.free_number(rules)
        {
            let user = self.line.remove(0);
            let until = now + rules.hold;
            self.place_at(number, user, Tenure::Held { until });
            self.events.push(SeatEvent::Held { user, number, until });
        }
        let surplus = self.events.len().saturating_sub(EVENTS_KEPT);
        self.events.drain(..surplus);
    }

    /// The lowest number nobody has.
    fn free_number(&self, rules: &SeatRules) -> Option<u32> {
        (1..=rules.seats).find(|number| self.places.iter().all(|place| place.number != *number))
    }

    fn place_at(&mut self, number: u32, user: UserId, tenure: Tenure) {
        let index = self.places.partition_point(|place| place.number < number);
        self.places.insert(index, Place { number, user, tenure });
    }

    fn remove_place(&mut self, user: UserId) -> Option<Place> {
        let index = self.places.iter().position(|place| place.user == user)?;
        Some(self.places.remove(index))
    }

    fn remove_from_line(&mut self, user: UserId) -> bool {
        let before = self.line.len();
        self.line.retain(|waiting| *waiting != user);
        self.line.len() < before
    }

    /// Free the seat of the longest session, or of the oldest hold if nobody sits.
    fn evict_oldest(&mut self) -> Option<UserId> {
        // Sessions before holds, then by age.
        let age = |place: &Place| match place.tenure {
            Tenure::Sitting { since, .. } => (false, since),
            Tenure::Held { until } => (true, until),
        };
        let oldest = self.places.iter().min_by_key(|place| age(place))?;
        let (user, number, tenure) = (oldest.user, oldest.number, oldest.tenure);
        self.remove_place(user);
        self.events.push(match tenure {
            Tenure::Sitting { .. } => SeatEvent::Ended { user, number, why: Ending::Evicted },
            Tenure::Held { .. } => {
                self.line.insert(0, user);
                SeatEvent::HoldLapsed { user, number }
            }
        });
        Some(user)
    }

    /// The earliest a seat can be free for somebody with `ahead` others before them in the line.
    fn next_free(&self, ahead: usize, rules: &SeatRules) -> Option<Timestamp> {
        let in_room = self.places.iter().filter(|place| place.number <= rules.seats);
        let mut dues: Vec<Timestamp> = in_room.map(|place| place.tenure.due()).collect();
        dues.sort_unstable();
        dues.get(ahead).copied()
    }
}

#[cfg(test)]
mod tests;
