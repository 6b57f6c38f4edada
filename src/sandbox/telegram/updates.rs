//! How updates reach the bot: the queue, getUpdates with its offsets and conflicts, and the webhook settings.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::handle::Inner;
use super::params::Params;
use super::state::{ApiError, Pending, State, Webhook};

const DAY_MS: i64 = 24 * 3_600_000;
/// Kinds that come only when asked for by name.
const OPT_IN: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];
/// How many updates can be replayed.
const REPLAYABLE: usize = 10_000;

impl State {
    fn lets_through(&self, update: &Value) -> bool {
        let Some(kind) = update.as_object().and_then(|map| map.keys().find(|name| *name != "update_id"))
        else {
            return true;
        };
        match self.allowed.as_deref() {
            None | Some([]) => !OPT_IN.contains(&kind.as_str()),
            Some(allowed) => allowed.contains(kind),
        }
    }

    /// Queue an update, with its own id when it brings one; kinds the bot did not ask for are dropped here, as the
    /// real server does. Returns the id.
    pub(super) fn push(&mut self, mut update: Value) -> i64 {
        let id = if let Some(id) = update["update_id"].as_i64() {
            self.next_update = self.next_update.max(id.saturating_add(1));
            id
        } else {
            self.next_update += 1;
            update["update_id"] = json!(self.next_update - 1);
            self.next_update - 1
        };
        if self.lets_through(&update) {
            self.push_text(id, update.to_string());
        }
        id
    }

    /// Queue an update as it is written.
    pub(super) fn push_text(&mut self, id: i64, json: String) {
        self.next_update = self.next_update.max(id.saturating_add(1));
        if self.recent.len() >= REPLAYABLE {
            self.recent.pop_front();
        }
        self.recent.push_back((id, json.clone()));
        let again = id < self.confirmed;
        self.disordered |= self.updates.back().is_some_and(|last| id <= last.id);
        self.updates.push_back(Pending { id, at: self.time.now(), json, again });
    }

    fn settings(&mut self, params: &Params) -> Result<(), ApiError> {
        if let Some(allowed) = params.json("allowed_updates")? {
            let names =
                allowed.as_array().ok_or_else(|| ApiError::bad("can't parse allowed updates JSON object"))?;
            self.allowed = Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        Ok(())
    }

    /// Confirm by offset; a negative one forgets all but the last.
    fn confirm(&mut self, offset: i64, now: i64) {
        while self.updates.front().is_some_and(|update| update.at + DAY_MS <= now) {
            self.updates.pop_front();
        }
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            let forget = self.updates.len().saturating_sub(keep);
            self.updates.drain(..forget);
        } else if offset > 0 {
            // In order, as nearly always, the confirmed ones stand in front; the rest is searched only otherwise.
            while self.updates.front().is_some_and(|update| update.id < offset && !update.again) {
                self.updates.pop_front();
            }
            if self.disordered {
                self.updates.retain(|update| update.id >= offset || update.again);
                self.disordered = !self.updates.iter().map(|update| update.id).is_sorted();
            }
            self.confirmed = self.confirmed.max(offset);
        }
    }

    fn batch(&mut self, limit: usize) -> Option<String> {
        if self.updates.is_empty() {
            return None;
        }
        let batch: Vec<&str> = self.updates.iter().take(limit).map(|update| update.json.as_str()).collect();
        let json = format!("[{}]", batch.join(","));
        let count = batch.len();
        // A replayed update has no offset that could confirm it: once delivered it is gone.
        if self.updates.iter().take(count).any(|update| update.again) {
            let mut at = 0;
            self.updates.retain(|update| {
                at += 1;
                !(update.again && at <= count)
            });
        }
        Some(json)
    }

    pub(super) fn set_webhook(&mut self, params: &Params) -> Result<Value, ApiError> {
        let url = params.text("url").unwrap_or_default();
        let known = params.text("secret_token").is_none_or(|secret| {
            secret.len() <= 256 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        });
        if !known {
            return Err(ApiError::bad("secret token contains unallowed characters"));
        }
        if url.is_empty() {
            self.webhook = None;
        } else {
            let Some(place) = url.strip_prefix("https://") else {
                return Err(ApiError::bad("bad webhook: An HTTPS URL must be provided for webhook"));
            };
            let host = place.split('/').next().unwrap_or("");
            if host.rsplit_once(':').is_some_and(|(_, port)| !["80", "88", "443", "8443"].contains(&port)) {
                return Err(ApiError::bad(
                    "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
                ));
            }
            let max_connections = params.int("max_connections").unwrap_or(40).clamp(1, 100);
            self.webhook = Some(Webhook { url, max_connections });
        }
        self.settings(params)?;
        self.drop_pending(params);
        Ok(json!(true))
    }

    pub(super) fn delete_webhook(&mut self, params: &Params) -> Value {
        self.webhook = None;
        self.drop_pending(params);
        json!(true)
    }

    fn drop_pending(&mut self, params: &Params) {
        if params.flag("drop_pending_updates") {
            self.updates.clear();
        }
    }

    pub(super) fn webhook_info(&self) -> Value {
        let mut info = json!({"url": "", "has_custom_certificate": false,
            "pending_update_count": self.updates.len()});
        if let Some(webhook) = &self.webhook {
            info["url"] = json!(webhook.url);
            info["max_connections"] = json!(webhook.max_connections);
        }
        if let Some(allowed) = self.allowed.as_ref().filter(|allowed| !allowed.is_empty()) {
            info["allowed_updates"] = json!(allowed);
        }
        info
    }
}

/// A long poll. The newest poller wins: an older one that still waits is answered 409.
pub(super) async fn get_updates(inner: Arc<Inner>, params: Params) -> Result<String, ApiError> {
    let timeout = params.int("timeout").unwrap_or(0).clamp(0, 50) as u64;
    let mut limit = params.int("limit").filter(|n| (1..=100).contains(n)).unwrap_or(100) as usize;
    let offset = params.int("offset").unwrap_or(0);
    let mine = {
        let mut state = inner.state();
        if state.webhook.is_some() {
            return Err(ApiError::new(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                 webhook first",
            ));
        }
        state.settings(&params)?;
        let now = state.time.now();
        state.confirm(offset, now);
        // The same offset again within half a second: the real server suspects a loop and gives one at a time.
        if state.last_poll.0 == offset && now - state.last_poll.1 < 500 {
            limit = 1;
        }
        state.last_poll = (offset, now);
        state.polls += 1;
        state.polls
    };
    inner.changed.notify_waiters();
    let deadline = Instant::now() + Duration::from_secs(timeout);
    loop {
        let changed = inner.changed.notified();
        tokio::pin!(changed);
        // Listen before looking, so that nothing comes in between unseen.
        changed.as_mut().enable();
        {
            let mut state = inner.state();
            if state.polls != mine {
                return Err(ApiError::new(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                ));
            }
            if let Some(batch) = state.batch(limit) {
                return Ok(batch);
            }
        }
        if timeout == 0 || tokio::time::timeout_at(deadline, changed).await.is_err() {
            return Ok("[]".to_owned());
        }
    }
}
