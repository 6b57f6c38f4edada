//! Users and their roles.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Serialize;

use super::parse;
use crate::admin::api::{PeopleQuery, RoleRequest};
use crate::admin::peers::{Peer, Standing};
use crate::admin::people;
use crate::admin::server::failed;
use crate::domain::chat::Who;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::telemetry::person;

pub(super) async fn list(State(gateway): State<Gateway>, Query(query): Query<PeopleQuery>) -> Response {
    answer(people::list(&gateway.people(), &query, gateway.clock().now()).await)
}

pub(super) async fn show(State(gateway): State<Gateway>, Path(who): Path<String>) -> Response {
    let shown = async { people::show(&gateway.people(), &named(&who)?, gateway.clock().now()).await };
    answer(shown.await)
}

pub(super) async fn set_role(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(who): Path<String>,
    body: Bytes,
) -> Response {
    let changed = async {
        may_change(peer)?;
        let request: RoleRequest = parse(&body)?;
        let now = gateway.clock().now();
        let changed = people::set_role(&gateway.people(), &named(&who)?, &request, now).await?;
        let user = person(changed.user);
        tracing::info!(uid = peer.uid, user, before = %changed.before, after = %changed.role, "role");
        Ok(changed)
    };
    answer(changed.await)
}

pub(super) async fn ban(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(who): Path<String>,
    body: Bytes,
) -> Response {
    let banned = async {
        may_change(peer)?;
        let request = parse(&body)?;
        let banned = people::set_banned(&gateway.people(), &named(&who)?, Some(request)).await?;
        tracing::info!(uid = peer.uid, user = person(banned.user), changed = banned.changed, "ban");
        Ok(banned)
    };
    answer(banned.await)
}

pub(super) async fn unban(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(who): Path<String>,
) -> Response {
    let unbanned = async {
        may_change(peer)?;
        let unbanned = people::set_banned(&gateway.people(), &named(&who)?, None).await?;
        let user = person(unbanned.user);
        tracing::info!(uid = peer.uid, user, changed = unbanned.changed, "unban");
        Ok(unbanned)
    };
    answer(unbanned.await)
}

pub(super) async fn forget(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(who): Path<String>,
    body: Bytes,
) -> Response {
    let forgotten = async {
        may_change(peer)?;
        let request = parse(&body)?;
        let forgotten = people::forget(&gateway.people(), &named(&who)?, &request).await?;
        let (user, rounds) = (person(forgotten.user), forgotten.rounds);
        tracing::info!(uid = peer.uid, user, rounds, dry_run = forgotten.dry_run, "forget");
        Ok(forgotten)
    };
    answer(forgotten.await)
}

fn named(who: &str) -> Result<Who, CommandError> {
    who.parse().map_err(|error: crate::domain::chat::UnknownWho| {
        CommandError::new(ErrorKind::Usage, error.to_string()).hint("svs users ls")
    })
}

/// Roles are rights that members of the group do not have themselves.
fn may_change(peer: Peer) -> Result<(), CommandError> {
    if peer.standing == Standing::Trusted {
        return Ok(());
    }
    let error = CommandError::new(ErrorKind::Denied, "this user may read, but not change users");
    Err(error.hint("be listed in control.uids of svs.toml, or run it as root"))
}

fn answer<T: Serialize>(found: Result<T, CommandError>) -> Response {
    match found {
        Ok(found) => Json(found).into_response(),
        Err(error) => failed(error),
    }
}
