//! The log: its last entries, what comes, and how much is written.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use tokio::sync::broadcast::error::RecvError;

use super::{Lines, lines, parse};
use crate::admin::api::{LevelRequest, LevelState, LogsEvent, LogsRequest};
use crate::admin::peers::Peer;
use crate::admin::server::failed;
use crate::config::LogLevel;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::telemetry::{LevelNow, Logs, Record};

pub(super) async fn read(Extension(logs): Extension<Option<Logs>>, body: Bytes) -> Response {
    let asked = keeps(logs).and_then(|logs| Ok((logs, parse::<LogsRequest>(&body)?)));
    let (logs, request) = match asked {
        Ok(asked) => asked,
        Err(error) => return failed(error),
    };
    let (writer, answer) = lines();
    tokio::spawn(async move {
        tokio::select! {
            () = tell(&logs, &request, &writer) => {}
            () = writer.closed() => {}
        }
    });
    answer
}

async fn tell(logs: &Logs, request: &LogsRequest, writer: &Lines) {
    let is_meant = |record: &Record| record.level <= request.level.unwrap_or(LogLevel::Trace);
    let (kept, mut coming) = logs.follow();
    let meant: Vec<_> = kept.into_iter().filter(|record| is_meant(record)).collect();
    let wanted = usize::try_from(request.lines).unwrap_or(usize::MAX);
    for record in &meant[meant.len().saturating_sub(wanted)..] {
        writer.send(&LogsEvent::Entry(Record::clone(record))).await;
    }
    if !request.follow {
        return;
    }
    loop {
        match coming.recv().await {
            Ok(record) if is_meant(&record) => writer.send(&LogsEvent::Entry(Record::clone(&record))).await,
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => writer.send(&LogsEvent::Missed(missed)).await,
            Err(RecvError::Closed) => return,
        }
    }
}

pub(super) async fn level(
    State(gateway): State<Gateway>,
    Extension(logs): Extension<Option<Logs>>,
) -> Response {
    match keeps(logs) {
        Ok(logs) => Json(state(&gateway, &logs, gateway.clock().now())).into_response(),
        Err(error) => failed(error),
    }
}

pub(super) async fn set_level(
    State(gateway): State<Gateway>,
    Extension(logs): Extension<Option<Logs>>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    let asked = keeps(logs).and_then(|logs| Ok((logs, parse::<LevelRequest>(&body)?)));
    let (logs, LevelRequest { level, for_ms }) = match asked {
        Ok(asked) => asked,
        Err(error) => return failed(error),
    };
    let before = logs.level().level;
    // One instant for both: what was just set for 10 minutes is not told as a second less.
    let now = gateway.clock().now();
    logs.set_level(level, for_ms.map(Duration::from_millis), now);
    let after = logs.level().level;
    // Whichever of the two writes more must show it, or it would not be seen.
    tracing::warn!(
        uid = peer.uid,
        before = before.name(),
        after = after.name(),
        for_ms,
        "the level of the log"
    );
    Json(state(&gateway, &logs, now)).into_response()
}

fn state(gateway: &Gateway, logs: &Logs, now: Timestamp) -> LevelState {
    let LevelNow { level, configured, until } = logs.level();
    let dropped = gateway.log_lines_dropped();
    LevelState { now, level, configured, until, dropped }
}

/// A daemon that is part of another command (`svs sandbox`) keeps no log.
fn keeps(logs: Option<Logs>) -> Result<Logs, CommandError> {
    logs.ok_or_else(|| CommandError::new(ErrorKind::Unavailable, "this daemon keeps no log"))
}
