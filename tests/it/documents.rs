//! What the documents say of the code is so: invariants are backed, links lead somewhere, both languages say the
//! same.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The names of all functions of the house, tests among them.
fn functions() -> BTreeSet<String> {
    let mut folders = vec![repository().join("src"), repository().join("tests")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                let declared = text.lines().filter_map(|line| line.trim_start().split_once("fn "));
                names.extend(declared.map(|(_, rest)| identifier(rest)));
            }
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A name of several words, as tests have.
fn is_sentence(name: &str) -> bool {
    name.matches('_').count() >= 2 && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

#[test]
fn every_invariant_names_a_test_or_lint_that_exists() {
    let functions = functions();
    let lints = read("Cargo.toml") + &read("clippy.toml");
    let text = read("docs/architecture.md");
    let invariants: Vec<_> = text.split("\n\n").filter(|text| text.starts_with("**Invariant:**")).collect();
    assert!(invariants.len() > 10, "only {} invariants were found", invariants.len());
    for invariant in invariants {
        let backed = |name: &str| functions.contains(name) || lints.contains(name);
        let is_backing = |name: &&str| {
            is_sentence(name) || ["unsafe_code", "print_stdout", "disallowed-methods"].contains(name)
        };
        let named: Vec<_> = code(invariant).filter(is_backing).collect();
        assert!(!named.is_empty(), "nothing backs: {invariant}");
        let missing: Vec<_> = named.into_iter().filter(|name| !backed(name)).collect();
        assert!(missing.is_empty(), "{missing:?} back an invariant but do not exist: {invariant}");
    }
    let others: Vec<_> = code(&text).filter(|name| is_sentence(name) && !functions.contains(*name)).collect();
    assert!(others.is_empty(), "named in docs/architecture.md, but nowhere in the code: {others:?}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let top = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from);
    let guides = fs::read_dir(repository().join("docs")).expect("guides");
    let guides = guides.map(|guide| Path::new("docs").join(guide.expect("an entry").file_name()));
    for document in top.into_iter().chain(guides) {
        let folder = repository().join(&document).parent().expect("a folder").to_owned();
        let document = document.display().to_string();
        let text = read(&document);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().expect("a closing parenthesis");
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let path = folder.join(target.split('#').next().unwrap_or(target));
            assert!(path.exists(), "{document} links to {target}");
        }
    }
}

/// The fenced blocks of a document.
pub(crate) fn blocks(text: &str) -> Vec<&str> {
    text.split("\n```").skip(1).step_by(2).collect()
}

#[test]
fn both_readmes_show_the_same_commands_and_outputs() {
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    assert_eq!(blocks(&english), blocks(&chinese));
    let sections = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(sections(&english), sections(&chinese));
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_help() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_svs")).args(["help", "exit-codes"]).output().expect("svs starts");
    let help = String::from_utf8(help.stdout).expect("text");
    let of_help: BTreeSet<_> =
        help.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = read(readme);
        let cell = |line: &str| line.strip_prefix("| ")?.split(" |").next()?.parse::<u8>().ok();
        let of_readme: BTreeSet<_> = text.lines().filter_map(cell).collect();
        assert_eq!(of_readme, of_help, "{readme}");
    }
}
