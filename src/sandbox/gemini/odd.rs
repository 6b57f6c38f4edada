//! What the server says besides its usual words when a test wants it: a remark wherever Google may put one, another
//! `retryDelay`, another place for redirects.

use std::sync::PoisonError;

use axum::http::HeaderValue;
use serde_json::{Value, json};

use super::errors::ErrorBody;
use super::handle::Gemini;

/// Where `redirect` points unless told otherwise: a name that resolves nowhere.
const NOWHERE: &str = "http://attacker.invalid/v1beta/models";

/// What is said besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Oddities {
    remark: String,
    /// In place of the `retryDelay` of every 429 that names one; an empty one leaves it out.
    retry_delay: Option<String>,
    redirect: Option<HeaderValue>,
}

impl Oddities {
    /// An error body as it is sent.
    pub(super) fn in_error(&self, (code, mut body): ErrorBody) -> ErrorBody {
        let error = &mut body["error"];
        let delay = self.retry_delay.as_ref();
        if let (Some(_), Some(message)) = (delay, error["message"].as_str()) {
            // The message names the same wait in words.
            error["message"] = json!(message.split("\nPlease retry in").next());
        }
        self.after(error.get_mut("message"));
        let details = error.get_mut("details").and_then(Value::as_array_mut);
        for detail in details.into_iter().flatten().filter_map(Value::as_object_mut) {
            self.after(detail.get_mut("message"));
            match delay {
                Some(delay) if delay.is_empty() => {
                    detail.remove("retryDelay");
                }
                Some(delay) if detail.contains_key("retryDelay") => {
                    detail.insert("retryDelay".to_owned(), json!(delay));
                }
                _ => {}
            }
        }
        (code, body)
    }

    /// Events of an answer as they are sent: Google may say why it ended one.
    pub(super) fn in_events(&self, events: &mut [Value]) {
        if self.remark.is_empty() {
            return;
        }
        for event in events {
            let remark = json!(self.remark);
            if event["promptFeedback"].is_object() {
                event["promptFeedback"]["blockReasonMessage"] = remark.clone();
            }
            let candidates = event.get_mut("candidates").and_then(Value::as_array_mut);
            for candidate in candidates.into_iter().flatten() {
                if !candidate["finishReason"].is_null() && candidate["finishReason"] != "STOP" {
                    candidate["finishMessage"] = remark.clone();
                }
            }
        }
    }

    /// The title of a page as it is sent.
    pub(super) fn in_title(&self, title: &str) -> String {
        format!("{title} {}", self.remark).trim_end().to_owned()
    }

    pub(super) fn redirect(&self) -> HeaderValue {
        self.redirect.clone().unwrap_or(HeaderValue::from_static(NOWHERE))
    }

    fn after(&self, text: Option<&mut Value>) {
        if let Some(Value::String(said)) = text.filter(|_| !self.remark.is_empty()) {
            said.push(' ');
            said.push_str(&self.remark);
        }
    }
}

impl Gemini {
    /// From now on every error, page and reason for an end carries this as well; an empty one is none.
    pub fn set_remark(&self, remark: &str) {
        self.change_oddities(|odd| remark.clone_into(&mut odd.remark));
    }

    /// From now on every 429 that names a `retryDelay` names this one, and only there; an empty one is left out.
    pub fn set_retry_delay(&self, delay: &str) {
        self.change_oddities(|odd| odd.retry_delay = Some(delay.to_owned()));
    }

    /// Where `redirect` points from now on; what is no header value changes nothing.
    pub fn set_redirect(&self, url: &str) {
        self.change_oddities(|odd| odd.redirect = HeaderValue::from_str(url).ok().or(odd.redirect.take()));
    }

    pub(super) fn oddities(&self) -> Oddities {
        self.0.odd.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change_oddities(&self, change: impl FnOnce(&mut Oddities)) {
        change(&mut self.0.odd.write().unwrap_or_else(PoisonError::into_inner));
    }
}
