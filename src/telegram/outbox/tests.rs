//! The outbox against a Bot API on loopback.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Outbox, Target};
use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::domain::chat::{ChatId, Language, Notice, RequestRef, UserId};
use crate::store::{Content, Formatted, OpenPart, OutboxRow, Store};
use crate::telegram::markdown::Head;
use crate::telegram::stream::CURSOR;
use crate::telegram::testing::{FakeBotApi, Fault, config_of, store};
use crate::telegram::texts::Texts;
use crate::telemetry::Vitals;

const CHAT: i64 = 42;

struct Bench {
    fake: FakeBotApi,
    store: Store,
    outbox: Outbox,
    vitals: Vitals,
    _dir: tempfile::TempDir,
}

async fn bench() -> Bench {
    let fake = FakeBotApi::start().await;
    let clock = Clock::system();
    let (dir, store) = store(&clock);
    let vitals = Vitals::default();
    let outbox = outbox(&fake, &store, &vitals);
    Bench { fake, store, outbox, vitals, _dir: dir }
}

fn outbox(fake: &FakeBotApi, store: &Store, vitals: &Vitals) -> Outbox {
    let config = LiveConfig::new(Arc::new(config_of(fake.config())));
    Outbox::new(fake.api(), store.clone(), Clock::system(), Texts::load(), config, vitals.clone())
}

fn row(update_id: Option<i64>, part: u32, content: Content) -> OutboxRow {
    OutboxRow {
        update_id,
        part,
        chat: ChatId(CHAT),
        topic: None,
        user: Some(UserId(CHAT)),
        reply_to: None,
        content,
        buttons: Vec::new(),
        message_id: None,
    }
}

fn text(update_id: i64, part: u32, text: &str) -> OutboxRow {
    row(Some(update_id), part, Content::Text(Formatted { text: text.to_owned(), entities: Vec::new() }))
}

fn target(update_id: i64) -> Target {
    Target {
        update_id,
        chat: ChatId(CHAT),
        topic: None,
        user: UserId(CHAT),
        reply_to: Some(5),
        language: Language::EN,
        is_private: true,
        draws: false,
    }
}

impl Bench {
    async fn put(&self, rows: Vec<OutboxRow>) {
        self.store.commit(move |tx| tx.put_rows(&rows)).await.expect("stored");
    }

    async fn open_rows(&self) -> usize {
        self.store.read(|tx| tx.pending_rows()).await.expect("read").len()
    }
}

#[tokio::test]
async fn a_text_is_opened_and_then_made_final_by_an_edit() {
    let bench = bench().await;
    bench.put(vec![text(1, 0, "42"), text(1, 1, "and more")]).await;
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.texts(CHAT) == ["42", "and more"]).await;
    assert!(bench.outbox.drain(Duration::from_secs(1)).await);
    let opening = |text: &str| format!("{text}{CURSOR}");
    assert_eq!(
        bench.fake.history(CHAT),
        [[opening("42"), "42".to_owned()], [opening("and more"), "and more".to_owned()]]
    );
    assert_eq!((bench.open_rows().await, bench.vitals.outbox()), (0, 0));
}

#[tokio::test]
async fn a_growing_answer_ends_in_the_message_it_opened() {
    let bench = bench().await;
    let live = bench.outbox.begin(target(1), Vec::new(), Head::default());
    bench.outbox.push(&live, "A first sentence. And a second");
    bench.fake.until(|fake| fake.texts(CHAT) == [format!("A first sentence. And a second{CURSOR}")]).await;
    assert_eq!(bench.fake.calls("SendMessage")[0]["reply_parameters"]["message_id"], 5);
    assert!(bench.fake.calls("SendMessage")[0]["reply_markup"].is_object());
    bench.put(vec![text(1, 0, "A first sentence. And a second one.")]).await;
    bench.outbox.end(&live);
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.texts(CHAT) == ["A first sentence. And a second one."]).await;
    assert!(bench.fake.calls("EditMessageText").last().expect("edited")["reply_markup"].is_null());
}

#[tokio::test]
async fn a_restart_edits_what_was_opened_and_sends_nothing_twice() {
    let bench = bench().await;
    let live = bench.outbox.begin(target(1), Vec::new(), Head::default());
    bench.outbox.push(&live, "A first sentence. And a second");
    bench.fake.until(|fake| fake.texts(CHAT).len() == 1).await;
    bench.put(vec![text(1, 0, "The answer.")]).await;
    let known = bench.store.read(|tx| tx.opened_parts(1)).await.expect("read");
    assert_eq!(known.len(), 1);

    // Another process takes over the same state.
    let after = outbox(&bench.fake, &bench.store, &bench.vitals);
    assert_eq!(after.resume().await.expect("read"), 1);
    bench.fake.until(|fake| fake.texts(CHAT) == ["The answer."]).await;
    assert!(after.drain(Duration::from_secs(1)).await);

    // And one that died between the final edit and its done mark edits again, which changes nothing.
    bench.put(vec![text(2, 0, "Second.")]).await;
    after.deliver(2).await.expect("read");
    assert!(after.drain(Duration::from_secs(2)).await);
    assert_eq!(bench.fake.texts(CHAT), ["The answer.", "Second."]);
}

#[tokio::test]
async fn a_limit_pauses_its_chat_and_no_other() {
    let bench = bench().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}});
    bench.fake.fail("SendMessage", Fault::Answer(429, wait));
    let started = std::time::Instant::now();
    bench.put(vec![text(1, 0, "slow")]).await;
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.calls("SendMessage").len() == 1).await;
    let other = OutboxRow { chat: ChatId(7), ..text(2, 0, "fast") };
    bench.put(vec![other]).await;
    bench.outbox.deliver(2).await.expect("read");
    bench.fake.until(|fake| fake.texts(7) == ["fast"]).await;
    assert!(started.elapsed() < Duration::from_millis(900));
    bench.fake.until(|fake| fake.texts(CHAT) == ["slow"]).await;
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_blocked_bot_closes_the_rows_of_the_chat() {
    let bench = bench().await;
    let blocked =
        json!({"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"});
    bench.fake.fail("SendMessage", Fault::Answer(403, blocked));
    bench.put(vec![text(1, 0, "a"), text(1, 1, "b")]).await;
    bench.outbox.deliver(1).await.expect("read");
    assert!(bench.outbox.drain(Duration::from_secs(2)).await);
    assert_eq!((bench.open_rows().await, bench.fake.calls("SendMessage").len()), (0, 1));
}

#[tokio::test]
async fn a_timeout_may_leave_an_opening_but_never_a_second_answer() {
    let bench = bench().await;
    bench.fake.fail("SendMessage", Fault::ServedUnheard);
    bench.put(vec![text(1, 0, "The answer.")]).await;
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.texts(CHAT).len() == 2).await;
    bench.fake.until(|fake| fake.texts(CHAT).contains(&"The answer.".to_owned())).await;
    assert_eq!(bench.fake.texts(CHAT), [format!("The answer.{CURSOR}"), "The answer.".to_owned()]);
}

#[tokio::test]
async fn an_edit_that_was_served_unheard_is_made_again() {
    let bench = bench().await;
    bench.fake.fail("EditMessageText", Fault::ServedUnheard);
    bench.fake.fail("EditMessageText", Fault::Lost);
    bench.put(vec![text(1, 0, "The answer.")]).await;
    bench.outbox.deliver(1).await.expect("read");
    assert!(bench.outbox.drain(Duration::from_secs(8)).await);
    assert_eq!(bench.fake.texts(CHAT), ["The answer."]);
    assert_eq!(bench.fake.calls("EditMessageText").len(), 3);
}

#[tokio::test]
async fn a_message_that_is_gone_is_sent_anew() {
    let bench = bench().await;
    let lost = OutboxRow { message_id: Some(1234), ..text(1, 0, "The answer.") };
    bench.put(vec![lost]).await;
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.texts(CHAT) == ["The answer."]).await;
}

#[tokio::test]
async fn a_group_that_moved_gets_its_answer_in_the_new_place() {
    let bench = bench().await;
    let moved = json!({"ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat", "parameters": {"migrate_to_chat_id": -1_001_i64}});
    bench.fake.fail("SendMessage", Fault::Answer(400, moved));
    bench.put(vec![text(1, 0, "a"), text(1, 1, "b")]).await;
    bench.outbox.deliver(1).await.expect("read");
    bench.fake.until(|fake| fake.texts(-1001) == ["a", "b"]).await;
}

#[tokio::test]
async fn notices_of_others_are_found_and_said_once_in_the_persons_language() {
    let bench = bench().await;
    bench.store.commit(|tx| tx.set_language(UserId(CHAT), Some(Language::ZH))).await.expect("stored");
    let sweeping = tokio::spawn({
        let outbox = bench.outbox.clone();
        async move { outbox.sweep().await }
    });
    bench
        .put(vec![row(None, 0, Content::Notice(Notice::Outage { reference: RequestRef("K7QF".to_owned()) }))])
        .await;
    bench.fake.until(|fake| fake.texts(CHAT).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let said = bench.fake.texts(CHAT);
    assert!(said.len() == 1 && said[0].starts_with("Gemini 暂时没有响应"), "{said:?}");
    sweeping.abort();
}

#[tokio::test]
async fn a_refused_text_is_given_up_and_does_not_block_the_chat() {
    let bench = bench().await;
    let refused = json!({"ok": false, "error_code": 400, "description": "Bad Request: something new"});
    for _ in 0..3 {
        bench.fake.fail("SendMessage", Fault::Answer(400, refused.clone()));
    }
    bench.put(vec![text(1, 0, "a"), text(2, 0, "b")]).await;
    bench.outbox.resume().await.expect("read");
    bench.fake.until(|fake| fake.texts(CHAT) == ["b"]).await;
    assert!(bench.outbox.drain(Duration::from_secs(1)).await);
}

#[tokio::test]
async fn idle_chats_are_forgotten() {
    let bench = bench().await;
    for n in 1..4000 {
        let live = bench.outbox.begin(Target { chat: ChatId(n), ..target(n) }, Vec::new(), Head::default());
        bench.outbox.end(&live);
        if n % 100 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    assert!(bench.outbox.chats() < 1200, "{}", bench.outbox.chats());
}

#[tokio::test]
async fn a_text_goes_without_its_entities_if_telegram_takes_none() {
    let bench = bench().await;
    let refused =
        json!({"ok": false, "error_code": 400, "description": "Bad Request: can't parse entities: overlap"});
    bench.fake.fail("EditMessageText", Fault::Answer(400, refused));
    let bold = json!({"type": "bold", "offset": 0, "length": 4});
    let formatted = Formatted { text: "bold".to_owned(), entities: vec![bold.clone()] };
    bench.put(vec![row(Some(1), 0, Content::Text(formatted))]).await;
    bench.outbox.deliver(1).await.expect("read");
    assert!(bench.outbox.drain(Duration::from_secs(2)).await);
    let edits = bench.fake.calls("EditMessageText");
    assert_eq!((edits.len(), bench.fake.texts(CHAT)), (2, vec!["bold".to_owned()]));
    assert_eq!((&edits[0]["entities"], &edits[1]["entities"]), (&json!([bold]), &json!(null)));
}

#[tokio::test]
async fn messages_that_the_answer_does_not_fill_are_taken_back() {
    let bench = bench().await;
    let open = |part, message_id| OpenPart {
        update_id: 1,
        part,
        chat: ChatId(CHAT),
        topic: None,
        user: None,
        reply_to: None,
        message_id,
    };
    for id in 1..=3 {
        bench.fake.put_message(CHAT, id, "so far ▌");
    }
    bench
        .store
        .commit(move |tx| tx.open_part(&open(0, 1)).and_then(|_| tx.open_part(&open(1, 2))))
        .await
        .expect("stored");
    bench.put(vec![text(1, 0, "The answer.")]).await;
    // Another one was on its way while the answer was stored.
    bench.store.commit(move |tx| tx.open_part(&open(2, 3))).await.expect("stored");
    bench.outbox.deliver(1).await.expect("read");
    assert!(bench.outbox.drain(Duration::from_secs(2)).await);
    assert_eq!((bench.fake.texts(CHAT), bench.open_rows().await), (vec!["The answer.".to_owned()], 0));
}
