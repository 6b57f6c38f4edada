//! `svs init`: from a token and some keys to a configuration that works.
//!
//! - `draft`: what was learned, and how it reads as svs.toml. `files`: token and keys from files. `wizard`: the person
//!   is asked. `probe`: Telegram and Google are asked. `write`: the file appears whole or not at all.

mod draft;
mod files;
mod probe;
mod wizard;
mod write;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::config::{Config, LoadOptions, config_path, into_command_error, load};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{count, lines};
use crate::ui::{Body, Exit, Report, Style};

use self::draft::Draft;
use self::probe::Probe;

/// Make a configuration: ask for the bot's token, the owner and the keys, try them, and write svs.toml
///
/// On a terminal it asks; what is given as a flag is not asked for. Secrets are typed hidden or read from files, never
/// from the command line. The token is tried with Telegram and the keys with Google's free list of models. The file is
/// written at once, for its owner alone (mode 0600), and never over another one without --force. With --lang the bot
/// speaks that language to whoever's is not known.
///
/// A file of keys has one key per line. Before it may stand its place, A to D for a group or RA and RB for the router's
/// two, and behind it its project, all apart by blanks; or the line is one of a .env file, as that of group A's keys.
/// Keys without a place are shared out.
///
/// Exits with 0; 1 if a key is not good; 64 without a terminal and flags; 65 if a file cannot be read; 69 if Telegram
/// cannot be reached; 73 if the file is there or cannot be written; 78 if the token or no key at all is good.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs init
  svs init --dir /etc/svs
  svs init --non-interactive --token-file token.txt --keys-file keys.txt --owner-id 42
  pass show gemini | svs init --token-file token.txt --keys-file -")]
pub(crate) struct InitArgs {
    /// Write svs.toml into this folder [default: where svs looks for it]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Replace a svs.toml that is there
    #[arg(long)]
    force: bool,
    /// Ask nothing: --token-file and --keys-file say all
    #[arg(long, requires_all = ["token_file", "keys_file"])]
    non_interactive: bool,
    /// The bot's token is in this file; - is standard input
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The API keys are in this file; - is standard input
    #[arg(long, value_name = "FILE")]
    keys_file: Option<PathBuf>,
    /// The owner's numeric Telegram id [default: whoever first opens the link that svs run prints]
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    owner_id: Option<i64>,
    /// Try nothing with Telegram and Google
    #[arg(long)]
    offline: bool,
}

/// Asks, tries and writes.
pub(crate) async fn run(args: &InitArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    make(args, ctx).await
}

/// The same for `svs run`, which found nothing to run with.
pub(crate) async fn run_wizard(ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let args = InitArgs {
        dir: None,
        force: false,
        non_interactive: false,
        token_file: None,
        keys_file: None,
        owner_id: None,
        offline: false,
    };
    make(&args, ctx).await
}

async fn make(args: &InitArgs, ctx: &Ctx) -> Result<Made, CommandError> {
    let path = target(args, ctx);
    if path.symlink_metadata().is_ok() && !args.force {
        return Err(write::is_there(&path));
    }
    let has_all = args.token_file.is_some() && args.keys_file.is_some();
    let asks = !args.non_interactive && ctx.is_interactive();
    if !asks && !has_all {
        return Err(CommandError::new(ErrorKind::Usage, "nobody can be asked for the token and the keys")
            .hint("svs init --non-interactive --token-file FILE --keys-file FILE"));
    }
    let probe = Probe::new(surroundings(ctx)?, args.offline);
    let (draft, bot, bad) =
        if asks { wizard::ask(args, &probe, ctx).await? } else { from_files(args, &probe, ctx).await? };
    let draft = Draft { language: ctx.lang, ..draft };
    write::write(&path, &draft.to_toml(), args.force, ctx)?;
    Ok(Made { is_default: config_path(&ctx.load_options()).0 == path, path, bot, bad, draft })
}

/// Without questions: what the files say, as far as Telegram and Google agree.
async fn from_files(
    args: &InitArgs,
    probe: &Probe,
    ctx: &Ctx,
) -> Result<(Draft, Option<String>, Vec<String>), CommandError> {
    let token = files::token(args.token_file.as_deref())?;
    let bot = match &token {
        Some(token) => probe.bot(token).await?,
        None => None,
    };
    let listed = files::keys(args.keys_file.as_deref())?;
    let mut draft = Draft { token, owner_id: args.owner_id, ..Draft::default() };
    draft.place(listed);
    let found = probe.keys(&draft.keys, ctx).await?;
    let bad: Vec<String> = found.iter().flatten().cloned().collect();
    if !draft.keys.is_empty() && found.iter().all(Option::is_some) {
        return Err(probe::no_good_key(bad));
    }
    Ok((draft, bot, bad))
}

/// Where the file goes: into the folder that was named, or where svs reads one or would.
fn target(args: &InitArgs, ctx: &Ctx) -> PathBuf {
    let found = || config_path(&ctx.load_options()).0;
    args.dir.as_ref().map_or_else(found, |folder| folder.join("svs.toml"))
}

/// The addresses and proxies that the environment sets: an svs.toml has nothing to say yet.
fn surroundings(ctx: &Ctx) -> Result<Config, CommandError> {
    let options = LoadOptions { config: Some(PathBuf::from("/dev/null")), ..ctx.load_options() };
    let loaded = load(&options).map_err(|problems| into_command_error(&problems))?;
    Ok(Config::clone(&loaded.config))
}

/// What was made.
struct Made {
    path: PathBuf,
    /// Where svs looks by itself.
    is_default: bool,
    bot: Option<String>,
    /// Keys that are not good, and why.
    bad: Vec<String>,
    draft: Draft,
}

impl Made {
    fn next(&self) -> [String; 3] {
        let which = if self.is_default { String::new() } else { format!(" -c {}", self.path.display()) };
        ["doctor --online", "keys check", "run"].map(|command| format!("svs {command}{which}"))
    }
}

impl Report for Made {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let bot = self.bot.as_ref().map_or_else(String::new, |bot| format!("@{bot}, "));
        let keys = count(self.draft.keys.len(), "key");
        let wrote =
            format!("wrote {} ({bot}{keys}: {})", self.path.display(), self.draft.groups().join(", "));
        let owner = match self.draft.owner_id {
            Some(id) => format!("the owner is {id}"),
            None => "the owner is who first opens the link that svs run prints".to_owned(),
        };
        let next = self.next().map(|command| format!("  {command}"));
        Body::Text(lines([wrote, owner, "next:".to_owned()].into_iter().chain(next)))
    }

    fn brief(&self) -> String {
        format!("{}\n", self.path.display())
    }

    fn json(&self) -> Value {
        json!({
            "file": self.path.to_string_lossy(),
            "bot": self.bot,
            "owner_id": self.draft.owner_id,
            "keys": self.draft.keys.len(),
            "bad_keys": self.bad,
            "next": self.next(),
        })
    }

    fn notes(&self) -> Vec<String> {
        self.bad.iter().map(|bad| format!("warning: {bad}")).collect()
    }

    fn exit(&self) -> Exit {
        Exit(u8::from(!self.bad.is_empty()))
    }
}
