//! `svs ask`: a question from the shell.
//!
//! - `here`: asks without a daemon. `files`: what goes with a question and comes with an answer. `screen`: what a person sees meanwhile.

mod files;
mod here;
mod screen;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::admin::Client;
use crate::admin::api::{Answered, AskEvent, AskRequest, path};
use crate::domain::chat::Notice;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::router::degradation::{Borrowed, Cause, Degradation};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Body, Exit, Report, Style};

use self::here::here;
use self::screen::Screen;
use super::input::{check_text, read_stdin};
use super::{Ctx, parse_model, parse_role};

/// Without `--timeout`: beyond every deadline of an attempt and all waiting.
const LONGEST_ANSWER: Duration = Duration::from_mins(10);
/// How long a question that is given up may take to be settled.
const FAREWELL: Duration = Duration::from_secs(2);

/// Ask Gemini a question
///
/// The answer goes to standard output: piece by piece on a terminal, at once into a pipe. Text from standard input is
/// put below the question. A question on the command line can be seen by other users of the machine with ps; one from
/// standard input cannot.
///
/// Where a daemon runs, it asks with its own keys; else svs asks with those of the configuration. Both count in the
/// same ledger.
///
/// Files are text and code, PDF, pictures, sound and video, together up to 20 MB; what they are, their content says.
///
/// Exits with 0, also when the reader of a pipe goes away; 1 if the answer is truncated, cut or broken off, is no JSON
/// though a schema asked for it, or no picture came; 65 if the question is empty, binary, too long or blocked; 69 if
/// Gemini does not answer in time; 75 if no quota is left; 77 if the daemon does not allow the role; 78 without a key
/// that Google takes; 130 after Ctrl-C.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs ask 'why is the sky blue?'
  git diff | svs ask 'write a commit message'
  svs ask - < question.txt
  svs ask --schema person.json -f card.jpg 'who is it?' | jq -r .name
  svs ask -m pro --json 'prove it' | jq -r .text
  svs ask -f talk.ogg -f slides.pdf 'where do they differ?'
  svs ask --image cat.png 'a cat on a bicycle'")]
pub(crate) struct AskArgs {
    /// The question; - reads it from standard input
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// Whose rights it has [default: ask.role of the configuration]
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Option<Role>,
    /// A file that belongs to it; may be repeated
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Make a picture and write it here
    #[arg(long, value_name = "OUT", conflicts_with = "model")]
    image: Option<PathBuf>,
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
    /// Answer in JSON that follows the JSON Schema in this file
    #[arg(long, value_name = "FILE", conflicts_with = "image")]
    schema: Option<PathBuf>,
    /// Print the answer as it comes, into a pipe too
    #[arg(long, overrides_with = "no_stream")]
    stream: bool,
    /// Print the answer at once, on a terminal too
    #[arg(long, overrides_with = "stream")]
    no_stream: bool,
}

/// Asks in the daemon where one runs, else here: the same ledger counts both.
pub(crate) async fn run(args: &AskArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request = AskRequest {
        text: question(args, ctx)?,
        files: files::read(&args.files)?,
        role: args.role,
        system: args.system.clone(),
        model: args.image.as_ref().map(|_| ModelSlot::Image).or(args.model),
        max_output_tokens: args.max_tokens,
        temperature: args.temperature,
        schema: args.schema.as_deref().map(files::read_schema).transpose()?,
    };
    let mut screen = Screen::new(ctx, args.streaming());
    let cancel = CancellationToken::new();
    let answered = {
        let asking = async {
            match ctx.find_daemon().await? {
                Some(client) => in_daemon(client, &request, &mut screen, &cancel).await,
                None => here(request, ctx, &mut screen, &cancel).await,
            }
        };
        tokio::pin!(asking);
        tokio::select! {
            answered = &mut asking => answered,
            end = patience(ctx) => {
                cancel.cancel();
                // What was sent stays counted, and is settled before the process ends.
                let _ = tokio::time::timeout(FAREWELL, asking).await;
                Err(end)
            }
        }
    };
    let streamed = screen.finish();
    let answered = answered?;
    let pictures = match (&answered, &args.image) {
        (Some(answered), Some(path)) => Some(files::write(path, &answered.pictures)?),
        _ => None,
    };
    Ok(Answer { answered, streamed, pictures, is_json: args.schema.is_some() })
}

impl AskArgs {
    /// Whether the answer is wished piece by piece; none: where a terminal shows it.
    const fn streaming(&self) -> Option<bool> {
        match (self.stream, self.no_stream) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}

/// Why nobody waits for the answer any more, once that is so.
async fn patience(ctx: &Ctx) -> CommandError {
    let never = std::future::pending::<Result<Infallible, CommandError>>();
    let waited = ctx.within(LONGEST_ANSWER, "the answer", never);
    tokio::select! {
        end = waited => match end {
            Err(error) => error,
            Ok(never) => match never {},
        },
        _ = tokio::signal::ctrl_c() => CommandError::new(ErrorKind::Interrupted, "interrupted"),
    }
}

/// Reads the events of an answer. None: nobody reads what is printed any more.
async fn in_daemon(
    client: Client,
    request: &AskRequest,
    screen: &mut Screen,
    cancel: &CancellationToken,
) -> Result<Option<Answered>, CommandError> {
    let mut lines = client.lines(path::ASK, request).await?;
    // Leaving drops the connection, which stops the question in the daemon.
    while let Some(event) = cancel.run_until_cancelled(lines.next()).await.transpose()?.flatten() {
        match event {
            AskEvent::Done(answered) => return Ok(Some(answered)),
            AskEvent::Failed(failure) => return Err(failure.into()),
            event => {
                if !screen.tell(&event) {
                    return Ok(None);
                }
            }
        }
    }
    Err(CommandError::new(ErrorKind::Unavailable, "the daemon broke off the answer"))
}

/// The question: the words of the command line, then what stands on standard input.
fn question(args: &AskArgs, ctx: &Ctx) -> Result<String, CommandError> {
    let words = &args.text;
    let reads_stdin = words.iter().any(|word| word == "-");
    let typed: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "-").collect();
    let typed = typed.join(" ");
    if words.is_empty() && ctx.stdin_is_terminal && args.files.is_empty() {
        return Err(CommandError::new(ErrorKind::Usage, "there is no question").hint("svs ask --help"));
    }
    let piped = if reads_stdin || !ctx.stdin_is_terminal { read_stdin()? } else { String::new() };
    let question = join(&typed, &piped);
    if question.is_empty() && args.files.is_empty() {
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

struct Answer {
    /// None: nobody reads it.
    answered: Option<Answered>,
    streamed: bool,
    /// Where the pictures are; none: nobody asked for some.
    pictures: Option<Vec<PathBuf>>,
    /// A schema was given.
    is_json: bool,
}

impl Answer {
    /// The value of an answer by a schema; none where it is not one.
    fn value(&self) -> Option<Value> {
        let text = &self.answered.as_ref().filter(|_| self.is_json)?.text;
        serde_json::from_slice(text.as_bytes()).ok()
    }

    /// A schema was given, and what came back whole is no JSON.
    fn breaks_schema(&self) -> bool {
        let is_whole = self.answered.as_ref().is_some_and(|answered| answered.finish == "complete");
        is_whole && self.is_json && self.value().is_none()
    }
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
            "value": self.value(),
            "finish": answered.finish,
            "model": answered.model.name(),
            "wished": answered.wished.name(),
            "key": answered.key.to_string(),
            "ref": answered.reference,
            "usage": {"prompt": answered.prompt_tokens, "output": answered.output_tokens},
            "notices": answered.notices,
            "pictures": self.pictures.iter().flatten().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        })
    }

    fn notes(&self) -> Vec<String> {
        let Some(answered) = &self.answered else { return Vec::new() };
        let degraded = answered.notices.iter().find_map(|notice| match notice {
            Notice::Degraded(degradation) => Some(told(*degradation)),
            _ => None,
        });
        let ended = match answered.finish.as_str() {
            "complete" => None,
            "truncated" => Some("the answer is not complete: it reached the longest length"),
            "cut" => Some("the answer is not complete: the model cut it"),
            _ => Some("the answer is not complete: the connection to Gemini broke"),
        };
        let broken = self.breaks_schema().then_some("the answer is not JSON, though a schema asked for it");
        let ended = ended.or(broken).map(str::to_owned);
        let made = match &self.pictures {
            None if !answered.pictures.is_empty() => {
                vec!["there is a picture, too: --image writes it".to_owned()]
            }
            Some(none) if none.is_empty() => vec!["the model made no picture".to_owned()],
            paths => paths.iter().flatten().map(|path| format!("wrote {}", path.display())).collect(),
        };
        let usage = format!(
            "{} by {}, {} + {} tokens, #{}",
            answered.model, answered.key, answered.prompt_tokens, answered.output_tokens, answered.reference
        );
        ended.into_iter().chain(made).chain(degraded).chain([usage]).collect()
    }

    fn exit(&self) -> Exit {
        match self.answered.as_ref().map(|answered| answered.finish.as_str()) {
            Some("complete") if self.breaks_schema() => Exit(ErrorKind::Negative.exit_code()),
            Some("complete") if self.pictures.as_ref().is_some_and(Vec::is_empty) => {
                Exit(ErrorKind::Negative.exit_code())
            }
            None | Some("complete") => Exit::OK,
            Some(_) => Exit(ErrorKind::Negative.exit_code()),
        }
    }
}

/// Why an answer is less than what was wished.
fn told(degradation: Degradation) -> String {
    let Degradation { wished, served, borrowed, why } = degradation;
    let missed = match borrowed {
        Some(Borrowed { home, .. }) if served >= wished => format!("group {home}"),
        _ => wished.to_string(),
    };
    let lender = match borrowed {
        Some(Borrowed { lender: Some(group), .. }) => format!(" of group {group}"),
        Some(Borrowed { lender: None, .. }) => " of the reserve".to_owned(),
        None => String::new(),
    };
    let why = match why {
        Cause::Down => "does not respond",
        Cause::Busy => "is busy",
        Cause::Paced => "has spent what it may by this time of day",
        Cause::Spent => "is spent today",
        Cause::NotOffered => "is not offered by Google",
        Cause::KeysOut => "has no working key",
    };
    format!("answered by {served}{lender}: {missed} {why}")
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
