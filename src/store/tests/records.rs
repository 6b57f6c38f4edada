//! Users, history, requests, sends.

use super::*;
use crate::config::StorageConfig;
use crate::domain::chat::{ChatId, ConversationId, Language, RequestRef, Round, UserId};
use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::{Message, Task, classify};
use crate::domain::pool::outcome::Outcome;
use crate::domain::reference::{RequestId, RequestName};
use crate::domain::role::Role;
use crate::store::records::BUCKETS_A_DAY;
use crate::store::{Cleared, RequestEnd, RequestRecord, Seen, SendEnd, SendRecord};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const KEEP: StorageConfig = StorageConfig {
    inbox: HOUR,
    history: HOUR.saturating_mul(30),
    requests: HOUR.saturating_mul(90),
    sends: HOUR.saturating_mul(70),
};

async fn purge(store: &Store, clock: &Clock, limit: u32) -> usize {
    let now = clock.now();
    store.commit(move |tx| tx.purge(now, &KEEP, limit)).await.expect("purged")
}

fn seen(id: i64, name: &str, started: bool) -> Seen {
    let (username, first_name) = (Some(name.to_owned()), Some("F".to_owned()));
    Seen { id: UserId(id), username, first_name, language: None, started }
}

#[tokio::test]
async fn a_name_finds_who_used_it_last() {
    let (_dir, store, clock) = fresh();
    for user in [seen(1, "Ann", true), seen(2, "ann", false), seen(1, "bob", false)] {
        clock.advance(HOUR);
        store.commit(move |tx| tx.touch_user(&user)).await.expect("touched");
    }
    for (name, id) in [("@ANN", Some(2)), ("Bob", Some(1)), ("nobody", None), ("@", None)] {
        let found = store.read(move |tx| tx.user_by_name(name)).await.expect("readable");
        assert_eq!(found.map(|user| user.id.0), id, "{name}");
    }
    let first = store.read(|tx| tx.user(UserId(1))).await.expect("readable").expect("known");
    assert!(first.started, "a later message does not undo /start");
    assert_eq!((first.first_seen, first.last_seen), (NOON + HOUR, NOON + HOUR * 3));
}

#[tokio::test]
async fn a_grant_can_come_before_the_first_sight_and_be_taken_back() {
    let (_dir, store, _) = fresh();
    let until = NOON + HOUR;
    store.commit(move |tx| tx.set_role(UserId(9), Some(Role::Vip), Some(until))).await.expect("granted");
    store.commit(|tx| tx.touch_user(&seen(9, "n", false))).await.expect("touched");
    store.commit(|tx| tx.set_language(UserId(9), Some(Language::ZH))).await.expect("set");
    let user = store.read(|tx| tx.user(UserId(9))).await.expect("readable").expect("known");
    assert_eq!((user.language, user.username.as_deref()), (Some(Language::ZH), Some("n")));
    assert_eq!((user.granted, user.granted_until), (Some(Role::Vip), Some(until)));
    store.commit(|tx| tx.set_role(UserId(9), None, Some(NOON))).await.expect("taken back");
    let user = store.read(|tx| tx.user(UserId(9))).await.expect("readable").expect("known");
    assert_eq!((user.granted, user.granted_until), (None, None));
}

#[tokio::test]
async fn rounds_stay_in_their_conversation_until_it_is_cleared_or_they_are_old() {
    let (_dir, store, clock) = fresh();
    let one = ConversationId { chat: ChatId(1), topic: None, user: UserId(1) };
    let others = [
        ConversationId { topic: Some(5), ..one },
        ConversationId { user: UserId(2), ..one },
        ConversationId { chat: ChatId(2), ..one },
    ];
    let round = |n: u32| Round { question: format!("q{n}"), answer: format!("a{n}") };
    let append =
        |conversation, n| store.commit(move |tx| tx.append_round(conversation, &round(n), "gemini", None));
    let rounds = |conversation, limit| store.read(move |tx| tx.rounds(conversation, limit));
    for n in 0..4 {
        append(one, n).await.expect("stored");
    }
    for (n, conversation) in (10..).zip(others) {
        append(conversation, n).await.expect("stored");
    }
    assert_eq!(rounds(one, 3).await, Ok(vec![round(1), round(2), round(3)]));
    assert_eq!(rounds(one, 0).await, Ok(vec![]));
    assert_eq!(rounds(others[0], 9).await, Ok(vec![round(10)]));

    assert_eq!(
        store.commit(move |tx| tx.clear(one).map(|cleared| cleared.map(|cleared| cleared.rounds))).await,
        Ok(Some(4))
    );
    assert_eq!(rounds(one, 9).await, Ok(vec![]));
    append(one, 4).await.expect("stored");
    assert_eq!(rounds(one, 9).await, Ok(vec![round(4)]));
    assert_eq!(
        store.commit(move |tx| tx.clear(one).map(|cleared| cleared.map(|cleared| cleared.rounds))).await,
        Ok(Some(1))
    );
    assert_eq!(store.commit(move |tx| tx.clear(one)).await, Ok(None), "nothing left to clear");
    assert_eq!(rounds(others[2], 9).await, Ok(vec![round(12)]));

    clock.advance(KEEP.history + Duration::from_millis(1));
    assert_eq!(purge(&store, &clock, 5).await, 5);
    assert_eq!(purge(&store, &clock, 5).await, 4, "three rounds and the mark");
    append(one, 5).await.expect("stored");
    assert_eq!(rounds(one, 9).await, Ok(vec![round(5)]), "no mark hides what came after it");
}

#[tokio::test]
async fn a_clearing_is_taken_back_unless_another_came_after_it() {
    let (_dir, store, _) = fresh();
    let at = ConversationId { chat: ChatId(1), topic: Some(2), user: UserId(1) };
    let other = ConversationId { user: UserId(2), ..at };
    let round = |n: u32| Round { question: format!("q{n}"), answer: format!("a{n}") };
    let append = |n| store.commit(move |tx| tx.append_round(at, &round(n), "gemini", None));
    let clear = || store.commit(move |tx| tx.clear(at).map(|cleared| cleared.expect("rounds to clear")));
    let undo = |cleared: Cleared| store.commit(move |tx| tx.unclear(at, cleared.through, cleared.before));
    let rounds = || store.read(move |tx| tx.rounds(at, 9));
    append(1).await.expect("stored");
    store.commit(move |tx| tx.append_round(other, &round(9), "gemini", None)).await.expect("stored");
    append(2).await.expect("stored");
    let first = clear().await.expect("cleared");
    assert_eq!(first.rounds, 2);
    append(3).await.expect("stored");
    let second = clear().await.expect("cleared");
    append(4).await.expect("stored");
    assert_eq!(undo(first).await, Ok(None), "another clearing came after it");
    assert_eq!(rounds().await, Ok(vec![round(4)]));
    assert_eq!(undo(second).await, Ok(Some(1)));
    assert_eq!(undo(second).await, Ok(None), "once");
    assert_eq!(rounds().await, Ok(vec![round(3), round(4)]));
    assert_eq!(undo(first).await, Ok(Some(2)), "now it is the latest");
    assert_eq!(rounds().await, Ok((1..=4).map(round).collect()));
    assert_eq!(store.read(move |tx| tx.rounds(other, 9)).await, Ok(vec![round(9)]));
}

fn send(project: &str, model: ModelSlot) -> SendRecord {
    SendRecord {
        request: Some(RequestId(1)),
        fingerprint: Fingerprint([7; 8]),
        project: Project(project.into()),
        model,
        router: "a",
    }
}

#[tokio::test]
async fn sends_are_counted_by_how_they_ended() {
    let (_dir, store, clock) = fresh();
    let ended = [
        (ModelSlot::Flash, Some(Outcome::Answered), 100),
        (ModelSlot::Flash, Some(Outcome::Answered), 300),
        (ModelSlot::Flash, Some(Outcome::Answered), 200),
        (ModelSlot::Flash, Some(Outcome::Overloaded), 50),
        (ModelSlot::Pro, Some(Outcome::Blocked), 50),
        (ModelSlot::Pro, None, 0),
    ];
    for (model, outcome, took) in ended {
        let id = store.commit(move |tx| tx.insert_send(&send("p", model))).await.expect("written");
        if let Some(outcome) = outcome {
            let settled = store.commit(move |tx| {
                let elapsed = Duration::from_millis(took);
                let detail = Some("words of Google");
                let first = tx.settle_send(
                    id,
                    &SendEnd { outcome: &outcome, elapsed, tokens: 12, detail, consumer: None },
                )?;
                let abandoned = &Outcome::Abandoned;
                Ok((
                    first,
                    tx.settle_send(
                        id,
                        &SendEnd { outcome: abandoned, elapsed, tokens: 0, detail, consumer: None },
                    )?,
                ))
            });
            assert_eq!(settled.await, Ok((true, false)), "the first ending stands");
        }
    }
    assert_eq!(store.read(|tx| tx.errors_since(NOON)).await, Ok(1));
    let errors = store.read(|tx| tx.recent_errors(NOON, 9)).await.expect("readable");
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].outcome.as_deref(), errors[0].tokens), (Some("overloaded"), Some(12)));
    assert_eq!(errors[0].detail.as_deref(), Some("words of Google"));
    let mine = store.read(|tx| tx.sends_of(RequestId(1), NOON, Timestamp::NEVER)).await.expect("readable");
    assert_eq!((mine.len(), mine[0].detail.as_deref()), (6, None), "an answer needs no words");
    let other = store.read(|tx| tx.sends_of(RequestId(2), NOON, Timestamp::NEVER)).await;
    assert_eq!(other.map(|sends| sends.len()), Ok(0));
    let later = NOON + Duration::from_millis(1);
    assert_eq!(store.read(move |tx| tx.errors_since(later)).await, Ok(0));
    clock.advance(KEEP.sends + Duration::from_millis(1));
    assert_eq!(purge(&store, &clock, 5).await, 5);
    assert_eq!(purge(&store, &clock, 5).await, 1);
}

fn request(id: i64, asked_at: Timestamp) -> RequestRecord {
    RequestRecord {
        id: RequestId(id),
        reference: None,
        user: Some(UserId(4)),
        role: Role::Premium,
        seatless_vip: true,
        task: Some(Task::Chat),
        reasons: classify(&Message::new("hello")).reasons,
        choice: Some(ModelSlot::Flash),
        seed: u64::MAX,
        plan: "flash|flash A B1|".to_owned(),
        asked_at,
        end: None,
    }
}

#[tokio::test]
async fn a_request_is_written_down_once_for_its_update_and_ends_once() {
    let (_dir, store, clock) = fresh();
    let put = |record: RequestRecord| store.commit(move |tx| tx.put_request(&record));
    let found = |name: RequestName| store.read(move |tx| tx.request(&name));
    let mut mine = request(1, NOON);
    assert_eq!(put(mine.clone()).await, Ok(()));
    mine.seed = 5;
    assert_eq!(put(mine.clone()).await, Ok(()), "the same update, planned again");
    assert_eq!(found(RequestName::Id(RequestId(1))).await, Ok(Some(mine.clone())));
    let end = RequestEnd {
        at: NOON + HOUR,
        outcome: "answered".to_owned(),
        key: Some("A1".to_owned()),
        model: Some("flash".to_owned()),
        attempts: 2,
        tokens: 99,
    };
    let ending = end.clone();
    let ended = store.commit(move |tx| {
        Ok((tx.end_request(RequestId(1), &ending)?, tx.end_request(RequestId(1), &ending)?))
    });
    assert_eq!(ended.await, Ok((true, false)));
    mine.end = Some(end);
    assert_eq!(found(RequestName::Id(RequestId(1))).await, Ok(Some(mine.clone())));
    // Begun again after a crash between its end and its update's.
    mine.end = None;
    assert_eq!(put(mine.clone()).await, Ok(()));
    assert_eq!(
        found(RequestName::Id(RequestId(1))).await.map(|mine| mine.and_then(|mine| mine.end)),
        Ok(None)
    );
    assert_eq!(store.read(|tx| tx.next_shell_request()).await, Ok(RequestId(-1)));
    assert_eq!(put(request(-1, NOON)).await, Ok(()));
    assert_eq!(store.read(|tx| tx.next_shell_request()).await, Ok(RequestId(-2)));
    clock.advance(KEEP.requests + Duration::from_millis(1));
    assert_eq!(purge(&store, &clock, 9).await, 2);
}

#[tokio::test]
async fn a_ref_leads_to_one_kept_request() {
    let (_dir, store, clock) = fresh();
    let name = || RequestRef("K7QF".to_owned());
    store.commit(|tx| tx.put_request(&request(1, NOON))).await.expect("put");
    store.commit(|tx| tx.put_request(&request(2, NOON + HOUR))).await.expect("put");
    assert_eq!(store.read(move |tx| tx.is_ref_taken(&name())).await, Ok(false));
    store.commit(move |tx| tx.name_request(RequestId(1), &name())).await.expect("free");
    assert_eq!(store.read(move |tx| tx.is_ref_taken(&name())).await, Ok(true));
    let twice = store.commit(move |tx| tx.name_request(RequestId(2), &name())).await;
    assert!(matches!(twice, Err(StoreError::Sqlite(_))), "{twice:?}");
    let found = store.read(move |tx| tx.request(&RequestName::Ref(name()))).await.expect("readable");
    assert_eq!(found.map(|request| (request.id, request.reference)), Some((RequestId(1), Some(name()))));
    // Free again with the request.
    clock.advance(KEEP.requests + Duration::from_millis(1));
    assert_eq!(purge(&store, &clock, 9).await, 1);
    assert_eq!(store.read(move |tx| tx.is_ref_taken(&name())).await, Ok(false));
}

#[tokio::test]
async fn reading_aside_sees_what_was_committed_and_holds_up_nobody() {
    let (_dir, store, _) = fresh();
    store.commit(|tx| tx.put_request(&request(1, NOON))).await.expect("put");
    let (begun, wait) = std::sync::mpsc::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let aside = store.read_aside(move |tx| {
        let mut seen = 0;
        tx.each_request(NOON, |_| seen += 1)?;
        begun.send(()).expect("the test waits");
        gone.recv().expect("the test lets go");
        tx.each_request(NOON, |_| seen += 1)?;
        Ok(seen)
    });
    wait.recv().expect("it began");
    store.commit(|tx| tx.put_request(&request(2, NOON))).await.expect("nobody is in the way");
    go.send(()).expect("it waits");
    assert_eq!(aside.await, Ok(2), "all of it is of one instant");
}

#[tokio::test]
async fn arrivals_fall_into_the_quarter_hours_of_their_day() {
    let (_dir, store, _) = fresh();
    // A long day and a day of 24 hours.
    let midnights = [NOON, NOON + HOUR * 25, NOON + HOUR * 49];
    let minute = Duration::from_mins(1);
    let cases = [
        (NOON - Duration::from_millis(1), None),
        (NOON, Some(0)),
        (NOON + minute * 15 - Duration::from_millis(1), Some(0)),
        (NOON + minute * 15, Some(1)),
        (NOON + HOUR * 24 + minute * 30, Some(95)),
        (NOON + HOUR * 25, Some(0)),
        (NOON + HOUR * 48, Some(92)),
        (NOON + HOUR * 49, None),
    ];
    let mut expected = [0; BUCKETS_A_DAY];
    for (n, (at, bucket)) in (1..).zip(cases) {
        let record = request(n, at);
        store.commit(move |tx| tx.put_request(&record)).await.expect("put");
        if let Some(bucket) = bucket {
            expected[bucket] += 1;
        }
    }
    let arrivals = store.read(move |tx| tx.arrivals(&midnights)).await.expect("readable");
    assert_eq!(arrivals[Role::Premium], expected);
    assert_eq!(arrivals[Role::Guest], [0; BUCKETS_A_DAY]);
    let none = store.read(move |tx| tx.arrivals(&[NOON])).await.expect("readable");
    assert_eq!(none[Role::Premium], [0; BUCKETS_A_DAY], "one midnight bounds no day");
}
