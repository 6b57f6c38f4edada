//! The table: one line per figure.

use std::time::Duration;

/// One figure.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) figure: String,
    pub(crate) measured: String,
    /// What it should reach, and whether it does.
    pub(crate) goal: Option<(&'static str, bool)>,
    /// The same of somebody else, in the same run.
    pub(crate) peer: String,
}

impl Row {
    pub(crate) fn new(id: &'static str, figure: impl Into<String>, measured: impl Into<String>) -> Row {
        Row { id, figure: figure.into(), measured: measured.into(), goal: None, peer: String::new() }
    }

    pub(crate) fn goal(mut self, words: &'static str, met: bool) -> Row {
        self.goal = Some((words, met));
        self
    }

    pub(crate) fn beside(mut self, peer: impl Into<String>) -> Row {
        self.peer = peer.into();
        self
    }

    pub(crate) fn print(&self) {
        let (goal, met) = match self.goal {
            Some((goal, true)) => (goal, "met"),
            Some((goal, false)) => (goal, "NOT met"),
            None => ("", ""),
        };
        let Row { id, figure, measured, peer, .. } = self;
        println!("{id:3} {figure:46} {measured:>19}  {goal:22} {met:7}  {peer}");
    }
}

/// The heading over the rows.
pub(crate) fn heading() {
    println!("{:3} {:46} {:>19}  {:22} {:7}  peer, in the same run", "", "figure", "p50 / p99", "goal", "");
}

/// Times, sorted.
#[derive(Clone, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Times {
        times.sort_unstable();
        Times(times)
    }

    pub(crate) fn p50(&self) -> Duration {
        self.percentile(50)
    }

    pub(crate) fn p99(&self) -> Duration {
        self.percentile(99)
    }

    fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    /// p50 / p99, in the unit that reads best.
    pub(crate) fn words(&self) -> String {
        if self.p50() < Duration::from_millis(1) {
            format!("{:.0} / {:.0} µs", micros(self.p50()), micros(self.p99()))
        } else {
            format!("{:.2} / {:.2} ms", micros(self.p50()) / 1e3, micros(self.p99()) / 1e3)
        }
    }
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(crate) fn mb(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
