//! How long it takes to convert an answer of 32,000 characters: what the bot's one thread does meanwhile is nothing
//! else. `cargo test --release -- --ignored --nocapture markdown::tests::speed`.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::golden::ANSWERS;
use crate::telegram::markdown::{Limits, render_growing, render_parts};

const CHARS: usize = 32_000;
const TIMES: usize = 50;
/// An answer of this length is converted within this.
const GOAL: Duration = Duration::from_millis(5);

fn median(mut work: impl FnMut()) -> Duration {
    let mut times = [Duration::ZERO; TIMES];
    for time in &mut times {
        let start = Instant::now();
        work();
        *time = start.elapsed();
    }
    times.sort_unstable();
    times[TIMES / 2]
}

#[test]
#[ignore = "a measurement: for an optimized build on a quiet machine"]
fn a_long_answer_is_converted_within_five_milliseconds() {
    let limits = Limits::default();
    for (name, markdown, _) in ANSWERS {
        let text: String = format!("{markdown}\n\n").chars().cycle().take(CHARS).collect();
        let whole = median(|| drop(black_box(render_parts(&text, limits))));
        let look = median(|| drop(black_box(render_growing(&text, limits))));
        let _ = writeln!(std::io::stderr(), "{name}: whole {whole:.1?}, a look while it grows {look:.1?}");
        assert!(whole <= GOAL && look <= GOAL, "{name}");
    }
}
