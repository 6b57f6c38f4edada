//! The file appears whole, for its owner alone, and never over another one unless that was said.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::commands::Ctx;
use crate::config::{LoadOptions, into_command_error, load};
use crate::error::{CommandError, ErrorKind};

/// There is one already.
pub(super) fn is_there(path: &Path) -> CommandError {
    CommandError::new(ErrorKind::CannotWrite, format!("{} is there already", path.display()))
        .hint("svs config check looks at it; svs init --force replaces it")
}

/// A file that is gone unless it got its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes the text beside the path, reads it as svs will, and gives it its name.
pub(super) fn write(path: &Path, text: &str, force: bool, ctx: &Ctx) -> Result<(), CommandError> {
    let failed = |error: io::Error| {
        let message = format!("{} cannot be written", path.display());
        CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error)
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let beside = Unfinished(folder.join(format!(".svs.toml.{}", std::process::id())));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside.0).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let options = LoadOptions { config: Some(beside.0.clone()), ..ctx.load_options() };
    load(&options).map_err(|problems| into_command_error(&problems))?;
    if force {
        fs::rename(&beside.0, path).map_err(failed)?;
    } else {
        // Unlike a rename, a link never replaces anything.
        fs::hard_link(&beside.0, path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => is_there(path),
            _ => failed(error),
        })?;
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
