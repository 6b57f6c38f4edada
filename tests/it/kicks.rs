//! Two hundred kicks under load: what a kick promises is read from the logs of the two fake servers and nothing else.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::Options;
use svs::sandbox::gemini::{Answer, Ending, GeminiCall, Timing};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{World, code, stderr};

const KICKS: usize = 200;
const PEOPLE: i64 = 120;
const FIRST: i64 = 10_001;
/// How long a kicked user may not take a seat again, in milliseconds.
const BAN: i64 = 5_000;

/// A kick: whom, when it was given, and when it had returned 0.
struct Kick {
    user: i64,
    given: i64,
    returned: i64,
}

/// A generation as the server saw it.
struct Sent {
    user: i64,
    rounds: usize,
    call: GeminiCall,
}

impl Sent {
    fn read(call: GeminiCall) -> Sent {
        let body: Value = serde_json::from_str(&call.body).expect("JSON");
        let turns = body["contents"].as_array().expect("turns");
        let question = turns.last().expect("a question")["parts"][0]["text"].as_str().expect("text");
        let user = question.split(' ').next().and_then(|id| id.parse().ok()).expect("who asks comes first");
        Sent { user, rounds: turns.len() / 2, call }
    }

    fn has_vip_rights(&self) -> bool {
        self.call.key.starts_with('A')
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("a date")
}

fn person(id: i64) -> User {
    User::new(id, "Vip").language("en")
}

/// Everybody is vip, and has talked before: seven rounds each.
fn meet_everybody(world: &World) {
    let mut daemon = world.run();
    daemon.terminate();
    let state = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    for user in FIRST..FIRST + PEOPLE {
        state
            .execute(
                "INSERT INTO users (user_id, role, first_seen, last_seen) VALUES (?1, 'vip', ?2, ?2)",
                (user, now()),
            )
            .expect("the table has these columns");
        for round in 0..7 {
            state
                .execute(
                    "INSERT INTO chat_history (chat_id, user_id, message_text, response_text, created_at)
                     VALUES (?1, ?1, ?2, 'indeed', ?3)",
                    (user, format!("{user} said {round}"), now()),
                )
                .expect("the table has these columns");
        }
    }
}

fn ask(world: &World, user: i64, what: &str) {
    world.sandbox().telegram().say(&person(user), &ChatSpec::Private, &format!("{user} {what}"));
}

/// Kicks whoever sits on a seat; none if nobody does.
fn kick(world: &World, seat: u32) -> Option<Kick> {
    let (seat, ban) = (format!("seat:{seat}"), format!("{BAN}ms"));
    let given = now();
    let output = world.output(&["vip", "kick", &seat, "--yes", "--json", "--reason", "noise", "--ban", &ban]);
    let returned = now();
    match code(output.status).as_str() {
        "0" => {}
        "66" => return None,
        other => panic!("exit {other}: {}", stderr(&output)),
    }
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let sessions = json["kicked"].as_array().expect("who was kicked").iter();
    let holds = json["holds"].as_array().expect("holds").iter();
    let user = sessions.chain(holds).find_map(|claim| claim["user"].as_i64()).expect("somebody");
    Some(Kick { user, given, returned })
}

#[test]
fn two_hundred_kicks_under_load_leave_nobody_a_right_of_the_seat() {
    let options = Options { remember: 20_000, ..Options::default() };
    let timing =
        Timing { first: Duration::from_millis(150), between: Duration::from_millis(60), chunk_chars: 12 };
    let world = World::with(Options { timing, ..options });
    world.sandbox().gemini().answer(Answer::with(|asked| {
        // Long where a seat serves, so that most kicks cut something.
        let words = if asked.key.starts_with('A') { 60 } else { 3 };
        "words ".repeat(words)
    }));
    meet_everybody(&world);
    let _daemon = world.start_unlimited_with(&[("SVS_ROLES_VIP_PER_DAY", "off")]);
    world.wait("the socket", || world.socket().exists());

    let mut rng = fastrand::Rng::with_seed(7);
    let mut people = (FIRST..FIRST + PEOPLE).cycle();
    let mut again: Vec<(Instant, i64)> = Vec::new();
    let mut kicks: Vec<Kick> = Vec::new();
    for _ in 0..3 {
        ask(&world, people.next().expect("a circle"), "begins");
    }
    while kicks.len() < KICKS {
        for _ in 0..2 {
            ask(&world, people.next().expect("a circle"), "asks");
        }
        std::thread::sleep(Duration::from_millis(rng.u64(20..200)));
        if let Some(kick) = kick(&world, rng.u32(1..=3)) {
            // Some ask again at once, some when the kick is just over.
            again.push((Instant::now() + Duration::from_millis(rng.u64(0..400)), kick.user));
            kicks.push(kick);
        }
        let due = Instant::now();
        for (_, user) in again.extract_if(.., |(at, _)| *at <= due) {
            ask(&world, user, "asks again");
        }
    }
    // What runs may end, and everybody is told.
    world.wait("the end of what runs", || world.sandbox().gemini().in_flight() == 0);
    let telegram = world.sandbox().telegram();
    for user in FIRST..FIRST + PEOPLE {
        let kicked = kicks.iter().filter(|kick| kick.user == user).count();
        let told = || {
            let messages = telegram.answers(user);
            let is_word = |text: &str| text.starts_with("The owner ended your VIP session (noise).");
            messages.iter().filter(|message| is_word(&message.text)).count()
        };
        world.wait_for(&format!("word to {user}"), Duration::from_secs(90), || told() >= kicked);
        assert_eq!(told(), kicked, "user {user} is told of each kick once");
    }

    let sent: Vec<Sent> = world.sandbox().gemini().generations().into_iter().map(Sent::read).collect();
    let mut cut = 0;
    for (n, kick) in kicks.iter().enumerate() {
        for sent in sent.iter().filter(|sent| sent.user == kick.user && sent.has_vip_rights()) {
            let (began, ended) = (sent.call.at, sent.call.ended);
            let since = began - kick.returned;
            assert!(
                since <= 250 || began >= kick.given + BAN,
                "kick {n}: user {} was served by {} {since} ms after it had returned",
                kick.user,
                sent.call.key
            );
            if since <= 250 {
                let (at, how, _) = ended.expect("nothing runs any more");
                let late = at - kick.returned;
                assert!(late <= 1000, "kick {n}: an answer of user {} ran {late} ms on", kick.user);
                cut += usize::from(how == Ending::Cut && at >= kick.given);
            }
        }
    }
    // Without a seat at most five rounds are sent; with one it was more.
    let longest = |vip| sent.iter().filter(|sent| sent.has_vip_rights() == vip).map(|sent| sent.rounds).max();
    assert_eq!((longest(true), longest(false)), (Some(7), Some(5)));
    let stopped = (FIRST..FIRST + PEOPLE).flat_map(|user| telegram.answers(user));
    let stopped: Vec<String> =
        stopped.map(|message| message.text).filter(|text| text.contains("the answer stops here")).collect();
    let odd = stopped.iter().find(|text| !text.starts_with("wor") || text.contains("You're in VIP"));
    assert_eq!(odd, None, "what was written stays, and nothing is said of a seat that is gone");
    println!(
        "{KICKS} kicks cut {cut} answers, {} of them in sight; {} generations",
        stopped.len(),
        sent.len()
    );
    assert!(cut >= 60 && stopped.len() >= 30, "the kicks met no load: {cut} cut, {} in sight", stopped.len());
}
