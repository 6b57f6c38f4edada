//! What is generated and checked in is fresh: completions and manual pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn svs(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_svs")).args(arguments).output().expect("svs starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Names and contents of the files of a folder.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(dir).expect("the folder is there");
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("it can be listed").path();
        let name = PathBuf::from(path.file_name().expect("it has a name"));
        (name, std::fs::read(&path).expect("it can be read"))
    };
    entries.map(file).collect()
}

fn assert_fresh(what: &str, fresh: &BTreeMap<PathBuf, Vec<u8>>) {
    let stored = files(&repository().join(what));
    let stale: Vec<_> =
        fresh.keys().chain(stored.keys()).filter(|name| fresh.get(*name) != stored.get(*name)).collect();
    assert!(
        stale.is_empty(),
        "{what}/ is stale, `svs man --dir man` and `svs completions SHELL` renew it: {stale:?}"
    );
}

#[test]
fn completions_are_fresh() {
    let shells = [("bash", "svs.bash"), ("zsh", "_svs"), ("fish", "svs.fish"), ("elvish", "svs.elv")];
    let fresh = shells.map(|(shell, file)| (PathBuf::from(file), svs(&["completions", shell])));
    assert_fresh("completions", &BTreeMap::from(fresh));
}

#[test]
fn manual_pages_are_fresh() {
    let dir = tempfile::tempdir().expect("a folder");
    svs(&["man", "--dir", dir.path().to_str().expect("an ordinary path")]);
    assert_fresh("man", &files(dir.path()));
}

#[test]
fn every_manual_page_has_the_sections_that_are_looked_for() {
    let dir = tempfile::tempdir().expect("a folder");
    svs(&["man", "--dir", dir.path().to_str().expect("an ordinary path")]);
    for (name, page) in files(dir.path()) {
        let page = String::from_utf8_lossy(&page).into_owned();
        for section in ["\"EXIT STATUS\"", "ENVIRONMENT", "FILES", "EXAMPLES"] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{} has no {section}", name.display());
        }
    }
}
