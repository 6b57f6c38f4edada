//! Which output formats a command has. What it has not is refused before it does anything.

use super::Command;
use super::output::Output;
use crate::commands::config::ConfigCommand;
use crate::commands::debug::DebugCommand;
use crate::commands::keys::KeysCommand;
use crate::commands::service::ServiceCommand;
use crate::commands::users::UsersCommand;
use crate::commands::vip::VipCommand;
use crate::error::{CommandError, ErrorKind};
use crate::ui::Format;

/// It reports nothing: a service or a screen.
const NONE: &[Format] = &[Format::Table];
/// Text for people, an object for programs.
const TEXT: &[Format] = &[Format::Table, Format::Plain, Format::Json, Format::Jsonl];
/// Rows.
const ROWS: &[Format] = &[Format::Table, Format::Plain, Format::Json, Format::Jsonl, Format::Csv];
/// Text that a monitoring system can ask for, too.
const WATCHED: &[Format] = &[Format::Table, Format::Plain, Format::Json, Format::Jsonl, Format::Nagios];
const ALL: &[Format] =
    &[Format::Table, Format::Plain, Format::Json, Format::Jsonl, Format::Csv, Format::Nagios];

/// The formats a command has.
pub(super) fn formats(command: &Command) -> &'static [Format] {
    match command {
        Command::Run(_) | Command::Top(_) | Command::Debug(_) => NONE,
        Command::Status(_) => WATCHED,
        Command::Doctor(_) | Command::Verify(_) | Command::Keys(KeysCommand::Check(_)) => ALL,
        Command::Route(route) if route.has_rows() => ROWS,
        Command::Service(ServiceCommand::Unit(unit)) if unit.has_rows() => ROWS,
        Command::Usage(_)
        | Command::Reload(_)
        | Command::Vip(VipCommand::Ls(_))
        | Command::Users(UsersCommand::Ls(_))
        | Command::Keys(KeysCommand::Ls(_) | KeysCommand::Stats(_))
        | Command::Config(ConfigCommand::Show(_) | ConfigCommand::Diff(_)) => ROWS,
        Command::Init(_)
        | Command::Health(_)
        | Command::Logs(_)
        | Command::Explain(_)
        | Command::Vip(_)
        | Command::Users(_)
        | Command::Ask(_)
        | Command::Keys(_)
        | Command::Route(_)
        | Command::Sandbox(_)
        | Command::Config(_)
        | Command::Webhook(_)
        | Command::Service(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Version(_)
        | Command::Help(_) => TEXT,
    }
}

/// Refuses a format that a command does not have, and names those it has. A file goes to the command that makes it.
pub(super) fn check(command: &mut Command, wanted: Format, output: Output) -> Result<(), CommandError> {
    match (&mut *command, output) {
        (Command::Debug(DebugCommand::Profile(profile)), Output::To(file)) => profile.file = Some(file),
        (_, Output::To(_)) => {
            let error = CommandError::new(ErrorKind::Usage, "this command makes no file: -o takes a format");
            return Err(error.hint("svs help output"));
        }
        (_, Output::As(_)) => {}
    }
    let known = formats(command);
    if known.contains(&wanted) {
        return Ok(());
    }
    let message = format!("this command has no output as {}", wanted.name());
    let error = CommandError::new(ErrorKind::Usage, message);
    let names: Vec<&str> = known.iter().map(|format| format.name()).collect();
    Err(match names.as_slice() {
        // Another command has the same data in forms for programs.
        [_] if matches!(command, Command::Top(_)) => {
            error.hint("leave out -o; for programs: svs status -o json")
        }
        [_] if matches!(command, Command::Debug(_)) => {
            error.hint("leave out -o, or name a file: -o flame.svg")
        }
        [_] => error.hint("leave out -o"),
        names => error.hint(format!("it has {}", names.join(", "))),
    })
}
