//! Who speaks where: users, chats, conversations, rounds, and what the bot says of itself.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use super::language::Language;
use super::model::ModelSlot;
use super::role::Role;
use super::router::degradation::Degradation;
use super::time::Timestamp;

/// A Telegram user by numeric id. Telegram's ids exceed 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl UserId {
    /// Whether this is a person. Whoever writes in the name of a chat has the chat's id, which is negative.
    pub const fn is_person(self) -> bool {
        self.0 > 0
    }
}

/// Somebody as people name them: `42` or `@name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// By id, which is 1 or more.
    Id(UserId),
    /// Whoever last used this name here, without @.
    Name(String),
}

/// Text that names nobody.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a user id or @name is needed")]
pub struct UnknownWho;

impl FromStr for Who {
    type Err = UnknownWho;

    fn from_str(text: &str) -> Result<Who, UnknownWho> {
        if let Some(name) = text.strip_prefix('@') {
            let is_name = (1..=32).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return if is_name { Ok(Who::Name(name.to_owned())) } else { Err(UnknownWho) };
        }
        // A sign would make `+42` a second way to write a user.
        match text.parse() {
            Ok(id @ 1..) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Who::Id(UserId(id))),
            _ => Err(UnknownWho),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Id(id) => id.fmt(f),
            Who::Name(name) => write!(f, "@{name}"),
        }
    }
}

/// A Telegram chat by numeric id; groups are negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChatId(pub i64);

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One conversation: a user in a chat, in one of its topics. Memory and order are kept per conversation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ConversationId {
    /// The chat.
    pub chat: ChatId,
    /// The topic's message thread, none outside topics.
    pub topic: Option<i32>,
    /// The person.
    pub user: UserId,
}

impl ConversationId {
    /// Whether it is a person's own chat with us. Who writes in the name of a group has the group's id, too, and that
    /// is negative.
    pub const fn is_private(self) -> bool {
        self.chat.0 == self.user.0 && self.user.is_person()
    }
}

/// One user message and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Round {
    /// What the user wrote.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

/// Who said a turn of a prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person.
    User,
    /// Gemini.
    Model,
}

/// A message that a question replies to: material, not the person's own words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Quote {
    /// What it says, or the part of it that the person marked.
    pub text: String,
    /// Whether it is one of our own.
    pub is_ours: bool,
}

/// An answer that ended before its end, and is to go on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Continuation {
    /// What there is of it.
    pub so_far: String,
    /// The words that ask the model to go on.
    pub request: String,
}

/// One turn of a prompt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// The short name of one request that a user can pass on: `#K7QF`, without the hash sign.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestRef(pub String);

impl fmt::Display for RequestRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a button under a message of ours does when it is pressed. It is stored with its message; what Telegram hands
/// back names only the message's row and the button's place in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// Take /new back: the rounds up to `through`, which it hid, are seen again from `before` on.
    Undo { through: i64, before: i64 },
    /// Wait for a VIP seat, and be told when it is one's turn.
    TellMe,
    /// Take a VIP seat.
    EnterVip,
    /// Take a VIP seat again.
    RejoinVip,
    /// Give up the wish for a VIP seat.
    LeaveLine,
    /// Move the end of the VIP session.
    Renew,
    /// Ask the latest question again.
    Retry,
    /// Let the latest answer, which ends before its end, go on; `again`: that was tried and failed.
    Continue { again: bool },
    /// Begin a new conversation.
    New,
    /// Choose the model of one's questions; none: by the question.
    Model { slot: Option<ModelSlot> },
    /// Choose the language of the bot's own words.
    Language { language: Language },
}

impl Button {
    /// Whether it takes its turn in its conversation, as a question does. The others act at once.
    pub const fn is_in_order(self) -> bool {
        match self {
            Button::Retry | Button::Continue { .. } | Button::New => true,
            // Undo only moves the mark behind which rounds are seen; what runs is not touched.
            Button::Undo { .. }
            | Button::TellMe
            | Button::EnterVip
            | Button::RejoinVip
            | Button::LeaveLine
            | Button::Renew
            | Button::Model { .. }
            | Button::Language { .. } => false,
        }
    }
}

/// What the bot tells a person about itself: a fact without words. The telegram shell finds the words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// The conversation already runs one answer; this question is number `position` of `capacity`.
    Queued { position: u32, capacity: u32 },
    /// The conversation's own queue is full.
    TooManyQueued { capacity: u32 },
    /// The pool is busy; svs tries again by itself in about `wait`.
    Waiting { wait: Duration },
    /// The user's cap of the day is spent.
    DayCapReached { limit: u32, resets_at: Timestamp },
    /// The user's cap of the hour is spent.
    HourCapReached { limit: u32, resets_at: Timestamp },
    /// Every budget this role may use is spent until then.
    PoolSpent { resets_at: Timestamp },
    /// The pool cannot serve now; when is known.
    PoolBusy { retry_at: Timestamp, reference: RequestRef },
    /// Upstream is out; nobody knows for how long.
    Outage { reference: RequestRef },
    /// No key is left that may serve: Google rejects them, or they are taken out.
    KeysOut { reference: RequestRef },
    /// The safety policy blocked the prompt or the answer.
    Blocked { reference: RequestRef },
    /// Upstream did not answer after `attempts` tries.
    Failed { attempts: u32, reference: RequestRef },
    /// svs itself failed.
    Internal { reference: RequestRef },
    /// The model gave no text.
    EmptyAnswer { reference: RequestRef },
    /// The question is longer than the model is given; `limit` in characters.
    TooLong { limit: u32 },
    /// The update was older than an hour when it was first seen.
    TooLate,
    /// Answered by a lower model than wished, or by another group, and why.
    Degraded(Degradation),
    /// A restart cut the answer; it is given again from the start.
    Restarted,
    /// Telegram let nothing be said in this chat for so long.
    Silenced { wait: Duration },
    /// The message has a kind svs cannot read yet.
    Unsupported,
    /// A file is larger than can be had or read; `limit` in MB.
    FileTooBig { limit: u32 },
    /// The files of one question are larger together than can be read; `limit` in MB.
    FilesTooBig { limit: u32 },
    /// A file of a kind that Gemini does not read, such as `zip`.
    FileUnsupported { ext: String },
    /// There is nothing in a file.
    FileEmpty,
    /// Telegram did not hand a file out.
    FileLost,
    /// No model makes pictures here: none is configured, or no key has a budget for it.
    PicturesOff,
    /// Pictures are for higher roles than this one.
    PicturesDenied { role: Role },
    /// Google makes no pictures for any of the keys: they are not paid for.
    PicturesUnpaid,
    /// VIP seats are full: served as `role` meanwhile; the next seat frees at `next_free`, where that is known.
    VipFull { role: Role, seats: u32, next_free: Option<Timestamp> },
    /// The bot is closed to this person.
    NotOpen { user: UserId },
    /// The person has another role now, or has it for another time; `until`: when it runs out.
    RoleChanged { role: Role, until: Option<Timestamp> },
    /// A VIP seat was taken.
    VipEntered { taken: u32, seats: u32, rounds: u32, idle: Duration, until: Option<Timestamp> },
    /// The owner or an operator ended the VIP session.
    VipKicked { role: Role, reason: Option<String> },
    /// The owner or an operator took a waiting user out of the line, or a held seat back.
    VipUnqueued { reason: Option<String> },
    /// The VIP session will end at `until`; `is_renewable`: the user can move that.
    VipEnding { until: Timestamp, is_renewable: bool },
    /// The end of the VIP session was moved.
    VipRenewed { until: Timestamp },
    /// The VIP session ended by itself.
    VipExpired { role: Role },
    /// The user waits for a VIP seat, in the line from 1.
    VipInLine { position: u32, next_free: Option<Timestamp> },
    /// A held seat went on to the next in line.
    VipHoldLapsed,
    /// A VIP seat is free for whoever takes it first.
    VipSeatFree,
    /// A waiting user's turn: the seat is held for `hold`.
    VipSeatHeld { hold: Duration },
    /// To the owner: a key or project was definitely rejected by Google.
    KeyRejected { key: String, reason: String },
}

impl Notice {
    /// What can be done about it, there where it is said.
    pub fn buttons(&self) -> Vec<Button> {
        match self {
            Notice::VipFull { .. } | Notice::VipHoldLapsed => vec![Button::TellMe],
            Notice::VipInLine { .. } => vec![Button::LeaveLine],
            Notice::VipSeatHeld { .. } | Notice::VipSeatFree => vec![Button::EnterVip],
            Notice::VipExpired { .. } => vec![Button::RejoinVip],
            Notice::VipEnding { is_renewable: true, .. } => vec![Button::Renew],
            _ => Vec::new(),
        }
    }

    /// The word by which a refusal is counted, for a notice that stands in place of an answer.
    pub const fn reason(&self) -> &'static str {
        match self {
            Notice::TooManyQueued { .. } => "queue_full",
            Notice::DayCapReached { .. } => "day_cap",
            Notice::HourCapReached { .. } => "hour_cap",
            Notice::PoolSpent { .. } => "pool_spent",
            Notice::PoolBusy { .. } => "pool_busy",
            Notice::Outage { .. } => "outage",
            Notice::KeysOut { .. } => "keys_out",
            Notice::Blocked { .. } => "blocked",
            Notice::Failed { .. } => "failed",
            Notice::Internal { .. } => "internal",
            Notice::EmptyAnswer { .. } => "empty",
            Notice::TooLong { .. } => "too_long",
            Notice::TooLate => "too_late",
            Notice::NotOpen { .. } => "closed",
            Notice::Unsupported => "unsupported",
            Notice::FileTooBig { .. } | Notice::FilesTooBig { .. } => "file_too_big",
            Notice::FileUnsupported { .. } => "file_unsupported",
            Notice::FileEmpty => "file_empty",
            Notice::FileLost => "file_lost",
            Notice::PicturesOff => "pictures_off",
            Notice::PicturesDenied { .. } => "pictures_denied",
            Notice::PicturesUnpaid => "pictures_unpaid",
            // The others are said besides an answer.
            _ => "other",
        }
    }
}
