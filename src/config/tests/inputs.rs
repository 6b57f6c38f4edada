//! Bad values in svs.toml and the environment, one by one, and what must be said about each.

use super::{key, world};
use crate::domain::key::{Group, KeyId};
use crate::error::ErrorKind;

/// A value that must appear nowhere.
const CANARY: &str = "CANARY0canary0CANARY";

#[test]
fn a_bad_setting_is_told_with_its_place_and_without_its_value() {
    for (toml, expected) in [
        // An unknown name, and what was meant.
        ("[telegram]\ntokn = \"x\"", "svs.toml:2:1: unknown setting telegram.tokn"),
        ("[telegramm]\nclosed = true", "svs.toml:1:2: unknown section [telegramm]"),
        ("telegram = 5", "svs.toml:1:1: telegram must be a section [telegram]; it is a value"),
        ("[log.level]", "svs.toml:1:6: log.level must be a value; it is a table"),
        // A wrong type.
        (
            "[telegram]\nclosed = \"CANARY0canary0CANARY\"",
            "svs.toml:2:1: telegram.closed must be true or false",
        ),
        ("[limits]\nstrikes = \"3\"", "svs.toml:2:1: limits.strikes must be a whole number from 1 to 1000"),
        (
            "[telegram]\nstream = [\"CANARY0canary0CANARY\"]",
            "svs.toml:2:1: telegram.stream must be \"auto\", \"draft\", \"edit\" or \"off\"; it is a list",
        ),
        (
            "[groups]\nkeywords = [\"/CANARY0canary0CANARY\"]",
            "svs.toml:2:13: groups.keywords: a keyword cannot begin with a slash; commands need no keyword",
        ),
        (
            "[groups]\nkeywords = [\" \"]",
            "svs.toml:2:13: groups.keywords must be a list of words of at most 64 characters like [\"gemini\", \"小助手\"]",
        ),
        // Numbers.
        (
            "[limits.flash]\nrpm = 0",
            "svs.toml:2:1: limits.flash.rpm must be a whole number from 1 to 4294967295; it is a whole number",
        ),
        (
            "[limits.flash]\nrpm = -1",
            "svs.toml:2:1: limits.flash.rpm must be a whole number from 1 to 4294967295; it is a whole number",
        ),
        (
            "[limits.flash]\ndaily_limit = 4294967296",
            "svs.toml:2:1: limits.flash.daily_limit must be a whole number from 0 to 4294967295; it is a whole number",
        ),
        (
            "[limits.pro]\nquota_fraction = 30",
            "svs.toml:2:1: limits.pro.quota_fraction must be a number x with 0 < x ≤ 1; it is a whole number",
        ),
        (
            "[limits.pro]\nquota_fraction = nan",
            "svs.toml:2:1: limits.pro.quota_fraction must be a number x with 0 < x ≤ 1; it is a number with a point",
        ),
        (
            "[limits.pro]\nquota_fraction = 0.0",
            "svs.toml:2:1: limits.pro.quota_fraction must be a number x with 0 < x ≤ 1; it is a number with a point",
        ),
        // Durations have one form.
        (
            "[limits]\ncooldown = 10",
            "svs.toml:2:1: limits.cooldown must be a duration like \"500ms\", \"10s\", \"5m\", \"1h\" or \"2d\", \
             from 0s to 1h; it is a whole number",
        ),
        (
            "[limits]\nblacklist = \"0s\"",
            "svs.toml:2:1: limits.blacklist must be a duration like \"500ms\", \"10s\", \"5m\", \"1h\" or \"2d\", \
             from 1s to 30d",
        ),
        // Memory.
        (
            "[roles.vip]\nrounds = -1",
            "svs.toml:2:1: roles.vip.rounds must be a whole number from 0 to 1000; it is a whole number",
        ),
        (
            "[roles.vip]\nrounds = 1_000_000",
            "svs.toml:2:1: roles.vip.rounds must be a whole number from 0 to 1000; it is a whole number",
        ),
        // The owner.
        (
            "[telegram]\nowner_ids = [\"@CANARY0canary0CANARY\"]",
            "svs.toml:2:14: telegram.owner_ids must be numeric ids, not @names",
        ),
        // Model ids and addresses end up in a path.
        (
            "[gemini.models]\nflash = \"../CANARY0canary0CANARY\"",
            "svs.toml:2:1: gemini.models.flash may hold letters, digits, '-', '_' and '.' only",
        ),
        (
            "[gemini]\napi_url = \"http://gemini.CANARY\"",
            "svs.toml:2:1: gemini.api_url must begin with https://, plain http only leads to this machine",
        ),
        (
            "[telegram]\napi_url = \"https://user:CANARY0canary0CANARY@host\"",
            "svs.toml:2:1: telegram.api_url must be an address like https://host/path, without user, query and fragment",
        ),
        ("[[keys.A]]\nproject = \"p\"", "svs.toml:1:1: keys.A: a key needs key or key_file"),
        ("[[keys.A]]\nkey = \"xxx\"", "svs.toml:2:1: keys.A: key 1 is a placeholder, not a key"),
        (
            "[keys]\nrouter_a = { project = \"p\" }",
            "svs.toml:2:1: keys.router_a: a key needs key or key_file",
        ),
        ("[[keys.A]]\nkey_file = \"none\"\n", "none: no such file"),
        ("[keys]\nA = [5]", "svs.toml:2:6: keys.A must be a list of keys; it is a whole number"),
        (
            "[projects]\nmain = [\"A0\"]",
            "svs.toml:2:9: projects.main must be a list of places like [\"A1\", \"B2\", \"RA\"]",
        ),
    ] {
        let world = world().toml(toml);
        assert_eq!(world.bad(), [(ErrorKind::Config, expected.to_owned())], "{toml}");
        assert!(!format!("{:?}", world.load().err()).contains(CANARY), "{toml}");
    }
}

#[test]
fn a_syntax_error_has_a_line_and_a_column_and_no_source() {
    let world = world().toml(format!("[keys]\nA = [\"{CANARY}\n"));
    let problems = world.bad();
    assert!(problems[0].1.starts_with("svs.toml:2:"), "{problems:?}");
    assert!(!format!("{:?}", world.load().err()).contains(CANARY));
}

#[test]
fn a_table_may_not_be_there_twice() {
    assert_eq!(world().toml("[log]\n[log]\n").bad().len(), 1);
}

#[test]
fn all_problems_are_told_at_once() {
    let world = world()
        .toml("[limits]\ncooldown = 1\nstrikes = 0\nbla = 1\n[log]\nids = 3\n")
        .env("REDIS_HOST", "localhost:abc")
        .env("BOT_OWNER_ID", "@me");
    assert_eq!(world.bad().len(), 6, "{:#?}", world.bad());
}

#[test]
fn what_was_probably_meant() {
    for (toml, hint) in [
        ("[telegram]\ntokn = \"x\"", "did you mean telegram.token?"),
        ("[telegramm]\nclosed = true", "did you mean telegram?"),
        ("[limits]\ncool_down = \"1s\"", "did you mean limits.cooldown?"),
        ("[limits.flashlite]\nrpm = 1", "did you mean limits.flash-lite?"),
        ("[seats]\ncooldown = \"1s\"", "did you mean seats.cool_off?"),
        ("[gemini]\nflash = \"x\"", "did you mean gemini.models.flash?"),
    ] {
        let problems = world().toml(toml).load().err().unwrap_or_default();
        let hints: Vec<_> = problems.iter().filter_map(|problem| problem.hint.as_deref()).collect();
        if hint.contains("cool_off") {
            // Either is a good guess.
            assert!(!hints.is_empty(), "{toml}");
        } else {
            assert_eq!(hints, [hint], "{toml}");
        }
    }
}

#[test]
fn valid_extremes_are_accepted() {
    let loaded = world()
        .toml("[seats]\nmax = 0\n[limits]\ncooldown = \"0s\"\n[limits.pro]\nquota_fraction = 1\ndaily_limit = 0\n[roles.vip]\nper_day = \"off\"")
        .good();
    assert_eq!(loaded.config.rules.seats.seats, 0);
    assert_eq!(loaded.config.rules.roles.0[3].per_day, None);
}

#[test]
fn a_token_is_needed_by_run_only() {
    let loaded = world().good();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    for error in [loaded.config.require_token().err(), loaded.config.require_keys().err()] {
        let error = error.expect("an error");
        assert_eq!(error.kind, ErrorKind::Config);
        assert!(error.hints[0].contains("svs sandbox"), "{error:?}");
    }
    assert_eq!(loaded.config.missing_for_run().len(), 2);
}

#[test]
fn spaces_and_quotes_around_a_secret_are_removed_with_a_warning() {
    for value in [format!("{}\n", key(1)), format!("\"{}\"", key(1)), format!("  '{}' ", key(1))] {
        let world = world().env("GROUP_A_KEYS", value);
        let loaded = world.good();
        assert_eq!(loaded.config.keys[0].secret.expose(), key(1));
        assert!(
            world.warnings().iter().any(|warning| warning.contains("spaces or quotes")),
            "{:?}",
            world.warnings()
        );
    }
    let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1";
    let world = world().env("TELEGRAM_BOT_SVSKILO_TOKEN", format!("'{token}'\n"));
    assert_eq!(
        world.good().config.require_token().map(|token| token.expose().to_owned()),
        Ok(token.to_owned())
    );
    assert_eq!(world.warnings().len(), 1);
}

#[test]
fn a_bad_list_of_keys_is_told_without_the_keys() {
    for (value, expected) in [
        ("xxx", "keys.A: key 1 is a placeholder, not a key"),
        ("AIzaSyCANARY,key1", "keys.A: key 2 is a placeholder, not a key"),
        ("AIzaSyCANARY，AIzaSyCANARY2", "keys.A: keys are separated by a full-width comma (，)"),
        ("AIzaSyCANARY;AIzaSyCANARY2", "keys.A: keys are separated by a semicolon (;)"),
        ("AIzaSyCANARY\nAIzaSyCANARY2", "keys.A: keys are separated by a line break"),
        (
            "AIzaSyCANARY,AIza\u{200b}SyCANARY",
            "keys.A: key 2 has an invisible character (U+200B) at position 5",
        ),
        ("AIzaSyCANARY\u{a0}b", "keys.A: key 1 has a no-break space (U+00A0) at position 13"),
        ("AIzaSyCANARY b", "keys.A: key 1 has a space at position 13"),
    ] {
        let expected = format!("environment GROUP_A_KEYS: {expected}");
        assert_eq!(world().env("GROUP_A_KEYS", value).bad(), [(ErrorKind::Config, expected)], "{value:?}");
    }
}

#[test]
fn empty_pieces_are_dropped_and_the_rest_numbered() {
    let loaded = world().env("GROUP_A_KEYS", format!("{},,{},", key(1), key(2))).good();
    let ids: Vec<KeyId> = loaded.config.keys.iter().map(|key| key.id).collect();
    assert_eq!(ids, [KeyId::Member(Group::A, 1), KeyId::Member(Group::A, 2)]);
}

#[test]
fn an_empty_group_is_off() {
    let world =
        world().toml(format!("[keys]\nA = [\"{}\"]\nB = [\"{}\"]\n", key(1), key(2))).env("GROUP_A_KEYS", "");
    assert_eq!(world.good().config.configured_groups(), [Group::B]);
    let warnings = world.warnings();
    assert!(
        warnings[0].starts_with("environment GROUP_A_KEYS: keys.A is empty: the group is off"),
        "{warnings:?}"
    );
    assert_eq!(warnings[1], "no keys in A, C, D: other groups serve their roles");
}

#[test]
fn a_key_counts_once_in_its_group_and_may_not_be_in_two() {
    let twice = world().env("GROUP_A_KEYS", format!("{0},{0}", key(1)));
    assert_eq!(twice.good().config.keys.len(), 1);
    assert!(twice.warnings()[0].contains("listed twice"));

    let in_two = world().env("GROUP_A_KEYS", key(1)).env("GROUP_B_KEYS", key(1));
    let expected = "environment GROUP_B_KEYS: a key is in keys.A and in keys.B: it would be spent twice";
    assert_eq!(in_two.bad(), [(ErrorKind::Config, expected.to_owned())]);

    let router = world().env("GROUP_A_KEYS", key(1)).env("ROUTER_KEY_B", key(1));
    assert_eq!(router.bad().len(), 1);
}

#[test]
fn an_unusual_key_is_accepted_with_a_warning() {
    let world = world().env("GROUP_A_KEYS", "sk-0123456789abcdef");
    assert_eq!(world.good().config.keys.len(), 1);
    assert!(world.warnings()[0].contains("does not look like a Gemini API key"));
}

#[test]
fn one_key_is_enough_and_five_hundred_are_fine() {
    for n in [1, 500] {
        let keys: Vec<String> = (0..n).map(key).collect();
        let loaded = world().env("GROUP_D_KEYS", keys.join(", ")).good();
        assert_eq!(loaded.config.keys.len(), n as usize);
        assert!(loaded.config.require_keys().is_ok());
    }
}

#[test]
fn keys_of_one_project_are_counted() {
    let world = world().env("GROUP_A_KEYS", format!("{},{}", key(1), key(2))).toml(format!(
        "[keys]\nB = [{{ key = \"{}\", project = \"main\" }}]\n[projects]\nmain = [\"A1\", \"A2\"]\n",
        key(3)
    ));
    let keys = &world.good().config.keys;
    assert!(keys.iter().all(|key| &*key.project.0 == "main"));
    assert!(world.warnings().contains(&"3 keys share project main: one budget".to_owned()));
}

#[test]
fn a_model_for_pictures_without_a_budget_is_told() {
    let words = "svs.toml:2:1: no pictures are made: limits.image.daily_limit gives no key a budget for them";
    let model = "[gemini.models]\nimage = \"gemini-3.1-flash-image\"\n";
    let warnings = |more: &str| {
        let world = world().env("GROUP_A_KEYS", key(1)).toml(format!("{model}{more}"));
        world.warnings().into_iter().filter(|warning| warning.contains("picture")).collect::<Vec<_>>()
    };
    assert_eq!(warnings(""), [words]);
    assert_eq!(warnings("[limits.image]\ndaily_limit = 3\n"), [words], "3 × 0.3 is no picture");
    assert_eq!(warnings("[limits.image]\ndaily_limit = 100\n"), Vec::<String>::new());
    assert_eq!(warnings("[limits.keys.A1.image]\ndaily_limit = 100\n"), Vec::<String>::new());
}

#[test]
fn redis_supabase_and_the_log_level() {
    for (name, value, expected) in [
        ("REDIS_HOST", "localhost:abc", "storage.redis.host must be a host name or host:port"),
        ("REDIS_PORT", "70000", "storage.redis.port must be a whole number from 1 to 65535"),
        ("REDIS_URL", "http://localhost", "storage.redis.url must be an address like redis://host:6379/0"),
        (
            "SUPABASE_URL",
            "https://x.supabase.co",
            "storage.supabase.url is set and storage.supabase.key is not",
        ),
    ] {
        let expected = format!("environment {name}: {expected}");
        assert_eq!(world().env(name, value).bad(), [(ErrorKind::Config, expected)]);
    }
    let remote = world().env("SUPABASE_URL", "http://x.supabase.co").env("SUPABASE_KEY", "0123456789abcdef");
    assert!(remote.bad()[0].1.contains("https://"), "{:?}", remote.bad());
    let local =
        world().env("SUPABASE_URL", "http://127.0.0.1:54321/").env("SUPABASE_KEY", "0123456789abcdef");
    assert!(local.warnings()[0].contains("Supabase is configured, and this version does not use it yet"));
    let redis = world().env("REDIS_HOST", "cache:6380").env("REDIS_DB", "2");
    assert!(redis.warnings()[0].contains("Redis is configured, and this version does not use it yet"));

    let loud = world().env("LOG_LEVEL", "verbose");
    assert_eq!(loud.good().config.log.level, crate::config::LogLevel::Info);
    assert_eq!(
        loud.warnings(),
        ["environment LOG_LEVEL: log.level is not error, warn, info, debug or trace; info is used"]
    );
}

#[test]
fn a_proxy_with_a_password_is_used_only_when_asked_for_and_never_shown() {
    let proxy = "http://user:CANARYpassword@proxy:3128";
    let silent = world().env("HTTPS_PROXY", proxy);
    assert_eq!(silent.good().config.gemini.proxy, None);
    let asked = world().env("HTTPS_PROXY", proxy).toml("[gemini]\nproxy = \"environment\"");
    let loaded = asked.good();
    assert_eq!(loaded.config.gemini.proxy.as_ref().map(crate::config::Secret::expose), Some(proxy));
    assert!(!format!("{loaded:?}").contains("CANARY"), "{loaded:?}");
    assert_eq!(crate::redact::scrub("got CANARYpassword"), "got [redacted]");
}
