//! Below one call: its deadlines, its head, its body, and errors without address or key.

use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, HeaderValue};
use reqwest::{RequestBuilder, Response, Url};
use tokio::time::{Instant, timeout_at};

use super::answer::{BODY_CAP, Ended};
use super::client::GeminiSetupError;
use super::verdict::{Verdict, one_line, scrub, verdict};
use crate::config::Secret;
use crate::domain::pool::outcome::{Outcome, Rejection};

/// How long what may take, from the start of the call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadlines {
    pub(super) first: Duration,
    /// None: nothing is expected between the first event and the end.
    pub(super) between: Option<Duration>,
    pub(super) whole: Duration,
}

pub(super) struct Timer {
    deadlines: Deadlines,
    end: Instant,
    pub(super) deadline: Instant,
    begun: bool,
}

impl Timer {
    pub(super) fn start(started: Instant, deadlines: Deadlines) -> Timer {
        let end = started + deadlines.whole;
        Timer { deadlines, end, deadline: end.min(started + deadlines.first), begun: false }
    }

    /// An event came: silence is counted anew.
    pub(super) fn progress(&mut self, begun: bool) {
        self.begun |= begun;
        if let Some(between) = self.deadlines.between {
            self.deadline = self.end.min(Instant::now() + between);
        }
    }

    /// What is awaited now.
    pub(super) fn what(&self) -> &'static str {
        match (self.deadline == self.end, self.deadlines.between, self.begun) {
            (true, ..) => "the whole attempt",
            (_, None, _) => "the answer",
            (_, _, false) => "the first event",
            (_, _, true) => "silence between two events",
        }
    }
}

/// Sends the request and waits for the head of the answer.
pub(super) async fn open(request: RequestBuilder, timer: &Timer) -> Result<Response, Verdict> {
    let response = match timeout_at(timer.deadline, request.send()).await {
        Ok(Ok(response)) => response,
        // Before the connection stands nothing can have been sent.
        Ok(Err(error)) => {
            let sent = !(error.is_connect() || error.is_builder());
            return Err(unsent(Outcome::Unreachable { sent }, &words_of(error)));
        }
        Err(_) => return Err(unsent(Outcome::TimedOut, &format!("timed out: {}", timer.what()))),
    };
    match response.headers().get(CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            // Nobody asked for it; what would unpack to gigabytes is not unpacked.
            let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            let words = format!("the answer is packed ({encoding}), which was not asked for");
            let status = response.status().as_u16();
            let outcome = match status {
                200 => Outcome::Unreachable { sent: true },
                status => verdict(status, "").outcome,
            };
            Err(unsent(outcome, &words))
        }
        _ => Ok(response),
    }
}

/// The verdict on an answer that is none.
pub(super) async fn judge(response: Response, timer: &mut Timer) -> Verdict {
    let status = response.status().as_u16();
    // What came of the body is judged, however it ended.
    let (body, _) = read_body(response, timer).await;
    verdict(status, &body)
}

pub(super) async fn read_body(mut response: Response, timer: &Timer) -> (String, Ended) {
    let mut body = Vec::new();
    let ended = loop {
        match timeout_at(timer.deadline, response.chunk()).await {
            Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
            Ok(Ok(None)) => break Ended::Eof,
            Ok(Err(error)) => break Ended::Broken(words_of(error)),
            Err(_) => break Ended::TimedOut(timer.what()),
        }
        if body.len() > BODY_CAP {
            break Ended::TooLarge(BODY_CAP);
        }
    };
    (String::from_utf8_lossy(&body).into_owned(), ended)
}

pub(super) fn unsent(outcome: Outcome, detail: &str) -> Verdict {
    let detail = Some(one_line(&scrub(detail), 400));
    Verdict { outcome, detail, help_url: None, consumer: None, thinking_refused: false }
}

pub(super) fn header_of(key: &Secret) -> Result<HeaderValue, Verdict> {
    let mut value = HeaderValue::from_str(key.expose()).map_err(|_| {
        let words = "the key holds characters that no header can carry";
        unsent(Outcome::Rejected { reason: Rejection::Invalid }, words)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The error and what lies beneath it, without the address, scrubbed.
pub(super) fn words_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    one_line(&scrub(&words), 400)
}

pub(super) fn address(text: &str, what: &str) -> Result<Url, GeminiSetupError> {
    let url = Url::parse(text).map_err(|_| GeminiSetupError::Address(what.to_owned()))?;
    let usable = matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty();
    if usable { Ok(url) } else { Err(GeminiSetupError::Address(what.to_owned())) }
}

pub(super) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
