//! The numbers of the policy. Every default comes from `Rules::default()`; here are only names and ranges.

use std::time::Duration;

use crate::config::layers::Layers;
use crate::config::reader::Reader;
use crate::config::toml_file::Raw;
use crate::config::value::{DURATION_FORM, duration_text, parse_duration, quoted, text};
use crate::domain::model::ModelSlot;
use crate::domain::role::{PerRole, Role};
use crate::domain::rules::{BreakerRules, KeyLimits, ModelLimits, RoleRules, RouterRules, Rules, SeatRules};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// More rounds than anyone can mean; a million is a typing error.
const MOST_ROUNDS: u32 = 1000;
/// No installation has more seats.
const MOST_SEATS: u32 = 10_000;
/// Attempts and failures are small numbers.
const MANY: u32 = 1000;

/// Reads the whole policy.
pub(super) fn read(reader: &mut Reader<'_>) -> Rules {
    let default = Rules::default();
    Rules {
        key: key_limits(reader, "limits", &default.key),
        breakers: breakers(reader, default.breakers),
        router: router(reader, &default.router),
        roles: roles(reader, &default.roles),
        seats: seats(reader, &default.seats),
    }
}

/// Reads the limits of a key below `prefix`; what is not said there is as in `base`.
pub(super) fn key_limits(reader: &mut Reader<'_>, prefix: &str, base: &KeyLimits) -> KeyLimits {
    let name = |field: &str| format!("{prefix}.{field}");
    let mut limits = KeyLimits {
        cooldown: reader.duration(&name("cooldown"), base.cooldown, Duration::ZERO..=HOUR),
        strikes: reader.count(&name("strikes"), base.strikes, 1..=MANY),
        blacklist: reader.duration(&name("blacklist"), base.blacklist, SECOND..=30 * DAY),
        models: base.models,
    };
    for slot in ModelSlot::ALL {
        limits.models[slot] = model_limits(reader, &format!("{prefix}.{slot}"), &base.models[slot]);
    }
    limits
}

fn model_limits(reader: &mut Reader<'_>, prefix: &str, base: &ModelLimits) -> ModelLimits {
    let name = |field: &str| format!("{prefix}.{field}");
    ModelLimits {
        rpm: reader.count(&name("rpm"), base.rpm, 1..=u32::MAX),
        daily_limit: reader.count(&name("daily_limit"), base.daily_limit, 0..=u32::MAX),
        quota_fraction: reader.share(&name("quota_fraction"), base.quota_fraction, false),
        tokens_per_minute: reader.count_or_off(
            &name("tokens_per_minute"),
            base.tokens_per_minute,
            1..=u32::MAX,
        ),
    }
}

/// Whether any source gives limits below this prefix.
pub(super) fn has_limits(layers: &Layers, prefix: &str) -> bool {
    layers.mentions(&format!("{prefix}."))
}

fn breakers(reader: &mut Reader<'_>, default: BreakerRules) -> BreakerRules {
    BreakerRules {
        ejection_cap: reader.share("breakers.ejection_cap", default.ejection_cap, false),
        model_failures: reader.count("breakers.model_failures", default.model_failures, 1..=MANY),
        model_backoff: backoff(reader, "breakers.model_backoff", default.model_backoff),
        bare_projects: reader.count("breakers.bare_projects", default.bare_projects, 1..=MANY),
        bare_window: reader.duration("breakers.bare_window", default.bare_window, SECOND..=HOUR),
        pool_pause: reader.duration("breakers.pool_pause", default.pool_pause, SECOND..=HOUR),
        bare_backoff: reader.duration("breakers.bare_backoff", default.bare_backoff, SECOND..=HOUR),
        region_pause: reader.duration("breakers.region_pause", default.region_pause, SECOND..=HOUR),
        minute_backoff: reader.duration("breakers.minute_backoff", default.minute_backoff, SECOND..=HOUR),
        missing_projects: reader.count("breakers.missing_projects", default.missing_projects, 1..=MANY),
        send_margin: reader.duration("limits.send_margin", default.send_margin, Duration::ZERO..=HOUR),
        rate_window: reader.duration("limits.rate_window", default.rate_window, SECOND..=HOUR),
    }
}

fn backoff(reader: &mut Reader<'_>, name: &str, default: Vec<Duration>) -> Vec<Duration> {
    let expected = format!("a list of durations, each {DURATION_FORM}, not empty, none over 1h");
    let parse = |raw: &Raw| {
        let spans: Vec<Duration> = match raw {
            Raw::List(items) => {
                items.iter().map(|item| parse_duration(text(&item.raw)?)).collect::<Option<_>>()?
            }
            Raw::Word(_) => {
                text(raw)?.split(',').map(|item| parse_duration(item.trim())).collect::<Option<_>>()?
            }
            _ => return None,
        };
        let fits = !spans.is_empty() && spans.iter().all(|span| (SECOND..=HOUR).contains(span));
        fits.then_some(spans)
    };
    reader.read(name, default, &expected, parse, |spans| {
        let spans: Vec<String> = spans.iter().map(|span| quoted(&duration_text(*span))).collect();
        format!("[{}]", spans.join(", "))
    })
}

fn router(reader: &mut Reader<'_>, default: &RouterRules) -> RouterRules {
    let mut rules = RouterRules {
        early_share: reader.share("router.early_share", default.early_share, true),
        wait_for_wish: reader.duration(
            "router.wait_for_wish",
            default.wait_for_wish,
            Duration::ZERO..=MINUTE,
        ),
        owner_units: reader.count("router.owner_units", default.owner_units, 0..=u32::MAX),
        owner_share: reader.share("router.owner_share", default.owner_share, true),
        shared_reserve: default.shared_reserve,
        max_wait: reader.duration("router.max_wait", default.max_wait, Duration::ZERO..=HOUR),
        attempts: default.attempts,
        free_attempts: reader.count("router.free_attempts", default.free_attempts, 0..=MANY),
        retry_floor: reader.count("router.retry_floor", default.retry_floor, 0..=u32::MAX),
        retry_share: reader.share("router.retry_share", default.retry_share, true),
        retry_window: reader.duration("router.retry_window", default.retry_window, SECOND..=DAY),
    };
    for role in Role::ALL {
        rules.attempts[role] =
            reader.count(&format!("roles.{role}.attempts"), rules.attempts[role], 1..=MANY);
        rules.shared_reserve[role] =
            reader.share(&format!("roles.{role}.shared_reserve"), rules.shared_reserve[role], true);
    }
    rules
}

fn roles(reader: &mut Reader<'_>, default: &PerRole<RoleRules>) -> PerRole<RoleRules> {
    PerRole(Role::ALL.map(|role| {
        let name = |field: &str| format!("roles.{role}.{field}");
        let base = &default[role];
        RoleRules {
            rounds: reader.count(&name("rounds"), base.rounds, 0..=MOST_ROUNDS),
            per_hour: reader.count_or_off(&name("per_hour"), base.per_hour, 1..=u32::MAX),
            per_day: reader.count_or_off(&name("per_day"), base.per_day, 1..=u32::MAX),
        }
    }))
}

fn seats(reader: &mut Reader<'_>, default: &SeatRules) -> SeatRules {
    SeatRules {
        seats: reader.count("seats.max", default.seats, 0..=MOST_SEATS),
        idle: reader.duration("seats.idle", default.idle, SECOND..=30 * DAY),
        max_duration: reader.duration_or_off("seats.max_duration", default.max_duration, MINUTE..=365 * DAY),
        warning: reader.duration("seats.warning", default.warning, Duration::ZERO..=DAY),
        hold: reader.duration("seats.hold", default.hold, Duration::ZERO..=DAY),
        cool_off: reader.duration("seats.cool_off", default.cool_off, Duration::ZERO..=30 * DAY),
    }
}
