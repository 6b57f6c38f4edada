//! A debit that cannot be forgotten: whoever holds a lease settles it, or drops it, and then one task settles it as
//! abandoned. Only a guard's `Drop` sees a request that was cancelled or panicked.

use tokio::sync::mpsc;

use super::course::Attempt;

/// An attempt whose lease is settled in any case.
pub(super) struct Guard {
    attempt: Option<Attempt>,
    abandoned: mpsc::UnboundedSender<Attempt>,
}

impl Guard {
    /// Guards an attempt; if it is dropped, it goes to `abandoned`.
    pub(super) fn new(attempt: Attempt, abandoned: mpsc::UnboundedSender<Attempt>) -> Guard {
        Guard { attempt: Some(attempt), abandoned }
    }

    /// Which key and model to ask; none once taken.
    pub(super) fn attempt(&self) -> Option<&Attempt> {
        self.attempt.as_ref()
    }

    /// The attempt, to be settled by the caller in its next transaction.
    pub(super) fn take(mut self) -> Option<Attempt> {
        self.attempt.take()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            // The receiver goes only with the process; then the lease's deadline settles it.
            let _ = self.abandoned.send(attempt);
        }
    }
}
