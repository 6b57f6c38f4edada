//! What was, through the socket.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::gateway::{RecentRequest, UsageBy};

/// Which usage is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct UsageQuery {
    /// What it is counted by.
    pub(crate) by: UsageBy,
    /// From when on.
    pub(crate) since: Timestamp,
}

/// Which sends are to be judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VerifyQuery {
    /// From when on.
    pub(crate) since: Timestamp,
}

/// The requests that a ref was shown for, newest first, as many as somebody looks through.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecentRequests {
    /// The newest first.
    pub(crate) requests: Vec<RecentRequest>,
}
