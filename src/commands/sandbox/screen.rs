//! The terminal of a conversation: what stands on its last line, and how a message grows on it.

use std::collections::HashMap;

use crate::ui::text::harmless;
use crate::ui::{Closed, Paint, Stream, Style};

/// What stands on the last line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LastLine {
    Empty,
    /// Somebody may be typing behind it.
    Prompt,
    /// "typing…", to be wiped.
    Status,
    /// The end of a message, which may go on.
    Text,
}

/// A message by chat and number.
pub(super) type MessageKey = (i64, i64);

/// Where a conversation is shown.
pub(super) struct Screen {
    out: Stream,
    style: Style,
    last_line: LastLine,
    /// The messages as they were shown.
    shown: HashMap<MessageKey, String>,
    /// The one that stands last.
    latest: Option<MessageKey>,
    /// Whether the bot has said something since the last prompt.
    pub(super) has_spoken: bool,
}

impl Screen {
    pub(super) fn new(out: Stream, style: Style) -> Screen {
        Screen {
            out,
            style,
            last_line: LastLine::Empty,
            shown: HashMap::new(),
            latest: None,
            has_spoken: false,
        }
    }

    /// Asks the speaker for the next line.
    pub(super) fn prompt(&mut self, who: &str) -> Result<(), Closed> {
        self.clear_line()?;
        self.has_spoken = false;
        self.last_line = LastLine::Prompt;
        let prompt = self.style.paint(Paint::Strong, &format!("{who}>"));
        self.out.write(&format!("{prompt} "))
    }

    /// Whether the prompt stands last.
    pub(super) fn asks(&self) -> bool {
        self.last_line == LastLine::Prompt
    }

    /// The person has pressed Enter.
    pub(super) fn entered(&mut self) {
        self.last_line = LastLine::Empty;
    }

    /// Shows what the bot is doing, until anything else is to be shown. Only where it can be wiped again.
    pub(super) fn status(&mut self, status: &str) -> Result<(), Closed> {
        if self.last_line == LastLine::Text || !self.style.is_enabled() {
            return Ok(());
        }
        self.clear_line()?;
        self.last_line = LastLine::Status;
        self.out.write(&self.style.paint(Paint::Faint, status))
    }

    /// A line of the terminal's own.
    pub(super) fn note(&mut self, text: &str) -> Result<(), Closed> {
        self.clear_line()?;
        let line = self.style.paint(Paint::Faint, &harmless(text));
        self.out.write(&format!("{line}\n"))
    }

    /// A message of the bot as it stands now. `name` says who speaks to whom.
    pub(super) fn message(&mut self, key: MessageKey, name: &str, text: &str) -> Result<(), Closed> {
        let before = self.shown.insert(key, text.to_owned());
        let grown = before.as_deref().and_then(|before| text.strip_prefix(before));
        match (&before, grown) {
            (_, Some("")) => return Ok(()),
            (_, Some(more)) if self.latest == Some(key) => {
                if self.last_line == LastLine::Status {
                    self.clear_line()?;
                }
                self.out.write(&harmless(more))?;
            }
            (None, _) => self.whole(&format!("{name}:"), text)?,
            // Another text in the same place: a bubble would change, a terminal says it once more.
            (Some(_), _) => self.whole(&format!("{name} ↻"), text)?,
        }
        self.latest = Some(key);
        self.last_line = LastLine::Text;
        self.has_spoken = true;
        Ok(())
    }

    /// Ends what stands on the last line.
    pub(super) fn end_line(&mut self) -> Result<(), Closed> {
        self.clear_line()
    }

    fn whole(&mut self, name: &str, text: &str) -> Result<(), Closed> {
        self.clear_line()?;
        let name = self.style.paint(Paint::Good, name);
        self.out.write(&format!("{name} {}", harmless(text)))
    }

    fn clear_line(&mut self) -> Result<(), Closed> {
        let end = match self.last_line {
            LastLine::Empty => return Ok(()),
            LastLine::Prompt | LastLine::Status if self.style.is_enabled() => "\r\x1b[K",
            LastLine::Prompt | LastLine::Status | LastLine::Text => "\n",
        };
        self.last_line = LastLine::Empty;
        self.out.write(end)
    }
}
