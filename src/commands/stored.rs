//! The stored state for commands that only look and find no daemon.

use std::sync::Arc;

use super::Ctx;
use crate::config::Config;
use crate::error::CommandError;
use crate::store::{Access, Store, StoreError};

/// The configuration, and the state where there is one. Close the store when done.
pub(super) fn open(ctx: &Ctx) -> Result<(Arc<Config>, Option<Store>), CommandError> {
    let config = ctx.load()?.config;
    match Store::open_as(&config.state_dir, ctx.clock.clone(), Access::AtRest) {
        Ok(store) => Ok((config, Some(store))),
        Err(StoreError::Missing(_)) => Ok((config, None)),
        Err(error) => Err(error.into()),
    }
}

/// What is said beside a report that no daemon gave.
pub(super) const NOTE: &str = "no daemon runs: this is the stored state";
