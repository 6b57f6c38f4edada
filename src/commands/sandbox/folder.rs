//! The folder of one sandbox: for nobody else, and gone when it ends.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::error::{CommandError, ErrorKind};

/// A temporary folder, removed when dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a folder that was not there before.
    pub(super) fn new() -> Result<Folder, CommandError> {
        let parent = std::env::temp_dir();
        let make = || {
            let name = format!("svs-sandbox-{}-{:08x}", std::process::id(), fastrand::u32(..));
            let path = parent.join(name);
            fs::DirBuilder::new().mode(0o700).create(&path).map(|()| path)
        };
        // A name that is taken, by chance or by somebody who waits for it, is refused by the system.
        let made = make().or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => make(),
            _ => Err(error),
        });
        made.map(Folder).map_err(|error| {
            let message = format!("no temporary folder can be made in {}", parent.display());
            CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error).hint("set TMPDIR")
        })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A state that was not closed may add a file while the others are removed.
        for _ in 0..3 {
            match fs::remove_dir_all(&self.0) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {}
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_is_for_nobody_else_and_goes_with_all_that_is_in_it() {
        let folder = Folder::new().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        fs::create_dir(path.join("state")).unwrap();
        fs::write(path.join("state/file"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
