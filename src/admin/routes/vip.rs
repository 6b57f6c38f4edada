//! The VIP room.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::parse;
use crate::admin::api::{
    ExtendRequest, Extended, GrantRequest, Granted, KickRequest, KickTarget, Kicked, VipHold, VipList,
    VipSession, VipWaiting,
};
use crate::admin::peers::Peer;
use crate::admin::people;
use crate::admin::server::failed;
use crate::domain::chat::{UserId, Who};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{Gateway, GrantOrder, KickOrder, Room, SeatGrant, Session, kicked};

/// Of what the user is told as the reason, so many characters are kept.
const LONGEST_REASON: usize = 200;

pub(super) async fn list(State(gateway): State<Gateway>) -> Response {
    answer(async {
        let room = gateway.vip_room().await?;
        Ok(wire_room(room, gateway.config().rules.seats.seats, gateway.clock().now()))
    })
    .await
}

pub(super) async fn kick(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    answer(put_out(&gateway, peer, &target, &body)).await
}

pub(super) async fn grant(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    answer(seat(&gateway, peer, &target, &body)).await
}

pub(super) async fn extend(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    body: Bytes,
) -> Response {
    answer(prolong(&gateway, peer, &target, &body)).await
}

async fn answer<T: Serialize>(done: impl Future<Output = Result<T, CommandError>>) -> Response {
    match done.await {
        Ok(done) => Json(done).into_response(),
        Err(error) => failed(error),
    }
}

async fn put_out(gateway: &Gateway, peer: Peer, target: &str, body: &[u8]) -> Result<Kicked, CommandError> {
    let target = read(target)?;
    let request: KickRequest = parse_or_default(body)?;
    let users = match &target {
        KickTarget::All => None,
        target => Some(vec![find(gateway, target).await?]),
    };
    let cool_off = request.ban_ms.map(Duration::from_millis);
    let reason = request.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| reason.chars().take(LONGEST_REASON).collect::<String>());
    let order = KickOrder {
        users,
        reason: reason.clone(),
        cool_off,
        silent: request.silent,
        dry_run: request.dry_run,
    };
    let room = gateway.kick(order).await?;
    if room.is_empty() {
        return Err(nobody(&target));
    }
    let count = room.sessions.len() + room.holds.len() + room.line.len();
    tracing::info!(uid = peer.uid, target = target.in_log(), count, dry_run = request.dry_run, "kick");
    let cool_off = cool_off.unwrap_or(gateway.config().rules.seats.cool_off);
    let now = gateway.clock().now();
    let VipList { sessions, holds, line, .. } = wire_room(room, 0, now);
    let banned_until = (!request.dry_run).then(|| now + cool_off);
    let outside = !holds.is_empty() || !line.is_empty();
    let told = [(true, !sessions.is_empty()), (false, outside)].into_iter();
    let told = told.filter(|(_, are_any)| *are_any && !request.silent);
    let told = told.map(|(was_seated, _)| kicked(was_seated, reason.clone())).collect();
    Ok(Kicked { sessions, holds, line, banned_until, told, dry_run: request.dry_run })
}

async fn seat(gateway: &Gateway, peer: Peer, target: &str, body: &[u8]) -> Result<Granted, CommandError> {
    let target = read(target)?;
    let request: GrantRequest = parse_or_default(body)?;
    let user = match &target {
        KickTarget::Who(_) => find(gateway, &target).await?,
        KickTarget::Seat(_) | KickTarget::All => {
            return Err(CommandError::new(ErrorKind::Usage, "a seat is granted to a user id or @name"));
        }
    };
    let length = request.for_ms.map(Duration::from_millis);
    let order = GrantOrder { user, length, evict_oldest: request.evict_oldest };
    match gateway.grant_seat(order).await? {
        SeatGrant::Seated { session, role_until, evicted } => {
            tracing::info!(
                uid = peer.uid,
                target = target.in_log(),
                seat = session.seat,
                "a VIP seat was granted"
            );
            Ok(Granted { session: wire_session(session), role_until, evicted })
        }
        SeatGrant::Full { next_free } => {
            let seats = gateway.config().rules.seats.seats;
            let error = CommandError::new(
                ErrorKind::TryAgain,
                format!("every VIP seat is taken ({seats}/{seats}); nothing was changed"),
            );
            let wait = next_free.map(|at| at.since(gateway.clock().now()).as_secs().div_ceil(60));
            let error = match wait {
                Some(minutes) => error.hint(format!("try again in {minutes} min, or add --evict-oldest")),
                None => error,
            };
            Err(error)
        }
        SeatGrant::IsOwner => {
            Err(CommandError::new(ErrorKind::BadInput, format!("{target} is an owner and needs no seat")))
        }
        SeatGrant::IsBanned => {
            Err(CommandError::new(ErrorKind::BadInput, format!("{target} is banned")).hint("svs users unban"))
        }
    }
}

async fn prolong(gateway: &Gateway, peer: Peer, target: &str, body: &[u8]) -> Result<Extended, CommandError> {
    let target = read(target)?;
    let request: ExtendRequest = parse_or_default(body)?;
    if target == KickTarget::All {
        return Err(CommandError::new(ErrorKind::Usage, "one session at a time is prolonged"));
    }
    let user = find(gateway, &target).await?;
    let session = gateway.extend_seat(user, request.for_ms.map(Duration::from_millis)).await?;
    let session = session.ok_or_else(|| nobody(&target))?;
    tracing::info!(
        uid = peer.uid,
        target = target.in_log(),
        seat = session.seat,
        "a VIP session was prolonged"
    );
    Ok(Extended { session: wire_session(session) })
}

fn read(target: &str) -> Result<KickTarget, CommandError> {
    KickTarget::from_path(target)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error.to_string()).hint("svs vip ls"))
}

fn parse_or_default<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, CommandError> {
    if body.is_empty() { Ok(T::default()) } else { parse(body) }
}

fn nobody(target: &KickTarget) -> CommandError {
    CommandError::new(ErrorKind::NotFound, format!("no VIP session of {target}")).hint("svs vip ls --all")
}

/// Whom a target means. A name means who last used it here; where it could mean two in the room, nobody.
async fn find(gateway: &Gateway, target: &KickTarget) -> Result<UserId, CommandError> {
    match target {
        KickTarget::Who(Who::Id(user)) => Ok(*user),
        KickTarget::Seat(seat) => gateway.vip_room().await?.user_at(*seat).ok_or_else(|| nobody(target)),
        KickTarget::Who(who @ Who::Name(name)) => {
            let room = gateway.vip_room().await?;
            let namesakes = namesakes(&room, name);
            if namesakes.len() > 1 {
                let ids: Vec<String> = namesakes.iter().map(ToString::to_string).collect();
                let message = format!("{target} was last the name of {}", ids.join(" and "));
                return Err(CommandError::new(ErrorKind::NotFound, message).hint("name one by id"));
            }
            if let Some(user) = gateway.people().find(who).await? {
                return Ok(user);
            }
            let message = format!("nobody has used the name {target} here");
            let error = CommandError::new(ErrorKind::NotFound, message).hint("svs vip ls --all");
            Err(people::unknown(&gateway.people(), who, error).await?)
        }
        KickTarget::All => Err(nobody(target)),
    }
}

/// Who in the room or the line was last seen under this name.
fn namesakes(room: &Room, name: &str) -> Vec<UserId> {
    let sitting = room.sessions.iter().map(|session| (session.user, &session.name));
    let held = room.holds.iter().map(|hold| (hold.user, &hold.name));
    let waiting = room.line.iter().map(|waiting| (waiting.user, &waiting.name));
    let all = sitting.chain(held).chain(waiting);
    all.filter(|(_, known)| known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name)))
        .map(|(user, _)| user)
        .collect()
}

/// The room for the wire.
pub(crate) fn wire_room(room: Room, seats: u32, as_of: Timestamp) -> VipList {
    VipList {
        as_of,
        seats,
        sessions: room.sessions.into_iter().map(wire_session).collect(),
        holds: room
            .holds
            .into_iter()
            .map(|hold| VipHold { seat: hold.seat, user: hold.user, name: hold.name, until: hold.until })
            .collect(),
        line: room
            .line
            .into_iter()
            .map(|waiting| VipWaiting {
                position: waiting.position,
                user: waiting.user,
                name: waiting.name,
                next_free: waiting.next_free,
            })
            .collect(),
    }
}

fn wire_session(session: Session) -> VipSession {
    VipSession {
        seat: session.seat,
        user: session.user,
        name: session.name,
        role: Role::Vip,
        since: session.since,
        last_active: session.last_active,
        expires_at: session.expires_at,
        ends_at: session.ends_at,
        rounds: session.rounds,
        queue: session.requests,
    }
}
