//! Who is let in: claims of a bot without an owner, and strangers to a closed one.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::roles::{OWNER, say};
use super::{ME, finals};
use crate::domain::chat::UserId;
use crate::telegram::testing::{Bot, Setup, private};

/// What is logged in this thread, where the bot runs too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// What stands behind `/start` in the link, once it was printed.
    async fn argument(&self, setup: &Setup) -> String {
        setup.fake.until(|_| self.text().contains("https://t.me/my_bot?start=")).await;
        let text = self.text();
        let (_, link) = text.split_once("https://t.me/my_bot?start=").expect("a link");
        link.split_whitespace().next().expect("an argument").to_owned()
    }
}

async fn stored(bot: &Bot, user: i64) -> Option<crate::store::User> {
    bot.store.read(move |tx| tx.user(UserId(user))).await.expect("read")
}

#[tokio::test]
async fn a_bot_without_an_owner_is_claimed_once_through_its_link() {
    let (log, guard) = Log::listen();
    let mut setup = Setup::new().await;
    setup.telegram.closed = true;
    let bot = setup.start().await;
    let argument = log.argument(&setup).await;
    assert_eq!(log.text().matches(&argument).count(), 1, "{}", log.text());
    assert!(say(&setup, 1, ME, "/start claim_0").await.starts_with("This bot isn't open to you yet."));
    // In a group it is no secret any more.
    let mut public = private(2, ME, &format!("/start {argument}"));
    public["message"]["chat"] = json!({"id": -100, "type": "supergroup"});
    setup.fake.deliver_update(public);
    let claimed = say(&setup, 3, OWNER, &format!("/start {argument}")).await;
    assert!(
        claimed.starts_with("🎉 You are the owner of this bot now.\n\nFor the owner:\n/users "),
        "{claimed}"
    );
    assert!(say(&setup, 4, OWNER, "/whoami").await.contains("Level: owner"));
    // Used up, for the owner and for others.
    assert!(say(&setup, 5, OWNER, &format!("/start {argument}")).await.starts_with("Hi Li."));
    let other = say(&setup, 6, 8, &format!("/start {argument}")).await;
    assert!(other.starts_with("This bot isn't open to you yet."), "{other}");
    let menus = setup.fake.calls("SetMyCommands");
    let owners = menus.iter().filter(|call| call["scope"]["chat_id"] == json!(OWNER));
    assert_eq!(owners.count(), 4, "zh and en, at the claim and at /start: the fake shows no menu");
    assert!(!setup.fake.texts(-100).iter().any(|text| text.contains("owner")));
    assert_eq!(bot.stop().await, Ok(()));
    drop(guard);

    // The claim lasts, and another run has no link.
    let (log, _guard) = Log::listen();
    let bot = setup.start().await;
    assert!(say(&setup, 7, OWNER, "/whoami").await.contains("Level: owner"));
    assert!(!log.text().contains("claim_"), "{}", log.text());
    assert_eq!(bot.stop().await, Ok(()));
    // A configured owner stands before a claimed one.
    setup.telegram.owner_ids = vec![UserId(8)];
    let bot = setup.start().await;
    assert!(say(&setup, 8, 8, "/whoami").await.contains("Level: owner"));
    assert!(say(&setup, 9, OWNER, "/whoami").await.starts_with("This bot isn't open to you yet."));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn ten_wrong_claims_make_the_link_void() {
    let (log, _guard) = Log::listen();
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let argument = log.argument(&setup).await;
    for n in 1..=10 {
        assert!(say(&setup, n, ME, &format!("/start claim_{n}")).await.starts_with("Hi Li. Just send"));
    }
    assert!(log.text().contains("the link is void"), "{}", log.text());
    assert!(say(&setup, 11, OWNER, &format!("/start {argument}")).await.starts_with("Hi Li. Just send"));
    assert!(say(&setup, 12, OWNER, "/whoami").await.contains("Level: normal"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_stranger_to_a_closed_bot_hears_their_id_once_a_minute_and_leaves_nothing() {
    let mut setup = Setup::new().await;
    setup.telegram.closed = true;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    let bot = setup.start().await;
    let said = "This bot isn't open to you yet. Send the owner your ID: ";
    let ways =
        ["/start", "/whoami", "/quota", "/model pro", "/keys", "/status", "/help", "/vip", "/nonsense", "hi"];
    for (n, text) in (0..).zip(ways) {
        assert_eq!(say(&setup, 1 + n, 100 + n, text).await, format!("{said}{}", 100 + n));
        assert_eq!(stored(&bot, 100 + n).await, None, "{text}");
    }
    let mut sticker = private(20, 200, "");
    sticker["message"]["sticker"] = json!({"file_id": "x"});
    sticker["message"].as_object_mut().expect("an object").remove("text");
    setup.fake.deliver_update(sticker);
    let mut late = private(21, 201, "was I away?");
    late["message"]["date"] = json!(1_700_000_000);
    setup.fake.deliver_update(late);
    for (id, text) in [(30, "one"), (31, "two"), (32, "/start"), (33, "/whoami")] {
        setup.fake.deliver_update(private(id, 202, text));
    }
    setup.fake.deliver_update(json!({"update_id": 40, "callback_query": {
        "id": "q", "from": {"id": 203, "is_bot": false, "first_name": "x"}, "data": "stop:1",
        "message": {"message_id": 1, "date": 1, "chat": {"id": 203, "type": "private"}},
    }}));
    setup.fake.until(|fake| fake.calls("AnswerCallbackQuery").len() == 1).await;
    assert_eq!(setup.fake.calls("AnswerCallbackQuery")[0].get("text"), None);
    say(&setup, 50, OWNER, "/whoami").await;
    assert_eq!(finals(&setup.fake, 200), [format!("{said}200")]);
    assert_eq!(finals(&setup.fake, 201), [""; 0]);
    assert_eq!(finals(&setup.fake, 202), [format!("{said}202")]);
    assert!(setup.gemini.asked().is_empty());
    assert!(bot.endings().await.contains(&("dropped:closed".to_owned(), 4)), "{:?}", bot.endings().await);

    // The owner lets one of them in by the id they sent; whoever is let out again is a stranger as before.
    let done = say(&setup, 60, OWNER, "/grant 100 normal").await;
    assert_eq!(done, "100\n✅ Level: guest → normal");
    setup.fake.until(|fake| finals(fake, 100).len() == 2).await;
    assert_eq!(say(&setup, 61, 100, "hello").await, "echo: hello");
    let out = say(&setup, 62, OWNER, "/revoke 100").await;
    assert_eq!(out, "100 · Li\n✅ Taken back; the bot is not open to them any more.");
    assert_eq!(bot.stop().await, Ok(()));
}
