//! `svs vip ls`: who sits in the VIP room.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{VipList, VipSession, path};
use crate::admin::routes::wire_session;
use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::stored_sessions;
use crate::store::{Access, Store, StoreError};
use crate::ui::text::{lines, relative, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

/// Who sits in the VIP room
///
/// Where no daemon runs, the stored state says who would.
#[derive(clap::Args, Debug)]
#[command(
    visible_alias = "list",
    after_help = "Examples:
  svs vip ls
  svs vip ls -q            # the user ids only
  svs vip ls -o json"
)]
pub(crate) struct LsArgs {
    /// What to sort by
    #[arg(long, value_name = "FIELD", default_value = "seat")]
    sort: Order,
}

/// What to sort by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Order {
    /// The seat's number
    Seat,
    /// Who leaves first
    Expiry,
    /// Who has been silent longest
    Idle,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &LsArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => Ok((client.get::<VipList>(path::VIP).await?, true)),
            None => Ok((stored(ctx).await?, false)),
        }
    };
    let (mut list, live) = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    match args.sort {
        Order::Seat => list.sessions.sort_by_key(|session| session.seat),
        Order::Expiry => list.sessions.sort_by_key(|session| session.expires_at),
        Order::Idle => list.sessions.sort_by_key(|session| session.last_active),
    }
    Ok(Room { list, live })
}

/// The room as it was left. A state that was never made has nobody in it.
async fn stored(ctx: &Ctx) -> Result<VipList, CommandError> {
    let loaded = ctx.load()?;
    let rules = &loaded.config.rules;
    let seats = rules.seats.seats;
    let store = match Store::open_as(&loaded.config.state_dir, ctx.clock.clone(), Access::ReadOnly) {
        Err(StoreError::Missing(_)) => {
            return Ok(VipList { as_of: ctx.clock.now(), seats, sessions: Vec::new() });
        }
        opened => opened?,
    };
    let sessions = stored_sessions(&store, rules).await?;
    store.close().await;
    let sessions = sessions.into_iter().map(wire_session).collect();
    Ok(VipList { as_of: ctx.clock.now(), seats, sessions })
}

struct Room {
    list: VipList,
    /// A daemon said so.
    live: bool,
}

impl Report for Room {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Table(table(&self.list.sessions, self.list.as_of))
    }

    fn json(&self) -> Value {
        json!({
            "as_of": rfc3339(self.list.as_of),
            "live": self.live,
            "seats": self.list.seats,
            "sessions": self.list.sessions.iter().map(session_json).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        lines(self.list.sessions.iter().map(|session| session.user))
    }

    fn notes(&self) -> Vec<String> {
        let taken = format!("{} of {} seats taken", self.list.sessions.len(), self.list.seats);
        let stored = (!self.live).then(|| "no daemon runs: this is the stored state".to_owned());
        [taken].into_iter().chain(stored).collect()
    }
}

/// Sessions as rows; times as seen from `as_of`.
pub(super) fn table(sessions: &[VipSession], as_of: Timestamp) -> Table {
    let mut table =
        Table::new("sessions", &["SEAT", "USER", "ROLE", "SINCE", "IDLE", "EXPIRES", "ROUNDS", "QUEUE"]);
    for session in sessions {
        let user = match &session.name {
            Some(name) => format!("{} @{name}", session.user),
            None => session.user.to_string(),
        };
        table.row([
            (Paint::Plain, session.seat.to_string()),
            (Paint::Strong, user),
            (Paint::Plain, session.role.to_string()),
            (Paint::Plain, relative(session.since, as_of)),
            (Paint::Plain, span(as_of.since(session.last_active))),
            (Paint::Plain, relative(session.expires_at, as_of)),
            (Paint::Plain, session.rounds.to_string()),
            (Paint::Plain, session.queue.to_string()),
        ]);
    }
    table
}

/// One session for programs.
pub(super) fn session_json(session: &VipSession) -> Value {
    json!({
        "seat": session.seat,
        "user": session.user,
        "name": session.name,
        "role": session.role,
        "since": rfc3339(session.since),
        "last_active": rfc3339(session.last_active),
        "expires_at": rfc3339(session.expires_at),
        "rounds": session.rounds,
        "queue": session.queue,
    })
}
