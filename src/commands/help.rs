//! `svs help`: the help of a command, or a topic that concerns all of them.

use serde_json::{Value, json};

use crate::domain::nearest::nearest;
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
    for (place, name) in args.about.iter().enumerate() {
        let topics = TOPICS.iter().map(|topic| topic.name).filter(|_| place == 0);
        let below = command.get_subcommands().map(clap::Command::get_name);
        let known: Vec<String> = below.chain(topics).map(str::to_owned).collect();
        command = command.find_subcommand_mut(name).ok_or_else(|| unknown(&args.about, place, &known))?;
    }
    Ok(HelpText(command.render_long_help().to_string()))
}

/// The word at `place` names nothing of what is `known` there.
fn unknown(about: &[String], place: usize, known: &[String]) -> CommandError {
    let message = format!("no such command or topic: {}", about.join(" "));
    let error = CommandError::new(ErrorKind::Usage, message);
    let error = match nearest(&about[place], known.iter().map(String::as_str)) {
        Some(near) => {
            let words = about[..place].iter().map(String::as_str).chain([near]);
            error.hint(format!("did you mean svs help {}?", words.collect::<Vec<_>>().join(" ")))
        }
        None => error,
    };
    error.hint("svs help lists the commands, svs help help the topics")
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
