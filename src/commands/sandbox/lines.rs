//! What is typed or scripted, line by line: messages, and the few words that are for the terminal and not for the bot.

use std::io::{self, BufRead, Read as _};
use std::path::PathBuf;

use tokio::sync::mpsc;

use super::people::Who;
use crate::error::{CommandError, ErrorKind};

/// The longest message in UTF-16 units, as Telegram has it.
const LONGEST_MESSAGE: usize = 4096;
/// The longest line in bytes that is read at all.
const LONGEST_LINE: u64 = 64 * 1024;

/// A line, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// Empty, or a comment.
    Nothing,
    /// For the bot.
    Say(String),
    /// `/as ROLE`
    As(Who),
    /// `/fail RULES`
    Fail(String),
    /// `/press N`
    Press(usize),
    /// `/quit`
    Quit,
}

impl Line {
    /// Reads a line; comments exist in scripts only.
    pub(super) fn read(text: &str, is_script: bool) -> Result<Line, String> {
        let text = text.trim();
        if text.is_empty() || (is_script && text.starts_with('#')) {
            return Ok(Line::Nothing);
        }
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "/as" => rest.trim().parse().map(Line::As),
            "/fail" => Ok(Line::Fail(rest.trim().to_owned())),
            "/press" => match rest.trim() {
                "" => Ok(Line::Press(1)),
                number => match number.parse() {
                    Ok(number @ 1..) => Ok(Line::Press(number)),
                    _ => Err("buttons are counted from 1".to_owned()),
                },
            },
            "/quit" | "/exit" => Ok(Line::Quit),
            _ if text.encode_utf16().count() > LONGEST_MESSAGE => {
                Err(format!("a message has at most {LONGEST_MESSAGE} characters"))
            }
            _ => Ok(Line::Say(text.to_owned())),
        }
    }
}

/// A line with its number, or why there are no more.
pub(super) type Numbered = Result<(usize, String), CommandError>;

/// Reads a script, or standard input where none is named, one line ahead of what is asked for.
pub(super) fn open(script: Option<&PathBuf>) -> Result<mpsc::Receiver<Numbered>, CommandError> {
    match script {
        Some(path) if path.as_os_str() != "-" => {
            let file = std::fs::File::open(path).map_err(|error| {
                let message = format!("{} cannot be read", path.display());
                CommandError::new(ErrorKind::NotFound, message).caused_by(&error)
            })?;
            read_beside(move || io::BufReader::new(file))
        }
        _ => read_beside(|| io::stdin().lock()),
    }
}

/// A thread of its own: reading a terminal cannot be waited for, and must not hold the end of the process.
fn read_beside<R: BufRead>(
    open: impl FnOnce() -> R + Send + 'static,
) -> Result<mpsc::Receiver<Numbered>, CommandError> {
    let (sender, lines) = mpsc::channel(1);
    let read = move || {
        let mut source = open();
        for number in 1.. {
            let line = match next_line(&mut source) {
                Ok(None) => break,
                Ok(Some(line)) => Ok((number, line)),
                Err(why) => Err(CommandError::new(
                    ErrorKind::BadInput,
                    format!("line {number} cannot be read: {why}"),
                )),
            };
            let is_last = line.is_err();
            if sender.blocking_send(line).is_err() || is_last {
                break;
            }
        }
    };
    std::thread::Builder::new().name("svs-lines".to_owned()).spawn(read).map_err(|error| {
        CommandError::new(ErrorKind::State, "the system refuses a thread").caused_by(&error)
    })?;
    Ok(lines)
}

fn next_line(source: &mut impl BufRead) -> Result<Option<String>, String> {
    let mut bytes = Vec::new();
    source.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(|error| error.to_string())?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() as u64 == LONGEST_LINE && bytes.last() != Some(&b'\n') {
        return Err(format!("it is longer than {} KiB", LONGEST_LINE / 1024));
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(Some(text.trim_start_matches('\u{feff}').to_owned())),
        _ => Err("it is not text in UTF-8".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_are_for_the_terminal() {
        let say = |text: &str| Line::Say(text.to_owned());
        let cases = [
            ("", Line::Nothing),
            ("  \r\n", Line::Nothing),
            ("# a comment", Line::Nothing),
            ("hello there\n", say("hello there")),
            ("/as vip2", Line::As("vip2".parse().unwrap())),
            ("/fail A1=429, B=503", Line::Fail("A1=429, B=503".to_owned())),
            ("/press", Line::Press(1)),
            ("/press 2", Line::Press(2)),
            ("/quit", Line::Quit),
            ("/assume", say("/assume")),
            ("/status", say("/status")),
            ("你好 # 不是注释", say("你好 # 不是注释")),
        ];
        for (text, line) in cases {
            assert_eq!(Line::read(text, true), Ok(line), "{text:?}");
        }
        assert_eq!(Line::read("# a title", false), Ok(say("# a title")));
        let (longest, longer) = ("字".repeat(4096), "x".repeat(4097));
        assert!(Line::read(&longest, true).is_ok());
        for wrong in ["/as", "/as root", "/press 0", "/press x", &longer] {
            assert!(Line::read(wrong, true).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_lines_of_text_are_read() {
        let lines = |mut bytes: &[u8]| {
            let mut lines = Vec::new();
            while let Some(line) = next_line(&mut bytes)? {
                lines.push(line);
            }
            Ok::<_, String>(lines)
        };
        assert_eq!(lines("\u{feff}a\n\n你好".as_bytes()).unwrap(), ["a\n", "\n", "你好"]);
        let long = vec![b'x'; 65_536];
        for wrong in [&b"\x89PNG\n"[..], b"a\0b\n", &long] {
            assert!(lines(wrong).is_err());
        }
    }
}
