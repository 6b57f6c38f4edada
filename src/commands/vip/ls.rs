//! `svs vip ls`: who sits in the VIP room.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{VipHold, VipList, VipSession, VipWaiting, path};
use crate::admin::routes::wire_room;
use crate::commands::{Ctx, stored};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::{Room as GatewayRoom, stored_room};
use crate::store::{Access, Store, StoreError};
use crate::ui::text::{lines, relative, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

/// Who sits in the VIP room
///
/// Where no daemon runs, the stored state says who would. Without a terminal each seat is one line of fields apart by
/// tabs.
#[derive(clap::Args, Debug)]
#[command(
    visible_alias = "list",
    after_help = "Examples:
  svs vip ls
  svs vip ls --all         # held seats and the line as well
  svs vip ls -q            # the user ids only
  svs vip ls -o json"
)]
pub(crate) struct LsArgs {
    /// Held seats and the line as well
    #[arg(short, long)]
    all: bool,
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
            None => Ok((of_state(ctx).await?, false)),
        }
    };
    let (mut list, live) = ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await?;
    match args.sort {
        Order::Seat => list.sessions.sort_by_key(|session| session.seat),
        Order::Expiry => list.sessions.sort_by_key(|session| session.expires_at),
        Order::Idle => list.sessions.sort_by_key(|session| session.last_active),
    }
    Ok(Room { list, live, sort: args.sort, all: args.all })
}

/// The room as it was left. A state that was never made has nobody in it.
async fn of_state(ctx: &Ctx) -> Result<VipList, CommandError> {
    let loaded = ctx.load()?;
    let rules = &loaded.config.rules;
    let seats = rules.seats.seats;
    let store = match Store::open_as(&loaded.config.state_dir, ctx.clock.clone(), Access::ReadOnly) {
        Err(StoreError::Missing(_)) => {
            return Ok(wire_room(GatewayRoom::default(), seats, ctx.clock.now()));
        }
        opened => opened?,
    };
    let room = stored_room(&store, rules).await?;
    store.close().await;
    Ok(wire_room(room, seats, ctx.clock.now()))
}

struct Room {
    list: VipList,
    /// A daemon said so.
    live: bool,
    sort: Order,
    all: bool,
}

/// One line of the table.
enum Place<'a> {
    Sitting(&'a VipSession),
    Held(&'a VipHold),
    Waiting(&'a VipWaiting),
}

impl Room {
    /// What is shown, in its order: seats, then the line.
    fn places(&self) -> Vec<Place<'_>> {
        let mut places: Vec<Place<'_>> = self.list.sessions.iter().map(Place::Sitting).collect();
        if self.all {
            places.extend(self.list.holds.iter().map(Place::Held));
            if self.sort == Order::Seat {
                places.sort_by_key(|place| match place {
                    Place::Sitting(session) => session.seat,
                    Place::Held(hold) => hold.seat,
                    Place::Waiting(_) => u32::MAX,
                });
            }
            places.extend(self.list.line.iter().map(Place::Waiting));
        }
        places
    }
}

impl Report for Room {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Table(table(&self.places(), self.list.as_of))
    }

    fn csv(&self) -> Option<Table> {
        Some(whole(&self.places()))
    }

    fn json(&self) -> Value {
        json!({
            "as_of": rfc3339(self.list.as_of),
            "live": self.live,
            "seats": self.list.seats,
            "sessions": self.list.sessions.iter().map(session_json).collect::<Vec<_>>(),
            "holds": self.list.holds.iter().map(hold_json).collect::<Vec<_>>(),
            "line": self.list.line.iter().map(waiting_json).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        lines(self.places().into_iter().map(|place| match place {
            Place::Sitting(session) => session.user,
            Place::Held(hold) => hold.user,
            Place::Waiting(waiting) => waiting.user,
        }))
    }

    fn is_bare_without_terminal(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<String> {
        let taken = format!("{} of {} seats taken", self.list.sessions.len(), self.list.seats);
        let stored = (!self.live).then(|| stored::NOTE.to_owned());
        [taken].into_iter().chain(stored).collect()
    }
}

fn table(places: &[Place<'_>], as_of: Timestamp) -> Table {
    let mut table =
        Table::new("sessions", &["SEAT", "USER", "ROLE", "SINCE", "IDLE", "EXPIRES", "ROUNDS", "QUEUE"]);
    let none = || "-".to_owned();
    for place in places {
        let (seat, user, name, since, idle, expires, rounds, queue) = match place {
            Place::Sitting(session) => (
                session.seat.to_string(),
                session.user,
                &session.name,
                relative(session.since, as_of),
                span(as_of.since(session.last_active)),
                relative(session.expires_at, as_of),
                session.rounds.to_string(),
                session.queue.to_string(),
            ),
            Place::Held(hold) => (
                hold.seat.to_string(),
                hold.user,
                &hold.name,
                "held".to_owned(),
                none(),
                relative(hold.until, as_of),
                none(),
                none(),
            ),
            Place::Waiting(waiting) => {
                let in_line = format!("in line {}", waiting.position);
                (none(), waiting.user, &waiting.name, in_line, none(), none(), none(), none())
            }
        };
        table.row([
            (Paint::Plain, seat),
            (Paint::Strong, super::kick::named(user, name.as_deref())),
            (Paint::Plain, Role::Vip.to_string()),
            (Paint::Plain, since),
            (Paint::Plain, idle),
            (Paint::Plain, expires),
            (Paint::Plain, rounds),
            (Paint::Plain, queue),
        ]);
    }
    table
}

/// The same with whole values.
fn whole(places: &[Place<'_>]) -> Table {
    let header =
        &["STATE", "SEAT", "POSITION", "USER", "NAME", "SINCE", "LAST_ACTIVE", "EXPIRES", "ROUNDS", "QUEUE"];
    let mut table = Table::new("sessions", header);
    let (none, at) = (String::new, |at: Timestamp| rfc3339(at).unwrap_or_default());
    for place in places {
        let (state, seat, position, user, name, [since, last_active, expires, rounds, queue]) = match place {
            Place::Sitting(session) => (
                "sitting",
                session.seat.to_string(),
                none(),
                session.user,
                &session.name,
                [
                    at(session.since),
                    at(session.last_active),
                    at(session.expires_at),
                    session.rounds.to_string(),
                    session.queue.to_string(),
                ],
            ),
            Place::Held(hold) => (
                "held",
                hold.seat.to_string(),
                none(),
                hold.user,
                &hold.name,
                [none(), none(), at(hold.until), none(), none()],
            ),
            Place::Waiting(waiting) => (
                "waiting",
                none(),
                waiting.position.to_string(),
                waiting.user,
                &waiting.name,
                [none(), none(), none(), none(), none()],
            ),
        };
        let name = name.clone().unwrap_or_default();
        table.plain_row([
            state.to_owned(),
            seat,
            position,
            user.to_string(),
            name,
            since,
            last_active,
            expires,
            rounds,
            queue,
        ]);
    }
    table
}

/// One held seat for programs.
pub(in crate::commands) fn hold_json(hold: &VipHold) -> Value {
    json!({ "seat": hold.seat, "user": hold.user, "name": hold.name, "until": rfc3339(hold.until) })
}

/// One place in the line for programs.
pub(in crate::commands) fn waiting_json(waiting: &VipWaiting) -> Value {
    json!({
        "position": waiting.position,
        "user": waiting.user,
        "name": waiting.name,
        "next_free": waiting.next_free.and_then(rfc3339),
    })
}

/// One session for programs.
pub(in crate::commands) fn session_json(session: &VipSession) -> Value {
    json!({
        "seat": session.seat,
        "user": session.user,
        "name": session.name,
        "role": session.role,
        "since": rfc3339(session.since),
        "last_active": rfc3339(session.last_active),
        "expires_at": rfc3339(session.expires_at),
        "ends_at": session.ends_at.and_then(rfc3339),
        "rounds": session.rounds,
        "queue": session.queue,
    })
}
