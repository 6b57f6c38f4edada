//! Long answers as models write them, and how people see them.
//!
//! `SVS_WRITE_GOLDEN=1 cargo test golden` writes the files of this folder anew; look at the difference.

use std::fmt::Write as _;

use super::{check_legal, marked};
use crate::telegram::markdown::{Limits, render_parts};

macro_rules! answers {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("golden/", $name, ".md")), include_str!(concat!("golden/", $name, ".txt")))),*]
    };
}

/// Name, Markdown, messages.
pub(super) const ANSWERS: &[(&str, &str, &str)] = answers![
    "en-compare",
    "en-debug",
    "en-readme",
    "en-shell",
    "zh-cut",
    "zh-history",
    "zh-math",
    "zh-ownership",
    "zh-recipe",
    "zh-travel",
];

#[test]
fn long_answers_look_as_they_did() {
    for (name, markdown, expected) in ANSWERS {
        let mut shown = String::new();
        for (number, part) in render_parts(markdown, Limits::default()).iter().enumerate() {
            check_legal(part);
            let _ = writeln!(shown, "=== {}\n{}", number + 1, marked(part));
        }
        if std::env::var_os("SVS_WRITE_GOLDEN").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/", file!());
            let path = folder.replace(".rs", &format!("/{name}.txt"));
            std::fs::write(path, shown).expect("the folder of this file");
        } else {
            assert_eq!(shown, *expected, "{name}");
        }
    }
}
