//! A send and its answer.

use std::time::Duration;

use super::crowd::Arrival;
use super::day::{Day, Event};
use super::report::{Ending, Send};
use super::request::{Flight, may_free};
use super::upstream::Sending;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::Effect;
use crate::domain::router::plan::{Step, wish};

/// The longest an attempt may take, as a lease's deadline.
const ATTEMPT: Duration = Duration::from_secs(65);

impl Day<'_> {
    /// Sends; false if the pool refuses what was planned.
    pub(super) fn send(&mut self, place: u32, step: Step) -> bool {
        let now = self.clock();
        let Some(key) = self.pool.roster.find(step.key) else { return false };
        let Ok(lease) = self.pool.acquire(key, step.model, now + ATTEMPT, now) else { return false };
        self.newest = self.newest.max(self.pool.calendar.day(now));
        let project = self.pool.roster.project_of(key);
        let today = self.pool.calendar.day(self.now);
        let Some(course) = self.courses[place as usize].as_mut() else { return false };
        let Arrival { hostile, user, .. } = self.arrivals[course.arrival as usize];
        let sending = Sending { key, model: step.model, hostile };
        let (outcome, takes) = self.upstream.answer(sending, project, today, self.now);
        if course.sends == 0 {
            self.retries.request();
            let waited = now.since(course.headed).as_millis() as u64;
            self.report.longest_wait = self.report.longest_wait.max(waited);
            self.watches.sent(course.class(), step.model, now);
        }
        course.sends += 1;
        let retry = course.attempts.counted > 0;
        self.report.retries += u64::from(retry);
        self.report.keys.entry(step.key).or_default()[step.model] += 1;
        *self.report.outcomes.entry(outcome.name()).or_default() += 1;
        if self.scenario.log {
            self.report.log.push(Send {
                at: self.now,
                user,
                day: self.newest,
                key: step.key,
                project: lease.project.clone(),
                model: step.model,
                role: course.role,
                seatless: course.seatless,
                outcome: outcome.clone(),
                retry,
            });
        }
        self.number += 1;
        let number = self.number;
        course.flight = Some(Flight { lease, key, outcome, number });
        self.at(self.now + takes, Event::Done(place, number));
        true
    }

    pub(super) fn done(&mut self, place: u32, number: u64) {
        let now = self.clock();
        let Some(course) = self.courses[place as usize].as_mut() else { return };
        let Some(flight) = course.flight.take_if(|flight| flight.number == number) else { return };
        let Flight { lease, key, outcome, .. } = flight;
        if let Some(naive) = &mut self.naive {
            // The simple routers do not tell errors apart, so the pool's rules learn nothing.
            self.pool.settle(&lease, &Outcome::Abandoned, 0, now);
            self.report.bans += u64::from(naive.settle(key, &outcome, now));
        } else {
            let effect = self.pool.settle(&lease, &outcome, 0, now);
            self.note(effect);
            if matches!(outcome, Outcome::Answered) {
                self.strike_suspects(place);
            }
        }
        let freed = may_free(&lease, &outcome);
        if freed {
            self.memo.clear();
        }
        let Some(course) = self.courses[place as usize].as_mut() else { return };
        let (rules, retries) = (&self.pool.rules, &mut self.retries);
        match outcome {
            Outcome::Answered => {
                let wished = wish(course.role, course.task, None);
                let arrival = self.arrivals[course.arrival as usize];
                let tally = &mut self.report.roles[arrival.role];
                self.report.next_day += u64::from(lease.granted.at >= self.end);
                if lease.model < wished {
                    tally.lowered += 1;
                } else {
                    tally.at_wish += 1;
                }
                *self.report.models.entry((wished, lease.model)).or_default() += 1;
                *self.report.answered_by.entry(lease.key).or_default() += 1;
                if self.scenario.log {
                    self.report.answers.push(self.now);
                }
                self.end(place, Ending::Answered);
            }
            Outcome::Blocked | Outcome::BadRequest => self.end(place, Ending::Blocked),
            _ if course.attempts.after(&lease, &outcome, course.role, rules, || {
                retries.retry(&rules.router, now).is_ok()
            }) =>
            {
                self.advance(place);
            }
            _ => self.end(place, Ending::Failed),
        }
        if freed {
            self.serve();
        }
    }

    pub(super) fn note(&mut self, effect: Effect) {
        self.report.bans += u64::from(matches!(effect, Effect::Banned(_)));
    }

    pub(super) fn strike_suspects(&mut self, place: u32) {
        let Some(course) = self.courses[place as usize].as_mut() else { return };
        let suspects = std::mem::take(&mut course.attempts.suspects);
        for fingerprint in suspects {
            if let Some(key) = self.pool.roster.find_by_fingerprint(fingerprint) {
                let effect = self.pool.strike(key, self.clock());
                self.note(effect);
                self.memo.clear();
            }
        }
    }
}
