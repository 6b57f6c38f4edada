//! The single keys, the VIP room and the outages of `svs status`, for programs.

use serde_json::{Value, json};

use crate::admin::api::{KeyNow, Outage, Status};
use crate::commands::keys::ls::now_json;
use crate::commands::vip::ls::{hold_json, session_json, waiting_json};
use crate::ui::text::rfc3339;

/// One key.
pub(super) fn key(key: &KeyNow) -> Value {
    let mut json = now_json(key);
    json["group"] = json!(key.key.group().map_or_else(|| "router".to_owned(), |group| group.to_string()));
    json["quotas"] = json!(key.quotas);
    json
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
