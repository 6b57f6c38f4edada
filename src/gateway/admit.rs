//! Admission: the first transaction of a request. Caps, seat, memory, classification, the first decision and its debit
//! are one commit.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::ask::{Ask, AskError, Asker, Stop};
use super::course::{Course, Next};
use super::decide::decide;
use super::hub::Shared;
use super::serve::Decided;
use super::standing::{Rights, rights, role_in, take_unit};
use super::vip::Registered;
use crate::domain::chat::{Notice, RequestRef, Round};
use crate::domain::policy::fairness::caps::RequestToken;
use crate::domain::policy::task::{Classified, Message, Previous, classify};
use crate::domain::router::attempts::Attempts;
use crate::domain::time::Timestamp;
use crate::store::{RequestRecord, StoreError, Tx};

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
    choice: Option<crate::domain::model::ModelSlot>,
    headed_since: Timestamp,
    cancel: CancellationToken,
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
            cancel: ask.cancel.clone(),
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
) -> Result<Result<Admitted, AskError>, StoreError> {
    let now = tx.now();
    if let Some(id) = application.update_id
        && tx.has_ended(id)?
    {
        return Ok(Err(AskError::Stopped(Stop::Forgotten)));
    }
    // The same update asks the same request again, under its first seed and name.
    let known = application.update_id.map(|id| tx.running_request(id)).transpose()?.flatten();
    let seed = known.as_ref().map_or(application.seed, |request| request.seed);
    let (role, conversation) = match application.asker {
        Asker::Chat { conversation } => match role_in(&shared.config, tx, conversation)? {
            Ok(role) => (role, Some(conversation)),
            Err(why) => return Ok(Err(why)),
        },
        Asker::Shell { role } => (role, None),
    };
    let token = RequestToken(application.update_id.map_or(seed, i64::cast_unsigned));
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
        base: role,
        role: effective,
        cools_off,
        rounds,
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
    let registered = shared.register(&application.asker, &application.cancel);
    Ok(Ok(Admitted { course, next, registered }))
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
