//! What stands before an answer that goes on from an earlier message: a line that says so, and the fence of the code
//! in which that message ended.

use std::borrow::Cow;

use super::source::left_open;

/// The head of an answer. By default there is none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Head {
    line: String,
    fence: Option<String>,
}

impl Head {
    /// The line `words`, and the fence that `so_far` left open.
    pub(crate) fn of(words: &str, so_far: &str) -> Head {
        Head { line: format!("{words}\n\n"), fence: left_open(so_far).map(|fence| format!("{fence}\n")) }
    }

    /// A text with its head. What has not begun has none.
    pub(crate) fn before<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.line.is_empty() || text.trim().is_empty() {
            return Cow::Borrowed(text);
        }
        // Some models open the fence again by themselves.
        let opens =
            left_open(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()).is_some();
        let fence = self.fence.as_deref().filter(|_| !opens).unwrap_or_default();
        Cow::Owned(format!("{}{fence}{text}", self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_says_so_and_stays_code() {
        let cases = [
            ("One, two", ", three.", "continued\n\n, three."),
            ("See:\n```rust\nfn main() {\n", "}\n```\nDone.", "continued\n\n```rust\n}\n```\nDone."),
            ("See:\n```rust\nfn main() {\n", "```rust\n}\n```", "continued\n\n```rust\n}\n```"),
            ("See:\n```\nx\n```\nSo", " it is.", "continued\n\n it is."),
            ("~~~~ c\nint", " i;", "continued\n\n~~~~ c\n i;"),
            ("So", "", ""),
        ];
        for (so_far, text, shown) in cases {
            assert_eq!(Head::of("continued", so_far).before(text), shown, "{so_far:?}");
        }
        assert_eq!(Head::default().before("Four."), "Four.");
    }
}
