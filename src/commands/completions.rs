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
    let shells: [&dyn EnvCompleter; 5] = [&JOINED, &Elvish, &Fish, &Powershell, &AUTOLOADED];
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
        Shell::Zsh => &AUTOLOADED,
        _ => &JOINED,
    }
}

/// A shell of clap's with a script of our own.
struct Scripted {
    shell: &'static dyn EnvCompleter,
    script: fn(&mut dyn io::Write) -> io::Result<()>,
}

/// Bash breaks words at = : and @, which are parts of ours: `--key=A1`, `seat:2`, `@ming`. This script puts them
/// together again, and takes off the candidates what stands before the break.
const JOINED: Scripted =
    Scripted { shell: &Bash, script: |script| script.write_all(include_bytes!("completions/svs.bash")) };

/// Zsh loads the script when svs is completed for the first time: then it is the completion itself.
const AUTOLOADED: Scripted = Scripted {
    shell: &Zsh,
    script: |script| {
        Zsh.write_registration(VARIABLE, NAME, NAME, NAME, script)?;
        let call = format!("_clap_dynamic_completer_{NAME} \"$@\"");
        writeln!(script, "\nif [[ $funcstack[1] == _{NAME} ]]; then\n    {call}\nfi")
    },
};

impl EnvCompleter for Scripted {
    fn name(&self) -> &'static str {
        self.shell.name()
    }

    fn is(&self, name: &str) -> bool {
        self.shell.is(name)
    }

    fn write_registration(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: &str,
        script: &mut dyn io::Write,
    ) -> io::Result<()> {
        (self.script)(script)
    }

    fn write_complete(
        &self,
        grammar: &mut clap::Command,
        words: Vec<OsString>,
        current_dir: Option<&std::path::Path>,
        candidates: &mut dyn io::Write,
    ) -> io::Result<()> {
        self.shell.write_complete(grammar, words, current_dir, candidates)
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
