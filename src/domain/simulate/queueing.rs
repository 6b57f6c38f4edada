//! Who is served next: a request is sent, waits in the queue, or is refused with the time to come back.

use std::time::Duration;

use super::day::{Day, Event};
use super::report::Ending;
use crate::domain::chat::UserId;
use crate::domain::router::capacity::{rivals, serveable, turn_of};
use crate::domain::router::plan::{Decision, plan};
use crate::domain::time::Timestamp;

impl Day<'_> {
    pub(super) fn decide(&mut self, place: u32) -> Option<Decision> {
        let now = self.clock();
        let course = self.courses[place as usize].as_ref()?;
        if let Some(naive) = &mut self.naive {
            let step = naive.choose(&self.pool, &course.request(), &self.pool.calendar.moment(now));
            return Some(
                step.map_or(Decision::Refuse { until: Timestamp::NEVER, outage: false }, Decision::Send),
            );
        }
        let class = course.class();
        if course.is_fresh()
            && let Some(known) = self.memo.recall(class, now, course.latest)
        {
            return Some(known);
        }
        let made = plan(&self.pool, &course.request(), self.rng.u64(..), now);
        let decision = made.decide(now, course.latest);
        if course.is_fresh() {
            self.memo.remember(class, &made, &decision, now);
        }
        Some(decision)
    }

    /// Sends a request, lets it wait, or refuses it.
    pub(super) fn advance(&mut self, place: u32) {
        loop {
            match self.decide(place) {
                None => return,
                Some(Decision::Send(step)) => {
                    if self.send(place, step) {
                        return;
                    }
                }
                Some(Decision::Wait(until)) => return self.wait(place, until),
                Some(Decision::Refuse { until, outage }) => return self.refuse(place, until, outage),
            }
        }
    }

    /// One request of the queue after the other, as long as anything can be sent.
    pub(super) fn serve(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        loop {
            let (mut found, mut hopeless) = (None, Vec::new());
            let popped = queue.pop_next_where(|_, place| match self.decide(*place) {
                Some(Decision::Send(step)) => {
                    found = Some(step);
                    true
                }
                Some(Decision::Wait(until)) => {
                    self.wake_at(until);
                    false
                }
                Some(Decision::Refuse { until, outage }) => {
                    hopeless.push((*place, until, outage));
                    false
                }
                None => false,
            });
            for (place, until, outage) in &hopeless {
                let entry = self.courses[*place as usize].as_mut().and_then(|course| course.entry.take());
                entry.and_then(|entry| queue.remove(entry));
                self.queue = queue;
                self.refuse(*place, *until, *outage);
                queue = std::mem::take(&mut self.queue);
            }
            let (Some(popped), Some(step)) = (popped, found) else { break };
            if let Some(course) = &mut self.courses[popped.item as usize] {
                course.entry = None;
            }
            if !self.send(popped.item, step) {
                self.queue = queue;
                self.advance(popped.item);
                queue = std::mem::take(&mut self.queue);
            }
        }
        self.queue = queue;
    }

    pub(super) fn wake_at(&mut self, until: Timestamp) {
        if until < self.next_wake {
            self.next_wake = until;
            self.at_clock(until, Event::Wake);
        }
    }

    pub(super) fn wait(&mut self, place: u32, until: Timestamp) {
        let now = self.clock();
        let Some(course) = self.courses[place as usize].as_ref() else { return };
        let (role, arrival, latest) = (course.role, course.arrival, course.latest);
        let ahead = if course.is_fresh() && !self.queue.is_empty() {
            rivals(&self.pool, &course.request(), &self.queue.waiting(), now)
        } else {
            0
        };
        if ahead > 0 {
            let within = latest.since(now);
            if serveable(&self.pool, &course.request(), within, now) <= ahead {
                let until = turn_of(&self.pool, &course.request(), ahead, now);
                return self.end_refused(place, Ending::QueueFull, until);
            }
        }
        let user = UserId(i64::from(self.arrivals[arrival as usize].user) + 1);
        let entry = self.queue.push(user, role, place);
        if let Some(course) = self.courses[place as usize].as_mut() {
            course.entry = Some(entry);
        }
        self.at_clock(latest + Duration::from_millis(1), Event::Timeout(place, arrival));
        self.wake_at(until);
    }

    pub(super) fn give_up_waiting(&mut self, place: u32) {
        let entry = self.courses[place as usize].as_mut().and_then(|course| course.entry.take());
        entry.and_then(|entry| self.queue.remove(entry));
        match self.decide(place) {
            Some(Decision::Wait(until)) => self.end_refused(place, Ending::WaitedOut, until),
            Some(Decision::Refuse { until, outage }) => {
                let ending = if outage { Ending::Outage } else { Ending::WaitedOut };
                self.end_refused(place, ending, until);
            }
            _ => self.advance(place),
        }
    }

    pub(super) fn refuse(&mut self, place: u32, until: Timestamp, outage: bool) {
        let failed = self.course(place).is_some_and(|course| !course.is_fresh());
        let ending = match (outage, failed) {
            (true, _) => Ending::Outage,
            (false, true) => Ending::Failed,
            (false, false) => Ending::Spent,
        };
        self.end_refused(place, ending, until);
    }

    pub(super) fn end_refused(&mut self, place: u32, ending: Ending, until: Timestamp) {
        let now = self.clock();
        let Some(course) = self.course(place) else { return };
        if course.is_fresh() && self.naive.is_none() {
            let (class, headed) = (course.class(), course.headed);
            let ahead = self.queue.waiting()[course.role];
            self.report.longest_wait = self.report.longest_wait.max(now.since(headed).as_millis() as u64);
            if self.scenario.judge_times
                && ending != Ending::Outage
                && let Some(looks) = self.watches.refused(class, ending, ahead, now, until)
            {
                looks.for_each(|at| self.at_clock(at, Event::Look(class as u8)));
            }
        }
        self.end(place, ending);
    }
}
