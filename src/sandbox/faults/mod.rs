//! Scripted faults of the fake Gemini server: which call they hit, and what they are called on the command line.

mod rule;

pub(super) use rule::Rules;
pub use rule::{BadRule, Rule};

/// Everything the fake Gemini server can do wrong, by the row of Google's behavior it repeats.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// `429`: 429 per minute: requests, with QuotaFailure and RetryInfo.
    PerMinute,
    /// `429tokens`: 429 per minute: input tokens.
    TokensPerMinute,
    /// `429day`: 429 per day, with a retryDelay of hours.
    PerDay,
    /// `429day0`: 429 per day whose retryDelay says "0s".
    PerDayZeroDelay,
    /// `limit0`: 429 "limit: 0": the model is not on this tier.
    LimitZero,
    /// `429bare`: 429 without any details.
    Bare,
    /// `429search`: 429 for google_search on the free tier.
    Grounding,
    /// `429spend`: 429 spend limit, rolling ten minutes.
    Spend,
    /// `429capacity`: 429 MODEL_CAPACITY_EXHAUSTED.
    Capacity,
    /// `400`: 400 INVALID_ARGUMENT, the fault of the request.
    InvalidArgument,
    /// `400thinking`: 400 that names the thinking level.
    Thinking,
    /// `400key`: 400 API_KEY_INVALID: API key not valid.
    KeyInvalid,
    /// `400expired`: 400 API_KEY_INVALID: API key expired.
    KeyExpired,
    /// `400notfound`: 400 API_KEY_INVALID: API Key not found.
    KeyNotFound,
    /// `region`: 400 User location is not supported.
    Region,
    /// `401`: 401 ACCESS_TOKEN_TYPE_UNSUPPORTED.
    TokenType,
    /// `401bare`: 401 without details.
    Unauthenticated,
    /// `402`: 402 prepaid credit used up.
    Prepay,
    /// `403`: 403 PERMISSION_DENIED without a known reason.
    Forbidden,
    /// `403leaked`: 403 key reported as leaked.
    Leaked,
    /// `403suspended`: 403 consumer suspended; the message repeats the key.
    Suspended,
    /// `403denied`: 403 project denied access.
    Denied,
    /// `403disabled`: 403 SERVICE_DISABLED with activationUrl and consumer.
    Disabled,
    /// `403blocked`: 403 API_KEY_SERVICE_BLOCKED.
    ServiceBlocked,
    /// `403referrer`: 403 API_KEY_HTTP_REFERRER_BLOCKED.
    Referrer,
    /// `403ip`: 403 API_KEY_IP_ADDRESS_BLOCKED.
    IpBlocked,
    /// `404`: 404 is not found for API version.
    NotFound,
    /// `404new`: 404 no longer available to new users.
    NewUsers,
    /// `499`: 499 CANCELLED.
    Cancelled,
    /// `500`: 500 INTERNAL.
    Internal,
    /// `503`: 503 the model is overloaded.
    Overloaded,
    /// `503demand`: 503 experiencing high demand.
    HighDemand,
    /// `504`: 504 DEADLINE_EXCEEDED.
    Deadline,
    /// `array`: 503 whose error is wrapped in an array.
    ArrayError,
    /// `html502`: 502 with an HTML page.
    Html502,
    /// `blocked`: 200 promptFeedback.blockReason SAFETY, no candidates.
    Blocked,
    /// `blockedother`: 200 promptFeedback.blockReason PROHIBITED_CONTENT.
    BlockedOther,
    /// `safety`: 200 half an answer, finishReason SAFETY.
    FinishSafety,
    /// `recitation`: 200 no text, finishReason RECITATION.
    Recitation,
    /// `other`: 200 half an answer, finishReason OTHER.
    FinishOther,
    /// `spii`: 200 no text, finishReason SPII.
    Spii,
    /// `malformed`: 200 no text, finishReason MALFORMED_FUNCTION_CALL.
    Malformed,
    /// `maxtokens`: 200 half an answer, finishReason MAX_TOKENS.
    MaxTokens,
    /// `maxtokens0`: 200 no text, finishReason MAX_TOKENS: thinking ate the cap.
    MaxTokensEmpty,
    /// `empty`: 200 without candidates and without a reason.
    Empty,
    /// `thoughts`: 200 with nothing but thought parts.
    ThoughtsOnly,
    /// `unknown`: 200 with parts and enum values nobody knows, then the answer.
    Unknown,
    /// `earlystop`: 200 an empty STOP before the text.
    EarlyStop,
    /// `sse503`: 200, then an error event before any text.
    InBand,
    /// `sse503mid`: 200, half an answer, then an error event.
    InBandMid,
    /// `eof`: 200, half an answer, then the end without finishReason.
    Eof,
    /// `eof0`: 200, then the end before any text.
    EofEmpty,
    /// `html200`: 200 with an HTML page.
    Html200,
    /// `truncated`: 200 with JSON cut in the middle.
    Truncated,
    /// `gzipbomb`: 200 with content-encoding gzip: 1 GiB of spaces in 7 MB.
    GzipBomb,
    /// `flood`: 200 with 64 MiB of white space and no event.
    Flood,
    /// `drip`: 200 at one byte per second.
    Drip,
    /// `hang`: no reply ever.
    Hang,
    /// `hangheaders`: 200 headers, then silence.
    HangHeaders,
    /// `hangmid`: 200, half an answer, then silence.
    HangMid,
    /// `rst`: RST before the reply.
    Reset,
    /// `rstmid`: 200, half an answer, then RST.
    ResetMid,
    /// `close`: FIN before the reply.
    Close,
    /// `closemid`: 200, half an answer, then FIN inside the chunked body.
    CloseMid,
    /// `redirect`: 307 to another host.
    Redirect,
    /// `bigheader`: 200 with a header of 1 MiB.
    BigHeader,
    /// `lf`: SSE with bare LF.
    Lf,
    /// `comments`: SSE with comments, event names, ids and split data lines.
    Comments,
    /// `utf8`: SSE written one byte at a time, so also inside characters.
    CutUtf8,
    /// `noblank`: SSE without the final blank line.
    NoBlank,
}

/// Every fault with its name and what it does, in the order of `--help`.
const TABLE: &[(Fault, &str, &str)] = &[
    (Fault::PerMinute, "429", "429 per minute: requests, with QuotaFailure and RetryInfo"),
    (Fault::TokensPerMinute, "429tokens", "429 per minute: input tokens"),
    (Fault::PerDay, "429day", "429 per day, with a retryDelay of hours"),
    (Fault::PerDayZeroDelay, "429day0", "429 per day whose retryDelay says \"0s\""),
    (Fault::LimitZero, "limit0", "429 \"limit: 0\": the model is not on this tier"),
    (Fault::Bare, "429bare", "429 without any details"),
    (Fault::Grounding, "429search", "429 for google_search on the free tier"),
    (Fault::Spend, "429spend", "429 spend limit, rolling ten minutes"),
    (Fault::Capacity, "429capacity", "429 MODEL_CAPACITY_EXHAUSTED"),
    (Fault::InvalidArgument, "400", "400 INVALID_ARGUMENT, the fault of the request"),
    (Fault::Thinking, "400thinking", "400 that names the thinking level"),
    (Fault::KeyInvalid, "400key", "400 API_KEY_INVALID: API key not valid"),
    (Fault::KeyExpired, "400expired", "400 API_KEY_INVALID: API key expired"),
    (Fault::KeyNotFound, "400notfound", "400 API_KEY_INVALID: API Key not found"),
    (Fault::Region, "region", "400 User location is not supported"),
    (Fault::TokenType, "401", "401 ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    (Fault::Unauthenticated, "401bare", "401 without details"),
    (Fault::Prepay, "402", "402 prepaid credit used up"),
    (Fault::Forbidden, "403", "403 PERMISSION_DENIED without a known reason"),
    (Fault::Leaked, "403leaked", "403 key reported as leaked"),
    (Fault::Suspended, "403suspended", "403 consumer suspended; the message repeats the key"),
    (Fault::Denied, "403denied", "403 project denied access"),
    (Fault::Disabled, "403disabled", "403 SERVICE_DISABLED with activationUrl and consumer"),
    (Fault::ServiceBlocked, "403blocked", "403 API_KEY_SERVICE_BLOCKED"),
    (Fault::Referrer, "403referrer", "403 API_KEY_HTTP_REFERRER_BLOCKED"),
    (Fault::IpBlocked, "403ip", "403 API_KEY_IP_ADDRESS_BLOCKED"),
    (Fault::NotFound, "404", "404 is not found for API version"),
    (Fault::NewUsers, "404new", "404 no longer available to new users"),
    (Fault::Cancelled, "499", "499 CANCELLED"),
    (Fault::Internal, "500", "500 INTERNAL"),
    (Fault::Overloaded, "503", "503 the model is overloaded"),
    (Fault::HighDemand, "503demand", "503 experiencing high demand"),
    (Fault::Deadline, "504", "504 DEADLINE_EXCEEDED"),
    (Fault::ArrayError, "array", "503 whose error is wrapped in an array"),
    (Fault::Html502, "html502", "502 with an HTML page"),
    (Fault::Blocked, "blocked", "200 promptFeedback.blockReason SAFETY, no candidates"),
    (Fault::BlockedOther, "blockedother", "200 promptFeedback.blockReason PROHIBITED_CONTENT"),
    (Fault::FinishSafety, "safety", "200 half an answer, finishReason SAFETY"),
    (Fault::Recitation, "recitation", "200 no text, finishReason RECITATION"),
    (Fault::FinishOther, "other", "200 half an answer, finishReason OTHER"),
    (Fault::Spii, "spii", "200 no text, finishReason SPII"),
    (Fault::Malformed, "malformed", "200 no text, finishReason MALFORMED_FUNCTION_CALL"),
    (Fault::MaxTokens, "maxtokens", "200 half an answer, finishReason MAX_TOKENS"),
    (Fault::MaxTokensEmpty, "maxtokens0", "200 no text, finishReason MAX_TOKENS: thinking ate the cap"),
    (Fault::Empty, "empty", "200 without candidates and without a reason"),
    (Fault::ThoughtsOnly, "thoughts", "200 with nothing but thought parts"),
    (Fault::Unknown, "unknown", "200 with parts and enum values nobody knows, then the answer"),
    (Fault::EarlyStop, "earlystop", "200 an empty STOP before the text"),
    (Fault::InBand, "sse503", "200, then an error event before any text"),
    (Fault::InBandMid, "sse503mid", "200, half an answer, then an error event"),
    (Fault::Eof, "eof", "200, half an answer, then the end without finishReason"),
    (Fault::EofEmpty, "eof0", "200, then the end before any text"),
    (Fault::Html200, "html200", "200 with an HTML page"),
    (Fault::Truncated, "truncated", "200 with JSON cut in the middle"),
    (Fault::GzipBomb, "gzipbomb", "200 with content-encoding gzip: 1 GiB of spaces in 7 MB"),
    (Fault::Flood, "flood", "200 with 64 MiB of white space and no event"),
    (Fault::Drip, "drip", "200 at one byte per second"),
    (Fault::Hang, "hang", "no reply ever"),
    (Fault::HangHeaders, "hangheaders", "200 headers, then silence"),
    (Fault::HangMid, "hangmid", "200, half an answer, then silence"),
    (Fault::Reset, "rst", "RST before the reply"),
    (Fault::ResetMid, "rstmid", "200, half an answer, then RST"),
    (Fault::Close, "close", "FIN before the reply"),
    (Fault::CloseMid, "closemid", "200, half an answer, then FIN inside the chunked body"),
    (Fault::Redirect, "redirect", "307 to another host"),
    (Fault::BigHeader, "bigheader", "200 with a header of 1 MiB"),
    (Fault::Lf, "lf", "SSE with bare LF"),
    (Fault::Comments, "comments", "SSE with comments, event names, ids and split data lines"),
    (Fault::CutUtf8, "utf8", "SSE written one byte at a time, so also inside characters"),
    (Fault::NoBlank, "noblank", "SSE without the final blank line"),
];

impl Fault {
    /// Every fault.
    pub fn all() -> impl Iterator<Item = Fault> {
        TABLE.iter().map(|(fault, _, _)| *fault)
    }

    /// The name used in rules.
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("?", |row| row.1)
    }

    /// What it does, in one line.
    pub fn about(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("?", |row| row.2)
    }

    /// Whether listing models meets it too: what is wrong with a key or a host, not with a model or an answer.
    pub(super) fn hits_listing(self) -> bool {
        use Fault as F;
        let key = [F::KeyInvalid, F::KeyExpired, F::KeyNotFound, F::TokenType, F::Unauthenticated, F::Leaked];
        let project = [F::Suspended, F::Denied, F::Disabled, F::ServiceBlocked, F::Referrer, F::IpBlocked];
        let host =
            [F::Region, F::Forbidden, F::Internal, F::Html502, F::Hang, F::Reset, F::Close, F::Redirect];
        key.contains(&self) || project.contains(&self) || host.contains(&self) || self == F::BigHeader
    }

    /// The fault of this name.
    pub fn from_name(name: &str) -> Option<Fault> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, TABLE};

    #[test]
    fn every_fault_has_one_row_and_one_name() {
        for (at, (fault, name, about)) in TABLE.iter().enumerate() {
            assert_eq!(Fault::from_name(name), Some(*fault));
            assert_eq!((fault.name(), fault.about()), (*name, *about));
            assert!(TABLE[..at].iter().all(|row| row.0 != *fault && row.1 != *name), "{name} twice");
        }
    }
}
