//! `svs sandbox`: the real bot between a fake Telegram and a fake Gemini, to talk to.

mod bot;
mod chat;
mod faults;
mod folder;
#[cfg(test)]
mod formatting;
mod lines;
mod people;
mod scene;
mod screen;
mod script;
mod serve;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use super::Ctx;
use super::signals::Signals;
use crate::error::{CommandError, ErrorKind};
use crate::sandbox::gemini::{Answer, Timing};
use crate::sandbox::{Options, Sandbox};
use crate::ui::{Exit, Format, Stream, emit};

use bot::Bot;
use folder::Folder;
use people::{People, Who};
use scene::Scene;
use screen::Screen;
use words::Words;

/// How long a line of a script may stay unanswered without `--timeout`.
const PATIENCE: Duration = Duration::from_mins(1);
/// At a terminal the fake Gemini thinks and writes at a pace that can be watched.
const LIVELY: Timing =
    Timing { first: Duration::from_millis(150), between: Duration::from_millis(30), chunk_chars: 24 };

/// Long enough to watch it grow and to stop it.
const LONG_ANSWER: usize = 2500;

const EXAMPLES: &str = "Examples:
  svs sandbox
  svs sandbox --as guest --lang zh
  svs sandbox --fail A1=429,B=503
  printf 'hello\\n/as guest\\nhello\\n' | svs sandbox
  svs sandbox --script talk.txt --timeout 10s
  svs sandbox --serve > sandbox.env &  # then: . ./sandbox.env; svs run";

/// Talk to the bot without Telegram, Gemini, token or key
///
/// Starts a fake Telegram and a fake Gemini on loopback, runs the real bot against them and opens
/// a chat in the terminal. Nothing leaves this machine. No configuration, .env file or credential
/// is read, and the state is a temporary folder, removed at the end.
///
/// The people speak the language of --lang, or that of the locale.
///
/// A line is a message, or a command of the bot as /start or /status, or one for the terminal:
///
///   /as ROLE     somebody else speaks: owner, vip, premium, normal, guest, or vip2 with --users
///   /fail RULES  break something, as in /fail A1=429,B=503; /fail off mends it
///   /press N     press the N-th button under the bot's last message
///   /quit        leave; so does Ctrl-D
///
/// Guests are met in a group: /ask is put before what they type. A question with the word "long"
/// gets a long answer, to watch it grow and to try /stop.
///
/// Without a terminal the lines come from standard input or --script, where # begins a comment;
/// each is answered before the next is said.
///
/// Exits with 0 when every line of a script was answered, 1 when one was not within a minute (or
/// --timeout).
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", faults::help()))]
pub(crate) struct SandboxArgs {
    /// Who speaks first
    #[arg(long = "as", value_name = "ROLE", default_value = "vip")]
    speaker: Who,
    /// So many people of every role but owner
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    users: u16,
    /// Break something, as in A1=429,B=503
    #[arg(long, value_name = "RULES")]
    fail: Vec<String>,
    /// Read the lines from this file; - is standard input
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Only start the two servers and print what points a bot at them
    #[arg(long, conflicts_with_all = ["speaker", "users", "script"])]
    serve: bool,
}

/// Runs until all is said.
pub(crate) async fn run(args: &SandboxArgs, ctx: &Ctx) -> Result<Exit, CommandError> {
    let mut signals = Signals::listen()?;
    let is_terminal = ctx.stdin_is_terminal && ctx.output.stdout_is_terminal;
    let is_chat = args.script.is_none() && is_terminal && !ctx.no_input && ctx.output.format == Format::Table;
    if !args.serve && !is_chat && args.script.is_none() && ctx.stdin_is_terminal {
        let error = CommandError::new(ErrorKind::Usage, "there is nobody to talk to and no script");
        return Err(error.hint("svs sandbox --script FILE"));
    }
    let folder = Folder::new()?;
    let timing = if is_chat { LIVELY } else { Timing::default() };
    let sandbox = Sandbox::start(Options { timing, ..Options::default() }).await.map_err(|error| {
        CommandError::new(ErrorKind::Unavailable, "no port on loopback can be opened").caused_by(&error)
    })?;
    faults::apply_all(&sandbox, &args.fail)?;
    for word in ["long", "长"] {
        sandbox.gemini().answer_when(word, Answer::Long(LONG_ANSWER));
    }
    if args.serve {
        serve::announce(&sandbox, folder.path(), ctx)?;
        let signal = signals.next().await;
        sandbox.stop().await;
        return signal.ends_service();
    }
    talk(args, is_chat, &folder, sandbox, &mut signals, ctx).await
}

async fn talk(
    args: &SandboxArgs,
    is_chat: bool,
    folder: &Folder,
    sandbox: Sandbox,
    signals: &mut Signals,
    ctx: &Ctx,
) -> Result<Exit, CommandError> {
    let mut lines = lines::open(args.script.as_ref())?;
    let language = ctx.language();
    let people = People::new(args.users, Options::default().owner_id, language);
    let unknown = |why| CommandError::new(ErrorKind::Usage, why);
    let speaker = people.find(args.speaker).map_err(unknown)?.clone();
    let socket = ctx.socket_of_flag.as_deref();
    let config = bot::configure(&sandbox, folder.path(), socket, is_chat)?;
    people.grant(&config, &ctx.clock).await?;
    let bot = Bot::start(&config, sandbox.telegram(), socket.is_some(), ctx).await?;
    let mut scene = Scene::new(sandbox, bot, people, speaker);
    let conversation = async {
        if is_chat {
            let screen = Screen::new(Stream::stdout(), ctx.output.stdout);
            return chat::run(&mut scene, &mut lines, screen, Words::of(language)).await.map(|()| Exit::OK);
        }
        let shows = !ctx.output.quiet && !ctx.output.format.is_json();
        let patience = ctx.timeout.unwrap_or(PATIENCE);
        let said = script::run(&mut scene, &mut lines, patience, shows.then(Stream::stdout)).await?;
        emit(&said, &ctx.output, ctx.clock.now())
    };
    let exit = tokio::select! {
        exit = conversation => exit,
        signal = signals.next() => signal.ends_talk(),
    };
    scene.end().await;
    exit
}
