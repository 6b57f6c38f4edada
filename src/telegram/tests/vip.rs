//! The VIP room as people meet it in chat.

use std::time::Duration;

use super::buttons::{data_under, press_as, until_answered};
use super::roles::OWNER;
use super::{finals, until_said};
use crate::domain::chat::UserId;
use crate::domain::role::Role;
use crate::domain::rules::SeatRules;
use crate::telegram::testing::{Bot, FakeBotApi, Setup, private};

const ANN: i64 = 101;
const BOB: i64 = 102;
const CAT: i64 = 103;
const DAN: i64 = 104;
const EVE: i64 = 105;

const IN_LINE: &str =
    "You're number 1 in line for VIP; your turn comes in 10 min at the earliest, and you will be told.";
const ENTERED: &str = "You're in VIP (3/3): 7 rounds; released after 10 min without a message.";

/// A bot with five vips, none of whom sits.
async fn with_vips(setup: &Setup) -> Bot {
    let bot = setup.start().await;
    bot.store
        .commit(|tx| {
            for user in [ANN, BOB, CAT, DAN, EVE] {
                tx.set_role(UserId(user), Some(Role::Vip), None)?;
            }
            Ok(())
        })
        .await
        .expect("stored");
    bot
}

fn say(fake: &FakeBotApi, update_id: i64, user: i64, text: &str) {
    fake.deliver_update(private(update_id, user, text));
}

/// The latest thing said to somebody, once `count` are said.
async fn told(fake: &FakeBotApi, user: i64, count: usize) -> String {
    fake.until(|fake| finals(fake, user).len() == count).await;
    finals(fake, user).pop().unwrap_or_default()
}

/// The data of the button under what was sent to this chat.
fn data_in(fake: &FakeBotApi, chat: i64, text: &str) -> String {
    let calls = fake.calls("SendMessage");
    let call =
        calls.iter().rfind(|call| call["chat_id"] == chat && call["text"] == text).expect("it was said");
    let data = &call["reply_markup"]["inline_keyboard"][0][0]["callback_data"];
    data.as_str().expect("a button").to_owned()
}

/// Ann, Bob and Cat take the three seats.
async fn fill(fake: &FakeBotApi) {
    for (update_id, user, taken) in [(1, ANN, 1), (2, BOB, 2), (3, CAT, 3)] {
        say(fake, update_id, user, "hello");
        let text = told(fake, user, 1).await;
        assert_eq!(
            text,
            format!(
                "echo: hello\n\nYou're in VIP ({taken}/3): 7 rounds; released after 10 min without a message."
            )
        );
    }
}

#[tokio::test]
async fn a_vip_waits_is_called_enters_and_leaves() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    fill(fake).await;

    // Full: served meanwhile, with the time, and a button under the answer.
    say(fake, 10, DAN, "hi");
    let full = told(fake, DAN, 1).await;
    assert_eq!(
        full,
        "echo: hi\n\nVIP seats are full (3/3); the next frees in 10 min. Serving you as premium meanwhile."
    );
    let data = data_under(fake, &full);
    press_as(fake, 11, DAN, &full, data.last().expect("a button"));
    assert_eq!(until_answered(fake, "q11").await, IN_LINE);
    assert_eq!(told(fake, DAN, 2).await, IN_LINE, "the answer stays, the place in the line is said below it");
    assert_eq!(finals(fake, DAN)[0], full);
    say(fake, 12, DAN, "/vip");
    assert_eq!(told(fake, DAN, 3).await, IN_LINE);

    // Somebody gives up their seat: the first in line is called, and enters with the button.
    say(fake, 20, ANN, "/vip leave");
    assert_eq!(told(fake, ANN, 2).await, "You gave up your VIP seat and continue as premium.");
    let held = "Your turn: seat held for 2 min.";
    assert_eq!(told(fake, DAN, 4).await, held);
    say(fake, 21, ANN, "/vip");
    let full = told(fake, ANN, 3).await;
    assert!(full.starts_with("VIP seats are full (3/3); the next frees in 2 min."), "{full}");
    press_as(fake, 22, DAN, held, &data_under(fake, held)[0]);
    assert_eq!(until_answered(fake, "q22").await, ENTERED);
    fake.until(|fake| finals(fake, DAN).last().is_some_and(|text| text == ENTERED)).await;
    say(fake, 23, DAN, "/vip");
    assert_eq!(
        told(fake, DAN, 5).await,
        "You're in VIP (3/3): 7 rounds; released after 10 min without a message. /vip leave gives the seat up."
    );

    // A place in the line that was asked for under /vip is said in its place, and so is the end of it.
    press_as(fake, 30, ANN, &full, &data_under(fake, &full)[0]);
    let in_line = until_answered(fake, "q30").await;
    assert!(in_line.starts_with("You're number 1 in line"), "{in_line}");
    fake.until(|fake| finals(fake, ANN).last() == Some(&in_line)).await;
    // The message is being edited still; the next word for it is not lost.
    press_as(fake, 31, ANN, &in_line, &data_under(fake, &in_line)[0]);
    assert_eq!(until_answered(fake, "q31").await, "You no longer wait for a VIP seat.");
    fake.until(|fake| finals(fake, ANN).last().is_some_and(|text| text.starts_with("You no longer"))).await;
    assert_eq!(finals(fake, ANN).len(), 3);
    say(fake, 32, ANN, "/vip leave");
    assert_eq!(told(fake, ANN, 4).await, "You have no VIP seat and wait for none.");
    say(fake, 33, ANN, "/vip please");
    assert!(told(fake, ANN, 5).await.starts_with("Usage: /vip"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn who_found_no_seat_is_told_when_one_is_free_without_any_button() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    fill(fake).await;
    for (update_id, user) in [(10, DAN), (11, EVE)] {
        say(fake, update_id, user, "hi");
        told(fake, user, 1).await;
    }
    say(fake, 20, BOB, "/vip leave");
    let free = "A VIP seat is free: first come, first served.";
    for user in [DAN, EVE] {
        assert_eq!(told(fake, user, 2).await, free);
    }
    press_as(fake, 21, EVE, free, &data_in(fake, EVE, free));
    assert_eq!(until_answered(fake, "q21").await, ENTERED);
    // Dan is too late, and may wait.
    press_as(fake, 22, DAN, free, &data_in(fake, DAN, free));
    let full = until_answered(fake, "q22").await;
    assert!(full.starts_with("VIP seats are full (3/3)"), "{full}");
    fake.until(|fake| finals(fake, DAN).last() == Some(&full)).await;
    assert_eq!(data_under(fake, &full).len(), 1);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_session_that_ends_is_announced_renewed_and_told_at_its_end() {
    let mut setup = Setup::new().await;
    let seconds = Duration::from_secs;
    setup.rules.seats =
        SeatRules { max_duration: Some(seconds(3)), warning: seconds(2), ..SeatRules::default() };
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    say(fake, 1, ANN, "hello");
    assert_eq!(
        told(fake, ANN, 1).await,
        "echo: hello\n\nYou're in VIP (1/3): 7 rounds; ends in 3 s, or after 10 min without a message."
    );
    let ending = told(fake, ANN, 2).await;
    assert!(ending.starts_with("VIP ends in "), "{ending}");
    press_as(fake, 2, ANN, &ending, &data_under(fake, &ending)[0]);
    assert_eq!(until_answered(fake, "q2").await, "VIP renewed; it ends in 3 s.");
    // It is announced once more, and then it ends.
    assert!(told(fake, ANN, 3).await.starts_with("VIP ends in "));
    let ended = "VIP ended; you continue as premium.";
    assert_eq!(told(fake, ANN, 4).await, ended);
    press_as(fake, 3, ANN, ended, &data_under(fake, ended)[0]);
    assert!(until_answered(fake, "q3").await.starts_with("You're in VIP (1/3)"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn an_idle_seat_is_freed_and_a_hold_that_nobody_uses_goes_on() {
    let mut setup = Setup::new().await;
    let second = Duration::from_secs(1);
    setup.rules.seats = SeatRules { seats: 1, idle: second, hold: second, ..SeatRules::default() };
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    say(fake, 1, ANN, "hello");
    told(fake, ANN, 1).await;
    for (update_id, user) in [(2, BOB), (4, CAT)] {
        say(fake, update_id, user, "/vip");
        let full = told(fake, user, 1).await;
        press_as(fake, update_id + 1, user, &full, &data_under(fake, &full)[0]);
        assert!(until_answered(fake, &format!("q{}", update_id + 1)).await.contains("in line"));
    }
    assert_eq!(told(fake, ANN, 2).await, "VIP ended; you continue as premium.");
    assert_eq!(told(fake, BOB, 3).await, "The hold ran out; the seat went to the next in line.");
    assert_eq!(finals(fake, BOB)[1], "Your turn: seat held for 1 s.");
    assert_eq!(told(fake, CAT, 3).await, "The hold ran out; the seat went to the next in line.");
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn the_room_is_shown_to_the_owner_and_refused_to_others() {
    let mut setup = Setup::new().await;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    fill(fake).await;
    say(fake, 10, OWNER, "/vip");
    let shown = told(fake, OWNER, 1).await;
    assert!(shown.starts_with("You are the owner and need no seat. VIP seats: 3/3."), "{shown}");
    assert!(shown.contains("\nSeat 2: 102, idle "), "{shown}");
    say(fake, 11, 55, "/vip");
    until_said(fake, 55, &["VIP is granted by the owner. Send them your ID: 55"]).await;
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn the_owner_kicks_by_seat_or_id_and_the_cut_answer_says_why() {
    let mut setup = Setup::new().await;
    setup.telegram.owner_ids = vec![UserId(OWNER)];
    let (fake, bot) = (&setup.fake, with_vips(&setup).await);
    fill(fake).await;
    say(fake, 10, BOB, "an endless one");
    fake.until(|fake| fake.texts(BOB).len() == 2).await;
    say(fake, 20, OWNER, "/kick seat:2 too noisy");
    assert_eq!(
        told(fake, OWNER, 1).await,
        "102 · Li\n✅ The VIP session is ended; they can enter again in 10 min."
    );
    let word = "The owner ended your VIP session (too noisy). Your chat is kept; you continue as premium.";
    fake.until(|fake| finals(fake, BOB).iter().any(|text| text == word)).await;
    fake.until(|fake| finals(fake, BOB).len() == 3).await;
    let cut =
        finals(fake, BOB).into_iter().find(|text| text.starts_with("This goes on")).expect("it is kept");
    assert!(cut.ends_with("\n\n⏹ The owner ended your VIP session; the answer stops here."), "{cut}");
    say(fake, 21, BOB, "/vip");
    assert_eq!(
        told(fake, BOB, 4).await,
        "The owner ended your VIP session; you can enter again in 10 min. Serving you as premium meanwhile."
    );
    say(fake, 22, BOB, "and now?");
    assert_eq!(told(fake, BOB, 5).await, "echo: and now?", "served, without a seat");

    let cases = [
        ("/kick 102", "102 · Li\nNo VIP seat, and no place in the line."),
        ("/kick seat:2", "No VIP seat, and no place in the line."),
        ("/kick 103", "103 · Li\n✅ The VIP session is ended; they can enter again in 10 min."),
    ];
    for (n, (order, answer)) in (0..).zip(cases) {
        say(fake, 30 + n, OWNER, order);
        assert_eq!(told(fake, OWNER, 2 + usize::try_from(n).expect("small")).await, answer, "{order}");
    }
    for (n, order) in
        (0..).zip(["/kick", "/KICK x", "/kick 10000000000000000000", "/kick <b>x</b>", "/kick seat:0"])
    {
        say(fake, 40 + n, OWNER, order);
        let usage = told(fake, OWNER, 5 + usize::try_from(n).expect("small")).await;
        assert!(usage.ends_with("Usage: /kick @name reason, or /kick seat:2"), "{order}: {usage}");
    }
    // Nobody else may.
    say(fake, 50, ANN, "/kick 101");
    assert_eq!(told(fake, ANN, 2).await, "That is a command for the owner.");
    say(fake, 51, ANN, "/vip");
    assert!(told(fake, ANN, 3).await.starts_with("You're in VIP (1/3)"));
    assert_eq!(bot.stop().await, Ok(()));
}
