//! svs under a real systemd, put there by `deploy/deploy.sh` as an operator does it: started, reloaded, killed,
//! upgraded, rolled back, stopped and taken away again. Where no systemd can be booted, it says so and is skipped.

use std::fs;
use std::io::Write as _;

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::ChatSpec;

use crate::support::machine::Machine;
use crate::support::{World, is_final, owner};

/// What the sandbox says of itself, spread over the places where a service gets it from.
fn configure(machine: &Machine, world: &World) {
    let (mut keys, mut environment) = (Vec::new(), vec!["[Service]".to_owned()]);
    for (name, value) in world.sandbox().environment() {
        match name.as_str() {
            "TELEGRAM_BOT_SVSKILO_TOKEN" => machine.write("etc/credstore/svs.telegram_token", 0o600, &value),
            _ if name.contains("_KEY") => keys.push(format!("{name}={value}")),
            _ => environment.push(format!("Environment={name}={value}")),
        }
    }
    machine.write("etc/credstore/svs.gemini_keys", 0o600, &(keys.join("\n") + "\n"));
    machine.write("etc/systemd/system/svs.service.d/sandbox.conf", 0o644, &(environment.join("\n") + "\n"));
}

fn deploy(machine: &Machine, binary: &str) -> (String, i32) {
    machine.try_run(&format!("/deploy/deploy.sh prod deploy --binary {binary}"))
}

/// What doctor says of the unit.
fn unit_checks(machine: &Machine) -> Vec<(String, String)> {
    let (said, _) = machine.try_run("svs doctor --json");
    let json: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("no JSON: {said}"));
    let checks = json["checks"].as_array().expect("checks").iter().filter(|check| check["check"] == "unit");
    let text = |check: &Value, field: &str| check[field].as_str().unwrap_or_default().to_owned();
    checks.map(|check| (text(check, "state"), text(check, "found"))).collect()
}

#[test]
fn the_whole_life_of_a_service() {
    let machine = match Machine::boot() {
        Ok(machine) => machine,
        Err(why) => return println!("skipped: {why}"),
    };
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    fs::copy(env!("CARGO_BIN_EXE_svs"), machine.path("root/svs")).expect("a copy of svs");
    configure(&machine, &world);
    let pid = || machine.property("svs", "MainPID");
    let telegram = world.sandbox().telegram();

    // A configuration that is refused changes nothing.
    machine.write("etc/svs/svs.toml", 0o644, "[limits]\ncooldwn = \"1s\"\n");
    let (said, code) = deploy(&machine, "/root/svs");
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("cooldwn"), "{said}");
    assert!(!machine.path("local/bin/svs").exists());
    machine.write("etc/svs/svs.toml", 0o644, "[log]\nlevel = \"debug\"\n");

    // It starts, as nobody in particular, and answers.
    let (said, code) = deploy(&machine, "/root/svs");
    assert_eq!(code, 0, "{said}\n{}", machine.journal());
    assert_eq!(machine.run("systemctl is-active svs-bot"), "active", "by the name of its predecessor");
    machine.wait("a status", || machine.property("svs", "StatusText") == "polling, 25/25 keys, VIP 0/3");
    let first = pid();
    let uid = machine.run(&format!("stat --format=%u /proc/{first}"));
    assert!((61184..=65519).contains(&uid.parse::<u32>().expect("a uid")), "{uid} is no dynamic user");
    let environment = machine.run(&format!("tr '\\0' '\\n' < /proc/{first}/environ"));
    assert!(!environment.contains(world.sandbox().bot_token()), "the token is in the environment");
    assert_eq!(world.ask(&owner(), "hello", 1).len(), 1);

    // What was deployed is what doctor expects, and it names what was added.
    let [(state, found)] = &*unit_checks(&machine) else { panic!("{:?}", unit_checks(&machine)) };
    assert_eq!(state, "pass", "{found}");
    assert!(found.contains("/svs.service.d/sandbox.conf"), "{found}");

    // Once more changes nothing.
    let (said, code) = deploy(&machine, "/root/svs");
    assert_eq!((code, pid()), (0, first.clone()), "{said}");
    assert!(said.starts_with("nothing to do"), "{said}");

    machine.run("systemctl reload svs");
    assert_eq!((pid(), machine.run("systemctl is-active svs")), (first.clone(), "active".to_owned()));

    // The keys are checked in the running svs, and the second time nothing has changed.
    for _ in 0..2 {
        machine.run("systemctl start svs-keys-check.service");
    }
    assert!(machine.path("var/lib/svs-keys-check/last").exists());

    // Killed in the middle of an answer, it comes back, and the answer comes once.
    telegram.say(&owner(), &ChatSpec::Private, "are you there?");
    machine.run("systemctl kill --signal=KILL svs");
    machine.wait("another process", || pid() != first && pid() != "0");
    let answered =
        || telegram.answers(owner().id).into_iter().filter(|seen| seen.text.contains("are you there?"));
    world.wait("an answer", || answered().any(|seen| is_final(&seen)));
    // What was opened before the kill may be left over, but the answer is said once.
    assert_eq!(answered().filter(is_final).count(), 1);
    assert_eq!(machine.property("svs", "NRestarts"), "1");

    // A process that stands is noticed by its watchdog.
    machine.write("etc/systemd/system/svs.service.d/watchdog.conf", 0o644, "[Service]\nWatchdogSec=2\n");
    machine.run("systemctl daemon-reload && systemctl restart svs");
    let second = pid();
    machine.run(&format!("kill -STOP {second}"));
    machine.wait("a restart by the watchdog", || pid() != second && pid() != "0");
    assert!(machine.journal().contains("Watchdog timeout"), "{}", machine.journal());
    fs::remove_file(machine.path("etc/systemd/system/svs.service.d/watchdog.conf")).expect("it was there");
    machine.run("systemctl daemon-reload");

    // An upgrade, and back.
    let sum = |path: &str| machine.run(&format!("sha256sum < {path}"));
    let runs = || sum(&format!("/proc/{}/exe", pid()));
    let old = sum("/root/svs");
    fs::copy(machine.path("root/svs"), machine.path("root/newer")).expect("a copy");
    let mut newer = fs::OpenOptions::new().append(true).open(machine.path("root/newer")).expect("a file");
    newer.write_all(b"newer").expect("it can be written");
    drop(newer);
    let (said, code) = deploy(&machine, "/root/newer");
    assert_eq!((code, runs()), (0, sum("/root/newer")), "{said}");
    machine.run("/deploy/deploy.sh prod rollback");
    assert_eq!(runs(), old);
    machine.run("/deploy/deploy.sh prod rollback");
    assert_eq!(runs(), sum("/root/newer"));

    // One that does not come up is taken back.
    let broken = "#!/bin/sh\n[ \"$*\" = run ] && exit 1\nexec /root/svs \"$@\"\n";
    machine.write("root/broken", 0o755, broken);
    let (said, code) = deploy(&machine, "/root/broken");
    assert_eq!((code, runs()), (69, sum("/root/newer")), "{said}");
    assert!(said.contains("runs again"), "{said}");

    // It ends when what it was answering is said.
    world.sandbox().gemini().answer(Answer::Long(3000));
    let sent = world.sandbox().gemini().calls().len();
    telegram.say(&owner(), &ChatSpec::Private, "the last one");
    world.wait("a call of Gemini", || world.sandbox().gemini().calls().len() > sent);
    machine.run("systemctl stop svs");
    assert_eq!(machine.property("svs", "Result"), "success");
    assert_eq!(machine.property("svs", "ExecMainStatus"), "0");
    let stopped = ("warn".to_owned(), "svs.service is stopped".to_owned());
    assert_eq!(unit_checks(&machine), [stopped]);

    // What it was, and nothing of it afterwards.
    let (said, code) = machine.try_run("/deploy/deploy.sh prod status");
    assert_eq!(code, 69, "{said}");
    assert!(said.contains("inactive, enabled"), "{said}");
    machine.run("/deploy/deploy.sh prod uninstall --dry-run");
    assert!(machine.path("local/bin/svs").exists());
    machine.run("/deploy/deploy.sh prod uninstall --purge");
    machine.run("/deploy/deploy.sh prod uninstall --purge");
    let left = machine.run("find / -xdev -name '*svs*' -not -path '/root/*' -not -path '/proc/*' -not -path '/usr/*' -not -path '*/journal/*' -not -path '*.service.d*' -not -path '/deploy/*' -not -path '/etc/hostname'");
    assert_eq!(left, "", "deploy.sh left something");
}
