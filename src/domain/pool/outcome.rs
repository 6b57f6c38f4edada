//! What one call to Gemini taught us: the *fact*, and whose it is. `gemini::verdict` reads it off the wire,
//! the pool acts on it, the gateway decides from it whether to try again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why Google definitely rejected a key or a project: no amount of waiting mends it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The key is not valid, not found, or deleted.
    Invalid,
    /// The key has expired.
    Expired,
    /// The key was reported as leaked.
    Leaked,
    /// The key is of a kind the API no longer takes (a legacy key, or an unbound auth key).
    WrongTokenType,
    /// The key is restricted to other APIs, referrers or addresses.
    Restricted,
    /// The project (named by its consumer) is suspended or denied access.
    Suspended,
    /// The API is not enabled in the project.
    ServiceDisabled,
    /// The project's prepaid credit is used up.
    NoCredit,
}

impl Rejection {
    /// Whether the whole project is out, not only this key.
    pub const fn is_of_project(self) -> bool {
        matches!(self, Rejection::Suspended | Rejection::ServiceDisabled | Rejection::NoCredit)
    }

    /// The word in output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Rejection::Invalid => "invalid",
            Rejection::Expired => "expired",
            Rejection::Leaked => "leaked",
            Rejection::WrongTokenType => "wrong_token_type",
            Rejection::Restricted => "restricted",
            Rejection::Suspended => "suspended",
            Rejection::ServiceDisabled => "service_disabled",
            Rejection::NoCredit => "no_credit",
        }
    }
}

/// The outcome of one send. The scope in brackets says whose it is: request, key, project, model,
/// project × model, or this host.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Text arrived and the answer ended as answers do (also cut by `MAX_TOKENS`, safety or recitation after text).
    Answered,
    /// (request) The prompt or the answer was blocked; no text.
    Blocked,
    /// (request) Google found the request itself wrong.
    BadRequest,
    /// (model, soft) 200 without candidates or text and without a reason.
    Empty,
    /// (request) `MAX_TOKENS` before any text: thinking ate the budget.
    ThoughtOnly,
    /// (key or project) Definitely rejected.
    Rejected { reason: Rejection },
    /// (key) 401 or 403 that matches no definite row: one strike.
    Unauthorized,
    /// (project × model) Requests or tokens of this minute are used up; `limit` when Google named it.
    MinuteLimit { retry_after: Duration, limit: Option<u32>, of_tokens: bool },
    /// (project × model) Requests of this quota day are used up. `retry_after` only when Google gave a
    /// believable one (over 10 minutes).
    DayLimit { retry_after: Option<Duration>, limit: Option<u32> },
    /// (project × model) This model is not on the project's tier: "limit: 0", or "no longer available to new users".
    ModelOff,
    /// (model) The model id does not exist in this API version.
    ModelMissing,
    /// (unknown) 429 without any detail.
    BareLimit,
    /// (request) 429 because a tool is not free; svs sends none, so only seen with foreign requests.
    ToolLimit,
    /// (project) A spending cap over a rolling window.
    SpendCap { retry_after: Duration },
    /// (model) 503, or 429 for missing capacity.
    Overloaded,
    /// (model or request) 500 or 504.
    UpstreamError,
    /// (host) Google does not serve this region.
    RegionUnsupported,
    /// (host) The connection failed. `sent` says whether a first request byte may have left.
    Unreachable { sent: bool },
    /// (host or model) No first event, or silence, past its deadline.
    TimedOut,
    /// (host or model) The stream ended without a finish reason after text had come.
    Incomplete,
    /// (nobody) The caller went away.
    Abandoned,
}

/// What a failed attempt allows next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// The request itself is done for: another key would say the same.
    Never,
    /// Another key, at no cost to the request's attempts: this one is out, or its model is, or no byte was sent.
    FreeOtherKey,
    /// Another project, as a counted attempt.
    OtherProject,
}

impl Outcome {
    /// The name of a send whose connection failed before its first byte: the one whose debit is taken back.
    pub const NOT_SENT: &str = "not_sent";

    /// What may be tried next, before the first visible byte (afterwards: nothing).
    pub const fn retry(&self) -> Retry {
        match self {
            Outcome::Answered
            | Outcome::Blocked
            | Outcome::BadRequest
            | Outcome::RegionUnsupported
            | Outcome::Incomplete
            | Outcome::Abandoned => Retry::Never,
            Outcome::Rejected { .. }
            | Outcome::Unreachable { sent: false }
            | Outcome::ModelOff
            | Outcome::ModelMissing => Retry::FreeOtherKey,
            Outcome::Empty
            | Outcome::ThoughtOnly
            | Outcome::Unauthorized
            | Outcome::MinuteLimit { .. }
            | Outcome::DayLimit { .. }
            | Outcome::BareLimit
            | Outcome::ToolLimit
            | Outcome::SpendCap { .. }
            | Outcome::Overloaded
            | Outcome::UpstreamError
            | Outcome::Unreachable { sent: true }
            | Outcome::TimedOut => Retry::OtherProject,
        }
    }

    /// Whether this becomes a strike against the key once the same request succeeds on another project.
    pub const fn is_suspicious(&self) -> bool {
        matches!(self, Outcome::UpstreamError | Outcome::Overloaded | Outcome::Empty | Outcome::TimedOut)
    }

    /// Whether this counts towards the model's breaker.
    pub const fn blames_model(&self) -> bool {
        matches!(self, Outcome::Overloaded | Outcome::UpstreamError | Outcome::TimedOut)
    }

    /// Whether a model that answers like this is up.
    pub const fn clears_model(&self) -> bool {
        matches!(self, Outcome::Answered | Outcome::Blocked | Outcome::ThoughtOnly)
    }

    /// The word in the ledger's records, in output and JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Blocked => "blocked",
            Outcome::BadRequest => "bad_request",
            Outcome::Empty => "empty",
            Outcome::ThoughtOnly => "thought_only",
            Outcome::Rejected { reason } => reason.name(),
            Outcome::Unauthorized => "unauthorized",
            Outcome::MinuteLimit { .. } => "minute_limit",
            Outcome::DayLimit { .. } => "day_limit",
            Outcome::ModelOff => "model_off",
            Outcome::ModelMissing => "model_missing",
            Outcome::BareLimit => "bare_limit",
            Outcome::ToolLimit => "tool_limit",
            Outcome::SpendCap { .. } => "spend_cap",
            Outcome::Overloaded => "overloaded",
            Outcome::UpstreamError => "upstream_error",
            Outcome::RegionUnsupported => "region_unsupported",
            Outcome::Unreachable { sent: true } => "unreachable",
            Outcome::Unreachable { sent: false } => Outcome::NOT_SENT,
            Outcome::TimedOut => "timed_out",
            Outcome::Incomplete => "incomplete",
            Outcome::Abandoned => "abandoned",
        }
    }
}
