//! One message to the collector: written, sent, sent again where the collector asks for that.

use std::time::Duration;

use prost::Message;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Certificate, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::settings::{Collector, Encoding, shown};

/// Tries of one message.
const TRIES: u32 = 3;
/// The pause after the first.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that a collector may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The way to a collector.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    to: Collector,
}

impl Client {
    /// A client for a collector; in words why there is none. Connects to nothing yet, and never through a proxy.
    pub(super) fn new(to: Collector) -> Result<Client, String> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(1)
            .timeout(to.timeout)
            .user_agent(concat!("svs/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &to.roots {
            let roots = Certificate::from_pem_bundle(pem)
                .map_err(|_| "OTEL_EXPORTER_OTLP_CERTIFICATE names no PEM file of certificates".to_owned())?;
            builder = roots.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = builder.build().map_err(|error| format!("no client for the collector: {error}"))?;
        Ok(Client { http, to })
    }

    /// Where it leads, without secrets.
    pub(super) fn shown(&self) -> String {
        shown(&self.to.url)
    }

    /// Hands a message over; else says why it was not taken. Once `hurry` is cancelled it is tried no second time.
    pub(super) async fn send<A>(
        &self,
        message: &(impl Message + Serialize),
        hurry: &CancellationToken,
    ) -> Result<A, String>
    where
        A: Message + Default + DeserializeOwned,
    {
        let (kind, body) = match self.to.encoding {
            Encoding::Protobuf => ("application/x-protobuf", message.encode_to_vec()),
            Encoding::Json => {
                ("application/json", serde_json::to_vec(message).map_err(|error| error.to_string())?)
            }
        };
        // Its clones share the bytes.
        let body = bytes::Bytes::from(body);
        let mut tries = 1;
        loop {
            let refused = match self.post(kind, body.clone()).await {
                Ok(answer) => return Ok(self.read(&answer)),
                Err(refused) => refused,
            };
            let Some(pause) = refused.again.filter(|_| tries < TRIES) else { return Err(refused.why) };
            let wait = pause.max(PAUSE * (1 << (tries - 1))).mul_f64(1.0 + 0.2 * fastrand::f64());
            tokio::select! {
                () = tokio::time::sleep(wait) => tries += 1,
                () = hurry.cancelled() => return Err(refused.why),
            }
        }
    }

    async fn post(&self, kind: &'static str, body: bytes::Bytes) -> Result<Vec<u8>, Refused> {
        let call = self.http.post(self.to.url.clone()).headers(self.to.headers.clone());
        let sent = call.header(CONTENT_TYPE, kind).body(body).send().await;
        // Of an error only its kind: its words name the address, which may hold a password.
        let mut answer = sent.map_err(|error| {
            let why = if error.is_timeout() { "it does not answer" } else { "it cannot be reached" };
            Refused { why: why.to_owned(), again: Some(Duration::ZERO) }
        })?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Refused { why: format!("it answers {status}"), again: again(status, &answer) });
        }
        let mut read = Vec::new();
        while let Ok(Some(piece)) = answer.chunk().await {
            read.extend_from_slice(&piece);
            if read.len() > LARGEST_ANSWER {
                return Ok(Vec::new());
            }
        }
        Ok(read)
    }

    /// What a collector says of what it took; it may say nothing.
    fn read<A: Message + Default + DeserializeOwned>(&self, answer: &[u8]) -> A {
        match self.to.encoding {
            Encoding::Protobuf => A::decode(answer).unwrap_or_default(),
            Encoding::Json => serde_json::from_slice(answer).unwrap_or_default(),
        }
    }
}

struct Refused {
    why: String,
    /// It may be tried again, after this.
    again: Option<Duration>,
}

/// As the specification has it: these answers alone are passing.
fn again(status: StatusCode, answer: &Response) -> Option<Duration> {
    let is_passing = matches!(status.as_u16(), 429 | 502 | 503 | 504);
    let asked = answer.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    is_passing.then(|| asked.map_or(Duration::ZERO, Duration::from_secs).min(LONGEST_PAUSE))
}
