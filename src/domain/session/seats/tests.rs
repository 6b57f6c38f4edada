//! The VIP room: a table of cases, and random days against a model that only reads the history.

use super::*;

mod model;

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);
const CAT: UserId = UserId(3);
const DAN: UserId = UserId(4);
const EVE: UserId = UserId(5);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + seconds * 1000)
}

fn rules() -> SeatRules {
    SeatRules::default()
}

fn seated(entry: Entry) -> bool {
    matches!(entry, Entry::Seated { .. })
}

/// Ann, Bob and Cat sit down at 0, 1 and 2 s.
fn full_room(rules: &SeatRules) -> Seats {
    let mut seats = Seats::default();
    for (second, user) in [ANN, BOB, CAT].into_iter().enumerate() {
        assert!(seated(seats.enter(user, rules, at(second as u64))));
    }
    seats
}

fn numbers(seats: &Seats, now: Timestamp) -> Vec<(u32, UserId)> {
    seats.list(now).map(|view| (view.number, view.user)).collect()
}

#[test]
fn the_first_three_sit_and_the_fourth_is_told_when_a_seat_frees() {
    let rules = rules();
    let mut seats = Seats::default();
    for (index, user) in [ANN, BOB, CAT].into_iter().enumerate() {
        let number = index as u32 + 1;
        let entry = seats.enter(user, &rules, at(index as u64));
        assert_eq!(entry, Entry::Seated { number, taken: number, newly: true, until: None });
    }
    assert_eq!(seats.enter(DAN, &rules, at(3)), Entry::Full { next_free: Some(at(600)), position: None });
    assert_eq!(
        seats.enter(ANN, &rules, at(4)),
        Entry::Seated { number: 1, taken: 3, newly: false, until: None }
    );
    assert_eq!(seats.enter(DAN, &rules, at(5)), Entry::Full { next_free: Some(at(601)), position: None });
}

#[test]
fn a_message_within_the_idle_time_keeps_the_seat_and_one_at_its_end_is_too_late() {
    let rules = rules();
    for (gap, kept) in [(1, true), (599, true), (600, false), (601, false), (86_400, false)] {
        let mut seats = full_room(&rules);
        assert_eq!(seats.is_seated(ANN, at(gap)), kept, "{gap} s, before anything ran");
        let entry = seats.enter(ANN, &rules, at(gap));
        assert!(matches!(entry, Entry::Seated { newly, .. } if newly != kept), "{gap} s: {entry:?}");
    }
}

#[test]
fn a_seat_past_due_is_free_before_expire_ran() {
    let rules = rules();
    let mut seats = full_room(&rules);
    assert_eq!(
        seats.enter(DAN, &rules, at(600)),
        Entry::Seated { number: 1, taken: 3, newly: true, until: None }
    );
    assert_eq!(seats.enter(ANN, &rules, at(600)), Entry::Full { next_free: Some(at(601)), position: None });
    // Ann is still told, once.
    let ended = SeatEvent::Ended { user: ANN, number: 1, why: Ending::Idle };
    assert_eq!(seats.next_event(&rules), Some(Timestamp::ZERO));
    assert_eq!(seats.expire(&rules, at(600)), [ended]);
    assert_eq!(seats.expire(&rules, at(600)), []);
    assert_eq!(seats.next_event(&rules), Some(at(601)));
}

#[test]
fn numbers_stay_during_a_session_and_the_lowest_free_one_is_given() {
    let rules = rules();
    let mut seats = full_room(&rules);
    assert!(seats.leave(BOB, &rules, at(10)));
    assert_eq!(numbers(&seats, at(10)), [(1, ANN), (3, CAT)]);
    seats.enter(DAN, &rules, at(11));
    assert_eq!(numbers(&seats, at(11)), [(1, ANN), (2, DAN), (3, CAT)]);
    assert_eq!(seats.user_at(2, at(11)), Some(DAN));
    assert_eq!(seats.user_at(4, at(11)), None);
    // Dan came last; past the others' time only he is listed.
    assert_eq!(numbers(&seats, at(605)), [(2, DAN)]);
}

#[test]
fn a_maximum_duration_ends_a_session_however_active() {
    let rules = SeatRules { max_duration: Some(Duration::from_mins(15)), ..rules() };
    let mut seats = Seats::default();
    let first = seats.enter(ANN, &rules, at(0));
    assert_eq!(first, Entry::Seated { number: 1, taken: 1, newly: true, until: Some(at(900)) });
    for second in [300, 600, 899] {
        assert!(matches!(seats.enter(ANN, &rules, at(second)), Entry::Seated { newly: false, .. }));
    }
    let ending = SeatEvent::Ending { user: ANN, number: 1, until: at(900), is_renewable: true };
    assert_eq!(seats.expire(&rules, at(899)), [ending]);
    let ended = SeatEvent::Ended { user: ANN, number: 1, why: Ending::Duration };
    assert_eq!(seats.expire(&rules, at(900)), [ended]);

    // Renewed in time it runs on; an operator's extension adds to its end.
    seats.enter(ANN, &rules, at(1000));
    assert_eq!(seats.extend(ANN, None, &rules, at(1200)), Some(Some(at(2100))));
    assert_eq!(seats.extend(ANN, Some(Duration::from_mins(1)), &rules, at(1201)), Some(Some(at(2160))));
    assert_eq!(seats.extend(BOB, None, &rules, at(1201)), None);
    let mut endless = full_room(&SeatRules::default());
    assert_eq!(endless.extend(ANN, None, &SeatRules::default(), at(5)), Some(None));
}

#[test]
fn the_line_is_served_in_order_and_a_hold_that_runs_out_goes_to_the_next() {
    let rules = rules();
    let mut seats = full_room(&rules);
    assert_eq!(seats.join_line(DAN, &rules, at(10)), Line::Waiting { position: 1, next_free: Some(at(600)) });
    assert_eq!(seats.join_line(EVE, &rules, at(11)), Line::Waiting { position: 2, next_free: Some(at(601)) });
    assert!(matches!(seats.join_line(DAN, &rules, at(12)), Line::Waiting { position: 1, .. }));
    assert_eq!(seats.enter(EVE, &rules, at(13)), Entry::Full { next_free: Some(at(601)), position: Some(2) });
    assert_eq!(seats.join_line(ANN, &rules, at(13)), Line::Seated { number: 1 });

    // Bob goes: his seat is Dan's for two minutes, and a newcomer does not walk past.
    assert!(seats.leave(BOB, &rules, at(20)));
    assert_eq!(seats.expire(&rules, at(20)), [SeatEvent::Held { user: DAN, number: 2, until: at(140) }]);
    assert!(!seats.is_seated(DAN, at(21)));
    assert!(!seated(seats.enter(UserId(9), &rules, at(21))));
    assert_eq!(seats.next_event(&rules), Some(at(140)));
    assert_eq!(
        seats.expire(&rules, at(140)),
        [
            SeatEvent::HoldLapsed { user: DAN, number: 2 },
            SeatEvent::Held { user: EVE, number: 2, until: at(260) }
        ]
    );
    assert_eq!(
        seats.enter(EVE, &rules, at(259)),
        Entry::Seated { number: 2, taken: 3, newly: true, until: None }
    );
    assert!(seats.waiting().is_empty());
}

#[test]
fn a_free_seat_is_held_at_once_for_who_asks_to_wait_and_no_event_repeats_it() {
    let mut seats = Seats::default();
    assert_eq!(seats.join_line(ANN, &rules(), at(0)), Line::Held { number: 1, until: at(120) });
    assert_eq!(seats.expire(&rules(), at(0)), []);
}

#[test]
fn a_kicked_user_is_out_at_once_and_stays_out_for_the_cool_off() {
    let rules = rules();
    let mut seats = full_room(&rules);
    seats.join_line(DAN, &rules, at(5));
    let kicked = seats.kick(ANN, rules.cool_off, &rules, at(10));
    assert_eq!(kicked, Some(Kicked { number: Some(1), since: Some(at(0)), cool_off_until: at(610) }));
    assert!(!seats.is_seated(ANN, at(10)));
    assert_eq!(seats.kick(ANN, rules.cool_off, &rules, at(11)), None, "twice is once");
    assert_eq!(seats.expire(&rules, at(11)), [SeatEvent::Held { user: DAN, number: 1, until: at(130) }]);
    for (second, free) in [(10, false), (609, false), (610, true)] {
        let mut later = seats.clone();
        assert_eq!(seated(later.enter(ANN, &rules, at(second))), free, "{second} s");
        let mut later = seats.clone();
        let line = later.join_line(ANN, &rules, at(second));
        assert_eq!(line == Line::CoolingOff { until: at(610) }, !free, "{second} s: {line:?}");
    }
    // Out of the line and off a hold, too.
    assert_eq!(
        seats.kick(DAN, rules.cool_off, &rules, at(20)),
        Some(Kicked { number: Some(1), since: None, cool_off_until: at(620) })
    );
    seats.grant(DAN, None, false, &rules, at(21));
    seats.join_line(EVE, &rules, at(22));
    assert_eq!(seats.kick(EVE, Duration::ZERO, &rules, at(23)).map(|kicked| kicked.number), Some(None));
    assert!(seats.waiting().is_empty());
}

#[test]
fn a_grant_passes_cool_off_and_line_but_evicts_only_when_told() {
    let rules = rules();
    let mut seats = full_room(&rules);
    seats.kick(ANN, rules.cool_off, &rules, at(3));
    seats.enter(DAN, &rules, at(4));
    seats.join_line(EVE, &rules, at(5));
    assert_eq!(seats.grant(ANN, None, false, &rules, at(6)), Granted::Full { next_free: Some(at(601)) });
    assert!(seats.cooling_off(ANN, at(6)).is_some(), "a grant that failed pardons nothing");
    let half_hour = Some(Duration::from_mins(30));
    assert_eq!(
        seats.grant(ANN, half_hour, true, &rules, at(7)),
        Granted::Seated { number: 2, taken: 3, until: Some(at(1807)), evicted: Some(BOB) }
    );
    let evicted = SeatEvent::Ended { user: BOB, number: 2, why: Ending::Evicted };
    assert_eq!(seats.expire(&rules, at(7)), [evicted]);
    assert_eq!(seats.waiting(), [EVE]);
    // To somebody who sits it only sets the end.
    assert_eq!(
        seats.grant(CAT, half_hour, false, &rules, at(8)),
        Granted::Seated { number: 3, taken: 3, until: Some(at(1808)), evicted: None }
    );
}

#[test]
fn an_evicted_hold_goes_back_to_the_head_of_the_line() {
    let rules = SeatRules { seats: 1, ..rules() };
    let mut seats = Seats::default();
    seats.join_line(ANN, &rules, at(0));
    seats.join_line(BOB, &rules, at(1));
    assert!(matches!(
        seats.grant(CAT, None, true, &rules, at(2)),
        Granted::Seated { evicted: Some(ANN), .. }
    ));
    assert_eq!(seats.waiting(), [ANN, BOB]);
    assert_eq!(seats.expire(&rules, at(2)), [SeatEvent::HoldLapsed { user: ANN, number: 1 }]);
}

#[test]
fn a_room_without_seats_is_a_valid_room() {
    let rules = SeatRules { seats: 0, ..rules() };
    let mut seats = Seats::default();
    assert_eq!(seats.enter(ANN, &rules, at(0)), Entry::Full { next_free: None, position: None });
    assert_eq!(seats.join_line(ANN, &rules, at(0)), Line::NoSeats);
    assert_eq!(seats.grant(ANN, None, true, &rules, at(0)), Granted::Full { next_free: None });
    assert_eq!(seats.next_event(&rules), None);
}

#[test]
fn a_smaller_room_ends_the_sessions_on_the_seats_it_no_longer_has() {
    let mut seats = full_room(&rules());
    let smaller = SeatRules { seats: 1, ..rules() };
    let gone = |user, number| SeatEvent::Ended { user, number, why: Ending::RoomShrunk };
    assert_eq!(seats.expire(&smaller, at(5)), [gone(BOB, 2), gone(CAT, 3)]);
    assert_eq!(numbers(&seats, at(5)), [(1, ANN)]);
}

#[test]
fn line_and_events_are_bounded() {
    let rules = SeatRules { seats: 1, ..rules() };
    let mut seats = Seats::default();
    seats.enter(ANN, &rules, at(0));
    for n in 0..LINE_CAPACITY as i64 {
        assert!(matches!(seats.join_line(UserId(100 + n), &rules, at(1)), Line::Waiting { .. }));
    }
    assert_eq!(seats.join_line(BOB, &rules, at(1)), Line::TooLong);
    for n in 0..500 {
        seats.enter(BOB, &rules, at(600 * n));
    }
    assert!(seats.expire(&rules, at(600 * 500)).len() <= EVENTS_KEPT);
}

#[test]
fn a_session_that_ends_is_warned_of_once_and_again_after_it_was_prolonged() {
    let rules = SeatRules { max_duration: Some(Duration::from_mins(15)), ..rules() };
    let mut seats = Seats::default();
    seats.enter(ANN, &rules, at(0));
    assert_eq!(seats.next_event(&rules), Some(at(600)), "five minutes before the end and idle together");
    seats.enter(ANN, &rules, at(500));
    assert_eq!(seats.next_event(&rules), Some(at(600)));
    let ending = |until| SeatEvent::Ending { user: ANN, number: 1, until, is_renewable: true };
    assert_eq!(seats.expire(&rules, at(600)), [ending(at(900))]);
    assert_eq!(seats.expire(&rules, at(700)), []);
    assert_eq!(seats.next_event(&rules), Some(at(900)));
    assert_eq!(seats.extend(ANN, None, &rules, at(800)), Some(Some(at(1700))));
    seats.enter(ANN, &rules, at(1300));
    assert_eq!(seats.expire(&rules, at(1400)), [ending(at(1700))]);

    // A session as short as the warning is not warned of: its end was told when it began.
    let brief = SeatRules { max_duration: Some(Duration::from_mins(5)), ..rules };
    let mut seats = Seats::default();
    seats.enter(ANN, &brief, at(0));
    assert_eq!(seats.next_event(&brief), Some(at(300)));
    // An end that an operator set cannot be moved by the user.
    let endless = SeatRules::default();
    seats.grant(BOB, Some(Duration::from_mins(9)), false, &endless, at(0));
    let ending = SeatEvent::Ending { user: BOB, number: 2, until: at(540), is_renewable: false };
    assert!(seats.expire(&endless, at(240)).contains(&ending));
    // Who is idle is told when that ends it.
    let mut seats = Seats::default();
    seats.grant(ANN, Some(Duration::from_mins(14)), false, &endless, at(0));
    let ending = SeatEvent::Ending { user: ANN, number: 1, until: at(600), is_renewable: false };
    assert_eq!(seats.expire(&endless, at(540)), [ending]);
}

#[test]
fn who_found_no_seat_is_told_once_when_one_is_free_that_nobody_waits_for() {
    let rules = rules();
    let mut seats = full_room(&rules);
    for (user, second) in [(DAN, 3), (EVE, 4), (DAN, 5)] {
        assert!(!seated(seats.enter(user, &rules, at(second))));
    }
    seats.join_line(UserId(9), &rules, at(6));
    assert!(seats.leave(ANN, &rules, at(10)));
    assert_eq!(
        seats.expire(&rules, at(10)),
        [SeatEvent::Held { user: UserId(9), number: 1, until: at(130) }]
    );
    assert!(seats.leave(BOB, &rules, at(20)));
    assert_eq!(
        seats.expire(&rules, at(20)),
        [SeatEvent::Freed { user: EVE }, SeatEvent::Freed { user: DAN }]
    );
    assert_eq!(seats.expire(&rules, at(21)), []);
    // Who takes the seat meanwhile needs no word, and after an hour nobody does.
    let mut seats = full_room(&rules);
    seats.enter(DAN, &rules, at(3));
    seats.enter(EVE, &rules, at(3));
    assert!(seats.leave(ANN, &rules, at(4)));
    assert!(seated(seats.enter(DAN, &rules, at(4))));
    assert_eq!(seats.expire(&rules, at(4)), [SeatEvent::Freed { user: EVE }]);
    seats.enter(EVE, &rules, at(5));
    for second in (300..3600 + 600).step_by(300) {
        for user in [BOB, CAT, DAN] {
            seats.enter(user, &rules, at(second));
        }
    }
    assert!(seats.leave(BOB, &rules, at(4200)));
    assert_eq!(seats.expire(&rules, at(4200)), []);
}
