//! Where things are when nobody says where: svs.toml, the state, the control socket.

use std::path::{Path, PathBuf};

use super::env::Environment;

/// Who runs svs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    /// The effective user id.
    pub(crate) uid: u32,
}

impl Identity {
    /// That of this process.
    pub(crate) fn of_process() -> Identity {
        Identity { uid: rustix::process::geteuid().as_raw() }
    }

    fn is_root(self) -> bool {
        self.uid == 0
    }
}

/// The configuration of the machine.
const SYSTEM_CONFIG: &str = "/etc/svs/svs.toml";
/// The name of the socket in whatever folder it is.
const SOCKET: &str = "control.sock";

/// The places where svs.toml is looked for when none is named; the first that exists is read.
pub(super) fn config_candidates(env: &Environment) -> Vec<PathBuf> {
    let own = home_folder(env, "XDG_CONFIG_HOME", ".config", |folders| folders.config_dir().to_owned());
    own.map(|folder| folder.join("svs").join("svs.toml")).into_iter().chain([SYSTEM_CONFIG.into()]).collect()
}

/// What systemd gave a unit with `StateDirectory=`; the first where it gave several.
pub(super) fn systemd_state_dir(env: &Environment) -> Option<PathBuf> {
    first_of_list(env, "STATE_DIRECTORY")
}

/// The state of a user who named no folder.
pub(super) fn default_state_dir(env: &Environment, identity: Identity) -> Option<PathBuf> {
    if identity.is_root() {
        return Some(PathBuf::from("/var/lib/svs"));
    }
    let folder = home_folder(env, "XDG_STATE_HOME", ".local/state", |folders| {
        folders.state_dir().map_or_else(|| folders.home_dir().join(".local/state"), Path::to_owned)
    });
    folder.map(|folder| folder.join("svs"))
}

/// Where a command looks for the daemon. Cron and a plain ssh know nothing of a login's folder, in which the daemon may
/// have been started.
pub(super) fn socket_candidates(env: &Environment, state_dir: &Path, identity: Identity) -> Vec<PathBuf> {
    let of_login = || PathBuf::from(format!("/run/user/{}", identity.uid));
    let own = env.path("XDG_RUNTIME_DIR").unwrap_or_else(of_login).join("svs").join(SOCKET);
    let unit = first_of_list(env, "RUNTIME_DIRECTORY").map(|folder| folder.join(SOCKET));
    let system = PathBuf::from("/run/svs").join(SOCKET);
    let mut candidates: Vec<PathBuf> = Vec::new();
    for candidate in [own].into_iter().chain(unit).chain([system, state_dir.join(SOCKET)]) {
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    candidates
}

/// Where the daemon listens: where its commands look, and where it may write.
pub(super) fn default_socket(env: &Environment, state_dir: &Path, identity: Identity) -> PathBuf {
    if let Some(folder) = first_of_list(env, "RUNTIME_DIRECTORY") {
        return folder.join(SOCKET);
    }
    if identity.is_root() {
        return PathBuf::from("/run/svs").join(SOCKET);
    }
    match env.path("XDG_RUNTIME_DIR") {
        Some(folder) => folder.join("svs").join(SOCKET),
        None => state_dir.join(SOCKET),
    }
}

fn first_of_list(env: &Environment, name: &str) -> Option<PathBuf> {
    let list = env.path(name)?;
    // Only a path in UTF-8 can be cut at a colon; any other is one path.
    match list.to_str() {
        Some(text) => text.split(':').find(|path| !path.is_empty()).map(PathBuf::from),
        None => Some(list),
    }
}

/// A folder by the XDG rules. The variables are looked up in the environment that was handed in; only where that has
/// no home at all is the user database asked.
fn home_folder(
    env: &Environment,
    variable: &str,
    below_home: &str,
    by_database: impl FnOnce(&directories::BaseDirs) -> PathBuf,
) -> Option<PathBuf> {
    if let Some(folder) = env.path(variable).filter(|folder| folder.is_absolute()) {
        return Some(folder);
    }
    if let Some(home) = env.path("HOME") {
        return Some(home.join(below_home));
    }
    directories::BaseDirs::new().map(|folders| by_database(&folders))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Identity = Identity { uid: 1000 };
    const ROOT: Identity = Identity { uid: 0 };

    fn env(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    #[test]
    fn the_users_file_comes_before_that_of_the_machine() {
        for (variables, first) in [
            (&[("HOME", "/home/u")][..], "/home/u/.config/svs/svs.toml"),
            (&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/cfg")], "/cfg/svs/svs.toml"),
            (&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "relative")], "/home/u/.config/svs/svs.toml"),
        ] {
            assert_eq!(config_candidates(&env(variables)), [Path::new(first), Path::new(SYSTEM_CONFIG)]);
        }
    }

    #[test]
    fn where_the_state_is() {
        let home = ("HOME", "/home/u");
        for (variables, who, expected) in [
            (&[home][..], USER, "/home/u/.local/state/svs"),
            (&[home, ("XDG_STATE_HOME", "/state")], USER, "/state/svs"),
            (&[home], ROOT, "/var/lib/svs"),
        ] {
            assert_eq!(default_state_dir(&env(variables), who), Some(PathBuf::from(expected)));
        }
        assert_eq!(systemd_state_dir(&env(&[("STATE_DIRECTORY", "/a:/b")])), Some(PathBuf::from("/a")));
    }

    #[test]
    fn the_daemon_listens_where_its_commands_look() {
        let state = Path::new("/state");
        for (variables, who, expected) in [
            (&[("RUNTIME_DIRECTORY", "/run/svs")][..], USER, "/run/svs/control.sock"),
            (&[("XDG_RUNTIME_DIR", "/run/user/1000")], USER, "/run/user/1000/svs/control.sock"),
            (&[("XDG_RUNTIME_DIR", "/run/user/0")], ROOT, "/run/svs/control.sock"),
            (&[], USER, "/state/control.sock"),
        ] {
            let socket = default_socket(&env(variables), state, who);
            assert_eq!(socket, Path::new(expected));
            assert!(socket_candidates(&env(variables), state, who).contains(&socket));
        }
    }
}
