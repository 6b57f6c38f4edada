//! Lanes, one call after the other.

use super::*;
use crate::domain::chat::UserId;

const T0: Timestamp = Timestamp::from_millis(10_000);

fn at(user: i64) -> ConversationId {
    ConversationId { chat: ChatId(-1), topic: None, user: UserId(user) }
}

#[test]
fn one_runs_three_wait_and_the_next_is_told_so_at_most_thrice() {
    let lanes = Lanes::default();
    assert!(matches!(lanes.enter(at(1), 10, 10, T0), Place::Runs(_)));
    for (id, place) in [(11, 1), (12, 2), (13, 3)] {
        assert!(matches!(lanes.enter(at(1), id, id as u32, T0), Place::Waits(n) if n == place));
    }
    for id in 14..17 {
        assert!(matches!(lanes.enter(at(1), id, id as u32, T0), Place::Full));
    }
    assert!(matches!(lanes.enter(at(1), 17, 17, T0), Place::FullInSilence));
    assert!(matches!(lanes.enter(at(2), 18, 18, T0), Place::Runs(_)));
    assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(11));
    assert!(matches!(lanes.enter(at(1), 19, 19, T0), Place::Waits(3)));
    for id in [12, 13, 19] {
        assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(id));
    }
    assert!(lanes.leave(at(1)).is_none());
    assert_eq!(lanes.running(), 1);
}

#[test]
fn the_same_text_at_once_is_one_question() {
    let lanes = Lanes::default();
    assert!(matches!(lanes.enter(at(1), 1, fingerprint("hi"), T0), Place::Runs(_)));
    let soon = T0 + Duration::from_millis(2999);
    assert!(matches!(lanes.enter(at(1), 2, fingerprint("hi"), soon), Place::Repeated));
    let later = T0 + Duration::from_secs(3);
    assert!(matches!(lanes.enter(at(1), 3, fingerprint("hi"), later), Place::Waits(1)));
    // Also when the first was answered meanwhile.
    assert!(lanes.leave(at(1)).is_some() && lanes.leave(at(1)).is_none());
    let again = |ms| lanes.enter(at(1), 4, fingerprint("hi"), later + Duration::from_millis(ms));
    assert!(matches!(again(2999), Place::Repeated) && matches!(again(3000), Place::Runs(_)));
    for n in 0..4000_u32 {
        let now = later + Duration::from_millis(100) * n;
        lanes.enter(at(100 + i64::from(n)), i64::from(n), 7, now);
        lanes.leave(at(100 + i64::from(n)));
    }
    assert!(lanes.0.lock().expect("no panic").last.len() <= PRUNE_ABOVE);
}

#[test]
fn a_stop_reaches_the_running_one_and_not_the_next() {
    let lanes = Lanes::default();
    let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
    lanes.enter(at(1), 2, 2, T0);
    assert_eq!((lanes.find(1), lanes.find(2)), (Some(at(1)), None));
    assert_eq!(lanes.stop(at(1)), Some(1));
    assert!(first.stop.is_cancelled() && !first.is_superseded());
    let (_, second) = lanes.leave(at(1)).expect("the next");
    assert!(!second.stop.is_cancelled());
    assert_eq!(lanes.stop(at(9)), None);
}

#[test]
fn what_is_asked_in_other_words_is_cut_or_loses_its_place() {
    let lanes = Lanes::default();
    let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
    lanes.enter(at(1), 2, 2, T0);
    lanes.enter(at(1), 3, 3, T0);
    assert_eq!(lanes.supersede(at(1), 2, 9), Superseded::Replaced);
    assert_eq!(lanes.supersede(at(1), 2, 10), Superseded::Gone);
    assert_eq!(lanes.supersede(at(2), 1, 10), Superseded::Gone);
    assert!(!first.is_superseded());
    assert_eq!(lanes.supersede(at(1), 1, 10), Superseded::Cut);
    assert!(first.stop.is_cancelled() && first.is_superseded());
    let (next, second) = lanes.leave(at(1)).expect("the next");
    assert!(next == 9 && !second.stop.is_cancelled() && !second.is_superseded());
    assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(3));
}

#[test]
fn a_lane_goes_along_with_its_group() {
    let lanes = Lanes::default();
    let new = |user| ConversationId { chat: ChatId(-2), ..at(user) };
    let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
    lanes.enter(at(2), 5, 5, T0);
    lanes.enter(new(2), 6, 6, T0);
    lanes.follow(ChatId(-1), ChatId(-2));
    assert!(matches!(lanes.enter(new(1), 2, 2, T0), Place::Waits(1)));
    assert_eq!((lanes.find(1), lanes.stop(new(1))), (Some(new(1)), Some(1)));
    assert!(first.stop.is_cancelled());
    // What ran leaves where it came in, and so does what waited behind it.
    assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(2));
    assert!(lanes.leave(at(1)).is_none());
    // Two that both run do not become one.
    assert_eq!((lanes.find(5), lanes.find(6)), (Some(at(2)), Some(new(2))));
    assert!(lanes.leave(at(2)).is_none() && lanes.running() == 1);
    assert!(lanes.leave(new(2)).is_none() && lanes.running() == 0);
}

#[test]
fn who_is_parked_keeps_the_lane_until_the_last_of_its_tasks_is_over() {
    let lanes = Lanes::default();
    let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
    assert!(matches!(lanes.enter(at(1), 2, 2, T0), Place::Waits(1)));
    lanes.park(at(1));
    assert!(lanes.leave(at(1)).is_none() && lanes.find(1) == Some(at(1)), "it is parked");
    assert_eq!(lanes.running(), 0);
    assert!(lanes.resume(at(1), 2).is_none() && lanes.resume(at(2), 1).is_none(), "another");
    assert_eq!(lanes.stop(at(1)), Some(1));
    let again = lanes.resume(at(1), 1).expect("it runs again");
    assert!(first.stop.is_cancelled() && again.stop.is_cancelled(), "the same cut");
    // It is parked again, and recalled before that task is over.
    lanes.park(at(1));
    assert!(lanes.resume(at(1), 1).is_some() && lanes.running() == 2);
    assert!(lanes.leave(at(1)).is_none(), "the other task runs on");
    assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(2));
}

#[test]
fn a_closed_lane_starts_nothing() {
    let lanes = Lanes::default();
    lanes.enter(at(1), 1, 1, T0);
    lanes.enter(at(1), 2, 2, T0);
    lanes.close();
    assert!(lanes.leave(at(1)).is_none());
}

#[test]
fn the_latest_question_is_remembered_while_it_is_parked_and_a_while_after_its_end() {
    let lanes = Lanes::default();
    let latest = |update_id| Latest { message_id: 70, update_id, text: fingerprint("hi") };
    lanes.enter(at(1), 1, fingerprint("hi"), T0);
    assert_eq!(lanes.latest(at(1)), None);
    lanes.note(at(1), latest(1));
    lanes.park(at(1));
    assert!(lanes.leave(at(1)).is_none() && lanes.0.lock().expect("no panic").lanes[&at(1)].busy.is_none());
    assert_eq!(lanes.latest(at(1)), Some(latest(1)));
    // An edit of it waits, and the question is cut.
    assert_eq!(lanes.supersede(at(1), 1, 2), Superseded::Cut);
    assert!(matches!(lanes.enter(at(1), 2, 2, T0), Place::Waits(1)));
    lanes.note(at(1), latest(2));
    lanes.resume(at(1), 1).expect("it is parked");
    assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(2));
    assert_eq!(lanes.latest(at(1)), Some(latest(2)));
    // Something else runs, and nothing.
    lanes.enter(at(1), 3, 3, T0);
    assert!(lanes.leave(at(1)).is_some() && lanes.latest(at(1)) == Some(latest(2)));
    assert!(lanes.leave(at(1)).is_none() && lanes.latest(at(1)) == Some(latest(2)));
    lanes.enter(at(1), 4, 4, T0);
    assert_eq!(lanes.latest(at(1)), Some(latest(2)));
    for n in 0..4000_i64 {
        lanes.enter(at(100 + n), n, 7, T0 + Duration::from_millis(10) * n as u32);
        lanes.note(at(100 + n), latest(n));
        lanes.leave(at(100 + n));
    }
    assert!(lanes.0.lock().expect("no panic").asked.len() <= MAX_QUESTIONS);
    assert_eq!((size_of::<Lane>(), lanes.latest(at(4099))), (40, Some(latest(3999))));
}
