//! Every way a Bot API call can fail, read off the HTTP status, the envelope and the transport error.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::chat::ChatId;

/// A failed call. All texts in it are scrubbed of the token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// 401, or the bare 404 of a malformed token: no call will ever succeed.
    #[error("Telegram does not know this bot token")]
    Unauthorized,
    /// 409: another poller, or a webhook that is set while we poll.
    #[error("{}", if *.webhook { "a webhook is set for this bot" } else { "another process polls with this token" })]
    Conflict {
        /// Whether it is the webhook.
        webhook: bool,
    },
    /// 429: not before this has passed.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The group became a supergroup with this id.
    #[error("the group moved to another chat id")]
    Migrated(ChatId),
    /// 403, or a chat that is gone: this person or chat cannot be reached any more.
    #[error("the chat cannot be reached")]
    Blocked(String),
    /// The edit would change nothing.
    #[error("the message is not modified")]
    NotModified,
    /// The message to edit is gone.
    #[error("the message to edit is gone")]
    MessageNotFound,
    /// The message replied to is gone.
    #[error("the message replied to is gone")]
    ReplyNotFound,
    /// The file is larger than bots may download, or than was asked for.
    #[error("the file is too big")]
    TooBig,
    /// The file is gone: its link lives for an hour, and what it links to may be deleted.
    #[error("the file is gone")]
    FileGone,
    /// The server does not know this method.
    #[error("the Bot API server does not know this method")]
    UnknownMethod,
    /// Any other 4xx, in Telegram's words, which may quote a message and are not shown.
    #[error("Telegram refused")]
    BadRequest(String),
    /// 5xx.
    #[error("Telegram answered {0}")]
    Server(u16),
    /// As many calls are under way as may be; nothing was sent.
    #[error("too many calls to Telegram are under way")]
    Busy,
    /// The connection failed.
    #[error("no connection to Telegram ({})", if *.sent { "the request may have left" } else { "nothing was sent" })]
    Network {
        /// Whether the request may have reached Telegram.
        sent: bool,
    },
    /// No answer in time; the request may have been served.
    #[error("Telegram did not answer in time")]
    TimedOut,
    /// An answer that is none of the above.
    #[error("unexpected answer of Telegram: {0}")]
    Other(String),
}

impl ApiError {
    /// The word for those who count.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            ApiError::Unauthorized => "unauthorized",
            ApiError::Conflict { .. } => "conflict",
            ApiError::RetryAfter(_) => "retry_after",
            ApiError::Migrated(_) => "migrated",
            ApiError::Blocked(_) => "blocked",
            ApiError::NotModified => "not_modified",
            ApiError::MessageNotFound | ApiError::ReplyNotFound => "message_gone",
            ApiError::TooBig => "too_big",
            ApiError::FileGone => "file_gone",
            ApiError::UnknownMethod => "unknown_method",
            ApiError::BadRequest(_) => "bad_request",
            ApiError::Server(_) => "server_error",
            ApiError::Busy => "busy",
            ApiError::Network { .. } => "network",
            ApiError::TimedOut => "timed_out",
            ApiError::Other(_) => "unexpected",
        }
    }

    /// Whether trying the same call again later can help.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(
            self,
            ApiError::RetryAfter(_)
                | ApiError::Busy
                | ApiError::Server(_)
                | ApiError::Network { .. }
                | ApiError::TimedOut
        )
    }

    /// Whether the call may have been served although we saw it fail.
    pub(crate) const fn is_unknown_outcome(&self) -> bool {
        matches!(self, ApiError::Network { sent: true } | ApiError::TimedOut | ApiError::Server(_))
    }

    /// Whether it is the entities that Telegram does not take: the text alone may pass.
    pub(crate) fn is_about_entities(&self) -> bool {
        matches!(self, ApiError::BadRequest(words) if contains(words, "entit"))
    }

    /// What a transport error means. The error itself, which may show the URL and so the token, goes no further.
    pub(super) fn of_transport(error: reqwest::Error) -> ApiError {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            return ApiError::Network { sent: false };
        }
        if error.is_timeout() {
            return ApiError::TimedOut;
        }
        ApiError::Network { sent: true }
    }

    /// What a refusal in the API's own envelope means.
    pub(super) fn of_envelope(status: u16, refusal: &Refusal<'_>) -> ApiError {
        let code = refusal.error_code.unwrap_or(status);
        let text = refusal.description.as_deref().unwrap_or_default();
        if let Some(chat) = refusal.parameters.migrate_to_chat_id {
            return ApiError::Migrated(ChatId(chat));
        }
        if code == 429 || refusal.parameters.retry_after.is_some() {
            let seconds = refusal.parameters.retry_after.unwrap_or(5).clamp(1, 24 * 3600);
            return ApiError::RetryAfter(Duration::from_secs(seconds));
        }
        match code {
            401 => ApiError::Unauthorized,
            403 => ApiError::Blocked(clean(text)),
            404 if text == "Not Found" => ApiError::Unauthorized,
            404 => ApiError::UnknownMethod,
            413 => ApiError::TooBig,
            409 => ApiError::Conflict { webhook: contains(text, "webhook") },
            500.. => ApiError::Server(code),
            _ => ApiError::of_bad_request(text),
        }
    }

    fn of_bad_request(text: &str) -> ApiError {
        const TABLE: [(&str, ApiError); 12] = [
            ("message is not modified", ApiError::NotModified),
            ("message to edit not found", ApiError::MessageNotFound),
            ("MESSAGE_ID_INVALID", ApiError::MessageNotFound),
            ("message can't be edited", ApiError::MessageNotFound),
            ("replied message not found", ApiError::ReplyNotFound),
            ("reply message not found", ApiError::ReplyNotFound),
            ("message to be replied not found", ApiError::ReplyNotFound),
            ("method not found", ApiError::UnknownMethod),
            ("file is too big", ApiError::TooBig),
            ("wrong file_id", ApiError::FileGone),
            ("wrong file identifier", ApiError::FileGone),
            ("invalid file_id", ApiError::FileGone),
        ];
        if let Some((_, error)) = TABLE.iter().find(|(words, _)| contains(text, words)) {
            return error.clone();
        }
        let gone =
            ["chat not found", "is deactivated", "have no rights to send", "not enough rights to send"];
        if gone.iter().any(|words| contains(text, words)) {
            return ApiError::Blocked(clean(text));
        }
        ApiError::BadRequest(clean(text))
    }
}

fn contains(text: &str, words: &str) -> bool {
    text.to_ascii_lowercase().contains(&words.to_ascii_lowercase())
}

/// Telegram's words, short and without secrets.
fn clean(text: &str) -> String {
    let scrubbed = crate::redact::scrub(text);
    scrubbed.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The refusing half of the API's envelope.
#[derive(Deserialize)]
pub(super) struct Refusal<'a> {
    pub(super) error_code: Option<u16>,
    #[serde(borrow)]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) parameters: Parameters,
}

/// What a machine can act on in a refusal.
#[derive(Deserialize, Default)]
pub(super) struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> ApiError {
        ApiError::of_envelope(status, &serde_json::from_str(body).expect("a test's own body"))
    }

    #[test]
    fn every_known_refusal_has_its_meaning() {
        let blocked = |text: &str| ApiError::Blocked(text.to_owned());
        let cases = [
            (401, "Unauthorized", ApiError::Unauthorized),
            (404, "Not Found", ApiError::Unauthorized),
            (404, "Not Found: method not found", ApiError::UnknownMethod),
            (
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                ApiError::Conflict { webhook: false },
            ),
            (
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                ApiError::Conflict { webhook: true },
            ),
            (
                403,
                "Forbidden: bot was blocked by the user",
                blocked("Forbidden: bot was blocked by the user"),
            ),
            (400, "Bad Request: chat not found", blocked("Bad Request: chat not found")),
            (
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
                ApiError::NotModified,
            ),
            (400, "Bad Request: message to edit not found", ApiError::MessageNotFound),
            (400, "Bad Request: MESSAGE_ID_INVALID", ApiError::MessageNotFound),
            (400, "Bad Request: message to be replied not found", ApiError::ReplyNotFound),
            (
                400,
                "Bad Request: message text is empty",
                ApiError::BadRequest("Bad Request: message text is empty".to_owned()),
            ),
            (400, "Bad Request: file is too big", ApiError::TooBig),
            (400, "Bad Request: invalid file_id", ApiError::FileGone),
            (413, "Request Entity Too Large", ApiError::TooBig),
            (502, "Bad Gateway", ApiError::Server(502)),
        ];
        for (status, description, error) in cases {
            let body = serde_json::json!({"ok": false, "error_code": status, "description": description});
            assert_eq!(read(status, &body.to_string()), error, "{description}");
        }
    }

    #[test]
    fn a_wait_is_at_least_a_second_and_has_a_default() {
        for (parameters, seconds) in [
            (r#"{"retry_after":30}"#, 30),
            (r#"{"retry_after":0}"#, 1),
            (r#"{"retry_after":999999999}"#, 24 * 3600),
            ("{}", 5),
        ] {
            let body =
                format!(r#"{{"ok":false,"error_code":429,"description":"x","parameters":{parameters}}}"#);
            assert_eq!(read(429, &body), ApiError::RetryAfter(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn a_migrated_group_names_its_new_id() {
        let body = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890123}}"#;
        assert_eq!(read(400, body), ApiError::Migrated(ChatId(-1_001_234_567_890_123)));
    }
}
