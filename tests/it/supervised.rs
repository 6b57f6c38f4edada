//! Under a service manager: what svs tells it, and what it makes of it. The manager here is a socket of the test's own;
//! `systemd.rs` has the real one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, TelegramFault};

use crate::support::{Daemon, PATIENCE, World, code, owner};

/// What was told, one datagram after the other.
struct Manager {
    world: World,
    socket: UnixDatagram,
}

impl Manager {
    fn new() -> Manager {
        let world = World::new();
        let socket = UnixDatagram::bind(world.folder().join("notify")).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
        Manager { world, socket }
    }

    fn start(&self, variables: &[(&str, &str)]) -> Daemon {
        let socket = self.world.folder().join("notify").display().to_string();
        let mut all = vec![("NOTIFY_SOCKET", socket.as_str())];
        all.extend(variables);
        self.world.start(&all)
    }

    fn next(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).unwrap_or_else(|error| {
            panic!("the service manager was not told: {error}; the daemon said:\n{}", self.world.log())
        });
        String::from_utf8_lossy(&buffer[..length]).lines().map(ToOwned::to_owned).collect()
    }

    /// The first datagram with this in it.
    fn until(&self, what: &str) -> Vec<String> {
        let since = Instant::now();
        loop {
            let states = self.next();
            if states.iter().any(|state| state.starts_with(what)) {
                return states;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{what} did not come; the daemon said:\n{}",
                self.world.log()
            );
        }
    }
}

#[test]
fn the_service_manager_hears_of_every_change() {
    let manager = Manager::new();
    let mut daemon = manager.start(&[]);
    let first = manager.next();
    assert_eq!(first, ["READY=1", "STATUS=polling, 25/25 keys, VIP 0/3", "WATCHDOG=1"]);
    assert!(!manager.world.sandbox().telegram().calls().is_empty(), "ready before Telegram was asked");

    daemon.ask_to_end();
    let stopping = manager.until("STOPPING=1");
    assert!(stopping[1].starts_with("EXTEND_TIMEOUT_USEC="), "{stopping:?}");
    manager.until("STATUS=ending: ");
    assert_eq!(code(daemon.end(PATIENCE)), "0");
}

#[test]
fn the_service_manager_hears_of_every_reload_whoever_asks_and_whatever_comes_of_it() {
    let manager = Manager::new();
    let file = manager.world.folder().join("svs.toml");
    let write = |text: &str| {
        fs::write(&file, text).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
    };
    write("");
    let daemon = manager.start(&[("SVS_CONFIG", &file.display().to_string())]);
    manager.until("READY=1");
    let mut last = 0;
    let mut told = |how: &str| {
        let reloading = manager.until("RELOADING=1");
        let monotonic = reloading[1].strip_prefix("MONOTONIC_USEC=").expect("the time of the reload");
        let monotonic: u64 = monotonic.parse().expect("a time");
        assert!(monotonic > last, "{how}: {monotonic} after {last}");
        last = monotonic;
        assert_eq!(manager.until("READY=1"), ["READY=1"], "{how}");
    };

    let pid = rustix::process::Pid::from_raw(i32::try_from(daemon.pid()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("it runs");
    told("SIGHUP");
    let reload = || code(manager.world.output(&["reload"]).status);
    assert_eq!(reload(), "0");
    told("svs reload");
    write("limits = 5");
    assert_eq!(reload(), "78");
    told("a configuration that is refused");
}

#[test]
fn a_start_without_telegram_is_ready_all_the_same_and_says_so() {
    let manager = Manager::new();
    manager.world.sandbox().telegram().fail("*", TelegramFault::Reset, 1000);
    let began = Instant::now();
    let _daemon = manager.start(&[]);
    assert_eq!(manager.next()[..2], ["READY=1", "STATUS=waiting for Telegram, 25/25 keys, VIP 0/3"]);
    assert!(began.elapsed() >= Duration::from_secs(5), "after {:?}", began.elapsed());
}

#[test]
fn a_token_that_telegram_does_not_know_fails_the_start() {
    let manager = Manager::new();
    let mut daemon =
        manager.start(&[("TELEGRAM_BOT_SVSKILO_TOKEN", "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]);
    assert_eq!(code(daemon.end(PATIENCE)), "78");
    manager.socket.set_nonblocking(true).expect("a socket");
    assert!(manager.socket.recv(&mut [0; 64]).is_err(), "it was ready");
}

#[test]
fn the_watchdog_is_pinged_while_the_work_goes_on_and_not_while_the_process_stands() {
    let manager = Manager::new();
    let daemon = manager.start(&[("WATCHDOG_USEC", "300000")]);
    manager.until("READY=1");
    let began = Instant::now();
    for _ in 0..5 {
        manager.until("WATCHDOG=1");
    }
    // A ping in a third of the limit.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let pid = rustix::process::Pid::from_raw(i32::try_from(daemon.pid()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).expect("it runs");
    manager.socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a limit");
    let mut buffer = [0; 4096];
    let pings = std::iter::from_fn(|| manager.socket.recv(&mut buffer).ok()).take(20).count();
    assert!(pings < 3, "{pings} pings of a process that stands");
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).expect("it stands");
    manager.until("WATCHDOG=1");
}

#[test]
fn the_end_is_told_while_an_answer_is_finished() {
    let manager = Manager::new();
    manager.world.sandbox().gemini().answer(Answer::Long(4000));
    let mut daemon = manager.start(&[]);
    manager.until("READY=1");
    manager.world.sandbox().telegram().say(&owner(), &ChatSpec::Private, "a long one, please");
    let gemini = manager.world.sandbox().gemini();
    manager.world.wait("a call of Gemini", || !gemini.calls().is_empty());
    daemon.ask_to_end();
    manager.until("STATUS=ending: ");
    assert_eq!(code(daemon.end(PATIENCE)), "0");
}
