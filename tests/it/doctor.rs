//! `svs doctor`: what it finds, and that every finding which is not good says what to do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use svs::sandbox::Options;

use crate::support::{World, bare_svs, code, stderr, stdout};

/// State and words of the checks with this name.
fn found(output: &Output, name: &str) -> Vec<(String, String, String)> {
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = json["checks"].as_array().expect("checks").iter();
    let named = checks.filter(|check| check["check"] == name);
    named.map(|check| (text(&check["state"]), text(&check["found"]), text(&check["fix"]))).collect()
}

/// One check with this name, whose state is as expected.
fn expect(output: &Output, name: &str, state: &str, word: &str) {
    let checks = found(output, name);
    let (found, said, fix) = checks.first().unwrap_or_else(|| panic!("no {name}: {}", stdout(output)));
    assert_eq!(found, state, "{name}: {said}");
    assert!(said.contains(word) || fix.contains(word), "{name}: {said} ({fix})");
    assert_eq!(fix.is_empty(), !["warn", "fail"].contains(&state), "{name}: {fix}");
}

fn run(mut command: Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the binary starts")
}

fn online(world: &World) -> Command {
    world.svs(&["doctor", "--online", "--json"])
}

#[test]
fn a_machine_in_order_passes_everywhere_and_nothing_is_spent() {
    let world = World::new();
    // A svs that is installed on this machine is not the one of the test.
    let no_systemd = |arguments: &[&str]| {
        let mut command = world.svs(arguments);
        command.env("PATH", world.folder());
        run(command)
    };
    let output = no_systemd(&["doctor", "--online"]);
    assert_eq!(code(output.status), "0", "{}{}", stdout(&output), stderr(&output));
    assert!(!stdout(&output).contains("WARN") && !stdout(&output).contains("FAIL"), "{}", stdout(&output));
    let output = run(online(&world));
    for (name, word) in [
        ("configuration", "25 keys"),
        ("getMe", "@svs_sandbox_bot"),
        ("webhook", "none"),
        ("keys", "5 keys"),
        ("models", "gemini-3.8-flash"),
        ("capacity", "owner"),
    ] {
        expect(&output, name, "pass", word);
    }
    assert_eq!(found(&output, "clock").len(), 2);
    let nagios = no_systemd(&["doctor", "--online", "-o", "nagios"]);
    assert!(stdout(&nagios).starts_with("OK - "), "{}", stdout(&nagios));
    assert!(world.sandbox().gemini().generations().is_empty());
    // Without --online nobody is asked.
    let (before, asked) = (world.sandbox().gemini().call_count(), world.sandbox().telegram().call_count());
    assert_eq!(code(no_systemd(&["doctor"]).status), "0");
    assert_eq!(world.sandbox().gemini().call_count(), before);
    assert_eq!(world.sandbox().telegram().call_count(), asked);
    let _daemon = world.start(&[]);
    world.wait("the daemon", || code(world.output(&["health"]).status) == "0");
    expect(&world.output(&["doctor", "--json"]), "daemon", "pass", "running");
}

#[test]
fn a_machine_without_a_configuration_is_told_how_to_make_one() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = bare_svs(&["doctor", "--json"]);
    command.env("HOME", home.path());
    let output = run(command);
    assert_eq!(code(output.status), "2");
    expect(&output, "configuration", "fail", "svs init");
}

#[test]
fn what_telegram_and_google_refuse_is_found_with_its_remedy() {
    let world = World::with(Options { privacy: true, ..Options::default() });
    world.sandbox().gemini().fail("A1=400key").expect("a known fault");
    let mut command = online(&world);
    command.env("SVS_GROUPS_KEYWORDS", "gemini").env("SVS_GEMINI_MODELS_FLASH", "gemini-3.88-flash");
    command.env("HTTPS_PROXY", "http://127.0.0.1:9");
    let output = run(command);
    assert_eq!(code(output.status), "1", "{}", stderr(&output));
    expect(&output, "keys", "warn", "A1: ");
    expect(&output, "privacy mode", "warn", "/setprivacy");
    expect(&output, "models", "warn", "gemini.models.flash = \"gemini-3.8-flash\"");
    expect(&output, "proxy", "warn", "HTTPS_PROXY");
    assert!(!stdout(&output).contains("127.0.0.1:9"), "the address of a proxy may hold a password");

    let mut wrong = online(&world);
    wrong.env("TELEGRAM_BOT_SVSKILO_TOKEN", "7000000001:AAwrongwrongwrongwrongwrongwrongwro");
    wrong.env("SVS_GEMINI_API_URL", "http://127.0.0.1:9");
    let output = run(wrong);
    assert_eq!(code(output.status), "2");
    expect(&output, "getMe", "fail", "/token");
    expect(&output, "keys", "fail", "svs keys check");
    assert!(!stdout(&output).contains("wrongwrong"));
}

#[test]
fn a_webhook_that_takes_the_updates_is_a_failure() {
    let world = World::new();
    let url = format!(
        "{}/bot{}/setWebhook?url=https://example.org/hook",
        world.sandbox().telegram_url(),
        world.sandbox().bot_token()
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    assert!(runtime.block_on(reqwest::get(url)).expect("it answers").status().is_success());
    let output = run(online(&world));
    assert_eq!(code(output.status), "2");
    expect(&output, "webhook", "fail", "svs webhook delete");
    let nagios = world.output(&["doctor", "--online", "-o", "nagios"]);
    assert!(stdout(&nagios).starts_with("CRITICAL - webhook: "), "{}", stdout(&nagios));
}

#[test]
fn a_clock_that_differs_is_found() {
    // A server whose clock stands since 1994.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let world = World::new();
    let mut command = online(&world);
    command.env("SVS_GEMINI_API_URL", &url);
    let output = run(command);
    let clocks = found(&output, "clock");
    assert_eq!((clocks[0].0.as_str(), clocks[1].0.as_str()), ("pass", "fail"), "{clocks:?}");
    assert!(clocks[1].1.contains("ahead of Google") && clocks[1].2.contains("set-ntp"), "{clocks:?}");
}

#[test]
fn files_that_others_may_read_and_a_state_that_cannot_be_are_found() {
    let world = World::new();
    let file = world.folder().join("svs.toml");
    std::fs::write(&file, "[seats]\nmax = 2\n").expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    let named = file.to_str().expect("UTF-8");
    let output = world.output(&["doctor", "--json", "-c", named]);
    assert_eq!(code(output.status), "1");
    expect(&output, "permissions", "warn", "chmod 600");
    let mut command = world.svs(&["doctor", "--json"]);
    command.env("SVS_STATE_DIR", file.join("below"));
    let output = run(command);
    assert_eq!(code(output.status), "2", "{}", stdout(&output));
    assert_eq!(found(&output, "state")[0].0, "fail");
    std::fs::write(&file, "[seats]\nmaxx = 2\n").expect("a file");
    let output = world.output(&["doctor", "--json", "-c", named]);
    expect(&output, "configuration", "fail", "did you mean seats.max?");
}
