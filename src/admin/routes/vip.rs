//! The VIP room.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};

use super::parse;
use crate::admin::api::{KickRequest, KickTarget, Kicked, VipList, VipSession};
use crate::admin::peers::Peer;
use crate::admin::server::failed;
use crate::domain::role::Role;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{Gateway, KickOrder, Session};

pub(super) async fn list(State(gateway): State<Gateway>) -> Response {
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

pub(super) async fn kick(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    match end_sessions(&gateway, peer, &target, &body).await {
        Ok(kicked) => Json(kicked).into_response(),
        Err(error) => failed(error),
    }
}

async fn end_sessions(
    gateway: &Gateway,
    peer: Peer,
    target: &str,
    body: &[u8],
) -> Result<Kicked, CommandError> {
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
    let cool_off = request.ban_ms.map(Duration::from_millis);
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
