//! What the README shows is what svs prints: its example is written as it stands there, run beside a daemon, and every
//! command typed in the README's order. Only numbers, times and the ends of keys may differ.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::User;

use crate::documents::{blocks, read};
use crate::support::pty::Pty;
use crate::support::{World, bare_svs};

/// The example as a newcomer fills it in: the bot's token, and four keys of which Google knows three.
fn example(world: &World) -> String {
    let readme = read("README.md");
    let example =
        blocks(&readme).into_iter().find_map(|block| block.strip_prefix("toml\n")).expect("an example");
    let mut example = example.replace("YOUR-BOT-TOKEN", world.sandbox().bot_token());
    let gemini = world.sandbox().gemini();
    for (word, known_as) in [("FIRST", "A1"), ("SECOND", "A2"), ("THIRD", "C1"), ("FOURTH", "nobody's")] {
        let secret = format!("AQ.{}{word}", "k3yk".repeat(12));
        if known_as != "nobody's" {
            gemini.register_key(known_as, &secret, if known_as == "C1" { "own" } else { "my-account" });
        }
        example = example.replace(&format!("{word}-KEY"), &secret);
    }
    example
}

/// Leads the binary to this world without telling it keys: those are in the file.
fn environment(world: &World) -> Vec<(String, String)> {
    let secret =
        |name: &str| name.starts_with("GROUP_") || name.starts_with("ROUTER_") || name.starts_with("BOT_");
    let mut variables = world.environment();
    variables.retain(|(name, _)| !secret(name) && name != "TELEGRAM_BOT_SVSKILO_TOKEN");
    variables.push(("SVS_CONFIG".to_owned(), "svs.toml".to_owned()));
    variables
}

/// Text in which every number and time is alike, and every end of a key, and every width of a gap.
fn alike(text: &str) -> String {
    let word = |word: &str| {
        let digit = |sign: char| sign.is_ascii_digit();
        let mut shape = word.replace(digit, "0");
        while shape.contains("00") {
            shape = shape.replace("00", "0");
        }
        match shape.as_str() {
            key if key.starts_with('…') => "…".to_owned(),
            // `9m 40s` is a time as `10m` is.
            "0ms" | "0s" | "0m" | "0h" | "0d" => "0".to_owned(),
            _ => shape,
        }
    };
    let line = |line: &str| {
        let mut words: Vec<String> = line.split_whitespace().map(word).collect();
        words.dedup_by(|later, former| later == "0" && former == "0");
        words.join(" ")
    };
    text.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_command_that_the_readme_shows_prints_what_it_shows() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let file = world.folder().join("svs.toml");
    fs::write(&file, example(&world)).expect("it can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let environment = environment(&world);
    let shell = |line: &str| {
        let mut shell = Command::new("/bin/sh");
        let folder = Path::new(env!("CARGO_BIN_EXE_svs")).parent().expect("the binary's folder");
        shell.args(["-c", line]).current_dir(world.folder()).envs(environment.iter().cloned());
        shell.env("PATH", format!("{}:/usr/bin:/bin", folder.display())).env("HOME", world.folder());
        // Wider than any line: what is shown is not folded.
        let mut terminal = Pty::start(shell.env("NO_COLOR", "1"), 200, 50);
        terminal.end();
        terminal.screen()
    };
    let mut daemon = bare_svs(&["run"]);
    daemon.current_dir(world.folder()).envs(environment.iter().cloned());
    let _daemon = world.spawn(daemon);
    let somebody = User::new(42, "Someone").username("someone");
    world.ask(&somebody, "hello", 1);

    let readme = read("README.md");
    let mut shown = 0;
    let mut others = Vec::new();
    for block in blocks(&readme).into_iter().filter_map(|block| block.strip_prefix("console\n$ ")) {
        for typed in block.split("\n$ ") {
            let (command, output) = typed.split_once('\n').expect("a command and its output");
            match command {
                "svs vip ls" => {
                    shell("svs vip grant 42 --for 10m");
                    world.ask(&somebody, "and again", 3);
                }
                "svs users role @someone vip --for 30d" => drop(shell("svs users role 42 normal")),
                _ => {}
            }
            let printed = shell(command);
            if alike(&printed) != alike(output) {
                others.push(format!("$ {command}\n{printed}"));
            }
            shown += 1;
        }
    }
    assert!(others.is_empty(), "the README shows otherwise:\n{}", others.join("\n"));
    assert_eq!(shown, 8);
}
