//! How the daemon is.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use crate::admin::api::{Budget, KeyCounts, RecentFailure, Status};
use crate::admin::server::failed;
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Counts;
use crate::gateway::{self, Gateway};

pub(super) async fn status(State(gateway): State<Gateway>) -> Response {
    match gateway.status().await {
        Ok(status) => Json(wire_status(status)).into_response(),
        Err(error) => failed(error.into()),
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
        rejected: counts.invalid,
        disabled: counts.disabled,
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
        updates: status.updates,
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
