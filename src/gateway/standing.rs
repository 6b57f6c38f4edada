//! As whom somebody asks, looked up in the transaction that decides: a role that was changed, a ban and a grant that
//! ran out are in force for the very next decision.

use std::sync::Arc;

use super::ask::{AskError, Stop};
use super::course::Course;
use super::hub::Shared;
use crate::config::Config;
use crate::domain::chat::{ConversationId, Notice, Round, UserId};
use crate::domain::policy::fairness::caps::{CapReached, RequestToken, UserUsage};
use crate::domain::policy::roles::{self, Acquaintance, Admission, RoleGrant};
use crate::domain::role::Role;
use crate::domain::session::seats::{Entry, Seats};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, StoreError, Tx, User};

/// What somebody was granted, run out or not.
pub(super) fn grant_of(user: &User) -> Option<RoleGrant> {
    user.granted.map(|role| RoleGrant { role, until: user.granted_until })
}

/// Whether and as whom the bot serves somebody who is stored as `stored`.
pub(super) fn serves(
    config: &Config,
    is_owner: bool,
    stored: Option<&User>,
    in_private: bool,
    now: Timestamp,
) -> Admission {
    let known = Acquaintance {
        is_owner,
        grant: stored.and_then(grant_of),
        has_started: stored.is_some_and(|user| user.started),
    };
    roles::admission(&known, config.telegram.closed, config.telegram.on_start, in_private, now)
}

/// Whether this is an owner: by configuration, or else by the claim of a bot without any.
pub(super) fn is_owner(config: &Config, tx: &Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    let configured = &config.telegram.owner_ids;
    if configured.is_empty() {
        return Ok(tx.claimed_owner()? == Some(user));
    }
    Ok(configured.contains(&user))
}

/// The role somebody has in a conversation, or why they are not served.
pub(super) fn role_in(
    config: &Config,
    tx: &Tx<'_>,
    at: ConversationId,
) -> Result<Result<Role, AskError>, StoreError> {
    let stored = tx.user(at.user)?;
    if stored.as_ref().is_some_and(|user| user.banned) {
        return Ok(Err(AskError::Stopped(Stop::Banned)));
    }
    let is_owner = is_owner(config, tx, at.user)?;
    Ok(match serves(config, is_owner, stored.as_ref(), at.is_private(), tx.now()) {
        Admission::Served(role) => Ok(role),
        Admission::NotOpen => Err(AskError::Refused(Notice::NotOpen { user: at.user })),
    })
}

/// What a role brings for one request.
pub(super) struct Rights {
    /// The role that routes and remembers.
    pub(super) effective: Role,
    /// The person was kicked and may not take a seat again yet.
    pub(super) cools_off: bool,
    /// What is remembered.
    pub(super) rounds: Vec<Round>,
}

/// Takes a seat if the role needs one, and reads what it remembers.
pub(super) fn rights(
    shared: &Shared,
    tx: &mut Tx<'_>,
    at: ConversationId,
    role: Role,
    update_id: Option<i64>,
    notices: &mut Vec<Notice>,
) -> Result<Rights, StoreError> {
    let (effective, cools_off) =
        if roles::needs_seat(role) { seat(shared, tx, at.user, role, notices)? } else { (role, false) };
    let rounds = remembered_rounds(shared, tx, at, effective, update_id)?;
    Ok(Rights { effective, cools_off, rounds })
}

/// What a role remembers of a conversation.
pub(super) fn remembered_rounds(
    shared: &Shared,
    tx: &Tx<'_>,
    at: ConversationId,
    role: Role,
    update_id: Option<i64>,
) -> Result<Vec<Round>, StoreError> {
    // Who writes in the name of a chat may be another person each time.
    if !at.user.is_person() {
        return Ok(Vec::new());
    }
    // One round even where none is sent: a follow-up is known by what it follows.
    tx.rounds_for(at, shared.config().rules.roles[role].rounds.max(1), update_id)
}

/// Takes a unit of the caps, which are the role's own, whatever seat it has.
pub(super) fn take_unit(
    shared: &Shared,
    tx: &mut Tx<'_>,
    user: UserId,
    role: Role,
    token: RequestToken,
) -> Result<Result<(), CapReached>, StoreError> {
    let config = shared.config();
    let rules = roles::caps(&config.rules.roles, role);
    let cell = CellKey::User(user);
    let (taken, _) =
        tx.update_cell::<UserUsage, _>(&cell, |usage, now| usage.admit(rules, &shared.calendar, now, token))?;
    Ok(taken)
}

/// Seats a vip, or says that they are served as premium meanwhile. With the role: whether they were kicked.
fn seat(
    shared: &Shared,
    tx: &mut Tx<'_>,
    user: UserId,
    role: Role,
    notices: &mut Vec<Notice>,
) -> Result<(Role, bool), StoreError> {
    let config = shared.config();
    let rules = &config.rules;
    let (entry, seats) =
        tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.enter(user, &rules.seats, now))?;
    shared.seats_changed(&seats);
    let served = roles::effective(role, matches!(entry, Entry::Seated { .. }));
    match entry {
        Entry::Seated { newly: true, taken, until, .. } => notices.push(Notice::VipEntered {
            taken,
            seats: rules.seats.seats,
            rounds: rules.roles[role].rounds,
            idle: rules.seats.idle,
            until,
        }),
        Entry::Full { next_free, .. } if shared.says_full_now(user, tx.now()) => {
            notices.push(Notice::VipFull { role: served, seats: rules.seats.seats, next_free });
        }
        Entry::Seated { .. } | Entry::Full { .. } | Entry::CoolingOff { .. } => {}
    }
    Ok((served, matches!(entry, Entry::CoolingOff { .. })))
}

/// Puts a request that has sent nothing yet, or is about to send again, under the role its person has now: unit, seat
/// and memory are those of that role. Says why it is not served any more, if so.
pub(super) fn reassess(
    shared: &Arc<Shared>,
    tx: &mut Tx<'_>,
    course: &mut Course,
) -> Result<Result<(), AskError>, StoreError> {
    let (Some(at), Some((user, token))) = (course.conversation, course.unit) else { return Ok(Ok(())) };
    if let Some(update_id) = course.update_id
        && tx.has_ended(update_id)?
    {
        return Ok(Err(AskError::Stopped(Stop::Forgotten)));
    }
    let role = match role_in(&shared.config(), tx, at)? {
        Ok(role) if role == course.base => {
            renounce(tx, course)?;
            return Ok(Ok(()));
        }
        Ok(role) => role,
        Err(why) => return Ok(Err(why)),
    };
    course.unseat();
    tx.update_cell::<UserUsage, _>(&CellKey::User(user), |usage, _| usage.give_back(token))?;
    if let Err(reached) = take_unit(shared, tx, user, role, token)? {
        return Ok(Err(AskError::Refused(Notice::from(reached))));
    }
    let Rights { effective, cools_off, rounds } =
        rights(shared, tx, at, role, course.update_id, &mut course.notices)?;
    (course.base, course.role, course.cools_off, course.rounds) = (role, effective, cools_off, rounds);
    Ok(Ok(()))
}

/// Takes back what a vip has lost since the request was let in: without the seat it goes on as premium, and after a
/// kick without what a vip without a seat may borrow. This is part of the transaction that debits, so that nothing is
/// sent with the rights of a seat that is gone.
fn renounce(tx: &Tx<'_>, course: &mut Course) -> Result<(), StoreError> {
    let Some(at) = course.conversation.filter(|_| roles::needs_seat(course.base)) else { return Ok(()) };
    let (seats, now): (Seats, _) = (tx.read_cell(&CellKey::Seats)?, tx.now());
    if course.role == course.base && !seats.is_seated(at.user, now) {
        course.role = roles::effective(course.base, false);
        course.unseat();
    }
    course.cools_off = seats.cooling_off(at.user, now).is_some();
    Ok(())
}
