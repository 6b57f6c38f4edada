//! From what the daemon says to what the screen shows. Text of foreign origin becomes harmless here.

use crate::admin::api::{KeyNow, Outage, Quota, Rates, Status};
use crate::commands::status::{Level, verdict};
use crate::domain::pool::breaker::Breaker;
use crate::error::CommandError;
use crate::redact;
use crate::ui::text::one_line;
use crate::ui::top::{self, Budget, FailureRow, KeyRow, Place, Seat, Verdict, View};

/// What the screen shows of a status.
pub(super) fn view_of(status: &Status) -> View {
    let found = verdict(status);
    let reason = shown(&found.reasons.join(", "));
    let verdict = match found.level {
        Level::Ok => Verdict::Good,
        Level::Warning => Verdict::Warning(reason),
        Level::Critical => Verdict::Critical(reason),
    };
    let room = room(status);
    let budgets = status.budgets.iter().map(|budget| Budget {
        model: budget.model,
        used: budget.used,
        allowed: budget.allowed,
    });
    let failures = status
        .recent_failures
        .iter()
        .map(|failure| FailureRow { at: failure.at, message: shown(&failure.message) });
    let mut failures: Vec<FailureRow> = failures.collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.at));
    View {
        verdict,
        pid: status.pid,
        now: status.now,
        started_at: status.started_at,
        last_poll: status.last_poll,
        running: status.running,
        queue: status.queue,
        outbox: status.outbox,
        rates: rates(&status.rates),
        budgets: budgets.collect(),
        resets_at: status.resets_at,
        outages: status.outages.iter().map(outage).collect(),
        keys: status.pool.iter().map(key).collect(),
        seats_taken: status.seats_taken,
        seats: status.seats,
        room,
        failures,
        version: shown(&status.version),
    }
}

/// A failure in a line.
pub(super) fn told(error: &CommandError) -> String {
    let parts: Vec<&str> = [&error.message].into_iter().chain(&error.causes).map(String::as_str).collect();
    shown(&parts.join(": "))
}

fn shown(text: &str) -> String {
    one_line(&redact::scrub(text)).into_owned()
}

const fn rates(rates: &Rates) -> top::Rates {
    top::Rates {
        received: rates.received,
        refused: rates.refused,
        sends: rates.sends,
        answered: rates.answered,
        failed: rates.failed,
        answer_p50_ms: rates.answer_p50_ms,
    }
}

fn outage(outage: &Outage) -> top::Outage {
    top::Outage {
        what: outage.model.map_or("the whole pool", |model| model.name()).to_owned(),
        why: shown(&outage.why),
        until: outage.until,
    }
}

fn key(key: &KeyNow) -> KeyRow {
    let budget = |quota: &Quota| Budget {
        model: quota.model,
        used: u64::from(quota.used),
        allowed: u64::from(quota.allowed),
    };
    let fullest = key.quotas.iter().max_by(|one, other| {
        let share = |quota: &Quota| f64::from(quota.minute) / f64::from(quota.per_minute.max(1));
        // Of equally full ones the first, which is the cheapest model.
        share(one).total_cmp(&share(other)).then(other.model.cmp(&one.model))
    });
    KeyRow {
        key: key.key,
        tail: key.tail.as_deref().map(shown),
        project: shown(&key.project),
        state: key.state,
        why: key.why.as_deref().map(shown),
        until: key.until,
        breaker: match key.breaker {
            Breaker::Closed { failures } => top::Breaker::Closed(failures),
            Breaker::Open { until, .. } => top::Breaker::Open(until),
            Breaker::HalfOpen { .. } => top::Breaker::HalfOpen,
        },
        last_send: key.last_send,
        cools_until: key.cools_until,
        running: key.running,
        budgets: key.quotas.iter().map(budget).collect(),
        minute: fullest.map_or((0, 0), |quota| (quota.minute, quota.per_minute)),
    }
}

fn room(status: &Status) -> Vec<Seat> {
    let name = |name: &Option<String>| name.as_deref().map(shown);
    let sitting = status.sessions.iter().map(|session| Seat {
        user: session.user,
        name: name(&session.name),
        place: Place::Sitting {
            seat: session.seat,
            since: session.since,
            last_active: session.last_active,
            expires_at: session.expires_at,
            rounds: session.rounds,
            queue: session.queue,
        },
    });
    let held = status.holds.iter().map(|hold| Seat {
        user: hold.user,
        name: name(&hold.name),
        place: Place::Held { seat: hold.seat, until: hold.until },
    });
    let waiting = status.line.iter().map(|waiting| Seat {
        user: waiting.user,
        name: name(&waiting.name),
        place: Place::Waiting { position: waiting.position },
    });
    sitting.chain(held).chain(waiting).collect()
}
