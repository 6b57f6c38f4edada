//! The log: on standard error, in the shape its reader wants, scrubbed of secrets on the way.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::Arc;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, time::FormatTime};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::vitals::Vitals;
pub(crate) use super::writer::LogGuard;
use super::writer::{self, LineWriter};
use crate::config::{LogFormat, LogLevel};

/// Libraries that tell every frame they send: never below `info`, since frames hold what people write.
const TALKATIVE: [&str; 8] =
    ["h2", "hyper", "hyper_util", "reqwest", "rustls", "teloxide", "teloxide_core", "tower"];

/// Starts the log of this process. Its lines, and those that found no room, are counted. A second start changes
/// nothing.
pub(crate) fn start_log(level: LogLevel, format: LogFormat, vitals: &Vitals) -> std::io::Result<LogGuard> {
    let (writer, guard) = writer::start(std::io::stderr(), Arc::clone(vitals.log_lines_dropped()))?;
    let is_terminal = std::io::stderr().is_terminal();
    let shape =
        Shape::of(format, std::env::var("JOURNAL_STREAM").ok().as_deref(), stderr_stream().as_deref());
    let subscriber = tracing_subscriber::registry()
        .with(filter(level))
        .with(layer(shape, is_terminal, writer))
        .with(Count(vitals.clone()));
    // Libraries that use `log` (rustls, teloxide) go the same way.
    let _ = subscriber.try_init();
    Ok(guard)
}

/// Counts lines by level.
struct Count(Vitals);

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.logged(match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        });
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
    let stat = rustix::fs::fstat(std::io::stderr()).ok()?;
    Some(format!("{}:{}", stat.st_dev, stat.st_ino))
}

fn filter(level: LogLevel) -> Targets {
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

/// A formatting layer; boxed, because every shape is a type of its own.
fn layer<S>(
    shape: Shape,
    color: bool,
    writer: LineWriter,
) -> Box<dyn tracing_subscriber::Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match shape {
        Shape::Text => Box::new(layer.with_ansi(color).with_timer(Utc).with_target(false)),
        Shape::Json => Box::new(layer.with_ansi(false).with_timer(Utc).json().flatten_event(true)),
        Shape::Journal => Box::new(layer.with_ansi(false).event_format(Priority)),
    }
}

/// RFC 3339 in UTC.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.3}", jiff::Timestamp::now())
    }
}

/// One line with the priority in front.
struct Priority;

impl<S, N> FormatEvent<S, N> for Priority
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        let mut line = String::new();
        context.field_format().format_fields(Writer::new(&mut line), event)?;
        // A line end would begin a second entry without priority.
        writeln!(writer, "<{priority}>{}", line.replace('\n', " "))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged at `level` in `shape` while `work` runs.
    fn logged(level: LogLevel, shape: Shape, work: impl FnOnce()) -> String {
        let memory = Memory::default();
        let (writer, guard) = writer::start(memory.clone(), Arc::default()).expect("a thread");
        let subscriber = tracing_subscriber::registry().with(filter(level)).with(layer(shape, false, writer));
        tracing::subscriber::with_default(subscriber, work);
        drop(guard);
        let bytes = memory.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn standard_error_decides_the_shape_unless_it_is_configured() {
        let cases = [
            (LogFormat::Auto, Some("8:12"), Some("8:12"), Shape::Journal),
            (LogFormat::Auto, Some("8:12"), Some("8:13"), Shape::Text),
            (LogFormat::Auto, None, None, Shape::Text),
            (LogFormat::Json, Some("8:12"), Some("8:12"), Shape::Json),
            (LogFormat::Journal, None, None, Shape::Journal),
        ];
        for (format, journal, stderr, shape) in cases {
            assert_eq!(Shape::of(format, journal, stderr), shape);
        }
    }

    #[test]
    fn the_journal_gets_priorities_and_single_lines() {
        let text = logged(LogLevel::Info, Shape::Journal, || {
            tracing::error!(key = "A1", "first\nsecond");
            tracing::info!("third");
            tracing::debug!("never");
        });
        assert_eq!(text, "<3>first second key=\"A1\"\n<6>third\n");
    }

    #[test]
    fn json_lines_are_objects_with_a_time() {
        let text = logged(LogLevel::Info, Shape::Json, || tracing::warn!(key = "A1", "limited"));
        let line: serde_json::Value = serde_json::from_str(&text).expect("an object");
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "limited");
        assert_eq!(line["key"], "A1");
        let time = line["timestamp"].as_str().expect("a time");
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }

    #[test]
    fn libraries_that_tell_every_frame_are_held_back() {
        let text = logged(LogLevel::Trace, Shape::Journal, || {
            tracing::trace!("ours");
            tracing::debug!(target: "h2::codec", "a frame");
            tracing::debug!(target: "hyper::proto", "a head");
            tracing::info!(target: "hyper::proto", "something odd");
        });
        assert_eq!(text, "<7>ours\n<6>something odd\n");
    }
}
