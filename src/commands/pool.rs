//! The pool a configuration describes, before anything has happened to it.

use std::sync::Arc;

use crate::clock::pacific_calendar;
use crate::config::Config;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::time::Timestamp;
use crate::gateway::roster_of;

/// A pool that has sent nothing yet.
pub(crate) fn unused_pool(config: &Config, now: Timestamp) -> KeyPool {
    KeyPool::new(Arc::new(roster_of(config)), Arc::new(config.rules.clone()), Arc::new(pacific_calendar(now)))
}
