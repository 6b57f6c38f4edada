//! Every question is answered once and in its order, whatever Telegram does meanwhile, and nobody waits for another.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, TelegramFault as Fault, User};

use crate::support::{World, code, english};

fn person(n: i64) -> User {
    User::new(6000 + n, "P").language("en")
}

/// The messages of the bot in a chat that read so, or read so once.
fn showing<'m>(messages: &'m [SeenMessage], text: &str) -> Vec<&'m SeenMessage> {
    let shows = |message: &&SeenMessage| {
        message.text == text || message.edits.iter().any(|(_, before)| before == text)
    };
    messages.iter().filter(shows).collect()
}

/// Bad input 41, and I11.
#[test]
fn an_update_that_comes_five_times_is_answered_once() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_millis(300), ..Timing::default() });
    let mut daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    let update = telegram.say(&who, &ChatSpec::Private, "only once, please");
    world.wait("the generation", || world.sandbox().gemini().in_flight() == 1);
    // While it is answered, when it is answered, and when all is forgotten but the state.
    assert!(telegram.redeliver(update) && telegram.redeliver(update));
    world.answers(who.id, 1);
    assert!(telegram.redeliver(update));
    world.ask(&who, "another one", 2);
    assert_eq!(code(daemon.terminate()), "0");
    let _daemon = world.start_unlimited();
    assert!(telegram.redeliver(update) && telegram.redeliver(update));
    let seen = world.ask(&who, "the last one", 3);
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert_eq!(world.sandbox().gemini().generations().len(), 3);
}

#[test]
fn each_of_a_hundred_conversations_is_answered_in_its_order_and_commands_overtake() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_millis(1500), ..Timing::default() });
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let people: Vec<User> = (0..100).map(person).collect();
    for n in 1..=4 {
        for who in &people {
            telegram.say(who, &ChatSpec::Private, &format!("{} asks {n}", who.id));
        }
    }
    world.wait("the first generations", || world.sandbox().gemini().in_flight() >= 100);
    for (who, command, begins) in [(7, "/status", "📊"), (50, "/vip", "VIP"), (99, "/help", "Just send")] {
        let chat = people[who].id;
        telegram.say(&people[who], &ChatSpec::Private, command);
        let is_reply = |message: &&SeenMessage| message.from_bot && message.text.starts_with(begins);
        world.wait(command, || telegram.answers(chat).iter().any(|message| is_reply(&message)));
        let messages = telegram.messages(chat);
        let said = messages.iter().find(|message| message.text == command).expect("it was said").at;
        let told = messages.iter().find(is_reply).expect("it came").at;
        assert!(told - said <= 1000, "{command} took {} ms behind four questions", told - said);
    }
    world.wait("all answers", || {
        people.iter().all(|who| !showing(&telegram.answers(who.id), &format!("{} asks 4", who.id)).is_empty())
    });
    let mut generations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for call in world.sandbox().gemini().generations() {
        let body: serde_json::Value = serde_json::from_str(&call.body).expect("JSON");
        let last = body["contents"].as_array().and_then(|turns| turns.last()).expect("a question").clone();
        let text = last["parts"][0]["text"].as_str().expect("text").to_owned();
        generations.entry(text.split(' ').next().expect("a word").to_owned()).or_default().push(text);
    }
    for who in &people {
        let expected: Vec<String> = (1..=4).map(|n| format!("{} asks {n}", who.id)).collect();
        assert_eq!(generations[&who.id.to_string()], expected, "asked in order");
        let seen = telegram.answers(who.id);
        let texts: Vec<&String> =
            seen.iter().map(|message| &message.text).filter(|text| text.contains("asks")).collect();
        assert_eq!(texts, expected.iter().collect::<Vec<_>>(), "answered in order");
    }
}

/// The longest delay, in milliseconds, of some who ask one after the other behind a flood of a thousand messages.
fn behind_a_flood(world: &World, round: i64) -> i64 {
    let (telegram, flooder) = (world.sandbox().telegram(), person(100 * round));
    world.ask(&flooder, "hello", 1);
    for n in 0..1000 {
        telegram.say(&flooder, &ChatSpec::Private, &format!("message {n}"));
    }
    let delay = |n| {
        let who = person(100 * round + n);
        let text = format!("quiet question {n} of {}", who.id);
        telegram.say(&who, &ChatSpec::Private, &text);
        let call =
            || world.sandbox().gemini().generations().into_iter().find(|call| call.body.contains(&text));
        world.wait(&text, || call().is_some());
        call().expect("it came").at - telegram.messages(who.id)[0].at
    };
    let delays: Vec<i64> = (1..=5).map(delay).collect();
    println!("delays behind a flood: {delays:?} ms");
    let words = telegram.answers(flooder.id).len();
    assert!(words < 20, "the flooder is refused in few words, not in {words}");
    delays.into_iter().max().unwrap_or(0)
}

#[test]
fn a_chat_with_a_thousand_messages_delays_no_other() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_millis(500), ..Timing::default() });
    let _daemon = world.start_unlimited();
    // What else the machine does only adds: the least of some floods is what the flood costs.
    let mut least = i64::MAX;
    for round in 0..10 {
        least = least.min(behind_a_flood(&world, round));
        if least <= 100 {
            return;
        }
    }
    panic!("a flood delays the others by {least} ms");
}

#[test]
fn a_fault_of_telegram_never_shows_an_answer_twice_or_not_at_all() {
    let cases = [
        ("sendMessage", Fault::DropAfterAccept, 1, 1),
        ("sendMessage", Fault::Garbage, 1, 1),
        ("sendMessage", Fault::HangAfterAccept, 1, 1),
        ("sendMessage", Fault::Status(500), 2, 0),
        ("sendMessage", Fault::Html(502), 2, 0),
        ("sendMessage", Fault::RetryAfter(2), 1, 0),
        ("sendMessage", Fault::Reset, 2, 0),
        ("editMessageText", Fault::RetryAfter(2), 2, 0),
        ("editMessageText", Fault::Html(502), 3, 0),
        ("editMessageText", Fault::DropAfterAccept, 2, 0),
        ("editMessageText", Fault::Hang, 1, 0),
        ("editMessageText", Fault::Garbage, 2, 0),
        ("sendMessageDraft", Fault::Html(502), 2, 0),
    ];
    std::thread::scope(|scope| {
        for (method, fault, times, orphans) in cases {
            scope.spawn(move || one_fault(method, fault, times, orphans));
        }
    });
}

fn one_fault(method: &str, fault: Fault, times: u64, orphans: usize) {
    let world = World::new();
    let answer = "It is told slowly, so that it is opened, edited and ended. ".repeat(5).trim().to_owned();
    world.sandbox().gemini().answer(Answer::Text(answer.clone()));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(150), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    world.sandbox().telegram().fail(method, fault, times);
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    telegram.say(&who, &ChatSpec::Private, "tell me");
    world.wait_for(&format!("the answer in spite of {method} {fault:?}"), Duration::from_secs(90), || {
        !showing(&telegram.answers(who.id), &answer).is_empty()
    });
    std::thread::sleep(Duration::from_secs(4));
    let seen = telegram.answers(who.id);
    assert_eq!(showing(&seen, &answer).len(), 1, "{method} {fault:?}: {seen:?}");
    assert!(seen.len() <= 1 + orphans, "{method} {fault:?}: {seen:?}");
    assert_eq!(world.sandbox().gemini().generations().len(), 1, "{method} {fault:?}");
}

#[test]
fn another_poller_is_named_and_outlived() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().telegram().fail("getUpdates", Fault::Status(409), 4);
    let _daemon = world.run();
    let seen = world.ask(&english(), "are you there?", 1);
    assert_eq!(seen[0].text, "are you there?");
    assert!(world.log().contains("another process polls"), "{}", world.log());
    let polls = world.sandbox().telegram().calls().iter().filter(|call| call.status == 409).count();
    assert_eq!(polls, 4, "it was not asked more often than it failed");
}

#[test]
fn a_webhook_ends_the_daemon_with_advice_and_stays() {
    let world = World::new();
    let sandbox = world.sandbox();
    let host = sandbox.telegram_url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).expect("the server listens");
    let token = sandbox.bot_token();
    let head =
        format!("POST /bot{token}/setWebhook?url=https://example.org/hook HTTP/1.1\r\nHost: {host}\r\n");
    stream
        .write_all(format!("{head}Content-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
        .expect("sent");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply");
    assert!(reply.contains("true"), "{reply}");
    let mut daemon = world.start(&[]);
    assert_eq!(code(daemon.end(Duration::from_secs(20))), "78", "{}", world.log());
    assert!(world.log().contains("svs webhook delete"), "{}", world.log());
    let calls = sandbox.telegram().calls();
    assert!(!calls.iter().any(|call| call.method == "deleteWebhook"), "it is not ours to delete");
}

/// Bad input 52.
#[test]
fn nobody_writes_again_and_again_to_one_who_blocked_the_bot() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    world.ask(&who, "hello", 1);
    let slow = Timing { first: Duration::from_millis(500), ..Timing::default() };
    world.sandbox().gemini().set_timing(slow);
    telegram.say(&who, &ChatSpec::Private, "and goodbye");
    telegram.set_blocked(who.id, true);
    world.wait("the refusal", || telegram.calls().iter().any(|call| call.status == 403));
    std::thread::sleep(Duration::from_secs(5));
    let refused: Vec<String> =
        telegram.calls().into_iter().filter(|call| call.status == 403).map(|call| call.method).collect();
    let messages =
        refused.iter().filter(|method| *method != "sendMessageDraft" && *method != "sendChatAction");
    assert!(messages.count() <= 1 && refused.len() <= 3, "{refused:?}");
    telegram.set_blocked(who.id, false);
    telegram.say(&who, &ChatSpec::Private, "back again");
    world.wait("the answer", || showing(&telegram.answers(who.id), "back again").len() == 1);
}

/// Twenty people and the answer each will get, with all streams open.
fn twenty_streams(world: &World, between: Duration) -> Vec<(User, String)> {
    let tail = "and so on, word by word, until it is over. ".repeat(8).trim().to_owned();
    let told = tail.clone();
    world.sandbox().gemini().answer(Answer::with(move |asked| format!("{}: {told}", asked.question)));
    world.sandbox().gemini().set_timing(Timing { first: Duration::ZERO, between, chunk_chars: 24 });
    let people: Vec<User> = (0..20).map(person).collect();
    for who in &people {
        world.sandbox().telegram().say(who, &ChatSpec::Private, &format!("question of {}", who.id));
    }
    world.wait("twenty streams", || world.sandbox().gemini().in_flight() == 20);
    people.into_iter().map(|who| (who.clone(), format!("question of {}: {tail}", who.id))).collect()
}

fn all_are_answered_once(world: &World, expected: &[(User, String)]) {
    let telegram = world.sandbox().telegram();
    for (who, text) in expected {
        world.wait_for(text, Duration::from_mins(1), || {
            telegram.answers(who.id).iter().any(|message| message.text == *text)
        });
        let seen = telegram.answers(who.id);
        assert_eq!(showing(&seen, text).len(), 1, "{seen:?}");
    }
}

#[test]
fn twenty_open_streams_are_finished_before_the_end() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    let expected = twenty_streams(&world, Duration::from_millis(300));
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    daemon.ask_to_end();
    // What is said from now on waits for the next start.
    std::thread::sleep(Duration::from_millis(200));
    world.sandbox().telegram().say(&english(), &ChatSpec::Private, "too late?");
    assert_eq!(code(daemon.end(Duration::from_secs(30))), "0", "{}", world.log());
    println!("ended after {:?}", began.elapsed());
    let telegram = world.sandbox().telegram();
    for (who, text) in &expected {
        let seen = telegram.answers(who.id);
        assert_eq!((seen.len(), seen[0].text.as_str()), (1, text.as_str()), "{seen:?}");
    }
    assert_eq!(world.sandbox().gemini().generations().len(), 20);
    assert_eq!(telegram.pending_updates(), 1 + 20 * usize::from(telegram.confirmed_offset() == 0));
    let _daemon = world.start_unlimited();
    world.wait("the late one", || !telegram.answers(english().id).is_empty());
    all_are_answered_once(&world, &expected);
}

#[test]
fn streams_without_end_are_cut_and_answered_at_the_next_start() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    let expected = twenty_streams(&world, Duration::from_secs(5));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    world.sandbox().gemini().set_timing(Timing::default());
    let _daemon = world.start_unlimited();
    all_are_answered_once(&world, &expected);
}

#[test]
fn a_second_signal_ends_at_once_and_loses_nothing() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    let expected = twenty_streams(&world, Duration::from_secs(2));
    std::thread::sleep(Duration::from_secs(1));
    daemon.ask_to_end();
    std::thread::sleep(Duration::from_millis(500));
    assert!(!daemon.has_ended(), "the first lets it finish");
    let began = Instant::now();
    daemon.terminate();
    assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
    world.sandbox().gemini().set_timing(Timing::default());
    let _daemon = world.start_unlimited();
    all_are_answered_once(&world, &expected);
}
