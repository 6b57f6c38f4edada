//! F: when the first words of an answer are seen. P: whether a chat with much to do delays another.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::tap::{Passed, Server};
use svs::sandbox::telegram::{ChatSpec, TelegramEvent, User};
use tokio::sync::broadcast::error::TryRecvError;

use super::table::{Row, Times};
use super::world::{Fallible, PATIENCE, World};
use super::{LONG, SHORT};

/// Between two pieces of an answer: longer than any delay that is looked for.
const BETWEEN: Duration = Duration::from_millis(500);
/// A piece has a third of this at least: the first one holds 40 characters.
const CHUNK: usize = 120;
const GOAL: Duration = Duration::from_millis(100);
/// What one chat has before it.
const PENDING: i64 = 1000;

/// F: from the piece that brings the 40th character, leaving Gemini, to the first message of the answer at Telegram.
pub(crate) fn first_words(world: &World, count: usize) -> Fallible<Row> {
    let gemini = world.sandbox()?.gemini();
    gemini.answer(Answer::Text(LONG.to_owned()));
    // Late enough that the native "Thinking…" is there before.
    gemini.set_timing(Timing { first: Duration::from_millis(300), between: BETWEEN, chunk_chars: CHUNK });
    let bot = world.start(world.svs(&["run"])?)?;
    world.first("getUpdates")?;
    let mut times = Vec::with_capacity(count);
    for round in 0..=count {
        world.marks();
        until_answered(world, 7_100_000 + round as i64, LONG)?;
        let marks = world.marks();
        let wrote = |server: Server| move |passed: &Passed, on| on == server && *passed == Passed::Wrote;
        let from_gemini: Vec<Instant> = marks
            .iter()
            .filter(|mark| wrote(Server::Gemini)(&mark.passed, mark.server))
            .map(|mark| mark.at)
            .collect();
        let head = *from_gemini.first().ok_or("Gemini said nothing")?;
        // The head of the reply may leave before its first piece.
        let piece = *from_gemini.iter().rfind(|at| **at < head + BETWEEN / 2).ok_or("no piece")?;
        let opens = |passed: &Passed| matches!(passed, Passed::Read(Some(step)) if step.eq_ignore_ascii_case("sendmessage"));
        let seen = marks.iter().find(|mark| mark.server == Server::Telegram && opens(&mark.passed));
        // The first question is answered by a program that has just begun.
        if round > 0 {
            times.push(seen.ok_or("nothing was sent")?.at.saturating_duration_since(piece));
        }
    }
    bot.end()?;
    let times = Times::new(times);
    let row = Row::new("F", "40 characters at Gemini to the first words seen", times.words());
    Ok(row.goal("p99 ≤ 100 ms", times.p99() <= GOAL))
}

/// P: how much longer others wait for their answers while one chat has a thousand messages before it.
pub(crate) fn pending(world: &World, count: i64) -> Fallible<Vec<Row>> {
    world.answers(SHORT, 1000)?;
    let pace = |bot: &mut std::process::Command| {
        bot.env("SVS_TELEGRAM_PRIVATE_BURST", "6").env("SVS_TELEGRAM_PRIVATE_INTERVAL", "1s");
    };
    let mut command = world.svs(&["run"])?;
    pace(&mut command);
    let bot = world.start(command)?;
    let asks = |first: i64| {
        (0..count).map(|n| until_answered(world, first + n, SHORT)).collect::<Fallible<Vec<_>>>()
    };
    // Whom the bot has never met costs a little more: so it is in all three.
    asks(7_200_000)?;
    let quiet = Times::new(asks(7_210_000)?);

    let telegram = world.sandbox()?.telegram();
    let mut flooded = Vec::new();
    for n in 0..count {
        let flooder = User::new(7_300_000 + n, "Flo").language("en");
        (0..PENDING).for_each(|number| {
            telegram.say(&flooder, &ChatSpec::Private, &format!("message {number}"));
        });
        flooded.push(until_answered(world, 7_220_000 + n, SHORT)?);
    }
    let flooded = Times::new(flooded);
    // What it owes the flooders would take it longer to say than anybody waits.
    drop(bot);

    let state = Connection::open(world.folder().join("state/svs.db"))?;
    state.execute(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?1)
         INSERT INTO outbox (part, chat, user, content, state, created_at)
         SELECT 0, 7200000, 7200000, '{\"words\":\"word ' || x || '\"}', 'pending', 1 FROM n",
        [PENDING],
    )?;
    drop(state);
    let mut command = world.svs(&["run"])?;
    pace(&mut command);
    let bot = world.start(command)?;
    asks(7_230_000)?;
    let behind = Times::new(asks(7_240_000)?);
    drop(bot);

    let row = |figure: &str, times: &Times| {
        let added = |of: Duration, quiet: Duration| of.saturating_sub(quiet);
        let met = added(times.p99(), quiet.p50()) <= GOAL;
        Row::new("P", figure, times.words()).goal("≤ 100 ms more", met)
    };
    Ok(vec![
        Row::new("P", "question to answer, all quiet", quiet.words()),
        row("  beside a chat that sends 1,000 messages", &flooded),
        row("  beside a chat that is owed 1,000 messages", &behind),
    ])
}

/// How long somebody waits until the whole answer stands in their chat.
fn until_answered(world: &World, user: i64, text: &str) -> Fallible<Duration> {
    let telegram = world.sandbox()?.telegram();
    let mut events = telegram.watch();
    let began = Instant::now();
    telegram.say(&User::new(user, "Ann").language("en"), &ChatSpec::Private, "How are you?");
    loop {
        match events.try_recv() {
            Ok(TelegramEvent::Sent(message) | TelegramEvent::Edited(message))
                if message.chat_id == user && message.text == text =>
            {
                return Ok(began.elapsed());
            }
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(_) if began.elapsed() > PATIENCE => {
                return Err(format!("an answer did not come: {}", world.last_words()).into());
            }
            Err(_) => std::thread::sleep(Duration::from_micros(200)),
        }
    }
}
