//! The stored state: one SQLite file, one thread that writes it, many transactions in one commit.
//!
//! - `folder`, `lock`: whose state this is, and who may open it. `schema`: its tables.
//! - `handle`: [`Store`], what others hold. `writer`: the thread behind it. `keeper`: a second thread that waits for
//!   the disk. `tally`: what has been committed so far.
//! - `tx`: one transaction. Its verbs are beside what they are about: `ledger/` (versioned cells), `records/`
//!   (users, history, requests, sends), `inbox`, `outbox`, `housekeeping`.
//!
//! **Invariant:** `commit` answers only after its transaction is in the write-ahead log, which survives the
//! death of the process. **Invariant:** a damaged or foreign file is refused, never replaced.

mod error;
mod folder;
mod handle;
mod housekeeping;
mod inbox;
mod keeper;
mod ledger;
mod lock;
mod outbox;
mod records;
mod schema;
mod tally;
mod tx;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use error::StoreError;
pub(crate) use handle::Store;
pub(crate) use inbox::{Ending, InboxRow, Incoming, MAX_ATTEMPTS, UpdateRecord};
pub(crate) use ledger::CellKey;
pub(crate) use lock::Access;
pub(crate) use outbox::{
    Content, FILE_PARTS, Formatted, OpenPart, OutboxRow, PendingRow, RowButtons, SaidRow, SentFile, Shown,
};
pub(crate) use records::{
    Asked, Cleared, Erased, KeyFacts, OfflineChange, Question, RequestEnd, RequestFact, RequestRecord, Seen,
    SendEnd, SendId, SendRecord, SettledSend, StoredCheck, User,
};
pub(crate) use tally::UpdateCounts;
pub(crate) use tx::Tx;

/// The database's file name in the state folder.
const DATABASE: &str = "svs.db";
