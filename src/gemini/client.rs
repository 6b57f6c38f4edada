//! One HTTP call to Gemini, with its deadlines.
//!
//! Redirects are off, proxies come only from configuration, and nothing is sent twice: reqwest's own retries are off
//! as well, because every send was paid for by the pool before its first byte. The key travels in one header, marked
//! sensitive, and never in an address.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Url};
use tokio::time::{Instant, timeout_at};

use super::answer::{AnswerReader, BODY_CAP, Conclusion, Ended, Finish, PICTURES_BODY_CAP};
use super::media::Picture;
use super::transport::{
    Deadlines, Timer, address, header_of, is_this_machine, judge, open, read_body, unsent, words_of,
};
use super::verdict::Verdict;
use super::wire::{Defaults, Prompt, Thinking, Usage, request_body};
use crate::clock::http_date;
use crate::config::{GeminiConfig, Secret};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::outcome::Outcome;
use crate::domain::time::Timestamp;

const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE: Duration = Duration::from_secs(90);
/// Connections kept for what comes next, where they are HTTP/1: a crowd leaves many behind, of 20 KB each.
const KEPT_IDLE: usize = 32;

/// One send.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Whose quota it is.
    pub(crate) key: &'a Secret,
    /// The model.
    pub(crate) slot: ModelSlot,
    /// The question.
    pub(crate) prompt: &'a Prompt,
}

/// What one send brought.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Reply {
    /// What the pool learns from it.
    pub(crate) outcome: Outcome,
    /// The visible text, all of it.
    pub(crate) text: String,
    /// The pictures, where the slot makes some.
    pub(crate) pictures: Vec<Picture>,
    /// How the text ended.
    pub(crate) finish: Finish,
    /// Tokens, as far as Google counted them.
    pub(crate) usage: Usage,
    /// Why, for operators; scrubbed.
    pub(crate) detail: Option<String>,
    /// Where an operator can mend it.
    pub(crate) help_url: Option<String>,
    /// The number of the key's project, when Google named it.
    pub(crate) consumer: Option<String>,
    /// Whether Google refused the thinking setting. The client has noted it: the same call again goes without.
    pub(crate) thinking_refused: bool,
    /// From the call to the end of the answer.
    pub(crate) elapsed: Duration,
}

/// The configuration of upstream cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum GeminiSetupError {
    /// The API address, or a model id in it.
    #[error("no valid API address for {0}")]
    Address(String),
    /// Not https, and not this machine.
    #[error("the API address must begin with https:// outside this machine")]
    PlainHttp,
    /// The proxy; its address may hold a password and is not repeated.
    #[error("the proxy address is not valid")]
    Proxy,
    /// The HTTP client, for instance its TLS.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// A client for all keys and models; clones share its connections.
#[derive(Clone)]
pub(crate) struct GeminiClient(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    config: GeminiConfig,
    models_url: Url,
    endpoints: PerModel<Option<Endpoint>>,
}

struct Endpoint {
    /// Without `models/`.
    id: String,
    url: Url,
    /// Google refused the thinking setting once: the configured level is none of this model's.
    thinking_refused: AtomicBool,
}

impl fmt::Debug for GeminiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The HTTP client's own output shows the proxy.
        f.debug_struct("GeminiClient").field("api_url", &self.0.config.api_url).finish_non_exhaustive()
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("slot", &self.slot).finish_non_exhaustive()
    }
}

impl GeminiClient {
    /// A client as configured. Connects to nothing yet.
    pub(crate) fn new(config: &GeminiConfig) -> Result<GeminiClient, GeminiSetupError> {
        let base = format!("{}/{}", config.api_url.trim_end_matches('/'), config.version);
        let models_url = address(&format!("{base}/models"), "the list of models")?;
        if models_url.scheme() != "https" && !is_this_machine(&models_url) {
            return Err(GeminiSetupError::PlainHttp);
        }
        let mut endpoints = PerModel::default();
        for slot in ModelSlot::ALL {
            endpoints[slot] =
                config.models[slot].as_deref().map(|id| Endpoint::new(&base, id)).transpose()?;
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(config.connect)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(KEPT_IDLE)
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE)
            .http2_keep_alive_interval(KEEPALIVE)
            .http2_keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .user_agent(concat!("svs/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &config.proxy {
            let proxy = reqwest::Proxy::all(proxy.expose()).map_err(|_| GeminiSetupError::Proxy)?;
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|error| GeminiSetupError::Client(words_of(error)))?;
        Ok(GeminiClient(Arc::new(Inner { http, config: config.clone(), models_url, endpoints })))
    }

    /// Asks, and hands over each piece of visible text as it comes. Dropping the future cancels the call.
    pub(crate) async fn stream(&self, call: &Call<'_>, on_text: &mut (dyn FnMut(&str) + Send)) -> Reply {
        let config = &self.0.config;
        let is_picture = call.slot == ModelSlot::Image;
        let deadlines = Deadlines {
            first: config.first_event[call.slot] + upload_time(call.prompt),
            // A picture comes as one event, after a silence as long as it takes to make.
            between: Some(if is_picture { config.attempt[call.slot] } else { config.between_events }),
            whole: config.attempt[call.slot],
        };
        self.ask(call, deadlines, on_text).await
    }

    async fn ask(
        &self,
        call: &Call<'_>,
        deadlines: Deadlines,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Reply {
        let started = Instant::now();
        let conclusion = match self.prepare(call) {
            Ok((request, endpoint, thinking)) => {
                let mut timer = Timer::start(started, deadlines);
                let cap = if call.slot == ModelSlot::Image { PICTURES_BODY_CAP } else { BODY_CAP };
                let reader = AnswerReader::new(cap);
                let mut conclusion = self.send(request, reader, &mut timer, on_text).await;
                let refused = &mut conclusion.verdict.thinking_refused;
                *refused &= thinking;
                if *refused {
                    endpoint.thinking_refused.store(true, Ordering::Relaxed);
                }
                conclusion
            }
            Err(verdict) => failed(verdict),
        };
        let Conclusion { verdict, finish, text, pictures, usage } = conclusion;
        Reply {
            outcome: verdict.outcome,
            text,
            pictures,
            finish,
            usage,
            detail: verdict.detail,
            help_url: verdict.help_url,
            consumer: verdict.consumer,
            thinking_refused: verdict.thinking_refused,
            elapsed: started.elapsed(),
        }
    }

    /// The request, and whether it says how much to think; or why nothing can be sent.
    fn prepare(&self, call: &Call<'_>) -> Result<(RequestBuilder, &Endpoint, bool), Verdict> {
        let config = &self.0.config;
        let Some(endpoint) = &self.0.endpoints[call.slot] else {
            return Err(unsent(Outcome::ModelMissing, &format!("no model is configured for {}", call.slot)));
        };
        let level = config.thinking_level[call.slot].as_deref();
        let thinking = Thinking::of_model(&endpoint.id, level, call.prompt.less_thinking)
            .filter(|_| !endpoint.thinking_refused.load(Ordering::Relaxed));
        let defaults = Defaults {
            safety: &config.safety,
            thinking,
            max_output_tokens: config.max_output_tokens,
            temperature: config.temperature,
            pictures: call.slot == ModelSlot::Image,
        };
        let body = request_body(call.prompt, defaults)
            .ok_or_else(|| unsent(Outcome::BadRequest, "the prompt holds no question"))?;
        let request = self.0.http.post(endpoint.url.clone()).header("x-goog-api-key", header_of(call.key)?);
        let request = request
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(reqwest::Body::wrap(body));
        Ok((request, endpoint, thinking.is_some()))
    }

    async fn send(
        &self,
        request: RequestBuilder,
        mut reader: AnswerReader,
        timer: &mut Timer,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Conclusion {
        let mut response = match open(request, timer).await {
            Ok(response) => response,
            Err(verdict) => return failed(verdict),
        };
        if response.status() != 200 {
            return failed(judge(response, timer).await);
        }
        let ended = loop {
            match timeout_at(timer.deadline, response.chunk()).await {
                Ok(Ok(Some(bytes))) => {
                    if reader.push(&bytes, on_text) {
                        timer.progress(reader.has_begun());
                    }
                    if reader.is_over() {
                        break Ended::Eof;
                    }
                }
                Ok(Ok(None)) => break Ended::Eof,
                Ok(Err(error)) => break Ended::Broken(words_of(error)),
                Err(_) => break Ended::TimedOut(timer.what()),
            }
        };
        reader.conclude(ended, on_text)
    }

    /// The time at Google, to a second; none if it cannot be reached or does not tell. No key is sent.
    pub(crate) async fn server_time(&self) -> Option<Timestamp> {
        let deadline = self.0.config.first_event[ModelSlot::FlashLite];
        let request = self.0.http.get(self.0.models_url.clone()).timeout(deadline);
        let answer = request.send().await.ok()?;
        http_date(answer.headers().get(reqwest::header::DATE)?.to_str().ok()?)
    }

    /// One page of the list of models, as text.
    pub(super) async fn models_page(&self, key: &Secret, page: Option<&str>) -> Result<String, Verdict> {
        let mut url = self.0.models_url.clone();
        url.query_pairs_mut()
            .append_pair("pageSize", "1000")
            .extend_pairs(page.map(|page| ("pageToken", page)));
        let request = self.0.http.get(url).header("x-goog-api-key", header_of(key)?);
        let config = &self.0.config;
        let whole = config.first_event[ModelSlot::FlashLite];
        let mut timer = Timer::start(Instant::now(), Deadlines { first: whole, between: None, whole });
        let response = open(request, &timer).await?;
        if response.status() != 200 {
            return Err(judge(response, &mut timer).await);
        }
        let (body, ended) = read_body(response, &timer).await;
        match ended {
            Ended::Eof => Ok(body),
            Ended::TimedOut(what) => Err(unsent(Outcome::TimedOut, &format!("timed out: {what}"))),
            Ended::Broken(why) => Err(unsent(Outcome::Unreachable { sent: true }, &why)),
            Ended::TooLarge(_) => Err(unsent(Outcome::Unreachable { sent: true }, "the list is too large")),
        }
    }
}

impl Endpoint {
    fn new(base: &str, id: &str) -> Result<Endpoint, GeminiSetupError> {
        let id = id.strip_prefix("models/").unwrap_or(id);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || !id.chars().all(plain) || id.chars().all(|c| c == '.') {
            return Err(GeminiSetupError::Address(format!("the model {id:?}")));
        }
        Ok(Endpoint {
            id: id.to_owned(),
            url: address(&format!("{base}/models/{id}:streamGenerateContent?alt=sse"), id)?,
            thinking_refused: AtomicBool::new(false),
        })
    }
}

fn failed(verdict: Verdict) -> Conclusion {
    Conclusion {
        verdict,
        finish: Finish::None,
        text: String::new(),
        pictures: Vec::new(),
        usage: Usage::default(),
    }
}

/// What files add to the wait for the first event: a second per MiB, as a line of 10 Mbit/s needs.
fn upload_time(prompt: &Prompt) -> Duration {
    let bytes: usize = prompt.attachments.iter().map(|file| file.bytes().len()).sum();
    Duration::from_millis((bytes >> 10) as u64)
}

#[cfg(test)]
mod tests;
