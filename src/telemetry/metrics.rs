//! What has been counted and measured since the process began, as a monitoring system wants it. What is *now* (keys,
//! budgets, queues) is not kept twice: whoever shows it asks those who know.
//!
//! **Invariant:** no label holds anything of a person, a chat or a key: labels are words of our own.

use std::time::Duration;

use prometheus::core::Collector as _;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Result};

use super::vitals::Vitals;
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;

/// Seconds in which people wait for answers and keys.
const PATIENCE: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0];
/// Seconds that one call to Telegram takes.
const CALL: [f64; 9] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0];
/// Seconds that svs itself takes.
const OWN_WORK: [f64; 9] = [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];

/// How a request may end.
const ENDINGS: [&str; 6] = ["answered", "incomplete", "stopped", "refused", "failed", "error"];

/// The counters and histograms.
#[derive(Debug)]
pub(super) struct Metrics {
    requests: IntCounterVec,
    request_seconds: Histogram,
    queue_wait_seconds: HistogramVec,
    overhead_seconds: Histogram,
    sends: IntCounterVec,
    tokens: IntCounterVec,
    upstream_seconds: HistogramVec,
    first_text_seconds: HistogramVec,
    telegram_calls: IntCounterVec,
    telegram_call_seconds: HistogramVec,
    telegram_calls_running: IntGauge,
    telegram_calls_limit: IntGauge,
    telegram_pause_seconds: IntCounter,
    log_lines: IntCounterVec,
}

impl Metrics {
    /// All of them at zero; an error means that a name below is none.
    pub(super) fn new() -> Result<Metrics> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(format!("svs_{name}"), help), labels)
        };
        let options = |name: &str, help: &str, buckets: &[f64]| {
            HistogramOpts::new(format!("svs_{name}"), help).buckets(buckets.to_vec())
        };
        let metrics = Metrics {
            requests: counter("requests_total", "Requests that ended, by how.", &["ending"])?,
            request_seconds: Histogram::with_opts(options(
                "request_seconds",
                "From the admission of a request to its stored answer, waiting included.",
                &PATIENCE,
            ))?,
            queue_wait_seconds: HistogramVec::new(
                options("queue_wait_seconds", "Waiting for a key, of requests that had to wait.", &PATIENCE),
                &["role"],
            )?,
            overhead_seconds: Histogram::with_opts(options(
                "overhead_seconds",
                "What svs itself adds to an answer, in and out.",
                &OWN_WORK,
            ))?,
            sends: counter("sends_total", "Sends to Gemini that ended.", &["group", "model", "outcome"])?,
            tokens: counter("tokens_total", "Tokens that Gemini counted.", &["model"])?,
            upstream_seconds: HistogramVec::new(
                options("upstream_seconds", "From a call to Gemini to the end of its answer.", &PATIENCE),
                &["model", "result"],
            )?,
            first_text_seconds: HistogramVec::new(
                options("first_text_seconds", "From a call to Gemini to its first piece of text.", &PATIENCE),
                &["model"],
            )?,
            telegram_calls: counter(
                "telegram_calls_total",
                "Calls to Telegram that ended.",
                &["method", "result"],
            )?,
            telegram_call_seconds: HistogramVec::new(
                options("telegram_call_seconds", "How long a call to Telegram takes; polls left out.", &CALL),
                &["method"],
            )?,
            telegram_calls_running: IntGauge::new(
                "svs_telegram_calls_running",
                "Calls to Telegram under way; polls left out.",
            )?,
            telegram_calls_limit: IntGauge::new(
                "svs_telegram_calls_limit",
                "Calls to Telegram that may be under way at once.",
            )?,
            telegram_pause_seconds: IntCounter::new(
                "svs_telegram_pause_seconds_total",
                "Sum of the pauses that Telegram asked for, each in one chat.",
            )?,
            log_lines: counter("log_lines_total", "Lines of the log, dropped ones included.", &["level"])?,
        };
        metrics.begin_at_zero();
        Ok(metrics)
    }

    /// What is there from the beginning can be seen to rise from zero.
    fn begin_at_zero(&self) {
        for ending in ENDINGS {
            self.requests.with_label_values(&[ending]);
        }
        for role in Role::ALL {
            self.queue_wait_seconds.with_label_values(&[role.name()]);
        }
        for level in ["error", "warn", "info", "debug", "trace"] {
            self.log_lines.with_label_values(&[level]);
        }
    }

    fn families(&self) -> Vec<MetricFamily> {
        [
            self.requests.collect(),
            self.request_seconds.collect(),
            self.queue_wait_seconds.collect(),
            self.overhead_seconds.collect(),
            self.sends.collect(),
            self.tokens.collect(),
            self.upstream_seconds.collect(),
            self.first_text_seconds.collect(),
            self.telegram_calls.collect(),
            self.telegram_call_seconds.collect(),
            self.telegram_calls_running.collect(),
            self.telegram_calls_limit.collect(),
            self.telegram_pause_seconds.collect(),
            self.log_lines.collect(),
        ]
        .concat()
    }
}

/// One send to Gemini that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedSend {
    /// Whose key it was; none: a router key.
    pub(crate) group: Option<Group>,
    /// The model asked.
    pub(crate) model: ModelSlot,
    /// The name of the outcome.
    pub(crate) outcome: &'static str,
    /// Whether that is an answer.
    pub(crate) is_answered: bool,
    /// From the call to its end; zero for one that was given up.
    pub(crate) took: Duration,
    /// Tokens that were counted.
    pub(crate) tokens: u32,
}

/// The name of a group in labels.
pub(crate) fn group_label(group: Option<Group>) -> String {
    group.map_or_else(|| "router".to_owned(), |group| group.letter().to_string())
}

impl Vitals {
    /// A request ended: `answered`, `incomplete`, `stopped`, `refused`, `failed` or `error`.
    pub(crate) fn request_ended(&self, ending: &'static str, took: Duration) {
        let Some(metrics) = self.metrics() else { return };
        metrics.requests.with_label_values(&[ending]).inc();
        if ending == "answered" {
            metrics.request_seconds.observe(took.as_secs_f64());
        }
    }

    /// A request has waited for a key, and waits no longer.
    pub(crate) fn waited(&self, role: Role, wait: Duration) {
        let Some(metrics) = self.metrics() else { return };
        metrics.queue_wait_seconds.with_label_values(&[role.name()]).observe(wait.as_secs_f64());
    }

    /// A send ended.
    pub(crate) fn send_ended(&self, send: EndedSend) {
        let Some(metrics) = self.metrics() else { return };
        let model = send.model.name();
        metrics.sends.with_label_values(&[group_label(send.group).as_str(), model, send.outcome]).inc();
        metrics.tokens.with_label_values(&[model]).inc_by(u64::from(send.tokens));
        if send.took > Duration::ZERO {
            let result = if send.is_answered { "answered" } else { "failed" };
            metrics.upstream_seconds.with_label_values(&[model, result]).observe(send.took.as_secs_f64());
        }
    }

    /// The first piece of an answer came.
    pub(crate) fn first_text(&self, model: ModelSlot, took: Duration) {
        let Some(metrics) = self.metrics() else { return };
        metrics.first_text_seconds.with_label_values(&[model.name()]).observe(took.as_secs_f64());
    }

    /// So many calls to Telegram may be under way at once.
    pub(crate) fn set_telegram_calls_limit(&self, limit: usize) {
        let Some(metrics) = self.metrics() else { return };
        metrics.telegram_calls_limit.set(i64::try_from(limit).unwrap_or(i64::MAX));
    }

    /// A call to Telegram begins; it is under way until what is returned is dropped.
    pub(crate) fn telegram_call(&self) -> CallUnderWay {
        let running = self.metrics().map(|metrics| metrics.telegram_calls_running.clone());
        if let Some(running) = &running {
            running.inc();
        }
        CallUnderWay(running)
    }

    /// A call to Telegram ended; `took` is none for a poll, which waits for updates.
    pub(crate) fn telegram_called(&self, method: &str, result: &'static str, took: Option<Duration>) {
        let Some(metrics) = self.metrics() else { return };
        metrics.telegram_calls.with_label_values(&[method, result]).inc();
        if let Some(took) = took {
            metrics.telegram_call_seconds.with_label_values(&[method]).observe(took.as_secs_f64());
        }
    }

    /// Telegram wants nothing from us in one chat for so long.
    pub(crate) fn telegram_paused(&self, wait: Duration) {
        let Some(metrics) = self.metrics() else { return };
        metrics.telegram_pause_seconds.inc_by(wait.as_secs());
    }

    /// A line of the log was made.
    pub(crate) fn logged(&self, level: &'static str) {
        let Some(metrics) = self.metrics() else { return };
        metrics.log_lines.with_label_values(&[level]).inc();
    }

    /// What svs itself added to one answer, for the histogram.
    pub(super) fn observe_overhead(&self, spent: Duration) {
        let Some(metrics) = self.metrics() else { return };
        metrics.overhead_seconds.observe(spent.as_secs_f64());
    }

    /// All that was counted and measured.
    pub(crate) fn families(&self) -> Vec<MetricFamily> {
        self.metrics().map(Metrics::families).unwrap_or_default()
    }
}

/// A call to Telegram that is under way.
#[derive(Debug)]
pub(crate) struct CallUnderWay(Option<IntGauge>);

impl Drop for CallUnderWay {
    fn drop(&mut self) {
        if let Some(running) = &self.0 {
            running.dec();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_good_name() {
        assert!(Metrics::new().is_ok_and(|metrics| metrics.families().len() == 14));
    }

    #[test]
    fn a_call_is_under_way_until_its_guard_is_dropped() {
        let vitals = Vitals::default();
        let running = || vitals.metrics().map(|metrics| metrics.telegram_calls_running.get());
        let call = vitals.telegram_call();
        assert_eq!(running(), Some(1));
        drop(call);
        assert_eq!(running(), Some(0));
    }
}
