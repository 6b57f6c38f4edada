//! `svs users show`: one user.

use std::time::Duration;

use serde_json::Value;

use super::ls::{person_json, state, today};
use super::state::{Stored, named};
use crate::admin::api::{PersonNow, path};
use crate::admin::people;
use crate::commands::{Ctx, parse_who, stored};
use crate::domain::chat::Who;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{one_line, relative, rfc3339};
use crate::ui::{Body, Paint, Report, Style};

/// One user: role, grant, ban, what is used and stored
///
/// Where no daemon runs, the stored state says it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs users show 42
  svs users show @ming -o json")]
pub(crate) struct ShowArgs {
    /// A user id, or @name as last used here
    #[arg(value_name = "WHO", value_parser = parse_who)]
    who: Who,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &ShowArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => Ok((client.get(&format!("{}/{}", path::USERS, args.who)).await?, true)),
            None => Ok((stored(&args.who, ctx).await?, false)),
        }
    };
    let (person, live) = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    Ok(Somebody { person, live })
}

async fn stored(who: &Who, ctx: &Ctx) -> Result<PersonNow, CommandError> {
    let Some(stored) = Stored::read(ctx)? else {
        return Err(CommandError::new(ErrorKind::NotFound, format!("{who} was never seen here")));
    };
    let person = people::show(&stored.people, who, ctx.clock.now()).await;
    stored.close().await;
    person
}

struct Somebody {
    person: PersonNow,
    /// A daemon said so.
    live: bool,
}

impl Report for Somebody {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let PersonNow { as_of, user } = &self.person;
        let ago = |at| relative(at, *as_of);
        let mut lines = vec![style.paint(Paint::Strong, &named(user.id, user.name.as_deref()))];
        let mut line = |what: &str, value: String| lines.push(format!("  {what:<9}{value}"));
        if let Some(first_name) = &user.first_name {
            line("name", one_line(first_name).into_owned());
        }
        let role = match (user.granted, user.granted_until) {
            (Some(_), Some(until)) => format!("{}, ends {}", user.role, ago(until)),
            (Some(_), None) => format!("{}, granted", user.role),
            (None, _) => user.role.to_string(),
        };
        line("role", role);
        if !user.served {
            let reason = user.ban_reason.as_ref().map(|reason| format!(": {}", one_line(reason)));
            line("state", style.paint(Paint::Bad, state(user)) + &reason.unwrap_or_default());
        }
        line("seen", format!("{}, first {}", ago(user.last_seen), ago(user.first_seen)));
        line("private", if user.started { "yes" } else { "no" }.to_owned());
        let hour = user.per_hour.map(|cap| format!(", {}/{cap} this hour", user.used_hour));
        line("used", format!("{} today{}", today(user), hour.unwrap_or_default()));
        line("memory", format!("{} rounds are sent, {} are stored", user.rounds, user.rounds_stored));
        if let Some(name) = &user.log_name {
            line("log", name.clone());
        }
        Body::Text(lines.join("\n") + "\n")
    }

    fn json(&self) -> Value {
        let mut json = person_json(&self.person.user);
        json["as_of"] = rfc3339(self.person.as_of).into();
        json["live"] = self.live.into();
        json
    }

    fn brief(&self) -> String {
        format!("{}\n", self.person.user.id)
    }

    fn notes(&self) -> Vec<String> {
        if self.live { Vec::new() } else { vec![stored::NOTE.to_owned()] }
    }
}
