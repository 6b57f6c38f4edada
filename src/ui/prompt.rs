//! Questions to the person at the terminal.

use std::io;

use dialoguer::Confirm;

/// Asks a yes-or-no question on standard error; only y is yes, the enter key alone is no. Call it only where
/// standard input is a terminal and `--no-input` was not given.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    let asked = Confirm::new().with_prompt(question).default(false).wait_for_newline(true).interact();
    asked.map_err(|dialoguer::Error::IO(error)| error)
}
