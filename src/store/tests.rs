//! The store against a real file, and real processes where one is not enough.

mod files;
mod group;
mod memory;
mod messages;
mod people;
mod processes;
mod records;
mod speed;

use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{Access, CellKey, Store, StoreError};
use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// Monday, 2026-11-23T12:00:00Z.
const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);

#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Counter {
    n: u64,
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for a test")
}

/// A store in an empty folder, and the clock it goes by.
fn fresh() -> (TempDir, Store, Clock) {
    let dir = folder();
    let clock = Clock::manual(NOON);
    let store = Store::open(dir.path(), clock.clone()).expect("an empty folder becomes a store");
    (dir, store, clock)
}

fn open(dir: &Path, access: Access) -> Result<Store, StoreError> {
    Store::open_as(dir, Clock::manual(NOON), access)
}

fn count(store: &Store, key: CellKey) -> impl Future<Output = Result<u64, StoreError>> + Send + use<> {
    store.commit(move |tx| Ok(tx.update_cell(&key, |counter: &mut Counter, _| counter.n += 1)?.1.n))
}

async fn counted(store: &Store, key: CellKey) -> u64 {
    store.read(move |tx| tx.read_cell::<Counter>(&key)).await.expect("a readable cell").n
}
