//! What is answered at the door for monitoring. The words are for whoever is called at night; the status code is for
//! the program that called them.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus::proto::MetricFamily;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::exposition::{self, TEXT_FORMAT};
use crate::clock::Clock;
use crate::domain::pool::snapshot::Counts;
use crate::domain::time::Timestamp;
use crate::gateway::{Gateway, Gauges};
use crate::telemetry::{POLL_STALL, Vitals};

/// How long the state may take to tell a number.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// Numbers so young are told again: nobody makes svs gather them more than 50 times a second.
const FRESH: Duration = Duration::from_millis(20);

/// What the answers are made of; clones share it.
#[derive(Clone)]
pub(crate) struct Site(Arc<Shared>);

struct Shared {
    gateway: OnceLock<Gateway>,
    vitals: Vitals,
    clock: Clock,
    started_at: Timestamp,
    shutdown: CancellationToken,
    latest: Mutex<Option<(Instant, Gauges)>>,
}

impl Site {
    /// Of a daemon that is about to open its state.
    pub(crate) fn new(vitals: Vitals, clock: Clock, shutdown: CancellationToken) -> Site {
        let (started_at, gateway) = (clock.now(), OnceLock::new());
        Site(Arc::new(Shared { gateway, vitals, clock, started_at, shutdown, latest: Mutex::new(None) }))
    }

    /// The state is open.
    pub(crate) fn opened(&self, gateway: Gateway) {
        // The first stays; there is one gateway in a process.
        let _ = self.0.gateway.set(gateway);
    }

    /// All that is counted and measured.
    pub(crate) async fn families(&self) -> Vec<MetricFamily> {
        let gauges = self.gauges().await;
        let is_ready = Parts::of(&gauges, &self.0).are_ready() && !self.0.shutdown.is_cancelled();
        exposition::families(gauges.ok().as_ref(), &self.0.vitals, self.0.started_at, is_ready)
    }

    /// What is now; in words why it cannot be told.
    async fn gauges(&self) -> Result<Gauges, &'static str> {
        let Some(gateway) = self.0.gateway.get() else { return Err("the state is being opened") };
        let mut latest = self.0.latest.lock().await;
        if let Some((at, gauges)) = &*latest
            && at.elapsed() < FRESH
        {
            return Ok(gauges.clone());
        }
        let gauges = match tokio::time::timeout(STORE_PATIENCE, gateway.gauges()).await {
            Ok(Ok(gauges)) => gauges,
            Ok(Err(_)) => return Err("the state cannot be read"),
            Err(_) => return Err("the state does not answer"),
        };
        *latest = Some((Instant::now(), gauges.clone()));
        Ok(gauges)
    }
}

pub(super) fn router(site: Site) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .with_state(site)
}

/// Whether this process lives: what is mended by a restart, and a disk that takes nothing more.
async fn health(State(Site(site)): State<Site>) -> Response {
    let now = site.clock.now();
    let fault = site.vitals.fault(now);
    let mut body = json!({
        "alive": fault.is_none(),
        "uptime_s": now.since(site.started_at).as_secs(),
        "poll_age_s": site.vitals.last_poll().map(|at| now.since(at).as_secs()),
    });
    if let Some(fault) = fault {
        body["why"] = fault.into();
    }
    answer(fault.is_none(), body)
}

/// Whether it can do its work now, part by part.
async fn ready(State(site): State<Site>) -> Response {
    let gauges = site.gauges().await;
    let parts = Parts::of(&gauges, &site.0);
    let mut body = parts.json();
    let is_ending = site.0.shutdown.is_cancelled();
    let is_ready = parts.are_ready() && !is_ending;
    body["ready"] = is_ready.into();
    if is_ending {
        body["why"] = "svs is ending".into();
    }
    answer(is_ready, body)
}

async fn metrics(State(site): State<Site>) -> Response {
    match exposition::text(&site.families().await) {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What svs needs for its work, and what is wrong with it. A configuration that is wrong keeps it from starting.
struct Parts {
    store: Result<(), &'static str>,
    poll_age: Option<Duration>,
    telegram: Result<(), &'static str>,
    keys: Result<Counts, &'static str>,
}

impl Parts {
    fn of(gauges: &Result<Gauges, &'static str>, site: &Shared) -> Parts {
        let poll_age = site.vitals.last_poll().map(|at| site.clock.now().since(at));
        let store = match gauges {
            Ok(_) if site.vitals.intake_fails() => Err("updates cannot be stored"),
            Ok(_) => Ok(()),
            Err(why) => Err(*why),
        };
        let telegram = match poll_age {
            None => Err("Telegram has not answered yet"),
            Some(age) if age > POLL_STALL => Err("Telegram does not answer"),
            Some(_) => Ok(()),
        };
        let keys = match gauges {
            Ok(gauges) => Ok(Counts::of(&gauges.keys)),
            Err(_) => Err("unknown"),
        };
        Parts { store, poll_age, telegram, keys }
    }

    fn keys_fault(&self) -> Option<&'static str> {
        match &self.keys {
            Ok(counts) if counts.usable() == 0 => Some("no key can serve"),
            Ok(_) => None,
            Err(why) => Some(why),
        }
    }

    fn are_ready(&self) -> bool {
        self.store.is_ok() && self.telegram.is_ok() && self.keys_fault().is_none()
    }

    fn json(&self) -> Value {
        let part = |fault: Option<&str>| {
            let mut part = json!({"ready": fault.is_none()});
            if let Some(fault) = fault {
                part["why"] = fault.into();
            }
            part
        };
        let mut telegram = part(self.telegram.err());
        telegram["poll_age_s"] = self.poll_age.map(|age| age.as_secs()).into();
        let mut keys = part(self.keys_fault());
        if let Ok(counts) = &self.keys {
            keys["serving"] = counts.usable().into();
            keys["total"] = counts.total.into();
        }
        json!({
            "config": part(None),
            "store": part(self.store.err()),
            "telegram": telegram,
            "keys": keys,
        })
    }
}

fn answer(is_good: bool, body: Value) -> Response {
    let status = if is_good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": "there are /health, /ready and /metrics"}))).into_response()
}

async fn not_allowed(method: Method) -> Response {
    let message = format!("{method} is not answered here, only GET");
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({"error": message}))).into_response()
}
