//! The VIP room as operators see and change it: who has which place, kicks, grants, extensions.
//!
//! **Invariant:** a change of the room, the role that goes with it and the word to the person are one commit.

use std::sync::Arc;
use std::time::Duration;

use super::ask::Stop;
use super::hub::{Gateway, Shared};
use super::standing::{grant_of, is_owner};
use super::vip::tell;
use crate::domain::chat::{ChatId, ConversationId, Notice, UserId};
use crate::domain::policy::roles;
use crate::domain::role::Role;
use crate::domain::rules::Rules;
use crate::domain::session::seats::{Granted, Seats, Tenure};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, Store, StoreError, Tx};
use crate::telemetry::person;

/// One VIP session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Session {
    /// The seat, from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// Since when.
    pub(crate) since: Timestamp,
    /// The latest message.
    pub(crate) last_active: Timestamp,
    /// When it ends if nothing happens.
    pub(crate) expires_at: Timestamp,
    /// When it ends however active; none: it does not.
    pub(crate) ends_at: Option<Timestamp>,
    /// Rounds remembered in the private chat, as far as a vip has them.
    pub(crate) rounds: u32,
    /// Requests that run or wait for a key.
    pub(crate) requests: u32,
}

/// A seat that is kept for somebody out of the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hold {
    /// The seat, from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// When it goes to the next in line.
    pub(crate) until: Timestamp,
}

/// Somebody in the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Waiting {
    /// The place in the line, from 1.
    pub(crate) position: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// The earliest a seat can be theirs, where that is known.
    pub(crate) next_free: Option<Timestamp>,
}

/// Everybody in the VIP room and before its door.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Room {
    /// Who sits, by seat.
    pub(crate) sessions: Vec<Session>,
    /// For whom a seat is held, by seat.
    pub(crate) holds: Vec<Hold>,
    /// Who waits, first comes first.
    pub(crate) line: Vec<Waiting>,
}

impl Room {
    /// Whether nobody is in it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.holds.is_empty() && self.line.is_empty()
    }

    /// Whose seat that is, sitting or held.
    pub(crate) fn user_at(&self, seat: u32) -> Option<UserId> {
        let sitting = self.sessions.iter().find(|session| session.seat == seat).map(|session| session.user);
        sitting.or_else(|| self.holds.iter().find(|hold| hold.seat == seat).map(|hold| hold.user))
    }
}

/// Whom a kick ends, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct KickOrder {
    /// These users, wherever they sit or wait; none: everybody who has a seat or a hold.
    pub(crate) users: Option<Vec<UserId>>,
    /// What the user is told.
    pub(crate) reason: Option<String>,
    /// How long no seat can be taken again; none: as configured.
    pub(crate) cool_off: Option<Duration>,
    /// Do not tell the user.
    pub(crate) silent: bool,
    /// Only say who would be kicked.
    pub(crate) dry_run: bool,
}

/// Who is given a seat, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GrantOrder {
    /// Who.
    pub(crate) user: UserId,
    /// How long they are vip and sit; none: vip without end, and the seat as configured.
    pub(crate) length: Option<Duration>,
    /// If every seat is taken, the longest session ends for it.
    pub(crate) evict_oldest: bool,
}

/// What came of a grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SeatGrant {
    /// They sit.
    Seated {
        /// The session.
        session: Session,
        /// When the role runs out; none: it does not.
        role_until: Option<Timestamp>,
        /// Who had to go.
        evicted: Option<UserId>,
    },
    /// Every seat is taken, and nobody was to go; nothing was changed.
    Full {
        /// The earliest one can be free.
        next_free: Option<Timestamp>,
    },
    /// The owner needs no seat.
    IsOwner,
    /// The person is shut out.
    IsBanned,
}

impl Gateway {
    /// The VIP room now.
    pub(crate) async fn vip_room(&self) -> Result<Room, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.read(move |tx| room(&shared, tx)).await
    }

    /// Ends sessions, holds and places in the line. When it returns, no further request is granted the rights of the
    /// seat, and what runs on it is being cut.
    pub(crate) async fn kick(&self, order: KickOrder) -> Result<Room, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.commit(move |tx| kick(&shared, tx, &order)).await
    }

    /// Makes somebody vip and seats them, past the line and any cool-off.
    pub(crate) async fn grant_seat(&self, order: GrantOrder) -> Result<SeatGrant, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.commit(move |tx| grant(&shared, tx, &order)).await
    }

    /// Moves the end of a session, and that of the role if it would come before; both count as activity. A session
    /// without an end stays so. None: they have no session.
    pub(crate) async fn extend_seat(
        &self,
        user: UserId,
        by: Option<Duration>,
    ) -> Result<Option<Session>, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.commit(move |tx| extend(&shared, tx, user, by)).await
    }
}

/// The VIP room as it was stored, for who looks at it without a daemon: nothing runs.
pub(crate) async fn stored_room(store: &Store, rules: &Rules) -> Result<Room, StoreError> {
    let rules = rules.clone();
    store.read(move |tx| list(tx, &rules, |_| 0)).await
}

fn room(shared: &Shared, tx: &Tx<'_>) -> Result<Room, StoreError> {
    list(tx, &shared.config().rules, |user| shared.requests_of(user))
}

fn list(tx: &Tx<'_>, rules: &Rules, requests_of: impl Fn(UserId) -> u32) -> Result<Room, StoreError> {
    let stored: Seats = tx.read_cell(&CellKey::Seats)?;
    let seats = stored.settled(&rules.seats, tx.now());
    let rounds = rules.roles[Role::Vip].rounds;
    let mut room = Room::default();
    for view in seats.list(tx.now()) {
        let (seat, user) = (view.number, view.user);
        let name = name_of(tx, user)?;
        match view.tenure {
            Tenure::Held { until } => room.holds.push(Hold { seat, user, name, until }),
            Tenure::Sitting { since, last_active, idle_until, ends_at } => {
                let private = ConversationId { chat: ChatId(user.0), topic: None, user };
                room.sessions.push(Session {
                    seat,
                    user,
                    name,
                    since,
                    last_active,
                    expires_at: ends_at.map_or(idle_until, |end| end.min(idle_until)),
                    ends_at,
                    rounds: u32::try_from(tx.rounds(private, rounds)?.len()).unwrap_or(u32::MAX),
                    requests: requests_of(user),
                });
            }
        }
    }
    for (position, user) in (1..).zip(seats.waiting().iter().copied()) {
        let next_free = seats.free_for(position, &rules.seats);
        room.line.push(Waiting { position, user, name: name_of(tx, user)?, next_free });
    }
    Ok(room)
}

fn name_of(tx: &Tx<'_>, user: UserId) -> Result<Option<String>, StoreError> {
    Ok(tx.user(user)?.and_then(|user| user.username))
}

/// What somebody is told who is put out of the room, or out of the line before it.
pub(crate) fn kicked(was_seated: bool, reason: Option<String>) -> Notice {
    if was_seated {
        Notice::VipKicked { role: roles::effective(Role::Vip, false), reason }
    } else {
        Notice::VipUnqueued { reason }
    }
}

fn kick(shared: &Arc<Shared>, tx: &mut Tx<'_>, order: &KickOrder) -> Result<Room, StoreError> {
    let config = shared.config();
    let rules = &config.rules.seats;
    let cool_off = order.cool_off.unwrap_or(rules.cool_off);
    let mut meant = room(shared, tx)?;
    match &order.users {
        Some(users) => {
            meant.sessions.retain(|session| users.contains(&session.user));
            meant.holds.retain(|hold| users.contains(&hold.user));
            meant.line.retain(|waiting| users.contains(&waiting.user));
        }
        None => meant.line.clear(),
    }
    if order.dry_run {
        return Ok(meant);
    }
    let sitting = meant.sessions.iter().map(|session| (session.user, true));
    let outside = meant.holds.iter().map(|hold| hold.user);
    let outside = outside.chain(meant.line.iter().map(|waiting| waiting.user)).map(|user| (user, false));
    for (user, was_seated) in sitting.chain(outside) {
        let (_, seats) =
            tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.kick(user, cool_off, rules, now))?;
        shared.seats_changed(&seats);
        if !order.silent {
            tell(tx, user, kicked(was_seated, order.reason.clone()))?;
        }
        if was_seated {
            shared.cut(user, Stop::Kicked);
        }
        tracing::info!(user = person(user), was_seated, "somebody was put out of the VIP room");
    }
    Ok(meant)
}

fn grant(shared: &Arc<Shared>, tx: &mut Tx<'_>, order: &GrantOrder) -> Result<SeatGrant, StoreError> {
    let (rules, user) = (&shared.config().rules, order.user);
    let stored = tx.user(user)?;
    if is_owner(&shared.config(), tx, user)? {
        return Ok(SeatGrant::IsOwner);
    }
    if stored.as_ref().is_some_and(|stored| stored.banned) {
        return Ok(SeatGrant::IsBanned);
    }
    let (granted, seats) = tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| {
        seats.grant(user, order.length, order.evict_oldest, &rules.seats, now)
    })?;
    shared.seats_changed(&seats);
    let (taken, until, evicted) = match granted {
        Granted::Full { next_free } => return Ok(SeatGrant::Full { next_free }),
        Granted::Seated { taken, until, evicted, .. } => (taken, until, evicted),
    };
    // Who is vip already keeps what they have, if it lasts longer.
    let now = tx.now();
    let has = stored.as_ref().and_then(grant_of).filter(|grant| grant.role_at(now) == Some(Role::Vip));
    let role_until = match (has, order.length) {
        (Some(has), None) => has.until,
        (Some(has), Some(length)) => has.until.map(|until| until.max(now + length)),
        (None, length) => length.map(|length| now + length),
    };
    tx.set_role(user, Some(Role::Vip), role_until)?;
    shared.grants_changed.notify_one();
    shared.role_changed(user);
    tell(
        tx,
        user,
        Notice::VipEntered {
            taken,
            seats: rules.seats.seats,
            rounds: rules.roles[Role::Vip].rounds,
            idle: rules.seats.idle,
            until,
        },
    )?;
    Ok(match session_of(shared, tx, user)? {
        Some(session) => SeatGrant::Seated { session, role_until, evicted },
        None => SeatGrant::Full { next_free: None },
    })
}

fn extend(
    shared: &Shared,
    tx: &mut Tx<'_>,
    user: UserId,
    by: Option<Duration>,
) -> Result<Option<Session>, StoreError> {
    let config = shared.config();
    let rules = &config.rules.seats;
    let (end, seats) =
        tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.extend(user, by, rules, now))?;
    shared.seats_changed(&seats);
    if let Some(Some(end)) = end {
        if let Some(stored) = tx.user(user)?
            && stored.granted_until.is_some_and(|until| until < end)
        {
            tx.set_role(user, stored.granted, Some(end))?;
            shared.grants_changed.notify_one();
        }
        tell(tx, user, Notice::VipRenewed { until: end })?;
    }
    session_of(shared, tx, user)
}

fn session_of(shared: &Shared, tx: &Tx<'_>, user: UserId) -> Result<Option<Session>, StoreError> {
    Ok(room(shared, tx)?.sessions.into_iter().find(|session| session.user == user))
}
