//! A machine of the test's own: a real systemd in a container of systemd-nspawn, on this machine's programs and
//! network, with an `/etc` and `/var` of its own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What would wait for a network of its own, or belongs to a whole machine.
const LEFT_OUT: [&str; 6] = [
    "systemd-networkd.service",
    "systemd-networkd-wait-online.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-firstboot.service",
    "console-getty.service",
];

pub(crate) struct Machine {
    root: TempDir,
    nspawn: Child,
    /// The process 1 of the container, as it is called outside.
    leader: String,
}

impl Machine {
    /// Boots it; why it cannot be, where it cannot.
    pub(crate) fn boot() -> Result<Machine, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("only root can boot a container".to_owned());
        }
        for (tool, package) in [("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")] {
            if Command::new(tool).arg("--version").output().is_err() {
                return Err(format!("there is no {tool} (Debian: {package})"));
            }
        }
        let root = lay_out().map_err(|error| format!("its files cannot be made: {error}"))?;
        let console = fs::File::create(root.path().join("console.log")).map_err(|error| error.to_string())?;
        let mut nspawn = Command::new("systemd-nspawn");
        nspawn.args([
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--console=pipe",
            "--bind-ro=/usr",
            "--boot",
        ]);
        nspawn.arg(format!("--directory={}", root.path().display()));
        nspawn.arg(format!("--bind={}:/usr/local", root.path().join("local").display()));
        nspawn.arg(format!("--bind-ro={}:/deploy", concat!(env!("CARGO_MANIFEST_DIR"), "/deploy")));
        nspawn.arg("systemd.unit=basic.target");
        nspawn.args(LEFT_OUT.map(|unit| format!("systemd.mask={unit}")));
        nspawn
            .stdin(Stdio::null())
            .stdout(console.try_clone().map_err(|error| error.to_string())?)
            .stderr(console);
        let nspawn = nspawn.spawn().map_err(|error| format!("systemd-nspawn does not start: {error}"))?;
        let mut machine = Machine { root, nspawn, leader: String::new() };
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            if let Ok(Some(_)) = machine.nspawn.try_wait() {
                return Err(format!("systemd-nspawn does not boot here: {}", machine.console()));
            }
            if machine.find_leader() && machine.try_run("systemctl is-system-running").0.contains("running") {
                return Ok(machine);
            }
            if machine.try_run("systemctl is-system-running").0.contains("degraded") {
                return Ok(machine);
            }
            if Instant::now() > until {
                return Err(format!("no systemd came up in a minute: {}", machine.console()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A file of the machine, by its path in it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// Writes a file of the machine with these permissions.
    pub(crate) fn write(&self, path: &str, mode: u32, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("permissions");
    }

    /// Runs a command of the shell to its end: what it said, and its exit code.
    pub(crate) fn try_run(&self, command: &str) -> (String, i32) {
        let Ok(output) = self.output(command) else { return (String::new(), -1) };
        let said = [output.stdout, output.stderr].concat();
        (String::from_utf8_lossy(&said).trim().to_owned(), output.status.code().unwrap_or(-1))
    }

    /// The same, and it must end well.
    pub(crate) fn run(&self, command: &str) -> String {
        let (said, code) = self.try_run(command);
        assert_eq!(code, 0, "{command}: {said}\n{}", self.journal());
        said
    }

    /// A property of a unit.
    pub(crate) fn property(&self, unit: &str, name: &str) -> String {
        self.run(&format!("systemctl show --property={name} --value {unit}"))
    }

    /// Waits until `done`.
    pub(crate) fn wait(&self, what: &str, mut done: impl FnMut() -> bool) {
        let until = Instant::now() + Duration::from_secs(30);
        while !done() {
            assert!(Instant::now() < until, "{what} did not come\n{}", self.journal());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What svs and systemd said of it.
    pub(crate) fn journal(&self) -> String {
        self.try_run("journalctl --no-pager --output=short-precise --unit=svs.service --lines=60").0
    }

    fn output(&self, command: &str) -> std::io::Result<Output> {
        Command::new("nsenter")
            .args(["--target", &self.leader, "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--"])
            .args(["/bin/bash", "-c", command])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", "/root")
            .stdin(Stdio::null())
            .output()
    }

    fn find_leader(&mut self) -> bool {
        let pid = self.nspawn.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().next().unwrap_or_default().clone_into(&mut self.leader);
        !self.leader.is_empty()
    }

    fn console(&self) -> String {
        fs::read_to_string(self.path("console.log")).unwrap_or_default()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With process 1 of the container all others of it end, and systemd-nspawn cleans up.
        if let Ok(Some(leader)) = self.leader.parse().map(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(leader, rustix::process::Signal::KILL);
        }
        let until = Instant::now() + Duration::from_secs(5);
        while matches!(self.nspawn.try_wait(), Ok(None)) {
            if Instant::now() > until {
                let _ = self.nspawn.kill();
                let _ = self.nspawn.wait();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The least that is a system: the programs are those of this machine.
fn lay_out() -> std::io::Result<TempDir> {
    let root = tempfile::tempdir()?;
    fs::set_permissions(root.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = |path: &str| root.path().join(path);
    for folder in ["usr", "etc", "var", "root", "proc", "sys", "dev", "run", "tmp", "local/bin", "deploy"] {
        fs::create_dir_all(path(folder))?;
    }
    for link in ["bin", "sbin", "lib", "lib64"] {
        if Path::new("/usr").join(link).exists() {
            symlink(format!("usr/{link}"), path(link))?;
        }
    }
    let files = [
        ("os-release", "ID=svs-test\nNAME=test\n"),
        // A machine that has booted before: not everything that is installed is to be started.
        ("machine-id", "5f5e1005f5e1005f5e1005f5e1005f5e\n"),
        ("hostname", "svs-test\n"),
        ("passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"),
        ("group", "root:x:0:\nnogroup:x:65534:\n"),
        ("nsswitch.conf", "passwd: files systemd\ngroup: files systemd\nhosts: files dns\n"),
    ];
    for (name, text) in files {
        fs::write(path("etc").join(name), text)?;
    }
    Ok(root)
}
