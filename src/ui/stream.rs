//! The way to the two standard streams. A closed pipe ends a command quietly; it never panics.

use std::io::{self, Write as _};

use crate::redact;

/// Nobody reads standard output any more: the command is done, successfully.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Closed;

/// Standard output, piece by piece.
#[derive(Debug)]
pub(crate) struct Stream(io::Stdout);

impl Stream {
    /// Opens standard output.
    pub(crate) fn stdout() -> Stream {
        Stream(io::stdout())
    }

    /// Writes and flushes a piece of text as it is.
    pub(crate) fn write(&mut self, piece: &str) -> Result<(), Closed> {
        let mut lock = self.0.lock();
        // Any other failure (a full disk behind a redirection) ends the output as well; nothing could be printed.
        lock.write_all(piece.as_bytes()).and_then(|()| lock.flush()).map_err(|_| Closed)
    }
}

/// Writes a whole text to standard output, scrubbed of secrets.
pub(crate) fn print_raw(text: &str) -> Result<(), Closed> {
    Stream::stdout().write(&redact::scrub(text))
}

/// Writes one line to standard error, scrubbed of secrets. Nobody can be told if that fails.
pub(crate) fn note(line: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{}", redact::scrub(line));
}
