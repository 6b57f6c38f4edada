//! The verbs that look back: one request's whole way, what was used, and whether a limit was passed.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};

use crate::admin::api::{RecentRequests, UsageQuery, VerifyQuery};
use crate::admin::server::failed;
use crate::domain::reference::{NoRequestName, RequestName};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{Gateway, Trace};

/// So many requests somebody looks through.
const MOST_RECENT: u32 = 50;

pub(super) async fn request(State(gateway): State<Gateway>, Path(name): Path<String>) -> Response {
    match find(&gateway, &name).await {
        Ok(trace) => Json(trace).into_response(),
        Err(error) => failed(error),
    }
}

async fn find(gateway: &Gateway, name: &str) -> Result<Trace, CommandError> {
    let name: RequestName = name
        .parse()
        .map_err(|error: NoRequestName| CommandError::new(ErrorKind::Usage, error.to_string()))?;
    gateway.trace(name.clone()).await?.ok_or_else(|| not_kept(&name))
}

pub(super) async fn recent(State(gateway): State<Gateway>) -> Response {
    match gateway.recent_requests(MOST_RECENT).await {
        Ok(requests) => Json(RecentRequests { requests }).into_response(),
        Err(error) => failed(error.into()),
    }
}

/// Nothing is known of this request.
pub(crate) fn not_kept(name: &RequestName) -> CommandError {
    let name = match name {
        RequestName::Ref(reference) => format!("#{reference}"),
        RequestName::Id(id) => id.to_string(),
    };
    CommandError::new(ErrorKind::NotFound, format!("no request {name} is kept"))
        .hint("requests are kept for storage.keep_requests: svs config show storage")
}

pub(super) async fn usage(State(gateway): State<Gateway>, query: Query<UsageQuery>) -> Response {
    match gateway.usage(query.by, query.since).await {
        Ok(usage) => Json(usage).into_response(),
        Err(error) => failed(error.into()),
    }
}

pub(super) async fn verify(State(gateway): State<Gateway>, query: Query<VerifyQuery>) -> Response {
    match gateway.verify(query.since).await {
        Ok(verified) => Json(verified).into_response(),
        Err(error) => failed(error.into()),
    }
}
