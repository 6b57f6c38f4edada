//! What ten thousand chats take: M2 with their history, M3 while all of them wait; and S, the verbs of the control socket
//! by which operators look at them.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use svs::sandbox::telegram::{ChatSpec, User};

use super::SHORT;
use super::added::many_chats;
use super::table::{Row, Times, mb};
use super::world::{Fallible, World};

/// Ten thousand, and a multiple of those who are answered at once.
const PEOPLE: i64 = 10_048;
const WAITING: i64 = 10_000;
/// More of them than are served while the others come.
const SPARE: i64 = 500;
const VERBS: usize = 200;

/// M2: memory after two messages of each chat, and whether it stays there.
pub(crate) fn history(world: &World, more: usize) -> Fallible<Vec<Row>> {
    world.answers(SHORT, 1000)?;
    let bot = world.start(world.svs(&["run"])?)?;
    let after = many_chats(world, &bot, SHORT, PEOPLE, 20_000)?.memory;
    let later = many_chats(world, &bot, SHORT, PEOPLE, more)?.memory;
    bot.end()?;
    let growth = (later as f64 / after as f64 - 1.0) * 100.0;
    let memory = Row::new("M2", "resident after 20,000 messages, 10,000 chats", mb(after));
    let steady = Row::new("M2", format!("growth over {more} more"), format!("{growth:+.1} %"));
    Ok(vec![memory.goal("≤ 20 MB", after <= 20_000_000), steady.goal("≤ +5 %", growth <= 5.0)])
}

/// M3: what 10,000 chats take that wait for a key, each with its place in the queue, and what 10,000 more take.
pub(crate) fn waiting(world: &World) -> Fallible<Vec<Row>> {
    world.answers(SHORT, 1000)?;
    let mut command = world.svs(&["run"])?;
    // Seven keys serve these people, some 7 a second: in an hour everybody, so that nobody is refused.
    command.env("SVS_LIMITS_COOLDOWN", "1s").env("SVS_ROUTER_MAX_WAIT", "1h");
    let bot = world.start(command)?;
    let telegram = world.sandbox()?.telegram();
    let say =
        |user: i64| telegram.say(&User::new(user, "Ann").language("en"), &ChatSpec::Private, "How are you?");
    say(8_999_999);
    wait_for(world, "the first question", || status(world).is_ok_and(|status| status.answered >= 1))?;
    std::thread::sleep(Duration::from_secs(5));
    let idle = bot.memory()?;
    let mut taken = Vec::new();
    for crowd in 1..=2 {
        let first = 9_000_000 + crowd * 100_000;
        (first..first + WAITING + SPARE).for_each(|user| {
            say(user);
        });
        wait_for(world, "everybody in the queue", || {
            status(world).is_ok_and(|status| status.waiting >= crowd * WAITING)
        })?;
        taken.push((status(world)?.waiting, bot.memory()?.saturating_sub(idle)));
    }
    drop(bot);
    let &[(waiting, taken), (more, with_more)] = taken.as_slice() else { return Err("two crowds".into()) };
    let all = Row::new("M3", format!("{waiting} chats waiting, above idle"), mb(taken));
    let each = with_more.saturating_sub(taken) / u64::try_from((more - waiting).max(1))?;
    let beyond = Row::new("M3", format!("each of {} more", more - waiting), format!("{each} B"));
    Ok(vec![all.goal("≤ 12 MB", taken <= 12_000_000), beyond.goal("≤ 300 B", each <= 300)])
}

/// S: a status, a grant and a kick through the socket, one after the other.
pub(crate) fn verbs(world: &World) -> Fallible<Vec<Row>> {
    let bot = world.start(world.svs(&["run"])?)?;
    wait_for(world, "the socket", || status(world).is_ok())?;
    let mut rows = Vec::new();
    let verbs = [
        ("status", "GET", "/v1/status", ""),
        ("vip grant", "POST", "/v1/vip/4711/grant", r#"{"for_ms":3600000,"evict_oldest":true}"#),
        ("vip kick", "DELETE", "/v1/vip/4711", r#"{"ban_ms":1,"silent":true}"#),
    ];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..VERBS {
        for ((_, method, path, body), times) in verbs.iter().zip(&mut times) {
            let start = Instant::now();
            call(world, method, path, body)?;
            times.push(start.elapsed());
        }
    }
    bot.end()?;
    for ((name, ..), times) in verbs.iter().zip(times) {
        let times = Times::new(times);
        let row = Row::new("S", format!("{name} through the control socket"), times.words());
        rows.push(row.goal("p99 ≤ 10 ms", times.p99() <= Duration::from_millis(10)));
    }
    Ok(rows)
}

struct Counts {
    waiting: i64,
    answered: i64,
}

fn status(world: &World) -> Fallible<Counts> {
    let status: serde_json::Value = serde_json::from_str(&call(world, "GET", "/v1/status", "")?)?;
    let count = |value: &serde_json::Value| value.as_i64().unwrap_or(0);
    Ok(Counts { waiting: count(&status["queue"]), answered: count(&status["updates"]["answered"]) })
}

/// One request to the control socket; the body of its answer. HTTP/1.0: it comes in one piece.
fn call(world: &World, method: &str, path: &str, body: &str) -> Fallible<String> {
    let mut socket = UnixStream::connect(world.folder().join("control.sock"))?;
    let length = body.len();
    write!(
        socket,
        "{method} {path} HTTP/1.0\r\nhost: svs\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if head.split(' ').nth(1) != Some("200") {
        return Err(format!("{method} {path}: {answer}").into());
    }
    Ok(body.to_owned())
}

fn wait_for(world: &World, what: &str, mut is_so: impl FnMut() -> bool) -> Fallible<()> {
    let until = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        if Instant::now() > until {
            return Err(format!("{what} did not come: {}", world.last_words()).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
