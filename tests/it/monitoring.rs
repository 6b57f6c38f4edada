//! The door for monitoring: who may come in for how long, what is told, and that it is told of nobody.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, TelegramFault, User};

use crate::support::canary::Canaries;
use crate::support::{Daemon, World, code, english, owner, stderr, stdout};

pub(crate) const ANY_PORT: (&str, &str) = ("SVS_HTTP_LISTEN", "127.0.0.1:0");

/// An answer: its status, its head in small letters, its body.
pub(crate) struct Answered {
    status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of a line of `/metrics`; none: there is no such line.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let line = self.body.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(line.parse().expect("a number"))
    }

    /// The sum over all series of a metric.
    fn sum(&self, name: &str) -> f64 {
        let of = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let lines = self.body.lines().filter(|line| of(line));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }
}

/// Where the daemon of this world serves.
pub(crate) fn door(world: &World) -> SocketAddr {
    let mut found = None;
    world.wait("the door for monitoring", || {
        let log = world.log();
        let line = log.lines().find(|line| line.contains("serving /health")).map(str::to_owned);
        found = line.and_then(|line| line.rsplit_once("at=")?.1.trim().parse().ok());
        found.is_some()
    });
    found.expect("it was just found")
}

fn raw(at: SocketAddr, request: &str) -> Answered {
    let mut stream = TcpStream::connect(at).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    // A door that shuts on what is too large may do so before all of it was sent.
    let _ = stream.write_all(request.as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Answered { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

pub(crate) fn get(at: SocketAddr, path: &str) -> Answered {
    raw(at, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
}

pub(crate) fn start(world: &World) -> (Daemon, SocketAddr) {
    let daemon = world.start_unlimited_with(&[ANY_PORT]);
    let at = door(world);
    world.wait("readiness", || get(at, "/ready").status == 200);
    (daemon, at)
}

#[test]
fn three_paths_are_answered_and_nothing_else() {
    let world = World::new();
    let (_daemon, at) = start(&world);
    let health = get(at, "/health");
    assert_eq!((health.status, &health.json()["alive"]), (200, &Value::Bool(true)));
    let ready = get(at, "/ready").json();
    assert_eq!((&ready["ready"], &ready["keys"]["total"]), (&Value::Bool(true), &25.into()), "{ready}");
    assert!(get(at, "/metrics").head.contains("content-type: text/plain; version=0.0.4"));
    for path in ["/", "/health/", "/health/../metrics", "/metrics2", "/v1/status", "/%6detrics", "//health"] {
        assert_eq!(get(at, path).status, 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let answered = raw(at, &format!("{method} /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(answered.status, 405, "{method}");
        assert!(answered.head.contains("allow: get"), "{}", answered.head);
    }
    let head = raw(at, "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for answered in [health, get(at, "/metrics"), get(at, "/nothing")] {
        assert!(!answered.head.contains("server:") && !answered.head.contains("svs"), "{}", answered.head);
    }
}

#[test]
fn who_says_little_or_much_or_nothing_keeps_nobody_out() {
    let world = World::new();
    let (daemon, at) = start(&world);
    let fds = || std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).map_or(0, Iterator::count);
    let before = fds();
    let mut slow: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(at).expect("it listens");
            let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            stream
        })
        .collect();
    let began = Instant::now();
    assert_eq!(get(at, "/health").status, 200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(fds() < before + 80, "{} from {before}", fds());
    // The oldest were closed at once, the others are after their time.
    let mut rest = Vec::new();
    slow[0].set_read_timeout(Some(Duration::from_secs(2))).expect("a timeout");
    let closed = slow[0].read_to_end(&mut rest);
    let is_open = closed.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
    assert!(!is_open, "the oldest made no room");
    let last = slow.last_mut().expect("300");
    last.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let _ = last.read_to_end(&mut rest);
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    world.wait("free places", || fds() <= before + 2);
    let large = format!("GET /health HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    assert!(matches!(raw(at, &large).status, 431 | 0), "a head of 64 KiB");
    let promised = raw(at, "GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
    assert_eq!(promised.status, 200, "nobody waits for a body");
    assert_eq!(get(at, "/health").status, 200);
}

#[test]
fn what_is_not_ready_is_named_and_does_not_kill() {
    let world = World::new();
    world.sandbox().telegram().fail("*", TelegramFault::Status(500), 100_000);
    let mut daemon = world.start(&[ANY_PORT]);
    let at = door(&world);
    world.wait("an open state", || get(at, "/ready").json()["store"]["ready"] == true);
    let ready = get(at, "/ready");
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["telegram"]["why"], "Telegram has not answered yet");
    assert_eq!(get(at, "/health").status, 200, "a restart brings Telegram no closer");
    world.sandbox().telegram().clear_faults();
    world.wait("readiness", || get(at, "/ready").status == 200);
    world.sandbox().gemini().fail("*=400key").expect("a known fault");
    assert_eq!(code(world.output(&["keys", "check"]).status), "2");
    let ready = get(at, "/ready");
    assert_eq!((ready.status, &ready.json()["keys"]["why"]), (503, &"no key can serve".into()));
    assert_eq!(get(at, "/metrics").value("svs_ready"), Some(0.0));
    let url = |path: &str| format!("http://{at}{path}");
    let alive = world.output(&["health", "--url", &url("")]);
    assert_eq!(code(alive.status), "0", "{}", stderr(&alive));
    assert!(stdout(&alive).starts_with("alive: up "), "{}", stdout(&alive));
    let dead = world.output(&["health", "--url", &url("/ready")]);
    assert_eq!(code(dead.status), "1");
    assert!(stderr(&dead).contains("no key can serve"), "{}", stderr(&dead));
    assert_eq!(code(world.output(&["health", "--url", &url("/nothing")]).status), "1");
    daemon.kill();
    assert_eq!(code(world.output(&["health", "--url", &url("/health")]).status), "1");
    assert_eq!(code(world.output(&["health", "--url", "https://127.0.0.1:1/"]).status), "64");
}

#[test]
fn a_daemon_that_waits_for_its_state_lives_and_is_not_ready() {
    let world = World::new();
    drop(world.run());
    let held = std::fs::File::options()
        .read(true)
        .write(true)
        .open(world.folder().join("state/ledger.lock"))
        .expect("the lock of the state");
    held.lock_shared().expect("nobody has it");
    std::fs::write(world.folder().join("daemon.log"), "").expect("an empty log");
    let _daemon = world.start(&[ANY_PORT]);
    let at = door(&world);
    let ready = get(at, "/ready");
    assert_eq!((ready.status, &ready.json()["store"]["why"]), (503, &"the state is being opened".into()));
    assert_eq!(get(at, "/health").status, 200);
    assert_eq!(get(at, "/metrics").value("svs_ready"), Some(0.0));
    drop(held);
    world.wait("readiness", || get(at, "/ready").status == 200);
}

#[test]
fn a_port_that_is_taken_is_said_and_an_open_one_warned_of() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = taken.local_addr().expect("an address").to_string();
    let output = world.output(&["run", "--listen", &at]);
    assert_eq!(code(output.status), "75", "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("cannot listen on {at}")), "{}", stderr(&output));
    let checked = |value: &str| {
        let output =
            world.svs(&["config", "check"]).env("SVS_HTTP_LISTEN", value).output().expect("it starts");
        format!("{} {}{}", code(output.status), stdout(&output), stderr(&output))
    };
    assert!(checked("0.0.0.0:8080").contains("whoever reaches 0.0.0.0:8080"), "{}", checked("0.0.0.0:8080"));
    for quiet in ["on", "off", "[::1]:9090", "localhost:8080"] {
        assert!(!checked(quiet).contains("whoever reaches"), "{quiet}");
    }
    assert!(checked("8080").starts_with("78 "), "{}", checked("8080"));
}

#[test]
fn status_and_metrics_agree() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let (_daemon, at) = start(&world);
    for (person, text) in [(owner(), "hello"), (english(), "what is a monad?"), (english(), "/nonsense")] {
        let count = world.sandbox().telegram().answers(person.id).len() + 1;
        world.ask(&person, text, count);
    }
    let status: Value = serde_json::from_slice(&world.output(&["status", "--json"]).stdout).expect("JSON");
    let metrics = get(at, "/metrics");
    let same = |told: &Value, series: &str| {
        assert_eq!(told.as_f64(), metrics.value(series), "{series}: {told}\n{}", metrics.body);
    };
    same(&status["queue"], "svs_queue_requests");
    same(&status["running"], "svs_running_requests");
    same(&status["outbox"], "svs_outbox_messages");
    same(&status["vip"]["taken"], "svs_seats_taken");
    same(&status["vip"]["seats"], "svs_seats");
    same(&status["log_lines_dropped"], "svs_log_lines_dropped_total");
    same(&status["updates_24h"]["received"], "svs_updates_received_total");
    assert_eq!(
        status["updates_24h"]["answered"].as_f64(),
        metrics.value("svs_updates_ended_total{ending=\"answered\",reason=\"\"}")
    );
    for keys in status["keys"].as_array().expect("groups") {
        let group = keys["group"].as_str().expect("a name");
        for state in ["ready", "limited", "exhausted", "blacklisted", "rejected", "disabled"] {
            same(&keys[state], &format!("svs_keys{{group=\"{group}\",state=\"{state}\"}}"));
        }
    }
    for budget in status["budgets"].as_array().expect("models") {
        let model = budget["model"].as_str().expect("a name");
        same(&budget["used"], &format!("svs_budget_used{{model=\"{model}\"}}"));
        same(&budget["allowed"], &format!("svs_budget_limit{{model=\"{model}\"}}"));
    }
    assert_eq!(Some(metrics.sum("svs_keys")), Some(25.0));
    let (whole, by_group) = (metrics.sum("svs_budget_used"), metrics.sum("svs_group_budget_used"));
    assert_eq!(Some(whole), Some(by_group), "no project is shared");
    let answered = metrics.value("svs_requests_total{ending=\"answered\"}");
    assert_eq!(answered, Some(2.0), "{}", metrics.body);
    assert_eq!(metrics.value("svs_request_seconds_count"), answered);
    assert_eq!(Some(metrics.sum("svs_sends_total")), status["rates_1m"]["sends"].as_f64());
    assert!(metrics.sum("svs_telegram_calls_total") >= 4.0);
    assert!(metrics.sum("process_open_fds") > 3.0 && metrics.sum("process_start_time_seconds") > 1.0e9);
}

#[test]
fn nothing_is_told_of_a_person_a_chat_or_a_key() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let (_daemon, at) = start(&world);
    let person = User::new(7_311_445_209, "Wilhelmina").language("en");
    let group = ChatSpec::supergroup(-1_001_998_877_665, "Knitters of Trondheim");
    world.sandbox().telegram().say(&person, &group, "/ask what about quincunxes?");
    world.ask(&person, "tell me of quincunxes", 1);
    world.wait("an answer in the group", || {
        !world.sandbox().telegram().answers(group.chat_id(&person)).is_empty()
    });
    let mut secrets = vec![("the token".to_owned(), world.sandbox().bot_token().to_owned())];
    secrets.extend(world.sandbox().gemini().keys().into_iter().map(|(label, secret, _)| (label, secret)));
    let canaries = Canaries::new(&secrets);
    let bot = world.sandbox().bot_token().split(':').next().expect("an id").to_owned();
    let metrics = get(at, "/metrics");
    assert!(metrics.sum("svs_sends_total") >= 2.0);
    for answered in [metrics, get(at, "/ready"), get(at, "/health")] {
        canaries.assert_none("an answer", answered.body.as_bytes());
        let tails = secrets.iter().map(|(_, secret)| &secret[secret.len() - 4..]);
        let told = ["7311445209", "1001998877665", "Wilhelmina", "Knitters", "quincunx", &bot, "key:"];
        for word in told.into_iter().chain(tails) {
            assert!(!answered.body.contains(word), "{word}: {}", answered.body);
        }
    }
}
