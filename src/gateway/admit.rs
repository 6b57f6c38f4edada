//! Admission: the first transaction of a request. Caps, seat, memory, classification, the first decision and its debit
//! are one commit.

use std::sync::Arc;

use super::ask::{Ask, Asker};
use super::course::{Course, Next};
use super::decide::decide;
use super::hub::Shared;
use super::serve::Decided;
use crate::domain::chat::{ConversationId, Notice, RequestRef, Round, UserId};
use crate::domain::policy::fairness::caps::{CapReached, RequestToken, UserUsage};
use crate::domain::policy::roles;
use crate::domain::policy::task::{Classified, Message, Previous, classify};
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::session::seats::{Entry, Seats};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, RequestRecord, StoreError, Tx};

/// A request that was let in.
pub(super) struct Admitted {
    pub(super) course: Course,
    pub(super) rounds: Vec<Round>,
    pub(super) next: Decided,
}

/// What admission needs of an [`Ask`], to be moved into the transaction.
pub(super) struct Application {
    update_id: Option<i64>,
    asker: Asker,
    text: String,
    choice: Option<crate::domain::model::ModelSlot>,
    headed_since: Timestamp,
    seed: u64,
}

impl Application {
    pub(super) fn of(ask: &Ask) -> Application {
        Application {
            update_id: ask.update_id,
            asker: ask.asker,
            text: ask.text.clone(),
            choice: ask.model,
            headed_since: ask.headed_since,
            // Drawn once per request and stored with it, so that `svs route` can explain the very decision.
            seed: fastrand::u64(..),
        }
    }
}

/// Lets a request in and decides what to do with it first, or says why not.
pub(super) fn admit(
    shared: &Arc<Shared>,
    tx: &mut Tx<'_>,
    application: &Application,
) -> Result<Result<Admitted, Notice>, StoreError> {
    let now = tx.now();
    // The same update asks the same request again, under its first seed and name.
    let known = application.update_id.map(|id| tx.running_request(id)).transpose()?.flatten();
    let seed = known.as_ref().map_or(application.seed, |request| request.seed);
    let (role, conversation) = match application.asker {
        Asker::Chat { conversation, role } => (role, Some(conversation)),
        Asker::Shell { role } => (role, None),
    };
    let token = RequestToken(application.update_id.map_or(seed, i64::cast_unsigned));
    if let Some(Err(reached)) =
        conversation.map(|at| take_unit(shared, tx, at.user, role, token)).transpose()?
    {
        return Ok(Err(Notice::from(reached)));
    }
    let mut notices = Vec::new();
    let effective = match conversation {
        Some(at) if role == Role::Vip => seat(shared, tx, at.user, &mut notices)?,
        _ => role,
    };
    let rounds = match conversation {
        Some(at) => remembered(shared, tx, at, effective)?,
        None => Vec::new(),
    };
    let classified = classified(&application.text, rounds.last());
    let reference = match known {
        Some(request) => request.reference,
        None => draw_reference(tx, seed)?,
    };
    let mut course = Course {
        reference,
        update_id: application.update_id,
        conversation,
        unit: conversation.map(|at| (at.user, token)),
        role: effective,
        seatless_vip: role == Role::Vip && effective != Role::Vip,
        task: classified.task,
        choice: application.choice,
        seed,
        latest: application.headed_since + shared.config.rules.router.max_wait,
        wished: classified.task.model(),
        attempts: Attempts::default(),
        sends: 0,
        notices,
    };
    let today = shared.calendar.moment(now);
    shared.pool().arrivals.record(today.today, today.share_gone);
    let (next, plan) = decide(shared, tx, &mut course)?;
    tx.put_request(&RequestRecord {
        reference: course.reference.clone(),
        update_id: course.update_id,
        user: conversation.map(|at| at.user),
        role: effective,
        task: classified.task.name().to_owned(),
        seed,
        plan: serde_json::to_string(&plan).unwrap_or_default(),
        asked_at: now,
        end: None,
    })?;
    if matches!(next, Next::Send(_)) {
        shared.count_request();
    }
    let next = Decided::guard(shared, next);
    Ok(Ok(Admitted { course, rounds, next }))
}

fn take_unit(
    shared: &Shared,
    tx: &mut Tx<'_>,
    user: UserId,
    role: Role,
    token: RequestToken,
) -> Result<Result<(), CapReached>, StoreError> {
    // The caps are the role's own, whatever seat it has.
    let rules = roles::caps(&shared.config.rules.roles, role);
    let cell = CellKey::User(user);
    let (taken, _) =
        tx.update_cell::<UserUsage, _>(&cell, |usage, now| usage.admit(rules, &shared.calendar, now, token))?;
    Ok(taken)
}

/// Seats a vip, or says that they are served as premium meanwhile.
fn seat(
    shared: &Shared,
    tx: &mut Tx<'_>,
    user: UserId,
    notices: &mut Vec<Notice>,
) -> Result<Role, StoreError> {
    let rules = &shared.config.rules;
    let (entry, seats) =
        tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.enter(user, &rules.seats, now))?;
    shared.seats_changed(&seats);
    let served = roles::effective(Role::Vip, matches!(entry, Entry::Seated { .. }));
    match entry {
        Entry::Seated { newly: true, taken, until, .. } => notices.push(Notice::VipEntered {
            taken,
            seats: rules.seats.seats,
            rounds: rules.roles[Role::Vip].rounds,
            idle: rules.seats.idle,
            until,
        }),
        Entry::Full { next_free, .. } if shared.says_full_now(user, tx.now()) => {
            notices.push(Notice::VipFull { role: served, seats: rules.seats.seats, next_free });
        }
        Entry::Seated { .. } | Entry::Full { .. } | Entry::CoolingOff { .. } => {}
    }
    Ok(served)
}

fn remembered(
    shared: &Shared,
    tx: &Tx<'_>,
    at: ConversationId,
    role: Role,
) -> Result<Vec<Round>, StoreError> {
    // One round even where none is sent: a follow-up is known by what it follows.
    tx.rounds(at, shared.config.rules.roles[role].rounds.max(1))
}

fn classified(text: &str, previous: Option<&Round>) -> Classified {
    let previous = previous.map(|round| {
        let before = classify(&Message { text: &round.question, previous: None, quoted: None });
        Previous { task: before.task, kind: before.kind }
    });
    classify(&Message { text, previous, quoted: None })
}

/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A short name that no kept request has: four signs, more when those are taken.
fn draw_reference(tx: &Tx<'_>, seed: u64) -> Result<RequestRef, StoreError> {
    let mut rng = fastrand::Rng::with_seed(seed);
    for length in [4, 4, 4, 5, 6, 8] {
        let sign = |_| char::from(ALPHABET[rng.usize(0..ALPHABET.len())]);
        let reference = RequestRef((0..length).map(sign).collect());
        if tx.reference_is_free(&reference)? {
            return Ok(reference);
        }
    }
    Ok(RequestRef(format!("{seed:016X}")))
}
