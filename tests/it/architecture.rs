//! The rules of the house, as tests: who may import whom, and how a file looks.

use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. A room may always import itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("cli", &["commands", "ui", "telemetry", "config", "domain", "clock", "error", "redact"]),
    (
        "commands",
        &[
            "ui",
            "admin",
            "telegram",
            "sandbox",
            "gateway",
            "gemini",
            "store",
            "telemetry",
            "config",
            "domain",
            "clock",
            "error",
            "redact",
        ],
    ),
    ("ui", &["domain", "error", "redact"]),
    ("sandbox", &[]),
    ("admin", &["gateway", "gemini", "store", "telemetry", "config", "domain", "clock", "error", "redact"]),
    (
        "telegram",
        &[
            "gateway",
            "gemini",
            "store",
            "telemetry",
            "config",
            "domain",
            "clock",
            "error",
            "failpoint",
            "redact",
        ],
    ),
    (
        "gateway",
        &["gemini", "store", "telemetry", "config", "domain", "clock", "error", "failpoint", "redact"],
    ),
    ("gemini", &["config", "domain", "clock", "error", "redact"]),
    ("store", &["config", "domain", "clock", "error", "redact"]),
    ("telemetry", &["config", "domain", "clock", "error", "redact"]),
    ("config", &["domain", "error", "redact"]),
    ("domain", &[]),
    // The clock speaks in the domain's instants, and in nothing else of ours.
    ("clock", &["domain"]),
    ("error", &[]),
    ("failpoint", &[]),
    ("redact", &[]),
];

const LONGEST_FILE: usize = 400;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a readable source folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source is text");
        (path.strip_prefix(&root).expect("below src").to_owned(), text)
    };
    found.into_iter().map(read).collect()
}

fn room_of(path: &Path) -> String {
    let first = path.components().next().expect("a path has a first part").as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The rooms that `text` names: after `crate::`, also inside `crate::{…}`, and after as many `super::` as lead to
/// the root from a module `depth` deep. Comments count: a doc link upward is a dependency of the mind.
fn rooms_named(text: &str, depth: usize) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == '$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(heads_of_group(group)),
            None => rooms.push(identifier(rest)),
        }
    }
    for (at, _) in text.match_indices("super::") {
        if text[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &text[at..];
        let mut climbed = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            (rest, climbed) = (further, climbed + 1);
        }
        if climbed >= depth {
            rooms.push(identifier(rest));
        }
    }
    rooms.retain(|room| MAY_IMPORT.iter().any(|(known, _)| known == room));
    rooms
}

fn heads_of_group(group: &str) -> Vec<String> {
    let (mut heads, mut level, mut at_head) = (Vec::new(), 1, true);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => level += 1,
            '}' => level -= 1,
            ',' if level == 1 => at_head = true,
            _ if at_head && !sign.is_whitespace() => {
                heads.push(identifier(&group[at..]));
                at_head = false;
            }
            _ => {}
        }
        if level == 0 {
            break;
        }
    }
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

#[test]
fn no_room_imports_upward() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room_of(&path);
        if room == "lib" {
            continue;
        }
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(known, _)| *known == room)
            .unwrap_or_else(|| panic!("{room} has no place in the house: add it to MAY_IMPORT"));
        let name = path.file_name().expect("a file name");
        let depth = path.components().count() - usize::from(name == "mod.rs");
        for named in rooms_named(&text, depth) {
            if named != room && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{} imports {named}", path.display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_upward_import_is_seen_in_every_form() {
    let cases = [
        ("use crate::telegram::outbox;", 2, "telegram"),
        ("use crate::{domain::time, store::Store};", 2, "store"),
        ("use crate::{\n    config::{Config, Secret},\n    gateway,\n};", 2, "gateway"),
        ("let x = super::super::admin::api();", 2, "admin"),
        ("fn f() -> crate::ui::Report", 1, "ui"),
    ];
    for (text, depth, room) in cases {
        assert!(rooms_named(text, depth).iter().any(|named| named == room), "{text}");
    }
    assert!(rooms_named("use super::store;", 2).is_empty(), "a neighbor, not the room");
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            wrong.push(format!("{}: no //! at the top", path.display()));
        }
        if text.lines().count() > LONGEST_FILE {
            wrong.push(format!("{}: {} lines, over {LONGEST_FILE}", path.display(), text.lines().count()));
        }
        for left_over in ["todo!(", "dbg!(", "unimplemented!(", "#[allow("] {
            if text.contains(left_over) {
                wrong.push(format!("{}: {left_over}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mod_file_holds_no_code() {
    let mut wrong = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.ends_with("mod.rs")) {
        let code = text.lines().map(str::trim_start).find(|line| {
            [
                "fn ",
                "pub fn ",
                "pub(crate) fn ",
                "impl ",
                "struct ",
                "pub struct ",
                "pub(crate) struct ",
                "enum ",
            ]
            .iter()
            .any(|start| line.starts_with(start))
        });
        if let Some(line) = code {
            wrong.push(format!("{}: {line}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn main_is_a_table_of_contents() {
    let (_, main) = sources().into_iter().find(|(path, _)| path == Path::new("main.rs")).expect("main.rs");
    assert!(main.lines().count() < 20, "main.rs has {} lines", main.lines().count());
}
