//! The way of log lines to standard error: through a bounded queue and a thread of its own, so that a reader who has
//! stopped (a full pipe) costs lines, never an answer. Lost lines are counted, and the count is logged.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Lines that may wait.
const ROOM: usize = 1024;

/// How long the end of the process waits for the last lines.
const FAREWELL: Duration = Duration::from_millis(500);

enum Message {
    Line(Vec<u8>),
    /// Everything before this has been written when the sender is dropped.
    Flush(SyncSender<()>),
}

/// Hands whole lines to the writing thread.
#[derive(Clone)]
pub(super) struct LineWriter {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Flushes when it is dropped; keep it until the process ends.
pub(crate) struct LogGuard {
    queue: SyncSender<Message>,
}

/// Starts the writing thread.
pub(super) fn start<W: Write + Send + 'static>(
    sink: W,
    dropped: Arc<AtomicU64>,
) -> io::Result<(LineWriter, LogGuard)> {
    let (queue, lines) = sync_channel(ROOM);
    let counter = Arc::clone(&dropped);
    std::thread::Builder::new().name("log".to_owned()).spawn(move || write_all(sink, &lines, &counter))?;
    Ok((LineWriter { queue: queue.clone(), dropped }, LogGuard { queue }))
}

fn write_all(mut sink: impl Write, lines: &Receiver<Message>, dropped: &AtomicU64) {
    let mut told = 0;
    for message in lines {
        match message {
            Message::Line(line) => {
                // A reader that has gone away is no reason to stop working.
                let _ = sink.write_all(&line);
                let lost = dropped.load(Ordering::Relaxed);
                if lost > told {
                    let _ = writeln!(sink, "{} log lines found no room and were dropped", lost - told);
                    told = lost;
                }
            }
            Message::Flush(done) => {
                let _ = sink.flush();
                drop(done);
            }
        }
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let (done, flushed) = sync_channel(0);
        if self.queue.try_send(Message::Flush(done)).is_ok() {
            // Returns at once when the other end is dropped, and gives up on a reader who has stopped.
            let _ = flushed.recv_timeout(FAREWELL);
        }
    }
}

impl LineWriter {
    /// Hands a line with its end over; where there is no room for it, it is counted and gone.
    pub(super) fn write(&self, line: String) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Line(line.into_bytes())) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// A pipe that can be stopped.
    #[derive(Clone, Default)]
    struct Pipe(Arc<(Mutex<Inside>, Condvar)>);

    #[derive(Default)]
    struct Inside {
        stopped: bool,
        bytes: Vec<u8>,
    }

    impl Pipe {
        fn stop(&self, stopped: bool) {
            self.0.0.lock().expect("not poisoned").stopped = stopped;
            self.0.1.notify_all();
        }

        fn content(&self) -> String {
            String::from_utf8(self.0.0.lock().expect("not poisoned").bytes.clone()).expect("text")
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut inner = self.0.0.lock().expect("not poisoned");
            while inner.stopped {
                inner = self.0.1.wait(inner).expect("not poisoned");
            }
            inner.bytes.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_stopped_costs_lines_and_no_time() {
        let pipe = Pipe::default();
        pipe.stop(true);
        let dropped = Arc::new(AtomicU64::new(0));
        let (writer, guard) = start(pipe.clone(), Arc::clone(&dropped)).expect("a thread");
        let begin = std::time::Instant::now();
        for n in 0..ROOM + 100 {
            writer.write(format!("line {n}\n"));
        }
        assert!(begin.elapsed() < Duration::from_secs(5));
        let lost = dropped.load(Ordering::Relaxed);
        assert!((99..=100).contains(&lost), "{lost}");
        pipe.stop(false);
        // The queue has room again once the thread has written; the guard waits for it.
        while !pipe.content().contains("line 900\n") {
            std::thread::yield_now();
        }
        drop(guard);
        let content = pipe.content();
        assert!(content.starts_with("line 0\n"), "{content:.40}");
        assert!(content.contains(&format!("{lost} log lines found no room and were dropped\n")));
    }

    #[test]
    fn the_end_of_the_process_waits_for_the_last_line_but_not_for_ever() {
        let pipe = Pipe::default();
        let (writer, guard) = start(pipe.clone(), Arc::default()).expect("a thread");
        writer.write("last words\n".to_owned());
        drop(guard);
        assert_eq!(pipe.content(), "last words\n");

        let stuck = Pipe::default();
        let (writer, guard) = start(stuck.clone(), Arc::default()).expect("a thread");
        stuck.stop(true);
        writer.write("unheard\n".to_owned());
        let begin = std::time::Instant::now();
        drop(guard);
        assert!(begin.elapsed() < FAREWELL * 4);
        stuck.stop(false);
    }
}
