//! The state folder: made with narrow rights whatever the umask says, refused when it is somebody else's.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown, fchown,
};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, OFlags, flock};

use super::{DATABASE, StoreError, schema};

/// A state folder that was found in order.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// Without symbolic links.
    path: PathBuf,
    /// Who gets new files: set only where root works in another's folder.
    owner: Option<(u32, u32)>,
}

impl Folder {
    /// Looks at the folder; makes it if it is missing and `create` says so.
    pub(super) fn prepare(path: &Path, create: bool) -> Result<Folder, StoreError> {
        let failed = |error: io::Error| StoreError::folder(&error, path);
        let denied = |why| StoreError::Denied { path: path.to_owned(), why };
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !create {
                    return Err(StoreError::Missing(path.to_owned()));
                }
                DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
                // The umask may have taken the owner's own rights.
                fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
                fs::symlink_metadata(path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        // systemd links /var/lib/NAME to a private folder (DynamicUser); nobody but root can have made that link.
        if found.file_type().is_symlink() && found.uid() != 0 {
            return Err(denied("is a symbolic link"));
        }
        let found = fs::metadata(path).map_err(failed)?;
        if !found.is_dir() {
            return Err(StoreError::Folder { path: path.to_owned(), why: "it is no folder".to_owned() });
        }
        let me = rustix::process::geteuid().as_raw();
        if found.uid() != me && me != 0 {
            return Err(denied("belongs to another user"));
        }
        if found.mode() & 0o022 != 0 {
            return Err(denied("may be written by other users (chmod go-w)"));
        }
        Ok(Folder {
            path: fs::canonicalize(path).map_err(failed)?,
            owner: (found.uid() != me).then(|| (found.uid(), found.gid())),
        })
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The write-ahead log beside it.
    pub(super) fn wal(&self) -> PathBuf {
        self.path.join(format!("{DATABASE}-wal"))
    }

    /// The name by which SQLite reads the database without touching any file; none where it cannot: a log without its
    /// index has to be read by rebuilding that.
    ///
    /// Whoever works on the state keeps log and index there; where there is no log, nobody does, and the database file
    /// is all there is.
    pub(super) fn at_rest(&self) -> Option<String> {
        let exists = |suffix: &str| self.path.join(format!("{DATABASE}{suffix}")).exists();
        let how = match (exists("-wal"), exists("-shm")) {
            (false, _) => "immutable=1",
            (true, true) => "readonly_shm=1",
            (true, false) => return None,
        };
        let mut name = "file:".to_owned();
        for byte in self.database().as_os_str().as_bytes() {
            if byte.is_ascii_alphanumeric() || b"/.-_".contains(byte) {
                name.push(char::from(*byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(name, "%{byte:02X}");
            }
        }
        Some(name + "?" + how)
    }

    /// Opens (or makes) a file that is only locked, never read.
    pub(super) fn lock_file(&self, name: &str) -> Result<File, StoreError> {
        let path = self.path.join(name);
        let nofollow = OFlags::NOFOLLOW.bits().cast_signed();
        let open = |create_new| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(create_new)
                .mode(0o600)
                .custom_flags(nofollow)
                .open(&path)
        };
        let file = match open(true) {
            Ok(file) => {
                self.narrow(&file).map_err(|error| StoreError::folder(&error, &path))?;
                file
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                check_file(&path, self.owner)?;
                open(false).map_err(|error| StoreError::folder(&error, &path))?
            }
            Err(error) => return Err(StoreError::folder(&error, &path)),
        };
        Ok(file)
    }

    /// Makes the database if there is none. It appears under its name only when it is complete, so a file that
    /// is there and not a database was damaged, and is refused.
    pub(super) fn ensure_database(&self) -> Result<(), StoreError> {
        if self.database_exists()? {
            return Ok(());
        }
        let failed = |error: io::Error| StoreError::folder(&error, &self.path);
        // Two first commands at once: the folder's own lock lets one of them make it.
        let folder = File::open(&self.path).map_err(failed)?;
        flock(&folder, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        if self.database_exists()? {
            return Ok(());
        }
        if fs::symlink_metadata(self.wal()).is_ok_and(|wal| wal.len() > 0) {
            let why = "is gone, but its write-ahead log is there".to_owned();
            return Err(StoreError::Damaged { path: self.database(), why });
        }
        let new = self.path.join(format!("{DATABASE}.new"));
        for suffix in ["", "-journal", "-wal", "-shm"] {
            match fs::remove_file(self.path.join(format!("{DATABASE}.new{suffix}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
        self.narrow(&file).map_err(failed)?;
        drop(file);
        let mut connection = Connection::open_with_flags(
            &new,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| StoreError::at(error, &new))?;
        schema::create(&mut connection).map_err(|error| StoreError::at(error, &new))?;
        connection.close().map_err(|(_, error)| StoreError::at(error, &new))?;
        fs::rename(&new, self.database()).map_err(failed)?;
        folder.sync_all().map_err(failed)
    }

    /// Whether the database file is there; refuses one that is a link or another's. It is never opened here:
    /// closing a second descriptor would drop the locks of a connection in the same process.
    pub(super) fn database_exists(&self) -> Result<bool, StoreError> {
        let path = self.database();
        match fs::symlink_metadata(&path) {
            Ok(_) => check_file(&path, self.owner).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::folder(&error, &path)),
        }
    }

    /// 0600 whatever the umask, and the folder's owner. SQLite gives its side files the same.
    fn narrow(&self, file: &File) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(0o600))?;
        match self.owner {
            Some((user, group)) => fchown(file, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// Refuses a file that is a link, no plain file, or somebody else's; takes rights that are too wide away.
fn check_file(path: &Path, owner: Option<(u32, u32)>) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::folder(&error, path);
    let denied = |why| StoreError::Denied { path: path.to_owned(), why };
    let found = fs::symlink_metadata(path).map_err(failed)?;
    if found.file_type().is_symlink() {
        return Err(denied("is a symbolic link"));
    }
    if !found.is_file() {
        return Err(denied("is no plain file"));
    }
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me && owner.is_none_or(|(user, _)| found.uid() != user) {
        return Err(denied("belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
    }
    // Root made it before the folder changed hands.
    if let Some((user, group)) = owner
        && found.uid() != user
    {
        chown(path, Some(user), Some(group)).map_err(failed)?;
    }
    Ok(())
}
