//! L1: what a bot adds to one message, read off the wire. X: what it carries when many chats talk at once.
//!
//! ```text
//!  Telegram hands the update over ─┬─▶ the question is at Gemini        : in
//!  Gemini's last byte ─────────────┴─▶ the final text is at Telegram    : out, less what Telegram itself took
//! ```

use std::collections::HashMap;
use std::time::{Duration, Instant};

use svs::sandbox::tap::{Mark, Passed, Server};
use svs::sandbox::telegram::{ChatSpec, TelegramEvent, User};
use tokio::sync::broadcast::error::TryRecvError;

use super::table::Times;
use super::world::{Fallible, PATIENCE, Running, World};

/// People who take turns.
const CHATS: i64 = 50;
/// Messages that are not counted.
const WARM_UP: usize = 30;
/// Between two messages: what is written afterwards has its time too.
const REST: Duration = Duration::from_millis(10);
/// The first of the people who talk at once.
const FIRST: i64 = 8_000_000;
/// Messages under way at once in X.
pub(crate) const AT_ONCE: usize = 64;

/// What one bot adds.
pub(crate) struct Added {
    pub(crate) into: Times,
    pub(crate) out: Times,
    /// Both.
    pub(crate) whole: Times,
    /// From Gemini's last byte to the first message of the answer at Telegram.
    pub(crate) first_sight: Times,
    /// Calls to Telegram per answer, at most.
    pub(crate) calls: usize,
}

/// One message at a time; `text` is what Gemini says.
pub(crate) fn one_at_a_time(world: &World, text: &str, count: usize) -> Fallible<Added> {
    let mut wire = Wire::default();
    let mut parts = Vec::with_capacity(count);
    for round in 0..count + WARM_UP {
        wire.read(world.marks());
        let user = User::new(7_000_000 + round as i64 % CHATS, "Ann").language("en");
        let mut events = world.sandbox()?.telegram().watch();
        world.sandbox()?.telegram().say(&user, &ChatSpec::Private, &format!("How are you, {round}?"));
        let until = Instant::now() + PATIENCE;
        loop {
            match events.try_recv() {
                Ok(event) if is_final(&event, text).is_some() => break,
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(_) if Instant::now() > until => {
                    return Err(format!("an answer did not come: {}", world.last_words()).into());
                }
                Err(_) => std::thread::sleep(Duration::from_micros(200)),
            }
        }
        std::thread::sleep(REST);
        let message = wire.read(world.marks());
        if round >= WARM_UP {
            parts.push(message.ok_or("a message left no trace on the wire")?);
        }
    }
    let times = |of: &dyn Fn(&Parts) -> Duration| Times::new(parts.iter().map(of).collect());
    Ok(Added {
        into: times(&|parts| parts.into),
        out: times(&|parts| parts.out),
        whole: times(&|parts| parts.into + parts.out),
        first_sight: times(&|parts| parts.first_sight),
        calls: parts.iter().map(|parts| parts.calls).max().unwrap_or(0),
    })
}

/// The chat in which the final text stands now.
fn is_final(event: &TelegramEvent, text: &str) -> Option<i64> {
    match event {
        TelegramEvent::Sent(message) | TelegramEvent::Edited(message) if message.text == text => {
            Some(message.chat_id)
        }
        _ => None,
    }
}

struct Parts {
    into: Duration,
    out: Duration,
    first_sight: Duration,
    calls: usize,
}

/// A call that shows something.
struct Call {
    came: Instant,
    answered: Option<Instant>,
}

/// Which connection carries which method.
#[derive(Default)]
struct Wire {
    methods: HashMap<u64, String>,
}

impl Wire {
    /// Reads the passings of one message.
    fn read(&mut self, marks: Vec<Mark>) -> Option<Parts> {
        let (mut handed, mut asked, mut answered) = (None, None, None);
        let mut calls: Vec<(u64, Call)> = Vec::new();
        for Mark { at, server, connection, passed } in marks {
            if let Passed::Read(Some(method)) = &passed {
                self.methods.insert(connection, method.to_ascii_lowercase());
            }
            let method = self.methods.get(&connection).map_or("", String::as_str);
            let begins = matches!(&passed, Passed::Read(Some(_)));
            match (server, &passed, method) {
                (Server::Telegram, Passed::Wrote, "getupdates") if asked.is_none() => handed = Some(at),
                // The last piece of the question, and the last of the answer.
                (Server::Gemini, Passed::Read(_), _) if answered.is_none() => asked = Some(at),
                (Server::Gemini, Passed::Wrote, _) => answered = Some(at),
                (Server::Telegram, passed, "sendmessage" | "editmessagetext") => {
                    let open =
                        calls.iter_mut().rfind(|(on, call)| *on == connection && call.answered.is_none());
                    match (open, passed) {
                        (Some((_, call)), Passed::Wrote) => call.answered = Some(at),
                        (Some((_, call)), Passed::Read(_)) => call.came = at,
                        (None, Passed::Read(_)) if begins => {
                            calls.push((connection, Call { came: at, answered: None }));
                        }
                        (None, _) => {}
                    }
                }
                _ => {}
            }
        }
        let (handed, asked, answered) = (handed?, asked?, answered?);
        let (first, last) = (calls.first()?, calls.last()?);
        let held: Duration = calls[..calls.len() - 1]
            .iter()
            .filter_map(|(_, call)| Some(call.answered?.min(last.1.came) - call.came.max(answered)))
            .sum();
        Some(Parts {
            into: asked.saturating_duration_since(handed),
            out: last.1.came.saturating_duration_since(answered).saturating_sub(held),
            first_sight: first.1.came.saturating_duration_since(answered),
            calls: calls.len(),
        })
    }
}

/// What a bot carried.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    /// Processor time per message.
    pub(crate) processor: Duration,
    /// Resident memory afterwards.
    pub(crate) memory: u64,
}

/// So many messages as fast as they are answered, by so many people in turn. Of those people [`AT_ONCE`] are answered
/// at once; their number is a multiple of that, so that nobody speaks before they were answered.
pub(crate) fn many_chats(
    world: &World,
    bot: &Running,
    text: &str,
    people: i64,
    count: usize,
) -> Fallible<Load> {
    let telegram = world.sandbox()?.telegram();
    let mut events = telegram.watch();
    let mut said = 0;
    let mut say = |user: i64| {
        said += 1;
        let user = User::new(user, "Ann").language("en");
        telegram.say(&user, &ChatSpec::Private, &format!("How are you, {said}?"));
    };
    // Those whom the bot has met already: who is new costs once more.
    let warm_up = AT_ONCE * 4;
    let (mut began, mut processor) = (Instant::now(), Duration::ZERO);
    (0..AT_ONCE).for_each(|chat| say(FIRST + chat as i64));
    let (mut done, mut quiet_since) = (0, Instant::now());
    while done < count + warm_up {
        match events.try_recv() {
            Ok(event) => {
                let Some(chat) = is_final(&event, text) else { continue };
                quiet_since = Instant::now();
                done += 1;
                if done == warm_up {
                    (began, processor) = (Instant::now(), bot.processor()?);
                }
                if done + AT_ONCE <= count + warm_up {
                    say(FIRST + (chat - FIRST + AT_ONCE as i64) % people);
                }
            }
            Err(TryRecvError::Lagged(missed)) => return Err(format!("{missed} events were missed").into()),
            Err(_) if quiet_since.elapsed() > PATIENCE => {
                return Err(format!("only {done} answers came: {}", world.last_words()).into());
            }
            Err(_) => std::thread::sleep(Duration::from_micros(500)),
        }
    }
    let took = began.elapsed();
    Ok(Load {
        per_second: count as f64 / took.as_secs_f64(),
        processor: bot.processor()?.saturating_sub(processor) / u32::try_from(count)?,
        memory: bot.memory()?,
    })
}
