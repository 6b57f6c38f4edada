//! The numbers of the moment: written by the shells as they work, read by `svs status` and the watchdog. Nothing
//! here waits for anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::metrics::Metrics;
use super::spans::Listener;
use crate::domain::time::Timestamp;

/// Clones share the same numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vitals(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    /// 0: none yet.
    last_poll: AtomicU64,
    /// By when the poll has moved on, or has something to say for itself. 0: it has not begun.
    moves_by: AtomicU64,
    intake_fails: AtomicBool,
    first_poll: Notify,
    /// The same for the look for what is to be said.
    says_by: AtomicU64,
    queue: AtomicU32,
    running: AtomicU32,
    outbox: AtomicU32,
    log_lines_dropped: Arc<AtomicU64>,
    overhead: Histogram,
    /// None only if a name in there were none, which a test sees.
    metrics: Option<Metrics>,
    listener: Listener,
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers {
            last_poll: AtomicU64::default(),
            moves_by: AtomicU64::default(),
            intake_fails: AtomicBool::default(),
            first_poll: Notify::default(),
            says_by: AtomicU64::default(),
            queue: AtomicU32::default(),
            running: AtomicU32::default(),
            outbox: AtomicU32::default(),
            log_lines_dropped: Arc::default(),
            overhead: Histogram::default(),
            metrics: Metrics::new().ok(),
            listener: Listener::default(),
        }
    }
}

/// Without an answered getUpdates for this long the bot hears nobody; a poll that has not moved for this long does not
/// move by itself.
pub(crate) const POLL_STALL: Duration = Duration::from_secs(90);

impl Vitals {
    /// What is counted for monitoring systems.
    pub(super) fn metrics(&self) -> Option<&Metrics> {
        self.0.metrics.as_ref()
    }

    /// Whoever wants spans.
    pub(super) fn listener(&self) -> &Listener {
        &self.0.listener
    }

    /// The poll goes its round, and is going to go on by this time.
    pub(crate) fn moves_by(&self, at: Timestamp) {
        self.0.moves_by.store(at.as_millis(), Ordering::Relaxed);
    }

    /// It was looked for what is to be said, and will be again by this time.
    pub(crate) fn says_by(&self, at: Timestamp) {
        self.0.says_by.store(at.as_millis(), Ordering::Relaxed);
    }

    /// Whether updates that Telegram has handed over could not be stored the last time.
    pub(crate) fn set_intake_fails(&self, fails: bool) {
        self.0.intake_fails.store(fails, Ordering::Relaxed);
    }

    /// Whether updates that Telegram has handed over could not be stored the last time.
    pub(crate) fn intake_fails(&self) -> bool {
        self.0.intake_fails.load(Ordering::Relaxed)
    }

    /// Why this process must not be called alive, in words. That Telegram is away is no such reason.
    pub(crate) fn fault(&self, now: Timestamp) -> Option<&'static str> {
        if self.intake_fails() {
            return Some("updates cannot be stored: the disk may be full");
        }
        self.stalls(now)
    }

    /// Which of the loops that do the work does not go on, in words. Only a restart helps.
    pub(crate) fn stalls(&self, now: Timestamp) -> Option<&'static str> {
        let is_late = |by: &AtomicU64| match by.load(Ordering::Relaxed) {
            0 => false,
            by => now.since(Timestamp::from_millis(by)) > POLL_STALL,
        };
        if is_late(&self.0.moves_by) {
            return Some("the poll of Telegram does not move");
        }
        is_late(&self.0.says_by).then_some("what is to be said is not looked for")
    }

    /// A getUpdates was answered.
    pub(crate) fn polled(&self, at: Timestamp) {
        if self.0.last_poll.fetch_max(at.as_millis(), Ordering::Relaxed) == 0 {
            self.0.first_poll.notify_one();
        }
    }

    /// Waits for the first answered getUpdates; for one who waits.
    pub(crate) async fn first_poll(&self) {
        if self.last_poll().is_none() {
            self.0.first_poll.notified().await;
        }
    }

    /// The latest answered getUpdates.
    pub(crate) fn last_poll(&self) -> Option<Timestamp> {
        match self.0.last_poll.load(Ordering::Relaxed) {
            0 => None,
            ms => Some(Timestamp::from_millis(ms)),
        }
    }

    /// How many requests wait for a key.
    pub(crate) fn set_queue(&self, waiting: u32) {
        self.0.queue.store(waiting, Ordering::Relaxed);
    }

    /// How many requests wait for a key.
    pub(crate) fn queue(&self) -> u32 {
        self.0.queue.load(Ordering::Relaxed)
    }

    /// How many requests are being answered.
    pub(crate) fn set_running(&self, running: u32) {
        self.0.running.store(running, Ordering::Relaxed);
    }

    /// How many requests are being answered.
    pub(crate) fn running(&self) -> u32 {
        self.0.running.load(Ordering::Relaxed)
    }

    /// How many messages wait to be sent.
    pub(crate) fn set_outbox(&self, pending: u32) {
        self.0.outbox.store(pending, Ordering::Relaxed);
    }

    /// How many messages wait to be sent.
    pub(crate) fn outbox(&self) -> u32 {
        self.0.outbox.load(Ordering::Relaxed)
    }

    /// The counter that the log shares.
    pub(crate) fn log_lines_dropped(&self) -> &Arc<AtomicU64> {
        &self.0.log_lines_dropped
    }

    /// What svs itself added to one answer, in and out.
    pub(crate) fn record_overhead(&self, spent: Duration) {
        self.0.overhead.record(spent);
        self.observe_overhead(spent);
    }

    /// The median of what svs adds to an answer, right to a quarter; none before the first answer.
    pub(crate) fn overhead_p50(&self) -> Option<Duration> {
        self.0.overhead.quantile(0.5)
    }
}

/// Buckets per doubling.
const STEPS: usize = 4;

/// From 1 µs to 2³² µs, more than an hour.
const BUCKETS: usize = 32 * STEPS;

/// Counts of spans in buckets whose limits grow by a quarter of a doubling.
#[derive(Debug)]
struct Histogram([AtomicU32; BUCKETS]);

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram([const { AtomicU32::new(0) }; BUCKETS])
    }
}

impl Histogram {
    fn record(&self, span: Duration) {
        let count = self.0[bucket(span)].fetch_add(1, Ordering::Relaxed);
        // The past fades: when a bucket is full, all are halved.
        if count >= 1 << 20 {
            for bucket in &self.0 {
                let half = bucket.load(Ordering::Relaxed) / 2;
                bucket.store(half, Ordering::Relaxed);
            }
        }
    }

    /// The upper limit of the bucket that holds the quantile.
    fn quantile(&self, share: f64) -> Option<Duration> {
        let counts: Vec<u64> = self.0.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).collect();
        let total: u64 = counts.iter().sum();
        let wanted = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let place = counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(upper_limit(place))
    }
}

fn bucket(span: Duration) -> usize {
    let us = u64::try_from(span.as_micros()).unwrap_or(u64::MAX).max(1);
    let doublings = us.ilog2() as usize;
    // The two bits below the highest one say which quarter.
    let quarter = if doublings >= 2 { (us >> (doublings - 2)) & 3 } else { (us << (2 - doublings)) & 3 };
    (doublings * STEPS + quarter as usize).min(BUCKETS - 1)
}

fn upper_limit(bucket: usize) -> Duration {
    let (doublings, quarter) = (bucket / STEPS, bucket % STEPS);
    let us = (1u64 << doublings) * (STEPS + quarter + 1) as u64 / STEPS as u64;
    Duration::from_micros(us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_to_a_quarter() {
        for us in [1, 2, 3, 7, 218, 380, 1_500, 60_000_000] {
            let histogram = Histogram::default();
            histogram.record(Duration::from_micros(us));
            let told = histogram.quantile(0.5).expect("one was recorded").as_micros() as f64;
            assert!((us as f64..=us as f64 * 1.25 + 1.0).contains(&told), "{us} became {told}");
        }
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        let vitals = Vitals::default();
        assert_eq!(vitals.overhead_p50(), None);
        for us in [100, 100, 100, 5_000, 9_000] {
            vitals.record_overhead(Duration::from_micros(us));
        }
        let median = vitals.overhead_p50().expect("five were recorded");
        assert!((100..=125).contains(&median.as_micros()), "{median:?}");
    }

    #[test]
    fn the_longest_span_has_a_bucket() {
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
        assert_eq!(bucket(Duration::ZERO), 0);
    }

    #[test]
    fn a_poll_that_does_not_move_and_an_intake_that_fails_are_faults_and_a_long_wait_is_none() {
        let vitals = Vitals::default();
        let at = |s: u64| Timestamp::from_millis(s * 1000);
        assert_eq!(vitals.fault(at(5000)), None);
        vitals.moves_by(at(1000));
        assert_eq!(vitals.fault(at(1090)), None);
        assert!(vitals.fault(at(1091)).is_some_and(|why| why.contains("does not move")));
        // It was asked to wait so long.
        vitals.moves_by(at(4000));
        assert_eq!(vitals.fault(at(1091)), None);
        vitals.set_intake_fails(true);
        assert!(vitals.fault(at(1091)).is_some_and(|why| why.contains("stored")));
        vitals.set_intake_fails(false);
        assert_eq!(vitals.fault(at(1091)), None);
    }

    #[test]
    fn the_look_for_what_is_to_be_said_may_not_stall_either() {
        let vitals = Vitals::default();
        let at = |s: u64| Timestamp::from_millis(s * 1000);
        assert_eq!(vitals.stalls(at(5000)), None);
        vitals.moves_by(at(1000));
        vitals.says_by(at(900));
        assert_eq!(vitals.stalls(at(990)), None);
        assert_eq!(vitals.stalls(at(991)), Some("what is to be said is not looked for"));
        vitals.says_by(at(1000));
        assert_eq!(vitals.stalls(at(991)), None);
        // A full disk is a fault, but nothing stalls.
        vitals.set_intake_fails(true);
        assert_eq!(vitals.stalls(at(991)), None);
    }

    #[test]
    fn a_poll_never_goes_back() {
        let vitals = Vitals::default();
        assert_eq!(vitals.last_poll(), None);
        vitals.polled(Timestamp::from_millis(20));
        vitals.polled(Timestamp::from_millis(10));
        assert_eq!(vitals.last_poll(), Some(Timestamp::from_millis(20)));
    }
}
