//! The service as systemd knows it: whether svs.service starts this svs with this configuration, runs, comes up with the
//! machine, and is as hardened as it was delivered.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use super::Check;
use crate::commands::service::unit::SERVICE;

mod properties;

use properties::Properties;

const NAME: &str = "unit";
const SERVICE_NAME: &str = "svs.service";
const TIMER_NAME: &str = "svs-keys-check.timer";
/// Where the service finds its configuration if nothing says otherwise.
const SYSTEM_CONFIG: &str = "/etc/svs/svs.toml";
/// How long systemd may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the unit is compared with.
pub(super) struct Here<'a> {
    /// The configuration file that was read.
    pub(super) config: Option<&'a Path>,
    /// A daemon answers.
    pub(super) has_daemon: bool,
}

/// Asks systemd, where there is one.
pub(super) async fn checks(here: &Here<'_>) -> Vec<Check> {
    match show().await {
        Ok(Some(text)) => {
            let units = properties::parse(&text);
            let unit = |name| units.iter().find(|unit| unit.get("Id") == name);
            match unit(SERVICE_NAME) {
                Some(service) => judge(service, unit(TIMER_NAME), here),
                None => vec![Check::skip(NAME, "systemctl says nothing of svs.service")],
            }
        }
        Ok(None) => vec![Check::pass(NAME, "not under systemd")],
        Err(error) => vec![Check::skip(NAME, format!("systemctl cannot be asked: {error}"))],
    }
}

/// What `systemctl show` says; none where no systemd manages this machine.
async fn show() -> io::Result<Option<String>> {
    let started = Command::new("systemctl")
        .args(["show", "--no-pager", "--property", properties::ASKED, SERVICE_NAME, TIMER_NAME])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let until = Instant::now() + PATIENCE;
    // What it says fits into the pipe: it need not be read before the end.
    while child.try_wait()?.is_none() {
        if Instant::now() > until {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let output = child.wait_with_output()?;
    // It fails where it cannot reach a systemd, as in a container or on a machine with another init.
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// All that is wrong, or that nothing is.
fn judge(service: &Properties, timer: Option<&Properties>, here: &Here<'_>) -> Vec<Check> {
    if let Some(check) = unloaded(service, here) {
        return vec![check];
    }
    let mut checks = activity(service, here);
    checks.extend(program(service));
    checks.extend(configuration(service, here));
    checks.extend(text(service));
    if service.get("NeedDaemonReload") == "yes" {
        let found = format!("{SERVICE_NAME} was changed since systemd read it");
        checks.push(Check::warn(NAME, found, "systemctl daemon-reload"));
    }
    checks.extend(timer.and_then(keys_check));
    if checks.is_empty() {
        let added = drop_ins(service).map(|path| path.display().to_string()).collect::<Vec<_>>();
        let added = if added.is_empty() { String::new() } else { format!(", with {}", added.join(", ")) };
        let found = format!("{SERVICE_NAME} is active and enabled, starts {}{added}", service.program());
        checks.push(Check::pass(NAME, found));
    }
    checks
}

/// A unit that systemd does not have; none if it does.
fn unloaded(service: &Properties, here: &Here<'_>) -> Option<Check> {
    let state = service.get("LoadState");
    match state {
        "loaded" => None,
        "not-found" if here.config == Some(Path::new(SYSTEM_CONFIG)) => Some(Check::warn(
            NAME,
            format!("{SYSTEM_CONFIG} is there, but {SERVICE_NAME} is not installed"),
            "deploy/deploy.sh prod deploy, or svs service unit --print > /etc/systemd/system/svs.service",
        )),
        "not-found" => Some(Check::skip(NAME, format!("{SERVICE_NAME} is not installed"))),
        "masked" => {
            Some(Check::fail(NAME, format!("{SERVICE_NAME} is masked"), "systemctl unmask svs.service"))
        }
        _ => {
            let found = format!("{SERVICE_NAME} cannot be loaded ({state})");
            Some(Check::fail(NAME, found, "systemd-analyze verify svs.service"))
        }
    }
}

/// Whether it runs, and will after the next boot.
fn activity(service: &Properties, here: &Here<'_>) -> Vec<Check> {
    const LOOK: &str = "journalctl -u svs -n 50";
    let mut checks = Vec::new();
    let restarts = service.get("NRestarts").parse::<u32>().unwrap_or(0);
    let times = crate::ui::text::count(restarts as usize, "restart");
    match (service.get("ActiveState"), service.get("SubState")) {
        ("active" | "reloading", _) if restarts > 0 => checks.push(Check::warn(
            NAME,
            format!("{SERVICE_NAME} runs after {times}"),
            format!("{LOOK}, then systemctl reset-failed svs: it counts from 0 again"),
        )),
        ("active" | "reloading", _) => {}
        ("activating", "auto-restart") => {
            let found = format!("{SERVICE_NAME} does not stay up: {times}, {}", last_end(service));
            checks.push(Check::fail(NAME, found, remedy(service, LOOK)));
        }
        ("failed", _) => {
            let found = format!("{SERVICE_NAME} has failed: {}", last_end(service));
            let again = format!("{}, then systemctl restart svs", remedy(service, LOOK));
            checks.push(Check::fail(NAME, found, again));
        }
        ("inactive", _) if here.has_daemon => checks.push(Check::warn(
            NAME,
            format!("a daemon answers that is not {SERVICE_NAME}"),
            "stop it, then systemctl start svs",
        )),
        ("inactive", _) => {
            checks.push(Check::warn(NAME, format!("{SERVICE_NAME} is stopped"), "systemctl start svs"));
        }
        (state, sub) => {
            checks.push(Check::warn(
                NAME,
                format!("{SERVICE_NAME} is {state} ({sub})"),
                "systemctl status svs",
            ));
        }
    }
    if matches!(service.get("UnitFileState"), "disabled" | "indirect") {
        let found = format!("{SERVICE_NAME} does not start with the machine");
        checks.push(Check::warn(NAME, found, "systemctl enable svs.service"));
    }
    checks
}

/// How it ended last: `exit-code, status 78`.
fn last_end(service: &Properties) -> String {
    let (result, status) = (service.get("Result"), service.get("ExecMainStatus"));
    let status = if result == "exit-code" { format!(", status {status}") } else { String::new() };
    format!("{result}{status}")
}

fn remedy<'a>(service: &Properties, look: &'a str) -> &'a str {
    match (service.get("Result"), service.get("ExecMainStatus")) {
        ("exit-code", "78") => "svs config check",
        _ => look,
    }
}

/// Whether it starts, and runs, the program that is asked here.
fn program(service: &Properties) -> Option<Check> {
    let named = service.program();
    let Some(installed) = properties::find_program(named) else {
        let found = format!("{SERVICE_NAME} starts {named}, which is not there");
        return Some(Check::fail(NAME, found, "deploy/deploy.sh prod deploy, or install the package again"));
    };
    let process = service.get("MainPID").parse::<u32>().ok().filter(|pid| *pid > 0);
    // Of another user's process only root is told.
    let runs = process.and_then(|pid| fs::read_link(format!("/proc/{pid}/exe")).ok());
    if runs.is_some_and(|path| path.to_string_lossy().ends_with(" (deleted)")) {
        let found = format!("{} was replaced since {SERVICE_NAME} started", installed.display());
        return Some(Check::warn(NAME, found, "systemctl restart svs"));
    }
    let here = std::env::current_exe().ok()?;
    if is_same(&installed, &here) {
        return None;
    }
    let found = format!("{SERVICE_NAME} starts {}, this is {}", installed.display(), here.display());
    Some(Check::warn(NAME, found, format!("{} doctor", installed.display())))
}

/// The same file, or a copy of it.
fn is_same(one: &Path, other: &Path) -> bool {
    let same_file = fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok());
    let same_size =
        || fs::metadata(one).ok().map(|one| one.len()) == fs::metadata(other).ok().map(|it| it.len());
    let same_bytes = || fs::read(one).ok().zip(fs::read(other).ok()).is_some_and(|(one, other)| one == other);
    same_file.is_some_and(|(one, other)| one == other) || (same_size() && same_bytes())
}

/// Whether it reads the configuration that was checked here.
fn configuration(service: &Properties, here: &Here<'_>) -> Option<Check> {
    let system = || Some(PathBuf::from(SYSTEM_CONFIG)).filter(|path| path.exists());
    let theirs = service.config().or_else(system);
    let resolved = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if theirs.as_deref().map(resolved) == here.config.map(resolved) {
        return None;
    }
    let name = |path: Option<&Path>| path.map_or("no svs.toml".to_owned(), |path| path.display().to_string());
    let found =
        format!("{SERVICE_NAME} reads {}, checked was {}", name(theirs.as_deref()), name(here.config));
    let fix = match &theirs {
        Some(theirs) => format!("svs doctor -c {}", theirs.display()),
        None => format!("move it to {SYSTEM_CONFIG}, or check the one of the service"),
    };
    Some(Check::warn(NAME, found, fix))
}

/// Whether it is as this svs has it; what drop-ins add is fine unless it takes protection away.
fn text(service: &Properties) -> Vec<Check> {
    let mut checks = Vec::new();
    let path = service.get("FragmentPath");
    if fs::read_to_string(path).is_ok_and(|text| text != SERVICE) {
        let found = format!("{path} is not that of svs {}", env!("CARGO_PKG_VERSION"));
        checks.push(Check::warn(NAME, found, format!("svs service unit --print | diff {path} -")));
    }
    for path in drop_ins(service) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let changed = properties::unhardened(&text, SERVICE);
        if !changed.is_empty() {
            let found = format!("{} changes the protection: {}", path.display(), changed.join(", "));
            checks.push(Check::warn(
                NAME,
                found,
                "systemctl revert svs.service, or systemctl edit svs.service",
            ));
        }
    }
    checks
}

fn drop_ins(service: &Properties) -> impl Iterator<Item = PathBuf> {
    service.get("DropInPaths").split_whitespace().map(PathBuf::from)
}

/// The timer that has the keys checked.
fn keys_check(timer: &Properties) -> Option<Check> {
    match (timer.get("LoadState"), timer.get("ActiveState")) {
        ("loaded", "active") => None,
        ("loaded", state) => Some(Check::warn(
            NAME,
            format!("{TIMER_NAME} is {state}: nobody checks the keys"),
            "systemctl enable --now svs-keys-check.timer",
        )),
        (_, _) => Some(Check::warn(
            NAME,
            format!("{TIMER_NAME} is not installed: nobody checks the keys"),
            "deploy/deploy.sh prod deploy, or svs service unit --print keys-check.timer",
        )),
    }
}
