//! `svs reload` and SIGHUP: another configuration while people talk. What Gemini got tells which one was in force.

use std::fs;
use std::process::Output;

use rustix::fs::Mode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::report::Bounds;
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{Daemon, World, bare_svs, chinese, code, english, is_final, stderr, stdout};

/// A bot that has its keys and limits from a file alone.
struct Configured(World);

impl Configured {
    fn new() -> Configured {
        let world = World::new();
        world.sandbox().gemini().answer(Answer::Echo);
        Configured(world)
    }

    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.0.environment();
        variables.retain(|(name, _)| !name.starts_with("GROUP_") && !name.starts_with("ROUTER_"));
        variables.push(("SVS_CONFIG".to_owned(), "svs.toml".to_owned()));
        variables
    }

    fn write(&self, text: &str) {
        let file = self.0.folder().join("svs.toml");
        fs::write(&file, text).expect("a file");
        rustix::fs::chmod(&file, Mode::RUSR | Mode::WUSR).expect("permissions");
    }

    fn start(&self) -> Daemon {
        let mut command = bare_svs(&["run"]);
        command.current_dir(self.0.folder()).envs(self.variables());
        let daemon = self.0.spawn(command);
        self.0.wait("the socket", || code(self.svs(&["health"]).status) == "0");
        daemon
    }

    fn svs(&self, arguments: &[&str]) -> Output {
        let mut command = bare_svs(arguments);
        command.current_dir(self.0.folder()).envs(self.variables()).output().expect("the binary starts")
    }

    /// The secret of a key that the fake Gemini knows by this name.
    fn secret(&self, label: &str) -> String {
        let keys = self.0.sandbox().gemini().keys();
        keys.into_iter().find(|(known, _, _)| known == label).expect("a key").1
    }

    /// A file in which only these keys are, in group C.
    fn with_keys(&self, keys: &[&str], rest: &str) -> String {
        let secrets: Vec<String> = keys.iter().map(|key| self.secret(key)).collect();
        format!("[keys]\nC = {secrets:?}\n[limits]\ncooldown = \"0s\"\nsend_margin = \"0s\"\n{rest}")
    }

    /// The names by which the fake Gemini knows the keys of all generations so far.
    fn sent_by(&self) -> Vec<String> {
        self.0.sandbox().gemini().generations().iter().map(|call| call.key.to_string()).collect()
    }

    /// Spent on flash-lite today, by the place of the key.
    fn spent(&self, place: &str) -> u64 {
        let status: Value = serde_json::from_slice(&self.svs(&["status", "--json"]).stdout).expect("JSON");
        let keys = status["pool"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["key"] == place).expect("the key");
        let quotas = key["quotas"].as_array().expect("quotas");
        let lite = quotas.iter().find(|quota| quota["model"] == "flash-lite").expect("a model");
        lite["used"].as_u64().expect("a number")
    }
}

#[test]
fn a_reload_serves_with_the_new_keys_and_names_what_needs_a_restart() {
    let pool = Configured::new();
    pool.write(&pool.with_keys(&["C1"], ""));
    let _daemon = pool.start();
    pool.0.ask(&english(), "one", 1);
    pool.write(&pool.with_keys(
        &["C2"],
        "[control]\nuids = [4711]\n[log]\nlevel = \"debug\"\n[roles.normal]\nper_day = 2\n",
    ));

    let dry = pool.svs(&["reload", "--dry-run", "-q"]);
    assert_eq!(
        stdout(&dry),
        "control.uids\nkeys.C1\nkeys.C1\nlog.level\nroles.normal.per_day\n",
        "{}",
        stderr(&dry)
    );
    pool.0.ask(&english(), "two", 2);
    let done = pool.svs(&["reload"]);
    assert_eq!(code(done.status), "0", "{}", stderr(&done));
    assert_eq!(
        stderr(&done),
        "4 changes in force\n1 change waits for a restart: the daemon goes on with the old value\n"
    );
    assert!(stdout(&pool.svs(&["logs", "level"])).contains("debug"));
    // The cap of two a day is in force: the third is somebody else's.
    pool.0.ask(&chinese(), "three", 1);
    assert_eq!(pool.sent_by(), ["C1", "C1", "C2"]);
    let refused = pool.0.ask(&english(), "four", 3);
    assert!(!refused[2].text.contains("four"), "{refused:?}");
    assert_eq!(pool.sent_by().len(), 3);
    // What waits for a restart still differs, and nothing else does.
    assert_eq!(stdout(&pool.svs(&["config", "diff", "-q"])), "control.uids\n");
}

#[test]
fn what_is_wrong_with_the_sources_changes_nothing() {
    let pool = Configured::new();
    pool.write(&pool.with_keys(&["C1"], ""));
    let _daemon = pool.start();
    for (text, hint) in [
        (pool.with_keys(&["C2"], "[seats]\nmaxx = 4\n"), "did you mean seats.max?"),
        ("[limits]\ncooldown = \"1s\"\n".to_owned(), "no Gemini API key"),
        ("[keys\n".to_owned(), "svs.toml:1"),
    ] {
        pool.write(&text);
        let output = pool.svs(&["reload"]);
        assert_eq!(code(output.status), "78", "{text}: {}", stderr(&output));
        assert!(stderr(&output).contains(hint), "{hint}: {}", stderr(&output));
    }
    pool.0.ask(&english(), "one", 1);
    assert_eq!(pool.sent_by(), ["C1"]);
}

#[test]
fn a_hangup_reads_the_configuration_again() {
    let pool = Configured::new();
    pool.write(&pool.with_keys(&["C1"], ""));
    let daemon = pool.start();
    let hang_up = || {
        let pid = Pid::from_raw(i32::try_from(daemon.pid()).expect("a pid")).expect("not 0");
        kill_process(pid, Signal::HUP).expect("it runs");
    };
    pool.write("[keys\n");
    hang_up();
    pool.0.wait("the complaint", || pool.0.log().contains("the old one stays"));
    pool.write(&pool.with_keys(&["C2"], ""));
    hang_up();
    pool.0.wait("the new configuration", || pool.0.log().contains("was read again"));
    pool.0.ask(&english(), "one", 1);
    assert_eq!(pool.sent_by(), ["C2"]);
}

#[test]
fn a_running_answer_outlives_a_reload_that_takes_its_key_away() {
    let pool = Configured::new();
    let gemini = pool.0.sandbox().gemini();
    gemini.answer(Answer::Long(600));
    gemini.set_timing(Timing { between: std::time::Duration::from_millis(40), ..Timing::default() });
    pool.write(&pool.with_keys(&["C1"], ""));
    let _daemon = pool.start();
    pool.0.sandbox().telegram().say(&english(), &ChatSpec::Private, "tell me a long story");
    pool.0.wait("the call", || gemini.in_flight() == 1);
    // The place of the key is another's now, and another project's.
    pool.write(&pool.with_keys(&["C2", "C3"], "[projects]\nother = [\"C1\"]\n"));
    let output = pool.svs(&["reload"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    pool.0.wait("the end", || pool.0.sandbox().telegram().answers(english().id).last().is_some_and(is_final));
    let answers = pool.0.answers(english().id, 1);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].text.chars().count() > 550, "{answers:?}");
    assert_eq!(pool.sent_by(), ["C1"]);
    assert_eq!(pool.spent("C1") + pool.spent("C2"), 0, "another key pays for nothing");
}

#[test]
fn what_keys_spent_apart_counts_where_they_are_together() {
    let pool = Configured::new();
    pool.write(&pool.with_keys(&["C1", "C2"], ""));
    let mut daemon = pool.start();
    for (n, person) in [english(), chinese(), User::new(2003, "Bo"), User::new(2004, "Cy")].iter().enumerate()
    {
        pool.0.ask(person, &format!("question {n}"), 1);
    }
    assert_eq!(pool.spent("C1") + pool.spent("C2"), 4);
    pool.write(&pool.with_keys(&["C2", "C1"], "[projects]\nmine = [\"C1\", \"C2\"]\n"));
    let output = pool.svs(&["reload"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    assert_eq!((pool.spent("C1"), pool.spent("C2")), (4, 4));
    // And what they spend from now on is one budget, also after a restart into a third one.
    pool.0.ask(&english(), "one more", 2);
    assert_eq!((pool.spent("C1"), pool.spent("C2")), (5, 5));
    daemon.terminate();
    pool.write(&pool.with_keys(&["C2", "C1"], "[projects]\nours = [\"C1\", \"C2\"]\n"));
    let _daemon = pool.start();
    assert_eq!((pool.spent("C1"), pool.spent("C2")), (5, 5));
}

#[test]
fn what_ends_after_its_key_has_moved_hides_nothing_of_what_came_between() {
    let pool = Configured::new();
    let gemini = pool.0.sandbox().gemini();
    gemini.answer_when("story", Answer::Long(600));
    gemini.set_timing(Timing { between: std::time::Duration::from_millis(40), ..Timing::default() });
    pool.write(&pool.with_keys(&["C1"], ""));
    let _daemon = pool.start();
    pool.0.sandbox().telegram().say(&english(), &ChatSpec::Private, "a long story");
    pool.0.wait("the call", || gemini.in_flight() == 1);
    pool.write(&pool.with_keys(&["C1"], "[projects]\nmine = [\"C1\"]\n"));
    assert_eq!(code(pool.svs(&["reload"]).status), "0");
    pool.0.ask(&chinese(), "quick", 1);
    pool.0.wait("the end", || pool.0.sandbox().telegram().answers(english().id).last().is_some_and(is_final));
    assert_eq!(pool.spent("C1"), 2);
    pool.write(&pool.with_keys(&["C1"], ""));
    assert_eq!(code(pool.svs(&["reload"]).status), "0");
    assert_eq!(pool.spent("C1"), 2);
}

#[test]
fn a_hundred_reloads_under_load_cut_and_overspend_nothing() {
    let pool = Configured::new();
    let keys = ["C1", "C2", "C3", "C4", "C5", "C6"];
    let turned: Vec<&str> = keys.iter().rev().copied().collect();
    let limits =
        "[limits.flash-lite]\ndaily_limit = 100\nquota_fraction = 0.5\n[roles.normal]\nper_hour = \"off\"\n";
    let files = [
        pool.with_keys(&keys, limits),
        pool.with_keys(&turned, &format!("[projects]\none = [\"C1\", \"C2\"]\n{limits}[seats]\nmax = 2\n")),
        pool.with_keys(&keys[..4], &format!("{limits}[telegram]\nfooter = true\n")),
    ];
    pool.write(&files[0]);
    let _daemon = pool.start();
    let people: Vec<User> = (0..30).map(|n| User::new(3000 + n, "Somebody")).collect();
    for round in 0..100 {
        let person = &people[round % people.len()];
        pool.0.sandbox().telegram().say(person, &ChatSpec::Private, &format!("question {round}"));
        pool.write(&files[(round + 1) % files.len()]);
        let output = pool.svs(&["reload", "-q"]);
        assert_eq!(code(output.status), "0", "reload {round}: {}", stderr(&output));
    }
    let telegram = pool.0.sandbox().telegram();
    let answered = |person: &User| {
        let said = telegram.answers(person.id);
        said.iter().filter(|message| is_final(message)).count()
    };
    pool.0.wait("every answer", || people.iter().map(answered).sum::<usize>() >= 100);
    let found =
        pool.0.sandbox().gemini().report().violations(Bounds { per_minute: 10, gap_ms: 0, per_day: 50 });
    assert!(found.is_empty(), "{found:?}");
    let verified = pool.svs(&["verify"]);
    assert_eq!(code(verified.status), "0", "{}{}", stdout(&verified), stderr(&verified));
    let status: Value = serde_json::from_slice(&pool.svs(&["status", "--json"]).stdout).expect("JSON");
    let updates = &status["updates_24h"];
    let refused = updates["refused"]["pool_busy"].as_u64().unwrap_or_default();
    assert_eq!(updates["answered"].as_u64().expect("a number") + refused, 100, "{updates}");
    // Six keys, of which two are at times one project: no more than 60 in this minute, and no fewer than 50.
    assert!(updates["answered"].as_u64().is_some_and(|answered| (50..=60).contains(&answered)), "{updates}");
}
