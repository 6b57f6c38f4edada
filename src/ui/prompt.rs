//! Questions to the person at the terminal.

use std::io::{self, BufRead as _, Write as _};

/// Asks a yes-or-no question on standard error and reads the answer from standard input; anything but yes is no.
/// Call it only where standard input is a terminal and `--no-input` was not given.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "好")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y\n", "YES\n", " y ", "是\n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "yep\n", "42\n"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
