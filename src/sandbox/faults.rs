//! Scripted faults of the fake Gemini server: which call they hit, and what they are called on the command line.

mod rule;

pub(super) use rule::Rules;
pub use rule::{BadRule, Rule};

/// Declares the faults: variant, name in rules, what it does.
macro_rules! faults {
    ($($fault:ident $name:literal $about:literal,)*) => {
        /// Everything the fake Gemini server can do wrong, by the row of Google's behavior it repeats.
        #[expect(clippy::doc_markdown, reason = "the same words are printed by `--help`")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Fault {
            $(#[doc = $about] $fault,)*
        }

        /// Every fault with its name and what it does, in the order of `--help`.
        const TABLE: &[(Fault, &str, &str)] = &[$((Fault::$fault, $name, $about),)*];
    };
}

faults! {
    PerMinute "429" "429 per minute: requests, with QuotaFailure and RetryInfo",
    TokensPerMinute "429tokens" "429 per minute: input tokens",
    PerDay "429day" "429 per day, with a retryDelay of hours",
    PerDayZeroDelay "429day0" "429 per day whose retryDelay says \"0s\"",
    LimitZero "limit0" "429 \"limit: 0\": the model is not on this tier",
    Bare "429bare" "429 without any details",
    Grounding "429search" "429 for google_search on the free tier",
    Spend "429spend" "429 spend limit, rolling ten minutes",
    Capacity "429capacity" "429 MODEL_CAPACITY_EXHAUSTED",
    InvalidArgument "400" "400 INVALID_ARGUMENT, the fault of the request",
    Thinking "400thinking" "400 that names the thinking level",
    KeyInvalid "400key" "400 API_KEY_INVALID: API key not valid",
    KeyExpired "400expired" "400 API_KEY_INVALID: API key expired",
    KeyNotFound "400notfound" "400 API_KEY_INVALID: API Key not found",
    Region "region" "400 User location is not supported",
    TokenType "401" "401 ACCESS_TOKEN_TYPE_UNSUPPORTED",
    Unauthenticated "401bare" "401 without details",
    Prepay "402" "402 prepaid credit used up",
    Forbidden "403" "403 PERMISSION_DENIED without a known reason",
    Leaked "403leaked" "403 key reported as leaked",
    Suspended "403suspended" "403 consumer suspended; the message repeats the key",
    Denied "403denied" "403 project denied access",
    Disabled "403disabled" "403 SERVICE_DISABLED with activationUrl and consumer",
    ServiceBlocked "403blocked" "403 API_KEY_SERVICE_BLOCKED",
    Referrer "403referrer" "403 API_KEY_HTTP_REFERRER_BLOCKED",
    IpBlocked "403ip" "403 API_KEY_IP_ADDRESS_BLOCKED",
    NotFound "404" "404 is not found for API version",
    NewUsers "404new" "404 no longer available to new users",
    Cancelled "499" "499 CANCELLED",
    Internal "500" "500 INTERNAL",
    Overloaded "503" "503 the model is overloaded",
    HighDemand "503demand" "503 experiencing high demand",
    Deadline "504" "504 DEADLINE_EXCEEDED",
    ArrayError "array" "503 whose error is wrapped in an array",
    Html502 "html502" "502 with an HTML page",
    Blocked "blocked" "200 promptFeedback.blockReason SAFETY, no candidates",
    BlockedOther "blockedother" "200 promptFeedback.blockReason PROHIBITED_CONTENT",
    FinishSafety "safety" "200 half an answer, finishReason SAFETY",
    Recitation "recitation" "200 no text, finishReason RECITATION",
    FinishOther "other" "200 half an answer, finishReason OTHER",
    Spii "spii" "200 no text, finishReason SPII",
    Malformed "malformed" "200 no text, finishReason MALFORMED_FUNCTION_CALL",
    MaxTokens "maxtokens" "200 half an answer, finishReason MAX_TOKENS",
    MaxTokensEmpty "maxtokens0" "200 no text, finishReason MAX_TOKENS: thinking ate the cap",
    Empty "empty" "200 without candidates and without a reason",
    ThoughtsOnly "thoughts" "200 with nothing but thought parts",
    Unknown "unknown" "200 with parts and enum values nobody knows, then the answer",
    EarlyStop "earlystop" "200 an empty STOP before the text",
    InBand "sse503" "200, then an error event before any text",
    InBandMid "sse503mid" "200, half an answer, then an error event",
    Eof "eof" "200, half an answer, then the end without finishReason",
    EofEmpty "eof0" "200, then the end before any text",
    Html200 "html200" "200 with an HTML page",
    Truncated "truncated" "200 with JSON cut in the middle",
    GzipBomb "gzipbomb" "200 with content-encoding gzip: 1 GiB of spaces in 7 MB",
    Flood "flood" "200 with 64 MiB of white space and no event",
    Drip "drip" "200 at one byte per second",
    Hang "hang" "no reply ever",
    HangHeaders "hangheaders" "200 headers, then silence",
    HangMid "hangmid" "200, half an answer, then silence",
    Reset "rst" "RST before the reply",
    ResetMid "rstmid" "200, half an answer, then RST",
    Close "close" "FIN before the reply",
    CloseMid "closemid" "200, half an answer, then FIN inside the chunked body",
    Redirect "redirect" "307 to another host",
    BigHeader "bigheader" "200 with a header of 1 MiB",
    Lf "lf" "SSE with bare LF",
    Comments "comments" "SSE with comments, event names, ids and split data lines",
    CutUtf8 "utf8" "SSE written one byte at a time, so also inside characters",
    NoBlank "noblank" "SSE without the final blank line",
}

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
