//! `svs init`: a configuration from a token and keys, asked for on a real terminal or read from files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::terminal::Terminal;
use crate::support::{World, bare_svs, code, stderr, stdout};

/// A home of nobody yet, beside servers that know a token and keys.
struct Newcomer {
    world: World,
}

impl Newcomer {
    fn new() -> Newcomer {
        Newcomer { world: World::new() }
    }

    /// The binary with nothing but a home and the addresses of the servers.
    fn svs(&self, arguments: &[&str]) -> Command {
        let mut command = bare_svs(arguments);
        command.env("HOME", self.world.folder()).current_dir(self.world.folder());
        command.env("SVS_TELEGRAM_API_URL", self.world.sandbox().telegram_url());
        command.env("SVS_GEMINI_API_URL", self.world.sandbox().gemini_url());
        command.env("SVS_SOCKET", self.world.socket());
        // Root's state would be elsewhere, and may be there.
        command.env("SVS_STATE_DIR", self.world.folder().join("state"));
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.svs(arguments).stdin(Stdio::null()).output().expect("the binary starts")
    }

    /// Where svs looks first.
    fn file(&self) -> PathBuf {
        self.world.folder().join(".config/svs/svs.toml")
    }

    fn token(&self) -> String {
        self.world.sandbox().bot_token().to_owned()
    }

    /// The secrets of the keys with these labels.
    fn keys(&self, labels: &[&str]) -> Vec<String> {
        let known = self.world.sandbox().gemini().keys();
        let secret = |label: &&str| {
            known.iter().find(|(name, _, _)| name == label).map(|row| row.1.clone()).expect("a known key")
        };
        labels.iter().map(secret).collect()
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.world.folder().join(name);
        fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// What svs makes of the file, secrets masked: the names of its settings.
    fn settings(&self) -> Vec<(String, String)> {
        let output = self.output(&["config", "show", "--json", "--changed"]);
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let all = json["settings"].as_array().expect("settings").iter();
        all.map(|setting| (text(&setting["name"]), text(&setting["value"]))).collect()
    }
}

fn no_secret(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(&secret[..secret.len() - 4]), "a secret is shown:\n{text}");
    }
}

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";

#[test]
fn the_wizard_asks_tries_and_writes() {
    let newcomer = Newcomer::new();
    let (token, keys) = (newcomer.token(), newcomer.keys(&["A1", "B1", "C1"]));
    let dead = "AIzaSyNotAKeyOfAnybody00000000000000001".to_owned();
    let mut terminal = Terminal::start(newcomer.svs(&["init"]));
    let wrong = "7000000001:AAwrongwrongwrongwrongwrongwrongwro".to_owned();
    terminal.answer("The bot's token", &format!("{wrong}\n"));
    terminal.expect("Telegram does not know this token");
    terminal.answer("The bot's token", &format!("{token}\n"));
    terminal.expect("the bot is @svs_sandbox_bot");
    terminal.answer("Who is the owner?", &format!("{DOWN}\r"));
    terminal.answer("numeric id", "@ming\r");
    terminal.answer("a number", &"\x7f".repeat(5));
    terminal.press("42\r");
    terminal.answer("The API keys", "\r");
    // A paste of many lines at once.
    terminal.answer("then an empty line", &format!("{}\n{},{dead}\n{}\n\n", keys[0], keys[1], keys[2]));
    terminal.expect("read 4 keys");
    terminal.answer("Leave out 1 key?", "y\n");
    terminal.answer("Which group has which keys?", &format!("{DOWN}{DOWN}\r"));
    for group in ["\r", "D\r", "ra\r"] {
        terminal.answer("A, B, C, D, RA or RB", group);
    }
    terminal.answer("quota per project", &format!("{DOWN}{DOWN}{UP}\r"));
    terminal.expect("svs doctor --online");
    let (status, screen) = terminal.end();
    assert_eq!(code(status), "0", "{screen}");
    no_secret(&screen, &[keys.clone(), vec![token, wrong, dead]].concat());
    let file = newcomer.file();
    assert_eq!(fs::metadata(&file).expect("written").permissions().mode() & 0o777, 0o600);
    let beside = fs::read_dir(file.parent().expect("a folder")).expect("readable").count();
    assert_eq!(beside, 1, "nothing is left beside it");
    let settings = newcomer.settings();
    let value = |name: &str| settings.iter().find(|row| row.0 == name).map(|row| row.1.as_str());
    assert_eq!(value("telegram.owner_ids"), Some("[42]"));
    let places: Vec<&str> =
        settings.iter().map(|row| row.0.as_str()).filter(|name| name.starts_with("keys.")).collect();
    assert_eq!(
        places,
        ["keys.A1", "keys.A1.project", "keys.D1", "keys.D1.project", "keys.RA", "keys.RA.project"]
    );
    assert_eq!(code(newcomer.output(&["keys", "check"]).status), "0");
    assert!(newcomer.world.sandbox().gemini().generations().is_empty(), "nothing was spent");
}

#[test]
fn ctrl_c_at_a_hidden_question_writes_nothing_and_gives_the_echo_back() {
    let newcomer = Newcomer::new();
    let mut terminal = Terminal::start(newcomer.svs(&["init"]));
    terminal.expect("The bot's token");
    terminal.interrupt();
    let echoes = terminal.echoes_after_end();
    let (status, screen) = terminal.end();
    assert_eq!((code(status).as_str(), echoes), ("130", true), "{screen}");
    assert!(!newcomer.file().exists());
}

#[test]
fn run_on_a_terminal_offers_to_make_a_configuration() {
    let newcomer = Newcomer::new();
    let mut terminal = Terminal::start(newcomer.svs(&["run"]));
    terminal.answer("There is no configuration yet", "n\n");
    let (status, screen) = terminal.end();
    assert_eq!(code(status), "78", "{screen}");
    assert!(screen.contains("svs init"), "{screen}");

    let (token, keys) = (newcomer.token(), newcomer.keys(&["A1"]));
    let mut terminal = Terminal::start(newcomer.svs(&["run"]));
    terminal.answer("There is no configuration yet", "y\n");
    terminal.answer("The bot's token", &format!("{token}\n"));
    terminal.answer("Who is the owner?", "\r");
    terminal.answer("The API keys", "\r");
    terminal.answer("then an empty line", &format!("{}\n\n", keys[0]));
    // With one key there is nothing to share out, and the bot that was asked for runs.
    terminal.expect("becomes it; the link works once");
    drop(terminal);
    assert!(newcomer.file().exists());

    let refused = Newcomer::new();
    let terminal = Terminal::start(refused.svs(&["run", "--no-input"]));
    let (status, screen) = terminal.end();
    assert_eq!(code(status), "78");
    assert!(screen.contains("svs init") && !screen.contains("yet"), "{screen}");
}

#[test]
fn a_script_makes_it_from_files() {
    let newcomer = Newcomer::new();
    let keys = newcomer.keys(&["A1", "A2", "B1", "RA"]);
    let token = newcomer.write("token.txt", &format!("{}\n", newcomer.token()));
    let listed = format!("# mine\nA {} main\nA {} main\n{}\nRA {}\n", keys[0], keys[1], keys[2], keys[3]);
    let keys_file = newcomer.write("keys.txt", &listed);
    let all =
        ["init", "--non-interactive", "--token-file", &token, "--keys-file", &keys_file, "--owner-id", "7"];
    let output = newcomer.output(&[&all[..], &["--json"]].concat());
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["file"].as_str(), newcomer.file().to_str());
    assert_eq!((json["bot"].as_str(), json["keys"].as_u64()), (Some("svs_sandbox_bot"), Some(4)));
    assert_eq!(json["next"].as_array().map(Vec::len), Some(3));
    no_secret(&(stdout(&output) + &stderr(&output)), &keys);
    let settings = newcomer.settings();
    let project = settings.iter().find(|row| row.0 == "keys.A2.project");
    assert_eq!(project.map(|row| row.1.as_str()), Some("\"main\""), "{settings:?}");

    // Never over another file, unless that was said.
    let before = fs::read(newcomer.file()).expect("written");
    let again = newcomer.output(&all);
    assert_eq!(code(again.status), "73", "{}", stderr(&again));
    assert_eq!(fs::read(newcomer.file()).expect("there"), before);
    let other = newcomer.write("other.txt", &keys[2]);
    let forced = ["init", "--force", "--non-interactive", "--token-file", &token, "--keys-file", &other];
    let output = newcomer.output(&forced);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    assert!(stdout(&output).contains("1 key: A 1"), "{}", stdout(&output));

    // Elsewhere, with keys from a pipe; then the commands must be told where it is.
    let folder = newcomer.world.folder().join("else/where");
    let folder = folder.to_str().expect("UTF-8");
    let mut child = newcomer
        .svs(&["init", "--dir", folder, "--token-file", &token, "--keys-file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), keys[0].as_bytes()).expect("read");
    let output = child.wait_with_output().expect("it ends");
    assert!(stdout(&output).contains(&format!("svs run -c {folder}/svs.toml")), "{}", stdout(&output));
}

#[test]
fn what_is_wrong_is_found_before_anything_is_written() {
    let newcomer = Newcomer::new();
    let token = newcomer.write("token.txt", &newcomer.token());
    let keys = newcomer.write("keys.txt", &newcomer.keys(&["A1"])[0]);
    let dead = "AIzaSyNotAKeyOfAnybody00000000000000001";
    let dead_keys = newcomer.write("dead.txt", dead);
    let wrong = newcomer.write("wrong.txt", "7000000001:AAwrongwrongwrongwrongwrongwrongwro");
    let broken = newcomer.write("broken.txt", "what is a key?");
    let cases: [(&[&str], &str, &str); 7] = [
        (&["init"], "64", "--non-interactive"),
        (&["init", "--non-interactive", "--token-file", &token], "64", "--keys-file"),
        (&["init", "--token-file", &wrong, "--keys-file", &keys], "78", "does not know this token"),
        (&["init", "--token-file", &token, "--keys-file", &dead_keys], "78", "none of the keys"),
        (&["init", "--token-file", &token, "--keys-file", &broken], "65", "broken.txt:1"),
        (&["init", "--token-file", &token, "--keys-file", "/nonexistent"], "65", "cannot be read"),
        (
            &["init", "--dir", "/proc/nowhere", "--offline", "--token-file", &token, "--keys-file", &keys],
            "73",
            "cannot be written",
        ),
    ];
    for (arguments, expected, word) in cases {
        let output = newcomer.output(arguments);
        let said = stderr(&output);
        assert_eq!(code(output.status), expected, "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
        no_secret(&said, &[dead.to_owned(), newcomer.token()]);
    }
    assert!(!newcomer.file().exists());
    let away = newcomer
        .svs(&["init", "--token-file", &token, "--keys-file", &keys])
        .env("SVS_TELEGRAM_API_URL", "http://127.0.0.1:9")
        .output()
        .expect("it starts");
    assert_eq!(code(away.status), "69", "{}", stderr(&away));
    assert!(!newcomer.file().exists());
    // One bad key beside a good one is written and told.
    let mixed = newcomer.write("mixed.txt", &format!("{}\n{dead}\n", newcomer.keys(&["A1"])[0]));
    let output = newcomer.output(&["init", "--token-file", &token, "--keys-file", &mixed]);
    assert_eq!(code(output.status), "1", "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: key B1"), "{}", stderr(&output));
}
