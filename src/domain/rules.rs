//! Every number of the policy, written once. `svs.toml` overrides them; nothing else in the code repeats them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::model::{ModelSlot, PerModel};
use super::role::{PerRole, Role};

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The whole policy.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// What one key may do; a key may have its own.
    pub key: KeyLimits,
    /// When keys, models and the pool are taken out, and for how long.
    pub breakers: BreakerRules,
    /// Which key serves whom.
    pub router: RouterRules,
    /// What each role may do.
    pub roles: PerRole<RoleRules>,
    /// The VIP room.
    pub seats: SeatRules,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            key: KeyLimits::default(),
            breakers: BreakerRules::default(),
            router: RouterRules::default(),
            roles: PerRole::standard(),
            seats: SeatRules::default(),
        }
    }
}

/// What one model may be asked by one project.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct ModelLimits {
    /// Sends in any sliding minute, 1….
    pub rpm: u32,
    /// Google's requests a day; 0: the model is off for this project.
    pub daily_limit: u32,
    /// The share of `daily_limit` svs spends, 0 < x ≤ 1.
    pub quota_fraction: f64,
    /// Tokens in any sliding minute; off until a 429 names a token quota.
    pub tokens_per_minute: Option<u32>,
}

impl ModelLimits {
    /// The sends of one quota day: ⌊`quota_fraction` × `daily_limit`⌋.
    pub fn budget(&self) -> u32 {
        // The nudge keeps 0.29 × 100 = 28.999999999999996 from losing a unit.
        (self.quota_fraction * f64::from(self.daily_limit) + 1e-9) as u32
    }
}

/// What one key may do. Cooldown is the key's, the model limits are its project's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeyLimits {
    /// The gap between two sends on one key, whatever the model.
    pub cooldown: Duration,
    /// Consecutive strikes that open the key's breaker.
    pub strikes: u32,
    /// How long the key's breaker stays open.
    pub blacklist: Duration,
    /// Per model.
    pub models: PerModel<ModelLimits>,
}

impl KeyLimits {
    /// The time between two debits of one key.
    pub fn gap(&self, rules: &BreakerRules) -> Duration {
        self.cooldown + rules.send_margin
    }
}

impl Default for KeyLimits {
    /// The free tier of mid-2025 (1000/250/50 a day), of which 30 % is spent; 10 requests a minute each.
    /// Google's own minute limit for pro was 5. The image slot is off.
    fn default() -> KeyLimits {
        let model = |rpm, daily_limit| ModelLimits {
            rpm,
            daily_limit,
            quota_fraction: 0.30,
            tokens_per_minute: None,
        };
        KeyLimits {
            cooldown: secs(10),
            strikes: 3,
            blacklist: secs(3600),
            models: PerModel([model(10, 1000), model(10, 250), model(5, 50), model(10, 0)]),
        }
    }
}

/// Breakers of three scopes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BreakerRules {
    /// Strikes never take more than this share of a group out.
    pub ejection_cap: f64,
    /// Failures of a model in a row, over any projects, that open its breaker.
    pub model_failures: u32,
    /// How long a model's breaker stays open, trip by trip; the last value repeats.
    pub model_backoff: Vec<Duration>,
    /// Projects that must see a bare 429 within `bare_window` to pause the pool.
    pub bare_projects: u32,
    /// The window for `bare_projects`.
    pub bare_window: Duration,
    /// How long the pool pauses.
    pub pool_pause: Duration,
    /// The first pause of a project × model after a bare 429; doubles with each further one.
    pub bare_backoff: Duration,
    /// How long the pool rests after Google said that it does not serve this region.
    pub region_pause: Duration,
    /// The pause of a project × model after a minute limit without a usable retry delay.
    pub minute_backoff: Duration,
    /// Projects that must agree before a model id counts as missing.
    pub missing_projects: u32,
    /// Added to every cooldown: between debit and wire lies the work of this machine, and a busy one takes longer for
    /// one send than for the next. Measured with 30 processes on two busy cores: 70 ms.
    pub send_margin: Duration,
    /// The window in which sends are counted. A second more than Google's minute, because the two clocks differ
    /// and a request takes time to arrive.
    pub rate_window: Duration,
}

impl Default for BreakerRules {
    fn default() -> BreakerRules {
        BreakerRules {
            ejection_cap: 0.5,
            model_failures: 3,
            model_backoff: [2, 4, 8, 16, 30].map(secs).to_vec(),
            bare_projects: 3,
            bare_window: secs(10),
            pool_pause: secs(10),
            bare_backoff: secs(30),
            region_pause: secs(600),
            minute_backoff: secs(60),
            missing_projects: 2,
            send_margin: Duration::from_millis(250),
            rate_window: secs(61),
        }
    }
}

/// Which key serves whom.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RouterRules {
    /// The share of a group's budget that its home roles may spend from midnight on, ahead of the line.
    pub early_share: f64,
    /// A wished model that is ready this soon is waited for rather than lowered.
    pub wait_for_wish: Duration,
    /// The last units of a router key per model that are the owner's…
    pub owner_units: u32,
    /// …at most this share of its budget.
    pub owner_share: f64,
    /// In a project shared by several groups: the share of the budget, scaled by the share of the day left, that
    /// a role must leave untouched.
    pub shared_reserve: PerRole<f64>,
    /// The longest a request waits for a key, counted from when it is first in its conversation.
    pub max_wait: Duration,
    /// Counted attempts of one request.
    pub attempts: PerRole<u32>,
    /// Attempts that cost nothing (a key definitely rejected, or no byte sent).
    pub free_attempts: u32,
    /// Counted retries in `retry_window` are at most this many…
    pub retry_floor: u32,
    /// …or this share of the requests in it, whichever is more.
    pub retry_share: f64,
    /// The window of the retry budget.
    pub retry_window: Duration,
}

impl Default for RouterRules {
    fn default() -> RouterRules {
        RouterRules {
            early_share: 0.2,
            wait_for_wish: secs(5),
            owner_units: 10,
            owner_share: 1.0 / 3.0,
            shared_reserve: PerRole([0.6, 0.4, 0.2, 0.1, 0.0]),
            max_wait: secs(30),
            attempts: PerRole([2, 2, 2, 3, 3]),
            free_attempts: 25,
            retry_floor: 3,
            retry_share: 0.2,
            retry_window: secs(300),
        }
    }
}

/// What a role may do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RoleRules {
    /// Rounds of memory sent to Gemini.
    pub rounds: u32,
    /// Requests in any sliding hour; none: no cap.
    pub per_hour: Option<u32>,
    /// Requests in a quota day; none: no cap.
    pub per_day: Option<u32>,
}

impl PerRole<RoleRules> {
    /// The rules a new installation starts with.
    pub fn standard() -> PerRole<RoleRules> {
        let role = |rounds, per_hour, per_day| RoleRules { rounds, per_hour, per_day };
        PerRole([
            role(0, Some(5), Some(10)),
            role(3, Some(20), Some(40)),
            role(5, None, Some(60)),
            role(7, None, Some(200)),
            role(10, None, None),
        ])
    }
}

/// The VIP room.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SeatRules {
    /// Seats, 0….
    pub seats: u32,
    /// A seat is freed after this long without a message.
    pub idle: Duration,
    /// A session ends after this long, however active; none: it does not.
    pub max_duration: Option<Duration>,
    /// How long before such an end the user is told; zero: not at all.
    pub warning: Duration,
    /// How long a freed seat is held for the first in line.
    pub hold: Duration,
    /// How long a kicked user may not take a seat again.
    pub cool_off: Duration,
}

impl Default for SeatRules {
    fn default() -> SeatRules {
        SeatRules {
            seats: 3,
            idle: secs(600),
            max_duration: None,
            warning: secs(300),
            hold: secs(120),
            cool_off: secs(600),
        }
    }
}

/// The models a role may use at all. Premium's pro is for complex tasks only.
pub const fn is_entitled(role: Role, model: ModelSlot) -> bool {
    match model {
        ModelSlot::FlashLite => true,
        ModelSlot::Flash => !matches!(role, Role::Guest),
        ModelSlot::Pro | ModelSlot::Image => matches!(role, Role::Premium | Role::Vip | Role::Owner),
    }
}
