//! Admission: the first transaction of a request. Caps, seat, memory, classification, the first decision and its debit
//! are one commit.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::ask::{Ask, AskError, Asker, Stop};
use super::course::{Course, Next};
use super::decide::decide;
use super::hub::Shared;
use super::name::name_request;
use super::serve::Decided;
use super::standing::{Rights, rights, role_in, take_unit};
use super::vip::Registered;
use crate::domain::chat::{Notice, Round};
use crate::domain::policy::fairness::caps::{RequestToken, UserUsage};
use crate::domain::policy::task::{Classified, Message, Previous, classify};
use crate::domain::reference::{RequestId, RequestName};
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::router::record;
use crate::domain::time::Timestamp;
use crate::store::{CellKey, RequestRecord, StoreError, Tx};

/// A request that was let in.
pub(super) struct Admitted {
    pub(super) course: Course,
    pub(super) next: Decided,
    /// On the list of those that run since this very transaction: a kick or a ban comes before it or finds it there.
    pub(super) registered: Registered,
}

/// What admission needs of an [`Ask`], to be moved into the transaction.
pub(super) struct Application {
    update_id: Option<i64>,
    asker: Asker,
    text: String,
    quoted: Option<String>,
    files: u32,
    choice: Option<crate::domain::model::ModelSlot>,
    headed_since: Timestamp,
    cancel: CancellationToken,
    seed: u64,
    /// It has a place in the line.
    has_place: bool,
}

impl Application {
    pub(super) fn of(ask: &Ask) -> Application {
        Application {
            update_id: ask.update_id,
            asker: ask.asker,
            text: ask.text.clone(),
            quoted: ask.quote.as_ref().map(|quote| quote.text.clone()),
            files: u32::try_from(ask.attachments.len()).unwrap_or(u32::MAX),
            choice: ask.model,
            headed_since: ask.headed_since,
            cancel: ask.cancel.clone(),
            // Drawn once per request and stored with it, so that `svs route` can explain the very decision.
            seed: fastrand::u64(..),
            has_place: ask.place.is_some(),
        }
    }
}

/// Lets a request in and decides what to do with it first, or says why not.
pub(super) fn admit(
    shared: &Arc<Shared>,
    tx: &mut Tx<'_>,
    application: &Application,
) -> Result<Result<Admitted, AskError>, StoreError> {
    let now = tx.now();
    if let Some(id) = application.update_id
        && tx.has_ended(id)?
    {
        return Ok(Err(AskError::Stopped(Stop::Forgotten)));
    }
    let id = application.update_id.map_or_else(|| tx.next_shell_request(), |id| Ok(RequestId(id)))?;
    // The same update asks the same request again, under its first seed.
    let known = tx.request(&RequestName::Id(id))?;
    let seed = known.as_ref().map_or(application.seed, |request| request.seed);
    let asked_at = known.as_ref().map_or(now, |request| request.asked_at);
    let (role, conversation) = match application.asker {
        Asker::Chat { conversation } => match role_in(&shared.config(), tx, conversation)? {
            Ok(role) => (role, Some(conversation)),
            Err(why) => return Ok(Err(why)),
        },
        Asker::Shell { role } => (role, None),
    };
    let token = application.update_id.map_or(RequestToken(seed), RequestToken::of_update);
    if let (Some(at), Some(known)) = (conversation, &known)
        && known.base() != role
    {
        // The unit of the role it had when it was let in before.
        tx.update_cell::<UserUsage, _>(&CellKey::User(at.user), |usage, _| usage.give_back(token))?;
    }
    if let Some(Err(reached)) =
        conversation.map(|at| take_unit(shared, tx, at.user, role, token)).transpose()?
    {
        return Ok(Err(AskError::Refused(Notice::from(reached))));
    }
    let mut notices = Vec::new();
    let Rights { effective, cools_off, rounds } = match conversation {
        Some(at) => rights(shared, tx, at, role, application.update_id, &mut notices)?,
        None => Rights { effective: role, cools_off: false, rounds: Vec::new() },
    };
    let classified = classified(application, rounds.last());
    let mut course = Course {
        id,
        reference: known.and_then(|request| request.reference),
        update_id: application.update_id,
        conversation,
        unit: conversation.map(|at| (at.user, token)),
        base: role,
        role: effective,
        cools_off,
        rounds,
        task: classified.task,
        choice: application.choice,
        seed,
        latest: application.headed_since + shared.config().rules.router.max_wait,
        wished: classified.task.model(),
        attempts: Attempts::default(),
        sends: 0,
        notices,
    };
    let registered = shared.register(&application.asker, &application.cancel);
    if application.has_place {
        // It was decided before, and is again when it is called.
        return Ok(Ok(Admitted { course, next: Decided::Wait(now), registered }));
    }
    let today = shared.calendar.moment(now);
    shared.pool().arrivals.record(today.today, today.share_gone);
    let (next, plan) = decide(shared, tx, &mut course)?;
    tx.put_request(&RequestRecord {
        id,
        reference: None,
        user: conversation.map(|at| at.user),
        role: effective,
        seatless_vip: role == Role::Vip && effective != Role::Vip,
        task: Some(classified.task),
        reasons: classified.reasons,
        choice: course.choice,
        seed,
        plan: record::write(&plan, asked_at),
        asked_at,
        end: None,
    })?;
    if conversation.is_none() {
        course.reference = Some(name_request(tx, id)?);
    }
    if matches!(next, Next::Send(_)) {
        shared.count_request();
    }
    let next = Decided::guard(shared, next);
    Ok(Ok(Admitted { course, next, registered }))
}

fn classified(application: &Application, previous: Option<&Round>) -> Classified {
    let previous = previous.map(|round| {
        let before = classify(&Message::new(&round.question));
        Previous { task: before.task, kind: before.kind }
    });
    let Application { text, quoted, files, .. } = application;
    classify(&Message { text, previous, quoted: quoted.as_deref(), files: *files })
}

#[cfg(test)]
mod tests;
