//! What the log writes, keeps and leaves out.

use std::io::Write;

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

/// What is logged at `level` in `shape` while `work` runs, as lines and as entries.
fn logged(level: LogLevel, shape: Shape, work: impl FnOnce(&Logs)) -> (String, Vec<Arc<Record>>) {
    let memory = Memory::default();
    let (writer, guard) = writer::start(memory.clone(), Arc::default()).expect("a thread");
    let (filter, handle) = reload::Layer::new(targets(level));
    let recent = Recent::default();
    let sink = Sink { shape, color: false, writer, recent: recent.clone(), vitals: Vitals::default() };
    let levels = Levels { configured: level, now: level, until: None, going_back: None };
    let logs = Logs(Arc::new(Shared { recent, filter: handle, level: Mutex::new(levels) }));
    let subscriber = tracing_subscriber::registry().with(filter).with(sink);
    tracing::subscriber::with_default(subscriber, || work(&logs));
    drop(guard);
    let bytes = memory.0.lock().expect("not poisoned").clone();
    (String::from_utf8(bytes).expect("text"), logs.follow().0)
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
    let (text, _) = logged(LogLevel::Info, Shape::Journal, |_| {
        tracing::error!(key = "A1", n = 3, is = true, "first\nsecond");
        tracing::info!("third");
        tracing::debug!("never");
    });
    assert_eq!(text, "<3>first\\nsecond key=A1 n=3 is=true\n<6>third\n");
}

#[test]
fn json_lines_are_objects_with_a_time() {
    let (text, _) =
        logged(LogLevel::Info, Shape::Json, |_| tracing::warn!(key = "A1", message = "lim\nited"));
    assert_eq!(text.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&text).expect("an object");
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "lim\nited");
    assert_eq!(line["key"], "A1");
    let time = line["timestamp"].as_str().expect("a time");
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
}

#[test]
fn libraries_that_tell_every_frame_are_held_back() {
    let (text, _) = logged(LogLevel::Trace, Shape::Journal, |_| {
        tracing::trace!("ours");
        tracing::debug!(target: "h2::codec", "a frame");
        tracing::debug!(target: "hyper::proto", "a head");
        tracing::info!(target: "hyper::proto", "something odd");
    });
    assert_eq!(text, "<7>ours\n<6>something odd\n");
}

#[test]
fn secrets_are_taken_out_of_lines_and_of_what_is_kept() {
    let secret = "AIzaSyCanaryOfTheLogQx7_8RtZb2Lm5Np9Vw0";
    let (text, kept) = logged(LogLevel::Info, Shape::Text, |_| {
        tracing::info!(detail = secret, error = %format!("in {secret}"), "a key: {secret}");
    });
    assert!(text.contains("[redacted]") && !text.contains("Canary"), "{text}");
    assert!(!kept[0].json().to_string().contains("Canary"), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn a_level_can_be_changed_for_some_time() {
    let minute = Duration::from_mins(1);
    let memory = Memory::default();
    let (writer, _guard) = writer::start(memory, Arc::default()).expect("a thread");
    let (filter, handle) = reload::Layer::new(targets(LogLevel::Info));
    let recent = Recent::default();
    let sink =
        Sink { shape: Shape::Text, color: false, writer, recent: recent.clone(), vitals: Vitals::default() };
    let levels = Levels { configured: LogLevel::Info, now: LogLevel::Info, until: None, going_back: None };
    let logs = Logs(Arc::new(Shared { recent, filter: handle, level: Mutex::new(levels) }));
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(filter).with(sink));
    let said = || logs.follow().0.iter().map(|record| record.message.clone()).collect::<Vec<_>>();
    tracing::debug!("one");
    logs.set_level(Some(LogLevel::Debug), Some(minute), Timestamp::ZERO);
    tracing::debug!("two");
    assert_eq!(logs.level().until, Some(Timestamp::ZERO + minute));
    // A second order replaces the first, its end too.
    tokio::time::sleep(minute / 2).await;
    logs.set_level(Some(LogLevel::Trace), Some(2 * minute), Timestamp::ZERO);
    tokio::time::sleep(minute).await;
    tracing::trace!("three");
    tokio::time::sleep(2 * minute).await;
    tracing::debug!("four");
    assert_eq!(said(), ["two", "three", "the log has its configured level again"]);
    assert_eq!((logs.level().level, logs.level().until), (LogLevel::Info, None));
    logs.set_level(Some(LogLevel::Debug), None, Timestamp::ZERO);
    tokio::time::sleep(10 * minute).await;
    assert_eq!(logs.level().level, LogLevel::Debug);
    logs.configure(LogLevel::Warn);
    assert_eq!(logs.level().level, LogLevel::Debug, "what was wished for stays");
    logs.set_level(None, None, Timestamp::ZERO);
    assert_eq!(logs.level().level, LogLevel::Warn);
    logs.configure(LogLevel::Error);
    assert_eq!(logs.level().level, LogLevel::Error);
}
