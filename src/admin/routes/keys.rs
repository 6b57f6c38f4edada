//! Checks of keys.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use tokio::sync::mpsc;

use super::{lines, parse};
use crate::admin::api::{CheckEvent, CheckRequest, CheckedKey, Failure};
use crate::admin::check::{check_each, selected};
use crate::admin::server::failed;
use crate::error::CommandError;
use crate::gateway::Gateway;

pub(super) async fn check(State(gateway): State<Gateway>, body: Bytes) -> Response {
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
                let key: CheckedKey = key;
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
