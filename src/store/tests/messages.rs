//! Inbox and outbox: once in, once out, in order.

use super::*;
use crate::config::StorageConfig;
use crate::domain::chat::{Button, ChatId, Notice, UserId};
use crate::store::{Content, Ending, Formatted, Incoming, OpenPart, OutboxRow};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const KEEP: StorageConfig =
    StorageConfig { inbox: DAY.saturating_mul(2), history: DAY, requests: DAY, sends: DAY };

fn incoming(update_id: i64) -> Incoming {
    Incoming {
        update_id,
        chat: Some(ChatId(-1_001_234_567_890)),
        topic: Some(7),
        user: Some(UserId(5_000_000_000)),
        raw: format!("{{\"update_id\":{update_id}}}"),
    }
}

async fn receive(store: &Store, ids: &[i64]) -> Vec<bool> {
    let batch: Vec<_> = ids.iter().map(|id| incoming(*id)).collect();
    store.commit(move |tx| tx.receive(&batch)).await.expect("received")
}

async fn pending(store: &Store) -> Vec<i64> {
    let rows = store.read(|tx| tx.pending()).await.expect("readable");
    rows.iter().map(|row| row.incoming.update_id).collect()
}

#[tokio::test]
async fn an_update_is_new_once_whatever_its_id_is() {
    let (_dir, store, clock) = fresh();
    assert_eq!(receive(&store, &[100, 101, 100]).await, [true, true, false]);
    // After an idle week Telegram may begin at any id, also a smaller one, also beyond 32 bits.
    assert_eq!(receive(&store, &[5, 101, 6_000_000_000]).await, [true, false, true]);
    assert_eq!(pending(&store).await, [100, 101, 5, 6_000_000_000]);
    let row = store.read(|tx| tx.pending_update(5)).await.expect("readable").expect("pending");
    assert_eq!((row.incoming, row.received_at, row.attempts), (incoming(5), clock.now(), 0));
    assert_eq!(store.read(|tx| Ok(tx.pending()?.len())).await, Ok(4));
}

#[tokio::test]
async fn an_ended_update_stays_known_and_its_first_ending_stands() {
    let (_dir, store, clock) = fresh();
    receive(&store, &[1, 2, 3]).await;
    let finish = |id, ending| store.commit(move |tx| tx.finish(id, ending));
    assert_eq!(finish(2, Ending::Answered).await, Ok(true));
    assert_eq!(finish(2, Ending::Refused("day_cap")).await, Ok(false));
    assert_eq!(finish(9, Ending::Refused("day_cap")).await, Ok(false));
    assert_eq!(finish(3, Ending::Dropped("poll")).await, Ok(true));
    assert_eq!(receive(&store, &[2, 3]).await, [false, false]);
    assert_eq!(pending(&store).await, [1]);
    let endings = store.read(|tx| tx.endings_since(NOON)).await.expect("readable");
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(endings, [(None, 1), (named("answered"), 1), (named("dropped:poll"), 1)]);
    assert_eq!(store.read(|tx| tx.turned_away(NOON)).await, Ok(vec![]));
    receive(&store, &[4]).await;
    assert_eq!(finish(4, Ending::Refused("day_cap")).await, Ok(true));
    let away = store.read(|tx| tx.turned_away(NOON)).await.expect("readable");
    assert_eq!(away, [(incoming(4).user, NOON, "day_cap".to_owned())]);
    let bodies = store
        .read(|tx| {
            let mut select = tx.sql("SELECT count(*) FROM inbox WHERE raw <> ''")?;
            Ok(select.query_row([], |row| row.get::<_, i64>(0))?)
        })
        .await;
    assert_eq!(bodies, Ok(1), "the text of an ended update is not kept");

    clock.advance(Duration::from_hours(48) + Duration::from_secs(1));
    let now = clock.now();
    assert_eq!(store.commit(move |tx| tx.purge(now, &KEEP, 1)).await, Ok(1), "bounded");
    assert_eq!(store.commit(move |tx| tx.purge(now, &KEEP, 100)).await, Ok(2));
    assert_eq!(store.commit(move |tx| tx.purge(now, &KEEP, 100)).await, Ok(0));
    assert_eq!(pending(&store).await, [1], "what has not ended is never purged");
    assert_eq!(receive(&store, &[2]).await, [true]);
}

#[tokio::test]
async fn attempts_are_counted_until_the_end() {
    let (_dir, store, _) = fresh();
    receive(&store, &[1]).await;
    for n in 1..=3 {
        assert_eq!(store.commit(|tx| tx.begin_attempt(1)).await, Ok(n));
    }
    store.commit(|tx| tx.finish(1, Ending::Dropped("panicked"))).await.expect("ended");
    for id in [1, 2] {
        assert_eq!(store.commit(move |tx| tx.begin_attempt(id)).await, Ok(0));
    }
}

fn open_part(message_id: i64) -> OpenPart {
    OpenPart {
        update_id: 1,
        part: 0,
        chat: ChatId(10),
        topic: None,
        user: Some(UserId(10)),
        reply_to: Some(77),
        message_id,
    }
}

fn text(update_id: Option<i64>, part: u32, text: &str) -> OutboxRow {
    OutboxRow {
        update_id,
        part,
        chat: ChatId(10),
        topic: None,
        user: Some(UserId(10)),
        reply_to: Some(77),
        content: Content::Text(Formatted { text: text.to_owned(), entities: Vec::new() }),
        buttons: Vec::new(),
        message_id: None,
    }
}

#[tokio::test]
async fn an_opened_message_keeps_its_id_through_the_answer() {
    let (_dir, store, _) = fresh();
    let opened = |id| store.commit(move |tx| tx.open_part(&open_part(id)));
    assert_eq!(opened(500).await, Ok(500));
    assert_eq!(opened(501).await, Ok(500), "the first opening stands");
    assert_eq!(store.read(|tx| tx.pending_rows()).await, Ok(vec![]), "nothing to say yet");
    assert_eq!(store.read(|tx| tx.opened_parts(1)).await, Ok(vec![(0, 500)]));

    let rows = vec![text(Some(1), 0, "one"), text(Some(1), 1, "two"), text(None, 0, "by itself")];
    let ids = store.commit(move |tx| tx.put_rows(&rows)).await.expect("put");
    let waiting = store.read(|tx| tx.pending_rows()).await.expect("readable");
    assert_eq!(waiting.iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    assert_eq!(waiting.iter().map(|row| row.row.message_id).collect::<Vec<_>>(), [Some(500), None, None]);
    assert_eq!(waiting[1].row, text(Some(1), 1, "two"));

    // A repeated run of the same update: new content, the same rows and messages.
    let (second, again) = (ids[1], vec![text(Some(1), 0, "uno"), text(Some(1), 1, "dos")]);
    store.commit(move |tx| tx.row_sent(second, 501)).await.expect("noted");
    assert_eq!(store.commit(move |tx| tx.put_rows(&again)).await.as_deref(), Ok(&ids[..2]));
    let waiting = store.read(|tx| tx.pending_rows()).await.expect("readable");
    assert_eq!(waiting[1].row, OutboxRow { message_id: Some(501), ..text(Some(1), 1, "dos") });
    assert_eq!(waiting.len(), 3);
}

#[tokio::test]
async fn a_row_that_is_done_is_not_said_again() {
    let (_dir, store, clock) = fresh();
    let put = |said: &'static str| store.commit(move |tx| tx.put_rows(&[text(Some(1), 0, said)]));
    let id = put("one").await.expect("put")[0];
    store.commit(move |tx| tx.row_done(id, Some(7))).await.expect("done");
    let said = store.read(|tx| tx.said_rows(1)).await.expect("readable");
    assert_eq!(
        (said[0].message_id, said[0].kind.as_deref(), said[0].state.as_str()),
        (Some(7), Some("answer"), "done")
    );
    assert_eq!(put("two").await, Ok(vec![id]));
    assert_eq!(store.commit(|tx| tx.open_part(&open_part(5))).await, Ok(7), "said in this message");
    assert_eq!(store.read(|tx| tx.pending_rows()).await, Ok(vec![]));
    clock.advance(Duration::from_hours(48) + Duration::from_secs(1));
    let now = clock.now();
    assert_eq!(store.commit(move |tx| tx.purge(now, &KEEP, 9)).await, Ok(1));
}

#[tokio::test]
async fn a_row_keeps_its_buttons_until_it_is_revised_or_gone() {
    let (_dir, store, clock) = fresh();
    let undo = Button::Undo { through: 5, before: 0 };
    let row = OutboxRow { buttons: vec![undo], ..text(Some(1), 0, "cleared") };
    let id = store.commit(move |tx| tx.put_rows(&[row])).await.expect("put")[0];
    let pending = store.read(move |tx| tx.pending_row(id)).await.expect("readable").expect("it waits");
    assert_eq!(pending.row.buttons, [undo]);
    store.commit(move |tx| tx.row_done(id, None)).await.expect("done");
    assert_eq!(store.read(move |tx| tx.pending_row(id)).await, Ok(None));
    let found = store.read(move |tx| tx.row_buttons(id)).await.expect("readable").expect("kept");
    assert_eq!((found.user, found.chat, found.buttons), (Some(UserId(10)), ChatId(10), vec![undo]));

    let words = Content::Words("undone".to_owned());
    store.commit(move |tx| tx.revise_row(id, 700, Some(&words), &[])).await.expect("revised");
    let pending = store.read(move |tx| tx.pending_row(id)).await.expect("readable").expect("it waits again");
    assert_eq!((pending.row.message_id, pending.row.buttons), (Some(700), vec![]));
    assert_eq!(pending.row.content, Content::Words("undone".to_owned()));
    store.commit(move |tx| tx.revise_row(id, 701, None, &[undo])).await.expect("revised");
    let pending = store.read(move |tx| tx.pending_row(id)).await.expect("readable").expect("it waits again");
    assert_eq!(
        (pending.row.message_id, pending.row.content),
        (Some(700), Content::Words("undone".to_owned()))
    );

    store.commit(move |tx| tx.row_done(id, None)).await.expect("done");
    clock.advance(Duration::from_hours(48) + Duration::from_secs(1));
    let now = clock.now();
    store.commit(move |tx| tx.purge(now, &KEEP, 9)).await.expect("purged");
    assert_eq!(store.read(move |tx| tx.row_buttons(id)).await, Ok(None));
}

#[tokio::test]
async fn a_notice_reads_back_as_it_was_put() {
    let (_dir, store, _) = fresh();
    let notice = Content::Notice(Notice::Waiting { wait: Duration::from_millis(1500) });
    let row = OutboxRow { content: notice.clone(), topic: Some(3), ..text(None, 0, "") };
    store.commit(move |tx| tx.put_rows(&[row])).await.expect("put");
    let waiting = store.read(|tx| tx.pending_rows()).await.expect("readable");
    assert_eq!((&waiting[0].row.content, waiting[0].row.topic), (&notice, Some(3)));
}
