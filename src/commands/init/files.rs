//! Token and keys from files. Nothing of their content is ever repeated: what is wrong is named by its line.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::draft::{Listed, Seat};
use crate::config::Secret;
use crate::error::{CommandError, ErrorKind};
use crate::redact;

/// No file of keys is longer.
const MOST_BYTES: u64 = 1024 * 1024;

/// The lists of the predecessor's `.env`, which a file of keys may have as well.
const LISTS: [(&str, &str); 6] = [
    ("GROUP_A_KEYS", "A"),
    ("GROUP_B_KEYS", "B"),
    ("GROUP_C_KEYS", "C"),
    ("GROUP_D_KEYS", "D"),
    ("ROUTER_KEY_A", "RA"),
    ("ROUTER_KEY_B", "RB"),
];

/// The token in a file, if one was named.
pub(super) fn token(path: Option<&Path>) -> Result<Option<Secret>, CommandError> {
    let Some(path) = path else { return Ok(None) };
    let text = read(path)?;
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        let message = format!("{} must hold the token and nothing else", path.display());
        return Err(CommandError::new(ErrorKind::BadInput, message));
    }
    redact::register(token);
    Ok(Some(Secret::new(token)))
}

/// The keys in a file, if one was named.
pub(super) fn keys(path: Option<&Path>) -> Result<Vec<Listed>, CommandError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = read(path)?;
    let listed = parse(&text).map_err(|line| {
        let message = format!("{}:{line}: is no key", path.display());
        CommandError::new(ErrorKind::BadInput, message).hint("svs init --help shows what a line can be")
    })?;
    if listed.is_empty() {
        let message = format!("{} holds no key", path.display());
        return Err(CommandError::new(ErrorKind::BadInput, message));
    }
    Ok(listed)
}

/// The keys of a text, or the number of the line that is wrong.
pub(super) fn parse(text: &str) -> Result<Vec<Listed>, usize> {
    let mut listed = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let list = LISTS.into_iter().find_map(|(name, seat)| {
            Some((line.strip_prefix(name)?.trim_start().strip_prefix('=')?, Seat::parse(seat)))
        });
        match list {
            Some((keys, seat)) => {
                let keys = keys.trim().trim_matches(['"', '\'']).split(',').map(str::trim);
                for key in keys.filter(|key| !key.is_empty()) {
                    listed.push(Listed { secret: secret(key).ok_or(number)?, seat, project: None });
                }
            }
            None => listed.extend(of_words(line).ok_or(number)?),
        }
    }
    Ok(listed)
}

/// `KEY`, `A KEY`, `A KEY project`, or several keys with commas between them.
fn of_words(line: &str) -> Option<Vec<Listed>> {
    let words: Vec<&str> = line
        .split([' ', '\t', ','])
        .map(|word| word.trim_matches(['"', '\'']))
        .filter(|word| !word.is_empty())
        .collect();
    if let [seat, key, project @ ..] = words.as_slice()
        && let Some(seat) = Seat::parse(seat)
    {
        let project = match project {
            [] => None,
            [project] => Some((*project).to_owned()),
            _ => return None,
        };
        return Some(vec![Listed { secret: secret(key)?, seat: Some(seat), project }]);
    }
    words.into_iter().map(|key| Some(Listed { secret: secret(key)?, seat: None, project: None })).collect()
}

/// A word that may be a key; Google's are longer.
fn secret(word: &str) -> Option<Secret> {
    const SHORTEST: usize = 20;
    let fits = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '\'' | '\\' | '=' | ',');
    if word.len() < SHORTEST || !word.chars().all(fits) {
        return None;
    }
    redact::register(word);
    Some(Secret::new(word))
}

fn read(path: &Path) -> Result<String, CommandError> {
    let failed = |error: &io::Error| {
        CommandError::new(ErrorKind::BadInput, format!("{} cannot be read", path.display())).caused_by(error)
    };
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| failed(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("{} is longer than 1 MiB", path.display());
        return Err(CommandError::new(ErrorKind::BadInput, message));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        CommandError::new(ErrorKind::BadInput, format!("{} is not text in UTF-8", path.display()))
    })?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AIzaSyNotAKeyOfAnybody00000000000000001";
    const TWO: &str = "AIzaSyNotAKeyOfAnybody00000000000000002";

    #[test]
    fn a_line_is_a_key_with_its_place_and_project_or_not() {
        let cases = [
            (format!("# mine\n\n{ONE}\r\n"), vec![(ONE, None, None)]),
            (format!("{ONE}, {TWO}"), vec![(ONE, None, None), (TWO, None, None)]),
            (
                format!("b {ONE} main\nRA\t{TWO}"),
                vec![(ONE, Some("B"), Some("main")), (TWO, Some("RA"), None)],
            ),
            (
                format!("export GROUP_C_KEYS=\"{ONE},{TWO}\"\nGROUP_D_KEYS="),
                vec![(ONE, Some("C"), None), (TWO, Some("C"), None)],
            ),
        ];
        for (text, expected) in cases {
            let listed = parse(&text).expect("keys");
            let told: Vec<_> = listed
                .iter()
                .map(|key| (key.secret.expose(), key.seat.map(Seat::name), key.project.as_deref()))
                .collect();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(key, seat, project)| (key, seat.map(str::to_owned), project))
                .collect();
            assert_eq!(told, expected);
        }
        for (text, line) in [("short", 1), ("\nA B C D", 2), ("OTHER=value-of-something-else", 1)] {
            assert_eq!(parse(text), Err(line), "{text}");
        }
    }
}
