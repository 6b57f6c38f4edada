//! svs.toml as a flat list of settings, each with its place. Syntax errors name the place and never the line's text,
//! because that line may hold a key.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem};
use crate::error::ErrorKind;

/// A value as some source wrote it.
#[derive(Clone)]
pub(super) enum Raw {
    /// Text of a file.
    Text(String),
    /// Text of the environment or of a flag, which has no types: whoever asks for a number reads it as one.
    Word(OsString),
    /// Any whole number TOML can write; none when it has more than 128 bits.
    Integer(Option<i128>),
    /// A number with a point.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A list.
    List(Vec<Node>),
    /// A table inside a list; its fields are settings of their own, `list[1].field`, counted from 1.
    Table,
    /// A date or a time; no setting is one.
    Datetime,
}

impl Raw {
    /// What the value is, for a message that must not repeat it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Raw::Text(_) | Raw::Word(_) => "a string",
            Raw::Integer(_) => "a whole number",
            Raw::Float(_) => "a number with a point",
            Raw::Bool(_) => "a boolean",
            Raw::List(_) => "a list",
            Raw::Table => "a table",
            Raw::Datetime => "a date",
        }
    }
}

/// A value and where it was written.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// The settings of a file by dotted path.
#[derive(Default)]
pub(super) struct TomlFile {
    pub(super) values: HashMap<String, Node>,
    /// Every `[table]`, also an empty one, so that unknown names are found.
    pub(super) tables: Vec<(String, Origin)>,
}

/// So many syntax errors are told at once; the rest are mostly their echo.
const TOLD: usize = 5;

/// Reads the text of a file.
pub(super) fn parse(path: &Arc<PathBuf>, text: &str) -> Result<TomlFile, Vec<Problem>> {
    let places = Places::of(path, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors
            .iter()
            .take(TOLD)
            .map(|error| Problem {
                kind: ErrorKind::Config,
                // The message is one of the parser's own sentences; the line it complains about is not in it.
                message: error.message().lines().next().unwrap_or("not valid TOML").to_owned(),
                origin: error.span().map_or_else(|| places.whole(), |span| places.at(span.start)),
                hint: None,
            })
            .collect());
    }
    let mut file = TomlFile::default();
    flatten(table.get_ref(), "", &places, &mut file);
    Ok(file)
}

fn flatten(table: &DeTable<'_>, prefix: &str, places: &Places<'_>, into: &mut TomlFile) {
    for (key, value) in table {
        let path =
            if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        let origin = places.at(key.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(inner, &path, places, into);
            into.tables.push((path, origin));
        } else {
            let raw = raw(value, &path, places, into);
            into.values.insert(path, Node { raw, origin });
        }
    }
}

fn raw(value: &Spanned<DeValue<'_>>, path: &str, places: &Places<'_>, into: &mut TomlFile) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => Raw::Integer(i128::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Float(number) => Raw::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Raw::Bool(*flag),
        DeValue::Datetime(_) => Raw::Datetime,
        DeValue::Array(items) => Raw::List(
            (1..)
                .zip(items.iter())
                .map(|(n, item)| {
                    let path = format!("{path}[{n}]");
                    Node { raw: raw(item, &path, places, into), origin: places.at(item.span().start) }
                })
                .collect(),
        ),
        DeValue::Table(table) => {
            flatten(table, path, places, into);
            into.tables.push((path.to_owned(), places.at(value.span().start)));
            Raw::Table
        }
    }
}

/// Turns byte offsets into lines and columns.
struct Places<'a> {
    path: &'a Arc<PathBuf>,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(path: &'a Arc<PathBuf>, text: &'a str) -> Places<'a> {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Places { path, text, line_starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    fn at(&self, offset: usize) -> Origin {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Origin::File {
            path: Arc::clone(self.path),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }

    fn whole(&self) -> Origin {
        Origin::File { path: Arc::clone(self.path), line: 0, column: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn parsed(text: &str) -> Result<TomlFile, Vec<Problem>> {
        parse(&Arc::new(PathBuf::from("svs.toml")), text)
    }

    #[test]
    fn a_value_knows_its_line_and_column() {
        let file = parsed("# 注释\r\n[telegram]\r\n  owner_ids = [1,\n 2]\n").unwrap_or_default();
        let node = &file.values["telegram.owner_ids"];
        assert_eq!(node.origin.to_string(), "svs.toml:3:3");
        let Raw::List(items) = &node.raw else { panic!("a list") };
        assert_eq!(items[1].origin.to_string(), "svs.toml:4:2");
        assert_eq!(file.tables[0].1.to_string(), "svs.toml:2:2");
    }

    #[test]
    fn a_syntax_error_names_the_place_and_not_the_text() {
        let canary = "AIzaSyCANARYCANARYCANARYCANARYCANARY123";
        for (text, place) in [
            (format!("[keys]\nA = [\"{canary}]\n"), "svs.toml:2:"),
            (format!("a = {canary}\n"), "svs.toml:1:"),
            (format!("{canary}\n"), "svs.toml:1:"),
            (format!("{canary} = 1\n{canary} = 2\n"), "svs.toml:2:"),
            (format!("[{canary}]\n[{canary}]\n"), "svs.toml:2:"),
            (format!("a = \"\\{canary}\"\n"), "svs.toml:1:"),
        ] {
            let problems = parsed(&text).err().unwrap_or_default();
            assert!(!problems.is_empty(), "{text} is accepted");
            assert!(problems[0].to_string().starts_with(place), "{}", problems[0]);
            assert!(!format!("{problems:?}").contains("CANARY"), "{problems:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parsed(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn no_nearly_toml_makes_it_panic(text in "[a-c\\[\\]{}=\"',.0-9\\n\\\\#é\u{feff} -]{0,80}") {
            let _ = parsed(&text);
        }
    }
}
