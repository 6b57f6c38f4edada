//! The counting of a simulated day.

use super::best::best_possible;
use super::day::Day;
use super::report::{Ending, Hour, Report};
use crate::domain::policy::fairness::caps::{RequestToken, UserUsage};
use crate::domain::role::PerRole;
use crate::domain::time::{QuotaDay, Timestamp};

impl Day<'_> {
    /// The best possible of each day, after the caps of users, added up.
    pub(super) fn best(&self) -> u64 {
        let (calendar, roster) = (&self.pool.calendar, &self.pool.roster);
        let mut usages: Vec<UserUsage> = vec![UserUsage::default(); self.users.len()];
        let is_up = |key: usize| {
            let spec = &roster.keys()[key];
            let state = self.pool.project(key).key(spec.fingerprint);
            !self.scenario.faults.dead.contains(&spec.id)
                && state.is_none_or(|state| state.rejected.is_none())
        };
        let mut total = 0;
        let mut demand = PerRole::<[u64; 3]>::default();
        let mut today = QuotaDay(0);
        let mut begun = Timestamp::ZERO;
        for (n, arrival) in self.arrivals.iter().enumerate() {
            let day = calendar.day(arrival.at);
            if day != today {
                total += best_possible(&self.pool, &demand, is_up, &calendar.moment(begun));
                (today, begun, demand) = (day, arrival.at, PerRole::default());
            }
            let rules = &self.pool.rules.roles[arrival.role];
            let usage = &mut usages[arrival.user as usize];
            if usage.admit(rules, calendar, arrival.at, RequestToken(n as u64)).is_ok() {
                demand[arrival.role][arrival.task as usize] += 1;
            }
        }
        total + best_possible(&self.pool, &demand, is_up, &calendar.moment(begun))
    }

    pub(super) fn count_admitted(&mut self, arrival: u32) {
        let hour = self.hour_of(arrival);
        let arrival = self.arrivals[arrival as usize];
        let tally = &mut self.report.roles[arrival.role];
        tally.admitted += 1;
        if tally.hours.len() <= hour {
            tally.hours.resize(hour + 1, Hour::default());
        }
        tally.hours[hour].asked += 1;
        self.report.tasks.entry(arrival.task).or_default().0 += 1;
    }

    pub(super) fn count_end(&mut self, arrival: u32, ending: Ending) {
        let hour = self.hour_of(arrival);
        let arrival = self.arrivals[arrival as usize];
        let tally = &mut self.report.roles[arrival.role];
        *tally.endings.entry(ending).or_default() += 1;
        (self.on_end)(&arrival, ending);
        if matches!(ending, Ending::Answered | Ending::Blocked) {
            tally.hours[hour].answered += 1;
            self.users[arrival.user as usize].answered += 1;
            self.report.tasks.entry(arrival.task).or_default().1 += 1;
        }
    }

    /// The hour of the quota day in which a request came.
    fn hour_of(&self, arrival: u32) -> usize {
        let at = self.arrivals[arrival as usize].at;
        let calendar = &self.pool.calendar;
        at.since(calendar.start(calendar.day(at))).as_secs() as usize / 3600
    }

    /// Closes the books.
    pub(super) fn conclude(mut self) -> Report {
        self.report.truth = self.watches.truth;
        for user in &self.users {
            let Some(role) = user.role else { continue };
            let tally = &mut self.report.roles[role];
            tally.users += 1;
            tally.without_any += u32::from(user.answered == 0);
            tally.modest += u32::from(user.came <= 3);
            tally.modest_served += u32::from(user.came <= 3 && user.answered == user.came);
            tally.most_of_one = tally.most_of_one.max(user.answered);
        }
        self.report
    }
}
