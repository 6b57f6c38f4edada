//! Which files are read, from where, and which never.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::{key, world};
use crate::config::{config_path, into_command_error};
use crate::error::ErrorKind;

#[test]
fn a_named_file_must_exist_and_others_need_not() {
    assert!(world().good().file.is_none());
    let expected = vec![(ErrorKind::Config, "/nonexistent/svs.toml: no such file".to_owned())];
    assert_eq!(world().config("/nonexistent/svs.toml").bad(), expected);
    assert_eq!(world().env("SVS_CONFIG", "/nonexistent/svs.toml").bad(), expected);
}

#[test]
fn the_file_in_the_home_folder_is_found() {
    let world = world().file("home/.config/svs/svs.toml", "[seats]\nmax = 7\n");
    let loaded = world.good();
    assert_eq!(loaded.config.rules.seats.seats, 7);
    assert_eq!(loaded.file, Some(world.folder().join("home/.config/svs/svs.toml")));
    let mut options = world.options.clone();
    options.env = world.variables.iter().cloned().collect();
    assert_eq!(config_path(&options), (world.folder().join("home/.config/svs/svs.toml"), true));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let loaded = world().toml(b"\xef\xbb\xbf[seats]\r\nmax = 7\r\n").good();
    assert_eq!(loaded.config.rules.seats.seats, 7);
    assert!(world().toml(b"\xff\xfe[\0").bad()[0].1.contains("UTF-16"));
}

#[test]
fn the_null_device_is_an_empty_file() {
    assert!(world().config("/dev/null").good().config.keys.is_empty());
}

#[test]
fn a_file_with_secrets_is_only_for_its_owner() {
    let text = format!("[keys]\nA = [\"{}\"]\n", key(1));
    let open = world().file_with("open.toml", &text, 0o644);
    let path = open.folder().join("open.toml");
    let open = open.config(path);
    let expected = "open.toml: holds secrets and can be read by everybody on this machine".to_owned();
    assert_eq!(open.bad(), [(ErrorKind::Denied, expected)]);
    assert_eq!(into_command_error(&open.load().err().unwrap_or_default()).kind.exit_code(), 77);

    let without = world().file_with("open.toml", "[seats]\nmax = 1\n", 0o644);
    let path = without.folder().join("open.toml");
    assert!(without.config(path).load().is_ok());
}

#[test]
fn a_secret_in_a_file_of_its_own_may_be_readable_but_not_writable_by_all() {
    for (mode, allowed) in [(0o444, true), (0o600, true), (0o646, false)] {
        let world = world().file_with("secret", format!("{}\n", key(1)), mode);
        let path = world.folder().join("secret");
        let world = world.env("GROUP_A_KEYS_FILE", path);
        assert_eq!(world.load().is_ok(), allowed, "{mode:o}");
        if allowed {
            let loaded = world.good();
            assert_eq!(loaded.config.keys[0].secret.expose(), key(1));
            assert!(!loaded.warnings.iter().any(|warning| warning.message.contains("removed")));
        } else {
            assert_eq!(world.bad()[0].0, ErrorKind::Denied);
        }
    }
}

#[test]
fn a_file_of_keys_has_one_on_a_line() {
    let world =
        world().file("a.keys", format!("{}\r\n\n{}\n", key(1), key(2))).toml("[keys]\nA_file = \"a.keys\"");
    assert_eq!(world.good().config.keys.len(), 2);
}

#[test]
fn a_dot_env_of_another_user_is_not_read() {
    let mut world = world().dot_env(&format!("GROUP_A_KEYS={}", key(1)));
    assert_eq!(world.good().config.keys.len(), 1);
    // Root's files are trusted, so root gives it away; for anyone else it is enough to be somebody else.
    let _ = std::os::unix::fs::chown(world.folder().join(".env"), Some(4242), None);
    world.options.identity = crate::config::paths::Identity { uid: 4243 };
    assert!(world.good().config.keys.is_empty());
    assert_eq!(world.warnings(), [".env: not read: it belongs to another user"]);
}

#[test]
fn only_run_reads_the_dot_env_of_a_folder_and_others_the_one_they_are_given() {
    let world = world().file("my.env", "LOG_LEVEL=debug").file(".env", "LOG_LEVEL=trace");
    assert_eq!(world.good().config.log.level, crate::config::LogLevel::Info);
    let mut world = world;
    world.options.env_file = Some(world.folder().join("my.env"));
    assert_eq!(world.good().config.log.level, crate::config::LogLevel::Debug);
    world.options.env_file = Some(world.folder().join("no.env"));
    assert_eq!(world.bad()[0].1, "no.env: no such file");
}

#[test]
fn a_dot_env_with_secrets_is_only_for_its_owner() {
    let mut world = world().file_with(".env", format!("GROUP_A_KEYS={}", key(1)), 0o644);
    world.options.dot_env_in = Some(world.folder().to_owned());
    assert_eq!(world.bad()[0].0, ErrorKind::Denied);
}

#[test]
fn credentials_have_the_names_of_settings() {
    let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1";
    let mut world = world()
        .credential("telegram_token", &format!("{token}\n"))
        .credential("router_key_a", &key(1))
        .credential("gemini_keys", &format!("# all\nGROUP_A_KEYS={},{}\n", key(2), key(3)));
    let loaded = world.good();
    assert_eq!(loaded.config.telegram.token.as_ref().map(crate::config::Secret::expose), Some(token));
    assert_eq!(loaded.config.keys.len(), 3);
    world.options.credentials = false;
    assert!(world.good().config.keys.is_empty());
}

#[test]
fn paths_that_are_not_utf_8_work() {
    let name = OsString::from_vec(b"st\xff".to_vec());
    let loaded = world().env("SVS_STATE_DIR", name.clone()).env("SVS_SOCKET", name.clone()).good();
    assert_eq!(loaded.config.state_dir.as_os_str(), name);
    assert_eq!(loaded.config.control.candidates, [std::path::PathBuf::from(name)]);
}

#[test]
fn a_socket_path_must_fit() {
    assert!(world().env("SVS_SOCKET", format!("/{}", "s".repeat(106))).load().is_ok());
    let bad = world().env("SVS_SOCKET", format!("/{}", "s".repeat(107))).bad();
    assert!(bad[0].1.contains("108 bytes"), "{bad:?}");
}

#[test]
fn systemd_names_the_state_and_the_socket() {
    let loaded =
        world().env("STATE_DIRECTORY", "/var/lib/private/svs").env("RUNTIME_DIRECTORY", "/run/svs").good();
    assert_eq!(loaded.config.state_dir, std::path::Path::new("/var/lib/private/svs"));
    assert_eq!(loaded.config.control.socket, std::path::Path::new("/run/svs/control.sock"));
}
