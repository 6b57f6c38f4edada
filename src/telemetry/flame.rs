//! Where the time on processors goes, as a flamegraph: the feature `profiling`.
//!
//! The stack of whatever thread runs is looked at many times a second, by a signal. Names are looked up at the end,
//! beside the runtime; a binary that was stripped of them shows none.

use std::time::Duration;

/// A flamegraph.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Flame {
    /// The drawing.
    pub(crate) svg: String,
    /// How often a stack was looked at.
    pub(crate) samples: u64,
    /// For how long it was looked: less than wished where it was ended.
    pub(crate) looked: Duration,
    /// Whether the functions of svs have names.
    pub(crate) is_named: bool,
}

/// Why there is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum NoFlame {
    /// In this build.
    #[cfg(not(feature = "profiling"))]
    #[error("this daemon was built without profiling")]
    NotBuilt,
    /// One at a time.
    #[cfg(feature = "profiling")]
    #[error("a profile is being taken already")]
    Busy,
    /// Nothing was seen.
    #[cfg(feature = "profiling")]
    #[error("the daemon did not work in that time")]
    Idle,
    /// The system does not let it.
    #[cfg(feature = "profiling")]
    #[error("no profile can be taken: {0}")]
    Refused(String),
}

/// Looks for so long, or until `ended`. Dropping the future ends it as well.
#[cfg(not(feature = "profiling"))]
pub(crate) async fn take(_: Duration, _: impl Future<Output = ()>) -> Result<Flame, NoFlame> {
    Err(NoFlame::NotBuilt)
}

/// Looks for so long, or until `ended`. Dropping the future ends it as well.
#[cfg(feature = "profiling")]
pub(crate) async fn take(span: Duration, ended: impl Future<Output = ()>) -> Result<Flame, NoFlame> {
    use pprof::ProfilerGuardBuilder;

    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let Ok(_one) = ONE.try_lock() else { return Err(NoFlame::Busy) };
    let refused = |error: pprof::Error| NoFlame::Refused(error.to_string());
    // A stack inside of these may be one that cannot be walked along.
    let unsafe_places = ["libc", "libgcc", "pthread", "vdso"];
    let builder = ProfilerGuardBuilder::default().frequency(HERTZ).blocklist(&unsafe_places);
    let profiler = builder.build().map_err(refused)?;
    let began = std::time::Instant::now();
    tokio::select! {
        () = tokio::time::sleep(span) => {}
        () = ended => {}
    }
    let looked = began.elapsed();
    let drawn = tokio::task::spawn_blocking(move || draw(&profiler, looked).map_err(refused));
    drawn.await.unwrap_or_else(|error| Err(NoFlame::Refused(error.to_string())))?.ok_or(NoFlame::Idle)
}

/// How often a second: a prime, lest what comes at a beat be seen always or never.
#[cfg(feature = "profiling")]
const HERTZ: i32 = 199;

/// None: nothing was seen.
#[cfg(feature = "profiling")]
fn draw(profiler: &pprof::ProfilerGuard<'_>, looked: Duration) -> pprof::Result<Option<Flame>> {
    let report = profiler.report().build()?;
    let samples = report.data.values().map(|count| count.unsigned_abs() as u64).sum();
    if samples == 0 {
        return Ok(None);
    }
    let mut symbols = report.data.keys().flat_map(|frames| frames.frames.iter().flatten());
    let is_named = symbols.any(|symbol| symbol.name().contains("svs::"));
    let mut svg = Vec::new();
    let mut options = pprof::flamegraph::Options::default();
    concat!("svs ", env!("CARGO_PKG_VERSION")).clone_into(&mut options.title);
    report.flamegraph_with_options(&mut svg, &mut options)?;
    Ok(Some(Flame { svg: String::from_utf8_lossy(&svg).into_owned(), samples, looked, is_named }))
}
