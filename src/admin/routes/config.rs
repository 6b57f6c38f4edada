//! The running configuration against its sources, and taking them over.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};

use super::parse;
use crate::admin::api::{ConfigDiff, DiffRequest, SettingChange};
use crate::admin::peers::{Peer, Standing};
use crate::admin::reload::Reloader;
use crate::admin::server::failed;
use crate::config::Difference;
use crate::error::{CommandError, ErrorKind};

/// The way to the sources, where the daemon has some from outside.
type Source = Extension<Option<Arc<Reloader>>>;

pub(super) async fn diff(
    Extension(reloader): Source,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    told(compare(reloader, peer, &body).await)
}

pub(super) async fn reload(Extension(reloader): Source, Extension(peer): Extension<Peer>) -> Response {
    tracing::info!(uid = peer.uid, "reload");
    told(take_over(reloader, peer).await)
}

fn told(found: Result<Vec<Difference>, CommandError>) -> Response {
    match found {
        Ok(found) => Json(ConfigDiff { changes: found.into_iter().map(wire).collect() }).into_response(),
        Err(error) => failed(error),
    }
}

async fn compare(
    reloader: Option<Arc<Reloader>>,
    peer: Peer,
    body: &[u8],
) -> Result<Vec<Difference>, CommandError> {
    let reloader = trusted(reloader, peer)?;
    let DiffRequest { file } = parse(body)?;
    reloader.differences(file.map(PathBuf::from)).await
}

async fn take_over(reloader: Option<Arc<Reloader>>, peer: Peer) -> Result<Vec<Difference>, CommandError> {
    trusted(reloader, peer)?.reload().await
}

/// Whoever may name a file to the daemon makes it read with the daemon's rights.
fn trusted(reloader: Option<Arc<Reloader>>, peer: Peer) -> Result<Arc<Reloader>, CommandError> {
    if peer.standing != Standing::Trusted {
        let error = CommandError::new(ErrorKind::Denied, "this user may not see the configuration");
        return Err(error.hint("control.uids in svs.toml says who may"));
    }
    reloader.ok_or_else(|| {
        CommandError::new(ErrorKind::Unavailable, "this daemon was not configured from outside")
    })
}

fn wire(difference: Difference) -> SettingChange {
    let needs = difference.needs().name().to_owned();
    let Difference { name, change, from, to, origin } = difference;
    SettingChange {
        name,
        change: change.name().to_owned(),
        running: from,
        new: to,
        origin: origin.map(|origin| origin.to_string()),
        needs,
    }
}
