//! `svs completions`: a script that completes svs's commands in a shell.

use clap_complete::Shell;
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::{Body, Report, Style};

use super::Ctx;

/// Print the completion script of a shell
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
#[expect(clippy::unnecessary_wraps, reason = "all commands are run alike")]
pub(crate) fn run(args: &CompletionsArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut (ctx.grammar)(), "svs", &mut script);
    Ok(Script { shell: args.shell, text: String::from_utf8_lossy(&script).into_owned() })
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
