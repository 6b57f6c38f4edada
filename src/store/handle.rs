//! The handle to the store: opens it, hands closures to its writer, closes it when the last clone goes.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::folder::Folder;
use super::keeper::Keeper;
use super::lock::{Access, Lock};
use super::tally::{Tally, UpdateCounts};
use super::tx::Tx;
use super::writer::{CommitJob, LaterJob, Message, Writer};
use super::{StoreError, ledger, schema};
use crate::clock::Clock;

/// The stored state. Clones share one connection; the last one dropped closes it.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

struct Shared {
    /// `None` once the last handle is being dropped.
    sender: Option<mpsc::Sender<Message>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// For reading beside the writer.
    folder: Folder,
    clock: Clock,
    /// How a second connection reads.
    reading: Access,
    tally: Tally,
}

impl Store {
    /// Opens the state for a command that works on it itself ([`Access::Direct`]).
    pub(crate) fn open(dir: &Path, clock: Clock) -> Result<Store, StoreError> {
        Store::open_as(dir, clock, Access::Direct)
    }

    /// Opens the state; blocks while it waits for locks (a daemon up to 90 s, others less than a second). Raises
    /// the clock to the latest time that was stored.
    pub(crate) fn open_as(dir: &Path, clock: Clock, access: Access) -> Result<Store, StoreError> {
        let may_write = access.may_write();
        let folder = Folder::prepare(dir, may_write)?;
        let lock = Lock::take(&folder, access)?;
        if may_write {
            folder.ensure_database()?;
        } else if !folder.database_exists()? {
            return Err(StoreError::Missing(dir.to_owned()));
        }
        let mut connection = connect(&folder, access)?;
        schema::check(&mut connection, &folder.database(), may_write)?;
        let marked = ledger::open(&mut connection, &clock, may_write).map_err(|error| match error {
            // Here it is known which file that is.
            StoreError::Damaged { why, .. } => StoreError::Damaged { path: folder.database(), why },
            error => error,
        })?;
        let keeper = Keeper::start(folder.clone())?;
        let mark = marked.then(|| keeper.sync_now());
        let (sender, receiver) = mpsc::channel();
        let tally = Tally::default();
        let writer = Writer::new(connection, clock.clone(), access, lock, keeper, tally.clone(), mark);
        let thread =
            thread::Builder::new().name("svs-store".to_owned()).spawn(move || writer.run(&receiver))?;
        let (sender, thread) = (Some(sender), Mutex::new(Some(thread)));
        let reading = if access == Access::AtRest { access } else { Access::ReadOnly };
        Ok(Store(Arc::new(Shared { sender, thread, folder, clock, reading, tally })))
    }

    /// Runs a transaction; done when it is durable. An error (or a panic) undoes this closure's writes alone.
    ///
    /// The closure is handed over at once, even if the future is never polled; dropping the future takes
    /// nothing back. The closure runs on the store's thread: it must not wait for anything.
    pub(crate) fn commit<R, F>(&self, f: F) -> impl Future<Output = Result<R, StoreError>> + Send + use<R, F>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        self.submit(f, true)
    }

    /// Runs a transaction that only reads. It sees everything that was committed before.
    pub(crate) fn read<R, F>(&self, f: F) -> impl Future<Output = Result<R, StoreError>> + Send + use<R, F>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        self.submit(f, false)
    }

    /// Runs a transaction that reads much, on a thread and a connection of its own: nobody waits for it but the caller.
    /// It sees everything that was committed before.
    pub(crate) fn read_aside<R, F>(
        &self,
        f: F,
    ) -> impl Future<Output = Result<R, StoreError>> + Send + use<R, F>
    where
        R: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let (folder, clock, reading) = (self.0.folder.clone(), self.0.clock.clone(), self.0.reading);
        let read = move || {
            let mut connection = connect(&folder, reading)?;
            // One transaction: all of it is of the same instant.
            let transaction = connection.transaction()?;
            f(&Tx::new(&transaction, &clock))
        };
        let started = thread::Builder::new().name("svs-read".to_owned()).spawn(move || {
            // Whoever asked may be gone.
            let _ = reply.send(read());
        });
        async move {
            started?;
            answer.await.unwrap_or(Err(StoreError::Panicked))
        }
    }

    /// The updates that were committed since this state was opened.
    pub(crate) fn update_counts(&self) -> UpdateCounts {
        self.0.tally.counts()
    }

    /// Runs a transaction that nobody waits for, in the order it was handed over. A failure is logged.
    pub(crate) fn later<F>(&self, f: F)
    where
        F: FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        if !self.send(Message::Job(Box::new(LaterJob::new(f)))) {
            tracing::error!("a write came after the store was closed");
        }
    }

    /// Done when everything handed over before is on the disk and survives the loss of power.
    pub(crate) fn sync(&self) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Sync(reply));
        async move { answer.await.unwrap_or(Err(StoreError::Closed)) }
    }

    /// Done when nothing that was deleted before is left in any file of the state; false when somebody who reads
    /// the state keeps it in the log.
    pub(crate) fn scrub(&self) -> impl Future<Output = Result<bool, StoreError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Scrub(reply));
        async move { answer.await.unwrap_or(Err(StoreError::Closed)) }
    }

    /// Closes the store for all its clones; done when the disk has everything and the locks are free.
    pub(crate) fn close(&self) -> impl Future<Output = ()> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Close(reply));
        async move {
            let _ = answer.await;
        }
    }

    fn submit<R, F>(
        &self,
        f: F,
        writes: bool,
    ) -> impl Future<Output = Result<R, StoreError>> + Send + use<R, F>
    where
        R: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Job(Box::new(CommitJob::new(f, reply, writes))));
        async move { answer.await.unwrap_or(Err(StoreError::Closed)) }
    }

    fn send(&self, message: Message) -> bool {
        self.0.sender.as_ref().is_some_and(|sender| sender.send(message).is_ok())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.sender = None;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            // The last handle may have been in a closure that the writer itself dropped.
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn connect(folder: &Folder, access: Access) -> Result<Connection, StoreError> {
    let path = folder.database();
    let at = |error| StoreError::at(error, &path);
    let mode =
        if access.may_write() { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = match folder.at_rest().filter(|_| access == Access::AtRest) {
        Some(name) => Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI),
        None => Connection::open_with_flags(&path, flags),
    };
    let connection = connection.map_err(at)?;
    schema::configure(&connection).map_err(at)?;
    // A direct command leaves the log to the next one: copying it back would wait for the disk twice.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, access != Access::Daemon)
        .map_err(at)?;
    Ok(connection)
}
