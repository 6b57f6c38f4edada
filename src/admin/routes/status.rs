//! How the daemon is.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::wire_room;
use crate::admin::api::{Budget, KeyCounts, Outage, Rates, RecentFailure, Status, VipList};
use crate::admin::keys;
use crate::admin::server::failed;
use crate::config::Config;
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Counts;
use crate::domain::time::Timestamp;
use crate::gateway::{self, Gateway, Pulse};
use crate::store::StoreError;

pub(super) async fn status(State(gateway): State<Gateway>) -> Response {
    match found(&gateway).await {
        Ok(status) => Json(status).into_response(),
        Err(error) => failed(error.into()),
    }
}

async fn found(gateway: &Gateway) -> Result<Status, StoreError> {
    let (status, room, pulse) = (gateway.status().await?, gateway.vip_room().await?, gateway.pulse().await?);
    let room = wire_room(room, status.gauges.seats, status.gauges.now);
    Ok(wire_status(status, room, &pulse, &gateway.config()))
}

fn wire_status(status: gateway::Status, room: VipList, pulse: &Pulse, config: &Config) -> Status {
    let gauges = status.gauges;
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
        let (used, budget) = gauges.spent[model];
        Budget { model, used: u64::from(used), allowed: u64::from(budget) }
    };
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        now: gauges.now,
        started_at: gauges.started_at,
        last_poll: gauges.last_poll,
        fault: gauges.fault.map(str::to_owned),
        queue: gauges.queue,
        running: gauges.running,
        outbox: gauges.outbox,
        updates: status.updates,
        budgets: ModelSlot::ALL.into_iter().map(budget).filter(|budget| budget.allowed > 0).collect(),
        keys: gauges.counts.into_iter().map(counts).collect(),
        resets_at: gauges.resets_at,
        seats_taken: gauges.seats_taken,
        seats: gauges.seats,
        rss: status.memory,
        overhead_p50_us: status
            .overhead_p50
            .map(|spent| u64::try_from(spent.as_micros()).unwrap_or(u64::MAX)),
        log_lines_dropped: gauges.log_lines_dropped,
        recent_failures: status
            .recent_failures
            .into_iter()
            .map(|(at, message)| RecentFailure { at, message })
            .collect(),
        pool: gauges.keys.into_iter().map(|view| keys::wire(view, config)).collect(),
        sessions: room.sessions,
        holds: room.holds,
        line: room.line,
        rates: Rates {
            received: pulse.updates.received,
            refused: pulse.updates.refused.values().sum(),
            sends: pulse.sends,
            answered: pulse.answered,
            failed: pulse.failed,
            answer_p50_ms: pulse.answer_p50.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        },
        outages: gauges
            .outages
            .into_iter()
            .map(|(model, refusal)| Outage {
                model,
                why: refusal.name().to_owned(),
                until: Some(refusal.until()).filter(|until| *until < Timestamp::NEVER),
            })
            .collect(),
    }
}
