//! The process around a command: what it hides from other processes, how it ends when svs itself is wrong,
//! and the runtime of commands that need one.

use std::panic::{self, AssertUnwindSafe};

use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::error::{CommandError, ErrorKind};
use crate::ui;

/// Keeps secrets in memory from other processes of the same user and from core files, and files from other users.
/// Where the system refuses (a sandbox without prctl), svs works all the same.
pub(crate) fn harden() {
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Runs `work`; a panic in it becomes one scrubbed line and `None`. A panic in a task of the daemon prints its line
/// here too, and ends only that task.
pub(crate) fn catch_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        let message = format!("svs met a bug{place}: {}", said(info.payload()));
        if tracing::dispatcher::has_been_set() {
            tracing::error!("svs met a bug{place}: please report this line");
            // Its words may quote a text that somebody wrote: slicing one between letters does.
            tracing::debug!("{message}");
        } else {
            ui::note(&format!("error: {}\nhint: please report this line", ui::text::harmless(&message)));
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The message of a panic.
fn said(payload: &(dyn std::any::Any + Send)) -> &str {
    let literal = payload.downcast_ref::<&'static str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Runs `work` on a new runtime of this thread. Only commands that wait for something make one.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        CommandError::new(ErrorKind::State, "the system refuses what svs needs to wait").caused_by(&error)
    })?;
    let result = runtime.block_on(work);
    // A blocking task that still reads standard input must not hold the process.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_what_it_was_given() {
        assert_eq!(said(&"literal"), "literal");
        assert_eq!(said(&"owned".to_owned()), "owned");
        assert_eq!(said(&42), "no message");
    }
}
