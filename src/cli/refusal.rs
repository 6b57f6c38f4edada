//! What is said of a command line that the grammar refuses, or that asks for help.

use std::ffi::OsString;

use clap::error::ErrorKind as ClapError;

use super::grammar;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{ColorChoice, Exit, Format, Style, print_failure, print_raw};

/// What must be known of the arguments to refuse them in the wished shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Hints {
    pub(super) format: Format,
    pub(super) color: ColorChoice,
}

impl Hints {
    pub(super) fn from_arguments(arguments: &[OsString]) -> Hints {
        let mut hints = Hints::default();
        let mut previous = "";
        for argument in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
            if argument == "--" {
                break;
            }
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, value),
                None if argument.starts_with("-o") && argument.len() > 2 => ("-o", &argument[2..]),
                None => (previous, argument),
            };
            match (name, value) {
                (_, "--json") => hints.format = Format::Json,
                ("-o" | "--output", value) => hints.format = value_of(value).unwrap_or(hints.format),
                ("--color", value) => hints.color = value_of(value).unwrap_or(hints.color),
                _ => {}
            }
            previous = argument;
        }
        hints
    }
}

fn value_of<T: clap::ValueEnum>(text: &str) -> Option<T> {
    T::from_str(text, false).ok()
}

/// Prints what clap has to say: asked-for help on standard output, everything else as a usage error.
pub(super) fn refuse(error: &clap::Error, hints: Hints, command: &str) -> Exit {
    let rendered = error.render();
    let asked_for = matches!(error.kind(), ClapError::DisplayHelp | ClapError::DisplayVersion);
    let is_help = error.kind() == ClapError::DisplayHelpOnMissingArgumentOrSubcommand;
    let for_people = !hints.format.is_json() && hints.format != Format::Nagios;
    if asked_for {
        let colored = Style::of_stdout(hints.color).is_enabled();
        let text = if colored { rendered.ansi().to_string() } else { rendered.to_string() };
        // Nobody reads it: nothing is lost.
        let _ = print_raw(&text);
        return Exit::OK;
    }
    let style = Style::of_stderr(hints.color);
    if is_help && for_people {
        let text = if style.is_enabled() { rendered.ansi().to_string() } else { rendered.to_string() };
        crate::ui::note(text.trim_end());
        return Exit(ErrorKind::Usage.exit_code());
    }
    print_failure(&usage_error(&rendered.to_string(), is_help, command), hints.format, style)
}

/// The command that was called, as far as there is one: `svs keys check`.
pub(super) fn command_line(arguments: &[OsString]) -> String {
    let (root, mut path) = (grammar(), vec!["svs"]);
    let mut command = &root;
    for name in arguments.iter().skip(1) {
        if let Some(below) = command.find_subcommand(name) {
            path.push(below.get_name());
            command = below;
        }
    }
    path.join(" ")
}

/// clap's text taken apart: its first paragraph is the message, what would help is the hint.
pub(super) fn usage_error(text: &str, is_help: bool, command: &str) -> CommandError {
    let help = format!("{command} --help");
    if is_help {
        return CommandError::new(ErrorKind::Usage, "a command is needed").hint(help);
    }
    let message = text.split("\n\n").next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let (message, guess) = match message.split_once("; did you mean ") {
        Some((message, name)) => (message.to_owned(), Some(format!("did you mean {name}"))),
        None => (message, None),
    };
    let tips = text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).map(str::to_owned);
    let hints = guess.into_iter().chain(tips).chain([help]);
    hints.fold(CommandError::new(ErrorKind::Usage, message), CommandError::hint)
}
