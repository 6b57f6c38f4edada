//! `svs users forget`: erase what a user said and was told.

use std::time::Duration;

use serde_json::{Value, json};

use super::state::{Stored, named};
use crate::admin::api::{ForgetRequest, Forgotten, path};
use crate::admin::people;
use crate::commands::{Ctx, parse_who};
use crate::domain::chat::Who;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::count;
use crate::ui::{Body, Report, Style};

/// Erase a user's history everywhere
///
/// Conversations, stored messages and names are erased, and requests do not name the user any more. Role, ban and what
/// is used of the caps stay. What is being answered is cut. Without a daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs users forget 42 --dry-run       # only count
  svs users forget 42
  svs users forget @ming --yes")]
pub(crate) struct ForgetArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Only say how much would be erased
    #[arg(long)]
    dry_run: bool,
}

/// Asks, then lets the daemon do it, or else changes the stored state.
pub(crate) async fn run(args: &ForgetArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    if !args.yes && !args.dry_run && !agreed(&args.who, ctx).await? {
        return Err(CommandError::new(ErrorKind::Negative, "nothing was erased"));
    }
    forget(&args.who, args.dry_run, ctx).await.map(Done)
}

/// Shows what there is, and asks. Nobody there is an error before any question.
async fn agreed(who: &Who, ctx: &Ctx) -> Result<bool, CommandError> {
    if !ctx.is_interactive() {
        let error =
            CommandError::new(ErrorKind::Usage, "nobody can be asked whether to erase the user's history");
        return Err(error.hint("add --yes"));
    }
    let found = forget(who, true, ctx).await?;
    ctx.confirm(&format!("Erase {}?", amounts(&found)))
}

async fn forget(who: &Who, dry_run: bool, ctx: &Ctx) -> Result<Forgotten, CommandError> {
    let request = ForgetRequest { dry_run };
    let forgetting = async {
        if let Some(client) = ctx.find_daemon().await? {
            return client.delete(&format!("{}/{who}", path::USERS), &request).await;
        }
        let stored = Stored::change(ctx).await?;
        let forgotten = people::forget(&stored.people, who, &request).await;
        stored.close().await;
        forgotten
    };
    ctx.within(Duration::from_secs(5), "the daemon's answer", forgetting).await
}

fn amounts(forgotten: &Forgotten) -> String {
    format!(
        "{}, {} and {} of {}",
        count(forgotten.rounds as usize, "round"),
        count(forgotten.requests as usize, "request"),
        count(forgotten.messages as usize, "message"),
        named(forgotten.user, forgotten.name.as_deref())
    )
}

struct Done(Forgotten);

impl Report for Done {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let verb = if self.0.dry_run { "would erase" } else { "erased" };
        Body::Text(format!("{verb} {}\n", amounts(&self.0)))
    }

    fn json(&self) -> Value {
        json!({
            "id": self.0.user,
            "name": self.0.name,
            "rounds": self.0.rounds,
            "requests": self.0.requests,
            "messages": self.0.messages,
            "dry_run": self.0.dry_run,
            "complete": self.0.complete,
        })
    }

    fn notes(&self) -> Vec<String> {
        let rest = "another process reads the state: traces stay in its log until svs stops; run it again to be sure";
        if self.0.complete { Vec::new() } else { vec![rest.to_owned()] }
    }
}
