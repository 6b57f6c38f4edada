//! The events of a simulated day, in order: arrivals, answers, wake-ups of the queue, faults of the host.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::crowd::{Arrival, experience};
use super::naive::Naive;
use super::report::{Ending, Report};
use super::request::{CLASSES, InCourse, Memo, User, class_request};
use super::scenario::Scenario;
use super::upstream::Upstream;
use super::watch::Watches;
use crate::domain::chat::UserId;
use crate::domain::policy::fairness::QUEUED_PER_CONVERSATION;
use crate::domain::policy::fairness::caps::RequestToken;
use crate::domain::policy::fairness::queue::WaitingQueue;
use crate::domain::policy::fairness::retries::RetryBudget;
use crate::domain::policy::roles::effective;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::router::plan::{Decision, plan};
use crate::domain::session::seats::{Entry, Seats};
use crate::domain::time::{QuotaDay, Timestamp};

/// What happens next, beside arrivals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// The answer to a send arrives at a place.
    Done(u32, u64),
    /// Somebody in the queue may be served.
    Wake,
    /// The request of an arrival, at a place, has waited as long as it may.
    Timeout(u32, u32),
    /// A watched class is looked at.
    Look(u8),
    /// The process dies and starts again.
    Restart,
    /// The pool's clock jumps.
    Jump(i64),
}

/// Lives through `arrivals`, which must be in order, with `pool` as it is.
pub fn run(pool: KeyPool, scenario: &Scenario, arrivals: &[Arrival], seed: u64) -> Report {
    watch(pool, scenario, arrivals, seed, &mut |_, _| {})
}

/// The same, and tells `on_end` how each request ended, in the order of their ends.
pub fn watch(
    pool: KeyPool,
    scenario: &Scenario,
    arrivals: &[Arrival],
    seed: u64,
    on_end: &mut dyn FnMut(&Arrival, Ending),
) -> Report {
    let mut day = Day::new(pool, scenario, arrivals, seed, on_end);
    day.report.best = day.best();
    day.live();
    day.conclude()
}

pub(super) struct Day<'a> {
    pub(super) pool: KeyPool,
    pub(super) scenario: &'a Scenario,
    pub(super) arrivals: &'a [Arrival],
    pub(super) upstream: Upstream<'a>,
    pub(super) naive: Option<Naive>,
    pub(super) now: Timestamp,
    /// The pool's clock minus Google's, in milliseconds.
    pub(super) skew: i64,
    pub(super) newest: QuotaDay,
    /// The midnight that ends the last day.
    pub(super) end: Timestamp,
    pub(super) users: Vec<User>,
    /// Requests that are first in their conversations; a place is used again when its request has ended.
    pub(super) courses: Vec<Option<InCourse>>,
    pub(super) free: Vec<u32>,
    pub(super) queue: WaitingQueue<u32>,
    pub(super) next_wake: Timestamp,
    pub(super) seats: Seats,
    pub(super) retries: RetryBudget,
    pub(super) memo: Memo,
    pub(super) watches: Watches,
    pub(super) events: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    pub(super) number: u64,
    pub(super) rng: fastrand::Rng,
    pub(super) report: Report,
    pub(super) on_end: &'a mut dyn FnMut(&Arrival, Ending),
}

impl<'a> Day<'a> {
    fn new(
        mut pool: KeyPool,
        scenario: &'a Scenario,
        arrivals: &'a [Arrival],
        seed: u64,
        on_end: &'a mut dyn FnMut(&Arrival, Ending),
    ) -> Day<'a> {
        if scenario.experience {
            pool.arrivals = experience(scenario, &pool.calendar, seed);
        }
        let start = pool.calendar.start(scenario.first_day);
        let end = pool.calendar.start(QuotaDay(scenario.first_day.0 + scenario.days));
        let users = arrivals.iter().map(|arrival| arrival.user + 1).max().unwrap_or(0);
        let mut day = Day {
            upstream: Upstream::new(&pool.roster, &scenario.faults, &scenario.latency, seed ^ 0x0add_ba11),
            naive: Naive::new(scenario.strategy, pool.roster.keys().len(), seed ^ 0x000b_aded),
            pool,
            scenario,
            arrivals,
            now: start,
            skew: 0,
            newest: QuotaDay(0),
            end,
            users: (0..users).map(|_| User::default()).collect(),
            courses: Vec::new(),
            free: Vec::new(),
            queue: WaitingQueue::default(),
            next_wake: Timestamp::NEVER,
            seats: Seats::default(),
            retries: RetryBudget::default(),
            memo: Memo::default(),
            watches: Watches::new(),
            events: BinaryHeap::new(),
            number: 0,
            rng: fastrand::Rng::with_seed(seed ^ 0x00de_c1de),
            report: Report::default(),
            on_end,
        };
        scenario.restarts.iter().for_each(|after| day.at(start + *after, Event::Restart));
        scenario.clock_jumps.iter().for_each(|(after, ms)| day.at(start + *after, Event::Jump(*ms)));
        day
    }

    fn live(&mut self) {
        let mut next = 0;
        loop {
            let arrival = self.arrivals.get(next).map(|arrival| arrival.at);
            let event = self.events.peek().map(|Reverse((at, _, _))| *at);
            match (arrival, event) {
                (None, None) => return,
                (Some(at), event) if event.is_none_or(|event| at < event) => {
                    self.now = at;
                    self.arrive(next as u32);
                    next += 1;
                }
                _ => {
                    let Some(Reverse((at, _, event))) = self.events.pop() else { return };
                    self.now = at;
                    self.happen(event);
                }
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Done(place, number) => self.done(place, number),
            Event::Wake => {
                if self.next_wake <= self.clock() {
                    self.next_wake = Timestamp::NEVER;
                }
                self.serve();
            }
            Event::Timeout(place, arrival) => {
                let waits = self.courses[place as usize].as_ref();
                if waits.is_some_and(|course| course.arrival == arrival && course.entry.is_some()) {
                    self.give_up_waiting(place);
                }
            }
            Event::Look(class) => self.look(usize::from(class)),
            Event::Restart => self.restart(),
            Event::Jump(ms) => {
                self.skew += ms;
                self.memo.clear();
                self.next_wake = Timestamp::NEVER;
                self.serve();
            }
        }
    }

    /// What the pool's clock shows.
    pub(super) fn clock(&self) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis().saturating_add_signed(self.skew))
    }

    /// Schedules by Google's clock.
    pub(super) fn at(&mut self, at: Timestamp, event: Event) {
        self.number += 1;
        self.events.push(Reverse((at, self.number, event)));
    }

    /// Schedules by the pool's clock.
    pub(super) fn at_clock(&mut self, at: Timestamp, event: Event) {
        let at = Timestamp::from_millis(at.as_millis().saturating_add_signed(-self.skew));
        self.at(at.max(self.now), event);
    }

    fn arrive(&mut self, arrival: u32) {
        let Arrival { user, role, .. } = self.arrivals[arrival as usize];
        self.report.roles[role].came += 1;
        let user = &mut self.users[user as usize];
        user.role = Some(role);
        user.came += 1;
        if !user.is_running {
            self.head(arrival);
        } else if user.lane.len() < QUEUED_PER_CONVERSATION {
            user.lane.push_back(arrival);
        } else {
            self.count_end(arrival, Ending::TooManyQueued);
        }
    }

    /// A request is first in its conversation.
    fn head(&mut self, arrival: u32) {
        let now = self.clock();
        let Arrival { user, role, task, .. } = self.arrivals[arrival as usize];
        let rules = &self.pool.rules;
        let token = RequestToken(u64::from(arrival));
        let place = &mut self.users[user as usize];
        if place.usage.admit(&rules.roles[role], &self.pool.calendar, now, token).is_err() {
            self.count_end(arrival, Ending::Capped);
            return self.next_in_lane(user);
        }
        place.is_running = true;
        let seated = role != Role::Vip || {
            let entry = self.seats.enter(UserId(i64::from(user) + 1), &rules.seats, now);
            matches!(entry, Entry::Seated { .. })
        };
        let latest = now + rules.router.max_wait;
        let moment = self.pool.calendar.moment(now);
        self.pool.arrivals.record(moment.today, moment.share_gone);
        self.count_admitted(arrival);
        let course = InCourse {
            arrival,
            role: effective(role, seated),
            seatless: !seated,
            task,
            headed: now,
            latest,
            attempts: Attempts::default(),
            sends: 0,
            entry: None,
            flight: None,
        };
        let place = self.free.pop().unwrap_or_else(|| {
            self.courses.push(None);
            self.courses.len() as u32 - 1
        });
        self.courses[place as usize] = Some(course);
        if self.next_wake <= now {
            // Whoever waited for this very instant comes first.
            self.next_wake = Timestamp::NEVER;
            self.serve();
        }
        self.advance(place);
    }

    pub(super) fn course(&self, place: u32) -> Option<&InCourse> {
        self.courses[place as usize].as_ref()
    }

    fn look(&mut self, class: usize) {
        debug_assert!(class < CLASSES);
        let now = self.clock();
        let served = self.watches.wonders(class) && {
            let made = plan(&self.pool, &class_request(class), 0, now);
            matches!(made.decide(now, now), Decision::Send(_))
        };
        self.watches.look(class, served, now);
    }

    fn restart(&mut self) {
        let (now, calendar) = (self.clock(), self.pool.calendar.clone());
        let snapshot = (self.scenario.reboot)(self.pool.to_snapshot(now));
        self.pool = KeyPool::from_snapshot(snapshot, calendar);
        let moment = self.pool.calendar.moment(now);
        let rules = &self.pool.rules.breakers;
        for (project, keys) in self.pool.projects.iter_mut().enumerate() {
            let of_project =
                (0..self.pool.roster.keys().len()).find(|key| self.pool.roster.project_of(*key) == project);
            if let Some(key) = of_project {
                keys.charge_minute(&self.pool.roster.keys()[key].limits, rules, &moment);
            }
        }
        self.memo.clear();
        for place in 0..self.courses.len() as u32 {
            let lost =
                self.courses[place as usize].as_mut().is_some_and(|course| course.flight.take().is_some());
            if lost {
                self.advance(place);
            }
        }
        self.serve();
    }

    pub(super) fn end(&mut self, place: u32, ending: Ending) {
        let Some(course) = self.courses[place as usize].take() else { return };
        self.free.push(place);
        let user = self.arrivals[course.arrival as usize].user;
        if !matches!(ending, Ending::Answered | Ending::Blocked) {
            self.users[user as usize].usage.give_back(RequestToken(u64::from(course.arrival)));
        }
        self.count_end(course.arrival, ending);
        self.next_in_lane(user);
    }

    fn next_in_lane(&mut self, user: u32) {
        let place = &mut self.users[user as usize];
        place.is_running = false;
        if let Some(next) = place.lane.pop_front() {
            self.head(next);
        }
    }
}
