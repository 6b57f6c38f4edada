//! The words of a request: who asks what, what is told meanwhile, and how it ends.

use tokio_util::sync::CancellationToken;

use super::parked::{Parked, Place};
use crate::domain::chat::{Continuation, ConversationId, Notice, Quote, RequestRef};
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::gemini::{Attachment, Finish, Picture, Usage};
use crate::store::{OutboxRow, StoreError};

/// What the shell wants committed together with an answer.
pub(crate) type RowsFor = Box<dyn FnOnce(&Answer) -> Vec<OutboxRow> + Send>;

/// A request.
pub(crate) struct Ask {
    /// The update that carries it: makes the request the same one after a crash.
    pub(crate) update_id: Option<i64>,
    /// Who asks.
    pub(crate) asker: Asker,
    /// The question.
    pub(crate) text: String,
    /// The message it replies to.
    pub(crate) quote: Option<Quote>,
    /// What it was answered so far, if that is to go on. The round that is stored has the whole answer, the [`Answer`]
    /// only what is new.
    pub(crate) continuation: Option<Continuation>,
    /// Files that belong to it.
    pub(crate) attachments: Vec<Attachment>,
    /// A system instruction instead of the configured one.
    pub(crate) system: Option<String>,
    /// The model the person asked for.
    pub(crate) model: Option<ModelSlot>,
    /// The longest answer in tokens.
    pub(crate) max_output_tokens: Option<u32>,
    /// 0…2.
    pub(crate) temperature: Option<f32>,
    /// A JSON schema the answer must follow.
    pub(crate) schema: Option<serde_json::Value>,
    /// When the request became first in its conversation: `max_wait` counts from here.
    pub(crate) headed_since: Timestamp,
    /// Stops the request.
    pub(crate) cancel: CancellationToken,
    /// What the shell wants committed together with the answer.
    pub(crate) rows: Option<RowsFor>,
    /// Keeps its lane in the shell when it is parked, and says which that is: from then on it may be recalled. None: it
    /// keeps its task.
    pub(crate) parks: Option<Box<dyn FnOnce() -> ConversationId + Send>>,
    /// The place in the line, for a request that was parked.
    pub(crate) place: Option<Place>,
}

impl Ask {
    /// What is kept of it when it is parked; none: it keeps its task.
    pub(super) fn park(&mut self) -> Option<Parked> {
        let update_id = self.update_id?;
        let lane = self.parks.take()?();
        Some(Parked { update_id, lane, headed_since: self.headed_since, is_told: false })
    }
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asker {
    /// A person in a chat, as whom they are when the request is let in.
    Chat {
        /// Where; memory is kept per conversation.
        conversation: ConversationId,
    },
    /// A shell: no seat, cap or memory.
    Shell {
        /// Whose rights it has.
        role: Role,
    },
}

/// What is told while a request runs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum AnswerEvent<'a> {
    /// No key is ready; the place in the line from 1, and when one may be.
    Waiting {
        /// The place in the line, from 1.
        position: usize,
        /// When its turn may come.
        retry_at: Timestamp,
    },
    /// A model was asked.
    Started {
        /// Which.
        model: ModelSlot,
        /// Which was wished for.
        wished: ModelSlot,
    },
    /// The next piece of the answer. From the first on the request is never sent again.
    Text(&'a str),
}

/// Who stopped a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// The person, or the caller went away.
    Caller,
    /// The VIP session was ended by the owner or an operator.
    Kicked,
    /// The person was shut out.
    Banned,
    /// Everything of the person was erased.
    Forgotten,
}

/// An answer.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Answer {
    /// The text.
    pub(crate) text: String,
    /// The pictures.
    pub(crate) pictures: Vec<Picture>,
    /// How it ended; `Incomplete` also for one that was stopped.
    pub(crate) finish: Finish,
    /// Who stopped it, if it was.
    pub(crate) stopped: Option<Stop>,
    /// The model that answered.
    pub(crate) model: ModelSlot,
    /// The model wished for, as far as the role is entitled.
    pub(crate) wished: ModelSlot,
    /// What is to be said besides.
    pub(crate) notices: Vec<Notice>,
    /// The key that served.
    pub(crate) key: KeyId,
    /// The name of the request, where it is shown with the answer: to a shell.
    pub(crate) reference: Option<RequestRef>,
    /// Tokens.
    pub(crate) usage: Usage,
    /// What the person may still ask today; none: unlimited, or nobody wants to know.
    pub(crate) left_today: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum AskError {
    /// Not served, for a reason that has nothing to do with the question.
    Refused(Notice),
    /// Tried, and failed; or blocked for safety.
    Failed(Notice),
    /// It waits, and runs again when it is recalled: this is not the end of it.
    Parked,
    /// Stopped before any text came.
    Stopped(Stop),
    /// The stored state cannot be read or written.
    State(StoreError),
}

impl From<StoreError> for AskError {
    fn from(error: StoreError) -> AskError {
        AskError::State(error)
    }
}
