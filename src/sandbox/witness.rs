//! The witness log: one JSON line per call, written by a thread of its own so that no request waits for a disk.
//! Its times come from the servers' clock: the wall at start plus what the monotonic clock has counted.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// The servers' clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    wall: i64,
    started: Instant,
}

impl Time {
    pub(super) fn start() -> Time {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Time { wall: wall.as_millis() as i64, started: Instant::now() }
    }

    /// Milliseconds since 1970, never going back.
    pub(super) fn now(self) -> i64 {
        self.wall + self.started.elapsed().as_millis() as i64
    }
}

enum Entry {
    Line(Vec<u8>),
    Flush(Sender<()>),
}

/// Where the lines go; without a file they go nowhere.
#[derive(Clone, Debug)]
pub(super) struct Witness(Option<Sender<Entry>>);

impl Witness {
    /// Append to `path`, created when missing; closed when the last clone is gone.
    pub(super) fn open(path: Option<&Path>) -> std::io::Result<Witness> {
        let Some(path) = path else { return Ok(Witness(None)) };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let (sender, receiver) = channel();
        std::thread::Builder::new()
            .name("sandbox-witness".to_owned())
            .spawn(move || write_all(&receiver, BufWriter::new(file)))?;
        Ok(Witness(Some(sender)))
    }

    /// Whether lines are kept at all: building one is not free.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Write one line.
    pub(super) fn line(&self, value: &Value) {
        if let (Some(sender), Ok(mut line)) = (&self.0, serde_json::to_vec(value)) {
            line.push(b'\n');
            let _ = sender.send(Entry::Line(line));
        }
    }

    /// Wait until every line so far is in the file; blocks for as long as the disk takes.
    pub(super) fn flush(&self) {
        if let Some(sender) = &self.0 {
            let (done, wait) = channel();
            if sender.send(Entry::Flush(done)).is_ok() {
                let _ = wait.recv_timeout(Duration::from_secs(5));
            }
        }
    }
}

fn write_all(entries: &Receiver<Entry>, mut out: BufWriter<File>) {
    loop {
        let entry = match entries.try_recv() {
            Ok(entry) => entry,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                // Nothing waits: what was written so far becomes readable.
                let _ = out.flush();
                match entries.recv() {
                    Ok(entry) => entry,
                    Err(_) => break,
                }
            }
        };
        match entry {
            Entry::Line(line) => {
                let _ = out.write_all(&line);
            }
            Entry::Flush(done) => {
                let _ = out.flush();
                let _ = done.send(());
            }
        }
    }
    let _ = out.flush();
}
