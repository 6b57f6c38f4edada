//! How fast the program is there: T1 commands, T2 the bot, T3 a question from the shell; and M1, what it takes
//! when nothing happens.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use svs::sandbox::tap::{Mark, Passed, Server};

use super::peers::curl;
use super::table::{Row, Times, mb};
use super::world::{Fallible, World};

const COMMAND_RUNS: usize = 60;
const BOT_RUNS: usize = 25;
const ASKS: usize = 60;
const USERS: i64 = 10_000;

/// T1: two commands that need nobody; K2 as an operator has it, the same bytes twice.
pub(crate) fn commands(world: &World) -> Fallible<Vec<Row>> {
    let version = time_of(COMMAND_RUNS, || world.svs(&["--version"]))?;
    let route = time_of(COMMAND_RUNS, || world.svs(&["route", "--role", "vip", "--state", "empty"]))?;
    let million =
        || world.svs(&["route", "--n", "1000000", "--at", "2026-01-31T08:00:00Z", "--state", "empty"]);
    let start = Instant::now();
    let first = million()?.output()?;
    let simulated = start.elapsed();
    let is_same = first.status.success() && first.stdout == million()?.output()?.stdout;
    let same = if is_same { "the same bytes by seed" } else { "NOT the same by seed" };
    let met = is_same && simulated <= Duration::from_secs(5);
    let goal = |times: &Times, ms| times.p50() <= Duration::from_millis(ms);
    Ok(vec![
        Row::new("T1", "svs --version", version.words()).goal("p50 ≤ 2 ms", goal(&version, 2)),
        Row::new("T1", "svs route --role vip, 25 keys", route.words()).goal("p50 ≤ 10 ms", goal(&route, 10)),
        Row::new("K2", format!("svs route --n 1000000, {same}"), format!("{:.2} s", simulated.as_secs_f64()))
            .goal("≤ 5 s", met),
    ])
}

/// Wall time from the start of a command to its end.
fn time_of(runs: usize, command: impl Fn() -> Fallible<Command>) -> Fallible<Times> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let mut command = command()?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status()?;
        times.push(start.elapsed());
        if !status.success() {
            return Err(format!("{command:?} ended with {status}").into());
        }
    }
    Ok(Times::new(times))
}

/// T2: from the start of the bot to its first poll, with 10,000 users in the state.
pub(crate) fn bot(world: &World) -> Fallible<Row> {
    // The first start makes the tables.
    let first = world.start(world.svs(&["run"])?)?;
    world.first("getUpdates")?;
    first.end()?;
    put_users(world)?;
    let mut times = Vec::with_capacity(BOT_RUNS);
    for _ in 0..BOT_RUNS {
        world.marks();
        let running = world.start(world.svs(&["run"])?)?;
        let polled = world.first("getUpdates")?;
        times.push(polled - running.started);
        running.end()?;
    }
    let times = Times::new(times);
    let met = times.p50() <= Duration::from_millis(5);
    let figure = "svs run to its first getUpdates, 10,000 users";
    Ok(Row::new("T2", figure, times.words()).goal("p50 ≤ 5 ms", met))
}

fn put_users(world: &World) -> Fallible<()> {
    let state = world.folder().join("state");
    let is_database = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "db");
    let file = std::fs::read_dir(&state)?.filter_map(|entry| Some(entry.ok()?.path())).find(is_database);
    let mut connection = Connection::open(file.ok_or("there is no database")?)?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO users (user_id, role, started, language, username, first_name, first_seen, last_seen)
             VALUES (?1, ?2, 1, 'en', 'user_' || ?1, 'User', 1790000000000, 1790000000000)",
        )?;
        for user in 0..USERS {
            let role = (user % 50 == 0).then_some("premium");
            insert.execute(rusqlite::params![5_000_000 + user, role])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// M1: resident memory of a bot that nobody talks to.
pub(crate) fn idle(world: &World) -> Fallible<Row> {
    let running = world.start(world.svs(&["run"])?)?;
    world.first("getUpdates")?;
    std::thread::sleep(Duration::from_secs(5));
    let (memory, own) = (running.memory()?, running.own_memory()?);
    running.end()?;
    let row = Row::new("M1", "resident memory of an idle svs run after 5 s", mb(memory));
    let row = row.goal("≤ 9 MB", memory <= 9_000_000);
    Ok(row.beside(format!("({} of it data, the rest pages of the program)", mb(own))))
}

/// T3: `svs ask` beside curl: what each adds to the server's time.
pub(crate) fn ask(world: &World) -> Fallible<Row> {
    world.answers("Four.", 1000)?;
    world.marks();
    let alone = world.svs(&["ask", "2+2?"])?.stderr(Stdio::null()).output()?;
    // This version may need a daemon for it.
    let daemon = if alone.status.success() { None } else { Some(world.start(world.svs(&["run"])?)?) };
    if daemon.is_some() {
        world.first("getUpdates")?;
    }
    let ours = added(world, || world.svs(&["ask", "2+2?"]))?;
    let theirs = added(world, || curl(world));
    if let Some(daemon) = daemon {
        daemon.end()?;
    }
    let figure =
        if alone.status.success() { "svs ask without a daemon" } else { "svs ask, through the daemon" };
    let figure = format!("{figure}, less the server's time");
    let met = ours.p50() <= Duration::from_millis(3);
    let peer = theirs.map_or_else(|why| format!("no curl: {why}"), |times| format!("curl {}", times.words()));
    Ok(Row::new("T3", figure, ours.words()).goal("p50 ≤ 3 ms", met).beside(peer))
}

/// Wall time of a command less the time Gemini had its request.
fn added(world: &World, command: impl Fn() -> Fallible<Command>) -> Fallible<Times> {
    let mut times = Vec::with_capacity(ASKS);
    for _ in 0..ASKS {
        world.marks();
        let mut command = command()?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status()?;
        let wall = start.elapsed();
        if !status.success() {
            return Err(format!("it ended with {status}").into());
        }
        // The server may be a moment behind in saying what it wrote.
        std::thread::sleep(Duration::from_millis(2));
        let marks = world.marks();
        let gemini = |mark: &&Mark| mark.server == Server::Gemini;
        let wrote = marks.iter().filter(gemini).rfind(|mark| mark.passed == Passed::Wrote);
        let read = marks.iter().filter(gemini).find(|mark| mark.passed != Passed::Wrote);
        let (Some(read), Some(wrote)) = (read, wrote) else {
            return Err(format!("{} did not ask Gemini", command.get_program().display()).into());
        };
        times.push(wall.saturating_sub(wrote.at - read.at));
    }
    Ok(Times::new(times))
}
