//! The model of the VIP room: a list of what happened, from which every answer is worked out again each time.
//! It decides nothing; it says whether what the room decided was allowed.

use super::*;

/// What happened, as far as the room said so.
#[derive(Clone, Copy, Debug)]
enum Fact {
    /// Took a seat; the session ends then.
    Sat(Option<Timestamp>),
    /// Used it.
    Active,
    /// The end of the session was moved.
    EndMoved(Timestamp),
    /// Was told that it ends soon.
    Warned,
    /// Left, was kicked or evicted.
    Gone,
    /// A seat was held.
    Held,
}

struct Model<'a> {
    rules: &'a SeatRules,
    history: Vec<(Timestamp, UserId, Fact)>,
    kicks: Vec<(Timestamp, UserId)>,
    line: Vec<UserId>,
    /// Found no seat, and when last.
    turned_away: Vec<(Timestamp, UserId)>,
}

impl Model<'_> {
    /// Whether `user` sits and whether a seat is held for them, from the whole history.
    fn claims(&self, user: UserId, now: Timestamp) -> (bool, bool) {
        let (sits, held, ..) = self.claim(user, now);
        (sits, held)
    }

    /// The same, with the end of the session and whether the user knows that it is near.
    fn claim(&self, user: UserId, now: Timestamp) -> (bool, bool, Option<Timestamp>, bool) {
        let (mut sits, mut held, mut warned) = (false, false, false);
        let (mut last, mut end) = (Timestamp::ZERO, None);
        let mine = self.history.iter().filter(|(_, whose, _)| *whose == user);
        for (when, _, fact) in mine {
            match fact {
                Fact::Sat(until) => {
                    (sits, held, last, end) = (true, false, *when, *until);
                    warned = until.is_some_and(|until| until.since(*when) <= self.rules.warning);
                }
                Fact::Active => last = *when,
                Fact::EndMoved(until) => {
                    end = Some(*until);
                    warned = until.since(*when) <= self.rules.warning;
                }
                Fact::Warned => warned = true,
                Fact::Gone => (sits, held) = (false, false),
                Fact::Held => (sits, held, last) = (false, true, *when),
            }
        }
        let idle_out = now.since(last) >= self.rules.idle;
        let over = end.is_some_and(|end| end <= now);
        (sits && !idle_out && !over, held && now.since(last) < self.rules.hold, end, warned)
    }

    fn occupied(&self, now: Timestamp) -> usize {
        USERS.filter(|user| self.claims(UserId(*user), now) != (false, false)).count()
    }

    fn may_not_sit(&self, user: UserId, now: Timestamp) -> bool {
        let mut kicks = self.kicks.iter().filter(|(_, whose)| *whose == user);
        kicks.any(|(when, _)| now.since(*when) < self.rules.cool_off)
    }

    fn wants_no_word(&mut self, user: UserId) {
        self.turned_away.retain(|(_, whose)| *whose != user);
    }

    fn note(&mut self, now: Timestamp, user: UserId, fact: Fact) {
        self.history.push((now, user, fact));
    }

    /// Check what the room says time has done, and take it over.
    fn hear(&mut self, events: &[SeatEvent], now: Timestamp) {
        for event in events {
            match *event {
                SeatEvent::Ended { user, why: Ending::Evicted, .. } => {
                    assert!(self.claims(user, now).0, "evicted a user who did not sit");
                    self.note(now, user, Fact::Gone);
                }
                SeatEvent::Ended { user, .. } => {
                    assert!(!self.claims(user, now).0, "ended a session too early");
                }
                SeatEvent::Ending { user, until, is_renewable, .. } => {
                    let (sits, _, end, warned) = self.claim(user, now);
                    assert!(sits && !warned, "warned a user twice, or one who does not sit");
                    let end = end.expect("only what ends is warned of");
                    assert!(end.since(now) <= self.rules.warning && until <= end, "warned too early");
                    assert_eq!(is_renewable, self.rules.max_duration.is_some());
                    self.note(now, user, Fact::Warned);
                }
                SeatEvent::Freed { user } => {
                    assert!(self.line.is_empty(), "told of a seat that the line gets");
                    assert!(
                        self.occupied(now) < self.rules.seats as usize,
                        "told of a seat that is not free"
                    );
                    let known = self.turned_away.iter().position(|(_, whose)| *whose == user);
                    let (when, _) = self.turned_away.remove(known.expect("told twice, or for nothing"));
                    assert!(now.since(when) < TOLD_WITHIN, "told too late");
                }
                SeatEvent::HoldLapsed { user, .. } => {
                    if self.claims(user, now).1 {
                        self.note(now, user, Fact::Gone);
                        self.line.insert(0, user);
                    }
                }
                SeatEvent::Held { user, until, .. } => {
                    assert_eq!(self.line.first(), Some(&user), "held out of turn");
                    assert_eq!(until, now + self.rules.hold);
                    self.line.remove(0);
                    self.note(now, user, Fact::Held);
                }
            }
        }
    }
}

const USERS: std::ops::Range<i64> = 0..8;

/// I18: at most `seats` sessions and holds at any instant, nobody sits who may not, nobody is refused a seat that is
/// free, the line keeps its order; over 10⁵ random steps with crashes (a round trip through the store's format).
#[test]
fn random_days_never_break_a_rule_of_the_room() {
    for seed in 0..1000 {
        let rules = SeatRules {
            seats: [3, 3, 1, 2, 0][seed as usize % 5],
            max_duration: (seed % 3 == 0).then_some(Duration::from_mins(25)),
            ..SeatRules::default()
        };
        random_day(seed, &rules, 100);
    }
}

fn random_day(seed: u64, rules: &SeatRules, steps: u32) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut now = at(0);
    let mut seats = Seats::default();
    let mut model =
        Model { rules, history: Vec::new(), kicks: Vec::new(), line: Vec::new(), turned_away: Vec::new() };
    for step in 0..steps {
        let pause = *rng.choice(&[0, 1, 7_000, 59_999, 120_000, 300_000, 599_999, 600_000]).unwrap_or(&0);
        now = now + Duration::from_millis(pause);
        let user = UserId(rng.i64(USERS));
        model.turned_away.retain(|(when, _)| now.since(*when) < TOLD_WITHIN);
        let trace = format!("seed {seed}, step {step}, user {user}");

        // The model hears first what time has done. Half of the time the room itself is only asked afterwards,
        // so that the operation meets seats past due which nobody has expired.
        let mut settled = seats.clone();
        let mut heard = settled.expire(rules, now);
        model.hear(&heard, now);
        if rng.bool() {
            seats = settled;
            heard.clear();
        }
        let (sits, held) = model.claims(user, now);
        let free = model.occupied(now) < rules.seats as usize;
        let end = rules.max_duration.map(|length| now + length);

        match rng.u32(0..100) {
            0..50 => match seats.enter(user, rules, now) {
                Entry::Seated { newly, .. } => {
                    assert!(!model.may_not_sit(user, now), "{trace}: sat during the cool-off");
                    assert_eq!(newly, !sits, "{trace}");
                    assert!(sits || held || free, "{trace}: sat on no seat");
                    model.note(now, user, if newly { Fact::Sat(end) } else { Fact::Active });
                    model.wants_no_word(user);
                }
                Entry::Full { position, .. } => {
                    if !model.line.contains(&user) {
                        model.wants_no_word(user);
                        model.turned_away.push((now, user));
                    }
                    assert!(!sits && !held && !free, "{trace}: refused a seat");
                    let place = model.line.iter().position(|waiting| *waiting == user);
                    assert_eq!(position, place.map(|index| index as u32 + 1), "{trace}");
                }
                Entry::CoolingOff { until } => {
                    assert!(model.may_not_sit(user, now) && now < until, "{trace}: kept out");
                }
            },
            50..62 => match seats.join_line(user, rules, now) {
                Line::Held { until, .. } if !held => {
                    assert!(free && until == now + rules.hold, "{trace}");
                    model.note(now, user, Fact::Held);
                    model.wants_no_word(user);
                }
                Line::Waiting { position, .. } => {
                    assert!(!free && !sits && !held, "{trace}: waits before a free seat");
                    if !model.line.contains(&user) {
                        model.line.push(user);
                        model.wants_no_word(user);
                    }
                    assert_eq!(model.line.get(position as usize - 1), Some(&user), "{trace}");
                }
                Line::Seated { .. } => assert!(sits, "{trace}"),
                Line::Held { .. } => assert!(held, "{trace}"),
                Line::CoolingOff { .. } => assert!(model.may_not_sit(user, now), "{trace}"),
                Line::NoSeats | Line::TooLong => assert_eq!(rules.seats, 0, "{trace}"),
            },
            62..74 => {
                let kicked = seats.kick(user, rules.cool_off, rules, now);
                assert_eq!(kicked.is_some(), sits || held || model.line.contains(&user), "{trace}");
                if kicked.is_some() {
                    model.kicks.push((now, user));
                    model.wants_no_word(user);
                    model.note(now, user, Fact::Gone);
                    model.line.retain(|waiting| *waiting != user);
                }
            }
            74..80 => {
                let left = seats.leave(user, rules, now);
                assert_eq!(left, sits || held || model.line.contains(&user), "{trace}");
                model.wants_no_word(user);
                model.note(now, user, Fact::Gone);
                model.line.retain(|waiting| *waiting != user);
            }
            80..88 => {
                let evict = rng.bool();
                if let Granted::Seated { evicted, until, .. } = seats.grant(user, None, evict, rules, now) {
                    assert!(sits || held || free || evicted.is_some(), "{trace}: granted no seat");
                    assert!(evict || evicted.is_none(), "{trace}: evicted untold");
                    assert_eq!(until, end, "{trace}");
                    let others_hold = model.occupied(now) > 0;
                    assert!(evicted.is_none() || others_hold, "{trace}");
                    model.line.retain(|waiting| *waiting != user);
                    model.kicks.retain(|(_, whose)| *whose != user);
                    model.wants_no_word(user);
                    let events = seats.expire(rules, now);
                    heard.retain(|event| *event != SeatEvent::Freed { user } || events.contains(event));
                    model.hear(&events[heard.len()..], now);
                    heard.clear();
                    model.note(now, user, if sits { Fact::Active } else { Fact::Sat(end) });
                    if let Some(end) = end {
                        model.note(now, user, Fact::EndMoved(end));
                    }
                } else {
                    assert!(!sits && !held && !free && (!evict || rules.seats == 0), "{trace}");
                }
            }
            88..94 => {
                let extended = seats.extend(user, None, rules, now);
                assert_eq!(extended.is_some(), sits, "{trace}");
                if let Some(until) = extended {
                    assert_eq!(until, end, "{trace}");
                    model.note(now, user, Fact::Active);
                    if let Some(until) = until {
                        model.note(now, user, Fact::EndMoved(until));
                    }
                }
            }
            _ => {
                let stored = serde_json::to_string(&seats).expect("a cell is plain data");
                seats = serde_json::from_str(&stored).expect("what was stored reads back");
            }
        }
        assert!(model.occupied(now) <= rules.seats as usize, "{trace}: too many");
        let unexpired = seats.clone();
        let events = seats.expire(rules, now);
        // Who has just done something need not hear of a free seat any more.
        heard.retain(|event| *event != SeatEvent::Freed { user } || events.contains(event));
        assert_eq!(events[..heard.len()], heard, "{trace}: an event is lost");
        model.hear(&events[heard.len()..], now);

        assert!(model.occupied(now) <= rules.seats as usize, "{trace}: too many");
        for user in USERS.map(UserId) {
            let sits = model.claims(user, now).0;
            assert_eq!((unexpired.is_seated(user, now), seats.is_seated(user, now)), (sits, sits), "{trace}");
        }
        assert_eq!(seats.list(now).count(), model.occupied(now), "{trace}");
        assert_eq!(seats.waiting(), model.line, "{trace}");
        let is_full = model.occupied(now) >= rules.seats as usize;
        assert!(model.line.is_empty() || is_full, "{trace}: idle seat");
        assert!(model.turned_away.is_empty() || is_full, "{trace}: nobody told {:?}", model.turned_away);
        for user in USERS.map(UserId) {
            let (sits, held, end, warned) = model.claim(user, now);
            let is_near = end.is_some_and(|end| end.since(now) <= rules.warning);
            assert!(!sits || !is_near || warned, "{trace}: {user} was not warned");
            let stands = match seats.standing(user, rules, now) {
                Standing::Seated { ends_at, .. } => sits && ends_at == end,
                Standing::Held { .. } => held,
                Standing::Waiting { position, .. } => model.line.get(position as usize - 1) == Some(&user),
                Standing::CoolingOff { .. } => model.may_not_sit(user, now),
                Standing::Free { .. } => !is_full && model.line.is_empty(),
                Standing::Full { .. } => is_full && !model.line.contains(&user),
            };
            assert!(stands && (!sits || !held), "{trace}: {user} stands otherwise");
        }
        let mut numbers: Vec<u32> = seats.list(now).map(|view| view.number).collect();
        numbers.dedup();
        assert!(
            numbers.len() == seats.list(now).count() && numbers.iter().all(|n| (1..=rules.seats).contains(n))
        );
        // Nothing happens before the announced time, something does at it.
        let mut sleeper = seats.clone();
        if let Some(due) = sleeper.next_event(rules) {
            assert_eq!(sleeper.expire(rules, due - Duration::from_millis(1)), [], "{trace}");
            assert_ne!(sleeper.expire(rules, due), [], "{trace}");
        }
    }
}
