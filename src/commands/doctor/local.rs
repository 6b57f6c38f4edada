//! What can be seen from this machine: the configuration, permissions, the state, the disk, the daemon and its unit,
//! the proxy, and what the keys can carry.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Check;
use super::unit::{self, Here};
use crate::admin::api::{Status, path};
use crate::clock::pacific_calendar;
use crate::commands::Ctx;
use crate::commands::pool::unused_pool;
use crate::config::{self, Config, Loaded, into_command_error};
use crate::domain::role::Role;
use crate::domain::router::carry::{InVain, RoleCapacity, capacity};
use crate::store::{Access, Store, StoreError};
use crate::ui::text::{bytes, count};

/// Room on the disk below which svs soon cannot write, and below which somebody should look.
const LEAST_ROOM: u64 = 64 << 20;
const LITTLE_ROOM: u64 = 512 << 20;

/// All checks of this machine, and the configuration if it is good.
pub(super) async fn checks(ctx: &Ctx) -> (Vec<Check>, Option<Arc<Config>>) {
    let daemon = daemon(ctx).await;
    let has_daemon = matches!(daemon.1, Presence::Answers);
    let loaded = match config::load(&ctx.load_options()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let fixes = "svs config check";
            let failed = problems.iter().map(|problem| {
                let error = into_command_error(std::slice::from_ref(problem));
                Check::of_error("configuration", &error, fixes)
            });
            let (file, _) = config::config_path(&ctx.load_options());
            let here = Here { config: file.is_file().then_some(&*file), has_daemon };
            let unit = unit::checks(&here).await;
            return (failed.chain([daemon.0]).chain(unit).collect(), None);
        }
    };
    let config = Arc::clone(&loaded.config);
    let mut checks = configuration(&loaded, has_daemon);
    checks.extend(permissions(&loaded));
    checks.push(state(&config, ctx));
    checks.push(disk(&config.state_dir));
    checks.push(daemon.0);
    checks.extend(unit::checks(&Here { config: loaded.file.as_deref(), has_daemon }).await);
    checks.push(proxies(&config));
    checks.push(capacity_of(&config, ctx));
    (checks, Some(config))
}

/// Whether the configuration says all that `svs run` needs. A daemon may have what this user may not read.
fn configuration(loaded: &Loaded, has_daemon: bool) -> Vec<Check> {
    const NAME: &str = "configuration";
    let place =
        loaded.file.as_ref().map_or_else(|| "no svs.toml".to_owned(), |file| file.display().to_string());
    let missing = loaded.config.missing_for_run();
    let mut checks: Vec<Check> = missing
        .iter()
        .map(|problem| {
            if has_daemon {
                return Check::skip(NAME, format!("{problem} here; the daemon has its own"));
            }
            let fix = problem.hint.as_deref().unwrap_or_default();
            Check::fail(NAME, problem.to_string(), format!("svs init, or {fix}"))
        })
        .collect();
    let odd = loaded.warnings.iter();
    checks.extend(odd.map(|warning| Check::warn(NAME, warning.to_string(), "svs config check")));
    if checks.is_empty() {
        let keys = count(loaded.config.keys.len(), "key");
        checks.push(Check::pass(NAME, format!("{place}, {keys}")));
    }
    checks
}

/// What others may read or write. What they may write svs does not even read, so that is found before.
fn permissions(loaded: &Loaded) -> Vec<Check> {
    const NAME: &str = "permissions";
    let mut checks = Vec::new();
    let state = &loaded.config.state_dir;
    let files = loaded.file.iter().map(|file| (file, 0o600)).chain([(state, 0o700)]);
    for (path, wanted) in files {
        let Ok(metadata) = fs::metadata(path) else { continue };
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 & !wanted != 0 {
            let found = format!("{} can be read by others (mode {mode:o})", path.display());
            checks.push(Check::warn(NAME, found, format!("chmod {wanted:o} {}", path.display())));
        }
    }
    if checks.is_empty() {
        checks.push(Check::pass(NAME, "configuration and state are for one user alone"));
    }
    checks
}

fn state(config: &Config, ctx: &Ctx) -> Check {
    const NAME: &str = "state";
    let folder = &config.state_dir;
    match Store::open_as(folder, ctx.clock.clone(), Access::ReadOnly) {
        Ok(_) => Check::pass(NAME, folder.display().to_string()),
        Err(StoreError::Missing(_)) => {
            let parent = existing(folder);
            match rustix::fs::access(&parent, rustix::fs::Access::WRITE_OK) {
                Ok(()) => Check::pass(NAME, format!("{} will be made", folder.display())),
                Err(_) => Check::fail(
                    NAME,
                    format!("{} is not there, and {} may not be written", folder.display(), parent.display()),
                    format!("install -d -m 700 -o \"$(id -u)\" {}", folder.display()),
                ),
            }
        }
        Err(error) => {
            let fix = "set storage.state_dir or SVS_STATE_DIR to a folder of the user who runs svs";
            Check::of_error(NAME, &error.into(), fix)
        }
    }
}

/// The nearest folder above a path that is there.
fn existing(path: &Path) -> PathBuf {
    let found = path.ancestors().find(|folder| folder.is_dir());
    found.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn disk(state: &Path) -> Check {
    const NAME: &str = "disk";
    let folder = existing(state);
    let room = match rustix::fs::statvfs(&folder) {
        Ok(room) => room,
        Err(error) => return Check::skip(NAME, format!("{}: {error}", folder.display())),
    };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let found = format!("{} free for {}", bytes(free), state.display());
    let fix = "make room, or move storage.state_dir";
    if room.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        return Check::fail(NAME, format!("{} is mounted read-only", folder.display()), fix);
    }
    // Some file systems count no inodes.
    if free < LEAST_ROOM || (room.f_files > 0 && room.f_favail < 16) {
        return Check::fail(NAME, found, fix);
    }
    if free < LITTLE_ROOM { Check::warn(NAME, found, fix) } else { Check::pass(NAME, found) }
}

/// Whether a daemon answers.
enum Presence {
    Answers,
    Absent,
}

async fn daemon(ctx: &Ctx) -> (Check, Presence) {
    const NAME: &str = "daemon";
    let asked = async {
        let Some(client) = ctx.find_daemon().await? else { return Ok(None) };
        client.get::<Status>(path::STATUS).await.map(Some)
    };
    match ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await {
        Ok(Some(status)) if status.version != env!("CARGO_PKG_VERSION") => {
            let found = format!("it is svs {}, this is {}", status.version, env!("CARGO_PKG_VERSION"));
            (Check::warn(NAME, found, "restart it: systemctl restart svs"), Presence::Answers)
        }
        Ok(Some(status)) => (Check::pass(NAME, format!("running, pid {}", status.pid)), Presence::Answers),
        Ok(None) => (Check::skip(NAME, "none runs"), Presence::Absent),
        Err(error) => (Check::of_error(NAME, &error, "systemctl restart svs"), Presence::Absent),
    }
}

/// Proxies that svs uses or leaves alone. Their addresses may hold passwords and are not repeated.
fn proxies(config: &Config) -> Check {
    const NAME: &str = "proxy";
    let used: Vec<&str> = [("Telegram", &config.telegram.proxy), ("Google", &config.gemini.proxy)]
        .into_iter()
        .filter_map(|(who, proxy)| proxy.as_ref().map(|_| who))
        .collect();
    let set = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let in_environment =
        set.into_iter().find(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty()));
    match (used.as_slice(), in_environment) {
        ([], None) => Check::pass(NAME, "none"),
        ([], Some(name)) => Check::warn(
            NAME,
            format!("{name} is set and not used"),
            "set telegram.proxy and gemini.proxy to \"environment\" if svs should use it",
        ),
        (used, _) => Check::pass(NAME, format!("for {}", used.join(" and "))),
    }
}

/// Whether what the configuration promises can be kept, by the limits it gives the keys.
fn capacity_of(config: &Config, ctx: &Ctx) -> Check {
    const NAME: &str = "capacity";
    if config.configured_groups().is_empty() {
        return Check::skip(NAME, "there are no keys");
    }
    let now = ctx.clock.now();
    let found = capacity(&unused_pool(config, now), &pacific_calendar(now).moment(now));
    let is_promise = |promise: &&InVain| {
        matches!(
            promise,
            InVain::DayCap { .. } | InVain::HourCap { .. } | InVain::Seats { .. } | InVain::NoBudget { .. }
        )
    };
    let broken = found.in_vain.iter().filter(is_promise).count();
    if broken > 0 {
        let told = format!("{} of the roles can never be kept", count(broken, "promise"));
        return Check::warn(NAME, told, "svs route --capacity shows which");
    }
    let a_day = Role::ALL.into_iter().rev().map(|role| {
        let of_role = found.roles.iter().filter(|carried| carried.role == role);
        format!("{role} {}", of_role.map(RoleCapacity::a_day).sum::<u32>())
    });
    let a_day: Vec<String> = a_day.collect();
    Check::pass(NAME, format!("requests a day at most: {}", a_day.join(", ")))
}
