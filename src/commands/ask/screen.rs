//! What is seen while the answer comes.

use crate::admin::api::AskEvent;
use crate::commands::Ctx;
use crate::redact;
use crate::ui::text::harmless;
use crate::ui::{Format, Stream, note};

/// Standard output while the answer grows, if it is to be seen so, and a word on standard error if it takes long.
pub(super) struct Screen {
    stdout: Option<Stream>,
    is_terminal: bool,
    ends_line: bool,
    shown: bool,
    tells_waiting: bool,
}

impl Screen {
    /// `wish`: piece by piece or at once, whatever standard output is.
    pub(super) fn new(ctx: &Ctx, wish: Option<bool>) -> Screen {
        let output = &ctx.output;
        let streams = output.format == Format::Table && wish.unwrap_or(output.stdout_is_terminal);
        Screen {
            stdout: streams.then(Stream::stdout),
            is_terminal: output.stdout_is_terminal,
            ends_line: true,
            shown: false,
            tells_waiting: !output.quiet && output.format == Format::Table,
        }
    }

    /// Shows what happens; false when nobody reads it any more.
    pub(super) fn tell(&mut self, event: &AskEvent) -> bool {
        match event {
            AskEvent::Waiting { position, .. } if std::mem::take(&mut self.tells_waiting) => {
                note(&format!("waiting for a key, number {position} in line"));
            }
            AskEvent::Text { text } => return self.show(text),
            _ => {}
        }
        true
    }

    fn show(&mut self, piece: &str) -> bool {
        let Some(stdout) = &mut self.stdout else { return true };
        self.shown = true;
        self.ends_line = piece.ends_with('\n');
        // What reads a pipe gets the answer as it is, as it does without streaming.
        let shown = if self.is_terminal { harmless(piece) } else { redact::scrub(piece) };
        stdout.write(&shown).is_ok()
    }

    /// Ends the last line, and says whether the answer was shown already.
    pub(super) fn finish(mut self) -> bool {
        if let Some(stdout) = &mut self.stdout
            && !self.ends_line
        {
            // The person has closed the terminal.
            let _ = stdout.write("\n");
        }
        self.shown
    }
}
