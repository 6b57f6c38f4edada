//! The log: on standard error in the shape its reader wants, and its last entries in memory for `svs logs`.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::task::AbortHandle;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, reload};

use super::recent::Recent;
use super::record::Record;
use super::vitals::Vitals;
use super::writer::{self, LineWriter, LogGuard};
use crate::config::{LogFormat, LogLevel};
use crate::domain::time::Timestamp;

/// Libraries that tell every frame they send: never below `info`, since frames hold what people write.
const TALKATIVE: [&str; 8] =
    ["h2", "hyper", "hyper_util", "reqwest", "rustls", "teloxide", "teloxide_core", "tower"];

/// A log that was started; keep it until the process ends.
pub(crate) struct Log {
    /// What can be done with it.
    pub(crate) logs: Logs,
    _guard: LogGuard,
}

/// What can be done with a log while it runs; clones share it.
#[derive(Clone)]
pub(crate) struct Logs(Arc<Shared>);

struct Shared {
    recent: Recent,
    filter: reload::Handle<Targets, Registry>,
    level: Mutex<Levels>,
}

struct Levels {
    /// Of the configuration.
    configured: LogLevel,
    /// Instead of it.
    now: LogLevel,
    until: Option<Timestamp>,
    /// Goes back to the configured level then.
    going_back: Option<AbortHandle>,
}

/// How much is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LevelNow {
    /// The least important level that is written.
    pub(crate) level: LogLevel,
    /// That of the configuration.
    pub(crate) configured: LogLevel,
    /// When it becomes that of the configuration again, where it will by itself.
    pub(crate) until: Option<Timestamp>,
}

/// Starts the log of this process. Its lines, and those that found no room, are counted. A second start changes
/// nothing.
pub(crate) fn start_log(level: LogLevel, format: LogFormat, color: bool, vitals: &Vitals) -> io::Result<Log> {
    let (writer, guard) = writer::start(io::stderr(), Arc::clone(vitals.log_lines_dropped()))?;
    let journal = std::env::var("JOURNAL_STREAM").ok();
    let shape = Shape::of(format, journal.as_deref(), stderr_stream().as_deref());
    let (filter, handle) = reload::Layer::new(targets(level));
    let recent = Recent::default();
    let sink = Sink { shape, color, writer, recent: recent.clone(), vitals: vitals.clone() };
    // Libraries that use `log` (rustls, teloxide) go the same way.
    #[cfg(not(feature = "tokio-console"))]
    let _ = tracing_subscriber::registry().with(filter).with(sink).try_init();
    // The console has a filter of its own, which the log's must not stand before.
    #[cfg(feature = "tokio-console")]
    let _ = {
        let log = sink.with_filter(filter);
        tracing_subscriber::registry().with(log).with(super::console::layer()).try_init()
    };
    let levels = Levels { configured: level, now: level, until: None, going_back: None };
    let shared = Shared { recent, filter: handle, level: Mutex::new(levels) };
    Ok(Log { logs: Logs(Arc::new(shared)), _guard: guard })
}

impl Logs {
    /// The last entries, oldest first, and all that come after them.
    pub(crate) fn follow(&self) -> (Vec<Arc<Record>>, Receiver<Arc<Record>>) {
        self.0.recent.follow()
    }

    /// Ends those who follow.
    pub(crate) fn end(&self) {
        self.0.recent.end();
    }

    /// How much is written.
    pub(crate) fn level(&self) -> LevelNow {
        let levels = self.levels();
        LevelNow { level: levels.now, configured: levels.configured, until: levels.until }
    }

    /// Writes so much from now on, for good or for some time; `None`: what is configured. Must be called inside a
    /// tokio runtime.
    pub(crate) fn set_level(&self, level: Option<LogLevel>, span: Option<Duration>, now: Timestamp) {
        let mut levels = self.levels();
        if let Some(earlier) = levels.going_back.take() {
            earlier.abort();
        }
        levels.now = level.unwrap_or(levels.configured);
        levels.until = span.map(|span| now + span);
        levels.going_back = span.map(|span| {
            let logs = self.clone();
            let going_back = tokio::spawn(async move {
                tokio::time::sleep(span).await;
                let mut levels = logs.levels();
                (levels.now, levels.until, levels.going_back) = (levels.configured, None, None);
                let level = levels.now;
                drop(levels);
                logs.apply(level);
                tracing::info!(level = level.name(), "the log has its configured level again");
            });
            going_back.abort_handle()
        });
        let level = levels.now;
        drop(levels);
        self.apply(level);
    }

    /// Another configuration: its level, unless another was set by hand.
    pub(crate) fn configure(&self, level: LogLevel) {
        let mut levels = self.levels();
        let follows = levels.now == levels.configured;
        levels.configured = level;
        if follows {
            levels.now = level;
            drop(levels);
            self.apply(level);
        }
    }

    fn apply(&self, level: LogLevel) {
        // It fails only if the log is gone.
        let _ = self.0.filter.reload(targets(level));
    }

    fn levels(&self) -> MutexGuard<'_, Levels> {
        self.0.level.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where every entry goes.
struct Sink {
    shape: Shape,
    color: bool,
    writer: LineWriter,
    recent: Recent,
    vitals: Vitals,
}

impl<S: Subscriber> Layer<S> for Sink {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let record = Record::of(event);
        self.vitals.logged(record.level.name());
        let mut line = match self.shape {
            Shape::Text => record.text(self.color),
            Shape::Json => record.json().to_string(),
            Shape::Journal => record.journal(),
        };
        line.push('\n');
        self.writer.write(line);
        self.recent.push(record);
    }
}

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// Time, level, text.
    Text,
    /// An object per line.
    Json,
    /// `<priority>` as sd-daemon(3) has it; the journal adds the time.
    Journal,
}

impl Shape {
    /// The configured shape; by itself `Journal` where systemd says that standard error is the journal.
    fn of(format: LogFormat, journal_stream: Option<&str>, stderr: Option<&str>) -> Shape {
        match format {
            LogFormat::Json => Shape::Json,
            LogFormat::Journal => Shape::Journal,
            LogFormat::Auto if journal_stream.is_some() && journal_stream == stderr => Shape::Journal,
            LogFormat::Auto | LogFormat::Text => Shape::Text,
        }
    }
}

/// Device and inode of standard error, as `JOURNAL_STREAM` writes them.
fn stderr_stream() -> Option<String> {
    let stat = rustix::fs::fstat(io::stderr()).ok()?;
    Some(format!("{}:{}", stat.st_dev, stat.st_ino))
}

fn targets(level: LogLevel) -> Targets {
    let wanted = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let clamped = wanted.min(LevelFilter::INFO);
    Targets::new().with_default(wanted).with_targets(TALKATIVE.map(|target| (target, clamped)))
}

#[cfg(test)]
mod tests;
