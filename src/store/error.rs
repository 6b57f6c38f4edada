//! What can go wrong with the stored state, and which exit code says so.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::error::{CommandError, ErrorKind};

/// A failure of the stored state. It can be cloned, because one failed commit answers many callers.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another `svs run` holds this state folder.
    #[error("another svs daemon uses the state folder {}", .0.display())]
    DaemonRuns(PathBuf),
    /// Direct commands did not end within the daemon's patience.
    #[error("other svs commands still use the state folder {}", .0.display())]
    CommandsRun(PathBuf),
    /// Another process kept the database locked past the busy timeout.
    #[error("the database is locked by another process")]
    Busy,
    /// The folder or a file in it belongs to somebody else, or others may write it.
    #[error("{} {why}", .path.display())]
    Denied { path: PathBuf, why: &'static str },
    /// There is no stored state, and the caller only wanted to read.
    #[error("there is no stored state in {}", .0.display())]
    Missing(PathBuf),
    /// The folder cannot be made, or not be written.
    #[error("the state folder {} cannot be used: {why}", .path.display())]
    Folder { path: PathBuf, why: String },
    /// The file is no database of svs, or it is damaged. It is never made anew by itself: that would give every
    /// key a fresh budget.
    #[error("{} {why}", .path.display())]
    Damaged { path: PathBuf, why: String },
    /// The database was written by a newer svs.
    #[error("the database has schema {found}, this svs knows {known}")]
    NewerSchema { found: u32, known: u32 },
    /// The disk, or the quota on it, is full. Nothing of this transaction was stored.
    #[error("no space is left for the database")]
    Full,
    /// The file system refused to read or write.
    #[error("the database cannot be read or written: {0}")]
    Io(String),
    /// A stored value cannot be read back.
    #[error("the stored value of {what} cannot be read: {why}")]
    Undecodable { what: String, why: String },
    /// A closure given to the store panicked; nothing of it was stored.
    #[error("a transaction panicked")]
    Panicked,
    /// The store was closed while the call waited.
    #[error("the store is closed")]
    Closed,
    /// Any other refusal of SQLite.
    #[error("the database refused: {0}")]
    Sqlite(String),
}

impl StoreError {
    /// Which exit code this deserves.
    pub(crate) const fn kind(&self) -> ErrorKind {
        match self {
            StoreError::DaemonRuns(_) | StoreError::CommandsRun(_) | StoreError::Busy => ErrorKind::TryAgain,
            StoreError::Denied { .. } => ErrorKind::Denied,
            StoreError::Folder { .. }
            | StoreError::Missing(_)
            | StoreError::Damaged { .. }
            | StoreError::NewerSchema { .. } => ErrorKind::Config,
            StoreError::Full | StoreError::Io(_) | StoreError::Undecodable { .. } | StoreError::Sqlite(_) => {
                ErrorKind::State
            }
            StoreError::Panicked | StoreError::Closed => ErrorKind::Bug,
        }
    }

    /// What to type next, where that is known.
    fn hint(&self) -> Option<String> {
        match self {
            StoreError::DaemonRuns(_) => Some("see which one with `svs status`".to_owned()),
            StoreError::CommandsRun(_) | StoreError::Busy => Some("try again in a moment".to_owned()),
            StoreError::Denied { path, .. } => {
                Some(format!("look at its owner and rights: ls -ld {}", path.display()))
            }
            StoreError::Folder { .. } => Some("name another folder with SVS_STATE_DIR".to_owned()),
            StoreError::Missing(_) => Some("it is made by the first `svs run` or `svs ask`".to_owned()),
            StoreError::Damaged { path, .. } => Some(format!(
                "restore it from a backup, or move it away and accept that today's budgets start anew: \
                 mv {0} {0}.damaged",
                path.display()
            )),
            StoreError::NewerSchema { .. } => Some("install the newer svs again".to_owned()),
            StoreError::Full => Some("make room on the disk; svs goes on by itself".to_owned()),
            _ => None,
        }
    }

    /// SQLite's refusal, seen while `path` was used.
    pub(super) fn at(error: rusqlite::Error, path: &Path) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                StoreError::Damaged { path: path.to_owned(), why: "is not a database".to_owned() }
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                StoreError::Damaged { path: path.to_owned(), why: "is damaged".to_owned() }
            }
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::Folder { path: path.to_owned(), why: error.to_string() }
            }
            _ => error.into(),
        }
    }

    /// The file system's refusal, seen while the folder `path` was prepared.
    pub(super) fn folder(error: &io::Error, path: &Path) -> StoreError {
        StoreError::Folder { path: path.to_owned(), why: error.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                StoreError::Io(error.to_string())
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                StoreError::Damaged { path: PathBuf::from(super::DATABASE), why: "is damaged".to_owned() }
            }
            _ => StoreError::Sqlite(error.to_string()),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> StoreError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
            _ => StoreError::Io(error.to_string()),
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> CommandError {
        let failure = CommandError::new(error.kind(), error.to_string());
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
