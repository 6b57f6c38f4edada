//! What people see of their role, and what the owner sees of the keys.

use serde_json::json;

use super::buttons::{data_under, press};
use super::{ME, finals};
use crate::domain::chat::UserId;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::telegram::testing::{Setup, private};

pub(super) const OWNER: i64 = 7;

/// Says something in private and hands back what is answered last.
pub(super) async fn say(setup: &Setup, update_id: i64, user: i64, text: &str) -> String {
    let before = finals(&setup.fake, user).len();
    setup.fake.deliver_update(private(update_id, user, text));
    setup.fake.until(|fake| finals(fake, user).len() == before + 1).await;
    finals(&setup.fake, user).pop().expect("an answer")
}

#[tokio::test]
async fn everybody_learns_who_they_are_and_what_they_have_left() {
    let mut setup = Setup::new().await;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    let bot = setup.start().await;
    assert_eq!(say(&setup, 1, ME, "/whoami").await, "ID: 42\nLevel: normal\nMemory: 3 rounds");
    say(&setup, 2, ME, "hello").await;
    let quota = say(&setup, 3, ME, "/quota").await;
    assert!(quota.starts_with("Today 1/40 · this hour 1/20 · memory 3 rounds · resets in "), "{quota}");
    assert_eq!(say(&setup, 4, OWNER, "/whoami").await, "ID: 7\nLevel: owner\nMemory: 10 rounds");
    assert_eq!(say(&setup, 5, OWNER, "/quota").await, "No limit · memory 10 rounds");

    let until = crate::clock::Clock::system().now() + std::time::Duration::from_hours(30 * 24);
    bot.store.commit(move |tx| tx.set_role(UserId(ME), Some(Role::Vip), Some(until))).await.expect("granted");
    let who = say(&setup, 6, ME, "/whoami").await;
    assert!(
        who.starts_with("ID: 42\nLevel: VIP\nMemory: 5 rounds\nEnds in 30 d")
            && who.ends_with("\nVIP seat: none right now; served as premium"),
        "{who}"
    );
    say(&setup, 7, ME, "may I sit?").await;
    assert!(say(&setup, 8, ME, "/whoami").await.ends_with("\nVIP seat: taken"));
    say(&setup, 9, ME, "/lang zh").await;
    let who = say(&setup, 10, ME, "/whoami").await;
    assert!(
        who.starts_with("ID：42\n级别：VIP\n记忆：7 轮\n到期：30 天") && who.ends_with("\nVIP 席位：已入座"),
        "{who}"
    );
    let quota = say(&setup, 11, ME, "/quota").await;
    assert!(quota.starts_with("今日 2/200 · 记忆 7 轮 · ") && quota.ends_with("后重置"), "{quota}");
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn an_anonymous_administrator_is_told_that_they_are_a_guest() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let mut update = private(1, ME, "/whoami");
    update["message"]["chat"] = json!({"id": -100, "type": "supergroup"});
    update["message"]["sender_chat"] = json!({"id": -100, "type": "supergroup"});
    setup.fake.deliver_update(update);
    setup.fake.until(|fake| fake.texts(-100).len() == 1).await;
    assert!(setup.fake.texts(-100)[0].starts_with("You write anonymously"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_chosen_model_serves_the_persons_questions_while_the_role_has_it() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let shown = say(&setup, 1, ME, "/model").await;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines,
        [
            "Model: automatic, by the question",
            "/model auto – automatic",
            "/model flash – always Flash",
            "/model flash-lite – always Flash-Lite"
        ]
    );
    say(&setup, 2, ME, "hi").await;
    assert!(setup.gemini.paths().last().is_some_and(|path| path.contains("flash-lite")));
    assert!(say(&setup, 3, ME, "/model pro").await.starts_with("Pro is not part of your level (normal)."));
    assert!(say(&setup, 4, ME, "/model gpt").await.starts_with("There is no such model."));
    assert_eq!(say(&setup, 5, ME, "/model FLASH").await, "All right: Flash from now on.");
    say(&setup, 6, ME, "hi again").await;
    let path = setup.gemini.paths().pop().expect("asked");
    assert!(path.contains("flash") && !path.contains("lite"), "{path}");

    // A vip chooses pro, and loses it with the role: it is said once.
    bot.store.commit(|tx| tx.set_role(UserId(ME), Some(Role::Vip), None)).await.expect("granted");
    assert_eq!(say(&setup, 7, ME, "/model pro").await, "All right: Pro from now on.");
    say(&setup, 8, ME, "hi once more").await;
    assert!(setup.gemini.paths().last().is_some_and(|path| path.contains("pro")));
    bot.store.commit(|tx| tx.set_role(UserId(ME), None, None)).await.expect("revoked");
    assert!(
        say(&setup, 9, ME, "/model").await.starts_with("Pro, which you chose, is not part of your level")
    );
    let answer = say(&setup, 10, ME, "hi for the last time").await;
    assert!(
        answer.contains("\n\nPro, which you chose, is not part of your level (normal) any more"),
        "{answer}"
    );
    assert!(setup.gemini.paths().last().is_some_and(|path| path.contains("flash-lite")));
    assert_eq!(say(&setup, 11, ME, "bye").await, "echo: bye");
    let stored = bot.store.read(|tx| tx.user(UserId(ME))).await.expect("read").expect("known");
    assert_eq!(stored.model, None::<ModelSlot>);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_model_is_chosen_by_a_button_below_the_list() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let shown = say(&setup, 1, ME, "/model").await;
    let data = data_under(&setup.fake, &shown);
    assert_eq!(data.len(), 3, "automatic, Flash and Flash-Lite");
    press(&setup.fake, 2, ME, 1, &data[1]);
    let now = shown.replace("Model: automatic, by the question", "Model: Flash");
    setup.fake.until(|fake| finals(fake, ME) == [now.clone()]).await;
    let toast = setup.fake.calls("AnswerCallbackQuery");
    assert_eq!(toast.last().map(|call| call["text"].clone()), Some(json!("All right: Flash from now on.")));
    assert_eq!(data_under(&setup.fake, &now), data, "another can be chosen");
    say(&setup, 3, ME, "hi").await;
    assert!(setup.gemini.paths().last().is_some_and(|path| !path.contains("lite")));
    press(&setup.fake, 4, 8, 1, &data[0]);
    press(&setup.fake, 5, ME, 1, &data[0]);
    setup.fake.until(|fake| finals(fake, ME)[0] == shown).await;
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn the_keys_are_shown_to_the_owner_in_private_and_without_their_secrets() {
    let mut setup = Setup::new().await;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    let bot = setup.start().await;
    say(&setup, 1, OWNER, "spend something").await;
    let keys = say(&setup, 2, OWNER, "/keys").await;
    assert!(keys.starts_with("🔑 total 16, usable 16 · resets in "), "{keys}");
    for part in ["\n\nGroup A\nA1 …t-A1 ", "\nD4 …t-D4 ✅ 0/3000 · 0/3000 · 0/3000", " 1/3000"] {
        assert!(keys.contains(part), "{part:?} in {keys}");
    }
    assert!(!keys.contains("fake-key"), "{keys}");
    assert_eq!(say(&setup, 3, ME, "/keys").await, "That is a command for the owner.");
    let in_group = |id: i64, user: i64| {
        let mut update = private(id, user, "/keys");
        update["message"]["chat"] = json!({"id": -100, "type": "supergroup"});
        update
    };
    setup.fake.deliver_update(in_group(4, ME));
    setup.fake.deliver_update(in_group(5, OWNER));
    setup.fake.until(|fake| !fake.texts(-100).is_empty()).await;
    assert_eq!(setup.fake.texts(-100), ["Please use this command in our private chat."]);
    assert!(bot.endings().await.contains(&("dropped:owners_command".to_owned(), 1)));
    assert_eq!(bot.stop().await, Ok(()));
}
