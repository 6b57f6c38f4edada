//! Bans, grants that end, a claimed owner, and people who are forgotten.

use std::time::Duration;

use super::{NOON, fresh};
use crate::domain::chat::{ChatId, ConversationId, Round, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{Content, Ending, Erased, Incoming, OutboxRow, Question, Seen, Store, Tx};

const HOUR: Duration = Duration::from_hours(1);
const MARKER: &str = "quincunx";

fn incoming(update_id: i64, user: i64, words: &str) -> Incoming {
    Incoming {
        update_id,
        chat: Some(ChatId(user)),
        topic: None,
        user: Some(UserId(user)),
        raw: format!("{{\"text\":\"{words}\"}}"),
    }
}

fn row(update_id: i64, user: i64, words: &str) -> OutboxRow {
    OutboxRow {
        update_id: Some(update_id),
        part: 0,
        chat: ChatId(user),
        topic: None,
        user: Some(UserId(user)),
        reply_to: None,
        content: Content::Text(crate::store::Formatted { text: words.to_owned(), entities: Vec::new() }),
        message_id: None,
        buttons: Vec::new(),
    }
}

/// A whole round of somebody: received, answered, said.
async fn talk(store: &Store, update_id: i64, user: i64, words: String) {
    let at = ConversationId { chat: ChatId(user), topic: None, user: UserId(user) };
    let seen = Seen {
        id: UserId(user),
        username: Some(format!("name{user}")),
        first_name: None,
        language: None,
        started: true,
    };
    let round = Round { question: words.clone(), answer: format!("about {words}") };
    let received = incoming(update_id, user, &words);
    store.commit(move |tx| tx.receive(&[received])).await.expect("received");
    let said = store.commit(move |tx| {
        tx.touch_user(&seen)?;
        tx.ask(
            at,
            &Question {
                update_id,
                message_id: update_id,
                text: round.question.clone(),
                enclosed: None,
                keyword: None,
            },
        )?;
        tx.append_round(at, &round, "gemini", None)?;
        tx.finish(update_id, Ending::Answered)?;
        tx.put_rows(&[row(update_id, user, &words)])
    });
    let id = said.await.expect("answered")[0];
    if update_id % 5 != 0 {
        store.commit(move |tx| tx.row_done(id, None)).await.expect("done");
    }
}

#[tokio::test]
async fn a_person_is_forgotten_everywhere_and_nobody_else_is() {
    let (dir, store, _) = fresh();
    for n in 0..240_i64 {
        let user = 1 + n % 3;
        let words = if user == 1 { MARKER } else { "plain" };
        talk(&store, n, user, format!("{words} {n} ").repeat(usize::try_from(n % 50).unwrap_or(0) + 1)).await;
    }
    let pending = incoming(900, 1, MARKER);
    store.commit(move |tx| tx.receive(&[pending])).await.expect("received");
    let expected = Erased { rounds: 80, requests: 0, messages: 161 };
    assert_eq!(store.read(|tx| tx.forgettable(UserId(1))).await, Ok(expected));
    assert_eq!(store.commit(|tx| tx.forget(UserId(1))).await, Ok(expected));
    assert_eq!(store.commit(|tx| tx.forget(UserId(1))).await, Ok(Erased::default()));
    let ended = |tx: &mut Tx<'_>| Ok((tx.has_ended(900)?, tx.pending()?.len(), tx.begin_attempt(900)?));
    assert_eq!(store.commit(ended).await, Ok((true, 0, 0)), "what was pending has ended");
    assert_eq!(store.read(|tx| Ok(tx.user(UserId(1))?.and_then(|user| user.username))).await, Ok(None));
    let others =
        store.read(|tx| Ok((tx.rounds_of(UserId(2))?, tx.rounds_of(UserId(3))?, tx.pending_rows()?.len())));
    assert_eq!(others.await, Ok((80, 80, 32)), "two thirds of the rows that wait");

    assert_eq!(store.scrub().await, Ok(true));
    for file in std::fs::read_dir(dir.path()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("readable");
        let copies = bytes.windows(MARKER.len()).filter(|window| *window == MARKER.as_bytes()).count();
        assert_eq!(copies, 0, "{}", path.display());
    }
}

#[tokio::test]
async fn a_ban_is_noted_once_and_lifted_once() {
    let (_dir, store, _) = fresh();
    let banned = store.commit(|tx| Ok((tx.ban(UserId(7), Some("floods"))?, tx.ban(UserId(7), None)?)));
    assert_eq!(banned.await, Ok((true, false)));
    let user = store.read(|tx| tx.user(UserId(7))).await.expect("readable").expect("known");
    assert_eq!((user.banned, user.ban_reason, user.granted), (true, None, None));
    let lifted = store.commit(|tx| Ok((tx.unban(UserId(7))?, tx.unban(UserId(7))?, tx.unban(UserId(8))?)));
    assert_eq!(lifted.await, Ok((true, false, false)));
    assert_eq!(store.read(|tx| tx.user(UserId(8))).await, Ok(None), "no row for who was never seen");
}

#[tokio::test]
async fn grants_are_found_when_they_run_out() {
    let (_dir, store, clock) = fresh();
    for (user, until) in [(1, Some(HOUR * 2)), (2, Some(HOUR)), (3, None)] {
        let until = until.map(|length| NOON + length);
        store.commit(move |tx| tx.set_role(UserId(user), Some(Role::Vip), until)).await.expect("granted");
    }
    assert_eq!(store.read(|tx| tx.next_grant_end()).await, Ok(Some(NOON + HOUR)));
    let run_out = |now: Timestamp| {
        store.read(move |tx| Ok(tx.grants_run_out(now, 9)?.iter().map(|user| user.id.0).collect::<Vec<_>>()))
    };
    assert_eq!(run_out(NOON + HOUR - Duration::from_millis(1)).await, Ok(vec![]));
    assert_eq!(run_out(NOON + HOUR).await, Ok(vec![2]));
    clock.advance(HOUR * 3);
    assert_eq!(run_out(clock.now()).await, Ok(vec![2, 1]));
}

#[tokio::test]
async fn a_bot_is_claimed_once() {
    let (_dir, store, _) = fresh();
    assert_eq!(store.read(|tx| tx.claimed_owner()).await, Ok(None));
    let claimed = store.commit(|tx| Ok((tx.claim_owner(UserId(5))?, tx.claim_owner(UserId(6))?)));
    assert_eq!(claimed.await, Ok((true, false)));
    assert_eq!(store.read(|tx| tx.claimed_owner()).await, Ok(Some(UserId(5))));
}
