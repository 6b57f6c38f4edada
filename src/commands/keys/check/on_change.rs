//! `--on-change`: the last result in a file, so that a timer says something only when it is another one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::report::Checked;
use crate::admin::api::KeyState;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::lines;

/// What stands first in such a file, and in no other.
const HEAD: &str = "# svs keys check, the last result";

/// What counts as a change: one line per finding, by what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LastResult(BTreeMap<String, String>);

impl LastResult {
    /// The states of the keys, and what else was found. A limited key is good: it is limited again and again.
    pub(super) fn of(checked: &Checked) -> LastResult {
        let state =
            |state: KeyState| if state == KeyState::Limited { KeyState::Ok.name() } else { state.name() };
        let keys = checked.keys.iter().map(|key| (key.key.to_string(), state(key.state).to_owned()));
        let missing = checked.missing_ids().into_iter().map(|(id, keys)| (format!("model {id}"), keys));
        let shared = checked.shared_projects().into_iter();
        let shared = shared.map(|shared| (format!("project {}", shared.consumer), shared.places().join(" ")));
        LastResult(keys.chain(missing).chain(shared).collect())
    }

    fn parse(text: &str) -> Option<LastResult> {
        let mut rows = text.lines();
        if rows.next() != Some(HEAD) {
            return None;
        }
        let row = |row: &str| row.split_once('\t').map(|(what, how)| (what.to_owned(), how.to_owned()));
        rows.map(row).collect::<Option<_>>().map(LastResult)
    }

    fn text(&self) -> String {
        let rows = self.0.iter().map(|(what, how)| format!("{what}\t{how}"));
        lines([HEAD.to_owned()].into_iter().chain(rows))
    }

    /// What is otherwise now, in words.
    pub(super) fn changes_to(&self, now: &LastResult) -> Vec<String> {
        let new = now.0.iter().filter(|(what, how)| self.0.get(*what) != Some(how));
        let new = new.map(|(what, how)| match self.0.get(what) {
            Some(before) => format!("{what}: {before} before, {how} now"),
            None => format!("{what}: {how}, and was not there before"),
        });
        let gone = self.0.keys().filter(|what| !now.0.contains_key(*what));
        new.chain(gone.map(|what| format!("{what}: not there any more"))).collect()
    }
}

/// The result in a file; none if there is no file yet.
pub(super) fn read(path: &Path) -> Result<Option<LastResult>, CommandError> {
    match fs::read_to_string(path) {
        // A file of somebody else is not overwritten.
        Ok(text) => LastResult::parse(&text).map(Some).ok_or_else(|| {
            let message = format!("{} is no result of svs keys check", path.display());
            CommandError::new(ErrorKind::BadInput, message).hint("name a file that is not there yet")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("cannot read {}", path.display());
            Err(CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error))
        }
    }
}

/// Puts the result into a file: whoever reads it meanwhile sees the one before.
pub(super) fn write(path: &Path, result: &LastResult) -> Result<(), CommandError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(result.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    written.map_err(|error: io::Error| {
        // Nothing half done stays; that it was not there is no failure.
        let _ = fs::remove_file(&beside);
        let message = format!("cannot write {}", path.display());
        CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error)
    })
}
