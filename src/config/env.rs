//! The environment, `.env` files and the folder of credentials.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{Trust, read_text};
use super::problem::{Origin, Problem};
use crate::error::ErrorKind;

/// The environment as it was when it was looked at; tests bring their own.
#[derive(Clone, Default)]
pub(crate) struct Environment(HashMap<String, OsString>);

impl Environment {
    /// That of this process.
    pub(crate) fn of_process() -> Environment {
        let named = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Environment(named.collect())
    }

    /// The value of a variable; an empty one counts as not set, as it comes from templates with nothing to fill in.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.even_empty(name).filter(|value| !value.is_empty())
    }

    /// The value of a variable, also an empty one.
    pub(super) fn even_empty(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// The value as a path.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The names of all variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<K: Into<String>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Environment {
        Environment(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The variables of a `.env` file.
#[derive(Default)]
pub(super) struct DotEnv {
    values: HashMap<String, (String, Origin)>,
}

impl DotEnv {
    /// Reads `NAME=value` lines: comments, `export`, single and double quotes; nothing is expanded.
    pub(super) fn parse(path: &Path, text: &str) -> Result<DotEnv, Vec<Problem>> {
        let path = Arc::new(path.to_owned());
        let mut read = DotEnv::default();
        let mut problems = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            match assignment(line) {
                Ok(None) => {}
                Ok(Some((name, value))) => {
                    let origin =
                        Origin::DotEnv { path: Arc::clone(&path), line: number, name: name.to_owned() };
                    read.values.insert(name.to_owned(), (value, origin));
                }
                Err(message) => problems.push(Problem {
                    kind: ErrorKind::Config,
                    message: message.to_owned(),
                    origin: Origin::File { path: Arc::clone(&path), line: number, column: 1 },
                    hint: Some("every line is NAME=value, a # comment or empty".to_owned()),
                }),
            }
        }
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    pub(super) fn get(&self, name: &str) -> Option<(&str, &Origin)> {
        self.values.get(name).map(|(value, origin)| (value.as_str(), origin))
    }

    /// The names of all variables with their places.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.values.iter().map(|(name, (_, origin))| (name.as_str(), origin))
    }
}

fn assignment(line: &str) -> Result<Option<(&str, String)>, &'static str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (name, value) = line.split_once('=').ok_or("is not NAME=value")?;
    let name = name.trim_end();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("has a name that is no variable's");
    }
    let value = value.trim_start();
    let mut letters = value.chars();
    let value = match letters.next() {
        Some(quote @ ('"' | '\'')) => quoted(letters.as_str(), quote)?,
        _ => value.split_once(" #").map_or(value, |(value, _)| value).trim_end().to_owned(),
    };
    Ok(Some((name, value)))
}

/// The text up to the closing quote; after it only a comment may follow.
fn quoted(text: &str, quote: char) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next().ok_or("has a quote that is not closed on its line")? {
            letter if letter == quote => break,
            '\\' if quote == '"' => match letters.next() {
                Some('n') => value.push('\n'),
                Some(letter @ ('"' | '\\' | '$')) => value.push(letter),
                Some(letter) => value.extend(['\\', letter]),
                None => return Err("has a quote that is not closed on its line"),
            },
            letter => value.push(letter),
        }
    }
    let rest = letters.as_str().trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err("has text behind its closing quote")
    }
}

/// What systemd (or another supervisor) hands over in `$CREDENTIALS_DIRECTORY`.
#[derive(Default)]
pub(super) struct Credentials {
    files: HashMap<String, PathBuf>,
    /// The file `gemini_keys`: several lists of keys in one credential, written like a `.env` file.
    lists: DotEnv,
}

/// The credential with all lists of keys.
const LISTS: &str = "gemini_keys";

impl Credentials {
    /// Looks what is there; only what is asked for is opened later.
    pub(super) fn open(folder: &Path) -> Result<Credentials, Vec<Problem>> {
        let entries = std::fs::read_dir(folder).map_err(|error| {
            vec![Problem {
                kind: ErrorKind::Config,
                message: format!("{} cannot be read: {}", folder.display(), error.kind()),
                origin: Origin::Env("CREDENTIALS_DIRECTORY".to_owned()),
                hint: None,
            }]
        })?;
        let files: HashMap<String, PathBuf> = entries
            .flatten()
            .filter_map(|entry| {
                Some((entry.file_name().into_string().ok()?.to_ascii_lowercase(), entry.path()))
            })
            .collect();
        let lists = match files.get(LISTS) {
            None => DotEnv::default(),
            Some(path) => {
                let read = read_text(path, Trust::Handed).map_err(|problem| vec![problem])?;
                DotEnv::parse(path, &read.text)?
            }
        };
        Ok(Credentials { files, lists })
    }

    /// The file of the credential with this name.
    pub(super) fn file(&self, name: &str) -> Option<&Path> {
        self.files.get(name).map(PathBuf::as_path)
    }

    /// A variable in `gemini_keys`.
    pub(super) fn variable(&self, name: &str) -> Option<(&str, &Origin)> {
        self.lists.get(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn lines_of_a_dot_env_file() {
        for (line, expected) in [
            ("", Ok(None)),
            ("  # GROUP_A_KEYS=k", Ok(None)),
            ("LOG_LEVEL=debug", Ok(Some(("LOG_LEVEL", "debug")))),
            ("export LOG_LEVEL = debug # loud", Ok(Some(("LOG_LEVEL", "debug")))),
            ("A=x#y", Ok(Some(("A", "x#y")))),
            ("A=", Ok(Some(("A", "")))),
            ("A=\"a \\\"b\\\" # c\" # d", Ok(Some(("A", "a \"b\" # c")))),
            ("A='a\\n'", Ok(Some(("A", "a\\n")))),
            ("A=b=c", Ok(Some(("A", "b=c")))),
            ("A=\"open", Err("has a quote that is not closed on its line")),
            ("A='x' y", Err("has text behind its closing quote")),
            ("no assignment", Err("is not NAME=value")),
            ("A-B=c", Err("has a name that is no variable's")),
        ] {
            let read = assignment(line);
            let read = read.as_ref().map(|read| read.as_ref().map(|(name, value)| (*name, value.as_str())));
            assert_eq!(read.map_err(|message| *message), expected, "{line}");
        }
    }

    #[test]
    fn a_bad_line_is_named_by_number_and_not_repeated() {
        let problems = DotEnv::parse(Path::new(".env"), "A=1\nCANARY\r\n").err().unwrap_or_default();
        assert_eq!(problems[0].to_string(), ".env:2:1: is not NAME=value");
    }

    proptest! {
        #[test]
        fn no_dot_env_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = DotEnv::parse(Path::new(".env"), &String::from_utf8_lossy(&bytes));
        }
    }
}
