//! How places are taken, held and freed: what the operations of the room are made of.

use std::time::Duration;

use super::{
    EVENTS_KEPT, Ending, LINE_CAPACITY, Place, SeatEvent, Seats, TOLD_WITHIN, Tenure, TurnedAway, is_near,
};
use crate::domain::chat::UserId;
use crate::domain::rules::SeatRules;
use crate::domain::time::Timestamp;

impl Place {
    /// When the user is told that the session ends soon; none if they know.
    pub(super) fn warns_at(&self, rules: &SeatRules) -> Option<Timestamp> {
        match self.tenure {
            Tenure::Sitting { ends_at: Some(end), .. } if !self.warned => Some(end - rules.warning),
            Tenure::Sitting { .. } | Tenure::Held { .. } => None,
        }
    }
}

impl Seats {
    /// Seats in use for sessions; holds are not counted.
    pub(super) fn taken(&self) -> u32 {
        self.places.iter().filter(|place| matches!(place.tenure, Tenure::Sitting { .. })).count() as u32
    }

    pub(super) fn place(&self, user: UserId) -> Option<&Place> {
        self.places.iter().find(|place| place.user == user)
    }

    /// Put `user` on their own or a free seat. The caller has settled, so a free seat has no line before it.
    pub(super) fn sit(
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
                place.warned = is_near(new_end, rules, now);
                return Some((place.number, new_end));
            };
            *last_active = now.max(*last_active);
            *idle_until = *last_active + rules.idle;
            return Some((place.number, *ends_at));
        }
        let number = self.free_number(rules)?;
        self.place_at(Place { number, user, tenure: new, warned: is_near(new_end, rules, now) });
        Some((number, new_end))
    }

    /// End what is past due, and hold what is free for the line.
    pub(super) fn settle(&mut self, rules: &SeatRules, now: Timestamp) {
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
        for place in &mut self.places {
            if place.warns_at(rules).is_some_and(|at| at <= now) {
                place.warned = true;
                let (user, number, until) = (place.user, place.number, place.tenure.due());
                let is_renewable = rules.max_duration.is_some();
                self.events.push(SeatEvent::Ending { user, number, until, is_renewable });
            }
        }
        self.cooling.retain(|cooling| now < cooling.until);
        self.turned_away.retain(|turned| now.since(turned.at) < TOLD_WITHIN);
        while !self.line.is_empty()
            && let Some(number) = self.free_number(rules)
        {
            let user = self.line.remove(0);
            let until = now + rules.hold;
            self.place_at(Place { number, user, tenure: Tenure::Held { until }, warned: true });
            self.events.push(SeatEvent::Held { user, number, until });
        }
        if self.free_number(rules).is_some() {
            let told = self.turned_away.drain(..).map(|turned| SeatEvent::Freed { user: turned.user });
            self.events.extend(told);
        }
        let surplus = self.events.len().saturating_sub(EVENTS_KEPT);
        self.events.drain(..surplus);
    }

    /// The lowest number nobody has.
    pub(super) fn free_number(&self, rules: &SeatRules) -> Option<u32> {
        (1..=rules.seats).find(|number| self.places.iter().all(|place| place.number != *number))
    }

    fn place_at(&mut self, new: Place) {
        let index = self.places.partition_point(|place| place.number < new.number);
        self.places.insert(index, new);
    }

    pub(super) fn remove_place(&mut self, user: UserId) -> Option<Place> {
        let index = self.places.iter().position(|place| place.user == user)?;
        Some(self.places.remove(index))
    }

    pub(super) fn remove_from_line(&mut self, user: UserId) -> bool {
        let before = self.line.len();
        self.line.retain(|waiting| *waiting != user);
        self.line.len() < before
    }

    /// `user` found every seat taken.
    pub(super) fn turn_away(&mut self, user: UserId, now: Timestamp) {
        self.turned_away.retain(|turned| turned.user != user);
        if self.turned_away.len() >= LINE_CAPACITY {
            self.turned_away.remove(0);
        }
        self.turned_away.push(TurnedAway { user, at: now });
    }

    /// `user` need not hear of a free seat any more: they have one, wait for one, or want none.
    pub(super) fn needs_no_word(&mut self, user: UserId) {
        self.turned_away.retain(|turned| turned.user != user);
        self.events.retain(|event| *event != SeatEvent::Freed { user });
    }

    /// Free the seat of the longest session, or of the oldest hold if nobody sits.
    pub(super) fn evict_oldest(&mut self) -> Option<UserId> {
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
    pub(super) fn next_free(&self, ahead: usize, rules: &SeatRules) -> Option<Timestamp> {
        let in_room = self.places.iter().filter(|place| place.number <= rules.seats);
        let mut dues: Vec<Timestamp> = in_room.map(|place| place.tenure.due()).collect();
        dues.sort_unstable();
        dues.get(ahead).copied()
    }
}
