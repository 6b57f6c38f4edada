//! `svs help`: the help of a command, or a topic that concerns all of them.

use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Body, Report, Style};

use super::Ctx;
use super::topics::TOPICS;

/// Show the help of a command or a topic
#[derive(clap::Args, Debug)]
#[command(after_help = "Topics:
  exit-codes   what exit codes mean
  output       output formats
  environment  environment variables
  files        files svs reads and writes

Examples:
  svs help keys check
  svs help exit-codes")]
pub(crate) struct HelpArgs {
    /// A command such as `keys check`, or a topic
    #[arg(value_name = "COMMAND|TOPIC")]
    about: Vec<String>,
}

/// Finds the help.
pub(crate) fn run(args: &HelpArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    if let [name] = args.about.as_slice()
        && let Some(topic) = TOPICS.into_iter().find(|topic| topic.name == name)
    {
        return Ok(HelpText(topic.text()));
    }
    let mut grammar = (ctx.grammar)();
    grammar.build();
    let mut command = &mut grammar;
    for name in &args.about {
        command = command.find_subcommand_mut(name).ok_or_else(|| {
            let message = format!("no such command or topic: {}", args.about.join(" "));
            CommandError::new(ErrorKind::Usage, message)
                .hint("svs help lists the commands, svs help help the topics")
        })?;
    }
    Ok(HelpText(command.render_long_help().to_string()))
}

struct HelpText(String);

impl Report for HelpText {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(self.0.clone())
    }

    fn brief(&self) -> String {
        self.0.clone()
    }

    fn json(&self) -> Value {
        json!({"help": self.0})
    }
}
