//! K3: how much longer than Google itself a check of all keys takes, and that it spends nothing.

use std::process::Stdio;
use std::time::{Duration, Instant};

use svs::sandbox::gemini::Timing;

use super::table::{Row, Times, mb};
use super::world::{Fallible, World};

const KEYS: usize = 25;
const SERVER: Duration = Duration::from_millis(100);
const RUNS: usize = 12;

/// Checks all keys without a daemon: four at a time, then all at once.
pub(crate) fn check(world: &World) -> Fallible<Vec<Row>> {
    let gemini = world.sandbox()?.gemini();
    gemini.set_timing(Timing { first: SERVER, ..Timing::default() });
    let four = runs(world, "4")?;
    let all = runs(world, "25")?;
    let spent = gemini.generations().len();
    let asked = gemini.call_count();
    if asked != (2 * RUNS * KEYS) as u64 {
        return Err(format!("{asked} calls came for {} checks of {KEYS} keys", 2 * RUNS).into());
    }
    let whole = Times::new(four.iter().map(|run| run.wall).collect());
    let met = whole.p50() <= Duration::from_secs(1) && spent == 0;
    let at_four = Row::new("K3", "keys check, 25 keys, server of 100 ms, 4 at a time", whole.words())
        .goal("≤ 1 s, 0 generations", met)
        .beside(format!("({spent} generations)"));
    let added = Times::new(all.iter().map(|run| run.wall.saturating_sub(run.slowest)).collect());
    let met = added.p50() <= Duration::from_millis(20);
    let at_once =
        Row::new("K3", "  all at once, less the slowest key", added.words()).goal("p50 ≤ 20 ms", met);
    let memory = all.iter().map(|run| run.memory).max().unwrap_or(0);
    let resident =
        Row::new("", "  resident memory at most", mb(memory)).goal("≤ 10 MB", memory <= 10_000_000);
    Ok(vec![at_four, at_once, resident])
}

struct Run {
    wall: Duration,
    /// The longest that one key took, as the command says.
    slowest: Duration,
    /// Bytes.
    memory: u64,
}

fn runs(world: &World, concurrency: &str) -> Fallible<Vec<Run>> {
    (0..RUNS).map(|_| run(world, concurrency)).collect()
}

fn run(world: &World, concurrency: &str) -> Fallible<Run> {
    let mut command = world.svs(&["keys", "check", "--json", "--concurrency", concurrency])?;
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let start = Instant::now();
    let child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    // Its peak is read for as long as it lives, from a thread that dies with its last reading.
    let watching = std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = std::fs::read_to_string(&status).ok().and_then(|text| peak_of(&text)) {
            peak = now;
            std::thread::sleep(Duration::from_millis(5));
        }
        peak
    });
    let output = child.wait_with_output()?;
    let wall = start.elapsed();
    let memory = watching.join().map_err(|_| "the watching thread ended")?;
    if !output.status.success() {
        return Err(format!("keys check ended with {}", output.status).into());
    }
    let found: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let keys = found["keys"].as_array().ok_or("no keys")?;
    let slowest = keys.iter().filter_map(|key| key["ms"].as_u64()).max().ok_or("no times")?;
    Ok(Run { wall, slowest: Duration::from_millis(slowest), memory })
}

/// The high-water mark of resident memory in bytes; none once the process is gone.
fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
