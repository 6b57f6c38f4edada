//! Users and their roles, by the operator's hand: the real binary, a real daemon, and the fake servers' view.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{World, code, english, owner, stderr, stdout};

/// Runs `svs users …` and wants it to succeed.
fn users(world: &World, arguments: &[&str]) -> String {
    let output = world.output(&[&["users"], arguments].concat());
    assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

fn json(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&users(world, &[arguments, &["--json"]].concat())).expect("JSON")
}

fn show(world: &World, who: &str) -> Value {
    json(world, &["show", who])
}

/// The questions that the last request to Gemini held, and the key that carried it.
fn last_prompt(world: &World) -> (Vec<String>, String) {
    let call = world.sandbox().gemini().generations().into_iter().next_back().expect("a request");
    let body: Value = serde_json::from_str(&call.body).expect("a request body is JSON");
    let turns = body["contents"].as_array().expect("contents").clone();
    let asked = turns.iter().filter(|turn| turn["role"] == "user");
    let text = |turn: &Value| turn["parts"][0]["text"].as_str().unwrap_or_default().to_owned();
    (asked.map(text).collect(), call.key.to_string())
}

/// Every byte below the state folder that is not zero, as text.
fn state_holds(world: &World, marker: &str) -> Vec<String> {
    let holds = |entry: fs::DirEntry| {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
        found.then(|| entry.file_name().to_string_lossy().into_owned())
    };
    let folder = fs::read_dir(world.folder().join("state")).expect("a state folder");
    folder.filter_map(|entry| holds(entry.expect("an entry"))).collect()
}

/// An answer that takes `seconds`, a piece at a time.
fn slowly(world: &World, seconds: u64) {
    world.sandbox().gemini().answer(Answer::Text("one piece after the other ".repeat(20)));
    let timing = Timing {
        first: Duration::from_millis(50),
        between: Duration::from_millis(seconds * 1000 / 20),
        chunk_chars: 26,
    };
    world.sandbox().gemini().set_timing(timing);
}

#[test]
fn who_starts_is_normal_and_who_is_met_in_a_group_is_a_guest() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    let (person, guest) = (english().username("ann_b"), User::new(3001, "Gus").username("gus"));
    world.ask(&person, "/start", 1);
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    world.sandbox().telegram().say(&guest, &group, "/ask hello?");
    world.answers(group.chat_id(&guest), 1);
    world.ask(&owner(), "/start", 1);

    let list = json(&world, &["ls"]);
    let role_of = |id: i64| {
        let all = list["users"].as_array().expect("users");
        all.iter()
            .find(|user| user["id"] == id)
            .map(|user| user["role"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(list["live"], true);
    assert_eq!(role_of(person.id).as_deref(), Some("normal"));
    assert_eq!(role_of(guest.id).as_deref(), Some("guest"));
    assert_eq!(role_of(owner().id).as_deref(), Some("owner"));
    let shown = show(&world, "@ANN_B");
    assert_eq!((shown["id"].as_i64(), shown["started"].as_bool()), (Some(person.id), Some(true)));
    assert_eq!(show(&world, "@gus")["started"], false);

    assert_eq!(users(&world, &["ls", "--role", "guest", "-q"]), "3001\n");
    assert_eq!(users(&world, &["ls", "--banned", "-q"]), "");
    assert_eq!(users(&world, &["ls", "--since", "1ms", "-q"]), "");
    let csv = users(&world, &["ls", "--role", "normal", "-o", "csv"]);
    let (header, row) = csv.split_once('\n').expect("a header");
    assert!(header.starts_with("id,name,first_name,role,"), "{csv}");
    assert!(row.starts_with("2002,ann_b,Ann,normal,,,true,false,20") && row.contains("Z,"), "{csv}");
    assert_eq!(users(&world, &["ls", "-o", "plain"]).lines().count(), 3, "one line per user");
    assert_eq!(users(&world, &["ls", "-o", "jsonl"]).lines().count(), 3);
}

#[test]
fn a_role_is_in_force_with_the_next_message_and_gone_when_its_time_is_over() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    let _daemon = world.start_unlimited();
    let person = english();
    let mut said = 0;
    let mut ask = |text: &str, more: usize| {
        said += more;
        world.ask(&person, text, said);
    };
    for n in 1..=5 {
        ask(&format!("number {n}"), 1);
    }
    assert_eq!(
        last_prompt(&world).0,
        ["number 2", "number 3", "number 4", "number 5"],
        "normal: three rounds"
    );

    assert_eq!(
        users(&world, &["role", "2002", "premium"]),
        "2002 is premium now (was normal)\ntold: You are now premium.\n"
    );
    let told = world.answers(person.id, 6);
    assert_eq!(told.last().expect("a notice").text, "You are now premium.");
    ask("number 6", 2);
    let (asked, key) = last_prompt(&world);
    assert_eq!(asked, ["number 1", "number 2", "number 3", "number 4", "number 5", "number 6"]);
    assert!(key.starts_with('B'), "premium is at home in B, not {key}");

    users(&world, &["role", "2002", "none", "--no-notify"]);
    ask("number 7", 1);
    assert_eq!(
        last_prompt(&world).0,
        ["number 4", "number 5", "number 6", "number 7"],
        "a demotion trims at once"
    );

    // A vip whose grant runs out has no seat a moment later, and is told.
    let out = users(&world, &["role", "2002", "vip", "--for", "25s"]);
    assert!(out.starts_with("2002 is vip now (was normal), ends in "), "{out}");
    said += 1;
    world.answers(person.id, said);
    world.ask(&person, "number 8", said + 1);
    assert!(last_prompt(&world).1.starts_with('A'), "a vip with a seat");
    let seats = || world.output(&["vip", "ls", "-q"]);
    assert_eq!(stdout(&seats()), "2002\n");
    let seen = world.answers(person.id, said + 2);
    assert_eq!(seen.last().expect("a notice").text, "You are now normal.");
    assert_eq!(stdout(&seats()), "", "the seat went with the grant");
    let shown = show(&world, "2002");
    assert_eq!((shown["role"].as_str(), shown["granted"].is_null()), (Some("normal"), true));
    world.ask(&person, "number 9", said + 3);
    assert_eq!(last_prompt(&world).0.len(), 4, "normal again");
    assert!(
        world.log().contains("uid=") && world.log().contains("/v1/users/{who}/role"),
        "a change is logged"
    );
}

#[test]
fn what_waits_for_a_key_is_decided_anew_when_the_role_changes() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start(&[("SVS_LIMITS_COOLDOWN", "29s"), ("SVS_ROLES_GUEST_PER_HOUR", "off")]);
    let person = english();
    world.ask(&person, "/start", 1);
    users(&world, &["role", "2002", "guest", "--no-notify"]);
    // A guest has the five keys of D and no others.
    for n in 1..=5 {
        world.ask(&person, &format!("number {n}"), n + 1);
        assert!(last_prompt(&world).1.starts_with('D'));
    }
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "number 6");
    let queue = || {
        let status: Value =
            serde_json::from_slice(&world.output(&["status", "--json"]).stdout).expect("JSON");
        status["queue"].as_u64()
    };
    world.wait("the sixth question in the queue", || queue() == Some(1));
    let changed = Instant::now();
    users(&world, &["role", "2002", "premium", "--no-notify"]);
    world.wait("the answer", || world.sandbox().gemini().generations().len() == 6);
    assert!(changed.elapsed() < Duration::from_secs(8), "not after the cooldown: {:?}", changed.elapsed());
    let (asked, key) = last_prompt(&world);
    assert!(key.starts_with('B'), "the home of premium, not {key}");
    assert_eq!(asked.len(), 6, "with the memory of premium");
    world.answers(person.id, 7);
}

#[test]
fn what_waits_for_a_key_is_refused_when_the_new_role_has_no_more_for_it() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    // Five keys are all there is.
    let _daemon = world.start(&[
        ("SVS_LIMITS_COOLDOWN", "29s"),
        ("SVS_ROLES_GUEST_PER_HOUR", "3"),
        ("GROUP_A_KEYS", ""),
        ("GROUP_B_KEYS", ""),
        ("GROUP_C_KEYS", ""),
        ("ROUTER_KEY_A", ""),
        ("ROUTER_KEY_B", ""),
    ]);
    let person = english();
    world.ask(&person, "/start", 1);
    users(&world, &["role", "2002", "premium", "--no-notify"]);
    let generations = || world.sandbox().gemini().generations().len();
    let queue = || {
        let status: Value =
            serde_json::from_slice(&world.output(&["status", "--json"]).stdout).expect("JSON");
        status["queue"].as_u64()
    };
    for n in 1..=5 {
        world.ask(&person, &format!("number {n}"), n + 1);
    }
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "number 6");
    world.wait("the sixth question in the queue", || queue() == Some(1));
    users(&world, &["role", "2002", "guest", "--no-notify"]);
    let said = world.answers(person.id, 7);
    let refusal = &said.last().expect("a refusal").text;
    assert!(refusal.starts_with("You've used this hour's 3. You can ask again in "), "{refusal}");
    assert_eq!((generations(), queue()), (5, Some(0)), "nothing was sent for it, and it waits no more");
}

#[test]
fn a_ban_cuts_the_answer_and_drops_what_comes_after_it() {
    let world = World::new();
    slowly(&world, 20);
    let _daemon = world.start_unlimited();
    let person = english();
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "Tell me everything.");
    world.wait("the first words", || {
        world.sandbox().telegram().answers(person.id).iter().any(|seen| seen.text.contains("piece"))
    });
    assert_eq!(users(&world, &["ban", "2002", "--reason", "floods"]), "2002 is banned\n");
    let seen = world.answers(person.id, 1);
    assert!(seen[0].text.ends_with("⏹ Stopped."), "{}", seen[0].text);
    assert_eq!(users(&world, &["ban", "2002", "--reason", "floods"]), "2002 was banned already\n");
    let shown = show(&world, "2002");
    let of = |key: &str| shown[key].clone();
    assert_eq!((of("banned"), of("served"), of("ban_reason")), (true.into(), false.into(), "floods".into()));
    assert_eq!(users(&world, &["ls", "--banned", "-q"]), "2002\n");
    assert!(users(&world, &["show", "2002"]).contains("banned: floods"));

    let before = world.sandbox().gemini().generations().len();
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "Hello?");
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(world.sandbox().gemini().generations().len(), before);
    assert_eq!(world.sandbox().telegram().answers(person.id).len(), 1, "not a word to a banned user");

    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing::default());
    assert_eq!(users(&world, &["unban", "2002"]), "2002 is not banned any more\n");
    world.ask(&person, "Back again.", 2);
}

#[test]
fn nothing_of_a_forgotten_person_is_left_in_any_file() {
    const MARKER: &str = "zebrafinch-71";
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("You said: {}", asked.question)));
    let mut daemon = world.start_unlimited();
    let person = User::new(2002, "Zebrafinch-71-Ann").username("zebrafinch_71").language("en");
    let other = User::new(2003, "Bo").language("en");
    for n in 1..=4 {
        world.ask(&person, &format!("{MARKER} number {n} {}", MARKER.repeat(n * 60)), n);
        world.ask(&other, &format!("plain {n}"), n);
    }
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    world.sandbox().telegram().say(&person, &group, &format!("/ask {MARKER} in a group"));
    world.answers(group.chat_id(&person), 1);
    assert!(!state_holds(&world, MARKER).is_empty(), "it is there before");

    // One answer is being written, and one question waits behind it.
    slowly(&world, 20);
    world.sandbox().telegram().say(&person, &ChatSpec::Private, &format!("{MARKER} running"));
    world.wait("the first words", || {
        world.sandbox().telegram().answers(2002).iter().any(|seen| seen.text.contains("piece"))
    });
    world.sandbox().telegram().say(&person, &ChatSpec::Private, &format!("{MARKER} waiting"));
    world.wait("the sign that it waits", || {
        world.sandbox().telegram().calls().iter().any(|call| call.method == "setMessageReaction")
    });

    let would = json(&world, &["forget", "@zebrafinch_71", "--dry-run"]);
    let out = json(&world, &["forget", "@Zebrafinch_71", "--yes"]);
    assert_eq!((&would["rounds"], &out["rounds"]), (&5.into(), &5.into()), "4 in private, 1 in the group");
    assert_eq!((would["dry_run"].as_bool(), out["complete"].as_bool()), (Some(true), Some(true)));
    assert!(out["requests"].as_u64() >= Some(5) && out["messages"].as_u64() >= Some(10), "{out}");
    let seen = world.answers(2002, 5);
    assert_eq!(seen.last().expect("the running one").text, "⏹ Stopped before anything was written.");

    std::thread::sleep(Duration::from_millis(1200));
    let shown = show(&world, "2002");
    assert_eq!((shown["rounds_stored"].as_u64(), shown["name"].is_null()), (Some(0), true));
    assert_eq!(state_holds(&world, MARKER), Vec::<String>::new(), "while the daemon runs");
    assert_eq!(state_holds(&world, "zebrafinch_71"), Vec::<String>::new(), "the name too");
    assert_eq!(show(&world, "2003")["rounds_stored"], 4, "others keep theirs");
    assert_eq!(code(world.output(&["users", "show", "@zebrafinch_71"]).status), "66");
    daemon.terminate();
    assert_eq!(state_holds(&world, MARKER), Vec::<String>::new(), "after the daemon");

    // A new message begins anew.
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().gemini().set_timing(Timing::default());
    let _daemon = world.start_unlimited();
    world.ask(&person, "Do you know me?", 6);
    assert_eq!(last_prompt(&world).0, ["Do you know me?"]);
}

#[test]
fn without_a_daemon_the_stored_state_is_read_and_changed() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    // Before anything was stored there is nobody, and nothing is made by looking or by changing.
    assert_eq!(json(&world, &["ls"])["users"], Value::Array(Vec::new()));
    assert_eq!(code(world.output(&["users", "show", "42"]).status), "66");
    assert_eq!(code(world.output(&["users", "ban", "42"]).status), "69");
    assert!(!world.folder().join("state").exists());

    let person = english();
    let mut daemon = world.start_unlimited();
    world.ask(&person, "marmalade-33", 1);
    daemon.terminate();
    let list = world.output(&["users", "ls"]);
    assert!(stderr(&list).contains("no daemon runs: this is the stored state"), "{}", stderr(&list));
    assert_eq!(json(&world, &["ls"])["live"], false);
    users(&world, &["ban", "4242"]);
    assert_eq!(show(&world, "4242")["served"], false);
    assert_eq!(users(&world, &["unban", "4242"]), "4242 is not banned any more\n");
    let out = users(&world, &["forget", "2002", "--yes"]);
    assert!(out.starts_with("erased 1 round, 1 request and "), "{out}");
    assert_eq!(state_holds(&world, "marmalade-33"), Vec::<String>::new());

    let changed = world.output(&["users", "role", "2002", "premium", "--for", "30d"]);
    assert!(stderr(&changed).contains("the stored state is changed"), "{}", stderr(&changed));
    assert_eq!(show(&world, "2002")["role"], "premium");

    // The next daemon tells what it missed, and serves under the new role.
    let _daemon = world.start_unlimited();
    let seen = world.ask(&person, "Am I premium?", 3);
    assert!(seen.iter().any(|message| message.text.starts_with("You are now premium, for 30 d")), "{seen:?}");
    assert!(last_prompt(&world).1.starts_with('B'));
}

#[test]
fn a_bad_input_has_its_code_and_changes_nothing() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    world.ask(&english(), "hello", 1);
    world.ask(&owner(), "hello", 1);
    let owner = owner().id.to_string();
    let cases: [(&[&str], &str, &str); 19] = [
        (&["show", "0"], "64", "a user id or @name is needed"),
        (&["show", "-1"], "64", "unexpected argument"),
        (&["show", "18446744073709551616"], "64", "a user id or @name is needed"),
        (&["show", "ming"], "64", "a user id or @name is needed"),
        (&["show", "@"], "64", "a user id or @name is needed"),
        (&["show", "@小明"], "64", "a user id or @name is needed"),
        (&["show", "99"], "66", "99 was never seen here"),
        (&["show", "@nobody_here"], "66", "@nobody_here was never seen here"),
        (&["role", "@nobody_here", "vip"], "66", "@nobody_here was never seen here"),
        (&["role", "99", "none"], "66", "99 was never seen here"),
        (&["role", "2002", "king"], "64", "no such role (vip, premium, normal, guest, none)"),
        (&["role", "2002", "owner"], "64", "owner_ids in svs.toml"),
        (&["role", "2002", "none", "--for", "1d"], "64", "no role can be given for a time"),
        (&["role", "2002", "vip", "--for", "0s"], "64", "between 1ms and 365d"),
        (&["role", &owner, "guest"], "77", "this is the owner"),
        (&["ban", &owner], "77", "this is the owner"),
        (&["unban", "99"], "66", "99 was never seen here"),
        (&["forget", "2002"], "64", "add --yes"),
        (&["forget", "99", "--yes"], "66", "99 was never seen here"),
    ];
    for (arguments, exit, words) in cases {
        let output = world.output(&[&["users"], arguments].concat());
        assert_eq!(code(output.status), exit, "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let shown = show(&world, "2002");
    assert_eq!((shown["role"].as_str(), shown["rounds_stored"].as_u64()), (Some("normal"), Some(1)));
}
