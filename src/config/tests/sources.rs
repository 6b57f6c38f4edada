//! Who wins where several sources speak, and what no source may say.

use std::time::Duration;

use proptest::prelude::{any, proptest};

use super::{key, world};
use crate::config::{Origin, variables_of};
use crate::error::ErrorKind;

#[test]
fn a_later_source_wins() {
    let mut world = world().toml(format!("[keys]\nA = [\"{}\"]\n", key(1)));
    let winner = |world: &super::World| world.good().config.keys[0].secret.expose().to_owned();
    assert_eq!(winner(&world), key(1));
    world = world.dot_env(&format!("GROUP_A_KEYS={}\n", key(2)));
    assert_eq!(winner(&world), key(2));
    world = world.env("GROUP_A_KEYS", key(3));
    assert_eq!(winner(&world), key(3));
    world = world.file("a.keys", key(4));
    let path = world.folder().join("a.keys");
    world = world.env("GROUP_A_KEYS_FILE", path);
    assert_eq!(winner(&world), key(4));
    world = world.credential("gemini_keys", &format!("GROUP_A_KEYS={}\n", key(5)));
    assert_eq!(winner(&world), key(5));
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let world = world().toml("[control]\nsocket = \"/a\"\n[log]\nlevel = \"warn\"").env("SVS_SOCKET", "/b");
    let loaded = world.good();
    assert_eq!(loaded.config.control.socket, std::path::Path::new("/b"));
    let origin =
        |name: &str| loaded.settings.iter().find(|setting| setting.name == name).map(|found| &found.origin);
    assert_eq!(origin("control.socket"), Some(&Origin::Env("SVS_SOCKET".to_owned())));
    assert!(origin("log.level").is_some_and(|origin| origin.to_string().ends_with("svs.toml:4:1")));
    assert_eq!(origin("log.format"), Some(&Origin::Default));
    let flagged = world.flag("--socket", "control.socket", "/c").good();
    assert_eq!(flagged.config.control.socket, std::path::Path::new("/c"));
}

#[test]
fn every_setting_has_a_variable() {
    assert_eq!(variables_of("log.level"), ["SVS_LOG_LEVEL", "LOG_LEVEL"]);
    let loaded = world()
        .env("SVS_LIMITS_FLASH_LITE_RPM", "15")
        .env("SVS_LIMITS_COOLDOWN", "1s")
        .env("SVS_TELEGRAM_CLOSED", "yes")
        .env("SVS_ROLES_VIP_PER_DAY", "off")
        .env("SVS_BREAKERS_MODEL_BACKOFF", "1s, 2s")
        .env("BOT_OWNER_ID", "7, 8")
        .env("GROUP_A_KEYS", key(1))
        .env("SVS_LIMITS_KEYS_A1_COOLDOWN", "2s")
        .good();
    let config = &loaded.config;
    assert_eq!(config.rules.key.models.0[0].rpm, 15);
    assert_eq!(config.rules.key.cooldown, Duration::from_secs(1));
    assert_eq!(config.rules.breakers.model_backoff.len(), 2);
    assert_eq!(config.telegram.owner_ids.iter().map(|id| id.0).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(config.keys[0].limits.cooldown, Duration::from_secs(2));
    assert!(config.telegram.closed);
}

#[test]
fn a_misspelled_variable_is_noticed() {
    let world = world().env("SVS_LIMITS_COOLDWON", "1s").env("SVS_SOMETHING_ELSE", "1");
    assert_eq!(
        world.warnings(),
        ["environment SVS_LIMITS_COOLDWON: no such setting; did you mean SVS_LIMITS_COOLDOWN?"]
    );
}

#[test]
fn two_names_of_one_setting_should_agree() {
    let world = world().env("LOG_LEVEL", "debug").env("SVS_LOG_LEVEL", "warn");
    assert_eq!(world.good().config.log.level, crate::config::LogLevel::Warn);
    assert_eq!(world.warnings(), ["environment LOG_LEVEL: not used: SVS_LOG_LEVEL says something else"]);
}

#[test]
fn a_dot_env_file_redirects_nothing() {
    for (line, setting) in [
        ("SVS_GEMINI_API_URL=https://evil", "gemini.api_url"),
        ("SVS_TELEGRAM_API_URL=http://127.0.0.1:1", "telegram.api_url"),
        ("SVS_GEMINI_PROXY=http://evil:1", "gemini.proxy"),
        ("SVS_TELEGRAM_PROXY=environment", "telegram.proxy"),
    ] {
        let expected = format!(
            ".env:1 {}: {setting} may not be set in a .env file",
            &line[..line.find('=').unwrap_or(0)]
        );
        assert_eq!(world().dot_env(line).bad(), [(ErrorKind::Config, expected)]);
    }
    let split = world().dot_env("SUPABASE_URL=https://evil").env("SUPABASE_KEY", "0123456789abcdef");
    assert!(split.bad()[0].1.contains("may not be set in a .env file"));
    let whole = world().dot_env("SUPABASE_URL=https://x.supabase.co\nSUPABASE_KEY=0123456789abcdef\n");
    assert!(whole.load().is_ok());
}

#[test]
fn an_endpoint_from_elsewhere_is_loopback_or_warned_of() {
    for url in ["http://127.0.0.1:8081", "http://localhost:1/prefix", "http://[::1]:1", "https://127.0.0.1"] {
        let world = world().env("SVS_GEMINI_API_URL", url);
        assert_eq!(world.good().config.gemini.api_url, url);
        assert!(world.warnings().is_empty(), "{url}");
    }
    let world = world().env("SVS_GEMINI_API_URL", "https://mirror.test/");
    assert_eq!(world.good().config.gemini.api_url, "https://mirror.test");
    assert_eq!(
        world.warnings(),
        ["environment SVS_GEMINI_API_URL: gemini.api_url: secrets are sent to mirror.test"]
    );
}

#[test]
fn a_project_is_stable_when_its_key_moves() {
    let before = world().env("GROUP_A_KEYS", format!("{},{}", key(1), key(2))).good();
    let after = world().env("GROUP_A_KEYS", key(2)).env("GROUP_B_KEYS", key(1)).good();
    let project = |loaded: &crate::config::Loaded, n| {
        let found = loaded.config.keys.iter().find(|found| found.secret.expose() == key(n));
        found.map(|found| found.project.clone())
    };
    assert!(project(&before, 1).is_some_and(|project| project.0.starts_with("key:")));
    assert_eq!(project(&before, 1), project(&after, 1));
    assert_ne!(project(&before, 1), project(&before, 2));
}

#[test]
fn limits_of_one_key() {
    let loaded = world()
        .toml(format!(
            "[keys]\nA = [\"{}\", {{ key = \"{}\", limits = {{ cooldown = \"1s\", pro = {{ rpm = 99 }} }} }}]\n\
             [limits.keys.A1.flash]\nrpm = 77\n[limits.pro]\ndaily_limit = 7\n",
            key(1),
            key(2)
        ))
        .good();
    let [first, second] = &loaded.config.keys[..] else { panic!("two keys") };
    assert_eq!((first.limits.models.0[1].rpm, first.limits.models.0[2].daily_limit), (77, 7));
    assert_eq!((second.limits.models.0[2].rpm, second.limits.models.0[2].daily_limit), (99, 7));
    assert_eq!(second.limits.cooldown, Duration::from_secs(1));
    assert_eq!(second.limits.strikes, loaded.config.rules.key.strikes);
}

#[test]
fn a_router_key_has_its_own_table_and_another_source_wins_over_it() {
    let toml = format!(
        "[keys]\nrouter_a = {{ key = \"{}\", project = \"r\" }}\nB = [{{ key = \"{}\" }}]\n",
        key(1),
        key(2)
    );
    let loaded = world().toml(&toml).good();
    let projects: Vec<&str> = loaded.config.keys.iter().map(|key| &*key.project.0).collect();
    assert!(projects[0].starts_with("key:") && projects[1] == "r", "{projects:?}");
    let over = world().toml(&toml).env("ROUTER_KEY_A", key(3)).env("GROUP_B_KEYS", key(4)).good();
    assert_eq!(
        over.config.keys.iter().map(|key| key.secret.expose().to_owned()).collect::<Vec<_>>(),
        [key(4), key(3)]
    );
}

#[test]
fn nothing_that_is_shown_holds_a_secret() {
    let loaded = world()
        .env("GROUP_A_KEYS", key(123))
        .env("TELEGRAM_BOT_SVSKILO_TOKEN", format!("1234567:{}", key(9)))
        .good();
    let shown = format!("{loaded:?}");
    for secret in [key(123), key(9)] {
        assert!(!shown.contains(&secret[..30]), "{shown}");
    }
    assert!(
        loaded
            .settings
            .iter()
            .any(|setting| setting.name == "keys.A1" && setting.value == format!("\"…{}\"", &key(123)[35..]))
    );
    assert_eq!(crate::redact::scrub(&key(123)), "[redacted]");
}

/// `cargo nextest run --lib --run-ignored only -E 'test(how_long_loading_takes)' --no-capture`
#[test]
#[ignore = "a measurement"]
fn how_long_loading_takes() {
    let list = |from: u32, n: u32| (from..from + n).map(key).collect::<Vec<_>>().join(",");
    let world = world()
        .toml(include_str!("../../../svs.toml.example"))
        .env("GROUP_A_KEYS", list(0, 6))
        .env("GROUP_B_KEYS", list(6, 6))
        .env("GROUP_C_KEYS", list(12, 6))
        .env("GROUP_D_KEYS", list(18, 5))
        .env("ROUTER_KEY_A", key(23))
        .env("ROUTER_KEY_B", key(24));
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            let start = std::time::Instant::now();
            assert_eq!(world.good().config.keys.len(), 25);
            start.elapsed()
        })
        .collect();
    let first = times[0];
    times.sort_unstable();
    let median = times[50];
    std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("first {first:?}, median {median:?}\n"))
        .expect("stderr");
}

proptest! {
    #[test]
    fn no_bytes_anywhere_make_it_panic(
        toml in proptest::collection::vec(any::<u8>(), 0..300),
        keys in any::<String>(),
        dot_env in any::<String>(),
    ) {
        let keys = keys.replace('\0', "");
        let _ = world().toml(toml).dot_env(&dot_env).env("GROUP_A_KEYS", keys).load();
    }

    #[test]
    fn no_toml_makes_it_panic(
        section in "keys|projects|limits|limits\\.keys\\.A1|gemini\\.safety|telegram|storage\\.redis|roles\\.vip",
        name in "A|A_file|token|rpm|host|url|owner_ids|[a-zA-Z_]{1,6}",
        value in "-?[0-9]{1,30}|\"[ -!#-\\[\\]-~é，]{0,20}\"|\\[\\]|\\{\\}|true|1e9|nan|\\[\\{key = \"a\"\\}\\]|1979-05-27",
    ) {
        let _ = world().toml(format!("[{section}]\n{name} = {value}\n")).load();
    }
}
