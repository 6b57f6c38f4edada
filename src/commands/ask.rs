//! `svs ask`: a question from the shell.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::Client;
use crate::admin::api::{Answered, AskEvent, AskRequest, path};
use crate::domain::chat::Notice;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::harmless;
use crate::ui::{Body, Exit, Format, Report, Stream, Style, note};

use super::input::{check_text, read_stdin};
use super::{Ctx, parse_model, parse_role};

/// Without `--timeout`: beyond every deadline of an attempt and all waiting.
const LONGEST_ANSWER: Duration = Duration::from_mins(10);

/// Ask Gemini a question
///
/// The answer goes to standard output: piece by piece on a terminal, at once into a pipe. Text from standard input is
/// put below the question. A question on the command line can be seen by other users of the machine with ps; one from
/// standard input cannot.
///
/// Exits with 0, 65 if the question is empty, binary, too long or blocked, 69 if Gemini does not answer, 75 if no
/// quota is left.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs ask 'why is the sky blue?'
  git diff | svs ask 'write a commit message'
  svs ask - < question.txt
  svs ask -m pro --json 'prove it' | jq -r .text")]
pub(crate) struct AskArgs {
    /// The question; - reads it from standard input
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// Whose rights it has [default: ask.role of the configuration]
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Option<Role>,
    /// Ask this model [default: by what the question needs]
    #[arg(short, long, value_name = "MODEL", value_parser = parse_model)]
    model: Option<ModelSlot>,
    /// What the model should be or heed
    #[arg(short, long, value_name = "TEXT")]
    system: Option<String>,
    /// The longest answer
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    max_tokens: Option<u32>,
    /// 0: always the likeliest word, to 2: bold
    #[arg(long, value_name = "T", value_parser = parse_temperature)]
    temperature: Option<f32>,
    /// Print the answer at once, on a terminal too
    #[arg(long)]
    no_stream: bool,
}

/// Asks in the daemon where one runs.
pub(crate) async fn run(args: &AskArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request = AskRequest {
        text: question(&args.text, ctx)?,
        role: args.role,
        system: args.system.clone(),
        model: args.model,
        max_output_tokens: args.max_tokens,
        temperature: args.temperature,
        schema: None,
    };
    let mut screen = Screen::new(ctx, args.no_stream);
    let asked = async {
        let client = Client::connect(ctx.socket.as_deref()).await?;
        in_daemon(client, &request, &mut screen).await
    };
    let answered = tokio::select! {
        answered = ctx.within(LONGEST_ANSWER, "the answer", asked) => answered,
        _ = tokio::signal::ctrl_c() => Err(CommandError::new(ErrorKind::Interrupted, "interrupted")),
    };
    let streamed = screen.finish();
    Ok(Answer { answered: answered?, streamed })
}

/// Reads the events of an answer. None: nobody reads what is printed any more.
async fn in_daemon(
    client: Client,
    request: &AskRequest,
    screen: &mut Screen,
) -> Result<Option<Answered>, CommandError> {
    let mut lines = client.lines(path::ASK, request).await?;
    while let Some(event) = lines.next().await? {
        match event {
            AskEvent::Waiting { position, .. } => screen.waiting(position),
            AskEvent::Started { .. } => {}
            AskEvent::Text { text } => {
                if !screen.show(&text) {
                    return Ok(None);
                }
            }
            AskEvent::Done(answered) => return Ok(Some(answered)),
            AskEvent::Failed(failure) => return Err(failure.into()),
        }
    }
    Err(CommandError::new(ErrorKind::Unavailable, "the daemon broke off the answer"))
}

/// The question: the words of the command line, then what stands on standard input.
fn question(words: &[String], ctx: &Ctx) -> Result<String, CommandError> {
    let reads_stdin = words.iter().any(|word| word == "-");
    let typed: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "-").collect();
    let typed = typed.join(" ");
    if words.is_empty() && ctx.stdin_is_terminal {
        return Err(CommandError::new(ErrorKind::Usage, "there is no question").hint("svs ask --help"));
    }
    let piped = if reads_stdin || !ctx.stdin_is_terminal { read_stdin()? } else { String::new() };
    let question = join(&typed, &piped);
    if question.is_empty() {
        return Err(CommandError::new(ErrorKind::BadInput, "the question is empty").hint("svs ask --help"));
    }
    check_text(question)
}

fn join(typed: &str, piped: &str) -> String {
    match (typed.trim(), piped.trim()) {
        (typed, "") => typed.to_owned(),
        ("", piped) => piped.to_owned(),
        (typed, piped) => format!("{typed}\n\n{piped}"),
    }
}

/// What a person sees while the answer comes.
struct Screen {
    stdout: Option<Stream>,
    ends_line: bool,
    shown: bool,
    tells_waiting: bool,
}

impl Screen {
    fn new(ctx: &Ctx, no_stream: bool) -> Screen {
        let streams = ctx.output.stdout_is_terminal && ctx.output.format == Format::Table && !no_stream;
        Screen {
            stdout: streams.then(Stream::stdout),
            ends_line: true,
            shown: false,
            tells_waiting: ctx.output.shows_progress(),
        }
    }

    fn waiting(&mut self, position: u32) {
        if self.tells_waiting {
            note(&format!("waiting for a key, number {position} in line"));
            self.tells_waiting = false;
        }
    }

    /// Shows a piece; false when nobody sees it.
    fn show(&mut self, piece: &str) -> bool {
        let Some(stdout) = &mut self.stdout else { return true };
        self.shown = true;
        self.ends_line = piece.ends_with('\n');
        stdout.write(&harmless(piece)).is_ok()
    }

    /// Ends the last line, and says whether the answer was shown already.
    fn finish(&mut self) -> bool {
        if let Some(stdout) = &mut self.stdout
            && !self.ends_line
        {
            // The person has closed the terminal.
            let _ = stdout.write("\n");
        }
        self.shown
    }
}

struct Answer {
    /// None: nobody reads it.
    answered: Option<Answered>,
    streamed: bool,
}

impl Report for Answer {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let text = self.answered.as_ref().filter(|_| !self.streamed).map(|answered| answered.text.trim_end());
        Body::Text(text.map(|text| format!("{text}\n")).unwrap_or_default())
    }

    fn brief(&self) -> String {
        match self.body(Style::default(), Timestamp::ZERO) {
            Body::Text(text) => text,
            Body::Table(_) => String::new(),
        }
    }

    fn json(&self) -> Value {
        let Some(answered) = &self.answered else { return json!({}) };
        json!({
            "text": answered.text,
            "finish": answered.finish,
            "model": answered.model.name(),
            "wished": answered.wished.name(),
            "key": answered.key.to_string(),
            "reference": answered.reference,
            "usage": {"prompt": answered.prompt_tokens, "output": answered.output_tokens},
            "notices": answered.notices,
        })
    }

    fn notes(&self) -> Vec<String> {
        let Some(answered) = &self.answered else { return Vec::new() };
        let lowered = answered.notices.iter().find_map(|notice| match notice {
            Notice::Downgraded { wished, served } => {
                Some(format!("answered by {served}: {wished} is spent or down"))
            }
            _ => None,
        });
        let ended = match answered.finish.as_str() {
            "complete" => None,
            "truncated" => Some("the answer is cut: it reached its longest length".to_owned()),
            "incomplete" => Some("the answer broke off".to_owned()),
            other => Some(format!("the answer is cut ({other})")),
        };
        let usage = format!(
            "{} by {}, {} + {} tokens, #{}",
            answered.model, answered.key, answered.prompt_tokens, answered.output_tokens, answered.reference
        );
        ended.into_iter().chain(lowered).chain([usage]).collect()
    }

    fn exit(&self) -> Exit {
        match self.answered.as_ref().map(|answered| answered.finish.as_str()) {
            Some("incomplete") => Exit(ErrorKind::Unavailable.exit_code()),
            _ => Exit::OK,
        }
    }
}

fn parse_temperature(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(temperature) if (0.0..=2.0).contains(&temperature) => Ok(temperature),
        _ => Err("a number from 0 to 2 is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_stands_below_the_question() {
        let cases = [
            ("why?", "", "why?"),
            ("", "text\n", "text"),
            ("sum up", "text\n", "sum up\n\ntext"),
            (" ", "\n \n", ""),
        ];
        for (typed, piped, question) in cases {
            assert_eq!(join(typed, piped), question);
        }
    }

    #[test]
    fn a_temperature_is_a_number_from_0_to_2() {
        assert_eq!(parse_temperature("0.7"), Ok(0.7));
        for wrong in ["", "-0.1", "2.1", "NaN", "inf", "hot"] {
            assert!(parse_temperature(wrong).is_err(), "{wrong}");
        }
    }
}
