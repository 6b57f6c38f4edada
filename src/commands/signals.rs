//! The signals that end a command which has something to put back first: a folder, a terminal.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{CommandError, ErrorKind};
use crate::ui::Exit;

/// A signal that came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::commands) enum Came {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// The terminal is gone.
    Hangup,
}

impl Came {
    /// How two servers end: who starts them in the background ends them with SIGTERM, and all is well.
    pub(in crate::commands) fn ends_service(self) -> Result<Exit, CommandError> {
        match self {
            Came::Interrupt => Err(interrupted()),
            Came::Terminate | Came::Hangup => Ok(Exit::OK),
        }
    }

    /// How a conversation ends that was not over.
    pub(in crate::commands) fn ends_talk(self) -> Result<Exit, CommandError> {
        match self {
            Came::Interrupt => Err(interrupted()),
            Came::Terminate => Ok(Exit(143)),
            Came::Hangup => Ok(Exit(129)),
        }
    }
}

fn interrupted() -> CommandError {
    CommandError::new(ErrorKind::Interrupted, "interrupted")
}

/// The signals that end a command.
pub(in crate::commands) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// From now on they are waited for.
    pub(in crate::commands) fn listen() -> Result<Signals, CommandError> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                CommandError::new(ErrorKind::Bug, "signals cannot be received").caused_by(&error)
            })
        };
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// The next that comes.
    pub(in crate::commands) async fn next(&mut self) -> Came {
        tokio::select! {
            _ = self.interrupt.recv() => Came::Interrupt,
            _ = self.terminate.recv() => Came::Terminate,
            _ = self.hangup.recv() => Came::Hangup,
        }
    }
}
