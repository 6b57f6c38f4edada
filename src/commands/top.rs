//! `svs top`: a live screen of the daemon. Only the control socket is touched.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{MissedTickBehavior, interval};

use super::signals::{Came, Signals};
use super::{Ctx, parse_span};
use crate::admin::api::{KickRequest, KickTarget, Kicked, Status, path};
use crate::domain::chat::{UserId, Who};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::relative;
use crate::ui::top::{App, Terminal, View, Wish};
use crate::ui::{Exit, Format};

mod view;

use view::{told, view_of};

/// What one question to the daemon may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Watch the daemon live: keys, budgets, VIP seats, failures
///
/// The numbers are those of `svs status -o json`. Keys are sorted with s, filtered with /, and k ends a VIP session
/// after a question; ? shows all keys of the keyboard. Needs a terminal.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs top
  svs top --interval 5s
  svs top --color never")]
pub(crate) struct TopArgs {
    /// How often the daemon is asked, 100ms to 1h
    #[arg(short = 'n', long, value_name = "SPAN", default_value = "1s", value_parser = parse_interval)]
    interval: Duration,
}

fn parse_interval(text: &str) -> Result<Duration, String> {
    let span = parse_span(text)?;
    let allowed = Duration::from_millis(100)..=Duration::from_hours(1);
    if allowed.contains(&span) { Ok(span) } else { Err("an interval is 100ms to 1h".to_owned()) }
}

/// An answer of the daemon.
enum Done {
    Looked(Result<View, CommandError>),
    Kicked(UserId, Result<Kicked, CommandError>),
}

type Work<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Done> + 'a>>>;

/// Shows the screen until it is left.
pub(crate) async fn run(args: &TopArgs, ctx: &Ctx) -> Result<Exit, CommandError> {
    needs_terminal(ctx)?;
    let first = look(ctx).await?;
    let mut signals = Signals::listen()?;
    let mut app = App::new(first, ctx.clock.now());
    let mut terminal = Terminal::borrow(ctx.output.stdout).map_err(|error| unusable(&error))?;
    let mut events = EventStream::new();
    let mut ticks = interval(args.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = Work::new();
    let mut looking = false;
    let mut due = false;
    loop {
        if due && !looking {
            (due, looking) = (false, true);
            work.push(Box::pin(async { Done::Looked(look(ctx).await) }));
        }
        terminal.draw(&app).map_err(|error| unusable(&error))?;
        tokio::select! {
            came = signals.next() => {
                drop(terminal);
                return came.ends_talk();
            }
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) => match app.press(key) {
                    None => {}
                    Some(Wish::Quit) => return Ok(Exit::OK),
                    Some(Wish::Interrupt) => {
                        drop(terminal);
                        return Came::Interrupt.ends_talk();
                    }
                    Some(Wish::Suspend) => terminal.suspend().map_err(|error| unusable(&error))?,
                    Some(Wish::Refresh) => due = true,
                    Some(Wish::Kick(user)) => {
                        work.push(Box::pin(async move { Done::Kicked(user, kick(user, ctx).await) }));
                    }
                },
                // A new size is seen when the screen is drawn again.
                Some(Ok(_)) => {}
                // Nobody can press anything any more.
                Some(Err(_)) | None => return Came::Hangup.ends_talk(),
            },
            _ = ticks.tick() => due = true,
            Some(done) = work.next(), if !work.is_empty() => match done {
                Done::Looked(found) => {
                    looking = false;
                    match found {
                        Ok(view) => app.arrived(view, ctx.clock.now()),
                        Err(error) => app.missed(&told(&error), ctx.clock.now()),
                    }
                }
                Done::Kicked(user, result) => {
                    app.told(kicked(user, result, ctx.clock.now()));
                    due = true;
                }
            },
        }
    }
}

fn needs_terminal(ctx: &Ctx) -> Result<(), CommandError> {
    if ctx.output.format != Format::Table {
        return Err(CommandError::new(ErrorKind::Usage, "svs top has a screen and no other output")
            .hint("svs status -o json"));
    }
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if !ctx.stdin_is_terminal || !ctx.output.stdout_is_terminal || is_dumb {
        let message = if is_dumb {
            "svs top cannot draw on this terminal (TERM=dumb)"
        } else {
            "svs top needs a terminal on standard input and output"
        };
        return Err(CommandError::new(ErrorKind::Usage, message).hint("svs status"));
    }
    Ok(())
}

async fn look(ctx: &Ctx) -> Result<View, CommandError> {
    let asked = async { ctx.daemon().await?.get::<Status>(path::STATUS).await };
    ctx.within(PATIENCE, "the daemon's answer", asked).await.map(|status| view_of(&status))
}

async fn kick(user: UserId, ctx: &Ctx) -> Result<Kicked, CommandError> {
    let path = format!("{}/{}", path::VIP, KickTarget::Who(Who::Id(user)));
    let request = KickRequest::default();
    let asked = async { ctx.daemon().await?.delete(&path, &request).await };
    ctx.within(PATIENCE, "the daemon's answer", asked).await
}

fn kicked(user: UserId, result: Result<Kicked, CommandError>, now: Timestamp) -> Result<String, String> {
    let done = result.map_err(|error| told(&error))?;
    let ban =
        done.banned_until.map_or_else(String::new, |at| format!("; a seat again {}", relative(at, now)));
    Ok(format!("{user} was kicked and told{ban}"))
}

fn unusable(error: &io::Error) -> CommandError {
    CommandError::new(ErrorKind::CannotWrite, "the terminal cannot be used").caused_by(error)
}
