//! `svs completions`: a script that completes svs's commands in a shell.
//!
//! The script is short: it calls svs itself with `SVS_COMPLETE` set, so that what it offers fits the svs that is
//! installed, and users, seats, keys and refs come from the daemon, where one answers.

mod candidates;

use std::ffi::OsString;
use std::io;

use clap_complete::Shell;
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Body, Report, Style};

use super::Ctx;

/// The variable by which a script asks for candidates.
const VARIABLE: &str = "SVS_COMPLETE";
const NAME: &str = "svs";

/// Print the completion script of a shell
///
/// It completes commands, options and their values; where a daemon answers also users, seats, keys and the refs of
/// requests. Nothing is printed where none does.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs completions bash > ~/.local/share/bash-completion/completions/svs
  svs completions zsh > ~/.zfunc/_svs
  svs completions fish > ~/.config/fish/completions/svs.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script.
pub(crate) fn run(args: &CompletionsArgs, _: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let mut script = Vec::new();
    let written = completer(args.shell).write_registration(VARIABLE, NAME, NAME, NAME, &mut script);
    written.map_err(|error| {
        CommandError::new(ErrorKind::Bug, "the script cannot be written").caused_by(&error)
    })?;
    let text = String::from_utf8_lossy(&script).trim().to_owned() + "\n";
    Ok(Script { shell: args.shell, text })
}

/// Answers a script that asks for candidates; false where nobody does. A script is not told what went wrong: it would
/// stand in the middle of what somebody types.
pub(crate) fn answer(grammar: fn() -> clap::Command, arguments: &[OsString]) -> bool {
    if std::env::var_os(VARIABLE).is_none_or(|shell| shell.is_empty()) {
        return false;
    }
    let words = candidates::words(arguments);
    let offering = || candidates::offer(grammar(), &words);
    let shells: [&dyn EnvCompleter; 5] = [&Joined, &Elvish, &Fish, &Powershell, &Autoloaded];
    let current_dir = std::env::current_dir().ok();
    let answering = CompleteEnv::with_factory(offering).var(VARIABLE).shells(Shells(&shells));
    // Whatever the script wants that cannot be given is nothing.
    let _ =
        answering.bin(NAME).completer(NAME).try_complete(arguments.iter().cloned(), current_dir.as_deref());
    true
}

fn completer(shell: Shell) -> &'static dyn EnvCompleter {
    match shell {
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Autoloaded,
        _ => &Joined,
    }
}

/// Bash breaks words at = : and @, which are parts of ours: `--key=A1`, `seat:2`, `@ming`. This script puts them
/// together again, and takes off the candidates what stands before the break.
struct Joined;

impl EnvCompleter for Joined {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: &str,
        script: &mut dyn io::Write,
    ) -> io::Result<()> {
        script.write_all(include_bytes!("completions/svs.bash"))
    }

    fn write_complete(
        &self,
        grammar: &mut clap::Command,
        words: Vec<OsString>,
        current_dir: Option<&std::path::Path>,
        candidates: &mut dyn io::Write,
    ) -> io::Result<()> {
        Bash.write_complete(grammar, words, current_dir, candidates)
    }
}

/// Zsh loads the script when svs is completed for the first time: then it is the completion itself.
struct Autoloaded;

impl EnvCompleter for Autoloaded {
    fn name(&self) -> &'static str {
        Zsh.name()
    }

    fn is(&self, name: &str) -> bool {
        Zsh.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        bin: &str,
        completer: &str,
        script: &mut dyn io::Write,
    ) -> io::Result<()> {
        Zsh.write_registration(variable, name, bin, completer, script)?;
        writeln!(
            script,
            "\nif [[ $funcstack[1] == _{name} ]]; then\n    _clap_dynamic_completer_{name} \"$@\"\nfi"
        )
    }

    fn write_complete(
        &self,
        grammar: &mut clap::Command,
        words: Vec<OsString>,
        current_dir: Option<&std::path::Path>,
        candidates: &mut dyn io::Write,
    ) -> io::Result<()> {
        Zsh.write_complete(grammar, words, current_dir, candidates)
    }
}

struct Script {
    shell: Shell,
    text: String,
}

impl Report for Script {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(self.text.clone())
    }

    fn brief(&self) -> String {
        self.text.clone()
    }

    fn json(&self) -> Value {
        json!({"shell": self.shell.to_string(), "script": self.text})
    }
}
