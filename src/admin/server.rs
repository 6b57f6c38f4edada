//! The daemon's end of the control socket: who comes in, how much of it, for how long. What the verbs do is in the
//! router that is handed over.
//!
//! **Invariant:** a client can neither hold a place for longer than its deadlines nor make the daemon keep more than
//! its body limit; one request per connection.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::api::{Failure, OTHER_VERSION, path};
use super::peers::{Peer, Peers};
use super::socket::Listener;
use crate::error::{CommandError, ErrorKind};

/// What one class of verbs may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Clients at a time.
    clients: usize,
    /// Bytes of a request's body.
    body: usize,
    /// Until the request has arrived; for verbs that answer at once also until they do.
    deadline: Duration,
}

/// Verbs that answer at once.
const CONTROL: Limits = Limits { clients: 16, body: 64 * 1024, deadline: Duration::from_secs(5) };

/// Questions: an answer takes as long as its attempts.
const QUESTIONS: Limits = Limits { clients: 128, body: 32 * 1024 * 1024, deadline: Duration::from_secs(5) };

/// A head of more than this is refused.
const LARGEST_HEAD: usize = 64 * 1024;

/// After the file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The places of both classes.
#[derive(Clone, Debug)]
struct Places {
    control: Arc<Semaphore>,
    questions: Arc<Semaphore>,
}

/// Serves until `shutdown`; connections that are open then finish their request.
pub(crate) async fn serve(
    listener: Listener,
    router: axum::Router,
    peers: Peers,
    shutdown: CancellationToken,
) {
    let places = Places {
        control: Arc::new(Semaphore::new(CONTROL.clients)),
        questions: Arc::new(Semaphore::new(QUESTIONS.clients)),
    };
    let router = router
        .fallback(no_such_verb)
        .method_not_allowed_fallback(no_such_verb)
        .layer(axum::Extension(shutdown.clone()))
        .layer(middleware::from_fn_with_state(places, within_limits));
    // Room for those who are told that all places are taken.
    let connections = Arc::new(Semaphore::new(2 * (CONTROL.clients + QUESTIONS.clients)));
    let conversations = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "the control socket accepts nobody for the moment");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            tracing::warn!("too many clients at the control socket: a connection was closed");
            continue;
        };
        let router = match admitted(&peers, &stream) {
            Some(peer) => router.clone().layer(axum::Extension(peer)),
            None => axum::Router::new().fallback(not_allowed),
        };
        let shutdown = shutdown.clone();
        conversations.spawn(async move {
            converse(stream, router, shutdown).await;
            drop(permit);
        });
    }
    // From here on nobody finds the socket; who is inside finishes.
    drop(listener);
    conversations.close();
    conversations.wait().await;
}

/// One connection: one request, one answer.
async fn converse(stream: UnixStream, router: axum::Router, shutdown: CancellationToken) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CONTROL.deadline)
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a control connection broke");
    }
}

/// The peer, if it may come in; a foreign one is logged.
fn admitted(peers: &Peers, stream: &UnixStream) -> Option<Peer> {
    let credentials = match stream.peer_cred() {
        Ok(credentials) => credentials,
        Err(error) => {
            tracing::warn!(%error, "a control connection without credentials was refused");
            return None;
        }
    };
    let (uid, gid) = (credentials.uid(), credentials.gid());
    let peer = peers.admit(uid, gid);
    if peer.is_none() {
        tracing::warn!(uid, gid, pid = credentials.pid(), "a foreign user was refused at the control socket");
    }
    peer
}

/// Reads the whole request within its limits, then lets the verb work.
async fn within_limits(State(places): State<Places>, request: Request, next: Next) -> Response {
    let (limits, places, answers_at_once) = match request.uri().path() {
        path::ASK => (QUESTIONS, places.questions, false),
        path::KEYS_CHECK | path::PROFILE => (CONTROL, places.control, false),
        // Who follows the log takes no place from those who act.
        path::LOGS => (CONTROL, places.questions, false),
        _ => (CONTROL, places.control, true),
    };
    let Ok(permit) = places.try_acquire_owned() else {
        return failed(CommandError::new(ErrorKind::TryAgain, "too many clients at the control socket"));
    };
    // To read the log changes nothing, and would write to what is read.
    let may_change = request.method() != Method::GET && request.uri().path() != path::LOGS;
    if may_change && let Some(peer) = request.extensions().get::<Peer>() {
        // The path itself may name a person.
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        tracing::info!(uid = peer.uid, method = %request.method(), path, "control request");
    }
    let (head, body) = request.into_parts();
    let too_large = || {
        let message = format!("the request is larger than {} bytes", limits.body);
        failed_as(StatusCode::PAYLOAD_TOO_LARGE, CommandError::new(ErrorKind::BadInput, message))
    };
    if declared_length(&head.headers).is_some_and(|length| length > limits.body as u64) {
        return too_large();
    }
    let body = match tokio::time::timeout(limits.deadline, Limited::new(body, limits.body).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return too_large(),
        Err(_) => {
            let error = CommandError::new(ErrorKind::BadInput, "the request did not arrive in time");
            return failed_as(StatusCode::REQUEST_TIMEOUT, error);
        }
    };
    let answer = next.run(Request::from_parts(head, Body::from(body)));
    let response = if answers_at_once {
        tokio::time::timeout(limits.deadline, answer).await.unwrap_or_else(|_| {
            failed(CommandError::new(ErrorKind::Unavailable, "the daemon could not answer in time"))
        })
    } else {
        answer.await
    };
    // The place is taken until the last byte of the answer has gone, or the client has.
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _taken = &permit;
            frame
        }))
    })
}

fn declared_length(headers: &axum::http::HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn not_allowed() -> Response {
    let error = CommandError::new(ErrorKind::Denied, "this user may not control svs");
    failed(error.hint("control.uids and control.group in svs.toml say who may"))
}

async fn no_such_verb() -> Response {
    let error = CommandError::new(ErrorKind::Unavailable, "the daemon does not know this request");
    failed_as(StatusCode::NOT_FOUND, error.hint(OTHER_VERSION))
}

/// A failure as an answer.
pub(crate) fn failed(error: CommandError) -> Response {
    let status = match error.kind {
        ErrorKind::Usage | ErrorKind::BadInput => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::TryAgain | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    failed_as(status, error)
}

fn failed_as(status: StatusCode, error: CommandError) -> Response {
    let body = serde_json::json!({ "error": Failure::from(error) }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests;
