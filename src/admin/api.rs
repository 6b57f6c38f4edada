//! What goes through the control socket, for both ends. Times are milliseconds since 1970, spans milliseconds.
//!
//! Version 1 only ever grows: a field may be added, none is taken away or changes its meaning.

use serde::{Deserialize, Serialize};

pub(crate) use super::target::{KickTarget, UnknownTarget};
use crate::domain::chat::{Notice, UserId};
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};

/// Where the verbs are.
pub(crate) mod path {
    /// `GET`: [`super::Status`].
    pub(crate) const STATUS: &str = "/v1/status";
    /// `GET`: [`super::VipList`]; `DELETE` below it with a [`super::KickRequest`]: [`super::Kicked`].
    pub(crate) const VIP: &str = "/v1/vip";
    /// `POST` a [`super::CheckRequest`]: lines of [`super::CheckEvent`].
    pub(crate) const KEYS_CHECK: &str = "/v1/keys/check";
    /// `POST` an [`super::AskRequest`]: lines of [`super::AskEvent`].
    pub(crate) const ASK: &str = "/v1/ask";
    /// `GET`: the snapshot of the pool, as `domain` writes it.
    pub(crate) const SNAPSHOT: &str = "/v1/snapshot";
}

/// Why a verb failed: a [`CommandError`] on its way through the socket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The kind's name; an unknown one counts as `unavailable`.
    pub(crate) code: String,
    /// What happened.
    pub(crate) message: String,
    /// Why, outermost first.
    #[serde(default)]
    pub(crate) causes: Vec<String>,
    /// What to do next.
    #[serde(default)]
    pub(crate) hints: Vec<String>,
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Failure {
        Failure {
            code: error.kind.name().to_owned(),
            message: error.message,
            causes: error.causes,
            hints: error.hints,
        }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> CommandError {
        let kind = ErrorKind::named(&failure.code).unwrap_or(ErrorKind::Unavailable);
        CommandError { kind, message: failure.message, causes: failure.causes, hints: failure.hints }
    }
}

/// How the daemon is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    /// Its version.
    pub(crate) version: String,
    /// Its process.
    pub(crate) pid: u32,
    /// The time of this answer.
    pub(crate) now: Timestamp,
    /// When it started.
    pub(crate) started_at: Timestamp,
    /// The latest successful getUpdates; none before the first.
    pub(crate) last_poll: Option<Timestamp>,
    /// Requests waiting for a key.
    pub(crate) queue: u32,
    /// Requests being answered.
    pub(crate) running: u32,
    /// Messages waiting to be sent to Telegram.
    pub(crate) outbox: u32,
    /// Keys by group, then the router keys; groups without keys are left out.
    pub(crate) keys: Vec<KeyCounts>,
    /// Budgets of the quota day per model.
    pub(crate) budgets: Vec<Budget>,
    /// The midnight at which budgets are renewed.
    pub(crate) resets_at: Timestamp,
    /// VIP seats taken.
    pub(crate) seats_taken: u32,
    /// VIP seats in all.
    pub(crate) seats: u32,
    /// Resident memory in bytes, where the system tells.
    pub(crate) rss: Option<u64>,
    /// What svs itself adds to an answer, median of late, in microseconds; none before the first answer.
    pub(crate) overhead_p50_us: Option<u64>,
    /// Log lines that found no room.
    pub(crate) log_lines_dropped: u64,
    /// The latest failures, oldest first.
    pub(crate) recent_failures: Vec<RecentFailure>,
}

/// The keys of one group. The states are apart: `total` is their sum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyCounts {
    /// The group; none: the router keys.
    pub(crate) group: Option<Group>,
    /// All of them.
    pub(crate) total: u32,
    /// Could serve now, or after their cooldown.
    pub(crate) ready: u32,
    /// Waiting for a minute limit.
    pub(crate) limited: u32,
    /// Their budgets of the day are spent.
    pub(crate) exhausted: u32,
    /// Out for some time after strikes.
    pub(crate) blacklisted: u32,
    /// Definitely rejected.
    pub(crate) rejected: u32,
}

/// The budget of one model over all projects.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Budget {
    /// The model.
    pub(crate) model: ModelSlot,
    /// Sends of this quota day.
    pub(crate) used: u64,
    /// Sends allowed in it.
    pub(crate) allowed: u64,
}

/// A failure of late, without content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecentFailure {
    /// When.
    pub(crate) at: Timestamp,
    /// What, scrubbed.
    pub(crate) message: String,
}

/// The VIP room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipList {
    /// When it looked like this.
    pub(crate) as_of: Timestamp,
    /// Seats in all.
    pub(crate) seats: u32,
    /// Who sits, by seat.
    pub(crate) sessions: Vec<VipSession>,
}

/// One VIP session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct VipSession {
    /// The seat, counted from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The role.
    pub(crate) role: Role,
    /// Since when.
    pub(crate) since: Timestamp,
    /// The latest message.
    pub(crate) last_active: Timestamp,
    /// When the session ends if nothing happens.
    pub(crate) expires_at: Timestamp,
    /// Rounds of the session.
    pub(crate) rounds: u32,
    /// Messages waiting.
    pub(crate) queue: u32,
}

/// How a kick is done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct KickRequest {
    /// What the user is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// How long no seat can be taken again; none: as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ban_ms: Option<u64>,
    /// Do not tell the user.
    #[serde(default)]
    pub(crate) silent: bool,
    /// Only say who would be kicked.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Who was kicked, or would be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Kicked {
    /// The sessions as they were.
    pub(crate) sessions: Vec<VipSession>,
    /// Until when they cannot take a seat again.
    pub(crate) banned_until: Option<Timestamp>,
    /// Nothing was done.
    pub(crate) dry_run: bool,
}

/// Which keys to check. Without group and key: all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CheckRequest {
    /// Of these groups.
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    /// These keys.
    #[serde(default)]
    pub(crate) keys: Vec<KeyId>,
    /// How many at a time, 1….
    pub(crate) concurrency: u32,
}

/// One line of the answer to a check.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum CheckEvent {
    /// How many keys there will be.
    Started { total: u32 },
    /// One key is done.
    Checked(CheckedKey),
    /// It could not go on.
    Failed(Failure),
}

/// What a check says of a key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct CheckedKey {
    /// Its place.
    pub(crate) key: KeyId,
    /// The last characters of the secret, by which operators know it; none if it is too short for that.
    pub(crate) tail: Option<String>,
    /// Its quota domain.
    pub(crate) project: String,
    /// What Google says.
    pub(crate) state: KeyState,
    /// Why, in Google's words, scrubbed.
    pub(crate) reason: Option<String>,
    /// Where to read on.
    #[serde(default)]
    pub(crate) help_url: Option<String>,
    /// How long the answer took.
    pub(crate) ms: u64,
    /// Configured models that Google does not list for this key.
    #[serde(default)]
    pub(crate) missing: Vec<MissingModel>,
    /// The project Google names for this key, where it does.
    #[serde(default)]
    pub(crate) consumer: Option<String>,
}

/// A configured model that Google does not list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct MissingModel {
    /// The job it was to do.
    pub(crate) model: ModelSlot,
    /// The configured id.
    pub(crate) id: String,
    /// The listed id most like it.
    pub(crate) nearest: Option<String>,
}

/// What Google says of a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    /// It is good.
    Ok,
    /// Good, but it has been asked too much of late.
    Limited,
    /// Definitely rejected: not valid, expired, leaked, of a kind that is no longer taken.
    Invalid,
    /// Restricted to other APIs, referrers or addresses, or its project does not have the API enabled.
    Blocked,
    /// Its project is suspended, denied, or has no credit.
    Suspended,
    /// Google does not serve this region.
    Region,
    /// Google could not be reached, or answered with an error of its own.
    Unreachable,
}

impl KeyState {
    /// The word in output and JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            KeyState::Ok => "ok",
            KeyState::Limited => "limited",
            KeyState::Invalid => "invalid",
            KeyState::Blocked => "blocked",
            KeyState::Suspended => "suspended",
            KeyState::Region => "region",
            KeyState::Unreachable => "unreachable",
        }
    }
}

/// A question from the shell. It has no user: no seat, no cap, no memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct AskRequest {
    /// The question.
    pub(crate) text: String,
    /// Whose rights it has; none: as configured.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// A system instruction.
    #[serde(default)]
    pub(crate) system: Option<String>,
    /// The model; none: by what the text asks for.
    #[serde(default)]
    pub(crate) model: Option<ModelSlot>,
    /// The longest answer.
    #[serde(default)]
    pub(crate) max_output_tokens: Option<u32>,
    /// 0…2.
    #[serde(default)]
    pub(crate) temperature: Option<f32>,
    /// A JSON schema the answer must follow.
    #[serde(default)]
    pub(crate) schema: Option<serde_json::Value>,
}

/// One line of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum AskEvent {
    /// No key is ready; the place in the queue, and when one may be.
    Waiting { position: u32, retry_at: Option<Timestamp> },
    /// A model answers.
    Started { model: ModelSlot, wished: ModelSlot },
    /// The next piece of text.
    Text { text: String },
    /// The end of an answer.
    Done(Answered),
    /// There is no answer.
    Failed(Failure),
}

/// The end of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// The whole text.
    pub(crate) text: String,
    /// How it ended: `complete`, `truncated`, `cut`, `incomplete`.
    pub(crate) finish: String,
    /// Which model answered.
    pub(crate) model: ModelSlot,
    /// Which was wished for.
    pub(crate) wished: ModelSlot,
    /// What svs has to say of it.
    #[serde(default)]
    pub(crate) notices: Vec<Notice>,
    /// The key that served.
    pub(crate) key: KeyId,
    /// The name of the request.
    pub(crate) reference: String,
    /// Tokens of the question.
    pub(crate) prompt_tokens: u32,
    /// Tokens of the answer, thoughts included.
    pub(crate) output_tokens: u32,
}
