//! The only `now()` of the house.
//!
//! The system clock is read once, at start; from then on time is that instant plus what the monotonic clock
//! has counted, so a wall clock that jumps moves nothing. It begins no earlier than the latest instant that was
//! stored ([`Clock::raise_to`]), so a restart after a jump back neither lives a quota day twice nor stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::ToSpan as _;
use jiff::civil::date;

use crate::domain::time::{Calendar, QuotaDay, Timestamp};

/// A clock; clones show the same time.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// `base`: milliseconds since 1970 at `started`.
    System { base: AtomicU64, started: Instant },
    #[cfg(test)]
    Manual(AtomicU64),
}

impl Clock {
    /// The machine's clock.
    pub(crate) fn system() -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let base = AtomicU64::new((Timestamp::ZERO + wall).as_millis());
        Clock(Arc::new(Source::System { base, started: Instant::now() }))
    }

    /// A clock that stands until it is moved.
    #[cfg(test)]
    pub(crate) fn manual(at: Timestamp) -> Clock {
        Clock(Arc::new(Source::Manual(AtomicU64::new(at.as_millis()))))
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System { base, started } => {
                Timestamp::from_millis(base.load(Ordering::Relaxed)) + started.elapsed()
            }
            #[cfg(test)]
            Source::Manual(at) => Timestamp::from_millis(at.load(Ordering::Relaxed)),
        }
    }

    /// Go on from `stored`, if that is later than now.
    pub(crate) fn raise_to(&self, stored: Timestamp) {
        match &*self.0 {
            Source::System { base, started } => {
                base.fetch_max((stored - started.elapsed()).as_millis(), Ordering::Relaxed);
            }
            #[cfg(test)]
            Source::Manual(at) => {
                at.fetch_max(stored.as_millis(), Ordering::Relaxed);
            }
        }
    }

    /// Move a manual clock forward; a system clock cannot be moved.
    #[cfg(test)]
    pub(crate) fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &*self.0 {
            at.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }
}

/// The instant in a `Date` header, as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    let told = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    u64::try_from(told).ok().map(Timestamp::from_millis)
}

/// The midnights of `America/Los_Angeles`, where Google's quota days begin: from 40 days before `around`, which is
/// more than any record is kept, to three years after it.
pub(crate) fn pacific_calendar(around: Timestamp) -> Calendar {
    static PACIFIC: jiff::tz::TimeZone = jiff::tz::get!("America/Los_Angeles");
    let around = jiff::Timestamp::from_millisecond(i64::try_from(around.as_millis()).unwrap_or(i64::MAX))
        .unwrap_or(jiff::Timestamp::MAX);
    let first = PACIFIC.to_datetime(around).date().saturating_sub(40.days());
    let midnights = first.series(1.day()).take(40 + 3 * 366).filter_map(|day| {
        let midnight = PACIFIC.to_timestamp(day.to_datetime(jiff::civil::Time::MIN)).ok()?;
        u64::try_from(midnight.as_millisecond()).ok().map(Timestamp::from_millis)
    });
    let since_epoch = date(1970, 1, 1).until(first).map_or(0, |span| span.get_days());
    Calendar::new(QuotaDay(u32::try_from(since_epoch).unwrap_or(0)), midnights.collect())
}

/// The date of a quota day in Los Angeles, as in `2026-01-31`.
pub(crate) fn pacific_date(day: QuotaDay) -> String {
    date(1970, 1, 1).saturating_add(i64::from(day.0).days()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rfc3339: &str) -> Timestamp {
        let instant: jiff::Timestamp = rfc3339.parse().expect("a test's own instant");
        Timestamp::from_millis(u64::try_from(instant.as_millisecond()).expect("after 1970"))
    }

    #[test]
    fn the_quota_day_turns_at_midnight_in_los_angeles() {
        let calendar = pacific_calendar(at("2026-01-15T00:00:00Z"));
        // 08:00 UTC in winter, 07:00 UTC in summer.
        for midnight in ["2026-11-23T08:00:00Z", "2026-07-01T07:00:00Z"] {
            let midnight = at(midnight);
            assert_ne!(calendar.day(midnight), calendar.day(midnight - Duration::from_millis(1)));
            assert_eq!(calendar.start(calendar.day(midnight)), midnight);
        }
    }

    #[test]
    fn the_days_of_the_clock_change_have_23_and_25_hours() {
        let calendar = pacific_calendar(at("2026-01-15T00:00:00Z"));
        for (noon, hours) in
            [("2026-03-08T20:00:00Z", 23), ("2026-11-01T20:00:00Z", 25), ("2026-11-02T20:00:00Z", 24)]
        {
            let day = calendar.day(at(noon));
            let length = calendar.start(QuotaDay(day.0 + 1)).since(calendar.start(day));
            assert_eq!(length, Duration::from_hours(hours), "{noon}");
        }
    }

    #[test]
    fn a_day_index_counts_from_1970() {
        let calendar = pacific_calendar(at("2026-01-15T00:00:00Z"));
        assert_eq!(calendar.day(at("2026-01-01T12:00:00Z")), QuotaDay(20_454));
        assert_eq!(pacific_date(QuotaDay(20_454)), "2026-01-01");
    }

    #[test]
    fn a_clock_goes_on_from_what_was_stored() {
        let clock = Clock::system();
        let later = clock.now() + Duration::from_hours(1);
        clock.raise_to(later);
        // The stored instant counts in whole milliseconds, the clock between them.
        let shown = clock.now() + Duration::from_millis(1);
        assert!(shown >= later && shown.since(later) < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.now() > later, "it does not stand still");
    }
}
