//! A project against a naive model: the list of all sends ever made.

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::domain::rules::Rules;
use crate::domain::time::Calendar;

const KEYS: [Fingerprint; 2] = [Fingerprint([1; 8]), Fingerprint([2; 8])];

fn rules() -> Rules {
    let mut rules = Rules::default();
    rules.breakers.send_margin = Duration::ZERO;
    // Small numbers, so that a short random walk meets every limit.
    rules.key.models[ModelSlot::Flash].daily_limit = 40;
    rules.key.models[ModelSlot::Pro] =
        ModelLimits { rpm: 2, daily_limit: 10, ..rules.key.models[ModelSlot::Pro] };
    rules
}

/// Days of one hour, so that a walk of minutes crosses midnights.
fn calendar() -> Calendar {
    Calendar::new(QuotaDay(0), (0..2000).map(|hour| Timestamp::from_millis(hour * 3_600_000)).collect())
}

fn at(s: u64) -> Moment {
    calendar().moment(Timestamp::from_millis(s * 1000))
}

fn acquire(
    state: &mut ProjectState,
    key: usize,
    model: ModelSlot,
    moment: &Moment,
) -> Result<Granted, Refusal> {
    let rules = rules();
    let deadline = moment.now + Duration::from_mins(1);
    state.acquire(KEYS[key], &rules.key, model, deadline, &rules.breakers, moment)
}

fn settle(
    state: &mut ProjectState,
    key: usize,
    lease: &Granted,
    outcome: &Outcome,
    moment: &Moment,
) -> Effect {
    let rules = rules();
    let sent = Sent {
        id: lease.id,
        fingerprint: KEYS[key],
        limits: &rules.key,
        model: ModelSlot::FlashLite,
        outcome,
        tokens: 0,
        may_eject: true,
    };
    state.settle(&sent, &rules.breakers, moment)
}

/// Sends one request with key 0 at second `s` and settles it at once.
fn send(state: &mut ProjectState, s: u64, outcome: &Outcome) -> Effect {
    let lease = acquire(state, 0, ModelSlot::FlashLite, &at(s)).expect("ready");
    settle(state, 0, &lease, outcome, &at(s))
}

fn refusal(state: &mut ProjectState, s: u64) -> Option<Refusal> {
    acquire(&mut state.clone(), 0, ModelSlot::FlashLite, &at(s)).err()
}

fn until(s: u64) -> Timestamp {
    at(s).now
}

#[test]
fn what_an_outcome_does_to_the_next_send() {
    let minute = |retry_after| Outcome::MinuteLimit {
        retry_after: Duration::from_secs(retry_after),
        limit: None,
        of_tokens: false,
    };
    let day = |retry_after: Option<u64>| Outcome::DayLimit {
        retry_after: retry_after.map(Duration::from_secs),
        limit: None,
    };
    // The outcome of a send at second 0 → why the key refuses at second 10, when its cooldown is over.
    let cases = [
        (Outcome::Answered, None),
        (Outcome::Blocked, None),
        (Outcome::BadRequest, None),
        (Outcome::Overloaded, None),
        (Outcome::UpstreamError, None),
        (Outcome::TimedOut, None),
        (Outcome::Empty, None),
        (Outcome::Abandoned, None),
        (Outcome::Unauthorized, None),
        (Outcome::RegionUnsupported, None),
        (minute(46), Some(Refusal::Resting { until: until(46) })),
        (minute(90_000), Some(Refusal::Resting { until: until(3600) })),
        (day(None), Some(Refusal::BudgetSpent { until: until(3600) })),
        (day(Some(900)), Some(Refusal::BudgetSpent { until: until(900) })),
        (day(Some(90_000)), Some(Refusal::BudgetSpent { until: until(3600) })),
        (Outcome::ModelOff, Some(Refusal::ModelOff { until: until(3600) })),
        (Outcome::BareLimit, Some(Refusal::Resting { until: until(30) })),
        (
            Outcome::SpendCap { retry_after: Duration::from_mins(10) },
            Some(Refusal::Resting { until: until(600) }),
        ),
        (Outcome::Rejected { reason: Rejection::Leaked }, Some(Refusal::Rejected { why: Rejection::Leaked })),
        (
            Outcome::Rejected { reason: Rejection::Suspended },
            Some(Refusal::Rejected { why: Rejection::Suspended }),
        ),
    ];
    for (outcome, expected) in cases {
        let mut state = ProjectState::default();
        send(&mut state, 0, &outcome);
        assert_eq!(refusal(&mut state, 10), expected, "{outcome:?}");
    }
}

#[test]
fn a_rejected_project_takes_all_its_keys_out_and_a_rejected_key_only_itself() {
    for (reason, other_serves) in [(Rejection::Invalid, true), (Rejection::ServiceDisabled, false)] {
        let mut state = ProjectState::default();
        send(&mut state, 0, &Outcome::Rejected { reason });
        assert_eq!(acquire(&mut state, 1, ModelSlot::FlashLite, &at(1)).is_ok(), other_serves, "{reason:?}");
        state.restore(KEYS[0]);
        assert_eq!(refusal(&mut state, 10), None, "restored");
    }
}

#[test]
fn three_strikes_in_a_row_blacklist_a_key_for_an_hour() {
    let mut state = ProjectState::default();
    let effects = [0, 10, 20].map(|s| send(&mut state, s, &Outcome::Unauthorized));
    assert_eq!(effects, [Effect::None, Effect::None, Effect::Banned(until(3620))]);
    assert_eq!(refusal(&mut state, 3619), Some(Refusal::Banned { until: until(3620) }));
    let probe = acquire(&mut state, 0, ModelSlot::FlashLite, &at(3620)).expect("one probe");
    assert!(probe.probe);
    assert!(matches!(refusal(&mut state, 3631), Some(Refusal::Probing { .. })));
    settle(&mut state, 0, &probe, &Outcome::Answered, &at(3632));
    assert_eq!(refusal(&mut state, 3633), None);
}

#[test]
fn what_is_not_the_keys_fault_is_never_a_strike() {
    let innocent = [
        Outcome::Blocked,
        Outcome::BadRequest,
        Outcome::Empty,
        Outcome::ThoughtOnly,
        Outcome::Overloaded,
        Outcome::UpstreamError,
        Outcome::TimedOut,
        Outcome::Incomplete,
        Outcome::Abandoned,
        Outcome::ModelMissing,
        Outcome::ToolLimit,
        Outcome::RegionUnsupported,
        Outcome::Unreachable { sent: true },
    ];
    for outcome in innocent {
        let mut state = ProjectState::default();
        for n in 0..6 {
            assert_eq!(send(&mut state, n * 12, &outcome), Effect::None, "{outcome:?}");
        }
        assert_eq!(refusal(&mut state, 90), None, "{outcome:?}");
    }
}

#[test]
fn a_success_between_strikes_clears_them() {
    let mut state = ProjectState::default();
    for n in 0..10 {
        let outcome = if n % 3 == 2 { Outcome::Answered } else { Outcome::Unauthorized };
        assert_eq!(send(&mut state, n * 10, &outcome), Effect::None);
    }
}

#[test]
fn a_send_that_never_left_is_given_back_once() {
    let mut state = ProjectState::default();
    let lease = acquire(&mut state, 0, ModelSlot::FlashLite, &at(0)).expect("ready");
    assert_eq!(state.spent(ModelSlot::FlashLite, &at(0)), 1);
    for _ in 0..2 {
        settle(&mut state, 0, &lease, &Outcome::Unreachable { sent: false }, &at(1));
        assert_eq!(state.spent(ModelSlot::FlashLite, &at(1)), 0);
    }
    assert!(matches!(refusal(&mut state, 5), Some(Refusal::Cooling { .. })), "the cooldown stays");
}

#[test]
fn bare_limits_rest_longer_each_time_until_an_answer() {
    let mut state = ProjectState::default();
    let mut s = 0;
    for pause in [30, 60, 120] {
        send(&mut state, s, &Outcome::BareLimit);
        assert_eq!(refusal(&mut state, s + 10), Some(Refusal::Resting { until: until(s + pause) }));
        s += pause;
    }
    send(&mut state, s, &Outcome::Answered);
    send(&mut state, s + 10, &Outcome::BareLimit);
    assert_eq!(refusal(&mut state, s + 20), Some(Refusal::Resting { until: until(s + 40) }));
}

#[test]
fn a_named_quota_corrects_the_limit() {
    let mut state = ProjectState::default();
    send(&mut state, 0, &Outcome::DayLimit { retry_after: None, limit: Some(20) });
    let limits = rules().key;
    assert_eq!(state.budget(&limits, ModelSlot::FlashLite, &at(3600)), 6, "30 % of 20 from the next day on");
    assert_eq!(
        state.budget(&limits, ModelSlot::FlashLite, &at(10)),
        1,
        "and what is spent today is all there is"
    );
}

#[test]
fn an_unclean_boot_costs_one_minute_of_every_model() {
    let (mut state, rules) = (ProjectState::default(), rules());
    state.charge_minute(&rules.key, &rules.breakers, &at(0));
    assert_eq!(state.spent(ModelSlot::FlashLite, &at(0)), 10);
    assert_eq!(refusal(&mut state, 60), Some(Refusal::RateLimited { until: until(61) }));
    assert_eq!(refusal(&mut state, 61), None);
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Acquire(usize, ModelSlot),
    Settle(Outcome),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let model = prop_oneof![Just(ModelSlot::FlashLite), Just(ModelSlot::Flash), Just(ModelSlot::Pro)];
    let outcome = prop_oneof![
        4 => Just(Outcome::Answered),
        1 => Just(Outcome::BadRequest),
        1 => Just(Outcome::TimedOut),
        1 => Just(Outcome::Unreachable { sent: true }),
        1 => Just(Outcome::MinuteLimit { retry_after: Duration::from_secs(20), limit: Some(8), of_tokens: false }),
    ];
    let step = prop_oneof![
        3 => (0u64..30_000).prop_map(Step::Wait),
        6 => (0usize..2, model).prop_map(|(key, model)| Step::Acquire(key, model)),
        3 => outcome.prop_map(Step::Settle),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..400)
}

proptest! {
    /// I1, I2, I4: whatever is asked, in any order, with crashes in between, no limit is passed.
    #[test]
    fn no_walk_passes_a_limit(steps in steps()) {
        let (rules, calendar) = (rules(), calendar());
        let mut state = ProjectState::default();
        let mut now = Timestamp::from_millis(3_000_000);
        let mut sends: Vec<(Timestamp, usize, ModelSlot)> = Vec::new();
        let mut open: Vec<(usize, ModelSlot, Granted)> = Vec::new();
        for step in steps {
            let moment = calendar.moment(now);
            match step {
                Step::Wait(ms) => now = now + Duration::from_millis(ms),
                Step::Acquire(key, model) => {
                    let deadline = now + Duration::from_mins(1);
                    if let Ok(lease) = state.acquire(KEYS[key], &rules.key, model, deadline, &rules.breakers, &moment) {
                        sends.push((now, key, model));
                        open.push((key, model, lease));
                    }
                }
                Step::Settle(outcome) => if let Some((key, model, lease)) = open.pop() {
                    let sent = Sent { id: lease.id, fingerprint: KEYS[key], limits: &rules.key, model, outcome: &outcome, tokens: 5, may_eject: true };
                    state.settle(&sent, &rules.breakers, &moment);
                },
                Step::Crash => {
                    let stored = serde_json::to_string(&state).expect("serializable");
                    prop_assert_eq!(&serde_json::from_str::<ProjectState>(&stored).expect("readable"), &state);
                    open.clear();
                }
            }
        }
        for (n, (at, key, model)) in sends.iter().enumerate() {
            let before = &sends[..n];
            if let Some((last, ..)) = before.iter().rev().find(|(_, other, _)| other == key) {
                prop_assert!(at.since(*last) >= rules.key.cooldown, "two sends of one key too close");
            }
            let limits = &rules.key.models[*model];
            let same = |(then, _, other): &&(Timestamp, usize, ModelSlot)| other == model && at.since(*then) < Duration::from_mins(1);
            prop_assert!(before.iter().filter(same).count() < limits.rpm as usize, "a minute with too many sends");
            let day = |(then, _, other): &&(Timestamp, usize, ModelSlot)| other == model && calendar.day(*then) == calendar.day(*at);
            prop_assert!(before.iter().filter(day).count() < limits.budget() as usize, "a day with too many sends");
        }
        let later = now + Duration::from_secs(61);
        prop_assert_eq!(state.in_flight(later), 0, "no lease outlives its deadline");
    }
}

#[test]
fn a_disabled_key_sends_nothing_until_its_time_and_a_reset_does_not_bring_it_back() {
    let mut state = ProjectState::default();
    state.disable(KEYS[0], until(60), Some("billing".to_owned()));
    state.restore(KEYS[0]);
    assert_eq!(refusal(&mut state, 10), Some(Refusal::Disabled { until: until(60) }));
    assert!(acquire(&mut state, 1, ModelSlot::FlashLite, &at(10)).is_ok(), "the project's other key serves");
    assert_eq!(refusal(&mut state, 60), None, "it comes back by itself");
    state.disable(KEYS[0], Timestamp::NEVER, None);
    assert_eq!(refusal(&mut state, 100_000), Some(Refusal::Disabled { until: Timestamp::NEVER }));
    state.enable(KEYS[0]);
    assert_eq!(refusal(&mut state, 100_000), None);
}

#[test]
fn a_reset_forgets_strikes_and_bans_and_no_send() {
    let mut state = ProjectState::default();
    let effects = [0, 10, 20].map(|s| send(&mut state, s, &Outcome::Unauthorized));
    assert!(matches!(effects[2], Effect::Banned(_)));
    let spent = state.spent(ModelSlot::FlashLite, &at(21));
    state.restore(KEYS[0]);
    assert_eq!(state.spent(ModelSlot::FlashLite, &at(21)), spent);
    assert!(matches!(refusal(&mut state, 21), Some(Refusal::Cooling { .. })), "the last send still counts");
    assert_eq!(refusal(&mut state, 40), None);
}
