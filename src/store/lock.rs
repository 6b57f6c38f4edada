//! Who may open the ledger: one daemon, or any number of direct commands.
//!
//! Two lock files, because a daemon that waits for direct commands must already keep a second daemon and new
//! direct commands out:
//!
//! ```text
//!   daemon:  daemon.lock exclusive (at once, or another daemon runs) → ledger.lock exclusive (waits)
//!   direct:  daemon.lock shared    (at once, or a daemon runs)       → ledger.lock shared → daemon.lock released
//! ```

use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::StoreError;
use super::folder::Folder;

/// How a store is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// As the daemon, alone for as long as the store is open.
    Daemon,
    /// As a command that works on the state itself, beside others.
    Direct,
    /// To look only: takes no lock, makes nothing; a missing state is [`StoreError::Missing`].
    ReadOnly,
    /// The same, and not a byte of any file is touched. For a process that has the state open nowhere else, and looks
    /// for a moment: it may miss a daemon that starts meanwhile.
    AtRest,
}

impl Access {
    /// Whether anything may be changed.
    pub(super) const fn may_write(self) -> bool {
        matches!(self, Access::Daemon | Access::Direct)
    }
}

/// How long the daemon waits for direct commands to end.
const COMMANDS_PATIENCE: Duration = Duration::from_secs(90);
/// How long a daemon looks whether `daemon.lock` is only held for the moment a direct command starts.
const DAEMON_PATIENCE: Duration = Duration::from_millis(500);

/// The locks, held until dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _daemon: Option<File>,
    _ledger: File,
}

impl Lock {
    /// Takes the locks for `access`; none are needed to read.
    pub(super) fn take(folder: &Folder, access: Access) -> Result<Option<Lock>, StoreError> {
        let daemon_runs = || StoreError::DaemonRuns(folder.path().to_owned());
        let commands_run = || StoreError::CommandsRun(folder.path().to_owned());
        match access {
            Access::ReadOnly | Access::AtRest => Ok(None),
            Access::Daemon => {
                let daemon = folder.lock_file("daemon.lock")?;
                if !within(DAEMON_PATIENCE, &daemon, FlockOperation::NonBlockingLockExclusive)? {
                    return Err(daemon_runs());
                }
                let ledger = folder.lock_file("ledger.lock")?;
                if !within(COMMANDS_PATIENCE, &ledger, FlockOperation::NonBlockingLockExclusive)? {
                    return Err(commands_run());
                }
                Ok(Some(Lock { _daemon: Some(daemon), _ledger: ledger }))
            }
            Access::Direct => {
                let daemon = folder.lock_file("daemon.lock")?;
                if !within(Duration::ZERO, &daemon, FlockOperation::NonBlockingLockShared)? {
                    return Err(daemon_runs());
                }
                let ledger = folder.lock_file("ledger.lock")?;
                if !within(DAEMON_PATIENCE, &ledger, FlockOperation::NonBlockingLockShared)? {
                    return Err(daemon_runs());
                }
                Ok(Some(Lock { _daemon: None, _ledger: ledger }))
            }
        }
    }
}

/// Tries a lock until it is got or `patience` is over; flock itself has no deadline.
fn within(patience: Duration, file: &File, operation: FlockOperation) -> Result<bool, StoreError> {
    let started = Instant::now();
    loop {
        match flock(file, operation) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK) if started.elapsed() >= patience => return Ok(false),
            Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(StoreError::Io(error.to_string())),
        }
    }
}
