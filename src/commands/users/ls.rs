//! `svs users ls`: who was met, in which role.

use std::time::Duration;

use serde_json::{Value, json};

use super::state::Stored;
use crate::admin::api::{PeopleQuery, Person, PersonList, path};
use crate::admin::people;
use crate::commands::{Ctx, parse_role, parse_span, stored};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::text::{count, lines, relative, rfc3339};
use crate::ui::{Body, Paint, Report, Style, Table};

/// Who was met, the latest first
///
/// Where no daemon runs, the stored state says it.
#[derive(clap::Args, Debug)]
#[command(
    visible_alias = "list",
    after_help = "Examples:
  svs users ls
  svs users ls --role vip
  svs users ls --since 7d -o csv > users.csv
  svs users ls --banned -q            # the ids only"
)]
pub(crate) struct LsArgs {
    /// Only those who have this role now
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Option<Role>,
    /// Only those seen within this time, as in 7d
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    since: Option<Duration>,
    /// Only the banned
    #[arg(long)]
    banned: bool,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &LsArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let now = ctx.clock.now();
    let query =
        PeopleQuery { role: args.role, since: args.since.map(|since| now - since), banned: args.banned };
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => Ok((client.get::<PersonList>(&path_of(&query)).await?, true)),
            None => Ok((of_state(&query, ctx).await?, false)),
        }
    };
    let (mut list, live) = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    list.users.sort_by_key(|user| std::cmp::Reverse(user.last_seen));
    Ok(Everybody { list, live })
}

fn path_of(query: &PeopleQuery) -> String {
    let role = query.role.map(|role| format!("&role={role}")).unwrap_or_default();
    let since = query.since.map(|since| format!("&since={}", since.as_millis())).unwrap_or_default();
    format!("{}?banned={}{role}{since}", path::USERS, query.banned)
}

async fn of_state(query: &PeopleQuery, ctx: &Ctx) -> Result<PersonList, CommandError> {
    let now = ctx.clock.now();
    let Some(stored) = Stored::read(ctx)? else { return Ok(PersonList { as_of: now, users: Vec::new() }) };
    let list = people::list(&stored.people, query, now).await?;
    stored.close().await;
    Ok(list)
}

struct Everybody {
    list: PersonList,
    /// A daemon said so.
    live: bool,
}

impl Report for Everybody {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let mut table =
            Table::new("users", &["USER", "NAME", "ROLE", "UNTIL", "SEEN", "TODAY", "STORED", "STATE"]);
        for user in &self.list.users {
            let name = match (&user.name, &user.first_name) {
                (Some(name), _) => format!("@{name}"),
                (None, first_name) => first_name.clone().unwrap_or_default(),
            };
            let until = user.granted_until.map(|until| relative(until, self.list.as_of)).unwrap_or_default();
            table.row([
                (Paint::Strong, user.id.to_string()),
                (Paint::Plain, name),
                (Paint::Plain, user.role.to_string()),
                (Paint::Plain, until),
                (Paint::Plain, relative(user.last_seen, self.list.as_of)),
                (Paint::Plain, today(user)),
                (Paint::Plain, user.rounds_stored.to_string()),
                (if user.served { Paint::Plain } else { Paint::Bad }, state(user).to_owned()),
            ]);
        }
        Body::Table(table)
    }

    fn csv(&self) -> Option<Table> {
        let header = &[
            "ID",
            "NAME",
            "FIRST_NAME",
            "ROLE",
            "GRANTED",
            "GRANTED_UNTIL",
            "STARTED",
            "BANNED",
            "FIRST_SEEN",
            "LAST_SEEN",
            "USED_DAY",
            "PER_DAY",
            "ROUNDS_STORED",
        ];
        let mut table = Table::new("users", header);
        let number = |cap: Option<u32>| cap.map(|cap| cap.to_string()).unwrap_or_default();
        for user in &self.list.users {
            let fields = [
                user.id.to_string(),
                user.name.clone().unwrap_or_default(),
                user.first_name.clone().unwrap_or_default(),
                user.role.to_string(),
                user.granted.map(|role| role.to_string()).unwrap_or_default(),
                user.granted_until.and_then(rfc3339).unwrap_or_default(),
                user.started.to_string(),
                user.banned.to_string(),
                rfc3339(user.first_seen).unwrap_or_default(),
                rfc3339(user.last_seen).unwrap_or_default(),
                user.used_day.to_string(),
                number(user.per_day),
                user.rounds_stored.to_string(),
            ];
            table.plain_row(fields);
        }
        Some(table)
    }

    fn json(&self) -> Value {
        json!({
            "as_of": rfc3339(self.list.as_of),
            "live": self.live,
            "users": self.list.users.iter().map(person_json).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        lines(self.list.users.iter().map(|user| user.id))
    }

    fn notes(&self) -> Vec<String> {
        let stored = (!self.live).then(|| stored::NOTE.to_owned());
        [count(self.list.users.len(), "user")].into_iter().chain(stored).collect()
    }
}

/// `3/40`; `3` without a cap.
pub(super) fn today(user: &Person) -> String {
    user.per_day.map_or_else(|| user.used_day.to_string(), |cap| format!("{}/{cap}", user.used_day))
}

/// Why somebody is not served; nothing for everybody else.
pub(super) fn state(user: &Person) -> &'static str {
    match (user.banned, user.served) {
        (true, _) => "banned",
        (false, false) => "not open",
        (false, true) => "",
    }
}

/// One user for programs.
pub(super) fn person_json(user: &Person) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "first_name": user.first_name,
        "role": user.role,
        "served": user.served,
        "granted": user.granted,
        "granted_until": user.granted_until.and_then(rfc3339),
        "started": user.started,
        "banned": user.banned,
        "ban_reason": user.ban_reason,
        "first_seen": rfc3339(user.first_seen),
        "last_seen": rfc3339(user.last_seen),
        "used_hour": user.used_hour,
        "used_day": user.used_day,
        "per_hour": user.per_hour,
        "per_day": user.per_day,
        "resets_at": rfc3339(user.resets_at),
        "rounds": user.rounds,
        "rounds_stored": user.rounds_stored,
        "log_name": user.log_name,
    })
}
