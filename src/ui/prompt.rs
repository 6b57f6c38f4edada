//! Questions to the person at the terminal, on standard error. Call them only where standard input is a terminal and
//! `--no-input` was not given. Ctrl-C at any of them is an error of the kind [`io::ErrorKind::Interrupted`].

use std::io::{self, Write as _};

use dialoguer::{Confirm, Input, Select};
use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use tokio::signal::unix::{SignalKind, signal};

/// Asks a yes-or-no question; only y is yes, the enter key alone is no.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    let asked = Confirm::new().with_prompt(question).default(false).wait_for_newline(true).interact();
    asked.map_err(failed)
}

/// Lets the person choose one of some answers with the arrow keys; the enter key alone takes the first.
pub(crate) fn choose(question: &str, answers: &[String]) -> io::Result<usize> {
    Select::new().with_prompt(question).items(answers).default(0).interact().map_err(failed)
}

/// Asks for a line until `accept` takes it; it says what is wrong with the others.
pub(crate) fn line(
    question: &str,
    initial: Option<String>,
    accept: impl Fn(&str) -> Result<(), String>,
) -> io::Result<String> {
    let check = |text: &String| accept(text.trim());
    let asked = Input::<String>::new().with_prompt(question).allow_empty(true).validate_with(check);
    let asked = match initial {
        Some(initial) => asked.default(initial),
        None => asked,
    };
    asked.interact_text().map(|text| text.trim().to_owned()).map_err(failed)
}

/// Asks for lines that are not shown: one, or all up to an empty one. A paste of many lines is read whole.
pub(crate) async fn hidden(question: &str, many: bool) -> io::Result<Vec<String>> {
    // The terminal is quiet before anybody is asked, and again loud however this ends: from now on Ctrl-C is heard.
    let mut interrupts = signal(SignalKind::interrupt())?;
    let _quiet = Quiet::begin()?;
    let mut lines = Vec::new();
    loop {
        let mut stderr = io::stderr().lock();
        if lines.is_empty() {
            write!(stderr, "{question}: ")?;
        }
        stderr.flush()?;
        drop(stderr);
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|length| (length > 0).then_some(line))
        });
        let line = tokio::select! {
            read = read => read.map_err(io::Error::other)??,
            _ = interrupts.recv() => return Err(io::ErrorKind::Interrupted.into()),
        };
        // Ctrl-D ends a list; where nothing was typed, there is nobody to go on with.
        if line.is_none() && lines.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.as_deref().map(str::trim).unwrap_or_default();
        if line.is_empty() || !many {
            writeln!(io::stderr())?;
            lines.extend(Some(line).filter(|line| !line.is_empty()).map(str::to_owned));
            return Ok(lines);
        }
        lines.push(line.to_owned());
    }
}

fn failed(dialoguer::Error::IO(error): dialoguer::Error) -> io::Error {
    // It hides the cursor while it asks; when it is interrupted, nobody shows it again.
    let _ = write!(io::stderr(), "{}", crossterm::cursor::Show);
    error
}

/// The terminal without echo, as long as this lives.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Quiet> {
        let loud = termios::tcgetattr(io::stdin())?;
        let mut quiet = loud.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        // Not FLUSH: what was pasted already stays.
        termios::tcsetattr(io::stdin(), OptionalActions::Now, &quiet)?;
        Ok(Quiet(loud))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
