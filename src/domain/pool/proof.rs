//! The proof that no limit was passed: every send that is stored, one after the other, against what its key and its
//! project may send. It counts for itself, by the list of sends alone, and not with the windows and budgets that let
//! the sends out: a mistake in those must show here.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::rules::KeyLimits;
use crate::domain::time::{Calendar, QuotaDay, Timestamp};

/// The minute of a limit per minute. The pool itself keeps a little more than this apart.
const MINUTE: Duration = Duration::from_mins(1);
/// Violations that are told one by one; the others are only counted.
pub const VIOLATIONS_TOLD: usize = 100;

/// A send that left this host, or may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Debit {
    /// Its place in the list.
    pub id: i64,
    /// When it was debited.
    pub at: Timestamp,
    /// With which key.
    pub fingerprint: Fingerprint,
    /// Whose quota.
    pub project: Project,
    /// To which model.
    pub model: ModelSlot,
}

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Sends of a project to a model in any 60 s.
    Minute,
    /// Sends of a project to a model in a quota day.
    Day,
    /// Milliseconds between two sends of a key, whatever the model.
    Gap,
    /// Today's sends of a project to a model, of which the ledger must know.
    Ledger,
}

impl Limit {
    /// The word in output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::Minute => "minute",
            Limit::Day => "day",
            Limit::Gap => "gap",
            Limit::Ledger => "ledger",
        }
    }

    /// How far `worst` is beyond what is allowed; zero and less: it is not.
    fn excess(self, worst: u64, allowed: u64) -> i128 {
        let beyond = i128::from(worst) - i128::from(allowed);
        if matches!(self, Limit::Gap) { -beyond } else { beyond }
    }
}

/// What a limit is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Subject {
    /// A project and a model.
    Budget {
        /// Whose quota.
        project: Project,
        /// Of which model.
        model: ModelSlot,
    },
    /// A key.
    Key {
        /// Its identity.
        fingerprint: Fingerprint,
    },
}

/// The worst that happened to one limit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Which limit.
    pub limit: Limit,
    /// Whose.
    pub of: Subject,
    /// Sends that were looked at.
    pub sends: u64,
    /// The most sends, or the smallest gap in milliseconds.
    pub worst: u64,
    /// What was allowed then.
    pub allowed: u64,
    /// The send with which it came so far.
    pub at: Timestamp,
}

impl Finding {
    /// Whether the limit held.
    pub fn holds(&self) -> bool {
        self.limit.excess(self.worst, self.allowed) <= 0
    }

    /// Sends that were left to the limit, or milliseconds that were more than it; below zero where it was passed.
    pub fn margin(&self) -> i128 {
        -self.limit.excess(self.worst, self.allowed)
    }
}

/// A limit that was passed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Violation {
    /// Which limit.
    pub limit: Limit,
    /// Whose.
    pub of: Subject,
    /// How far it had come with this send.
    pub worst: u64,
    /// What was allowed.
    pub allowed: u64,
    /// When the send was debited.
    pub at: Timestamp,
    /// The send that passed it; before it those that it follows too closely.
    pub sends: Vec<i64>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Proof {
    /// Sends that were judged.
    pub sends: u64,
    /// The worst of every limit that was ever used, by limit and subject.
    pub findings: Vec<Finding>,
    /// The first limits that were passed.
    pub violations: Vec<Violation>,
    /// All limits that were passed.
    pub violated: u64,
}

/// Judges sends in the order of time.
pub struct Prover<'a> {
    calendar: &'a Calendar,
    limits: BTreeMap<Fingerprint, KeyLimits>,
    /// For keys that are not configured any more.
    general: KeyLimits,
    /// What is older is only counted along.
    since: Timestamp,
    minutes: BTreeMap<(Project, ModelSlot), VecDeque<(Timestamp, i64)>>,
    days: BTreeMap<(Project, ModelSlot), (QuotaDay, u64)>,
    last: BTreeMap<Fingerprint, (Timestamp, i64)>,
    worst: BTreeMap<(Limit, Subject), Finding>,
    proof: Proof,
}

impl<'a> Prover<'a> {
    /// Judges sends from `since` on, each by its key's `limits`, or by the `general` ones.
    pub fn new(
        calendar: &'a Calendar,
        limits: impl IntoIterator<Item = (Fingerprint, KeyLimits)>,
        general: KeyLimits,
        since: Timestamp,
    ) -> Prover<'a> {
        Prover {
            calendar,
            limits: limits.into_iter().collect(),
            general,
            since,
            minutes: BTreeMap::new(),
            days: BTreeMap::new(),
            last: BTreeMap::new(),
            worst: BTreeMap::new(),
            proof: Proof::default(),
        }
    }

    /// From when on sends must be handed over, so that those from `since` on are judged by all that was before them.
    pub fn needed_since(&self) -> Timestamp {
        let longest = self.limits.values().chain([&self.general]).map(|limits| limits.cooldown).max();
        let before = longest.unwrap_or_default().max(MINUTE);
        self.calendar.start(self.calendar.day(self.since)).min(self.since - before)
    }

    /// The next send.
    pub fn judge(&mut self, debit: &Debit) {
        let limits = self.limits.get(&debit.fingerprint).unwrap_or(&self.general);
        let (rpm, budget) = (limits.models[debit.model].rpm, limits.models[debit.model].budget());
        let cooldown = u64::try_from(limits.cooldown.as_millis()).unwrap_or(u64::MAX);
        let unit = (debit.project.clone(), debit.model);
        let minute = self.minutes.entry(unit.clone()).or_default();
        minute.retain(|(at, _)| *at + MINUTE > debit.at);
        minute.push_back((debit.at, debit.id));
        let in_minute: Vec<i64> = minute.iter().map(|(_, id)| *id).collect();
        let today = self.calendar.day(debit.at);
        let (day, in_day) = self.days.entry(unit).or_insert((today, 0));
        if *day != today {
            (*day, *in_day) = (today, 0);
        }
        *in_day += 1;
        let in_day = *in_day;
        let before = self.last.insert(debit.fingerprint, (debit.at, debit.id));
        if debit.at < self.since {
            return;
        }
        self.proof.sends += 1;
        let budget_of = Subject::Budget { project: debit.project.clone(), model: debit.model };
        let (count, at) = (in_minute.len() as u64, debit.at);
        self.note(Limit::Minute, budget_of.clone(), (count, rpm.into()), at, in_minute);
        self.note(Limit::Day, budget_of, (in_day, budget.into()), at, vec![debit.id]);
        if let Some((last, id)) = before {
            let gap = debit.at.as_millis().saturating_sub(last.as_millis());
            let of = Subject::Key { fingerprint: debit.fingerprint };
            self.note(Limit::Gap, of, (gap, cooldown), at, vec![id, debit.id]);
        }
    }

    /// What the ledger says was spent of a budget on the quota day of `now`: no less than the sends of that day.
    pub fn compare(&mut self, project: &Project, model: ModelSlot, spent: u32, now: Timestamp) {
        let today = self.calendar.day(now);
        let counted = self.days.get(&(project.clone(), model)).filter(|(day, _)| *day == today);
        if let Some((_, counted)) = counted.copied() {
            let of = Subject::Budget { project: project.clone(), model };
            self.note(Limit::Ledger, of, (counted, spent.into()), now, Vec::new());
        }
    }

    fn note(
        &mut self,
        limit: Limit,
        of: Subject,
        (worst, allowed): (u64, u64),
        at: Timestamp,
        sends: Vec<i64>,
    ) {
        let excess = limit.excess(worst, allowed);
        if excess > 0 {
            self.proof.violated += 1;
            if self.proof.violations.len() < VIOLATIONS_TOLD {
                let of = of.clone();
                self.proof.violations.push(Violation { limit, of, worst, allowed, at, sends });
            }
        }
        let finding = self.worst.entry((limit, of.clone())).or_insert(Finding {
            limit,
            of,
            sends: 0,
            worst,
            allowed,
            at,
        });
        finding.sends += 1;
        if excess > limit.excess(finding.worst, finding.allowed) {
            (finding.worst, finding.allowed, finding.at) = (worst, allowed, at);
        }
    }

    /// What came of it.
    pub fn conclude(mut self) -> Proof {
        self.proof.findings = self.worst.into_values().collect();
        self.proof
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::*;
    use crate::domain::pool::rate_window::RateWindow;
    use crate::domain::rules::ModelLimits;

    const KEY: Fingerprint = Fingerprint([1; 8]);
    const OTHER: Fingerprint = Fingerprint([2; 8]);

    fn limits(cooldown: u64, rpm: u32, budget: u32) -> KeyLimits {
        let mut limits = KeyLimits { cooldown: Duration::from_secs(cooldown), ..KeyLimits::default() };
        for model in &mut limits.models.0 {
            *model = ModelLimits { rpm, daily_limit: budget, quota_fraction: 1.0, tokens_per_minute: None };
        }
        limits
    }

    fn prove(limits: &KeyLimits, since: u64, debits: &[(u64, Fingerprint, ModelSlot)]) -> Proof {
        let calendar = Calendar::new(QuotaDay(0), Vec::new());
        let mut prover = Prover::new(&calendar, [], limits.clone(), Timestamp::from_millis(since));
        for (id, (at, fingerprint, model)) in (1..).zip(debits) {
            let project = Project("p".into());
            let at = Timestamp::from_millis(*at);
            prover.judge(&Debit { id, at, fingerprint: *fingerprint, project, model: *model });
        }
        prover.conclude()
    }

    fn worst(proof: &Proof, limit: Limit) -> Vec<(u64, u64)> {
        let of_limit = proof.findings.iter().filter(|finding| finding.limit == limit);
        of_limit.map(|finding| (finding.worst, finding.allowed)).collect()
    }

    #[test]
    fn what_is_just_allowed_is_proved_and_one_more_names_its_sends() {
        use ModelSlot::{Flash, FlashLite};
        let (start, limits) = (86_400_000, limits(10, 3, 4));
        let mut sends = vec![
            (start, KEY, FlashLite),
            (start + 10_000, KEY, Flash),
            (start + 12_000, OTHER, FlashLite),
            (start + 22_000, OTHER, FlashLite),
            (start + 60_000, KEY, FlashLite),
        ];
        let proof = prove(&limits, 0, &sends);
        assert_eq!((proof.sends, proof.violated), (5, 0), "{proof:?}");
        // The first send has left the minute of the last.
        assert_eq!(worst(&proof, Limit::Minute), [(3, 3), (1, 3)]);
        assert_eq!(worst(&proof, Limit::Day), [(4, 4), (1, 4)]);
        assert_eq!(worst(&proof, Limit::Gap), [(10_000, 10_000), (10_000, 10_000)]);

        sends.push((start + 69_999, KEY, FlashLite));
        let proof = prove(&limits, 0, &sends);
        let told: Vec<_> = proof.violations.iter().map(|one| (one.limit, one.worst, &*one.sends)).collect();
        let expected: [(_, _, &[i64]); 3] =
            [(Limit::Minute, 4, &[3, 4, 5, 6]), (Limit::Day, 5, &[6]), (Limit::Gap, 9_999, &[5, 6])];
        assert_eq!(told, expected);
        assert_eq!(proof.violated, 3);
    }

    #[test]
    fn a_new_quota_day_counts_anew_and_the_minute_goes_on() {
        let day = 86_400_000;
        let sends = [(day - 2, KEY), (day - 1, OTHER), (day, KEY)];
        let sends = sends.map(|(at, key)| (at, key, ModelSlot::Pro));
        let proof = prove(&limits(0, 3, 2), 0, &sends);
        assert_eq!((worst(&proof, Limit::Day), worst(&proof, Limit::Minute)), (vec![(2, 2)], vec![(3, 3)]));
    }

    #[test]
    fn what_came_before_is_counted_and_not_judged() {
        let (day, sends) = (86_400_000, [(86_400_000, KEY), (86_400_001, KEY), (86_402_000, KEY)]);
        let sends = sends.map(|(at, key)| (at, key, ModelSlot::Pro));
        let proof = prove(&limits(1, 2, 9), day + 1_000, &sends);
        assert_eq!((proof.sends, proof.violated), (1, 1), "{proof:?}");
        assert_eq!((proof.violations[0].limit, proof.violations[0].worst), (Limit::Minute, 3));
        let calendar = Calendar::new(QuotaDay(0), Vec::new());
        for (since, needed) in [(day + 1, day - 59_999), (day + 120_000, day)] {
            let prover = Prover::new(&calendar, [], limits(1, 2, 9), Timestamp::from_millis(since));
            assert_eq!(prover.needed_since(), Timestamp::from_millis(needed));
        }
    }

    #[test]
    fn a_ledger_that_knows_fewer_sends_than_there_are_is_no_proof() {
        let (calendar, now) = (Calendar::new(QuotaDay(0), Vec::new()), Timestamp::from_millis(86_400_005));
        for (spent, violated) in [(1, 0), (2, 0), (0, 1)] {
            let mut prover = Prover::new(&calendar, [], limits(0, 9, 9), Timestamp::ZERO);
            let project = Project("p".into());
            for (id, at) in [(1, 86_399_999), (2, 86_400_001)] {
                let at = Timestamp::from_millis(at);
                let (fingerprint, model) = (KEY, ModelSlot::Flash);
                prover.judge(&Debit { id, at, fingerprint, project: project.clone(), model });
            }
            prover.compare(&project, ModelSlot::Flash, spent, now);
            prover.compare(&project, ModelSlot::Pro, 0, now);
            assert_eq!(prover.conclude().violated, violated, "{spent}");
        }
    }

    proptest! {
        /// What the pool's own window lets out is proved, and the worst minute is that of the naive count.
        #[test]
        fn the_worst_minute_is_the_naive_one(gaps in prop::collection::vec(0u64..15_000, 1..120), rpm in 1u32..9) {
            let (mut window, mut now, mut sends) = (RateWindow::default(), 1u64, Vec::new());
            for gap in gaps {
                now += gap;
                let at = Timestamp::from_millis(now);
                if window.full_until(rpm, Duration::from_secs(61), at).is_none() {
                    window.push(Duration::from_secs(61), at);
                    sends.push(now);
                }
            }
            let debits: Vec<_> = sends.iter().map(|at| (*at, KEY, ModelSlot::Flash)).collect();
            let proof = prove(&limits(0, rpm, 1_000), 0, &debits);
            let naive = sends.iter().map(|at| sends.iter().filter(|one| **one <= *at && **one + 60_000 > *at).count());
            prop_assert_eq!(proof.violated, 0);
            prop_assert_eq!(worst(&proof, Limit::Minute)[0].0, naive.max().unwrap_or(0) as u64);
        }
    }
}
