//! The running configuration against its sources.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};

use super::parse;
use crate::admin::api::{ConfigDiff, DiffRequest, SettingChange};
use crate::admin::peers::{Peer, Standing};
use crate::admin::server::failed;
use crate::config::{Difference, Running, into_command_error};
use crate::error::{CommandError, ErrorKind};

pub(super) async fn diff(
    Extension(running): Extension<Option<Arc<Running>>>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    match compare(running, peer, &body).await {
        Ok(changes) => Json(ConfigDiff { changes }).into_response(),
        Err(error) => failed(error),
    }
}

async fn compare(
    running: Option<Arc<Running>>,
    peer: Peer,
    body: &[u8],
) -> Result<Vec<SettingChange>, CommandError> {
    // Whoever may name a file to the daemon makes it read with the daemon's rights.
    if peer.standing != Standing::Trusted {
        let error = CommandError::new(ErrorKind::Denied, "this user may not see the configuration");
        return Err(error.hint("control.uids in svs.toml says who may"));
    }
    let DiffRequest { file } = parse(body)?;
    let Some(running) = running else {
        return Err(CommandError::new(ErrorKind::Unavailable, "this daemon was not configured from outside"));
    };
    let reading = tokio::task::spawn_blocking(move || running.differences(file.map(PathBuf::from)));
    let read = reading.await.map_err(|error| CommandError::new(ErrorKind::Bug, error.to_string()))?;
    Ok(read.map_err(|problems| into_command_error(&problems))?.into_iter().map(wire).collect())
}

fn wire(difference: Difference) -> SettingChange {
    let Difference { name, change, from, to, origin } = difference;
    SettingChange {
        name,
        change: change.name().to_owned(),
        running: from,
        new: to,
        origin: origin.map(|origin| origin.to_string()),
        // A daemon reads its configuration when it starts.
        needs: "restart".to_owned(),
    }
}
