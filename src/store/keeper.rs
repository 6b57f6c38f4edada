//! The thread that waits for the disk, so that the writer need not: it syncs the write-ahead log, and copies it
//! back into the database before it grows long.

use std::fs::File;
use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::folder::Folder;
use super::{StoreError, schema};

/// Pages in the log from which on it is copied back even while writers must wait for that (16 MB).
const LONG_LOG: i64 = 4096;

/// Says whether the log is empty now.
pub(super) type ScrubReply = oneshot::Sender<Result<bool, StoreError>>;
pub(super) type SyncReply = oneshot::Sender<Result<(), StoreError>>;

enum Task {
    Sync(SyncReply),
    CopyBack,
    Scrub(ScrubReply),
}

/// The handle to the thread; dropping it waits for the thread's end.
pub(super) struct Keeper {
    tasks: Option<mpsc::Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread. It opens nothing before it has something to do.
    pub(super) fn start(folder: Folder) -> Result<Keeper, StoreError> {
        let (tasks, receiver) = mpsc::channel();
        let work = move || Work { folder, log: None, connection: None }.run(&receiver);
        let thread = thread::Builder::new().name("svs-sync".to_owned()).spawn(work)?;
        Ok(Keeper { tasks: Some(tasks), thread: Some(thread) })
    }

    /// Syncs what is committed now; the answer goes to `reply`.
    pub(super) fn sync(&self, reply: SyncReply) {
        if let Some(tasks) = &self.tasks {
            // A thread that is gone drops the reply, which its receiver sees.
            let _ = tasks.send(Task::Sync(reply));
        }
    }

    /// Syncs what is committed now; the answer can be waited for.
    pub(super) fn sync_now(&self) -> oneshot::Receiver<Result<(), StoreError>> {
        let (reply, answer) = oneshot::channel();
        self.sync(reply);
        answer
    }

    /// Copies all of the log back and empties it: what was deleted is in no file any more.
    pub(super) fn scrub(&self, reply: ScrubReply) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(Task::Scrub(reply));
        }
    }

    /// Copies the log back when there is time.
    pub(super) fn copy_back(&self) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(Task::CopyBack);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    folder: Folder,
    /// Opened at the first sync: then the writer has made it, and it stays the same file while he has it open.
    log: Option<File>,
    connection: Option<Connection>,
}

impl Work {
    fn run(mut self, tasks: &mpsc::Receiver<Task>) {
        while let Ok(first) = tasks.recv() {
            let mut replies = Vec::new();
            let mut scrubs = Vec::new();
            let mut copy_back = false;
            for task in std::iter::once(first).chain(std::iter::from_fn(|| tasks.try_recv().ok())) {
                match task {
                    Task::Sync(reply) => replies.push(reply),
                    Task::CopyBack => copy_back = true,
                    Task::Scrub(reply) => scrubs.push(reply),
                }
            }
            if !replies.is_empty() {
                let result = self.sync();
                for reply in replies {
                    let _ = reply.send(result.clone());
                }
            }
            if !scrubs.is_empty() {
                let result = self.scrub();
                for reply in scrubs {
                    let _ = reply.send(result.clone());
                }
            }
            if copy_back && let Err(error) = self.copy_back() {
                tracing::warn!(%error, "the write-ahead log could not be copied back");
            }
        }
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if self.log.is_none() {
            match File::open(self.folder.wal()) {
                Ok(log) => {
                    // The log's name must survive too.
                    File::open(self.folder.path())?.sync_all()?;
                    self.log = Some(log);
                }
                // Nothing was ever committed through it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        match &self.log {
            Some(log) => Ok(log.sync_data()?),
            None => Ok(()),
        }
    }

    /// Whoever reads the state meanwhile may keep the log from being emptied.
    fn scrub(&mut self) -> Result<bool, StoreError> {
        let is_busy = |row: &rusqlite::Row<'_>| row.get::<_, bool>(0);
        Ok(!self.connection()?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], is_busy)?)
    }

    fn copy_back(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        // First beside the writer. The log starts anew at the writer's next commit that finds all of it copied;
        // under unbroken load it never does, and then the writer waits once for the rest.
        let length = checkpoint(connection, "PASSIVE")?;
        if length > LONG_LOG {
            checkpoint(connection, "RESTART")?;
        }
        Ok(())
    }

    fn connection(&mut self) -> Result<&Connection, StoreError> {
        if self.connection.is_none() {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_NOFOLLOW;
            let connection = Connection::open_with_flags(self.folder.database(), flags)?;
            schema::configure(&connection)?;
            self.connection = Some(connection);
        }
        self.connection.as_ref().ok_or(StoreError::Closed)
    }
}

/// Copies the log back; returns its length in pages.
fn checkpoint(connection: &Connection, mode: &str) -> Result<i64, StoreError> {
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))?)
}
