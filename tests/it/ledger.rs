//! The limits hold, whoever asks, in whatever process, and whatever dies meanwhile. The fake Gemini server is the judge.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::{Answer, ModelLimit, Timing};
use svs::sandbox::report::Bounds;
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};

use crate::support::state::Stored;
use crate::support::{World, code, is_final, owner, stderr};

/// Somebody who asks the next question as soon as the one before is answered or refused.
struct Person {
    user: User,
    chat: ChatSpec,
    asked: usize,
}

impl Person {
    fn in_private(n: i64) -> Person {
        Person { user: User::new(7000 + n, "P").language("en"), chat: ChatSpec::Private, asked: 0 }
    }

    /// A guest, in a group of their own.
    fn in_group(n: i64) -> Person {
        let user = User::new(8000 + n, "G").language("en");
        Person { user, chat: ChatSpec::supergroup(-1_001_000_000_000 - n, "group"), asked: 0 }
    }

    fn messages(&self, world: &World) -> Vec<SeenMessage> {
        world.sandbox().telegram().answers(self.chat.chat_id(&self.user))
    }

    fn ended(&self, world: &World) -> usize {
        self.messages(world).iter().filter(|message| is_final(message)).count()
    }

    /// Whether the next question would be heard: in a group the same refusal is said once a minute, and then nothing.
    fn may_ask(&self, world: &World) -> bool {
        let of = format!(" of {}", self.user.id);
        let was_refused = || self.messages(world).last().is_some_and(|last| !last.text.contains(&of));
        self.ended(world) >= self.asked && (self.chat == ChatSpec::Private || !was_refused())
    }

    fn ask(&mut self, world: &World) {
        self.asked += 1;
        // Some ask for much: a proof goes to another model than a greeting.
        let task = match self.asked % 3 {
            0 => "prove step by step that there are infinitely many primes, and write it as Rust code, no",
            1 => "hello, this is question",
            _ => "explain in detail why the sky is blue and compare it with Mars, question",
        };
        let lead = if self.chat == ChatSpec::Private { "" } else { "/ask " };
        let text = format!("{lead}{task} {} of {}", self.asked, self.user.id);
        world.sandbox().telegram().say(&self.user, &self.chat, &text);
    }
}

fn bounds(per_minute: usize, per_day: usize) -> Bounds {
    Bounds { per_minute, gap_ms: 9_950, per_day }
}

/// Google's limits as the default configuration takes them: three tenths of the day.
fn free_tier() -> Vec<ModelLimit> {
    let limit =
        |model: &str, per_minute, per_day| ModelLimit { model: model.to_owned(), per_minute, per_day };
    vec![limit("lite", 10, 300), limit("flash", 10, 75), limit("pro", 5, 15)]
}

/// Per key no fewer debits than generations; and no more than were in flight when something died.
fn every_generation_was_debited(world: &World, wasted: usize) {
    let stored = Stored::read(&world.folder().join("state"), world.sandbox());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for call in world.sandbox().gemini().generations() {
        *seen.entry(call.key.to_string()).or_default() += 1;
    }
    for (key, seen) in &seen {
        let debited = stored.sends.get(key).copied().unwrap_or(0);
        assert!(debited >= *seen, "{key}: {seen} generations, {debited} debits");
    }
    let (debits, seen) = (stored.sends.values().sum::<usize>(), seen.values().sum::<usize>());
    assert!(debits - seen <= wasted, "{debits} debits for {seen} generations");
}

fn nothing_was_refused_by_the_server(world: &World) {
    let generations = world.sandbox().gemini().generations();
    let refused = generations.iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 0, "the server had to enforce a limit");
    let flagged: Vec<_> = generations.iter().filter(|call| !call.flags.is_empty()).collect();
    assert!(flagged.is_empty(), "{flagged:?}");
}

#[test]
fn sixty_people_and_three_kinds_of_processes_break_no_limit() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    gemini.answer(Answer::Echo);
    gemini.set_timing(Timing { first: Duration::from_millis(200), ..Timing::default() });
    gemini.enforce(free_tier());
    let mut people: Vec<Person> =
        (0..40).map(Person::in_private).chain((0..20).map(Person::in_group)).collect();
    people.push(Person { user: owner(), chat: ChatSpec::Private, asked: 0 });
    let in_flight = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (world, is_over) = (&world, &is_over);
        for n in 0..2 {
            // One through the daemon where it lives, one beside it, on the same state.
            scope.spawn(move || shell_user(world, is_over, n == 0));
        }
        let mut daemon = world.start(&[]);
        let began = Instant::now();
        let mut is_killed = false;
        while began.elapsed() < Duration::from_secs(30) {
            for person in &mut people {
                if person.may_ask(world) {
                    person.ask(world);
                }
            }
            if !is_killed && began.elapsed() > Duration::from_secs(12) {
                in_flight.store(world.sandbox().gemini().in_flight() + 2, Ordering::Relaxed);
                daemon.kill();
                daemon = world.start(&[]);
                is_killed = true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        is_over.store(true, Ordering::Relaxed);
        world.wait_for("the end of every question", Duration::from_secs(75), || {
            people.iter().all(|person| person.ended(world) >= person.asked)
        });
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    });
    let mut orphans = 0;
    for person in &people {
        let messages = person.messages(&world);
        assert_eq!(person.ended(&world), person.asked, "one message per question: {messages:?}");
        // One opening per chat may have been under way when it was killed.
        assert!(messages.len() <= person.asked + 1, "{messages:?}");
        orphans += messages.len() - person.asked;
    }
    assert!(orphans <= 3, "a kill leaves what was under way at its moment, not {orphans} orphans");
    let report = gemini.report();
    let asked: usize = people.iter().map(|person| person.asked).sum();
    println!("{asked} questions, {} sends, smallest gap {:?} ms", report.sends, report.smallest_gap());
    assert_eq!(report.violations(bounds(10, 300)), Vec::<String>::new());
    assert!(report.sends >= 60, "{} sends: there was no crowd", report.sends);
    nothing_was_refused_by_the_server(&world);
    every_generation_was_debited(&world, in_flight.into_inner());
}

/// Checks keys and asks, again and again.
fn shell_user(world: &World, is_over: &AtomicBool, through_daemon: bool) {
    let run = |arguments: &[&str]| -> Output {
        let mut command = world.svs(arguments);
        if !through_daemon {
            command.env("SVS_SOCKET", world.folder().join("nobody.sock"));
        }
        command.stdin(Stdio::null()).output().expect("the binary starts")
    };
    while !is_over.load(Ordering::Relaxed) {
        let checked = run(&["keys", "check", "--concurrency", "25"]);
        let asked = run(&["ask", "--role", "owner", "what", "is", "this?"]);
        // 69: the daemon died while it answered; 75: no quota now.
        for (output, allowed) in [(checked, &["0", "69"][..]), (asked, &["0", "69", "75"])] {
            let code = code(output.status);
            assert!(allowed.contains(&code.as_str()), "{code}: {}", stderr(&output));
            assert!(through_daemon || code != "69", "nothing died: {}", stderr(&output));
        }
        std::thread::sleep(Duration::from_secs(2));
    }
}

#[test]
fn keys_of_one_project_share_its_minute_and_its_day_through_three_deaths() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    gemini.answer(Answer::Echo);
    for (label, secret, _) in gemini.keys().into_iter().filter(|(label, ..)| label.starts_with('C')) {
        gemini.register_key(&label, &secret, "shared");
    }
    let limit = |model: &str, per_day| ModelLimit { model: model.to_owned(), per_minute: 10, per_day };
    gemini.enforce(vec![limit("lite", 15), limit("flash", 6), limit("pro", 0)]);
    let config = world.folder().join("svs.toml");
    fs::write(&config, "[projects]\nshared = [\"C1\", \"C2\", \"C3\", \"C4\", \"C5\", \"C6\"]\n")
        .expect("written");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).expect("its rights");
    let variables = [
        ("SVS_CONFIG", config.to_str().expect("UTF-8")),
        ("GROUP_A_KEYS", ""),
        ("GROUP_B_KEYS", ""),
        ("GROUP_D_KEYS", ""),
        ("ROUTER_KEY_A", ""),
        ("ROUTER_KEY_B", ""),
        // The gap does not hide the minute.
        ("SVS_LIMITS_COOLDOWN", "1ms"),
        ("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "50"),
        ("SVS_LIMITS_FLASH_DAILY_LIMIT", "20"),
        ("SVS_LIMITS_PRO_DAILY_LIMIT", "0"),
        ("SVS_ROUTER_EARLY_SHARE", "1.0"),
        ("SVS_ROUTER_MAX_WAIT", "5s"),
        ("SVS_ROLES_NORMAL_SHARED_RESERVE", "0.0"),
    ];
    let mut people: Vec<Person> = (0..40).map(Person::in_private).collect();
    let mut daemon = world.start(&variables);
    for _ in 0..3 {
        for person in &mut people {
            person.ask(&world);
        }
        world.wait("new generations", || {
            gemini.in_flight() > 0 || people.iter().all(|person| person.ended(&world) > 0)
        });
        std::thread::sleep(Duration::from_millis(300));
        daemon.kill();
        daemon = world.start(&variables);
    }
    world.wait_for("the end of every question", Duration::from_mins(1), || {
        people.iter().all(|person| person.ended(&world) >= person.asked)
    });
    let report = gemini.report();
    println!("busiest {:?}, days {:?}", report.busiest, report.days);
    let found = report.violations(Bounds { per_minute: 10, gap_ms: 0, per_day: 15 });
    assert_eq!(found, Vec::<String>::new());
    let flash: usize =
        report.days.iter().filter(|((_, model, _), _)| !model.contains("lite")).map(|(_, sends)| sends).sum();
    assert!(flash <= 6, "{flash} sends to flash");
    assert!(report.sends >= 10, "{} sends: nothing was shared", report.sends);
    nothing_was_refused_by_the_server(&world);
}

/// Bad inputs 55 to 58, and I6.
#[test]
fn hostile_prompts_of_guests_take_no_key_out() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    gemini.answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let faults = [
        "400",
        "blocked",
        "blockedother",
        "safety",
        "recitation",
        "other",
        "spii",
        "maxtokens0",
        "empty",
        "thoughts",
    ];
    let mut people = 0;
    for fault in faults {
        gemini.clear_faults();
        gemini.fail(&format!("*={fault}")).expect("a known fault");
        let before = gemini.generations().len();
        // Enough for three strikes in a row on each of the five keys.
        let mut guests: Vec<Person> = (0..30).map(|n| Person::in_group(people + n)).collect();
        people += 30;
        for guest in &mut guests {
            guest.ask(&world);
        }
        world.wait_for(fault, Duration::from_mins(1), || guests.iter().all(|guest| guest.ended(&world) >= 1));
        let calls = gemini.generations().len() - before;
        assert!(calls >= 15, "{fault}: {calls} calls");
        let status: Value =
            serde_json::from_slice(&world.output(&["status", "--json"]).stdout).expect("the status as JSON");
        for keys in status["keys"].as_array().expect("groups") {
            assert_eq!((&keys["blacklisted"], &keys["rejected"]), (&0.into(), &0.into()), "{fault}: {keys}");
        }
    }
    gemini.clear_faults();
    let group = ChatSpec::supergroup(-1_001_999_999_999, "friends");
    let guest = User::new(9999, "G").language("en");
    telegram.say(&guest, &group, "/ask a good one");
    let seen = world.answers(group.chat_id(&guest), 1);
    assert_eq!(seen[0].text, "a good one");
    assert!(gemini.generations().last().is_some_and(|call| call.key.starts_with('D')));
}
