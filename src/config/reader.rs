//! Reads settings by name from the layers: the type is checked, the origin kept, and what is wrong collected.
//!
//! A setting exists because somebody reads it here: the list of known names, `config show` and the variables' names
//! all follow from these calls.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::layers::Layers;
use super::problem::{Origin, Problem, Warning};
use super::secret::Secret;
use super::toml_file::{Node, Raw};
use super::value::{
    OFF, any_text, duration_text, durations, is_off, number, numbers, one_of, quoted, span, text, tidy, whole,
};
use crate::domain::key::Fingerprint;
use crate::error::ErrorKind;

/// One setting as `config show` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Setting {
    /// Its name in svs.toml.
    pub(crate) name: String,
    /// Its value as svs.toml would write it; a secret is masked.
    pub(crate) value: String,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Of a secret, by which two are compared; it is never shown.
    pub(super) fingerprint: Option<Fingerprint>,
}

/// A reader of all layers.
pub(super) struct Reader<'a> {
    pub(super) layers: &'a Layers,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    pub(super) settings: Vec<Setting>,
    /// Where secrets were found, also those that are wrong.
    pub(super) secrets: Vec<Origin>,
    /// Tables in svs.toml whose content does not count, for a reason already told.
    pub(super) skipped: Vec<String>,
    /// Names that svs.toml may use.
    pub(super) known: HashSet<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Reader<'a> {
        Reader {
            layers,
            problems: Vec::new(),
            warnings: Vec::new(),
            settings: Vec::with_capacity(160),
            secrets: Vec::new(),
            skipped: Vec::new(),
            known: HashSet::with_capacity(160),
        }
    }

    /// Something that keeps svs from working.
    pub(super) fn problem(&mut self, origin: &Origin, message: impl Into<String>, hint: Option<&str>) {
        self.problems.push(Problem {
            kind: ErrorKind::Config,
            message: message.into(),
            origin: origin.clone(),
            hint: hint.map(ToOwned::to_owned),
        });
    }

    /// Something odd.
    pub(super) fn warning(&mut self, origin: &Origin, message: impl Into<String>) {
        self.warnings.push(Warning { message: message.into(), origin: origin.clone() });
    }

    /// Remembers what a setting has become.
    pub(super) fn show(&mut self, name: &str, value: String, origin: &Origin) {
        let (name, origin) = (name.to_owned(), origin.clone());
        self.settings.push(Setting { name, value, origin, fingerprint: None });
    }

    /// Remembers what a secret setting has become; `value` is what may be shown of it.
    pub(super) fn show_secret(&mut self, name: &str, value: String, secret: &Secret, origin: &Origin) {
        let (name, origin, fingerprint) = (name.to_owned(), origin.clone(), Some(secret.fingerprint()));
        self.settings.push(Setting { name, value, origin, fingerprint });
    }

    /// The value of a setting that is no secret, as its source wrote it.
    pub(super) fn found(&mut self, name: &str) -> Option<Node> {
        self.known.insert(name.to_owned());
        self.warn_of_alias(name);
        self.layers.find(name)
    }

    /// A setting that `parse` understands; the default where it is not set or wrong.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        default: T,
        expected: &str,
        parse: impl FnOnce(&Raw) -> Option<T>,
        write: impl FnOnce(&T) -> String,
    ) -> T {
        let mut value = default;
        let mut origin = Origin::Default;
        if let Some(node) = self.found(name) {
            match parse(&node.raw) {
                Some(parsed) => value = parsed,
                None => self.wrong(name, expected, &node),
            }
            origin = node.origin;
        }
        let written = write(&value);
        self.show(name, written, &origin);
        value
    }

    /// Says that a value is not what it must be, without repeating it.
    pub(super) fn wrong(&mut self, name: &str, expected: &str, node: &Node) {
        let message = match &node.raw {
            Raw::Text(_) | Raw::Word(_) => format!("{name} must be {expected}"),
            other => format!("{name} must be {expected}; it is {}", other.type_name()),
        };
        self.problem(&node.origin, message, Some("svs.toml.example shows every setting with its form"));
    }

    /// A whole number.
    pub(super) fn count(&mut self, name: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let expected = numbers(&range);
        self.read(name, default, &expected, |raw| whole(raw, &range), ToString::to_string)
    }

    /// A whole number or `"off"`.
    pub(super) fn count_or_off(
        &mut self,
        name: &str,
        default: Option<u32>,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let expected = format!("{} or \"off\"", numbers(&range));
        let parse = |raw: &Raw| if is_off(raw) { Some(None) } else { whole(raw, &range).map(Some) };
        self.read(name, default, &expected, parse, |value| {
            value.map_or_else(|| quoted(OFF), |value| value.to_string())
        })
    }

    /// A share: 0 < x ≤ 1, or 0 ≤ x ≤ 1.
    pub(super) fn share(&mut self, name: &str, default: f64, zero: bool) -> f64 {
        let expected = if zero { "a number x with 0 ≤ x ≤ 1" } else { "a number x with 0 < x ≤ 1" };
        let fits = |x: &f64| *x <= 1.0 && (*x > 0.0 || (zero && *x == 0.0));
        self.read(name, default, expected, |raw| number(raw).filter(fits), |x| format!("{x:?}"))
    }

    /// A duration.
    pub(super) fn duration(
        &mut self,
        name: &str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> Duration {
        let expected = durations(&range);
        self.read(name, default, &expected, |raw| span(raw, &range), |value| quoted(&duration_text(*value)))
    }

    /// A duration or `"off"`.
    pub(super) fn duration_or_off(
        &mut self,
        name: &str,
        default: Option<Duration>,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let expected = format!("{} or \"off\"", durations(&range));
        let parse = |raw: &Raw| if is_off(raw) { Some(None) } else { span(raw, &range).map(Some) };
        self.read(name, default, &expected, parse, |value| {
            quoted(&value.map_or_else(|| OFF.to_owned(), duration_text))
        })
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &str, default: bool) -> bool {
        let parse = |raw: &Raw| match raw {
            Raw::Bool(flag) => Some(*flag),
            Raw::Word(word) => match tidy(word.to_str()?).to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(true),
                "false" | "0" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        };
        self.read(name, default, "true or false", parse, ToString::to_string)
    }

    /// One of some words.
    pub(super) fn word<T: Copy + PartialEq>(&mut self, name: &str, default: T, words: &[(&str, T)]) -> T {
        let expected = one_of(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        let parse =
            |raw: &Raw| words.iter().find(|(word, _)| text(raw) == Some(*word)).map(|(_, value)| *value);
        self.read(name, default, &expected, parse, |value| {
            quoted(words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| *word))
        })
    }

    /// A text; none where it is empty or `off`.
    pub(super) fn text_or_off(&mut self, name: &str, default: Option<String>) -> Option<String> {
        let parse = |raw: &Raw| {
            let text = text(raw)?;
            Some(if text.is_empty() || text == OFF { None } else { Some(text.to_owned()) })
        };
        self.read(name, default, "a text", parse, |value| quoted(value.as_deref().unwrap_or(OFF)))
    }

    /// A path of a file; none: decided elsewhere.
    pub(super) fn path(&mut self, name: &str) -> Option<(PathBuf, Origin)> {
        let node = self.found(name)?;
        let path = match &node.raw {
            Raw::Word(word) => PathBuf::from(word),
            Raw::Text(text) => PathBuf::from(text),
            _ => {
                self.wrong(name, "the path of a file or folder", &node);
                return None;
            }
        };
        if path.as_os_str().is_empty() {
            self.wrong(name, "the path of a file or folder", &node);
            return None;
        }
        Some((path, node.origin))
    }

    /// The items of a list and its origin; in the environment they are separated by commas. None: not set.
    pub(super) fn list(&mut self, name: &str, expected: &str) -> Option<(Vec<Node>, Origin)> {
        let Node { raw, origin } = self.found(name)?;
        let items = match raw {
            Raw::List(items) => items,
            Raw::Word(words) => {
                let items = words.to_str().unwrap_or_default().split(',').map(tidy);
                let items = items.filter(|item| !item.is_empty());
                items.map(|item| Node { raw: Raw::Word(item.into()), origin: origin.clone() }).collect()
            }
            _ => {
                self.wrong(name, expected, &Node { raw, origin });
                return None;
            }
        };
        Some((items, origin))
    }

    /// A secret with nothing around it; not set, or unreadable (then there is a problem): none.
    pub(super) fn secret(&mut self, name: &str) -> Option<(Secret, Origin)> {
        let node = self.found_secret(name)?;
        let Some(text) = any_text(&node.raw) else {
            self.wrong(name, "a text", &node);
            return None;
        };
        let tidied = tidy(text);
        if tidied.len() != text.len() {
            self.warning(&node.origin, format!("{name}: spaces or quotes around the value were removed"));
        }
        if tidied.is_empty() {
            return None;
        }
        Some((Secret::new(tidied), node.origin))
    }

    /// A secret as its source wrote it.
    pub(super) fn found_secret(&mut self, name: &str) -> Option<Node> {
        self.known.insert(name.to_owned());
        self.known.insert(format!("{name}_file"));
        self.warn_of_alias(name);
        match self.layers.find_secret(name)? {
            Ok(node) => {
                self.secrets.push(node.origin.clone());
                Some(node)
            }
            Err(problem) => {
                self.problems.push(Problem { message: format!("{name}: {}", problem.message), ..problem });
                None
            }
        }
    }

    fn warn_of_alias(&mut self, name: &str) {
        if let Some((used, unused)) = self.layers.overruled_alias(name) {
            self.warning(&Origin::Env(unused), format!("not used: {used} says something else"));
        }
    }
}
