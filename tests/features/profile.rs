//! A flamegraph of the real daemon while it works.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{World, code, stderr, stdout};

/// Keeps the daemon busy while `work` runs.
fn under_load<T>(world: &World, work: impl FnOnce() -> T) -> T {
    world.sandbox().gemini().answer(Answer::Long(4000));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let user = User::new(30_000 + n % 50, "Gus").language("en");
                world.sandbox().telegram().say(&user, &ChatSpec::Private, &format!("what of {n}?"));
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

#[test]
fn a_flamegraph_names_what_the_daemon_does() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    world.wait("the start", || world.log().contains("the bot is up"));
    let file = world.folder().join("flame.svg");
    let taken = under_load(&world, || {
        world.output(&["debug", "profile", "--seconds", "2", "-o", &file.display().to_string()])
    });
    assert_eq!(code(taken.status), "0", "{}", stderr(&taken));
    assert!(stderr(&taken).contains(" samples in 2s: "), "{}", stderr(&taken));
    let svg = fs::read_to_string(&file).expect("a drawing");
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"), "{svg:.100}");
    for name in ["svs::gateway::", "svs::telegram::", "svs::store::"] {
        assert!(svg.contains(name), "{name} is not in the drawing");
    }
    assert!(!svg.contains("what of "), "nothing of anybody");
    let log = world.log();
    assert!(log.lines().any(|line| line.contains("profile uid=") && line.contains("seconds=2")), "{log}");
    // It has survived that, and ends as it should.
    assert_eq!(code(daemon.terminate()), "0");
}

#[test]
fn profiles_are_taken_one_at_a_time_and_end_with_the_daemon() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    world.wait("the start", || world.log().contains("the bot is up"));
    let long = || {
        world
            .svs(&["debug", "profile", "--seconds", "300"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    };
    let first = long().expect("the binary starts");
    world.wait("the first", || world.log().contains("seconds=300"));
    let second = world.output(&["debug", "profile", "--seconds", "1"]);
    assert_eq!(code(second.status), "75", "{}", stderr(&second));
    assert!(stderr(&second).contains("is being taken already"), "{}", stderr(&second));
    let asked = Instant::now();
    let ended = under_load(&world, || {
        std::thread::sleep(Duration::from_millis(500));
        daemon.ask_to_end();
        first.wait_with_output().expect("it ends")
    });
    assert_eq!(code(ended.status), "0", "{}", stderr(&ended));
    assert!(stdout(&ended).contains("</svg>"), "what was seen until then is drawn");
    assert_eq!(code(daemon.end(Duration::from_secs(30))), "0");
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
}

#[test]
fn who_hangs_up_ends_the_profile() {
    let world = World::new();
    let _daemon = world.start_unlimited();
    world.wait("the start", || world.log().contains("the bot is up"));
    let mut first = world
        .svs(&["debug", "profile", "--seconds", "300"])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    world.wait("the first", || world.log().contains("seconds=300"));
    first.kill().expect("our own child");
    first.wait().expect("our own child");
    world.wait("a place for the next", || {
        let next = under_load(&world, || world.output(&["debug", "profile", "--seconds", "1"]));
        code(next.status) == "0"
    });
}
