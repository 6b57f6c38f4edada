//! Where rules meet the world: one request from admission to its stored answer.
//!
//! - `hub`: [`Gateway`], what the shells hold. `ask`: the words of a request, and its course from attempt to attempt.
//! - `decide`: what to do next, inside one transaction of the ledger. `lease`: a debit that cannot be forgotten.
//! - `queue`: who waits for a key. `dispatch`: who calls them. `parked`: who waits without a task. `prompt`: what Gemini is asked. `people`: roles and bans. `standing`: as whom somebody asks. `room`, `seats`: the VIP
//!   room for operators and for vips. `vip`: who runs what. `check`: whether Google takes our keys.
//! - `keys`: each key, and what operators do with it; `key_stats`: how it did.
//! - `status`: how it all is, `headline`: in one line; `pulse`: how much there is to do. `trace`, `usage`: what is kept of the past; `name`: the
//!   ref that leads there. `verify`: the proof that no limit was passed. `told`: what is said without an answer.
//! - `spans`: what a tracing system is told.
//! - `housekeeping`: what must be done once in a while.
//!
//! Nothing here speaks to a person: an answer is stored with the rows its shell asks for, and what svs has to say
//! of itself is a `domain::Notice`, a fact without words.
//!
//! **Invariant:** no lock is held and no transaction is open while Gemini is being asked.

mod admit;
mod ask;
mod check;
mod course;
mod decide;
mod dispatch;
mod finish;
mod headline;
mod housekeeping;
mod hub;
mod key_stats;
mod keys;
mod lease;
mod name;
mod parked;
mod people;
mod prompt;
mod pulse;
mod queue;
mod reload;
mod room;
mod seats;
mod serve;
mod spans;
mod standing;
mod status;
mod told;
mod trace;
mod usage;
mod verify;
mod vip;

pub(crate) use ask::{Answer, AnswerEvent, Ask, AskError, Asker, RowsFor, Stop};
pub(crate) use check::{KnownFacts, Learned, Probed};
pub(crate) use hub::{Gateway, roster_of, stored_snapshot};
pub(crate) use key_stats::{KeyStat, KeyStats, key_stats};
pub(crate) use keys::{ChangedKey, ChangedKeys, KeyChange, KeyOrder, change_stored_keys, stored_keys};
pub(crate) use name::internal_error;
pub(crate) use parked::{Place, Recalled, Untold};
pub(crate) use people::{People, PeopleFilter, PersonError, PersonView};
pub(crate) use pulse::Pulse;
pub(crate) use room::{GrantOrder, KickOrder, Room, SeatGrant, Session, kicked, stored_room};
pub(crate) use status::{Gauges, Status, Updates};
pub(crate) use trace::{RecentRequest, Trace, TracedMessage, TracedRequest, TracedSend, trace};
pub(crate) use usage::{Usage, UsageBy, UsageRow, usage};
pub(crate) use verify::{UsedKey, Verified, verify};
