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
//! What time does to people is kept as [`SeatEvent`]s until it is fetched, so each is told once. Whoever found the room
//! full and did not join the line is told once as well, when a seat is free that nobody in line wants.
//!
//! A session keeps the terms it was given; a changed idle time binds from its next message on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::chat::UserId;
use crate::domain::rules::SeatRules;
use crate::domain::time::Timestamp;

mod places;
mod words;

pub use words::{Ending, Entry, Granted, Kicked, Line, SeatEvent, SeatView, Standing, Tenure};

/// The longest line; one more is told that it is too long.
pub const LINE_CAPACITY: usize = 64;

/// Events nobody has fetched yet; beyond this many the oldest are forgotten, so that the cell stays small.
const EVENTS_KEPT: usize = 2 * LINE_CAPACITY;

/// Who was turned away longer ago than this is not told of a free seat any more: the talk is over.
const TOLD_WITHIN: Duration = Duration::from_hours(1);

/// The state of the VIP room: the ledger's cell `seats`.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Seats {
    /// Sitting or held, by number.
    places: Vec<Place>,
    /// Waiting for a seat, first comes first.
    line: Vec<UserId>,
    /// Found the room full and did not join the line; at most `LINE_CAPACITY`, the latest last.
    turned_away: Vec<TurnedAway>,
    cooling: Vec<CoolOff>,
    /// What time has done since the last [`Seats::expire`].
    events: Vec<SeatEvent>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    number: u32,
    user: UserId,
    tenure: Tenure,
    /// The user knows that the session ends soon, or knew from its beginning.
    warned: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct TurnedAway {
    user: UserId,
    at: Timestamp,
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
            self.needs_no_word(user);
            return Entry::Seated { number, taken: self.taken(), newly, until };
        }
        let place = self.line.iter().position(|waiting| *waiting == user);
        if place.is_none() {
            self.turn_away(user, now);
        }
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
        self.needs_no_word(user);
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
        self.needs_no_word(user);
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
            self.needs_no_word(user);
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
        let ends_at = *ends_at;
        place.warned = is_near(ends_at, rules, now);
        Some(ends_at)
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
        self.needs_no_word(user);
        let sat = self.sit(user, length, rules, now);
        if let (Some(length), Some(place)) = (length, self.places.iter_mut().find(|place| place.user == user))
            && let Tenure::Sitting { ends_at, .. } = &mut place.tenure
        {
            *ends_at = Some(now + length);
            place.warned = is_near(Some(now + length), rules, now);
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
    pub fn next_event(&self, rules: &SeatRules) -> Option<Timestamp> {
        if !self.events.is_empty() {
            return Some(Timestamp::ZERO);
        }
        let due =
            |place: &Place| place.warns_at(rules).map_or(place.tenure.due(), |at| at.min(place.tenure.due()));
        self.places.iter().map(due).min()
    }

    /// The room as it is at `now`, with everything done that time does.
    #[must_use]
    pub fn settled(&self, rules: &SeatRules, now: Timestamp) -> Seats {
        let mut room = self.clone();
        room.settle(rules, now);
        room
    }

    /// How `user` stands at `now`.
    pub fn standing(&self, user: UserId, rules: &SeatRules, now: Timestamp) -> Standing {
        let room = self.settled(rules, now);
        if let Some(place) = room.place(user) {
            return match place.tenure {
                Tenure::Sitting { ends_at, .. } => Standing::Seated { taken: room.taken(), ends_at },
                Tenure::Held { until } => Standing::Held { until },
            };
        }
        if let Some(until) = room.cooling_off(user, now) {
            return Standing::CoolingOff { until };
        }
        let place = room.line.iter().position(|waiting| *waiting == user);
        let next_free = room.next_free(place.unwrap_or(room.line.len()), rules);
        match place {
            Some(ahead) => Standing::Waiting { position: ahead as u32 + 1, next_free },
            None if room.free_number(rules).is_some() => Standing::Free { taken: room.taken() },
            None => Standing::Full { next_free },
        }
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

    /// The earliest a seat can be free for number `position` of the line, from 1.
    pub fn free_for(&self, position: u32, rules: &SeatRules) -> Option<Timestamp> {
        self.next_free(position.saturating_sub(1) as usize, rules)
    }

    /// Until when `user` may not sit again, if they may not.
    pub fn cooling_off(&self, user: UserId, now: Timestamp) -> Option<Timestamp> {
        let mine = self.cooling.iter().filter(|cooling| cooling.user == user && now < cooling.until);
        mine.map(|cooling| cooling.until).max()
    }
}

/// Whether an end is so near that no warning is due any more.
fn is_near(ends_at: Option<Timestamp>, rules: &SeatRules, now: Timestamp) -> bool {
    ends_at.is_none_or(|end| end.since(now) <= rules.warning)
}

#[cfg(test)]
mod tests;
