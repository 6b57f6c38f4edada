//! `svs users ban` and `svs users unban`: shut a user out, let a user in again.

use std::time::Duration;

use serde_json::{Value, json};

use super::state::{Stored, named};
use crate::admin::api::{BanChanged, BanRequest, path};
use crate::admin::people;
use crate::commands::{Ctx, parse_who};
use crate::domain::chat::Who;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::{Body, Report, Style};

/// Shut a user out
///
/// What runs for the user is cut, a VIP seat is freed, and further messages are dropped without a word. Without a
/// daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs users ban 42
  svs users ban @ming --reason 'floods the group'")]
pub(crate) struct BanArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
    /// A note for operators, shown by users show; the user is told nothing
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Let a user in again
///
/// Without a daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs users unban 42
  svs users unban @ming")]
pub(crate) struct UnbanArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
}

/// Shuts a user out.
pub(crate) async fn ban(args: &BanArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let request = BanRequest { reason: args.reason.clone() };
    change(&args.who, Some(request), ctx).await
}

/// Lets a user in again.
pub(crate) async fn unban(args: &UnbanArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    change(&args.who, None, ctx).await
}

async fn change(who: &Who, ban: Option<BanRequest>, ctx: &Ctx) -> Result<Done, CommandError> {
    let changing = async {
        if let Some(client) = ctx.find_daemon().await? {
            let path = format!("{}/{who}/ban", path::USERS);
            return match &ban {
                Some(request) => client.put(&path, request).await,
                None => client.delete(&path, &()).await,
            };
        }
        let stored = Stored::change(ctx).await?;
        let changed = people::set_banned(&stored.people, who, ban).await;
        stored.close().await;
        changed
    };
    ctx.within(Duration::from_secs(5), "the daemon's answer", changing).await.map(Done)
}

struct Done(BanChanged);

impl Report for Done {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let who = named(self.0.user, self.0.name.as_deref());
        Body::Text(match (self.0.banned, self.0.changed) {
            (true, true) => format!("{who} is banned\n"),
            (true, false) => format!("{who} was banned already\n"),
            (false, true) => format!("{who} is not banned any more\n"),
            (false, false) => format!("{who} was not banned\n"),
        })
    }

    fn json(&self) -> Value {
        json!({
            "id": self.0.user,
            "name": self.0.name,
            "banned": self.0.banned,
            "changed": self.0.changed,
            "seen": self.0.seen,
        })
    }

    fn notes(&self) -> Vec<String> {
        if self.0.seen { Vec::new() } else { vec![format!("{} was never seen here", self.0.user)] }
    }
}
