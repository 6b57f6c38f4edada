//! What a state folder holds, read from a copy: opening a database repairs it, and that is what is tested.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use svs::sandbox::Sandbox;

/// The rows a test asks for.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Sends that were debited, per label of a key.
    pub(crate) sends: BTreeMap<String, usize>,
    /// Of those, sends whose end nobody wrote down.
    pub(crate) open_sends: usize,
    /// Updates that are in the inbox, each with its ending if it has one.
    pub(crate) inbox: BTreeMap<i64, Option<String>>,
}

impl Stored {
    /// Reads a state folder, whether a daemon works in it or died in it.
    pub(crate) fn read(folder: &Path, sandbox: &Sandbox) -> Stored {
        let copy = tempfile::tempdir().expect("a temporary folder");
        for file in ["svs.db-wal", "svs.db"] {
            let from = folder.join(file);
            if from.exists() {
                fs::copy(from, copy.path().join(file)).expect("a copy");
            }
        }
        let database = Connection::open(copy.path().join("svs.db")).expect("a database");
        let label_of: BTreeMap<String, String> = sandbox
            .gemini()
            .keys()
            .into_iter()
            .map(|(label, secret, _)| (fingerprint(&secret), label))
            .collect();
        let mut sends = BTreeMap::new();
        let all: Vec<(String, bool)> =
            rows(&database, "SELECT fingerprint, outcome IS NULL FROM sends", |row| {
                Ok((row.get(0)?, row.get(1)?))
            });
        for (fingerprint, _) in &all {
            *sends.entry(label_of[fingerprint].clone()).or_default() += 1;
        }
        Stored {
            sends,
            open_sends: all.iter().filter(|(_, is_open)| *is_open).count(),
            inbox: rows(&database, "SELECT update_id, ending FROM inbox", |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .into_iter()
            .collect(),
        }
    }
}

impl Stored {
    /// Whether the answer to an update is stored.
    pub(crate) fn is_answered(&self, update_id: i64) -> bool {
        self.inbox.get(&update_id).and_then(Option::as_deref) == Some("answered")
    }
}

fn rows<R>(
    database: &Connection,
    select: &str,
    row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<R>,
) -> Vec<R> {
    let mut select = database.prepare(select).expect("the tables have these columns");
    select.query_map([], row).and_then(Iterator::collect).expect("rows")
}

/// The name under which the state knows a secret.
pub(crate) fn fingerprint(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    svs::domain::key::Fingerprint(digest[..8].try_into().expect("eight bytes")).to_string()
}

/// Every file of a folder with its size and the time it was changed.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let file = |entry: fs::DirEntry| {
        let found = entry.metadata().expect("a file");
        (entry.file_name().to_string_lossy().into_owned(), (found.len(), found.modified().expect("a time")))
    };
    entries.map(file).collect()
}
