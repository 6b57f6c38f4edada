//! The crash matrix: the process dies at each of the named points, begins again, and nobody is told twice or forgotten.
//!
//! One test per point, each of some rounds; every round is a world of its own, with another pass of the point.
//! `SVS_MATRIX_ROUNDS=50` for more. A failure prints the line that repeats its round alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use svs::sandbox::gemini::{Answer, GeminiCall, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};

use crate::support::state::Stored;
use crate::support::{Daemon, World, code};

const ROUNDS: u32 = 5;
/// Longer code than a message holds.
static PROGRAM: LazyLock<String> = LazyLock::new(|| "x\n".repeat(121));
/// From the acceptance of a message to the commit of its id, at most.
const UNDER_WAY_MS: i64 = 50;

/// How often a round passes a point for certain.
#[derive(Clone, Copy)]
enum Passes {
    /// Once per batch of updates.
    Batch,
    /// Once per batch but the first.
    NextBatch,
    /// Once per answer.
    Answer,
    /// Many times per answer.
    Piece,
    /// Once per file of an answer.
    File,
}

macro_rules! points {
    ($($point:ident $passes:ident,)*) => {
        /// Checked against the list in the code.
        const POINTS: &[&str] = &[$(stringify!($point)),*];

        $(#[test] fn $point() { matrix(stringify!($point), Passes::$passes); })*
    };
}

points! {
    fetched Batch,
    before_inbox_commit Batch,
    after_inbox_commit Batch,
    before_offset Batch,
    after_offset NextBatch,
    after_debit Answer,
    after_send Answer,
    mid_stream Piece,
    before_answer_commit Answer,
    after_answer_commit Answer,
    after_placeholder Answer,
    before_edit Answer,
    after_edit Answer,
    after_file File,
    after_done Answer,
}

#[test]
fn every_point_in_the_code_has_its_row() {
    let code = include_str!("../../src/failpoint.rs");
    let list = code.split_once("POINTS: [&str; ").expect("the list").1;
    let list = list.split_once("[\n").expect("its begin").1.split_once("];").expect("its end").0;
    let points: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(points, POINTS);
}

/// What a person asked, and where.
struct Question {
    update: i64,
    chat: i64,
    text: String,
}

/// What Gemini said to each question, in the order of its generations.
type Said = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

fn matrix(point: &str, passes: Passes) {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse().expect("a number"));
    let rounds = match number("SVS_MATRIX_ONLY") {
        Some(round) => round..=round,
        None => 1..=number("SVS_MATRIX_ROUNDS").unwrap_or(ROUNDS),
    };
    for round in rounds {
        println!(
            "repeat: SVS_MATRIX_ONLY={round} cargo test --features failpoints --test it crash::{point} -- --exact"
        );
        let last = match passes {
            Passes::Batch | Passes::Answer | Passes::File => 5,
            Passes::NextBatch => 4,
            Passes::Piece => 20,
        };
        let pass =
            if matches!(passes, Passes::Piece) { 1 + (round * 7) % last } else { 1 + (round - 1) % last };
        // In every other round all speak at once, where the pass allows it.
        let is_burst = round.is_multiple_of(2) && !matches!(passes, Passes::Batch | Passes::NextBatch);
        one_round(point, pass, is_burst);
    }
}

fn one_round(point: &str, pass: u32, is_burst: bool) {
    let world = World::new();
    let has_files = point == "after_file";
    let said = slow_answers(&world, has_files);
    let mut daemon = world.start(&[("SVS_CRASH_AT", &format!("{point}:{pass}"))]);
    let mut questions = Vec::new();
    for n in 0..5 {
        let telegram = world.sandbox().telegram();
        let shown = || telegram.calls().iter().filter(|call| call.method == "sendMessage").count();
        let before = shown();
        questions.push(ask(&world, n));
        if !is_burst {
            // So that each comes in a batch of its own, and no two are opened at once however busy the machine is.
            world.wait("the opening", || shown() > before || daemon.has_ended());
        }
    }
    assert_eq!(code(daemon.end(Duration::from_secs(30))), "signal 6", "{}", world.log());
    let gemini = world.sandbox().gemini();
    world.wait("the end of the dead one's calls", || gemini.in_flight() == 0);
    std::thread::sleep(Duration::from_millis(50));
    let at_death = Stored::read(&world.folder().join("state"), world.sandbox());
    let before = gemini.generations();
    let files = latest_files(&world, &questions);
    every_send_was_debited(&at_death, &before);

    let mut daemon = world.start(&[]);
    until_quiet(&world, &mut daemon, &said, &questions);
    let at_end = Stored::read(&world.folder().join("state"), world.sandbox());
    let after = gemini.generations();
    every_send_was_debited(&at_end, &after);
    every_question_has_one_answer(&world, &said, &questions, is_burst);
    for question in &questions {
        assert!(at_end.is_answered(question.update), "{}", question.text);
        let generations = |calls: &[GeminiCall]| calls.iter().filter(|call| is_for(call, question)).count();
        let (first, all) = (generations(&before), generations(&after));
        if at_death.is_answered(question.update) {
            assert_eq!(all, first, "asked again although its answer was stored: {}", question.text);
        }
        assert!(all <= first + 1, "{all} generations, {first} before the death: {}", question.text);
    }
    if has_files {
        every_file_arrived(&world, &questions, &files);
    }
    if point == "after_answer_commit" {
        assert!(
            questions.iter().any(|question| at_death.is_answered(question.update)),
            "the point lies behind a stored answer"
        );
    }
}

/// When the latest file came into each chat.
fn latest_files(world: &World, questions: &[Question]) -> BTreeMap<i64, i64> {
    let telegram = world.sandbox().telegram();
    let latest = |chat| {
        let files =
            telegram.answers(chat).into_iter().filter(|message| !telegram.files_of(message).is_empty());
        files.map(|message| message.at).max()
    };
    questions.iter().filter_map(|question| Some((question.chat, latest(question.chat)?))).collect()
}

/// A file may arrive twice, and only where the kill lies between Telegram and our disk: once in a chat, the latest there
/// at the death, and where that was in several, at one moment.
fn every_file_arrived(world: &World, questions: &[Question], at_death: &BTreeMap<i64, i64>) {
    let telegram = world.sandbox().telegram();
    let chats: BTreeSet<i64> = questions.iter().map(|question| question.chat).collect();
    let mut twice = Vec::new();
    for chat in chats {
        let asked = questions.iter().filter(|question| question.chat == chat).count();
        let messages = telegram.answers(chat);
        let files: Vec<_> = messages.iter().flat_map(|message| telegram.files_of(message)).collect();
        assert!(files.iter().all(|file| file.bytes == PROGRAM.as_bytes()), "{files:?}");
        assert!((asked..=asked + 1).contains(&files.len()), "{} files in {chat}", files.len());
        if files.len() > asked {
            twice.push(*at_death.get(&chat).expect("a file that came twice came before the death"));
        }
    }
    let apart = twice.iter().max().unwrap_or(&0) - twice.iter().min().unwrap_or(&0);
    assert!(apart <= UNDER_WAY_MS, "files that arrived twice, of more than one moment: {twice:?}");
}

/// Slow answers of which the server remembers every one, as it is to be seen: two generations never say the same.
fn slow_answers(world: &World, with_file: bool) -> Said {
    let said = Said::default();
    let heard = Arc::clone(&said);
    world.sandbox().gemini().answer(Answer::with(move |asked| {
        let mut said = heard.lock().expect("no panic");
        let texts = said.entry(asked.question.clone()).or_default();
        let lead = format!("Answer {} to {}: ", texts.len() + 1, asked.question);
        let text = lead + "it is a long story, told word by word. ".repeat(6).trim();
        if !with_file {
            texts.push(text.clone());
            return text;
        }
        texts.push(format!("{text}\n\n📎 a.txt"));
        format!("{text}\n\n```text title=\"a.txt\"\n{}```", &*PROGRAM)
    }));
    let timing =
        Timing { first: Duration::from_millis(60), between: Duration::from_millis(60), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(timing);
    said
}

/// The n-th question: three people in private, two in a group.
fn ask(world: &World, n: i64) -> Question {
    let telegram = world.sandbox().telegram();
    let person = User::new(5000 + n, "P").language("en");
    let text = format!("question {n} of {}", person.id);
    let (chat, update) = if n < 3 {
        (ChatSpec::Private, telegram.say(&person, &ChatSpec::Private, &text))
    } else {
        let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
        let update = telegram.say(&person, &group, &format!("/ask {text}"));
        (group, update)
    };
    Question { update, chat: chat.chat_id(&person), text }
}

fn is_for(call: &GeminiCall, question: &Question) -> bool {
    call.body.contains(&question.text)
}

/// A debit comes before its first byte, and only what was in flight is wasted.
fn every_send_was_debited(stored: &Stored, generations: &[GeminiCall]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for call in generations {
        *seen.entry(call.key.to_string()).or_default() += 1;
    }
    for (key, seen) in &seen {
        let debited = stored.sends.get(key).copied().unwrap_or(0);
        assert!(debited >= *seen, "{key}: {seen} generations, {debited} debits");
    }
    let (debits, seen) = (stored.sends.values().sum::<usize>(), seen.values().sum::<usize>());
    assert!(debits - seen <= stored.open_sends, "{debits} debits, {seen} generations: {stored:?}");
}

/// Waits until every question shows one of the texts Gemini gave, then ends the daemon: it says what it still has.
fn until_quiet(world: &World, daemon: &mut Daemon, said: &Said, questions: &[Question]) {
    let telegram = world.sandbox().telegram();
    for question in questions {
        world.wait_for(&question.text, Duration::from_mins(1), || {
            telegram.answers(question.chat).iter().any(|message| is_final(said, question, &message.text))
        });
    }
    world.wait("the confirmation of all updates", || telegram.pending_updates() == 0);
    // Whatever is said too much comes now.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
}

fn is_final(said: &Said, question: &Question, text: &str) -> bool {
    said.lock()
        .expect("no panic")
        .get(&question.text)
        .is_some_and(|texts| texts.iter().any(|said| said == text))
}

/// What the bot said in a chat, without files.
fn texts(world: &World, chat: i64) -> Vec<SeenMessage> {
    let telegram = world.sandbox().telegram();
    telegram.answers(chat).into_iter().filter(|message| telegram.files_of(message).is_empty()).collect()
}

fn every_question_has_one_answer(world: &World, said: &Said, questions: &[Question], is_burst: bool) {
    let mut chats: BTreeMap<i64, Vec<SeenMessage>> = BTreeMap::new();
    for question in questions {
        let messages = chats.entry(question.chat).or_insert_with(|| texts(world, question.chat));
        // Every text the bot ever showed, with its message.
        let ever = messages.iter().flat_map(|message| {
            message
                .edits
                .iter()
                .map(move |(_, text)| (message.message_id, text))
                .chain([(message.message_id, &message.text)])
        });
        let mut finals: Vec<(i64, &String)> =
            ever.filter(|(_, text)| is_final(said, question, text)).collect();
        finals.dedup();
        assert_eq!(finals.len(), 1, "{}: {finals:?}\n{messages:?}", question.text);
    }
    let all_said = said.lock().expect("no panic");
    let is_orphan = |message: &&SeenMessage| {
        !questions.iter().any(|question| all_said[&question.text].contains(&message.text))
    };
    let mut orphans: Vec<&SeenMessage> = Vec::new();
    for messages in chats.values() {
        // One writer per chat: a kill finds at most one of its openings between Telegram and our disk.
        let here: Vec<&SeenMessage> = messages.iter().filter(is_orphan).collect();
        assert!(here.len() <= 1, "one kill leaves at most one orphan in a chat: {here:?}");
        orphans.extend(here);
    }
    // Only where all speak at once are there several, and then of one moment.
    assert!(is_burst || orphans.len() <= 1, "{orphans:?}");
    let sent = || orphans.iter().map(|orphan| orphan.at);
    let apart = sent().max().unwrap_or(0) - sent().min().unwrap_or(0);
    assert!(apart <= UNDER_WAY_MS, "orphans of more than one moment: {orphans:?}");
    for orphan in orphans {
        let whole = all_said.values().flatten().find(|text| orphan.text.contains(text.as_str()));
        assert_eq!(whole, None, "an orphan never holds a final text");
    }
}
