//! The pool a configuration describes, before anything has happened to it.

use std::sync::Arc;

use crate::clock::pacific_calendar;
use crate::config::Config;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::roster::{KeySpec, Roster};
use crate::domain::time::Timestamp;

/// The keys of a configuration, without their secrets.
pub(crate) fn roster_of(config: &Config) -> Roster {
    let spec = |key: &crate::config::ConfiguredKey| KeySpec {
        id: key.id,
        fingerprint: key.fingerprint,
        project: key.project.clone(),
        limits: key.limits.clone(),
    };
    Roster::from(config.keys.iter().map(spec).collect::<Vec<_>>())
}

/// A pool that has sent nothing yet.
pub(crate) fn unused_pool(config: &Config, now: Timestamp) -> KeyPool {
    KeyPool::new(Arc::new(roster_of(config)), Arc::new(config.rules.clone()), Arc::new(pacific_calendar(now)))
}
