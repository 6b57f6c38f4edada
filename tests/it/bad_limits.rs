//! Limits, dead keys and models that fail: who rests for how long, and who is asked meanwhile.

use std::time::Duration;

use svs::sandbox::gemini::GeminiCall;
use svs::sandbox::telegram::ChatSpec;

use crate::support::replies::{ANSWER, ask_under, counting, json, keys, no_key_is_blamed, person};
use crate::support::{Daemon, World, code, english, owner, stderr};

/// A bot of one key, and of no model but the two that a person uses here.
fn one_key(world: &World) -> Daemon {
    let secrets = world.sandbox().environment();
    let of_c = secrets.iter().find(|row| row.0 == "GROUP_C_KEYS").map(|row| row.1.clone()).expect("set");
    let one = of_c.split(',').next().expect("a key").to_owned();
    let none = ["GROUP_A_KEYS", "GROUP_B_KEYS", "GROUP_D_KEYS", "ROUTER_KEY_A", "ROUTER_KEY_B"]
        .map(|name| (name, ""));
    world.start_unlimited_with(&[&none[..], &[("GROUP_C_KEYS", one.as_str())]].concat())
}

/// The wait that a message names, in seconds.
fn wait_in(text: &str) -> u64 {
    let words: Vec<&str> = text.split(|sign: char| sign.is_whitespace() || sign == '.').collect();
    let unit = |word: &str| match word {
        "s" => Some(1),
        "min" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    words.windows(2).filter_map(|pair| Some(pair[0].parse::<u64>().ok()? * unit(pair[1])?)).sum()
}

/// Seconds until the quotas of the day are renewed.
fn until_reset(world: &World) -> u64 {
    let status = json(world, &["status", "--json"]);
    let time = |field: &str| status[field].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let (Some(now), Some(reset)) = (time("now"), time("resets_at")) else { panic!("{status}") };
    reset.duration_since(now).as_secs().unsigned_abs()
}

/// Who is told of a failure has a ref to pass on, and it tells an operator what happened.
fn leads_to_its_request(world: &World, said: &str) {
    let reference = said.rsplit_once('#').expect("a ref").1;
    let trace = json(world, &["explain", reference, "--json"]);
    assert_eq!(trace["ref"], reference, "{said}: {trace}");
}

/// Asks as one person after another until one is told when to ask again.
fn told_when(world: &World) -> String {
    for n in 0..4 {
        let said = world.ask(&person(n), "count, please", 1).remove(0).text;
        if wait_in(&said) > 0 {
            return said;
        }
        assert!(said.starts_with("The service didn't answer. Tap Retry later. #"), "{said}");
    }
    panic!("nobody was told when: {}", world.log());
}

/// Bad input 63.
#[test]
fn a_retry_delay_is_believed_between_a_second_and_the_reset() {
    for (delay, least, most) in
        [("40s", 30, 43), ("", 50, 63), ("1e9s", 181, u64::MAX), ("300000s", 181, u64::MAX)]
    {
        let world = counting();
        let _daemon = one_key(&world);
        let gemini = world.sandbox().gemini();
        gemini.set_retry_delay(delay);
        gemini.fail("*=429").expect("a known fault");
        let said = told_when(&world);
        // In words hours are rounded up.
        let (reset, wait) = (until_reset(&world).max(60), wait_in(&said));
        assert!(
            (least.min(reset)..=most).contains(&wait) && wait <= reset + 3600,
            "{delay:?}, {reset} s to the reset: {said}"
        );
        no_key_is_blamed(&world, delay);
    }
}

/// Bad input 63: what is no wait is a second at least, and a minute where nothing can be read.
#[test]
fn a_retry_delay_of_nothing_is_a_second_or_a_minute() {
    for (delay, is_read) in
        [("0s", true), ("0.001s", true), ("-5s", false), ("-1e9s", false), ("soon", false)]
    {
        let world = counting();
        let _daemon = one_key(&world);
        let gemini = world.sandbox().gemini();
        gemini.set_retry_delay(delay);
        gemini.fail("*=429@1").expect("a known fault");
        world.ask(&person(0), "count, please", 1);
        let said = world.ask(&person(1), "count, please", 1).remove(0).text;
        if let [first, again, ..] = &gemini.generations()[..] {
            let waited = again.at - first.at;
            assert!(waited >= 1000, "{delay}: asked again after {waited} ms");
        } else {
            assert!(!is_read && (50..=63).contains(&wait_in(&said)), "{delay}: {said}");
        }
        no_key_is_blamed(&world, delay);
    }
}

/// Bad input 64.
#[test]
fn limits_of_a_minute_of_tokens_and_of_a_day_are_three_states() {
    for (fault, outcome, words, least, most) in [
        ("429", "minute_limit", "Too busy", 40, 50),
        ("429tokens", "minute_limit", "Too busy", 40, 50),
        ("429day", "day_limit", "This tier is out of quota", 61, 90_000),
        ("429day0", "day_limit", "This tier is out of quota", 61, 90_000),
    ] {
        let world = counting();
        let _daemon = one_key(&world);
        let gemini = world.sandbox().gemini();
        if outcome == "minute_limit" {
            gemini.set_retry_delay("45s");
        }
        gemini.fail(&format!("*={fault}")).expect("a known fault");
        let update = world.sandbox().telegram().say(&english(), &ChatSpec::Private, "count, please");
        world.answers(english().id, 1);
        let said = told_when(&world);
        assert!(said.starts_with(words), "{fault}: {said}");
        assert!((least..=most).contains(&wait_in(&said)), "{fault}: {said}");
        if outcome == "minute_limit" {
            leads_to_its_request(&world, &said);
        }
        let trace = json(&world, &["explain", &update.to_string(), "--json"]);
        assert_eq!(trace["sends"][0]["outcome"], outcome, "{fault}: {trace}");
        no_key_is_blamed(&world, fault);
    }
}

/// Bad input 65.
#[test]
fn a_model_with_limit_zero_is_off_for_its_project_alone() {
    let world = counting();
    let _daemon = world.start_unlimited();
    let gemini = world.sandbox().gemini();
    gemini.fail("C:lite=limit0").expect("a known fault");
    for n in 0..12 {
        let seen = world.ask(&person(n), "count, please", 1);
        assert!(seen[0].text.starts_with(ANSWER), "{}", seen[0].text);
    }
    let calls = gemini.generations();
    let lite = |call: &&GeminiCall| call.key.starts_with('C') && call.model.contains("lite");
    let mut keys: Vec<&str> = calls.iter().filter(lite).map(|call| &*call.key).collect();
    let sends = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), sends, "each project said it once: {keys:?}");
    no_key_is_blamed(&world, "limit0");
    // The key itself is as good as ever.
    gemini.clear_faults();
    let output = world.output(&["keys", "check", "--json"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
}

/// Bad input 66.
#[test]
fn a_dead_key_is_out_at_once_and_its_owner_is_told_once() {
    let faults = [("400key", "invalid"), ("400expired", "expired"), ("403leaked", "leaked")];
    std::thread::scope(|scope| {
        for (fault, reason) in faults {
            scope.spawn(move || dead(fault, reason));
        }
    });
}

fn dead(fault: &str, reason: &str) {
    let world = counting();
    let _daemon = world.start_unlimited();
    let gemini = world.sandbox().gemini();
    world.ask(&owner(), "/start", 1);
    gemini.fail(&format!("C={fault}")).expect("a known fault");
    for n in 0..4 {
        let seen = world.ask(&person(n), "count, please", 1);
        assert!(seen[0].text.starts_with(ANSWER), "{fault}: {}", seen[0].text);
    }
    let calls = gemini.generations();
    for n in 1..=6 {
        let sends = calls.iter().filter(|call| *call.key == *format!("C{n}")).count();
        assert_eq!(sends, 1, "{fault}: C{n}");
    }
    assert_eq!((keys(&world, "rejected"), keys(&world, "blacklisted")), (6, 0), "{fault}");
    world.answers(owner().id, 7);
    std::thread::sleep(Duration::from_secs(1));
    let told = world.sandbox().telegram().answers(owner().id);
    assert_eq!(told.len(), 7, "{fault}: {told:?}");
    for n in 1..=6 {
        let start = format!("🔑 Google rejected key C{n} ({reason});");
        assert_eq!(
            told.iter().filter(|message| message.text.starts_with(&start)).count(),
            1,
            "{fault}: {told:?}"
        );
    }
}

/// Bad input 67.
#[test]
fn a_region_or_a_missing_model_harms_no_key() {
    let world = counting();
    let mut daemon = world.start_unlimited();
    let gemini = world.sandbox().gemini();
    // The model is gone: it is not asked for again, and another answers.
    gemini.fail("*:lite=404").expect("a known fault");
    for n in 0..5 {
        let seen = world.ask(&person(n), "count, please", 1);
        assert!(seen[0].text.starts_with(ANSWER), "{}", seen[0].text);
    }
    let asked = gemini.generations().iter().filter(|call| call.model.contains("lite")).count();
    assert!(asked <= 2, "{asked} sends: two projects are enough to know that a model does not exist");
    no_key_is_blamed(&world, "404");
    // The place is wrong: every key would say the same.
    let before = gemini.generations().len();
    let said = ask_under(&world, "region", &person(6)).text;
    assert!(said.starts_with("Gemini isn't responding, and nobody knows for how long."), "{said}");
    leads_to_its_request(&world, &said);
    assert_eq!(gemini.generations().len(), before + 1);
    no_key_is_blamed(&world, "region");
    assert!(!daemon.has_ended());
}

/// Bad input 68.
#[test]
fn a_model_that_fails_rests_while_a_lower_one_answers_and_comes_back() {
    std::thread::scope(|scope| {
        for fault in ["503", "500"] {
            scope.spawn(move || failing(fault));
        }
    });
}

fn failing(fault: &str) {
    const WORK: &str = "Write a Python function that merges two sorted lists, and explain it.";
    let world = counting();
    let _daemon = world.start_unlimited();
    let gemini = world.sandbox().gemini();
    gemini.fail(&format!("*:flash={fault}")).expect("a known fault");
    let answered = |n| world.ask(&person(n), WORK, 1)[0].text.starts_with(ANSWER);
    let good = (0..20).filter(|n| answered(*n)).count();
    assert!(good >= 17, "{fault}: {good} of 20 were answered by a lower model");
    let flash = || {
        let calls = gemini.generations().into_iter();
        calls.filter(|call| call.model.contains("flash") && !call.model.contains("lite")).collect::<Vec<_>>()
    };
    let asked = flash().len();
    assert!((3..=10).contains(&asked), "{fault}: {asked} sends to a model that fails");
    no_key_is_blamed(&world, fault);
    gemini.clear_faults();
    let mut n = 100;
    world.wait_for("the model's return", Duration::from_mins(1), || {
        n += 1;
        answered(n);
        std::thread::sleep(Duration::from_millis(500));
        flash().last().is_some_and(|call| call.status == 200)
    });
}
