//! The validated configuration. Numbers of the policy are `domain::rules`; those of the shell have their defaults
//! here and nowhere else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problem::Origin;
use super::secret::Secret;
use crate::domain::chat::{Language, UserId};
use crate::domain::key::{Fingerprint, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::keywords::Keywords;
use crate::domain::role::Role;
use crate::domain::rules::{KeyLimits, Rules};

/// Everything svs was told; immutable, handed around in an `Arc`.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The policy.
    pub(crate) rules: Rules,
    /// The keys in the order of their places: A1…, B1…, C1…, D1…, RA, RB. No secret appears twice.
    pub(crate) keys: Vec<ConfiguredKey>,
    /// The bot.
    pub(crate) telegram: TelegramConfig,
    /// Upstream.
    pub(crate) gemini: GeminiConfig,
    /// The control socket.
    pub(crate) control: ControlConfig,
    /// The door for monitoring.
    pub(crate) http: HttpConfig,
    /// `svs ask`.
    pub(crate) ask: AskConfig,
    /// The folder of the state; absolute unless it was given otherwise.
    pub(crate) state_dir: PathBuf,
    /// How long records are kept.
    pub(crate) storage: StorageConfig,
    /// The log.
    pub(crate) log: LogConfig,
}

impl Config {
    /// Whether pictures can be asked for: a model makes them, and some key has a budget for it.
    pub(crate) fn makes_pictures(&self) -> bool {
        let has_budget = |key: &ConfiguredKey| key.limits.models[ModelSlot::Image].budget() > 0;
        self.gemini.models[ModelSlot::Image].is_some() && self.keys.iter().any(has_budget)
    }
}

/// One API key with its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ConfiguredKey {
    /// Its place.
    pub(crate) id: KeyId,
    /// The key itself.
    pub(crate) secret: Secret,
    /// Its identity across reloads.
    pub(crate) fingerprint: Fingerprint,
    /// Its quota domain; `key:<fingerprint>` when no project was named.
    pub(crate) project: Project,
    /// What it may do.
    pub(crate) limits: KeyLimits,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// How often more its list names it; it counts once all the same.
    pub(crate) repeated: u32,
}

/// The bot.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TelegramConfig {
    /// From @BotFather; `run` needs it.
    pub(crate) token: Option<Secret>,
    /// The Bot API server, without a slash at the end.
    pub(crate) api_url: String,
    /// Proxy of the bot's requests.
    pub(crate) proxy: Option<Secret>,
    /// Numeric ids; names can be registered again by others.
    pub(crate) owner_ids: Vec<UserId>,
    /// Only users with a granted role are served.
    pub(crate) closed: bool,
    /// The role of whoever presses /start in private; not vip or owner.
    pub(crate) on_start: Role,
    /// The language of the bot's own words where a user's is unknown; none: English.
    pub(crate) language: Option<Language>,
    /// How an answer appears while it is written.
    pub(crate) stream: StreamMode,
    /// Whether an answer ends with its model and what is left today.
    pub(crate) footer: bool,
    /// How long getUpdates waits, 1…50 s.
    pub(crate) poll_timeout: Duration,
    /// Sends and edits in a private chat.
    pub(crate) private_pace: Pace,
    /// Sends and edits in a group.
    pub(crate) group_pace: Pace,
    /// What the bot listens for in groups besides its name.
    pub(crate) keywords: Keywords,
}

/// A token bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pace {
    /// Its size, 1….
    pub(crate) burst: u32,
    /// The time in which one token comes back.
    pub(crate) interval: Duration,
}

/// How an answer appears while it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StreamMode {
    /// A native draft while waiting, then edits of one message.
    Auto,
    /// Text in the draft as well.
    Draft,
    /// Edits of one message only.
    Edit,
    /// The whole answer at once.
    Off,
}

/// Upstream.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct GeminiConfig {
    /// Without a slash at the end.
    pub(crate) api_url: String,
    /// The version in the path.
    pub(crate) version: String,
    /// The model id of each slot; none: the slot is off.
    pub(crate) models: PerModel<Option<String>>,
    /// Time to connect.
    pub(crate) connect: Duration,
    /// Time to the first event of a stream.
    pub(crate) first_event: PerModel<Duration>,
    /// Time between two events of a stream.
    pub(crate) between_events: Duration,
    /// A whole attempt.
    pub(crate) attempt: PerModel<Duration>,
    /// Proxy of the requests; may hold a password.
    pub(crate) proxy: Option<Secret>,
    /// Category and threshold, as sent.
    pub(crate) safety: Vec<(String, String)>,
    /// `minimal`, `low`, `medium`, `high`; none: not sent.
    pub(crate) thinking_level: PerModel<Option<String>>,
    /// The longest answer; none: not sent.
    pub(crate) max_output_tokens: Option<u32>,
    /// 0…2; none: not sent.
    pub(crate) temperature: Option<f32>,
    /// The system instruction of the bot's conversations.
    pub(crate) system_prompt: Option<String>,
}

/// The control socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ControlConfig {
    /// Where the daemon listens.
    pub(crate) socket: PathBuf,
    /// Where a command looks for the daemon, in this order; only `socket` when one was named.
    pub(crate) candidates: Vec<PathBuf>,
    /// The group that may use the socket (mode 0660); none: 0600.
    pub(crate) group: Option<String>,
    /// Further user ids that may.
    pub(crate) uids: Vec<u32>,
}

/// The door for monitoring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct HttpConfig {
    /// Where `/health`, `/ready` and `/metrics` are served; none: nowhere.
    pub(crate) listen: Option<SocketAddr>,
}

/// `svs ask`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AskConfig {
    /// Whose rights it has.
    pub(crate) role: Role,
}

/// How long records are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StorageConfig {
    /// Finished rows of the inbox.
    pub(crate) inbox: Duration,
    /// Rounds of conversations, from their answers on.
    pub(crate) history: Duration,
    /// What was decided for each request.
    pub(crate) requests: Duration,
    /// Sends, by which limits are proved and usage is counted.
    pub(crate) sends: Duration,
}

/// The log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LogConfig {
    /// The least important level that is written.
    pub(crate) level: LogLevel,
    /// How lines look.
    pub(crate) format: LogFormat,
    /// Write user ids as they are, not hashed.
    pub(crate) ids: bool,
}

/// Levels of the log, most important first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    /// Something failed.
    Error,
    /// Something is odd.
    Warn,
    /// What happens.
    Info,
    /// Why it happens.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// All levels.
    pub(crate) const ALL: [LogLevel; 5] =
        [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

    /// The name in configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }

    /// The level with this name in lower case.
    pub(crate) fn of_name(name: &str) -> Option<LogLevel> {
        LogLevel::ALL
            .into_iter()
            .find(|level| level.name() == name || (*level == LogLevel::Warn && name == "warning"))
    }
}

/// How lines of the log look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LogFormat {
    /// `Journal` where stderr is the journal, else text.
    Auto,
    /// Text with time.
    Text,
    /// One JSON object per line.
    Json,
    /// `<priority>` in front, no time.
    Journal,
}
