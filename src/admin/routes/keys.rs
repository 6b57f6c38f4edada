//! Keys: how each is, what operators do with them, and checks.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use tokio::sync::mpsc;

use super::{lines, parse};
use crate::admin::api::{CheckEvent, CheckRequest, Failure, KeyStatsQuery, KeysChanged, KeysRequest};
use crate::admin::check::{Tools, check_keys, selected};
use crate::admin::keys::{self, LONGEST_REASON};
use crate::admin::peers::Peer;
use crate::admin::server::failed;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;

pub(super) async fn list(State(gateway): State<Gateway>) -> Response {
    Json(keys::list(gateway.keys(), &gateway.config())).into_response()
}

pub(super) async fn stats(State(gateway): State<Gateway>, query: Query<KeyStatsQuery>) -> Response {
    match gateway.key_stats(query.since).await {
        Ok(stats) => Json(stats).into_response(),
        Err(error) => failed(error.into()),
    }
}

pub(super) async fn change(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    match changed(&gateway, peer, &body).await {
        Ok(changed) => Json(changed).into_response(),
        Err(error) => failed(error),
    }
}

async fn changed(gateway: &Gateway, peer: Peer, body: &[u8]) -> Result<KeysChanged, CommandError> {
    let request: KeysRequest = parse(body)?;
    if request.reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        let message = format!("a reason has at most {LONGEST_REASON} characters");
        return Err(CommandError::new(ErrorKind::BadInput, message));
    }
    let found = gateway.change_keys(keys::order(&request, peer.uid)).await?;
    keys::changed(found, &request, &gateway.config(), gateway.clock().now())
}

pub(super) async fn check(State(gateway): State<Gateway>, body: Bytes) -> Response {
    let request: CheckRequest = match parse(&body) {
        Ok(request) => request,
        Err(error) => return failed(error),
    };
    let (lines, answer) = lines();
    tokio::spawn(async move {
        let config = gateway.config();
        let total = selected(&config.keys, &request).len();
        lines.send(&CheckEvent::Started { total: u32::try_from(total).unwrap_or(u32::MAX) }).await;
        let (found, mut checked) = mpsc::unbounded_channel();
        let gemini = gateway.gemini();
        let tools =
            Tools { config: &config, gemini: &gemini, gateway: Some(&gateway), now: gateway.clock().now() };
        let checking = async {
            let mut on_result = |key| {
                // The receiver is below, in this very task.
                let _ = found.send(key);
            };
            let ended = check_keys(tools, &request, &mut on_result).await;
            drop(found);
            ended
        };
        let telling = async {
            while let Some(key) = checked.recv().await {
                lines.send(&CheckEvent::Checked(key)).await;
            }
        };
        let work = async {
            let (ended, ()) = tokio::join!(checking, telling);
            if let Err(error) = ended {
                lines.send(&CheckEvent::Failed(Failure::from(error))).await;
            }
        };
        tokio::select! {
            () = work => {}
            // Nobody reads on: no further key is asked.
            () = lines.closed() => {}
        }
    });
    answer
}
