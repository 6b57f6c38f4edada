//! What the owner orders about people, and what others get for the same words.

use serde_json::{Value, json};

use super::roles::{OWNER, say};
use super::{ME, finals};
use crate::domain::chat::UserId;
use crate::telegram::testing::{Setup, private};

const GROUP: i64 = -100;

async fn owned() -> Setup {
    let mut setup = Setup::new().await;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    setup
}

fn named(mut update: Value, first_name: &str, username: &str) -> Value {
    update["message"]["from"]["first_name"] = json!(first_name);
    update["message"]["from"]["username"] = json!(username);
    update
}

/// Something said in the group, in reply to a message of `author`.
fn in_group(id: i64, user: i64, text: &str, author: Option<Value>) -> Value {
    let mut update = private(id, user, text);
    update["message"]["chat"] = json!({"id": GROUP, "type": "supergroup"});
    if let Some(author) = author {
        update["message"]["reply_to_message"] = json!({"message_id": 1, "date": 1, "from": author});
    }
    update
}

#[tokio::test]
async fn a_grant_is_in_force_with_the_next_message_and_told_to_both() {
    let setup = owned().await;
    let bot = setup.start().await;
    setup.fake.deliver_update(named(private(1, ME, "one"), "Li", "li_42"));
    setup.fake.until(|fake| finals(fake, ME).len() == 1).await;
    for (id, text) in [(2, "two"), (3, "three"), (4, "four"), (5, "five")] {
        setup.fake.deliver_update(named(private(id, ME, text), "Li", "li_42"));
        setup.fake.until(|fake| finals(fake, ME).len() == usize::try_from(id).expect("small")).await;
    }
    // Three rounds of two turns, and the question.
    assert_eq!(setup.gemini.asked().last().map(Vec::len), Some(7));
    let done = say(&setup, 6, OWNER, "/grant @LI_42 premium 30d").await;
    let lines: Vec<&str> = done.lines().collect();
    assert_eq!(lines[..2], ["42 · Li @li_42", "✅ Level: normal → premium"], "{done}");
    assert!(lines[2].starts_with("Ends in 30 d"), "{done}");
    setup.fake.until(|fake| finals(fake, ME).len() == 6).await;
    assert!(finals(&setup.fake, ME)[5].contains("premium"), "{:?}", finals(&setup.fake, ME));
    say(&setup, 7, ME, "six").await;
    assert_eq!(setup.gemini.asked().last().map(Vec::len), Some(11));
    assert_eq!(say(&setup, 8, OWNER, "/revoke 42").await, "42 · Li\n✅ Taken back; they are normal now.");
    setup.fake.until(|fake| finals(fake, ME).len() == 8).await;
    say(&setup, 9, ME, "seven").await;
    assert_eq!(setup.gemini.asked().last().map(Vec::len), Some(7));
    assert!(say(&setup, 10, OWNER, "/revoke 42").await.ends_with("\nThey were not granted any level."));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_grant_that_has_run_out_is_none() {
    let setup = owned().await;
    let bot = setup.start().await;
    say(&setup, 1, OWNER, "/grant 42 vip 1m").await;
    assert!(say(&setup, 2, ME, "/whoami").await.contains("Level: VIP"));
    // A minute later: the end of the grant is moved instead of the clock.
    let past = crate::clock::Clock::system().now() - std::time::Duration::from_secs(1);
    let role = Some(crate::domain::role::Role::Vip);
    bot.store.commit(move |tx| tx.set_role(UserId(ME), role, Some(past))).await.expect("stored");
    assert_eq!(say(&setup, 3, ME, "/whoami").await, "ID: 42\nLevel: normal\nMemory: 3 rounds");
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_ban_silences_the_bot_until_it_is_lifted() {
    let setup = owned().await;
    let bot = setup.start().await;
    say(&setup, 1, ME, "hello").await;
    assert_eq!(
        say(&setup, 2, OWNER, "/ban 42 too noisy").await,
        "42 · Li\n🚫 Banned: the bot does not answer them any more."
    );
    assert_eq!(say(&setup, 3, OWNER, "/ban 42").await, "42 · Li\n🚫 Banned already.");
    assert!(say(&setup, 4, OWNER, "/users banned").await.contains("\n42 · 🚫 normal · "));
    for (id, text) in [(5, "hello?"), (6, "/whoami"), (7, "/start")] {
        setup.fake.write(id, text);
    }
    let grant = say(&setup, 8, OWNER, "/grant 42 vip").await;
    assert!(grant.ends_with("\nStill banned; /unban lets them in again."), "{grant}");
    assert_eq!(say(&setup, 9, OWNER, "/unban 42").await, "42 · Li\n✅ Not banned any more.");
    assert_eq!(say(&setup, 10, OWNER, "/unban 42").await, "42 · Li\nThey are not banned.");
    let before = finals(&setup.fake, ME).len();
    assert!(say(&setup, 11, ME, "/whoami").await.contains("Level: VIP"));
    assert!(before <= 2, "the banned heard nothing of the bot: {:?}", finals(&setup.fake, ME));
    assert!(bot.endings().await.contains(&("dropped:banned".to_owned(), 3)));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn orders_stand_in_the_order_of_their_arrival() {
    let setup = owned().await;
    let bot = setup.start().await;
    for id in 1..=40 {
        setup.fake.deliver_update(private(id, OWNER, if id % 2 == 1 { "/ban 42" } else { "/unban 42" }));
    }
    setup.fake.until(|fake| finals(fake, OWNER).len() == 40).await;
    let said = finals(&setup.fake, OWNER);
    for (place, words) in said.iter().enumerate() {
        let expected = if place % 2 == 0 { "42\n🚫 Banned: the" } else { "42\n✅ Not banned any" };
        assert!(words.starts_with(expected), "{place}: {words}");
    }
    let stored = bot.store.read(|tx| tx.user(UserId(ME))).await.expect("read").expect("known");
    assert!(!stored.banned);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn what_is_not_understood_says_what_is_missing_with_an_example() {
    let setup = owned().await;
    let bot = setup.start().await;
    let cases = [
        ("/grant", "Say who: ", "Usage: /grant @name vip 30d"),
        ("/grant 10000000000000000000 vip", "Say who: ", "Usage: /grant"),
        ("/grant @<b>li</b> vip", "Say who: ", "Usage: /grant"),
        ("/grant 42", "Say which level", "Usage: /grant"),
        ("/GRANT 42 x", "Say which level", "Usage: /grant"),
        ("/grant 42 vip forever", "Write the time as", "Usage: /grant"),
        ("/grant 42 vip 99999999999999d", "Write the time as", "Usage: /grant"),
        ("/revoke 42 now", "I don't understand", "Usage: /revoke @name"),
        ("/ban", "Say who: ", "Usage: /ban @name reason"),
        ("/unban \u{202e}", "Say who: ", "Usage: /unban @name"),
        ("/grant 99 vip", "That message is not from a person", "Usage: /grant"),
        ("/users king", "Usage: /users, ", ""),
        ("/grant @nobody_here vip", "Nobody here has used the name @nobody_here.", ""),
        ("/grant 42 owner", "Nobody is made owner this way", ""),
        ("/grant 7 guest", "This is the owner", ""),
        ("/revoke 7", "This is the owner", ""),
        ("/ban 7", "This is the owner", ""),
    ];
    for (id, (text, first, last)) in (1_i64..).zip(cases) {
        let said = say(&setup, id, OWNER, text).await;
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with(first) && lines[lines.len() - 1].starts_with(last), "{text}: {said}");
    }
    assert_eq!(bot.store.read(|tx| tx.user(UserId(ME))).await, Ok(None), "nothing was done");
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn in_a_group_the_owner_replies_to_whom_they_mean_and_others_are_not_heard() {
    let setup = owned().await;
    let bot = setup.start().await;
    let mo = || json!({"id": 55, "is_bot": false, "first_name": "Mo", "username": "mo_55"});
    let rose = || json!({"id": 66, "is_bot": true, "first_name": "Rose"});
    setup.fake.deliver_update(in_group(1, ME, "/grant vip", Some(mo())));
    setup.fake.deliver_update(in_group(2, ME, "/users", None));
    setup.fake.deliver_update(in_group(3, OWNER, "/grant vip 2w", Some(mo())));
    setup.fake.until(|fake| fake.texts(GROUP).len() == 1).await;
    let said = &setup.fake.texts(GROUP)[0];
    assert!(said.starts_with("55 · Mo @mo_55\n✅ Level: guest → VIP\nEnds in 14 d"), "{said}");
    setup.fake.deliver_update(in_group(4, OWNER, "/ban", Some(rose())));
    setup.fake.until(|fake| fake.texts(GROUP).len() == 2).await;
    assert!(setup.fake.texts(GROUP)[1].starts_with("That message is not from a person"));
    setup.fake.deliver_update(in_group(5, OWNER, "/users", None));
    setup.fake.until(|fake| fake.texts(GROUP).len() == 3).await;
    assert_eq!(setup.fake.texts(GROUP)[2], "Please use this command in our private chat.");
    assert!(bot.endings().await.contains(&("dropped:owners_command".to_owned(), 2)));
    // Names of a reply are known from then on.
    assert!(say(&setup, 6, OWNER, "/revoke @mo_55").await.starts_with("55 · Mo @mo_55\n"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn somebody_else_gets_a_short_line_for_an_owners_command() {
    let setup = owned().await;
    let bot = setup.start().await;
    let commands = ["/users", "/grant 42 vip", "/revoke 7", "/ban 7", "/unban 42", "/keys"];
    for (id, command) in (1..).zip(commands) {
        assert_eq!(say(&setup, id, ME, command).await, "That is a command for the owner.");
    }
    say(&setup, 7, ME, "/lang zh").await;
    assert_eq!(say(&setup, 8, ME, "/grant 42 vip").await, "这是管理员的命令。");
    assert!(!say(&setup, 9, ME, "/help").await.contains("/grant"));
    assert!(say(&setup, 10, OWNER, "/help").await.contains("\n/grant @name vip 30d "));
    assert!(bot.endings().await.contains(&("refused:owners_command".to_owned(), 7)));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn the_list_shows_who_wrote_last_first_with_names_that_cannot_turn_a_line() {
    let setup = owned().await;
    let bot = setup.start().await;
    for n in 0..25 {
        let name = format!("<b>N{n}</b>\u{202e}\n{}", "x".repeat(100));
        setup.fake.deliver_update(named(private(1 + n, 1000 + n, "/whoami"), &name, &format!("user_{n}")));
        setup.fake.until(|fake| finals(fake, 1000 + n).len() == 1).await;
    }
    say(&setup, 31, OWNER, "/grant 1003 vip 12h").await;
    say(&setup, 32, OWNER, "/grant 77 premium").await;
    let all = say(&setup, 33, OWNER, "/users").await;
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines[0], "👥 27 people: owner 1 · VIP 1 · premium 1 · normal 24");
    assert_eq!(lines.len(), 22, "{all}");
    assert_eq!(lines[21], "Page 1 of 2; next: /users 2");
    let at = |id: &str| lines.iter().position(|line| line.starts_with(id));
    assert!(at("1024 · normal · ") < at("1023 · normal · ") && at("1024").is_some(), "{all}");
    assert!(lines.contains(&"77 · premium · never seen"), "{all}");
    assert!(!all.contains('\u{202e}') && all.contains(" ago · <b>N24</b> xxx"), "{all}");
    let vips = say(&setup, 34, OWNER, "/users vip").await;
    assert!(
        vips.lines().nth(1).is_some_and(|line| line.starts_with("1003 · VIP (ends in 12 h) · ")),
        "{vips}"
    );
    assert_eq!(vips.lines().count(), 2);
    assert_eq!(say(&setup, 35, OWNER, "/users 2").await.lines().count(), 9);
    say(&setup, 36, OWNER, "/lang zh").await;
    let page = say(&setup, 37, OWNER, "/users 9").await;
    assert!(page.starts_with("👥 27 人：管理员 1 · VIP 1 · 高级 1 · 普通 24\n"), "{page}");
    assert!(page.ends_with("\n第 2/2 页，翻页：/users 1"), "{page}");
    assert_eq!(bot.stop().await, Ok(()));
}
