//! The grammar of the command line, and the way from there to an exit code.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::clock::Clock;
use crate::commands::config::ConfigCommand;
use crate::commands::debug::DebugCommand;
use crate::commands::keys::KeysCommand;
use crate::commands::logs::LogsCommand;
use crate::commands::service::ServiceCommand;
use crate::commands::users::UsersCommand;
use crate::commands::vip::VipCommand;
use crate::commands::webhook::WebhookCommand;
use crate::commands::{
    Ctx, ask, block_on, catch_panics, completions, config, debug, doctor, explain, harden, health, help,
    init, keys, logs, man, parse_language, parse_span, reload, route, run, sandbox, service, status, top,
    usage, users, verify, version, vip, webhook,
};
use crate::domain::language::Language;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{
    ColorChoice, Exit, Format, OutputOptions, Report, Style, emit, print_failure, terminal_width,
};

mod formats;
mod output;
mod refusal;

use output::{Output, OutputParser};
use refusal::{Hints, command_line, refuse};

/// A Telegram bot on Google Gemini, and the operations tool around its pool of API keys
#[derive(Parser, Debug)]
#[command(
    name = "svs",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    infer_long_args = false,
    after_help = "Examples:
  svs status
  svs vip ls
  svs help exit-codes"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of all commands.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Global {
    #[arg(short, long, global = true, value_name = "FILE", help = "Configuration file [env: SVS_CONFIG]")]
    config: Option<PathBuf>,
    /// Read variables from this .env file
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<PathBuf>,
    #[arg(long, global = true, value_name = "PATH", help = "The daemon's control socket [env: SVS_SOCKET]")]
    socket: Option<PathBuf>,
    /// Output format, see `svs help output`
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        value_parser = OutputParser,
        default_value = "table",
        hide_default_value = true
    )]
    output: Output,
    /// The same as --output json
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,
    /// Say only what cannot be left out
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more; twice: even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to use color
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    color: ColorChoice,
    /// Never ask a question
    #[arg(long, global = true)]
    no_input: bool,
    /// Give up after this long, as in 10s
    #[arg(long, global = true, value_name = "SPAN", value_parser = parse_span)]
    timeout: Option<Duration>,
    #[arg(
        long,
        global = true,
        value_name = "LANG",
        value_parser = parse_language,
        help = "Show what the bot says to people in this language [env: SVS_LANG]"
    )]
    lang: Option<Language>,
}

#[derive(Subcommand, Debug)]
#[command(defer = true)]
enum Command {
    Run(run::RunArgs),
    Init(init::InitArgs),
    Doctor(doctor::DoctorArgs),
    Status(status::StatusArgs),
    Health(health::HealthArgs),
    Reload(reload::ReloadArgs),
    Top(top::TopArgs),
    Logs(logs::LogsArgs),
    Usage(usage::UsageArgs),
    Explain(explain::ExplainArgs),
    Verify(verify::VerifyArgs),
    /// See and end VIP sessions
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs vip ls
  svs vip kick 42 --yes
  svs vip grant @ming --for 30m"
    )]
    Vip(VipCommand),
    /// See and change users: roles, bans, history
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs users ls
  svs users role 42 premium
  svs users ban @ming --reason spam"
    )]
    Users(UsersCommand),
    Ask(ask::AskArgs),
    /// See, check and switch the API keys
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs keys ls
  svs keys check
  svs keys disable A3 --for 1h"
    )]
    Keys(KeysCommand),
    Route(route::RouteArgs),
    Sandbox(sandbox::SandboxArgs),
    /// See and check the configuration
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs config check
  svs config show --origin
  svs config diff"
    )]
    Config(ConfigCommand),
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs service unit
  svs service unit --print"
    )]
    Service(ServiceCommand),
    /// See and delete the bot's webhook
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs webhook info
  svs webhook delete"
    )]
    Webhook(WebhookCommand),
    #[command(
        subcommand,
        arg_required_else_help = true,
        after_help = "Examples:
  svs debug profile -o flame.svg
  svs debug profile --seconds 30 -o flame.svg"
    )]
    Debug(DebugCommand),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
    Help(help::HelpArgs),
}

/// Runs svs with the arguments of this process.
pub fn main() -> ExitCode {
    harden();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = catch_panics(|| run(&arguments)).unwrap_or(Exit(ErrorKind::Bug.exit_code()));
    exit.into()
}

fn run(arguments: &[OsString]) -> Exit {
    if completions::answer(grammar, arguments) {
        return Exit::OK;
    }
    let hints = Hints::from_arguments(arguments);
    let read = |grammar: clap::Command| {
        let matches = grammar.color(hints.color.into()).try_get_matches_from(arguments);
        matches.and_then(|matches| Cli::from_arg_matches(&matches))
    };
    // Only what was called is made at first; help and errors name the other commands, too.
    let parsed = read(Cli::command()).or_else(|error| match error.kind() {
        clap::error::ErrorKind::DisplayVersion => Err(error),
        _ => read(grammar()),
    });
    let mut cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, hints, &command_line(arguments)),
    };
    let output = cli.global.output.clone();
    let mut ctx = cli.global.into_context();
    if let Err(error) = ctx.take_language() {
        return print_failure(&error, ctx.output.format, ctx.output.stderr);
    }
    if let Err(error) = formats::check(&mut cli.command, ctx.output.format, output) {
        // Not in the format that is not there.
        let format = if ctx.output.format.is_json() { ctx.output.format } else { Format::Table };
        return print_failure(&error, format, ctx.output.stderr);
    }
    match dispatch(cli.command, &ctx) {
        Ok(exit) => exit,
        Err(error) => print_failure(&error, ctx.output.format, ctx.output.stderr),
    }
}

/// All that can be typed. What a command takes is otherwise not made before it is called.
fn grammar() -> clap::Command {
    let mut grammar = Cli::command();
    grammar.build();
    grammar
}

fn dispatch(command: Command, ctx: &Ctx) -> Result<Exit, CommandError> {
    match command {
        Command::Run(args) => block_on(run::run(&args, ctx)).map(|()| Exit::OK),
        Command::Status(args) => block_on(async { show(status::run(&args, ctx).await, ctx) }),
        Command::Init(args) => block_on(async { show(init::run(&args, ctx).await, ctx) }),
        Command::Doctor(args) => block_on(async { show(doctor::run(&args, ctx).await, ctx) }),
        Command::Health(args) => block_on(async { show(health::run(&args, ctx).await, ctx) }),
        Command::Reload(args) => block_on(async { show(reload::run(&args, ctx).await, ctx) }),
        Command::Top(args) => block_on(top::run(&args, ctx)),
        Command::Logs(args) => block_on(log(args, ctx)),
        Command::Usage(args) => block_on(async { show(usage::run(&args, ctx).await, ctx) }),
        Command::Explain(args) => block_on(async { show(explain::run(&args, ctx).await, ctx) }),
        Command::Verify(args) => block_on(async { show(verify::run(&args, ctx).await, ctx) }),
        Command::Vip(VipCommand::Ls(args)) => block_on(async { show(vip::ls::run(&args, ctx).await, ctx) }),
        Command::Vip(VipCommand::Kick(args)) => {
            block_on(async { show(vip::kick::run(&args, ctx).await, ctx) })
        }
        Command::Vip(VipCommand::Grant(args)) => {
            block_on(async { show(vip::grant::run(&args, ctx).await, ctx) })
        }
        Command::Vip(VipCommand::Extend(args)) => {
            block_on(async { show(vip::extend::run(&args, ctx).await, ctx) })
        }
        Command::Users(command) => block_on(users(command, ctx)),
        Command::Ask(args) => block_on(async { show(ask::run(&args, ctx).await, ctx) }),
        Command::Keys(command) => block_on(keys(command, ctx)),
        Command::Route(args) => show(route::run(&args, ctx), ctx),
        Command::Sandbox(args) => block_on(sandbox::run(&args, ctx)),
        Command::Config(ConfigCommand::Check(args)) => show(config::check::run(&args, ctx), ctx),
        Command::Config(ConfigCommand::Show(args)) => show(config::show::run(&args, ctx), ctx),
        Command::Config(ConfigCommand::Path(args)) => show(config::path::run(&args, ctx), ctx),
        Command::Config(ConfigCommand::Diff(args)) => {
            block_on(async { show(config::diff::run(&args, ctx).await, ctx) })
        }
        Command::Service(ServiceCommand::Unit(args)) => show(service::unit::run(&args, ctx), ctx),
        Command::Webhook(WebhookCommand::Info(args)) => {
            block_on(async { show(webhook::info::run(&args, ctx).await, ctx) })
        }
        Command::Webhook(WebhookCommand::Delete(args)) => {
            block_on(async { show(webhook::delete::run(&args, ctx).await, ctx) })
        }
        Command::Debug(DebugCommand::Profile(args)) => block_on(debug::profile::run(&args, ctx)),
        Command::Completions(args) => show(completions::run(&args, ctx), ctx),
        Command::Man(args) => show(man::run(&args, ctx), ctx),
        Command::Version(args) => show(version::run(&args, ctx), ctx),
        Command::Help(args) => show(help::run(&args, ctx), ctx),
    }
}

async fn log(args: logs::LogsArgs, ctx: &Ctx) -> Result<Exit, CommandError> {
    match &args.command {
        Some(LogsCommand::Level(args)) => show(logs::level::run(args, ctx).await, ctx),
        None => logs::run(&args, ctx).await,
    }
}

async fn keys(command: KeysCommand, ctx: &Ctx) -> Result<Exit, CommandError> {
    match command {
        KeysCommand::Check(args) => {
            let checked = keys::check::run(&args, ctx).await?;
            checked.map_or(Ok(Exit::OK), |checked| show(Ok(checked), ctx))
        }
        KeysCommand::Ls(args) => show(keys::ls::run(&args, ctx).await, ctx),
        KeysCommand::Stats(args) => show(keys::stats::run(&args, ctx).await, ctx),
        KeysCommand::Disable(args) => show(keys::change::disable(&args, ctx).await, ctx),
        KeysCommand::Enable(args) => show(keys::change::enable(&args, ctx).await, ctx),
        KeysCommand::Reset(args) => show(keys::change::reset(&args, ctx).await, ctx),
    }
}

async fn users(command: UsersCommand, ctx: &Ctx) -> Result<Exit, CommandError> {
    match command {
        UsersCommand::Ls(args) => show(users::ls::run(&args, ctx).await, ctx),
        UsersCommand::Show(args) => show(users::show::run(&args, ctx).await, ctx),
        UsersCommand::Role(args) => show(users::role::run(&args, ctx).await, ctx),
        UsersCommand::Ban(args) => show(users::ban::ban(&args, ctx).await, ctx),
        UsersCommand::Unban(args) => show(users::ban::unban(&args, ctx).await, ctx),
        UsersCommand::Forget(args) => show(users::forget::run(&args, ctx).await, ctx),
    }
}

fn show(found: Result<impl Report, CommandError>, ctx: &Ctx) -> Result<Exit, CommandError> {
    emit(&found?, &ctx.output, ctx.clock.now())
}

impl Global {
    fn into_context(self) -> Ctx {
        let environment = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let stdout_is_terminal = std::io::stdout().is_terminal();
        Ctx {
            grammar,
            output: OutputOptions {
                format: if self.json { Format::Json } else { self.output.format() },
                quiet: self.quiet,
                verbose: self.verbose,
                stdout: Style::of_stdout(self.color),
                stderr: Style::of_stderr(self.color),
                stdout_is_terminal,
                stderr_is_terminal: std::io::stderr().is_terminal(),
                width: if stdout_is_terminal { terminal_width() } else { None },
            },
            config: self.config.or_else(|| environment("SVS_CONFIG")),
            env_file: self.env_file,
            socket_of_flag: self.socket.clone(),
            socket: self.socket.or_else(|| environment("SVS_SOCKET")),
            timeout: self.timeout,
            no_input: self.no_input,
            lang: self.lang,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            clock: Clock::system(),
        }
    }
}

#[cfg(test)]
mod tests;
