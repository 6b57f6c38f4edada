//! svs.toml.example shows every setting with its default.

use std::collections::BTreeSet;

use super::world;
use crate::config::Origin;

const EXAMPLE: &str = include_str!("../../../svs.toml.example");
const DOT_ENV: &str = include_str!("../../../deploy/.env.example");

#[test]
fn the_example_says_exactly_the_defaults() {
    let defaults = world().good();
    let example = world().toml(EXAMPLE).good();
    assert_eq!(example.warnings, []);
    assert_eq!(example.config.rules, crate::domain::rules::Rules::default());
    let values = |loaded: &crate::config::Loaded| -> Vec<(String, String)> {
        let settings = loaded
            .settings
            .iter()
            .filter(|setting| !matches!(setting.name.as_str(), "storage.state_dir" | "control.socket"));
        settings.map(|setting| (setting.name.clone(), setting.value.clone())).collect()
    };
    assert_eq!(values(&example), values(&defaults));
}

#[test]
fn the_example_is_complete() {
    let loaded = world().toml(EXAMPLE).good();
    // These have no default to show, or are decided by the machine.
    let without: BTreeSet<&str> =
        ["telegram.token", "storage.state_dir", "control.socket", "storage.redis.host"].into();
    for setting in &loaded.settings {
        let name = setting.name.as_str();
        let is_said = matches!(setting.origin, Origin::File { .. });
        assert_eq!(is_said, !without.contains(name), "{name}");
    }
}

#[test]
fn what_the_example_comments_out_is_valid_too() {
    let mut section = "";
    let mut tried = 0;
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix("# ").unwrap_or(line).strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let Some(setting) = line.strip_prefix("# ").filter(|line| is_assignment(line)) else { continue };
        let setting = setting
            .replace("123456789:AA…", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1")
            .replace("AIza…", &super::key(1))
            .replace("AQ.…", "AQ.Ab8RN6Kq0123456789abcdef")
            .replace('…', "0123456789abcdef");
        let toml = format!("[{section}]\n{setting}\n");
        tried += 1;
        for (kind, problem) in world().toml(&toml).bad() {
            let is_expected =
                problem.contains("no such file") || problem.contains("is set and storage.supabase");
            assert!(is_expected, "{kind:?} {problem}\n{toml}");
        }
    }
    assert!(tried > 15, "{tried}");
}

fn is_assignment(line: &str) -> bool {
    let name = line.split(" = ").next().unwrap_or_default();
    line.contains(" = ")
        && !line.ends_with('[')
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[test]
fn the_other_example_is_a_dot_env_file() {
    let world = world().dot_env(DOT_ENV);
    assert!(world.good().config.keys.is_empty());
    let filled = DOT_ENV.replace("GROUP_A_KEYS=", &format!("GROUP_A_KEYS={}", super::key(1)));
    assert_eq!(super::world().dot_env(&filled).good().config.keys.len(), 1);
}
