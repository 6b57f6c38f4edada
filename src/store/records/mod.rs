//! Records: who the users are, what was said, what was asked, what was sent.

mod asked;
mod changes;
mod chats;
mod forget;
mod history;
mod keys;
mod registry;
mod requests;
mod sends;
mod users;

pub(crate) use asked::{Asked, Question};
pub(crate) use changes::OfflineChange;
pub(crate) use forget::Erased;
pub(crate) use history::Cleared;
pub(crate) use keys::{KeyFacts, StoredCheck};
#[cfg(test)]
pub(crate) use requests::BUCKETS_A_DAY;
pub(crate) use requests::{RequestEnd, RequestFact, RequestRecord};
pub(crate) use sends::{SendEnd, SendId, SendRecord, SettledSend};
pub(crate) use users::{Seen, User};
