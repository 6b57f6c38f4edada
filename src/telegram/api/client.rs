//! The one call path to the Bot API.
//!
//! teloxide's own path sleeps 10 s inside every call that meets a 5xx and then fails with the proxy's HTML in
//! its error; so its types and payloads are used here, and its path is not. Only this file knows the token; `files` takes from it
//! the addresses that hold it, and shows none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use teloxide::Bot;
use teloxide::requests::Payload;
use tokio::sync::Semaphore;

use super::error::{ApiError, Refusal};
use super::methods::{GetUpdates, SendMessageDraft};
use crate::clock::http_date;
use crate::config::TelegramConfig;
use crate::domain::time::Timestamp;
use crate::telemetry::Vitals;

/// The whole of an answer is read up to here; a batch of 100 long updates stays far below it.
const MAX_BODY: usize = 16 << 20;
/// Every call but the poll is answered within this.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// What a poll may take beyond its own wait.
const POLL_MARGIN: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Calls under way at once. Telegram takes some 30 messages a second in all; without this, thousands of chats that
/// wait would each open a connection of their own, of 40 KB. The second half is for what people are to read.
const AT_ONCE: usize = 64;
/// Connections kept for what comes next; a crowd leaves twice as many behind as it had calls under way, of 20 KB each.
const KEPT_IDLE: usize = 32;

/// The Bot API of one bot; clones share connections. It has no `Debug`, because `Bot`'s prints the token.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inner>);

struct Inner {
    bot: Bot,
    /// How long a poll may take in all.
    poll_timeout: Duration,
    rejected: AtomicU32,
    room: Semaphore,
    vitals: Vitals,
}

/// Newer parts of the API that an older server rejects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Feature {
    /// `sendMessageDraft`: the native "Thinking…".
    Draft = 1,
    /// `setMessageReaction`.
    Reaction = 2,
    /// `can_stop` of a draft: its native Stop.
    DraftStop = 4,
}

/// Why no client can be built.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// No token is configured.
    #[error("no Telegram bot token is set")]
    Token,
    /// The proxy's address is no URL.
    #[error("the proxy for Telegram is not a URL")]
    Proxy,
    /// The API address is no URL with a host.
    #[error("the Telegram API address is not a URL")]
    Url,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client,
}

impl Api {
    /// A client for the configured bot.
    pub(crate) fn new(config: &TelegramConfig) -> Result<Api, SetupError> {
        Api::counted(config, Vitals::default())
    }

    /// The same, whose calls are counted there.
    pub(crate) fn counted(config: &TelegramConfig, vitals: Vitals) -> Result<Api, SetupError> {
        let token = config.token.as_ref().ok_or(SetupError::Token)?;
        let url = Url::parse(&config.api_url).map_err(|_| SetupError::Url)?;
        if url.cannot_be_a_base() {
            return Err(SetupError::Url);
        }
        let builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(KEPT_IDLE)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            // Only a proxy that was asked for: the environment's may be anybody's.
            .no_proxy();
        let builder = match &config.proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.expose()).map_err(|_| SetupError::Proxy)?),
            None => builder,
        };
        let client = builder.build().map_err(|_| SetupError::Client)?;
        let bot = Bot::with_client(token.expose(), client).set_api_url(url);
        let poll_timeout = config.poll_timeout + POLL_MARGIN;
        vitals.set_telegram_calls_limit(AT_ONCE);
        Ok(Api(Arc::new(Inner {
            bot,
            poll_timeout,
            rejected: AtomicU32::new(0),
            room: Semaphore::new(AT_ONCE),
            vitals,
        })))
    }

    /// One call.
    pub(crate) async fn call<P>(&self, payload: &P) -> Result<P::Output, ApiError>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        self.call_within(payload, CALL_TIMEOUT).await
    }

    /// One call that may take so long.
    pub(super) async fn call_within<P>(&self, payload: &P, timeout: Duration) -> Result<P::Output, ApiError>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        let room = &self.0.room;
        if is_fleeting(P::NAME) && room.available_permits() <= AT_ONCE / 2 {
            return Err(ApiError::Busy);
        }
        let _room = room.acquire().await.map_err(|_| ApiError::Busy)?;
        let _under_way = self.0.vitals.telegram_call();
        let began = Instant::now();
        let body = self.post(payload, timeout).await;
        self.count(P::NAME, body.as_ref().err(), Some(began.elapsed()));
        read_envelope(&body?)
    }

    /// One poll: the updates as Telegram wrote them, since a reader of known shapes would lose the others.
    pub(crate) async fn poll(&self, payload: &GetUpdates<'_>) -> Result<Vec<Box<RawValue>>, ApiError> {
        let body = self.post(payload, self.0.poll_timeout).await;
        self.count(GetUpdates::NAME, body.as_ref().err(), None);
        read_envelope(&body?)
    }

    /// A call ended.
    pub(super) fn count(&self, method: &str, error: Option<&ApiError>, took: Option<Duration>) {
        let vitals = &self.0.vitals;
        vitals.telegram_called(method, error.map_or("ok", ApiError::name), took);
        if let Some(ApiError::RetryAfter(wait)) = error {
            vitals.telegram_paused(*wait);
        }
    }

    /// Whether the server has not yet rejected this feature.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.0.rejected.load(Ordering::Relaxed) & feature as u32 == 0
    }

    /// One call of a newer feature: learns from the first rejection, and fails at once from then on.
    pub(crate) async fn try_call<P>(&self, feature: Feature, payload: &P) -> Result<P::Output, ApiError>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        if !self.has(feature) {
            return Err(ApiError::UnknownMethod);
        }
        let answer = self.call(payload).await;
        self.learn(feature, answer.as_ref().err());
        answer
    }

    /// Shows a draft, with its native Stop unless the server rejects that.
    pub(crate) async fn draft(&self, draft: &mut SendMessageDraft<'_>) -> Result<(), ApiError> {
        draft.can_stop = self.has(Feature::DraftStop) && self.has(Feature::Draft);
        if draft.can_stop {
            match self.call(draft).await {
                Err(ApiError::BadRequest(_)) => draft.can_stop = false,
                answer => {
                    self.learn(Feature::Draft, answer.as_ref().err());
                    return answer.map(|_| ());
                }
            }
            self.try_call(Feature::Draft, draft).await?;
            self.reject(Feature::DraftStop);
            return Ok(());
        }
        self.try_call(Feature::Draft, draft).await.map(|_| ())
    }

    fn learn(&self, feature: Feature, error: Option<&ApiError>) {
        let is_rejected = match error {
            // Some servers answer an unknown method as a malformed token; a token that is none ends the poll anyway.
            Some(ApiError::UnknownMethod | ApiError::Unauthorized) => true,
            // A draft is refused for what it is; a reaction also for the chat it is in.
            Some(ApiError::BadRequest(_)) => feature == Feature::Draft,
            _ => false,
        };
        if is_rejected {
            self.reject(feature);
        }
    }

    fn reject(&self, feature: Feature) {
        if self.0.rejected.fetch_or(feature as u32, Ordering::Relaxed) & feature as u32 == 0 {
            tracing::info!(?feature, "the Bot API server does not offer this; going on without it");
        }
    }

    /// The time at Telegram, to a second; none if it cannot be reached or does not tell. The token is not sent.
    pub(crate) async fn server_time(&self) -> Option<Timestamp> {
        let request = self.0.bot.client().get(self.0.bot.api_url()).timeout(CALL_TIMEOUT);
        let answer = request.send().await.ok()?;
        http_date(answer.headers().get(reqwest::header::DATE)?.to_str().ok()?)
    }

    async fn post<P: Payload + Serialize>(
        &self,
        payload: &P,
        timeout: Duration,
    ) -> Result<Vec<u8>, ApiError> {
        let json = serde_json::to_vec(payload).map_err(|error| ApiError::Other(error.to_string()))?;
        let request = self.0.bot.client().post(self.url(&["", P::NAME]));
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(json);
        self.send(request.timeout(timeout)).await
    }

    /// Sends a call; the whole body of an answer that says that it succeeded.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, ApiError> {
        let response = request.send().await.map_err(ApiError::of_transport)?;
        let status = response.status().as_u16();
        let body = read_body(response).await?;
        match serde_json::from_slice::<Verdict>(&body) {
            Ok(Verdict { ok: true }) => Ok(body),
            Ok(Verdict { ok: false }) => Err(read_refusal(status, &body)),
            Err(_) if status >= 500 => Err(ApiError::Server(status)),
            Err(_) if status == 401 => Err(ApiError::Unauthorized),
            Err(_) => Err(ApiError::Other(format!("HTTP {status} without the API's envelope"))),
        }
    }

    /// An address below the API's: of the path, the empty step is the bot's own. It holds the token.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.0.bot.api_url();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            for step in path {
                if step.is_empty() {
                    segments.push(&format!("bot{}", self.0.bot.token()));
                } else {
                    segments.push(step);
                }
            }
        }
        url
    }

    pub(super) fn http(&self) -> &Client {
        self.0.bot.client()
    }
}

/// Signs of life, which nothing must wait behind: where there is no room for one, there is one less.
fn is_fleeting(method: &str) -> bool {
    method.eq_ignore_ascii_case("sendChatAction") || method.eq_ignore_ascii_case("sendMessageDraft")
}

/// The envelope without its result, which is read only once `ok` says that it is there.
#[derive(Deserialize)]
struct Verdict {
    ok: bool,
}

fn read_refusal(status: u16, body: &[u8]) -> ApiError {
    match serde_json::from_slice::<Refusal<'_>>(body) {
        Ok(refusal) => {
            let error = ApiError::of_envelope(status, &refusal);
            if let ApiError::BadRequest(words) | ApiError::Blocked(words) = &error {
                tracing::debug!(status, words, "Telegram refused a call");
            }
            error
        }
        Err(_) => ApiError::Other(format!("HTTP {status} with an envelope of another shape")),
    }
}

pub(super) fn read_envelope<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        result: T,
    }
    serde_json::from_slice::<Envelope<T>>(body)
        .map(|envelope| envelope.result)
        // The error's text quotes the body, which is somebody's message.
        .map_err(|error| ApiError::Other(format!("a result of another shape, at column {}", error.column())))
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ApiError::of_transport)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(ApiError::Other("an answer over 16 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
