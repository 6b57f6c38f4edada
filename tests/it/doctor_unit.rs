//! What `svs doctor` says of the service, where systemd is a `systemctl` of the test's own that speaks the format of
//! the real one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{World, stdout};

const UNIT: &str = include_str!("../../deploy/svs.service");

/// A machine with one service: its unit and its systemctl.
struct Installed {
    world: World,
}

impl Installed {
    fn new() -> Installed {
        let installed = Installed { world: World::new() };
        fs::create_dir(installed.path("bin")).expect("a folder");
        fs::write(installed.path("svs.service"), UNIT).expect("a file");
        fs::write(installed.path("svs.toml"), "").expect("a file");
        fs::set_permissions(installed.path("svs.toml"), fs::Permissions::from_mode(0o600))
            .expect("permissions");
        installed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.folder().join(name)
    }

    /// The service as it should be, with some properties that are otherwise.
    fn service(&self, otherwise: &[(&str, &str)]) -> String {
        let start = |program: &Path, words: &str| {
            format!(
                "{{ path={} ; argv[]=svs run{words} ; ignore_errors=no ; start_time=[Tue 2026-11-24 03:00:00 UTC] ; \
                 stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }}",
                program.display()
            )
        };
        let config = format!(" -c {}", self.path("svs.toml").display());
        let mut lines = vec![
            ("Type".to_owned(), "notify".to_owned()),
            ("MainPID".to_owned(), "0".to_owned()),
            ("Result".to_owned(), "success".to_owned()),
            ("NRestarts".to_owned(), "0".to_owned()),
            ("ExecMainStatus".to_owned(), "0".to_owned()),
            ("ExecStart".to_owned(), start(Path::new(env!("CARGO_BIN_EXE_svs")), &config)),
            ("Id".to_owned(), "svs.service".to_owned()),
            ("LoadState".to_owned(), "loaded".to_owned()),
            ("ActiveState".to_owned(), "active".to_owned()),
            ("SubState".to_owned(), "running".to_owned()),
            ("FragmentPath".to_owned(), self.path("svs.service").display().to_string()),
            ("DropInPaths".to_owned(), String::new()),
            ("UnitFileState".to_owned(), "enabled".to_owned()),
            ("NeedDaemonReload".to_owned(), "no".to_owned()),
        ];
        for (name, value) in otherwise {
            let line = lines.iter_mut().find(|(known, _)| known == name).expect("a property");
            (*value).clone_into(&mut line.1);
        }
        let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.join("\n") + "\n"
    }

    /// What doctor says of the unit: the state and the words of each finding.
    fn found(&self, service: &str, timer: &str) -> Vec<(String, String)> {
        let said = self.path("said");
        fs::write(&said, format!("{service}\n{timer}")).expect("a file");
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in 'show --no-pager --property Id,'*' svs.service svs-keys-check.timer') ;; \
             *) exit 64 ;; esac\nexec /bin/cat {}\n",
            said.display()
        );
        self.found_by(&script)
    }

    fn found_by(&self, systemctl: &str) -> Vec<(String, String)> {
        let program = self.path("bin/systemctl");
        fs::write(&program, systemctl).expect("a file");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
        let mut command = self.world.svs(&["doctor", "--json"]);
        command.env("PATH", self.path("bin")).env("SVS_CONFIG", self.path("svs.toml"));
        let output = command.output().expect("the binary starts");
        let json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let checks =
            json["checks"].as_array().expect("checks").iter().filter(|check| check["check"] == "unit");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = |check: &Value| {
            let fix = text(&check["fix"]);
            let is_good = ["pass", "skip"].contains(&check["state"].as_str().expect("a state"));
            assert_eq!(fix.is_empty(), is_good, "a finding says what to type: {check}");
            (text(&check["state"]), format!("{} ({fix})", text(&check["found"])))
        };
        checks.map(found).collect()
    }
}

/// Properties that are otherwise, the state they lead to, and what is said.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);

const TIMER: &str = "Id=svs-keys-check.timer\nLoadState=loaded\nActiveState=active\nSubState=waiting\n";

#[test]
fn a_service_in_order_passes_and_says_what_it_starts_with_which_drop_ins() {
    let machine = Installed::new();
    let drop_in = machine.path("more.conf");
    fs::write(&drop_in, "[Service]\nSupplementaryGroups=operators\n").expect("a file");
    let service = machine.service(&[("DropInPaths", &drop_in.display().to_string())]);
    let found = machine.found(&service, TIMER);
    let [(state, words)] = &*found else { panic!("{found:?}") };
    assert_eq!(state, "pass", "{words}");
    assert!(words.contains(env!("CARGO_BIN_EXE_svs")) && words.contains("more.conf"), "{words}");
}

#[test]
fn whatever_is_wrong_with_the_service_is_found_with_what_to_type() {
    let machine = Installed::new();
    let elsewhere = machine.path("old-svs");
    fs::write(&elsewhere, "another program").expect("a file");
    let other = format!("{{ path={} ; argv[]=svs run ; ignore_errors=no ; }}", elsewhere.display());
    let gone = "{ path=/nonexistent/svs ; argv[]=svs run ; ignore_errors=no ; }";
    let changed = machine.path("changed.service");
    fs::write(&changed, UNIT.replace("ProtectHome=yes", "ProtectHome=no")).expect("a file");
    let drop_in = machine.path("soft.conf");
    fs::write(&drop_in, "[Service]\nProtectSystem=no\nLogLevelMax=info\n").expect("a file");
    let (changed, drop_in) = (changed.display().to_string(), drop_in.display().to_string());
    let cases: [Case<'_>; 14] = [
        (&[("LoadState", "masked")], "fail", &["masked", "systemctl unmask svs"]),
        (&[("LoadState", "bad-setting")], "fail", &["bad-setting", "systemd-analyze verify"]),
        (&[("LoadState", "not-found")], "skip", &["not installed"]),
        (
            &[("ActiveState", "failed"), ("Result", "exit-code"), ("ExecMainStatus", "78")],
            "fail",
            &["exit-code, status 78", "svs config check"],
        ),
        (&[("ActiveState", "failed"), ("Result", "watchdog")], "fail", &["watchdog", "journalctl -u svs"]),
        (
            &[
                ("ActiveState", "activating"),
                ("SubState", "auto-restart"),
                ("NRestarts", "4"),
                ("Result", "signal"),
            ],
            "fail",
            &["4 restarts", "signal", "journalctl"],
        ),
        (&[("ActiveState", "inactive")], "warn", &["stopped", "systemctl start svs"]),
        (&[("NRestarts", "1")], "warn", &["1 restart ", "reset-failed"]),
        (&[("UnitFileState", "disabled")], "warn", &["systemctl enable"]),
        (&[("NeedDaemonReload", "yes")], "warn", &["systemctl daemon-reload"]),
        (&[("ExecStart", gone)], "fail", &["/nonexistent/svs", "not there"]),
        (&[("ExecStart", &other)], "warn", &["old-svs", "doctor"]),
        (&[("FragmentPath", &changed)], "warn", &["changed.service", "svs service unit --print | diff"]),
        (&[("DropInPaths", &drop_in)], "warn", &["soft.conf", "ProtectSystem=no", "systemctl revert"]),
    ];
    for (otherwise, state, words) in cases {
        let found = machine.found(&machine.service(otherwise), TIMER);
        let named = |(found, said): &&(String, String)| {
            found == state && words.iter().all(|word| said.contains(word))
        };
        assert!(found.iter().any(|check| named(&check)), "{otherwise:?}: {found:?}");
        assert!(!found.iter().any(|(state, _)| state == "pass"), "{otherwise:?}: {found:?}");
    }
    let config = machine.service(&[]).replace("svs.toml", "other.toml");
    let found = machine.found(&config, TIMER);
    assert!(found[0].1.contains("other.toml") && found[0].1.contains("svs doctor -c "), "{found:?}");
    for (timer, word) in [
        (TIMER.replace("active", "inactive"), "enable --now svs-keys-check.timer"),
        (TIMER.replace("loaded", "not-found"), "not installed"),
    ] {
        let found = machine.found(&machine.service(&[]), &timer);
        assert!(found[0].0 == "warn" && found[0].1.contains(word), "{found:?}");
    }
}

#[test]
fn a_machine_without_systemd_says_so_and_is_none_the_worse() {
    let machine = Installed::new();
    let refuses =
        "#!/bin/sh\necho 'System has not been booted with systemd as init system (PID 1).' >&2\nexit 1\n";
    let expected = [("pass".to_owned(), "not under systemd ()".to_owned())];
    assert_eq!(machine.found_by(refuses), expected);
    let mut command = machine.world.svs(&["doctor", "--json"]);
    let output = command.env("PATH", machine.path("nowhere")).output().expect("the binary starts");
    assert!(stdout(&output).contains("not under systemd"), "{}", stdout(&output));
}
