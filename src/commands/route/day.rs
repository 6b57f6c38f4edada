//! `svs route --n --load --until`: a day that passes by the rules of the bot, from the state of the pool on.

use std::time::Duration;

use crate::commands::{Instant, parse_instant};
use crate::domain::key::KeyId;
use crate::domain::policy::task::{Message, classify};
use crate::domain::role::{PerRole, Role};
use crate::domain::simulate::{Arrival, Ending, Faults, Load, Scenario, watch};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};

use super::lived::LivedDay;
use super::state::Found;

/// The most that is simulated at once: some seconds.
const MOST: u64 = 5_000_000;
/// Into how many parts the time is cut.
pub(super) const SLOTS: usize = 24;
/// A role is dry when this many of its last requests were refused.
const DRY: u32 = 5;

/// The options of a simulation.
#[derive(clap::Args, Debug)]
pub(super) struct DayArgs {
    /// Simulate so many requests, spread over the time until --until or at the pace of --load
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=MOST), conflicts_with_all = ["model", "no_seat", "explain"])]
    n: Option<u64>,
    /// Simulate requests at this pace, as in 3/min, 0.5/s, 200/h, 4000/day
    #[arg(long, value_name = "RATE", value_parser = parse_rate, conflicts_with_all = ["model", "no_seat", "explain"])]
    load: Option<f64>,
    /// Where the simulation ends: midnight (of the quota), a time, or so long after its beginning
    #[arg(long, value_name = "WHEN", value_parser = parse_instant, default_value = "midnight")]
    until: Instant,
    /// Which rows csv, plain and jsonl have
    #[arg(long, value_name = "WHAT", default_value = "role")]
    by: By,
}

/// What rows are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum By {
    /// One row per role
    Role,
    /// One row per key
    Key,
    /// One row per role and part of the time
    Time,
}

/// Requests an hour.
fn parse_rate(text: &str) -> Result<f64, String> {
    let refuse = || "a rate is needed, as in 3/min, 0.5/s, 200/h, 4000/day".to_owned();
    let (number, unit) = text.split_once('/').ok_or_else(refuse)?;
    let number: f64 = number.parse().map_err(|_| refuse())?;
    let per_hour = match unit {
        "s" | "sec" | "second" => 3600.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 1.0,
        "d" | "day" => 1.0 / 24.0,
        _ => return Err(refuse()),
    };
    let rate = number * per_hour;
    if rate > 0.0 && rate <= 1e9 { Ok(rate) } else { Err(refuse()) }
}

/// Who comes.
pub(super) struct Crowd<'a> {
    pub(super) role: Option<Role>,
    pub(super) text: Option<&'a str>,
    pub(super) fail: &'a [KeyId],
    pub(super) seed: u64,
}

impl DayArgs {
    pub(super) const fn is_wanted(&self) -> bool {
        self.n.is_some() || self.load.is_some()
    }

    /// Lives through the day.
    pub(super) fn live(
        &self,
        found: Found,
        crowd: &Crowd<'_>,
        on_terminal: bool,
    ) -> Result<LivedDay, CommandError> {
        let Found { name: state, pool, at: from } = found;
        let calendar = &pool.calendar;
        let until = match self.until {
            Instant::At(at) => at,
            Instant::Away(span) => from + span,
            Instant::Midnight => calendar.next_reset(from),
        };
        let hours = until.since(from).as_secs_f64() / 3600.0;
        if hours <= 0.0 {
            return Err(CommandError::new(ErrorKind::Usage, "the simulation ends before it begins")
                .hint("--until takes a time after --at, a span such as 6h, or midnight"));
        }
        if let Some(unknown) = crowd.fail.iter().find(|key| pool.roster.find(**key).is_none()) {
            return Err(super::not_configured(*unknown, &pool.roster));
        }
        let per_hour = self.load.or(self.n.map(|n| n as f64 / hours)).unwrap_or(1.0);
        if self.n.is_none() && per_hour * hours > MOST as f64 {
            let message = format!("that would be more than {MOST} requests");
            return Err(CommandError::new(ErrorKind::Usage, message).hint("--n or --until make it less"));
        }
        let shares = crowd.role.map_or_else(Load::standard_shares, |only| {
            let mut shares = PerRole([0.0; 5]);
            shares[only] = 1.0;
            shares
        });
        let task = crowd.text.map(|text| classify(&Message::new(text)).task);
        // At the pace of --n alone chance may need a little longer for the last ones.
        let last = if self.load.is_none() { Timestamp::NEVER } else { until };
        let load = Load { from, until: last, per_hour, most: self.n.unwrap_or(u64::MAX), shares, task };
        let mut arrivals = load.draw(crowd.seed);
        if self.load.is_none() {
            fit(&mut arrivals, from, until);
        }
        let first_day = calendar.day(from);
        let days = calendar.day(until - Duration::from_millis(1)).0 - first_day.0 + 1;
        let faults = Faults { dead: crowd.fail.to_vec(), ..Faults::default() };
        let scenario = Scenario { first_day, days, experience: false, faults, ..Scenario::default() };
        let mut lives = PerRole::<Life>::default();
        let length = until.since(from).as_millis().max(1);
        let mut on_end = |arrival: &Arrival, ending: Ending| {
            let slot = arrival.at.since(from).as_millis() * SLOTS as u128 / length;
            lives[arrival.role].count(arrival.at, ending, (slot as usize).min(SLOTS - 1));
        };
        let outcome = watch(pool, &scenario, &arrivals, crowd.seed, &mut on_end);
        let people = load.users();
        let by = self.by;
        Ok(LivedDay {
            state,
            seed: crowd.seed,
            from,
            until,
            per_hour,
            people,
            outcome,
            lives,
            by,
            on_terminal,
        })
    }
}

/// Stretches or squeezes the times of all arrivals, so that the last one comes before the end.
fn fit(arrivals: &mut [Arrival], from: Timestamp, until: Timestamp) {
    let Some(last) = arrivals.last().map(|arrival| arrival.at.since(from).as_secs_f64()) else { return };
    // One gap stays free behind the last.
    let count = arrivals.len() as f64;
    let scale = until.since(from).as_secs_f64() / last.max(1e-3) * count / (count + 1.0);
    for arrival in arrivals {
        arrival.at = from + Duration::from_secs_f64(arrival.at.since(from).as_secs_f64() * scale);
    }
}

/// What one role lived through.
#[derive(Clone, Copy, Default)]
pub(super) struct Life {
    /// Came and served, by part of the time.
    pub(super) slots: [(u64, u64); SLOTS],
    pub(super) first_refused: Option<Timestamp>,
    /// Refusals for want of quota since the last one that was served.
    refused_since: (u32, Option<Timestamp>),
}

impl Life {
    fn count(&mut self, at: Timestamp, ending: Ending, slot: usize) {
        self.slots[slot].0 += 1;
        match ending {
            Ending::Answered | Ending::Blocked => {
                self.slots[slot].1 += 1;
                self.refused_since = (0, None);
            }
            Ending::Spent | Ending::QueueFull | Ending::WaitedOut | Ending::Outage => {
                let earlier = |known: Option<Timestamp>| Some(known.map_or(at, |known| known.min(at)));
                self.first_refused = earlier(self.first_refused);
                self.refused_since = (self.refused_since.0 + 1, earlier(self.refused_since.1));
            }
            Ending::TooManyQueued | Ending::Capped | Ending::Failed => {}
        }
    }

    pub(super) fn dry_since(&self) -> Option<Timestamp> {
        self.refused_since.1.filter(|_| self.refused_since.0 >= DRY)
    }

    /// The share served in each part of the time; blank where nobody came.
    pub(super) fn spark(&self) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let bar = |(came, served): &(u64, u64)| match (served * 7 + came / 2).checked_div(*came) {
            None => ' ',
            Some(level) => BARS[(level as usize).min(7)],
        };
        self.slots.iter().map(bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_number_and_a_unit() {
        for (text, per_hour) in [("3/min", 180.0), ("0.5/s", 1800.0), ("200/h", 200.0), ("48/day", 2.0)] {
            assert_eq!(parse_rate(text), Ok(per_hour), "{text}");
        }
        for text in ["", "3", "3/", "/min", "0/min", "-1/h", "3/week", "inf/s", "NaN/s"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_role_is_dry_when_its_last_requests_were_all_refused() {
        let at = |ms| Timestamp::from_millis(ms);
        let mut life = Life::default();
        (0..9).for_each(|n| life.count(at(n), Ending::Spent, 0));
        life.count(at(9), Ending::Answered, 1);
        assert_eq!((life.first_refused, life.dry_since()), (Some(at(0)), None));
        (10..14).for_each(|n| life.count(at(n), Ending::WaitedOut, 2));
        assert_eq!(life.dry_since(), None, "four are too few to say");
        life.count(at(20), Ending::Spent, 23);
        assert_eq!(life.dry_since(), Some(at(10)));
        assert_eq!(life.spark(), format!("▁█▁{}▁", " ".repeat(20)));
    }
}
