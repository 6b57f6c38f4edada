//! The two fake servers in this process, and the programs that talk to them, each a process of its own.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::tap::{Mark, Passed, Tap};
use svs::sandbox::{Options, Sandbox};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) type Fallible<T> = Result<T, Box<dyn Error>>;

/// No single thing may take longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Every limit lifted: what is measured is svs, not its patience. A window of a second keeps the list of sends in
/// it as short as it is in life.
const LIFTED: &str = r#"
[telegram]
private_burst = 1000
private_interval = "100ms"
[limits]
cooldown = "0s"
rate_window = "1s"
send_margin = "0s"
[limits.flash-lite]
rpm = 1000000
daily_limit = 1000000
quota_fraction = 1.0
[limits.flash]
rpm = 1000000
daily_limit = 1000000
quota_fraction = 1.0
[limits.pro]
rpm = 1000000
daily_limit = 1000000
quota_fraction = 1.0
[router]
early_share = 1.0
[roles.normal]
per_hour = "off"
per_day = "off"
[log]
level = "warn"
"#;

/// Fake servers, a folder, a configuration.
pub(crate) struct World {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    folder: TempDir,
    pub(crate) tap: Option<Tap>,
}

impl World {
    /// With `tapped`, the wire is measured, which costs the servers a little.
    pub(crate) fn new(tapped: bool) -> Fallible<World> {
        let tap = tapped.then(Tap::default);
        let options = Options { tap: tap.clone(), remember: 1000, ..Options::default() };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(options))?;
        let folder = tempfile::Builder::new().prefix("svs-bench-").tempdir()?;
        fs::write(folder.path().join("svs.toml"), LIFTED)?;
        Ok(World { runtime, sandbox: Some(sandbox), folder, tap })
    }

    /// What Gemini says, at once, in pieces of at most so many characters.
    pub(crate) fn answers(&self, text: &str, chunk_chars: usize) -> Fallible<()> {
        let gemini = self.sandbox()?.gemini();
        gemini.answer(Answer::Text(text.to_owned()));
        gemini.set_timing(Timing { chunk_chars, ..Timing::default() });
        Ok(())
    }

    pub(crate) fn sandbox(&self) -> Fallible<&Sandbox> {
        self.sandbox.as_ref().ok_or_else(|| "the sandbox is gone".into())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What passed since the last call.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        self.tap.as_ref().map(Tap::take).unwrap_or_default()
    }

    /// When the first request of this method came, waiting for it.
    pub(crate) fn first(&self, method: &str) -> Fallible<Instant> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // The Bot API does not care about the case of its methods.
            let is_it = |mark: &Mark| matches!(&mark.passed, Passed::Read(Some(step)) if step.eq_ignore_ascii_case(method));
            if let Some(mark) = self.marks().into_iter().find(is_it) {
                return Ok(mark.at);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(format!("{method} did not come: {}", self.last_words()).into())
    }

    /// The program, with an environment of nothing but this world.
    pub(crate) fn svs(&self, arguments: &[&str]) -> Fallible<Command> {
        let mut command = Command::new(binary());
        let folder = self.folder();
        command.args(arguments).env_clear().current_dir(folder);
        command.envs(self.sandbox()?.environment()).env("HOME", "/nonexistent").env("NO_COLOR", "1");
        command.env("SVS_CONFIG", folder.join("svs.toml")).env("SVS_STATE_DIR", folder.join("state"));
        command.env("SVS_SOCKET", folder.join("control.sock")).stdin(Stdio::null());
        Ok(command)
    }

    /// Starts a program that runs until it is dropped; it logs into the folder.
    pub(crate) fn start(&self, mut command: Command) -> Fallible<Running> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder().join("log"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        Ok(Running { child: command.spawn()?, started })
    }

    /// The last line that a program wrote.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder().join("log")).unwrap_or_default();
        log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

/// The program that is measured.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("SVS_BINARY").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_svs")), PathBuf::from)
}

/// A process of ours.
pub(crate) struct Running {
    child: Child,
    pub(crate) started: Instant,
}

impl Running {
    /// SIGTERM, and the end it leads to.
    pub(crate) fn end(mut self) -> Fallible<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > until {
                return Err("it does not end on SIGTERM".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> Fallible<u64> {
        self.status("VmRSS:")
    }

    /// That part of it which holds data, not pages of the program.
    pub(crate) fn own_memory(&self) -> Fallible<u64> {
        self.status("RssAnon:")
    }

    fn status(&self, name: &str) -> Fallible<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such status")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// Processor time of all its threads so far.
    pub(crate) fn processor(&self) -> Fallible<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold spaces; after it the numbers begin with the third field.
        let (_, numbers) = stat.rsplit_once(')').ok_or("no such stat")?;
        let fields: Vec<&str> = numbers.split_whitespace().collect();
        let ticks: u64 = fields.get(11).ok_or("no utime")?.parse::<u64>()?
            + fields.get(12).ok_or("no stime")?.parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
