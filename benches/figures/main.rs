//! `just bench`: the figures of svs beside their goals, and beside a peer where one can be had, in one run.
//!
//! | figure | what |
//! |---|---|
//! | T1 | commands that need nobody: wall time of the process; `svs route` with a million requests |
//! | T2 | `svs run`: exec to its first getUpdates; 25 keys, a configuration file, 10,000 users stored |
//! | T3 | `svs ask`: wall time less the time Gemini had the request; beside curl with the same request |
//! | M1 | resident memory of an idle bot |
//! | M2 | resident memory after 20,000 messages over 10,000 chats, and after 200,000 more |
//! | M3 | resident memory while 10,000 chats wait for a key |
//! | S | verbs of the control socket |
//! | L1 | what the bot adds to one message, storage durable: in + out; beside python-telegram-bot without storage |
//! | F  | from Gemini's 40th character to the first words at Telegram |
//! | P  | question to answer, alone and beside a chat with 1,000 messages pending, in or out |
//! | X  | messages a second and processor time per message with 64 chats under way; no goal, the servers limit it too |
//! | K1 | a plan with all reasons at 25 keys |
//! | K2 | a million simulated requests |
//! | K3 | `svs keys check` of 25 keys against a server of 100 ms: four at a time, and all at once |
//! | B1 | crates in the tree, size of the binary, time of a cold build if `SVS_BUILD_SECONDS` tells it |
//!
//! The servers are the sandbox's, in this process, on loopback; svs and its peers are processes of their own, and only
//! those are ended. Times come from the servers' sockets, so the servers' own work counts for nobody. All limits of
//! svs are lifted. `SVS_BINARY` names another program to measure than the one just built, such as the static one.
//! `--quick` takes a third of the messages; names, as in `just bench T2 L1`, only those figures (M1 comes with T2, K
//! means K1 and K2). The peer is installed by pip under `target/tmp` at the first run, and left
//! out with a reason where that fails.
//!
//! **Absolute times say little:** they change with the machine and its load, which the first line tells. Compare
//! runs of one machine at one hour, and the columns of one run. A benchmark judges nothing: the exit code is always 0.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod added;
mod built;
mod crowd;
#[path = "../decisions.rs"]
mod decisions;
mod keys;
mod peers;
mod starts;
mod streaming;
mod table;
mod world;

use std::time::{Duration, Instant};

use added::{Added, Load, many_chats, one_at_a_time};
use table::{Row, heading, mb, micros};
use world::{Fallible, World};

/// An answer that comes whole, and one that is shown while it grows.
const SHORT: &str = "It is four, as far as anybody knows";
const LONG: &str = "Rain falls when the air can no longer hold the water it carries. The drops grow until the wind \
    below cannot hold them either, and then they fall. On their way some of them meet, some of them dry, and what \
    reaches the ground is what is called rain. It has been so for a long time.";

const MESSAGES: usize = 360;
const FIRST_WORDS: usize = 30;
const LOAD: usize = 6000;
const PEER_LOAD: usize = 600;

fn main() {
    // `cargo test --benches` asks for nothing.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let share = if arguments.iter().any(|argument| argument == "--quick") { 3 } else { 1 };
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let show = |id: &'static str, figures: &dyn Fn() -> Fallible<Vec<Row>>| {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == id) {
            show(id, figures());
        }
    };
    let began = Instant::now();
    println!("{}\n", machine());
    heading();
    show("B1", &built::figures);
    show("K", &|| Ok(decisions()));
    show("K3", &|| keys::check(&World::new(false)?));
    show("T1", &|| starts::commands(&World::new(false)?));
    show("T2", &|| World::new(true).and_then(|world| Ok(vec![starts::bot(&world)?, starts::idle(&world)?])));
    show("T3", &|| Ok(vec![starts::ask(&World::new(true)?)?]));
    show("L1", &|| latency(MESSAGES / share));
    show("F", &|| Ok(vec![streaming::first_words(&World::new(true)?, FIRST_WORDS / share)?]));
    show("P", &|| streaming::pending(&World::new(false)?, 30 / share as i64));
    show("X", &|| load(LOAD / share, PEER_LOAD / share));
    show("S", &|| crowd::verbs(&World::new(false)?));
    show("M2", &|| crowd::history(&World::new(false)?, 200_000 / share));
    show("M3", &|| crowd::waiting(&World::new(false)?));
    println!("\n{}; took {:.0} s", machine(), began.elapsed().as_secs_f64());
}

fn show(id: &'static str, rows: Fallible<Vec<Row>>) {
    match rows {
        Ok(rows) => rows.iter().for_each(Row::print),
        Err(error) => Row::new(id, format!("not measured: {error}"), "").print(),
    }
}

/// Cores and load, without which no time means anything.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!("{cores} cores, load {}", load.join(" "))
}

fn decisions() -> Vec<Row> {
    let plans = decisions::plan_times();
    let worst = plans.iter().map(|(_, micros)| *micros).fold(0.0, f64::max);
    let best = plans.iter().map(|(_, micros)| *micros).fold(f64::MAX, f64::min);
    let plan = Row::new("K1", "a plan with all reasons, 25 keys", format!("{best:.2} to {worst:.2} µs"));
    let simulated = decisions::simulation();
    let same = if simulated.same { "the same by seed" } else { "NOT the same by seed" };
    let figure = format!("1,000,000 simulated requests, {same}");
    let met = simulated.million <= 5.0 && simulated.same;
    let simulation = Row::new("K2", figure, format!("{:.2} s", simulated.million)).goal("≤ 5 s", met);
    let ran = format!("({} were simulated)", simulated.requests);
    vec![plan.goal("≤ 3 µs", worst <= 3.0), simulation.beside(ran)]
}

fn latency(messages: usize) -> Fallible<Vec<Row>> {
    let world = World::new(true)?;
    let bot = world.start(world.svs(&["run"])?)?;
    world.first("getUpdates")?;
    world.answers(SHORT, 1000)?;
    let short = one_at_a_time(&world, SHORT, messages)?;
    world.answers(LONG, 24)?;
    let long = one_at_a_time(&world, LONG, messages / 3)?;
    bot.end()?;
    let peer = ptb_latency(messages / 3);
    let or_reason = |of: &dyn Fn(&Added) -> String| match &peer {
        Ok(added) => of(added),
        Err(why) => format!("no peer: {why}"),
    };
    let met =
        short.whole.p50() <= Duration::from_micros(500) && short.whole.p99() <= Duration::from_micros(1500);
    let of_ptb = |added: &Added| format!("python-telegram-bot {}", added.whole.words());
    let whole = Row::new("L1", "added to a short answer, in + out", short.whole.words());
    let split =
        |added: &Added| format!("{:.0} + {:.0} µs p50", micros(added.into.p50()), micros(added.out.p50()));
    Ok(vec![
        whole.goal("500 µs / 1.5 ms", met).beside(or_reason(&of_ptb)),
        Row::new("", "  of that: in + out", split(&short)).beside(or_reason(&split)),
        Row::new(
            "",
            format!("  last byte to first sight ({} calls an answer)", short.calls),
            short.first_sight.words(),
        )
        .beside(or_reason(&|added| added.first_sight.words())),
        Row::new("", format!("added to a streamed answer ({} calls)", long.calls), long.whole.words()),
    ])
}

fn ptb_latency(messages: usize) -> Fallible<Added> {
    let world = World::new(true)?;
    let bot = world.start(peers::ptb(&world)?)?;
    world.first("getUpdates")?;
    world.answers(SHORT, 1000)?;
    let added = one_at_a_time(&world, SHORT, messages)?;
    drop(bot);
    Ok(added)
}

fn load(messages: usize, of_peer: usize) -> Fallible<Vec<Row>> {
    let world = World::new(false)?;
    world.answers(SHORT, 1000)?;
    let bot = world.start(world.svs(&["run"])?)?;
    let ours = many_chats(&world, &bot, SHORT, added::AT_ONCE as i64, messages)?;
    bot.end()?;
    let theirs = ptb_load(of_peer);
    let or_reason = |of: &dyn Fn(&Load) -> String| match &theirs {
        Ok(load) => of(load),
        Err(why) => format!("no peer: {why}"),
    };
    let rate = |load: &Load| format!("{:.0} /s", load.per_second);
    let processor = |load: &Load| format!("{:.0} µs", micros(load.processor));
    let memory = |load: &Load| mb(load.memory);
    Ok(vec![
        Row::new("X", "messages a second, 64 chats under way", rate(&ours)).beside(or_reason(&rate)),
        Row::new("", "processor time per message", processor(&ours)).beside(or_reason(&processor)),
        Row::new("", "resident memory afterwards", memory(&ours)).beside(or_reason(&memory)),
    ])
}

fn ptb_load(messages: usize) -> Fallible<Load> {
    let world = World::new(false)?;
    world.answers(SHORT, 1000)?;
    let bot = world.start(peers::ptb(&world)?)?;
    many_chats(&world, &bot, SHORT, added::AT_ONCE as i64, messages)
}
