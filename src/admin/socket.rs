//! Where the control socket is, and how the daemon takes its place.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::error::{CommandError, ErrorKind};

/// The longest path of a unix socket in bytes: `sun_path` has 108, one of which ends the text.
const LONGEST_PATH: usize = 107;

/// The daemon's end. Dropping it removes the socket, unless another process has taken the place meanwhile.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: UnixListener,
    path: PathBuf,
    inode: u64,
}

impl Listener {
    /// Takes the place at `path`: mode 0600, or 0660 for the members of the group `gid`. A stale socket is replaced;
    /// a living one belongs to another daemon. Runs inside a tokio runtime, with umask 077.
    pub(crate) fn bind(path: &Path, gid: Option<u32>) -> Result<Listener, CommandError> {
        check_length(path)?;
        let cannot = |what: &str, error: &io::Error| {
            CommandError::new(ErrorKind::Config, format!("{what} the control socket {}", path.display()))
                .caused_by(error)
                .hint("control.socket in svs.toml, or --socket, names another place")
        };
        make_parent(path, gid).map_err(|error| cannot("cannot make the folder of", &error))?;
        clear_place(path)?;
        let socket = UnixListener::bind(path).map_err(|error| cannot("cannot listen on", &error))?;
        let mode = if gid.is_some() { 0o660 } else { 0o600 };
        // The group first: while the mode is still 0600, the new group may do nothing.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .and_then(|()| std::os::unix::fs::chown(path, None, gid))
            .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)))
            .map_err(|error| cannot("cannot set the permissions of", &error))?;
        let inode = std::fs::metadata(path).map_err(|error| cannot("cannot look at", &error))?.ino();
        Ok(Listener { socket, path: path.to_owned(), inode })
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<tokio::net::UnixStream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if std::fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn check_length(path: &Path) -> Result<(), CommandError> {
    let length = path.as_os_str().len();
    if length <= LONGEST_PATH {
        return Ok(());
    }
    let message = format!("the path of the control socket has {length} bytes, at most {LONGEST_PATH} work");
    Err(CommandError::new(ErrorKind::Config, message)
        .hint("control.socket in svs.toml, or --socket, names a shorter one"))
}

/// The folder of the socket, for its owner only, or for passing through by the group.
fn make_parent(path: &Path, gid: Option<u32>) -> io::Result<()> {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists())
    else {
        return Ok(());
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    if gid.is_some() {
        std::os::unix::fs::chown(parent, None, gid)?;
        std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o710))?;
    }
    Ok(())
}

/// Removes a socket on which nobody listens. Anything else that is there stays, and is an error.
fn clear_place(path: &Path) -> Result<(), CommandError> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !found.file_type().is_socket() {
        let message = format!("{} is not a socket", path.display());
        return Err(CommandError::new(ErrorKind::Config, message)
            .hint("remove it, or name another place with control.socket"));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(|error| {
                let message = format!("cannot remove the stale control socket {}", path.display());
                CommandError::new(ErrorKind::Config, message).caused_by(&error)
            })
        }
        Err(error) => {
            let message = format!("cannot tell who owns the control socket {}", path.display());
            Err(CommandError::new(ErrorKind::Denied, message).caused_by(&error))
        }
        Ok(_) => {
            let message = format!("another process listens on {}", path.display());
            Err(CommandError::new(ErrorKind::TryAgain, message).hint("svs status shows whether it is svs"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_for_its_owner_and_is_removed_at_the_end() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("deep/er/control.sock");
        let listener = Listener::bind(&path, None).expect("the place is free");
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("it has one")), 0o700);
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_a_living_one_is_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("control.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("the place is free"));
        assert!(path.exists(), "the standard library leaves the file behind");
        let living = Listener::bind(&path, None).expect("nobody listens");
        let second = Listener::bind(&path, None).expect_err("somebody listens");
        assert_eq!(second.kind, ErrorKind::TryAgain);
        drop(living);
    }

    #[tokio::test]
    async fn a_socket_for_a_group_lets_it_through_the_folder() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("svs/control.sock");
        let gid = rustix::process::getegid().as_raw();
        let _listener = Listener::bind(&path, Some(gid)).expect("the place is free");
        for (path, expected) in [(path.as_path(), 0o660), (path.parent().expect("it has one"), 0o710)] {
            let found = std::fs::metadata(path).expect("it is there");
            assert_eq!((found.permissions().mode() & 0o777, found.gid()), (expected, gid), "{path:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_socket_is_never_removed() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = |name: &str| dir.path().join(name);
        std::fs::write(place("file"), "precious").expect("it can be written");
        std::fs::create_dir(place("folder")).expect("it can be made");
        drop(std::os::unix::net::UnixListener::bind(place("stale")).expect("the place is free"));
        std::os::unix::fs::symlink(place("stale"), place("link")).expect("it can be made");
        std::os::unix::fs::symlink(place("nothing"), place("nowhere")).expect("it can be made");
        for name in ["file", "folder", "link", "nowhere"] {
            let error = Listener::bind(&place(name), None).expect_err("something is there");
            let message = format!("{} is not a socket", place(name).display());
            assert_eq!((error.kind, error.message), (ErrorKind::Config, message));
            assert!(std::fs::symlink_metadata(place(name)).is_ok(), "{name} is still there");
        }
        assert!(place("stale").exists() && !place("nothing").exists(), "nor is what a link leads to touched");
    }

    #[tokio::test]
    async fn a_path_beyond_107_bytes_is_a_configuration_error() {
        let dir = tempfile::tempdir().expect("a folder");
        let room = LONGEST_PATH - dir.path().as_os_str().len() - 1;
        let longest = dir.path().join("x".repeat(room));
        assert!(Listener::bind(&longest, None).is_ok());
        let too_long = Listener::bind(&dir.path().join("x".repeat(room + 1)), None);
        assert_eq!(too_long.expect_err("it is too long").kind, ErrorKind::Config);
    }

    #[tokio::test]
    async fn the_place_of_a_successor_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("control.sock");
        let first = Listener::bind(&path, None).expect("the place is free");
        std::fs::remove_file(&path).expect("it can be removed");
        let _second = Listener::bind(&path, None).expect("the place is free again");
        drop(first);
        assert!(path.exists());
    }
}
