//! The verbs of the control socket, as the daemon carries them out.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::api::{
    Answered, AskEvent, AskRequest, Budget, CheckEvent, CheckRequest, Failure, KeyCounts, KickRequest,
    KickTarget, Kicked, RecentFailure, Status, VipList, VipSession, path,
};
use super::check::{check_each, selected};
use super::peers::{Peer, Standing};
use super::refusal::refusal;
use super::server::failed;
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Counts;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{self, Answer, AnswerEvent, Ask, AskError, Asker, Gateway, KickOrder, Session};
use crate::gemini::Finish;

/// Lines that wait for a client that reads slowly; then the answer waits for it.
const LINES_AHEAD: usize = 256;

/// The router of all verbs.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route(path::STATUS, get(status))
        .route(path::SNAPSHOT, get(snapshot))
        .route(path::VIP, get(vip_list))
        .route(&format!("{}/{{target}}", path::VIP), delete(vip_kick))
        .route(path::KEYS_CHECK, post(keys_check))
        .route(path::ASK, post(ask))
        .with_state(gateway)
}

async fn status(State(gateway): State<Gateway>) -> Response {
    match gateway.status().await {
        Ok(status) => Json(wire_status(status)).into_response(),
        Err(error) => failed(error.into()),
    }
}

async fn snapshot(State(gateway): State<Gateway>) -> Response {
    Json(gateway.snapshot()).into_response()
}

async fn vip_list(State(gateway): State<Gateway>) -> Response {
    match gateway.vip_sessions().await {
        Ok(sessions) => Json(VipList {
            as_of: gateway.clock().now(),
            seats: gateway.config().rules.seats.seats,
            sessions: sessions.into_iter().map(wire_session).collect(),
        })
        .into_response(),
        Err(error) => failed(error.into()),
    }
}

async fn vip_kick(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    match kick(&gateway, peer, &target, &body).await {
        Ok(kicked) => Json(kicked).into_response(),
        Err(error) => failed(error),
    }
}

async fn kick(gateway: &Gateway, peer: Peer, target: &str, body: &[u8]) -> Result<Kicked, CommandError> {
    let target = KickTarget::from_path(target)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error.to_string()).hint("svs vip ls"))?;
    let request: KickRequest = if body.is_empty() { KickRequest::default() } else { parse(body)? };
    let nobody =
        || CommandError::new(ErrorKind::NotFound, format!("no VIP session of {target}")).hint("svs vip ls");
    let users = match &target {
        KickTarget::All => None,
        KickTarget::User(user) => Some(vec![*user]),
        KickTarget::Seat(seat) => {
            let sessions = gateway.vip_sessions().await?;
            let user = sessions.iter().find(|session| session.seat == *seat).map(|session| session.user);
            Some(vec![user.ok_or_else(nobody)?])
        }
        KickTarget::Name(name) => Some(vec![gateway.user_named(name.clone()).await?.ok_or_else(nobody)?]),
    };
    let cool_off = request.ban_ms.map(std::time::Duration::from_millis);
    let order = KickOrder {
        users,
        reason: request.reason,
        cool_off,
        silent: request.silent,
        dry_run: request.dry_run,
    };
    let sessions = gateway.kick(order).await?;
    if sessions.is_empty() {
        return Err(nobody());
    }
    tracing::info!(uid = peer.uid, sessions = sessions.len(), dry_run = request.dry_run, "kick");
    let cool_off = cool_off.unwrap_or(gateway.config().rules.seats.cool_off);
    Ok(Kicked {
        sessions: sessions.into_iter().map(wire_session).collect(),
        banned_until: (!request.dry_run).then(|| gateway.clock().now() + cool_off),
        dry_run: request.dry_run,
    })
}

async fn keys_check(State(gateway): State<Gateway>, body: Bytes) -> Response {
    let request: CheckRequest = match parse(&body) {
        Ok(request) => request,
        Err(error) => return failed(error),
    };
    let (lines, answer) = lines();
    tokio::spawn(async move {
        let config = std::sync::Arc::clone(gateway.config());
        let keys = selected(&config.keys, &request);
        lines.send(&CheckEvent::Started { total: u32::try_from(keys.len()).unwrap_or(u32::MAX) }).await;
        let (found, mut checked) = mpsc::unbounded_channel();
        let checking = async {
            let mut on_result = |key, outcome: &_| {
                // The receiver is below, in this very task.
                let _ = found.send((key, Clone::clone(outcome)));
            };
            check_each(
                gateway.gemini(),
                &config.gemini.models,
                &keys,
                request.concurrency as usize,
                &mut on_result,
            )
            .await;
            drop(found);
        };
        let telling = async {
            while let Some((key, outcome)) = checked.recv().await {
                let key: super::api::CheckedKey = key;
                if let Err(error) = gateway.learn_from_check(key.key, &outcome).await {
                    lines.send(&CheckEvent::Failed(Failure::from(CommandError::from(error)))).await;
                    return;
                }
                lines.send(&CheckEvent::Checked(key)).await;
            }
        };
        tokio::join!(checking, telling);
    });
    answer
}

async fn ask(State(gateway): State<Gateway>, Extension(peer): Extension<Peer>, body: Bytes) -> Response {
    let request: AskRequest = match parse(&body) {
        Ok(request) => request,
        Err(error) => return failed(error),
    };
    let role = request.role.unwrap_or(gateway.config().ask.role);
    if role > Role::Normal && peer.standing != Standing::Trusted {
        let error = CommandError::new(ErrorKind::Denied, format!("this user may not ask as {role}"));
        return failed(error.hint("svs ask --role normal, or be listed in control.uids"));
    }
    tracing::info!(uid = peer.uid, %role, "a question from the shell");
    let (lines, answer) = lines();
    tokio::spawn(async move {
        let cancel = CancellationToken::new();
        // A client that goes away stops its question.
        let _stop = cancel.clone().drop_guard();
        let gone = lines.clone();
        tokio::select! {
            () = answer_question(&gateway, request, role, cancel, &lines) => {}
            () = gone.closed() => {}
        }
    });
    answer
}

async fn answer_question(
    gateway: &Gateway,
    request: AskRequest,
    role: Role,
    cancel: CancellationToken,
    lines: &Lines,
) {
    let question = shell_question(request, role, gateway.clock().now(), cancel);
    let (events, mut told) = mpsc::unbounded_channel();
    let asking = async {
        let mut on_event = |event: AnswerEvent<'_>| {
            // The receiver is below, in this very task.
            let _ = events.send(wire_event(event));
        };
        let ended = gateway.ask(question, &mut on_event).await;
        drop(events);
        ended
    };
    let telling = async {
        while let Some(event) = told.recv().await {
            lines.send(&event).await;
        }
    };
    let (ended, ()) = tokio::join!(asking, telling);
    let last = match ended {
        Ok(answer) => AskEvent::Done(wire_answer(answer)),
        Err(error) => AskEvent::Failed(Failure::from(failure(error, gateway))),
    };
    lines.send(&last).await;
}

/// Why there is no answer, for an operator.
/// A question from the shell for the gateway.
pub(crate) fn shell_question(
    request: AskRequest,
    role: Role,
    now: Timestamp,
    cancel: CancellationToken,
) -> Ask {
    Ask {
        update_id: None,
        asker: Asker::Shell { role },
        text: request.text,
        system: request.system,
        model: request.model,
        max_output_tokens: request.max_output_tokens,
        temperature: request.temperature,
        schema: request.schema,
        headed_since: now,
        cancel,
        rows: None,
    }
}

pub(crate) fn failure(error: AskError, gateway: &Gateway) -> CommandError {
    match error {
        AskError::Refused(notice) | AskError::Failed(notice) => refusal(&notice, gateway.clock().now()),
        AskError::Stopped(_) => CommandError::new(ErrorKind::Interrupted, "stopped before any text came"),
        AskError::State(error) => error.into(),
    }
}

/// The words of one event for the wire.
pub(crate) fn wire_event(event: AnswerEvent<'_>) -> AskEvent {
    match event {
        AnswerEvent::Waiting { position, retry_at } => AskEvent::Waiting {
            position: u32::try_from(position).unwrap_or(u32::MAX),
            retry_at: Some(retry_at),
        },
        AnswerEvent::Started { model, wished } => AskEvent::Started { model, wished },
        AnswerEvent::Text(text) => AskEvent::Text { text: text.to_owned() },
    }
}

/// An answer for the wire.
pub(crate) fn wire_answer(answer: Answer) -> Answered {
    let finish = match answer.finish {
        Finish::Complete => "complete",
        Finish::Truncated => "truncated",
        Finish::Cut(_) => "cut",
        Finish::Incomplete | Finish::None => "incomplete",
    };
    Answered {
        text: answer.text,
        finish: finish.to_owned(),
        model: answer.model,
        wished: answer.wished,
        notices: answer.notices,
        key: answer.key,
        reference: answer.reference.0,
        prompt_tokens: answer.usage.prompt,
        output_tokens: answer.usage.output + answer.usage.thoughts,
    }
}

/// A session for the wire.
pub(crate) fn wire_session(session: Session) -> VipSession {
    VipSession {
        seat: session.seat,
        user: session.user,
        name: session.name,
        role: Role::Vip,
        since: session.since,
        last_active: session.last_active,
        expires_at: session.expires_at,
        rounds: session.rounds,
        queue: session.requests,
    }
}

fn wire_status(status: gateway::Status) -> Status {
    let counts = |(group, counts): (_, Counts)| KeyCounts {
        group,
        total: counts.total,
        ready: counts.ready,
        limited: counts.cooling,
        exhausted: counts.exhausted,
        blacklisted: counts.blacklisted,
        rejected: counts.invalid + counts.disabled,
    };
    let budget = |model: ModelSlot| {
        let (used, budget) = status.spent[model];
        Budget { model, used: u64::from(used), allowed: u64::from(budget) }
    };
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        now: status.now,
        started_at: status.started_at,
        last_poll: status.last_poll,
        queue: status.queue,
        running: status.running,
        outbox: status.outbox,
        budgets: ModelSlot::ALL.into_iter().map(budget).filter(|budget| budget.allowed > 0).collect(),
        keys: status.counts.into_iter().map(counts).collect(),
        resets_at: status.resets_at,
        seats_taken: status.seats_taken,
        seats: status.seats,
        rss: status.memory,
        overhead_p50_us: status
            .overhead_p50
            .map(|spent| u64::try_from(spent.as_micros()).unwrap_or(u64::MAX)),
        log_lines_dropped: status.log_lines_dropped,
        recent_failures: status
            .recent_failures
            .into_iter()
            .map(|(at, message)| RecentFailure { at, message })
            .collect(),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, CommandError> {
    serde_json::from_slice(body).map_err(|error| {
        // The message of serde_json may repeat a value; place and kind are enough.
        let place =
            format!("the request is not understood at line {} column {}", error.line(), error.column());
        CommandError::new(ErrorKind::BadInput, place)
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
