//! How far a longer command is: on standard error, and only if somebody watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::OutputOptions;

/// A counter that disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A counter of `total` things, hidden unless standard error is a terminal for a person.
    pub(crate) fn new(what: &'static str, total: u64, output: &OutputOptions) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if output.shows_progress() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            // The template is a constant; the default serves should it ever not parse.
            let style = ProgressStyle::with_template("{spinner} {msg} {pos}/{len}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what);
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Progress(bar)
    }

    /// How many there are in all, once that is known.
    pub(crate) fn expect(&self, total: u64) {
        self.0.set_length(total);
    }

    /// What is shown before the count.
    pub(crate) fn say(&self, words: String) {
        self.0.set_message(words);
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
