//! A world for one test: the two fake servers, a state folder, and the real binary as its own process.
//!
//! What happened is read from the servers' side: the messages a person would see, and the requests Gemini got.

pub(crate) mod canary;
pub(crate) mod groups;
pub(crate) mod machine;
pub(crate) mod pty;
pub(crate) mod replies;
pub(crate) mod state;
pub(crate) mod terminal;
pub(crate) mod updates;

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::GeminiCall;
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};
use svs::sandbox::{Options, Sandbox};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Keys without a gap, a minute or a day, people without caps, chats without a pace.
const UNLIMITED: [(&str, &str); 14] = [
    ("SVS_LIMITS_COOLDOWN", "0s"),
    ("SVS_LIMITS_SEND_MARGIN", "0s"),
    ("SVS_LIMITS_FLASH_LITE_RPM", "10000"),
    ("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "1000000"),
    ("SVS_LIMITS_FLASH_RPM", "10000"),
    ("SVS_LIMITS_FLASH_DAILY_LIMIT", "1000000"),
    ("SVS_ROLES_NORMAL_PER_HOUR", "off"),
    ("SVS_ROLES_NORMAL_PER_DAY", "off"),
    ("SVS_ROLES_GUEST_PER_HOUR", "off"),
    ("SVS_ROLES_GUEST_PER_DAY", "off"),
    ("SVS_TELEGRAM_PRIVATE_BURST", "1000"),
    ("SVS_TELEGRAM_PRIVATE_INTERVAL", "10ms"),
    ("SVS_TELEGRAM_GROUP_BURST", "1000"),
    ("SVS_TELEGRAM_GROUP_INTERVAL", "10ms"),
];

pub(crate) struct World {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> World {
        World::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> World {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("free ports on loopback");
        World { runtime, sandbox: Some(sandbox), folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("running until dropped")
    }

    /// A folder of the test's own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder().join("control.sock")
    }

    /// The binary with an environment of nothing but this world.
    pub(crate) fn svs(&self, arguments: &[&str]) -> Command {
        let mut command = bare_svs(arguments);
        command.current_dir(self.folder());
        command.envs(self.environment());
        command
    }

    /// What leads the binary to this world.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let here = |name: &str, path: PathBuf| (name.to_owned(), path.display().to_string());
        let mut variables = self.sandbox().environment();
        variables.push(here("SVS_STATE_DIR", self.folder().join("state")));
        variables.push(here("SVS_SOCKET", self.socket()));
        variables
    }

    /// With limits that nobody meets: for tests of everything but limits.
    pub(crate) fn start_unlimited(&self) -> Daemon {
        self.start(&UNLIMITED)
    }

    /// The same with further variables.
    pub(crate) fn start_unlimited_with(&self, variables: &[(&str, &str)]) -> Daemon {
        self.start(&[&UNLIMITED[..], variables].concat())
    }

    /// Runs a command to its end.
    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.svs(arguments).stdin(Stdio::null()).output().expect("the binary starts")
    }

    /// Runs a command to its end with something on its standard input.
    pub(crate) fn output_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .svs(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command may end without reading its input.
        let _ = child.stdin.take().expect("piped").write_all(input);
        child.wait_with_output().expect("the binary ends")
    }

    /// Starts the daemon and waits until it has met Telegram.
    pub(crate) fn run(&self) -> Daemon {
        let daemon = self.start(&[]);
        self.wait("getMe", || self.sandbox().telegram().calls().iter().any(|call| call.method == "getMe"));
        daemon
    }

    /// Starts the daemon with further variables and waits for nothing.
    pub(crate) fn start(&self, variables: &[(&str, &str)]) -> Daemon {
        let mut command = self.svs(&["run"]);
        command.env("LOG_LEVEL", "debug").envs(variables.iter().copied());
        self.spawn(command)
    }

    /// Starts a daemon by a command of the test's own.
    pub(crate) fn spawn(&self, mut command: Command) -> Daemon {
        let log = self.folder().join("daemon.log");
        let file = fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log file");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .expect("the binary starts");
        Daemon { child, log }
    }

    /// Waits until `done`.
    pub(crate) fn wait(&self, what: &str, done: impl FnMut() -> bool) {
        self.wait_for(what, PATIENCE, done);
    }

    pub(crate) fn wait_for(&self, what: &str, patience: Duration, mut done: impl FnMut() -> bool) {
        let until = Instant::now() + patience;
        while !done() {
            assert!(Instant::now() < until, "{what} did not come; the daemon said:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the daemon wrote so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder().join("daemon.log")).unwrap_or_default()
    }

    /// Says something in private and waits for `count` finished messages of the bot in this chat.
    pub(crate) fn ask(&self, user: &User, text: &str, count: usize) -> Vec<SeenMessage> {
        self.sandbox().telegram().say(user, &ChatSpec::Private, text);
        self.answers(user.id, count)
    }

    /// Waits until the bot has `count` messages in a chat and has left the last of them alone for a moment.
    pub(crate) fn answers(&self, chat: i64, count: usize) -> Vec<SeenMessage> {
        let telegram = self.sandbox().telegram();
        let mut last = (String::new(), Instant::now());
        self.wait(&format!("message {count} in chat {chat}"), || {
            let seen = telegram.answers(chat);
            let text = seen.last().map(|message| message.text.clone()).unwrap_or_default();
            if text != last.0 {
                last = (text, Instant::now());
            }
            seen.len() >= count && !last.0.ends_with('▌') && last.1.elapsed() > Duration::from_millis(300)
        });
        telegram.answers(chat)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

/// The binary with an empty environment and a home of its own.
pub(crate) fn bare_svs(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_svs"));
    command.args(arguments).env_clear().env("HOME", "/nonexistent").env("NO_COLOR", "1");
    command
}

/// A running daemon; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and the end it leads to.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.ask_to_end();
        self.end(Duration::from_secs(30))
    }

    /// SIGTERM alone.
    pub(crate) fn ask_to_end(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for the end it comes to by itself.
    pub(crate) fn end(&mut self, patience: Duration) -> ExitStatus {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                return status;
            }
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(Instant::now() < until, "the daemon does not end; it said:\n{}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The exit code, or what killed it.
pub(crate) fn code(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => code.to_string(),
        (_, Some(signal)) => format!("signal {signal}"),
        _ => "unknown".to_owned(),
    }
}

/// Whether a message is as it stays: one that still grows has a button to stop it.
pub(crate) fn is_final(message: &SeenMessage) -> bool {
    !message.markup.to_string().contains("\"stop:")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A person who writes Chinese, and one who writes English.
pub(crate) fn chinese() -> User {
    User::new(2001, "小林").language("zh-hans")
}

pub(crate) fn english() -> User {
    User::new(2002, "Ann").language("en")
}

/// The owner named in the environment.
pub(crate) fn owner() -> User {
    User::new(Options::default().owner_id, "Olu").language("en")
}

/// The texts of a request's turns, each with its role.
pub(crate) fn turns(call: &GeminiCall) -> Vec<(String, String)> {
    let body: Value = serde_json::from_str(&call.body).expect("a request body is JSON");
    let text = |turn: &Value| {
        let parts = turn["parts"].as_array().expect("parts");
        parts.iter().map(|part| part["text"].as_str().unwrap_or_default()).collect::<String>()
    };
    let turn = |turn: &Value| (turn["role"].as_str().unwrap_or_default().to_owned(), text(turn));
    body["contents"].as_array().expect("contents").iter().map(turn).collect()
}
