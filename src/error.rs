//! What a failed command tells its operator: what happened, why, what to type next, and which exit code says so.

use std::fmt;

/// The kind of a failure; it alone decides the exit code (`svs help exit-codes`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ErrorKind {
    /// The negative answer of a question, or a warning.
    Negative,
    /// Critical, as monitoring plugins mean it.
    Critical,
    /// The state could not be told.
    Unknown,
    /// The command line is wrong.
    Usage,
    /// The input data is wrong.
    BadInput,
    /// No such session, user or key.
    NotFound,
    /// The daemon or upstream does not answer.
    Unavailable,
    /// svs itself is wrong.
    Bug,
    /// A file cannot be written.
    CannotWrite,
    /// The stored state cannot be read or written.
    State,
    /// Not now: quota, rate limit, or somebody else holds the lock.
    TryAgain,
    /// Not allowed.
    Denied,
    /// The configuration is wrong.
    Config,
    /// Ended by Ctrl-C.
    Interrupted,
}

impl ErrorKind {
    /// All kinds.
    const ALL: [ErrorKind; 14] = [
        ErrorKind::Negative,
        ErrorKind::Critical,
        ErrorKind::Unknown,
        ErrorKind::Usage,
        ErrorKind::BadInput,
        ErrorKind::NotFound,
        ErrorKind::Unavailable,
        ErrorKind::Bug,
        ErrorKind::CannotWrite,
        ErrorKind::State,
        ErrorKind::TryAgain,
        ErrorKind::Denied,
        ErrorKind::Config,
        ErrorKind::Interrupted,
    ];

    /// The kind of a word in JSON errors.
    pub(crate) fn named(name: &str) -> Option<ErrorKind> {
        ErrorKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The exit code: those of sysexits.h from 64 on, 0 to 3 as monitoring plugins mean them.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            ErrorKind::Negative => 1,
            ErrorKind::Critical => 2,
            ErrorKind::Unknown => 3,
            ErrorKind::Usage => 64,
            ErrorKind::BadInput => 65,
            ErrorKind::NotFound => 66,
            ErrorKind::Unavailable => 69,
            ErrorKind::Bug => 70,
            ErrorKind::CannotWrite => 73,
            ErrorKind::State => 74,
            ErrorKind::TryAgain => 75,
            ErrorKind::Denied => 77,
            ErrorKind::Config => 78,
            ErrorKind::Interrupted => 130,
        }
    }

    /// The word in JSON errors.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            ErrorKind::Negative => "negative",
            ErrorKind::Critical => "critical",
            ErrorKind::Unknown => "unknown",
            ErrorKind::Usage => "usage",
            ErrorKind::BadInput => "bad_input",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Bug => "bug",
            ErrorKind::CannotWrite => "cannot_write",
            ErrorKind::State => "state",
            ErrorKind::TryAgain => "try_again",
            ErrorKind::Denied => "denied",
            ErrorKind::Config => "config",
            ErrorKind::Interrupted => "interrupted",
        }
    }
}

/// A failure on its way to the operator. `ui::failure` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CommandError {
    /// What decides the exit code.
    pub(crate) kind: ErrorKind,
    /// What happened: a lower-case fragment.
    pub(crate) message: String,
    /// Why, outermost first.
    pub(crate) causes: Vec<String>,
    /// What to do next, with the command to type.
    pub(crate) hints: Vec<String>,
}

impl CommandError {
    /// A failure without cause or hint.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> CommandError {
        CommandError { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Adds a cause below those already named, and its own sources below it.
    #[must_use]
    pub(crate) fn caused_by(mut self, cause: &(dyn std::error::Error + 'static)) -> CommandError {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> CommandError {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {}
