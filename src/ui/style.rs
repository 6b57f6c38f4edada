//! Color, where it helps and only where it is welcome. Nothing may be told by color alone.

use std::io::IsTerminal as _;

/// `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal that can show it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorChoice> for clap::ColorChoice {
    fn from(choice: ColorChoice) -> clap::ColorChoice {
        match choice {
            ColorChoice::Auto => clap::ColorChoice::Auto,
            ColorChoice::Always => clap::ColorChoice::Always,
            ColorChoice::Never => clap::ColorChoice::Never,
        }
    }
}

/// The columns of the terminal behind standard output, where there is one that tells.
pub(crate) fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// The environment as far as it speaks of color.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ColorEnvironment {
    /// `NO_COLOR` is set and not empty.
    no_color: bool,
    /// `CLICOLOR_FORCE` is set, and neither empty nor 0.
    forced: bool,
    /// `CLICOLOR` is 0.
    off: bool,
    /// `TERM` is `dumb`.
    dumb: bool,
}

impl ColorEnvironment {
    /// Reads the four variables.
    pub(crate) fn read() -> ColorEnvironment {
        let value = |name| std::env::var_os(name).unwrap_or_default();
        let forced = value("CLICOLOR_FORCE");
        ColorEnvironment {
            no_color: !value("NO_COLOR").is_empty(),
            forced: !forced.is_empty() && forced != "0",
            off: value("CLICOLOR") == "0",
            dumb: value("TERM") == "dumb",
        }
    }

    /// Whether a stream is colored: the flag wins, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal.
    pub(crate) fn allows(self, choice: ColorChoice, terminal: bool) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto => self.forced || (terminal && !self.off && !self.dumb),
        }
    }
}

/// What a color means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Paint {
    /// As it is.
    Plain,
    /// Good.
    Good,
    /// Worth a look.
    Warning,
    /// Bad.
    Bad,
    /// A title.
    Strong,
    /// Less important.
    Faint,
}

/// A painter for one stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Style {
    enabled: bool,
}

impl Style {
    /// A painter that paints, or leaves all text as it is.
    pub(crate) const fn new(enabled: bool) -> Style {
        Style { enabled }
    }

    /// The painter for standard output.
    pub(crate) fn of_stdout(choice: ColorChoice) -> Style {
        Style::new(ColorEnvironment::read().allows(choice, std::io::stdout().is_terminal()))
    }

    /// The painter for standard error.
    pub(crate) fn of_stderr(choice: ColorChoice) -> Style {
        Style::new(ColorEnvironment::read().allows(choice, std::io::stderr().is_terminal()))
    }

    /// Whether it paints.
    pub(crate) const fn is_enabled(self) -> bool {
        self.enabled
    }

    /// `text`, painted.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Good => "32",
            Paint::Warning => "33",
            Paint::Bad => "31",
            Paint::Strong => "1",
            Paint::Faint => "2",
        };
        if self.enabled && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_environment_and_that_over_the_terminal() {
        let none = ColorEnvironment::default();
        let no_color = ColorEnvironment { no_color: true, ..none };
        let forced = ColorEnvironment { forced: true, ..none };
        let both = ColorEnvironment { no_color: true, forced: true, ..none };
        let dumb = ColorEnvironment { dumb: true, ..none };
        let off = ColorEnvironment { off: true, ..none };
        let cases = [
            (none, ColorChoice::Auto, true, true),
            (none, ColorChoice::Auto, false, false),
            (no_color, ColorChoice::Auto, true, false),
            (no_color, ColorChoice::Always, false, true),
            (forced, ColorChoice::Auto, false, true),
            (forced, ColorChoice::Never, true, false),
            (both, ColorChoice::Auto, true, false),
            (dumb, ColorChoice::Auto, true, false),
            (off, ColorChoice::Auto, true, false),
        ];
        for (environment, choice, terminal, colored) in cases {
            assert_eq!(
                environment.allows(choice, terminal),
                colored,
                "{environment:?} {choice:?} {terminal}"
            );
        }
    }
}
