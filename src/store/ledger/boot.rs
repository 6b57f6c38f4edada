//! What a start must know of the last run, and what a run must leave behind.
//!
//! A commit survives the death of the process at once, but the loss of power only once it is synced. So the
//! first write after a clean end puts a mark, `dirty`, and syncs it before any answer; only a daemon that
//! stopped in order and synced takes it away. Whoever finds the mark under another boot id knows that the last
//! debits may be missing: `boot_charge_due` stays set until the charge that makes up for them is committed.

use std::fs;

use rusqlite::{Connection, TransactionBehavior};

use crate::clock::Clock;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// Raises the clock to the stored high water and, where the store may write, puts the mark. True if this start put
/// it: it must be synced before anything is answered.
pub(in crate::store) fn open(
    connection: &mut Connection,
    clock: &Clock,
    may_write: bool,
) -> Result<bool, StoreError> {
    let boot = boot_id();
    let seen = |tx: &Tx<'_>| -> Result<(bool, bool), StoreError> {
        let dirty = tx.meta::<i64>("dirty")?.unwrap_or(0) != 0;
        Ok((dirty, tx.meta::<String>("boot_id")?.is_some_and(|stored| !stored.is_empty() && stored == boot)))
    };
    let (dirty, same_boot) = {
        let tx = Tx::new(connection, clock);
        if let Some(high_water) = tx.meta::<i64>("high_water")? {
            clock.raise_to(from_ms(high_water));
        }
        seen(&tx)?
    };
    if !may_write || (dirty && same_boot) {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tx = Tx::new(&transaction, clock);
    // Read again under the lock: of several first commands after a boot, one finds it out.
    let (dirty, same_boot) = seen(&tx)?;
    if dirty && !same_boot {
        tx.set_meta("boot_charge_due", 1)?;
    }
    tx.set_meta("dirty", 1)?;
    tx.set_meta("boot_id", &boot)?;
    tx.set_meta("high_water", ms(tx.now()))?;
    transaction.commit()?;
    Ok(true)
}

/// Takes the mark away and brings everything to the disk. Only for a store that nobody shares.
pub(in crate::store) fn close(connection: &Connection, clock: &Clock) -> Result<(), StoreError> {
    let tx = Tx::new(connection, clock);
    connection.execute_batch("BEGIN IMMEDIATE")?;
    tx.set_meta("dirty", 0)?;
    tx.set_meta("high_water", ms(tx.now()))?;
    connection.execute_batch("COMMIT")?;
    // Syncs the log before it copies, and the database after it.
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

impl Tx<'_> {
    /// Whether the charge after an unclean boot has not been made yet: each project × model owes its per-minute
    /// maximum once.
    pub(crate) fn boot_charge_due(&self) -> Result<bool, StoreError> {
        Ok(self.meta::<i64>("boot_charge_due")?.unwrap_or(0) != 0)
    }

    /// The charge is made, in this transaction.
    pub(crate) fn boot_charge_made(&mut self) -> Result<(), StoreError> {
        self.set_meta("boot_charge_due", 0)
    }
}

/// Names the machine's present boot; empty, which is never the same boot, where the kernel does not tell.
fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}
