//! What is wrong with a configuration, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{CommandError, ErrorKind};

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A place in a file, line and column counted from 1; line 0: the file as a whole.
    File { path: Arc<PathBuf>, line: u32, column: u32 },
    /// A variable of the environment.
    Env(String),
    /// A variable in a `.env` file.
    DotEnv { path: Arc<PathBuf>, line: u32, name: String },
    /// The content of a file that a `*_FILE` variable, a `key_file` or `$CREDENTIALS_DIRECTORY` names.
    SecretFile(PathBuf),
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line: 0, .. } => write!(f, "{}", path.display()),
            Origin::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Origin::Env(name) => write!(f, "environment {name}"),
            Origin::DotEnv { path, line, name } => write!(f, "{}:{line} {name}", path.display()),
            Origin::SecretFile(path) => write!(f, "{}", path.display()),
            Origin::Flag(flag) => f.write_str(flag),
        }
    }
}

/// One thing that must be put right before svs can work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Problem {
    /// `Config`, or `Denied` when permissions are the matter.
    pub(crate) kind: ErrorKind,
    /// What is wrong: a lower-case fragment that begins with the setting's name and never holds a secret.
    pub(crate) message: String,
    /// Where.
    pub(crate) origin: Origin,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Default => f.write_str(&self.message),
            origin => write!(f, "{origin}: {}", self.message),
        }
    }
}

impl std::error::Error for Problem {}

/// Something an operator should know, although svs can work with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Warning {
    /// What is odd; never holds a secret.
    pub(crate) message: String,
    /// Where.
    pub(crate) origin: Origin,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Default => f.write_str(&self.message),
            origin => write!(f, "{origin}: {}", self.message),
        }
    }
}

/// One error of all problems: exit code 77 when any of them is about permissions, else 78.
pub(crate) fn into_command_error(problems: &[Problem]) -> CommandError {
    let denied = problems.iter().any(|problem| problem.kind == ErrorKind::Denied);
    let kind = if denied { ErrorKind::Denied } else { ErrorKind::Config };
    let mut error = match problems {
        [only] => CommandError::new(kind, only.to_string()),
        _ => CommandError {
            causes: problems.iter().map(ToString::to_string).collect(),
            ..CommandError::new(kind, format!("the configuration has {} problems", problems.len()))
        },
    };
    for hint in problems.iter().filter_map(|problem| problem.hint.as_ref()) {
        if !error.hints.contains(hint) {
            error.hints.push(hint.clone());
        }
    }
    error
}
