//! `svs users role`: give a role, or take it back.

use std::time::Duration;

use serde_json::{Value, json};

use super::state::{Stored, named};
use crate::admin::api::{RoleChanged, RoleRequest, path};
use crate::admin::people;
use crate::commands::{Ctx, parse_span, parse_who};
use crate::domain::chat::Who;
use crate::domain::nearest::did_you_mean;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::telegram::Texts;
use crate::ui::text::{lines, one_line, relative, rfc3339};
use crate::ui::{Body, Report, Style};

/// Give a user a role, or take it back
///
/// It is in force for the next message and for what waits, and the user is told: in their own language; what they read
/// is shown in that of --lang. A vip who is none any more leaves the
/// VIP room. Without a daemon the stored state is changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs users role 42 premium
  svs users role @ming vip --for 30d
  svs users role 42 none              # take back what was granted")]
pub(crate) struct RoleArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
    /// vip, premium, normal, guest; none takes back what was granted
    #[arg(value_name = "ROLE", value_parser = parse_wish)]
    role: Wish,
    /// For how long, as in 30d [default: without an end]
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    length: Option<Duration>,
    /// Do not tell the user
    #[arg(long)]
    no_notify: bool,
}

/// A role, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wish(Option<Role>);

fn parse_wish(text: &str) -> Result<Wish, String> {
    match text {
        "none" => Ok(Wish(None)),
        "owner" => Err("owners are named by owner_ids in svs.toml or BOT_OWNER_ID".to_owned()),
        name => name.parse().map(|role| Wish(Some(role))).map_err(|_| {
            let guess = did_you_mean(name, ["vip", "premium", "normal", "guest", "none"]);
            format!("no such role (vip, premium, normal, guest, none){guess}")
        }),
    }
}

/// Asks the daemon to do it, or else changes the stored state.
pub(crate) async fn run(args: &RoleArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let Wish(role) = args.role;
    if role.is_none() && args.length.is_some() {
        let error = CommandError::new(crate::error::ErrorKind::Usage, "no role can be given for a time");
        return Err(error.hint("leave out --for"));
    }
    let request = RoleRequest {
        role,
        for_ms: args.length.map(|length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX)),
        silent: args.no_notify,
    };
    let changing = async {
        if let Some(client) = ctx.find_daemon().await? {
            return client.put(&format!("{}/{}/role", path::USERS, args.who), &request).await;
        }
        let stored = Stored::change(ctx).await?;
        let changed = people::set_role(&stored.people, &args.who, &request, ctx.clock.now()).await;
        stored.close().await;
        changed
    };
    ctx.within(Duration::from_secs(5), "the daemon's answer", changing).await.map(|changed| {
        let words = |notice| Texts::load().notice(ctx.language(), notice, ctx.clock.now());
        Done { told: changed.told.as_ref().map(words), changed }
    })
}

struct Done {
    changed: RoleChanged,
    /// What the user is told.
    told: Option<String>,
}

impl Report for Done {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let RoleChanged { user, name, before, role, until, served, .. } = &self.changed;
        let who = named(*user, name.as_deref());
        let until = until.map(|until| format!(", ends {}", relative(until, now))).unwrap_or_default();
        let was = if before == role { String::new() } else { format!(" (was {before})") };
        let became = if *served {
            format!("{who} is {role} now{was}{until}")
        } else {
            format!("{who} is not served any more: the bot is closed")
        };
        let told = self.told.iter().map(|told| format!("told: {}", one_line(told)));
        Body::Text(lines([became].into_iter().chain(told)))
    }

    fn json(&self) -> Value {
        json!({
            "id": self.changed.user,
            "name": self.changed.name,
            "before": self.changed.before,
            "role": self.changed.role,
            "until": self.changed.until.and_then(rfc3339),
            "served": self.changed.served,
            "seen": self.changed.seen,
            "told": self.told,
        })
    }

    fn notes(&self) -> Vec<String> {
        if self.changed.seen {
            Vec::new()
        } else {
            vec![format!("{} was never seen here", self.changed.user)]
        }
    }
}
