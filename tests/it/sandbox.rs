//! `svs sandbox` as a newcomer meets it: in a pipe, with a script, with faults, and as two servers for a real bot.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{PATIENCE, bare_svs, code, stderr, stdout};

/// The command with a folder for its temporary files, which must be empty when it has ended.
struct Scene {
    temporary: TempDir,
}

impl Scene {
    fn new() -> Scene {
        Scene { temporary: tempfile::tempdir().expect("a temporary folder") }
    }

    fn svs(&self, arguments: &[&str]) -> Command {
        let mut command = bare_svs(&[&["sandbox"], arguments].concat());
        command.current_dir(self.path()).env("TMPDIR", self.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn path(&self) -> &Path {
        self.temporary.path()
    }

    fn output(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.svs(arguments).spawn().expect("the binary starts");
        // It may end without reading its input.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the binary ends");
        self.assert_clean();
        output
    }

    fn assert_clean(&self) {
        let left = fs::read_dir(self.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
        let left: Vec<_> = left.filter(|path| path.to_string_lossy().contains("svs-sandbox")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Ends a child with a signal and says how it ended.
fn end(mut child: Child, signal: Signal) -> String {
    kill_process(Pid::from_child(&child), signal).expect("it runs");
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            return code(status);
        }
        assert!(Instant::now() < until, "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_role_is_answered_without_a_terminal() {
    let scene = Scene::new();
    let input = "/as owner\nI am the owner\n/as vip\nI am the vip\n/as premium\nI am premium\n/as normal\nI am normal\n\
                 /as guest\nI am a guest\n/status\n";
    let output = scene.output(&[], input);
    let shown = stdout(&output);
    assert_eq!(code(output.status), "0", "{shown}{}", stderr(&output));
    let said: Vec<&str> = shown.lines().filter(|line| line.starts_with("you (")).collect();
    let expected = [
        "you (owner): I am the owner",
        "you (vip): I am the vip",
        "you (premium): I am premium",
        "you (normal): I am normal",
        "you (guest): /ask I am a guest",
        "you (guest): /status",
    ];
    assert_eq!(said, expected);
    for question in ["I am the owner", "I am the vip", "I am premium", "I am normal", "I am a guest"] {
        assert!(shown.contains(&format!("bot: About \"{question}\"")), "{question}: {shown}");
    }
    // The real bot knows who speaks: somebody has a VIP seat, and guests are told nothing but counts.
    assert!(shown.contains("VIP (1/3)") && shown.contains("usable 25"), "{shown}");
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_script_may_hold_comments_and_faults_and_speak_chinese() {
    let scene = Scene::new();
    let script = scene.path().join("talk.txt");
    let lines = "# who is who\n\n/as normal\n/fail *=503\n你好吗？\n/fail off\n现在呢？\n/quit\nnever said\n";
    fs::write(&script, lines).expect("a script");
    let output = scene.output(&["--lang", "zh", "--script", script.to_str().expect("UTF-8")], "");
    let shown = stdout(&output);
    assert_eq!(code(output.status), "0", "{shown}{}", stderr(&output));
    let bot: Vec<&str> = shown.lines().filter(|line| line.starts_with("bot: ")).collect();
    assert!(bot.len() == 2 && bot[0].contains('#') && !bot[0].contains("你好吗"), "{shown}");
    assert!(bot[1].contains("现在呢？") && !shown.contains("never said"), "{shown}");
}

#[test]
fn what_is_not_answered_in_time_is_named_and_exits_with_1() {
    let scene = Scene::new();
    let arguments = ["--as", "normal", "--fail", "*=hang", "--timeout", "700ms"];
    let output = scene.output(&arguments, "/status\nare you there?\nand now?\n");
    assert_eq!(code(output.status), "1", "{}", stdout(&output));
    assert!(stdout(&output).contains("you (normal): are you there?\nbot: (no end yet)\n"));
    assert!(!stdout(&output).contains("and now?"), "{}", stdout(&output));
    let error = stderr(&output);
    assert!(
        error.contains("not answered within 700ms") && error.contains("line 2, normal: are you there?"),
        "{error}"
    );
}

#[test]
fn json_tells_every_exchange() {
    let output = Scene::new().output(&["--json", "--users", "2"], "hello\n/as vip2\nhello\n");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let exchanges = json["exchanges"].as_array().expect("a list");
    assert_eq!((exchanges[0]["who"].as_str(), exchanges[1]["who"].as_str()), (Some("vip"), Some("vip2")));
    assert!(exchanges.iter().all(|exchange| exchange["answered"] == true), "{json}");
    assert!(exchanges[1]["bot"][0]["text"].as_str().expect("a text").contains("hello"), "{json}");
}

#[test]
fn a_wrong_line_or_rule_is_refused_with_what_could_be_meant() {
    let cases: [(&[&str], &str, &str, &str); 9] = [
        (&["--fail", "A1=nope"], "", "64", "known are: 429 429tokens"),
        (&["--fail", "a1=429"], "", "64", "known are: * A B C D R A1"),
        (&["--fail", "sendMesage=429"], "", "64", "no method of the Bot API"),
        (&["--as", "root"], "", "64", "owner, vip, premium, normal, guest"),
        (&["--as", "vip2"], "", "64", "--users 2"),
        (&["--serve", "--script", "x"], "", "64", "cannot be used with"),
        (&["--script", "/nonexistent/talk"], "", "66", "/nonexistent/talk"),
        (&[], "hello\n/fail A1=nope\n", "65", "line 2"),
        (&[], "hello\n/as root\n", "65", "line 2"),
    ];
    for (arguments, input, expected, words) in cases {
        let output = Scene::new().output(arguments, input);
        assert_eq!(code(output.status), expected, "{arguments:?} {input:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn nobody_reading_is_no_failure() {
    let scene = Scene::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut child = scene.svs(&[]).stdout(writer).spawn().expect("the binary starts");
    let _ = child.stdin.take().expect("piped").write_all(b"hello\nhow are you?\n");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(output.status), stderr(&output)), ("0".to_owned(), String::new()));
    scene.assert_clean();
}

#[test]
fn nothing_of_the_real_bot_is_read_or_touched() {
    let scene = Scene::new();
    let (home, proxy) = (scene.path().join("home"), TcpListener::bind("127.0.0.1:0").expect("a port"));
    fs::create_dir_all(home.join(".config/svs")).expect("a folder");
    fs::write(home.join(".config/svs/svs.toml"), "this is no configuration").expect("a file");
    fs::write(scene.path().join(".env"), "this is no environment").expect("a file");
    let address = format!("http://{}", proxy.local_addr().expect("an address"));
    let socket = scene.path().join("real.sock");
    let mut command = scene.svs(&["--as", "normal"]);
    command.env("HOME", &home).env("SVS_CONFIG", "/nonexistent/svs.toml").env("SVS_SOCKET", &socket);
    command.env("SVS_STATE_DIR", home.join("state")).env("CREDENTIALS_DIRECTORY", "/nonexistent");
    command.env("SVS_GEMINI_API_URL", &address).env("SVS_TELEGRAM_API_URL", &address);
    command.env("GROUP_A_KEYS", "AIzaSyRealKeyThatIsNobodys00000000000000");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, &address);
    }
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(b"hello\n").expect("it reads");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    lines
        .by_ref()
        .find(|line| line.as_ref().is_ok_and(|line| line.starts_with("bot: About \"hello\"")))
        .expect("an answer")
        .expect("text");
    assert!(!socket.exists(), "no control socket without --socket");
    drop(input);
    assert_eq!(code(child.wait().expect("it ends")), "0");
    assert!(!home.join("state").exists(), "a state of its own");
    proxy.set_nonblocking(true).expect("a listener");
    assert_eq!(proxy.accept().map(|_| ()).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    scene.assert_clean();
}

#[test]
fn a_socket_is_opened_where_one_is_wished_and_signals_leave_nothing_behind() {
    for (signal, expected) in [(Signal::INT, "130"), (Signal::TERM, "143"), (Signal::HUP, "129")] {
        let scene = Scene::new();
        let socket = scene.path().join("control.sock");
        let mut child =
            scene.svs(&["--socket", socket.to_str().expect("UTF-8")]).spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("piped");
        input.write_all(b"/status\n").expect("it reads");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        lines
            .by_ref()
            .find(|line| line.as_ref().is_ok_and(|line| line.starts_with("bot: ")))
            .expect("an answer")
            .expect("text");
        let status =
            bare_svs(&["status", "--socket", socket.to_str().expect("UTF-8")]).output().expect("it runs");
        assert_eq!(code(status.status), "0", "{}", stderr(&status));
        assert!(stdout(&status).contains("6 of 6 ready"), "{}", stdout(&status));
        assert_eq!(end(child, signal), expected);
        scene.assert_clean();
    }
}

#[test]
fn two_servers_serve_a_real_bot_until_a_signal_comes() {
    for (signal, expected) in [(Signal::TERM, "0"), (Signal::INT, "130")] {
        let scene = Scene::new();
        let mut servers = scene.svs(&["--serve"]).spawn().expect("the binary starts");
        let lines = BufReader::new(servers.stdout.take().expect("piped")).lines();
        let mut variables = Vec::new();
        for line in lines {
            let line = line.expect("text");
            let assignment = line.strip_prefix("export ").expect("a shell's line");
            let (name, value) = assignment.split_once('=').expect("an assignment");
            variables.push((name.to_owned(), value.trim_matches('\'').to_owned()));
            if name == "SVS_SOCKET" {
                break;
            }
        }
        let value = |name: &str| variables.iter().find(|row| row.0 == name).expect(name).1.clone();
        assert_eq!(value("GROUP_A_KEYS").split(',').filter(|key| key.len() == 53).count(), 6);
        let log = scene.path().join("bot.log");
        let mut bot = bare_svs(&["run"])
            .envs(variables.iter().cloned())
            .current_dir(scene.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the binary starts");
        let until = Instant::now() + PATIENCE;
        let is_up = || fs::read_to_string(&log).expect("a log").contains("the bot is up");
        while !is_up() {
            let ended = bot.try_wait().expect("our own child");
            let said = fs::read_to_string(&log).expect("a log");
            assert!(ended.is_none() && Instant::now() < until, "{ended:?}: {said}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(end(bot, Signal::TERM), "0");
        assert_eq!(end(servers, signal), expected);
        scene.assert_clean();
    }
}
