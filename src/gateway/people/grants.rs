//! Grants that end by time.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::People;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::gateway::hub::{Gateway, Shared};
use crate::gateway::standing::is_owner;
use crate::store::StoreError;

/// Grants ended in one transaction.
const BATCH: u32 = 100;
/// The longest sleep until a grant runs out: a suspended machine does not count it.
const LONGEST_NAP: Duration = Duration::from_mins(10);
/// The pause after the store failed.
const AFTER_STORE_ERROR: Duration = Duration::from_secs(5);

/// Ends grants when they run out, for as long as the gateway lives: the seat goes with the role, and the person is
/// told. Who writes meanwhile is looked up by time, whether or not this has run.
pub(in crate::gateway) async fn keep_grants(shared: Weak<Shared>) {
    loop {
        let Some(gateway) = shared.upgrade().map(|shared| Gateway { shared }) else { return };
        let wait = match gateway.people().end_grants().await {
            Ok(next) => next.map_or(LONGEST_NAP, |next| next.since(gateway.shared.clock.now())),
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::error!(%error, "grants that have run out cannot be ended");
                AFTER_STORE_ERROR
            }
        };
        let changed = Arc::clone(&gateway.shared.grants_changed);
        drop(gateway);
        tokio::select! {
            () = tokio::time::sleep(wait.min(LONGEST_NAP)) => {}
            () = changed.notified() => {}
        }
    }
}

impl People {
    /// Ends the grants that have run out; says when the next one does.
    async fn end_grants(&self) -> Result<Option<Timestamp>, StoreError> {
        let terms = self.terms.clone();
        let ended = self.store.commit(move |tx| {
            for user in tx.grants_run_out(tx.now(), BATCH)? {
                let is_owner = is_owner(&terms.config, tx, user.id)?;
                // An owner is one with or without a grant.
                let was =
                    if is_owner { Role::Owner } else { user.granted.unwrap_or(Role::Guest).min(Role::Vip) };
                terms.regrant(tx, user.id, was, None, is_owner)?;
            }
            tx.next_grant_end()
        });
        ended.await
    }
}
