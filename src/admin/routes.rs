//! The verbs of the control socket, as the daemon carries them out.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use axum::{Extension, Json, Router};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use super::api::{OTHER_VERSION, path};
use super::reload::Reloader;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::telemetry::Logs;

mod ask;
mod config;
mod history;
mod keys;
mod logs;
mod people;
mod profile;
mod status;
mod vip;

pub(crate) use ask::{failure, shell_question, wire_answer, wire_event};
pub(crate) use history::not_kept;
pub(crate) use vip::wire_room;

/// Lines that wait for a client that reads slowly; then the answer waits for it.
const LINES_AHEAD: usize = 256;

/// The router of all verbs. `reloader`: the way to the sources of its configuration, where it has one from outside;
/// `logs`: its log, where it keeps one.
pub(crate) fn router(gateway: Gateway, reloader: Option<Arc<Reloader>>, logs: Option<Logs>) -> Router {
    Router::new()
        .route(path::STATUS, get(status::status))
        .route(path::SNAPSHOT, get(snapshot))
        .route(path::VIP, get(vip::list))
        .route(&format!("{}/{{target}}", path::VIP), delete(vip::kick))
        .route(&format!("{}/{{target}}/grant", path::VIP), post(vip::grant))
        .route(&format!("{}/{{target}}/extend", path::VIP), post(vip::extend))
        .route(path::USERS, get(people::list))
        .route(&format!("{}/{{who}}", path::USERS), get(people::show).delete(people::forget))
        .route(&format!("{}/{{who}}/role", path::USERS), put(people::set_role))
        .route(&format!("{}/{{who}}/ban", path::USERS), put(people::ban).delete(people::unban))
        .route(path::KEYS, get(keys::list).post(keys::change))
        .route(path::KEYS_STATS, get(keys::stats))
        .route(path::KEYS_CHECK, post(keys::check))
        .route(path::CONFIG_DIFF, post(config::diff))
        .route(path::RELOAD, post(config::reload))
        .route(path::ASK, post(ask::ask))
        .route(path::REQUESTS, get(history::recent))
        .route(&format!("{}/{{name}}", path::REQUESTS), get(history::request))
        .route(path::USAGE, get(history::usage))
        .route(path::VERIFY, get(history::verify))
        .route(path::LOGS, post(logs::read))
        .route(path::PROFILE, post(profile::take))
        .route(path::LOGS_LEVEL, get(logs::level).put(logs::set_level))
        .layer(Extension(reloader))
        .layer(Extension(logs))
        .with_state(gateway)
}

async fn snapshot(State(gateway): State<Gateway>) -> Response {
    Json(gateway.snapshot()).into_response()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, CommandError> {
    serde_json::from_slice(body).map_err(|bad| {
        // The message of serde_json may repeat a value; place and kind are enough.
        let place = format!("the request is not understood at line {} column {}", bad.line(), bad.column());
        let error = CommandError::new(ErrorKind::BadInput, place);
        if bad.is_data() { error.hint(OTHER_VERSION) } else { error }
    })
}

/// The writing end of an answer in lines.
#[derive(Clone)]
struct Lines(mpsc::Sender<Bytes>);

impl Lines {
    /// Writes one line; waits while the client is behind. A client that is gone is no error here.
    async fn send(&self, event: &impl Serialize) {
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        let _ = self.0.send(Bytes::from(line)).await;
    }

    /// Waits until the client is gone.
    async fn closed(&self) {
        self.0.closed().await;
    }
}

/// An answer that is written line by line.
fn lines() -> (Lines, Response) {
    let (sender, receiver) = mpsc::channel(LINES_AHEAD);
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let line: Bytes = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(line), receiver))
    });
    (Lines(sender), Body::from_stream(stream.fuse()).into_response())
}
