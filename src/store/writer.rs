//! The one thread that writes. It takes what has queued up while it worked, runs it in one transaction, each
//! closure behind its own savepoint, and answers after the commit: under load many share the cost of one.
//!
//! ```text
//!   wait for a message → BEGIN → run it, and all that came meanwhile → COMMIT → answer → wait
//! ```
//!
//! A transaction that somebody waits for is committed at once. One that nobody waits for rides on the next: alone it
//! is committed only after [`RIDE`].

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::keeper::{Keeper, ScrubReply, SyncReply};
use super::lock::{Access, Lock};
use super::tally::{Tally, UpdateCounts};
use super::tx::{Tx, ms};
use super::{StoreError, ledger};
use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// Closures in one commit, at most; bounds how long the first of them waits for the last.
const LARGEST_GROUP: usize = 256;
/// Commits after which the log is copied back.
const COPY_BACK_AFTER: u32 = 256;
/// How long a write that nobody waits for waits for another to share the commit with.
const RIDE: Duration = Duration::from_millis(2);
/// A log left longer than this by direct commands is copied back by the one that sees it. Each of them reads the whole
/// log as it opens the state; whoever copies it back waits for the disk.
const LEFT_LOG_BYTES: i64 = 256 << 10;
/// How far the stored time may lag behind.
const HIGH_WATER_LAG: Duration = Duration::from_millis(100);

pub(super) enum Message {
    Job(Box<dyn Job>),
    Sync(SyncReply),
    Scrub(ScrubReply),
    Close(oneshot::Sender<()>),
}

/// A closure and whoever waits for it.
pub(super) trait Job: Send {
    /// Whether it needs the write lock.
    fn writes(&self) -> bool;
    /// Whether somebody waits for its end.
    fn is_awaited(&self) -> bool;
    /// Runs it; an error undoes its writes. Called once.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    /// Tells its end: what it returned if it was committed, else why not.
    fn answer(self: Box<Self>, end: Result<(), StoreError>);
}

pub(super) struct CommitJob<R, F> {
    closure: Option<F>,
    result: Option<R>,
    reply: oneshot::Sender<Result<R, StoreError>>,
    writes: bool,
}

impl<R, F> CommitJob<R, F> {
    pub(super) fn new(closure: F, reply: oneshot::Sender<Result<R, StoreError>>, writes: bool) -> Self {
        CommitJob { closure: Some(closure), result: None, reply, writes }
    }
}

impl<R, F> Job for CommitJob<R, F>
where
    R: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
{
    fn writes(&self) -> bool {
        self.writes
    }

    fn is_awaited(&self) -> bool {
        true
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let closure = self.closure.take().ok_or(StoreError::Closed)?;
        self.result = Some(closure(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let CommitJob { result, reply, .. } = *self;
        // Whoever asked may be gone.
        let _ = reply.send(end.and_then(|()| result.ok_or(StoreError::Closed)));
    }
}

pub(super) struct LaterJob<F>(Option<F>);

impl<F> LaterJob<F> {
    pub(super) fn new(closure: F) -> LaterJob<F> {
        LaterJob(Some(closure))
    }
}

impl<F> Job for LaterJob<F>
where
    F: FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
{
    fn writes(&self) -> bool {
        true
    }

    fn is_awaited(&self) -> bool {
        false
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.0.take().map_or(Ok(()), |closure| closure(tx))
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        if let Err(error) = end {
            tracing::error!(%error, "a write that nobody waits for was lost");
        }
    }
}

pub(super) struct Writer {
    connection: Connection,
    clock: Clock,
    access: Access,
    /// Given back after everything is closed.
    lock: Option<Lock>,
    keeper: Keeper,
    tally: Tally,
    /// The sync of the mark this start has put; nothing is answered before it.
    mark: Option<oneshot::Receiver<Result<(), StoreError>>>,
    /// The sync of the mark failed: nothing written counts as durable.
    unmarked: Option<StoreError>,
    high_water: Timestamp,
    commits: u32,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        clock: Clock,
        access: Access,
        lock: Option<Lock>,
        keeper: Keeper,
        tally: Tally,
        mark: Option<oneshot::Receiver<Result<(), StoreError>>>,
    ) -> Writer {
        let high_water = Timestamp::ZERO;
        Writer {
            connection,
            clock,
            access,
            lock,
            keeper,
            tally,
            mark,
            unmarked: None,
            high_water,
            commits: 0,
        }
    }

    /// Works until every handle is gone or one of them says close.
    pub(super) fn run(mut self, messages: &mpsc::Receiver<Message>) {
        // Messages that were taken from the channel but not worked on yet.
        let mut held = VecDeque::new();
        while let Some(message) = held.pop_front().or_else(|| messages.recv().ok()) {
            match message {
                Message::Job(job) => {
                    if !job.is_awaited() && held.is_empty() {
                        gather(messages, &mut held);
                    }
                    self.group(job, messages, &mut held);
                }
                Message::Sync(reply) => self.keeper.sync(reply),
                Message::Scrub(reply) => self.keeper.scrub(reply),
                Message::Close(reply) => {
                    self.close();
                    let _ = reply.send(());
                    return;
                }
            }
        }
        self.close();
    }

    /// Runs `first` and what has come since in one transaction.
    fn group(
        &mut self,
        first: Box<dyn Job>,
        messages: &mpsc::Receiver<Message>,
        held: &mut VecDeque<Message>,
    ) {
        let writes = first.writes();
        // Each with its own error, if it has one.
        let mut done: Vec<(Box<dyn Job>, Result<(), StoreError>)> = Vec::new();
        let mut kept = 0_usize;
        let mut counted = UpdateCounts::default();
        let mut next = Some(first);
        let mut failed = self.begin(writes).err();
        while let Some(mut job) = next.take() {
            if failed.is_none() {
                let end = self.run_one(&mut *job, kept > 0).map(|own| counted.add(own));
                kept += usize::from(end.is_ok());
                done.push((job, end));
                // A full disk may have made SQLite undo the whole transaction.
                if self.connection.is_autocommit() {
                    if kept > 0 {
                        failed =
                            done.last().and_then(|(_, end)| end.clone().err()).or(Some(StoreError::Full));
                    } else {
                        failed = self.begin(writes).err();
                    }
                }
            } else {
                done.push((job, Ok(())));
            }
            if failed.is_some() || done.len() >= LARGEST_GROUP {
                break;
            }
            match held.pop_front().or_else(|| messages.try_recv().ok()) {
                Some(Message::Job(job)) if writes || !job.writes() => next = Some(job),
                Some(message) => held.push_front(message),
                None => {}
            }
        }
        let end = match failed {
            Some(error) => Err(error),
            None => self.end(writes, kept > 0),
        };
        if end.is_err() && !self.connection.is_autocommit() {
            // Nothing can be done if this fails too; the next BEGIN would say so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        if end.is_ok() {
            self.tally.add(counted);
        }
        for (job, own) in done {
            job.answer(own.and_then(|()| end.clone()));
        }
    }

    fn begin(&self, writes: bool) -> Result<(), StoreError> {
        self.statement(if writes { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    /// Runs one closure; undoes its writes if it fails or panics. `beside` says that others in this transaction
    /// have something to lose. Returns what is to be counted when it is committed.
    fn run_one(&self, job: &mut dyn Job, beside: bool) -> Result<UpdateCounts, StoreError> {
        if beside {
            self.statement("SAVEPOINT one")?;
        }
        let mut tx = Tx::new(&self.connection, &self.clock);
        let end = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))).unwrap_or(Err(StoreError::Panicked));
        if self.connection.is_autocommit() {
            return end.and(Err(StoreError::Full));
        }
        let end = end.map(|()| tx.counted);
        match (&end, beside) {
            (Ok(_), false) => {}
            (Ok(_), true) => self.statement("RELEASE one")?,
            (Err(_), true) => {
                self.statement("ROLLBACK TO one")?;
                self.statement("RELEASE one")?;
            }
            // The caller begins anew.
            (Err(_), false) => self.statement("ROLLBACK")?,
        }
        end
    }

    fn end(&mut self, writes: bool, kept: bool) -> Result<(), StoreError> {
        if !writes || !kept {
            return self.statement("COMMIT");
        }
        let now = self.clock.now();
        if now.since(self.high_water) >= HIGH_WATER_LAG {
            Tx::new(&self.connection, &self.clock).set_meta("high_water", ms(now))?;
            self.high_water = now;
        }
        self.statement("COMMIT")?;
        self.commits += 1;
        if self.commits.is_multiple_of(COPY_BACK_AFTER) {
            self.keeper.copy_back();
        }
        self.marked()
    }

    /// Waits, once, until the mark of this run is on the disk.
    fn marked(&mut self) -> Result<(), StoreError> {
        if let Some(mark) = self.mark.take() {
            self.unmarked = mark.blocking_recv().unwrap_or(Err(StoreError::Closed)).err();
        }
        self.unmarked.clone().map_or(Ok(()), Err)
    }

    fn statement(&self, text: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(text)?.execute([])?;
        Ok(())
    }

    fn close(self) {
        let Writer { connection, clock, access, lock, keeper, unmarked, .. } = self;
        // Ends the second thread, its syncs and its connection first.
        drop(keeper);
        let closed = match access {
            Access::Daemon if unmarked.is_none() => ledger::close(&connection, &clock),
            Access::Direct => copy_long_log(&connection),
            Access::Daemon | Access::ReadOnly | Access::AtRest => Ok(()),
        };
        if let Err(error) = closed {
            tracing::error!(%error, "the store could not be closed in order");
        }
        if let Err((_, error)) = connection.close() {
            tracing::error!(%error, "the database could not be closed");
        }
        drop(lock);
    }
}

/// Waits for a message that somebody waits for, and keeps what comes before it; not longer than [`RIDE`].
fn gather(messages: &mpsc::Receiver<Message>, held: &mut VecDeque<Message>) {
    let until = Instant::now() + RIDE;
    while held.len() < LARGEST_GROUP {
        let Ok(message) = messages.recv_timeout(until.saturating_duration_since(Instant::now())) else {
            return;
        };
        let may_wait = matches!(&message, Message::Job(job) if !job.is_awaited());
        held.push_back(message);
        if !may_wait {
            return;
        }
    }
}

/// Copies the log back if direct commands have left it long; while others read it, that is left to them.
fn copy_long_log(connection: &Connection) -> Result<(), StoreError> {
    let length = connection
        .path()
        .and_then(|path| std::fs::metadata(format!("{path}-wal")).ok())
        .map_or(0, |log| i64::try_from(log.len()).unwrap_or(i64::MAX));
    if length > LEFT_LOG_BYTES {
        connection.execute_batch("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")?;
    }
    Ok(())
}
