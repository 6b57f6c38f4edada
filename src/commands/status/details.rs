//! The single keys, the VIP room and the outages of `svs status`, for programs.

use serde_json::{Value, json};

use crate::admin::api::{KeyStanding, Outage, Status};
use crate::commands::vip::ls::{hold_json, session_json, waiting_json};
use crate::domain::pool::breaker::Breaker;
use crate::ui::text::rfc3339;

/// One key.
pub(super) fn key(key: &KeyStanding) -> Value {
    let breaker = match key.breaker {
        Breaker::Closed { failures } => json!({"state": "closed", "strikes": failures}),
        Breaker::Open { until, .. } => json!({"state": "open", "until": rfc3339(until)}),
        Breaker::HalfOpen { deadline, .. } => json!({"state": "half_open", "until": rfc3339(deadline)}),
    };
    json!({
        "key": key.key,
        "group": key.key.group().map_or_else(|| "router".to_owned(), |group| group.to_string()),
        "tail": key.tail,
        "project": key.project,
        "state": key.state,
        "why": key.why,
        "until": key.until.and_then(rfc3339),
        "breaker": breaker,
        "last_send": key.last_send.and_then(rfc3339),
        "cools_until": key.cools_until.and_then(rfc3339),
        "running": key.running,
        "quotas": key.quotas,
    })
}

/// The VIP room.
pub(super) fn room(status: &Status) -> Value {
    json!({
        "taken": status.seats_taken,
        "seats": status.seats,
        "sessions": status.sessions.iter().map(session_json).collect::<Vec<_>>(),
        "holds": status.holds.iter().map(hold_json).collect::<Vec<_>>(),
        "line": status.line.iter().map(waiting_json).collect::<Vec<_>>(),
    })
}

/// A model that serves nobody now, or the pool as a whole.
pub(super) fn outage(outage: &Outage) -> Value {
    json!({"model": outage.model, "why": outage.why, "until": outage.until.and_then(rfc3339)})
}
