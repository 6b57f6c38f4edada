//! The events of a simulated day, in order: arrivals, answers, wake-ups of the queue, faults of the host.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::crowd::{Arrival, experience};
use super::naive::Naive;
use super::report::{Ending, Report, Send};
use super::request::{CLASSES, Flight, InCourse, Memo, User, class_request, is_lowered, may_free};
use super::scenario::Scenario;
use super::upstream::{Sending, Upstream};
use super::watch::Watches;
use crate::domain::chat::UserId;
use crate::domain::policy::fairness::QUEUED_PER_CONVERSATION;
use crate::domain::policy::fairness::caps::RequestToken;
use crate::domain::policy::fairness::queue::WaitingQueue;
use crate::domain::policy::fairness::retries::RetryBudget;
use crate::domain::policy::roles::effective;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::Effect;
use crate::domain::role::Role;
use crate::domain::router::capacity::{serveable, turn_of};
use crate::domain::router::plan::{Decision, Step, plan, wish};
use crate::domain::session::seats::{Entry, Seats};
use crate::domain::time::{QuotaDay, Timestamp};

/// The longest an attempt may take, as a lease's deadline.
const ATTEMPT: Duration = Duration::from_secs(65);

/// What happens next, beside arrivals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
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
    let mut day = Day::new(pool, scenario, arrivals, seed);
    day.report.best = day.best();
    day.live();
    day.conclude()
}

pub(super) struct Day<'a> {
    pub(super) pool: KeyPool,
    pub(super) scenario: &'a Scenario,
    pub(super) arrivals: &'a [Arrival],
    upstream: Upstream<'a>,
    naive: Option<Naive>,
    pub(super) now: Timestamp,
    /// The pool's clock minus Google's, in milliseconds.
    skew: i64,
    newest_day: QuotaDay,
    pub(super) users: Vec<User>,
    /// Requests that are first in their conversations; a place is used again when its request has ended.
    courses: Vec<Option<InCourse>>,
    free: Vec<u32>,
    queue: WaitingQueue<u32>,
    next_wake: Timestamp,
    seats: Seats,
    retries: RetryBudget,
    memo: Memo,
    watches: Watches,
    events: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    number: u64,
    rng: fastrand::Rng,
    pub(super) report: Report,
}

impl<'a> Day<'a> {
    fn new(mut pool: KeyPool, scenario: &'a Scenario, arrivals: &'a [Arrival], seed: u64) -> Day<'a> {
        if scenario.experience {
            pool.arrivals = experience(scenario, &pool.calendar, seed);
        }
        let start = pool.calendar.start(scenario.first_day);
        let users = arrivals.iter().map(|arrival| arrival.user + 1).max().unwrap_or(0);
        let mut day = Day {
            upstream: Upstream::new(&pool.roster, &scenario.faults, &scenario.latency, seed ^ 0x0add_ba11),
            naive: Naive::new(scenario.strategy, pool.roster.keys().len(), seed ^ 0x000b_aded),
            pool,
            scenario,
            arrivals,
            now: start,
            skew: 0,
            newest_day: QuotaDay(0),
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
    fn at(&mut self, at: Timestamp, event: Event) {
        self.number += 1;
        self.events.push(Reverse((at, self.number, event)));
    }

    /// Schedules by the pool's clock.
    fn at_clock(&mut self, at: Timestamp, event: Event) {
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
            attempts: Default::default(),
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

    fn course(&self, place: u32) -> Option<&InCourse> {
        self.courses[place as usize].as_ref()
    }

    fn decide(&mut self, place: u32) -> Option<Decision> {
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
    fn advance(&mut self, place: u32) {
        loop {
            match self.decide(place) {
                None => return,
                Some(Decision::Send(step)) => {
                    if self.send(place, &step) {
                        return;
                    }
                }
                Some(Decision::Wait(until)) => return self.wait(place, until),
                Some(Decision::Refuse { until, outage }) => return self.refuse(place, until, outage),
            }
        }
    }

    /// One request of the queue after the other, as long as anything can be sent.
    fn serve(&mut self) {
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
            if !self.send(popped.item, &step) {
                self.queue = queue;
                self.advance(popped.item);
                queue = std::mem::take(&mut self.queue);
            }
        }
        self.queue = queue;
    }

    fn wake_at(&mut self, until: Timestamp) {
        if until < self.next_wake {
            self.next_wake = until;
            self.at_clock(until, Event::Wake);
        }
    }

    fn wait(&mut self, place: u32, until: Timestamp) {
        let now = self.clock();
        let Some(course) = self.courses[place as usize].as_ref() else { return };
        let (role, arrival, latest) = (course.role, course.arrival, course.latest);
        let ahead = self.queue.ahead_of(role);
        if course.is_fresh() && ahead > 0 {
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

    fn give_up_waiting(&mut self, place: u32) {
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

    fn refuse(&mut self, place: u32, until: Timestamp, outage: bool) {
        let failed = self.course(place).is_some_and(|course| !course.is_fresh());
        let ending = match (outage, failed) {
            (true, _) => Ending::Outage,
            (false, true) => Ending::Failed,
            (false, false) => Ending::Spent,
        };
        self.end_refused(place, ending, until);
    }

    fn end_refused(&mut self, place: u32, ending: Ending, until: Timestamp) {
        let now = self.clock();
        let Some(course) = self.course(place) else { return };
        if course.is_fresh() && self.naive.is_none() {
            let (class, headed) = (course.class(), course.headed);
            let above = Role::ALL.into_iter().find(|role| *role > course.role);
            let ahead = self.queue.ahead_of(course.role) - above.map_or(0, |role| self.queue.ahead_of(role));
            self.report.longest_wait = self.report.longest_wait.max(now.since(headed).as_millis() as u64);
            if ending != Ending::Outage
                && let Some(looks) = self.watches.refused(class, ahead, now, until)
            {
                looks.for_each(|at| self.at_clock(at, Event::Look(class as u8)));
            }
        }
        self.end(place, ending);
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

    /// Sends; false if the pool refuses what was planned.
    fn send(&mut self, place: u32, step: &Step) -> bool {
        let now = self.clock();
        let Some(key) = self.pool.roster.find(step.key) else { return false };
        let Ok(lease) = self.pool.acquire(key, step.model, now + ATTEMPT, now) else { return false };
        self.newest_day = self.newest_day.max(self.pool.calendar.day(now));
        let project = self.pool.roster.project_of(key);
        let today = self.pool.calendar.day(self.now);
        let Some(course) = self.courses[place as usize].as_mut() else { return false };
        let hostile = self.arrivals[course.arrival as usize].hostile;
        let sending = Sending { key, model: step.model, hostile };
        let (outcome, takes) = self.upstream.answer(sending, project, today, self.now);
        if course.sends == 0 {
            self.retries.request();
            let waited = now.since(course.headed).as_millis() as u64;
            self.report.longest_wait = self.report.longest_wait.max(waited);
            self.watches.sent(course.class(), now);
        }
        course.sends += 1;
        let retry = course.attempts.counted > 0;
        self.report.retries += u64::from(retry);
        self.report.keys.entry(step.key).or_default()[step.model] += 1;
        *self.report.outcomes.entry(outcome.name()).or_default() += 1;
        if self.scenario.log {
            self.report.log.push(Send {
                at: self.now,
                day: self.newest_day,
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

    fn done(&mut self, place: u32, number: u64) {
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
                if is_lowered(wished, lease.model) {
                    tally.lowered += 1
                } else {
                    tally.at_wish += 1
                }
                *self.report.models.entry((wished, lease.model)).or_default() += 1;
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

    fn note(&mut self, effect: Effect) {
        self.report.bans += u64::from(matches!(effect, Effect::Banned(_)));
    }

    fn strike_suspects(&mut self, place: u32) {
        let Some(course) = self.courses[place as usize].as_mut() else { return };
        let suspects = std::mem::take(&mut course.attempts.suspects);
        for (id, _) in suspects {
            if let Some(key) = self.pool.roster.find(id) {
                let effect = self.pool.strike(key, self.clock());
                self.note(effect);
                self.memo.clear();
            }
        }
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

    fn end(&mut self, place: u32, ending: Ending) {
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

    pub(super) fn take_truth(&mut self) {
        self.report.truth = self.watches.truth;
    }
}
