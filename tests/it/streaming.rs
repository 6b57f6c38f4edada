//! An answer that is being written: seen, stopped, continued; what stands under it; and that its end arrives.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::Options;
use svs::sandbox::gemini::{Answer, Ending, GeminiCall, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, TelegramFault as Fault, User};

use crate::support::{World, chinese, english, is_final, turns};

/// Longer than any test waits.
fn tale() -> String {
    "Once upon a time there was a fox who wrote without an end. ".repeat(60)
}

const SLOW: Timing =
    Timing { first: Duration::from_millis(500), between: Duration::from_millis(150), chunk_chars: 24 };

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("a date")
}

/// The labels and the data of the buttons under a message.
fn buttons(message: &SeenMessage) -> Vec<(String, String)> {
    let rows = message.markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let text = |button: &Value, name: &str| button[name].as_str().expect("a text").to_owned();
    let all = rows.iter().flat_map(|row| row.as_array().expect("a row").iter());
    all.map(|button| (text(button, "text"), text(button, "callback_data"))).collect()
}

fn labels(message: &SeenMessage) -> Vec<String> {
    buttons(message).into_iter().map(|(label, _)| label).collect()
}

/// Presses a button of a message; what the press was answered.
fn press(world: &World, who: &User, message: &SeenMessage, data: &str) -> String {
    let telegram = world.sandbox().telegram();
    let (_, query) = telegram.press(who, message.chat_id, message.message_id, data);
    let answer = || {
        let of_it = |params: &Value| params["callback_query_id"] == query.as_str();
        let mut calls = telegram.calls().into_iter().filter(|call| call.method == "answerCallbackQuery");
        calls.find(|call| of_it(&call.params))
    };
    world.wait("an answer to the press", || answer().is_some());
    answer().expect("it came").params["text"].as_str().unwrap_or_default().to_owned()
}

/// The generations whose request holds this text.
fn asked(world: &World, text: &str) -> Vec<GeminiCall> {
    world.sandbox().gemini().generations().into_iter().filter(|call| call.body.contains(text)).collect()
}

/// Waits for the n-th message of the bot in a chat to be as it stays.
fn settled(world: &World, chat: i64, n: usize) -> SeenMessage {
    let telegram = world.sandbox().telegram();
    let message = || telegram.answers(chat).into_iter().nth(n - 1);
    let is_settled =
        |message: SeenMessage| is_final(&message) && !message.text.is_empty() && !message.text.ends_with('▌');
    world.wait(&format!("message {n} in chat {chat}"), || message().is_some_and(is_settled));
    message().expect("it came")
}

/// The rounds that are stored of a chat.
fn rounds(world: &World, chat: i64) -> Vec<(String, String)> {
    let state = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    let mut select = state
        .prepare("SELECT message_text, response_text FROM chat_history WHERE chat_id = ?1 ORDER BY id")
        .expect("the table has these columns");
    let rows = select.query_map([chat], |row| Ok((row.get(0)?, row.get(1)?))).expect("readable");
    rows.collect::<Result<_, _>>().expect("readable")
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Command,
    Button,
    Draft,
}

#[test]
fn every_stop_cuts_upstream_within_a_second_though_the_lane_is_busy() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| {
        if asked.question.contains("tale") { tale() } else { asked.question.clone() }
    }));
    world.sandbox().gemini().set_timing(SLOW);
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    for (n, way) in [Way::Command, Way::Button, Way::Draft].into_iter().enumerate() {
        let who = User::new(7100 + n as i64, "P").language("en");
        let question = format!("the tale of {}", who.id);
        telegram.say(&who, &ChatSpec::Private, &question);
        let drafts = || {
            let calls = telegram.calls().into_iter().filter(|call| call.method == "sendMessageDraft");
            calls.filter(|call| call.params["chat_id"] == who.id).collect::<Vec<_>>()
        };
        world.wait("the draft", || !drafts().is_empty());
        assert!(drafts()[0].params["can_stop"] == true && drafts()[0].params["text"] == "");
        for text in ["two", "three"] {
            telegram.say(&who, &ChatSpec::Private, &format!("{text} of {}", who.id));
        }
        let eyes = |message: &SeenMessage| message.reactions == ["👀"];
        world.wait("the eyes", || {
            telegram.messages(who.id).iter().filter(|message| eyes(message)).count() == 2
        });
        world.wait("the opening", || !telegram.answers(who.id).is_empty());
        let opened = telegram.answers(who.id)[0].clone();
        assert_eq!(labels(&opened), ["⏹ Stop"]);
        let at = now();
        match way {
            Way::Command => {
                telegram.say(&who, &ChatSpec::Private, "/stop");
            }
            Way::Button => {
                assert_eq!(press(&world, &who, &opened, &buttons(&opened)[0].1), "Stopping…");
            }
            Way::Draft => {
                let draft = drafts()[0].params["draft_id"].as_i64().expect("a number");
                // The draft of another answer stops nothing.
                telegram.stop_draft(&who, draft + 1000);
                std::thread::sleep(Duration::from_millis(400));
                assert_eq!(asked(&world, &question)[0].ended, None);
                telegram.stop_draft(&who, draft);
            }
        }
        let stopped = settled(&world, who.id, 1);
        let (ended, how, _) = asked(&world, &question)[0].ended.expect("it is over");
        let took = ended - at - if way == Way::Draft { 400 } else { 0 };
        assert!(how == Ending::Cut && took <= 1000, "{way:?}: {how:?} after {took} ms");
        let kept = stopped.text.strip_suffix("\n\n⏹ Stopped.").expect("it says so");
        assert!(kept.len() > 20 && tale().starts_with(kept), "{kept}");
        assert_eq!(labels(&stopped), ["▶️ Continue"]);
        assert_eq!(settled(&world, who.id, 3).text, format!("three of {}", who.id));
        let kept_round = &rounds(&world, who.id)[0];
        assert!(kept_round.0 == question && kept_round.1.trim_end() == kept, "{kept_round:?}");
    }
}

#[test]
fn a_stopped_answer_goes_on_where_it_stopped_and_is_one_round() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| match asked.question.as_str() {
        "讲个长故事" => tale(),
        question if question.contains("中断") && asked.rounds == 1 => "……于是它停下了。".to_owned(),
        question => format!("答：{question}"),
    }));
    world.sandbox().gemini().set_timing(SLOW);
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), chinese());
    telegram.say(&who, &ChatSpec::Private, "讲个长故事");
    world.wait("the opening", || !telegram.answers(who.id).is_empty());
    telegram.say(&who, &ChatSpec::Private, "/stop");
    let stopped = settled(&world, who.id, 1);
    assert!(stopped.text.ends_with("\n\n⏹ 已停止。"), "{}", stopped.text);
    assert_eq!(labels(&stopped), ["▶️ 继续"]);
    let kept = rounds(&world, who.id)[0].1.clone();

    world.sandbox().gemini().set_timing(Timing::default());
    let data = buttons(&stopped)[0].1.clone();
    assert_eq!(press(&world, &english(), &stopped, &data), "This button isn't for you.");
    assert_eq!(press(&world, &who, &stopped, &data.replace("c:", "b:")), "这个按钮已经失效。");
    assert_eq!(press(&world, &who, &stopped, &data), "");
    let continued = settled(&world, who.id, 2);
    assert_eq!(continued.text, "续上条\n\n……于是它停下了。");
    assert_eq!(labels(&continued), ["🔄 重答", "🧹 新对话"]);
    let call = asked(&world, "中断").pop().expect("it was asked");
    assert!(call.flags.is_empty(), "{:?}", call.flags);
    let turns_of = turns(&call);
    let user = |text: &str| ("user".to_owned(), text.to_owned());
    assert_eq!(turns_of[..2], [user("讲个长故事"), ("model".to_owned(), kept.clone())]);
    assert!(turns_of.len() == 3 && turns_of[2].0 == "user", "{turns_of:?}");
    let whole = format!("{kept}……于是它停下了。");
    assert_eq!(rounds(&world, who.id), [("讲个长故事".to_owned(), whole.clone())]);

    assert_eq!(press(&world, &who, &stopped, &data), "只有最新的回答可以重答或继续。");
    telegram.say(&who, &ChatSpec::Private, "然后呢");
    settled(&world, who.id, 3);
    let last = world.sandbox().gemini().generations().pop().expect("asked");
    assert_eq!(turns(&last), [user("讲个长故事"), ("model".to_owned(), whole), user("然后呢")]);
    assert_eq!(settled(&world, who.id, 3).text, "答：然后呢");
}

#[test]
fn an_edit_takes_the_place_of_every_part_of_an_answer_that_was_continued() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| {
        if asked.question.contains("another") { "Another answer.".to_owned() } else { tale() }
    }));
    world.sandbox().gemini().set_timing(SLOW);
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    telegram.say(&who, &ChatSpec::Private, "a tale");
    let asked = telegram.messages(who.id)[0].message_id;
    // Stopped twice and continued twice.
    for part in 1..=3 {
        world.wait("the opening", || telegram.answers(who.id).len() == part);
        telegram.say(&who, &ChatSpec::Private, "/stop");
        let stopped = settled(&world, who.id, part);
        if part < 3 {
            press(&world, &who, &stopped, &buttons(&stopped)[0].1);
        }
    }
    let first = telegram.answers(who.id)[0].message_id;
    world.sandbox().gemini().set_timing(Timing::default());
    telegram.edit(who.id, asked, "another question");
    let rest = || telegram.answers(who.id).into_iter().map(|message| (message.message_id, message.text));
    let only = vec![(first, "Another answer.".to_owned())];
    world.wait("nothing but the new answer", || rest().collect::<Vec<_>>() == only);
    assert_eq!(rounds(&world, who.id), [("another question".to_owned(), "Another answer.".to_owned())]);
}

#[test]
fn a_guest_in_a_group_continues_too_and_a_failure_to_is_repeated_in_its_place() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| {
        let goes_on = asked.question.contains("cut off");
        if goes_on { format!("[{} turns before]", asked.rounds) } else { tale() }
    }));
    world.sandbox().gemini().set_timing(SLOW);
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), User::new(7200, "Gus").language("en"));
    let group = ChatSpec::supergroup(-1_001_234_567_891, "friends");
    let chat = group.chat_id(&who);
    telegram.say(&who, &group, "/ask for a tale");
    world.wait("the opening", || !telegram.answers(chat).is_empty());
    telegram.say(&who, &group, "/stop");
    let stopped = settled(&world, chat, 1);

    world.sandbox().gemini().fail("*=empty").expect("a known fault");
    press(&world, &who, &stopped, &buttons(&stopped)[0].1);
    let failed = settled(&world, chat, 2);
    assert!(failed.text.starts_with("The model returned nothing."), "{}", failed.text);
    assert_eq!(labels(&failed), ["🔄 Retry"]);
    world.sandbox().gemini().clear_faults();
    press(&world, &who, &failed, &buttons(&failed)[0].1);
    let is_there = || telegram.answers(chat)[1].text == "continued\n\n[1 turns before]";
    world.wait("the rest in the place of the failure", is_there);
    assert_eq!(telegram.answers(chat)[1].reply_to, stopped.reply_to, "it answers the question");
    assert_eq!((telegram.answers(chat).len(), rounds(&world, chat).len()), (2, 1));
}

#[test]
fn what_ends_before_its_end_can_be_continued() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("One two three four five six.".to_owned()));
    let _daemon = world.start_unlimited();
    world.sandbox().gemini().fail("*=maxtokens@1").expect("a known fault");
    let seen = world.ask(&english(), "count", 1);
    assert!(seen[0].text.ends_with("\n\n(The answer reached its length limit.)"), "{}", seen[0].text);
    assert_eq!(labels(&seen[0]), ["▶️ Continue", "🔄 Retry", "🧹 New"]);
    world.sandbox().gemini().fail("*=safety@1").expect("a known fault");
    let seen = world.ask(&english(), "count on", 2);
    assert_eq!(labels(&seen[1]), ["🔄 Retry", "🧹 New"]);
}

#[test]
fn the_buttons_under_an_answer_retry_the_latest_only_and_begin_anew() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon =
        world.start_unlimited_with(&[("SVS_TELEGRAM_FOOTER", "true"), ("SVS_ROLES_NORMAL_PER_DAY", "40")]);
    let who = english();
    let first = world.ask(&who, "one", 1)[0].clone();
    assert_eq!(first.text, "one\n\nFlash-Lite · 39 left today");
    let second = world.ask(&who, "two", 2)[1].clone();
    assert_eq!(labels(&second), ["🔄 Retry", "🧹 New"]);
    let words = press(&world, &who, &first, &buttons(&first)[0].1);
    assert_eq!(words, "Only the latest answer can be asked again or continued.");
    assert_eq!(press(&world, &who, &second, &buttons(&second)[0].1), "");
    let again = settled(&world, who.id, 3);
    assert_eq!(again.text, "two\n\nFlash-Lite · 37 left today");
    assert_eq!(press(&world, &who, &again, &buttons(&again)[1].1), "");
    let cleared = settled(&world, who.id, 4);
    assert_eq!(cleared.text, "New conversation (2 rounds cleared).");
    world.wait("the buttons to go", || labels(&world.sandbox().telegram().answers(who.id)[2]).is_empty());
    assert_eq!(press(&world, &who, &second, &buttons(&second)[0].1), "This button no longer works.");
    assert_eq!(world.sandbox().gemini().generations().len(), 3);
}

#[test]
fn a_server_without_drafts_and_reactions_is_asked_for_them_once() {
    let world = World::with(Options { drafts: false, ..Options::default() });
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(SLOW);
    world.sandbox().telegram().fail("setMessageReaction", Fault::Status(404), 100);
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    for n in 0..4 {
        let who = User::new(7300 + n, "P").language("en");
        telegram.say(&who, &ChatSpec::Private, "one");
        telegram.say(&who, &ChatSpec::Private, "two");
        world.wait("both answers", || telegram.answers(who.id).iter().any(|message| message.text == "two"));
        let queued = |message: &SeenMessage| message.text.starts_with("Still answering the last one");
        assert!(telegram.answers(who.id).iter().any(queued), "what no reaction says, words say");
    }
    let count = |method: &str| telegram.calls().iter().filter(|call| call.method == method).count();
    assert_eq!((count("sendMessageDraft"), count("setMessageReaction")), (1, 1));
    assert!(count("sendChatAction") >= 4);
}

#[test]
fn two_sends_are_kept_for_the_end_of_a_long_answer() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text(tale()));
    let timing = Timing { first: Duration::ZERO, between: Duration::from_millis(100), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(timing);
    // Four at once, and none comes back before the end.
    let _daemon = world.start_unlimited_with(&[
        ("SVS_TELEGRAM_PRIVATE_BURST", "4"),
        ("SVS_TELEGRAM_PRIVATE_INTERVAL", "30s"),
    ]);
    let who = english();
    world.sandbox().telegram().say(&who, &ChatSpec::Private, "a tale");
    let ended = || world.sandbox().gemini().generations().first().and_then(|call| call.ended);
    world.wait("the end upstream", || ended().is_some());
    let message = settled(&world, who.id, 1);
    assert_eq!(message.text.trim_end(), tale().trim_end());
    let (at, shown) = (ended().expect("it is over").0, message.edits.last().expect("edits").0);
    assert!(shown - at <= 1000, "{} edits, the last after {} ms", message.edits.len(), shown - at);
    assert_eq!(message.edits.len(), 2, "one while it grew");
}

#[test]
fn a_pause_is_kept_in_its_chat_and_nowhere_else() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_millis(6500), ..SLOW });
    world.sandbox().telegram().fail("sendMessageDraft", Fault::RetryAfter(6), 1);
    let _daemon = world.start_unlimited();
    let (telegram, paused, other) = (world.sandbox().telegram(), chinese(), english());
    telegram.say(&paused, &ChatSpec::Private, "paused");
    let limited = || telegram.calls().into_iter().find(|call| call.status == 429);
    world.wait("the limit", || limited().is_some());
    let from = limited().expect("it came");
    telegram.say(&other, &ChatSpec::Private, "other");
    assert_eq!(settled(&world, paused.id, 1).text, "paused");
    assert_eq!(settled(&world, other.id, 1).text, "other");
    let calls = telegram.calls();
    let within = |chat: i64| {
        let of_chat = calls.iter().filter(|call| call.params["chat_id"] == chat && call.status == 200);
        of_chat.filter(|call| (from.at + 1..from.at + 6000).contains(&call.at)).count()
    };
    assert_eq!(within(paused.id), 0, "not a sign of life while Telegram wants a pause");
    assert!(within(other.id) >= 1, "the other chat goes on");
}

#[test]
fn an_answer_arrives_once_after_a_row_of_faults_and_a_kill() {
    let world = World::new();
    let told = tale();
    world.sandbox().gemini().answer(Answer::Text(told.clone()));
    world.sandbox().gemini().set_timing(Timing { between: Duration::from_millis(20), ..SLOW });
    let telegram = world.sandbox().telegram();
    for (method, fault, times) in [
        ("sendMessage", Fault::RetryAfter(1), 2),
        ("sendMessage", Fault::Html(502), 1),
        ("sendMessage", Fault::Reset, 1),
        ("editMessageText", Fault::Status(500), 2),
        ("editMessageText", Fault::RetryAfter(1), 2),
        ("editMessageText", Fault::DropAfterAccept, 1),
        ("editMessageText", Fault::Html(502), 60),
    ] {
        telegram.fail(method, fault, times);
    }
    let mut daemon = world.start_unlimited();
    let who = english();
    telegram.say(&who, &ChatSpec::Private, "a tale");
    world.wait("the end upstream", || {
        world.sandbox().gemini().generations().first().is_some_and(|call| call.ended.is_some())
    });
    std::thread::sleep(Duration::from_secs(2));
    daemon.kill();
    assert!(telegram.answers(who.id).iter().all(|message| message.text.trim_end() != told.trim_end()));
    let _daemon = world.start_unlimited();
    std::thread::sleep(Duration::from_secs(2));
    telegram.clear_faults();
    let finals = || {
        let answers = telegram.answers(who.id);
        answers.into_iter().filter(|message| message.text.trim_end() == told.trim_end()).count()
    };
    world.wait_for("the answer", Duration::from_mins(1), || finals() == 1);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!((finals(), world.sandbox().gemini().generations().len()), (1, 1));
}
