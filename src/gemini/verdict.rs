//! Whose fault is it? Reads a status and a body into an [`Outcome`]; pure.
//!
//! The order of the rules is the meaning: what is definite comes before what is a guess, and nothing a prompt can
//! make Google repeat is taken for a word about the key.

mod body;
mod echo;

use std::time::Duration;

use self::body::{ErrorBody, Violation};
use crate::domain::pool::outcome::{Outcome, Rejection};

pub(super) use self::body::{code_of_body, one_line};
pub(super) use self::echo::scrub;

/// What one answer of Google's means.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Verdict {
    /// The fact, and whose it is.
    pub(crate) outcome: Outcome,
    /// Google's words, for operators: scrubbed, one line.
    pub(crate) detail: Option<String>,
    /// Where an operator can mend it.
    pub(crate) help_url: Option<String>,
    /// The number of the key's project, when Google named it.
    pub(crate) consumer: Option<String>,
    /// Whether Google refused the thinking setting: the same request may be sent once without it.
    pub(crate) thinking_refused: bool,
}

/// A wait that Google names for a minute's limit is believed between these; the pool cuts it at the next reset.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_hours(25);
/// A minute's limit without a named wait.
const MINUTE: Duration = Duration::from_mins(1);
/// A wait named with a day's limit is believed only beyond this: "0s" and "5s" have been seen.
const BELIEVABLE_FOR_A_DAY: Duration = Duration::from_mins(10);
/// The window of a spending cap.
const SPEND_WINDOW: Duration = Duration::from_mins(10);

/// The verdict on a whole answer with this HTTP status.
///
/// 200 belongs to `answer`; here it can only mean that the body was not understood.
pub(crate) fn verdict(status: u16, body: &str) -> Verdict {
    let error = ErrorBody::parse(body);
    let outcome = match status {
        400 => bad_request(&error),
        401 | 403 => unauthorized(status, &error),
        402 => Outcome::Rejected { reason: Rejection::NoCredit },
        404 => not_found(&error),
        408 | 500 | 504 => Outcome::UpstreamError,
        429 => too_many(&error),
        499 => Outcome::Abandoned,
        // A gateway in front of the model, or Google's own words for "busy".
        502 | 503 | 529 => Outcome::Overloaded,
        // A redirect (never followed with a key), a proxy that wants a password, a 200 nobody understands: something
        // between here and Google answered.
        0..400 | 407 => Outcome::Unreachable { sent: true },
        401..500 => Outcome::BadRequest,
        _ => Outcome::UpstreamError,
    };
    let thinking_refused = outcome == Outcome::BadRequest && error.mentions("thinking");
    Verdict {
        outcome,
        detail: Some(error.describe(status)),
        help_url: error.help_url(),
        consumer: error.consumer(),
        thinking_refused,
    }
}

fn bad_request(error: &ErrorBody) -> Outcome {
    if let Some(reason) = invalid_key(error) {
        return Outcome::Rejected { reason };
    }
    if is_region(error) { Outcome::RegionUnsupported } else { Outcome::BadRequest }
}

/// A key that is definitely no good. Where Google gave a reason, only the reason counts; without one, only the
/// beginning of the message, since a message may go on to quote the request.
fn invalid_key(error: &ErrorBody) -> Option<Rejection> {
    let named = error.has_reason("API_KEY_INVALID");
    let worded = !error.has_any_reason()
        && ["api key not valid", "api key expired", "api key not found", "invalid api key"]
            .iter()
            .any(|start| error.starts_with(start));
    match named || worded {
        true if error.starts_with("api key expired") => Some(Rejection::Expired),
        true => Some(Rejection::Invalid),
        false => None,
    }
}

fn is_region(error: &ErrorBody) -> bool {
    error.starts_with("user location is not supported") || error.mentions("not available in your country")
}

fn unauthorized(status: u16, error: &ErrorBody) -> Outcome {
    let rejected = |reason| Outcome::Rejected { reason };
    if error.mentions("reported as leaked") {
        return rejected(Rejection::Leaked);
    }
    if let Some(reason) = invalid_key(error) {
        return rejected(reason);
    }
    if error.has_reason("CONSUMER_SUSPENDED")
        || error.mentions("has been suspended")
        || error.mentions("denied access")
    {
        return rejected(Rejection::Suspended);
    }
    if error.has_reason("SERVICE_DISABLED") || error.mentions("it is disabled. enable it") {
        return rejected(Rejection::ServiceDisabled);
    }
    if error.has_reason("API_KEY_SERVICE_BLOCKED")
        || error.has_reason_between("API_KEY_", "_BLOCKED")
        || is_restriction(error)
    {
        return rejected(Rejection::Restricted);
    }
    if error.has_reason("ACCESS_TOKEN_TYPE_UNSUPPORTED")
        || (status == 401 && (error.mentions("expected oauth 2") || error.mentions("expected oauth2")))
    {
        return rejected(Rejection::WrongTokenType);
    }
    if is_region(error) {
        return Outcome::RegionUnsupported;
    }
    Outcome::Unauthorized
}

fn is_restriction(error: &ErrorBody) -> bool {
    (error.starts_with("requests ") && error.mentions("are blocked"))
        || error.mentions("ip address restriction")
        || error.mentions("referrer restriction")
}

fn not_found(error: &ErrorBody) -> Outcome {
    if error.mentions("no longer available to new users") {
        Outcome::ModelOff
    } else if error.is_json {
        Outcome::ModelMissing
    } else {
        // Google's API answers in JSON: a page means that the address is wrong.
        Outcome::Unreachable { sent: true }
    }
}

fn too_many(error: &ErrorBody) -> Outcome {
    if error.has_reason("MODEL_CAPACITY_EXHAUSTED") || error.starts_with("no capacity available") {
        return Outcome::Overloaded;
    }
    if error.mentions("prepay") || error.mentions("credits are depleted") {
        return Outcome::Rejected { reason: Rejection::NoCredit };
    }
    if ["google_search", "url_context", "grounding", "search_tool"].iter().any(|tool| error.quota_names(tool))
    {
        return Outcome::ToolLimit;
    }
    if ["spend limit", "spending limit", "spending cap", "spend cap", "spend-based"]
        .iter()
        .any(|words| error.mentions(words))
    {
        let retry_after = error.wait().map_or(SPEND_WINDOW, |wait| wait.clamp(SHORTEST_WAIT, LONGEST_WAIT));
        return Outcome::SpendCap { retry_after };
    }
    if error.has_zero_limit() {
        return Outcome::ModelOff;
    }
    quota(error)
}

fn quota(error: &ErrorBody) -> Outcome {
    let waits = || error.waits().filter(|wait| *wait > BELIEVABLE_FOR_A_DAY);
    let long_wait = waits().max().map(|wait| wait.min(LONGEST_WAIT));
    let of_day = error.violations.iter().find(|violation| violation.is_per_day());
    if let Some(violation) = of_day {
        return Outcome::DayLimit { retry_after: long_wait, limit: violation.limit };
    }
    if error.mentions("per day") || error.mentions("perday") || error.mentions("_per_day") {
        return Outcome::DayLimit { retry_after: long_wait, limit: error.limit_in_message() };
    }
    let of_minute = error.violations.iter().find(|violation| violation.is_per_minute());
    let by_words =
        error.mentions("per minute") || error.mentions("perminute") || error.mentions("_per_minute");
    if of_minute.is_none() && !by_words {
        return match (error.wait(), long_wait) {
            // No minute lasts that long.
            (_, Some(_)) => Outcome::DayLimit { retry_after: long_wait, limit: error.limit_in_message() },
            (Some(wait), None) => minute(Some(wait), error.limit_in_message(), error.quota_names("token")),
            (None, None) => Outcome::BareLimit,
        };
    }
    let limit = of_minute.and_then(|violation| violation.limit).or_else(|| error.limit_in_message());
    let of_tokens = match of_minute {
        // When requests and tokens are both used up, the requests are the rule the pool paces by.
        Some(_) => error.violations.iter().filter(|v| v.is_per_minute()).all(Violation::is_of_tokens),
        None => error.quota_names("token"),
    };
    minute(error.wait(), limit, of_tokens)
}

fn minute(wait: Option<Duration>, limit: Option<u32>, of_tokens: bool) -> Outcome {
    let retry_after = wait.map_or(MINUTE, |wait| wait.clamp(SHORTEST_WAIT, LONGEST_WAIT));
    Outcome::MinuteLimit { retry_after, limit, of_tokens }
}

#[cfg(test)]
mod tests;
