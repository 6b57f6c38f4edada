//! What to do next with a request, inside one transaction of the ledger: plan from the mirror, take the first step
//! that the ledger still grants, write the send down. The debit is durable when the transaction is.

use super::course::{Attempt, Course, Next};
use super::hub::Shared;
use crate::domain::model::ModelSlot;
use crate::domain::pool::health::{ModelHealth, PoolHealth};
use crate::domain::pool::key_pool::Lease;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::{Effect, LEASE_GRACE, ProjectState};
use crate::domain::pool::refusal::Refusal;
use crate::domain::router::degradation::degradation;
use crate::domain::router::plan::{Decision, Plan, Step, plan};
use crate::domain::router::told::Refused;
use crate::store::{CellKey, SendEnd, SendId, SendRecord, StoreError, Tx};
use crate::telemetry::EndedSend;

/// Decides. A plan that the ledger contradicts teaches the mirror, and another is made.
pub(super) fn decide(
    shared: &Shared,
    tx: &mut Tx<'_>,
    course: &mut Course,
) -> Result<(Next, Plan), StoreError> {
    loop {
        let now = tx.now();
        let made = plan(&shared.pool(), &course.request(), course.seed, now);
        course.wished = made.wished;
        match made.decide(now, course.latest) {
            Decision::Send(step) => match acquire(shared, tx, step)? {
                Ok(lease) => {
                    course.sends += 1;
                    let send = tx.insert_send(&SendRecord {
                        request: Some(course.id),
                        fingerprint: lease.fingerprint,
                        project: lease.project.clone(),
                        model: lease.model,
                        router: step.router.name(),
                    })?;
                    let home = shared.pool().roster.home(course.role);
                    let degradation = degradation(&made, &step, home);
                    return Ok((Next::Send(Attempt { lease, send, step, degradation }), made));
                }
                Err(refusal) => {
                    tracing::debug!(key = %step.key, ?refusal, "a planned step was refused; planning again");
                }
            },
            Decision::Wait(until) => return Ok((Next::Wait(until), made)),
            Decision::Refuse { until, outage } => {
                return Ok((Next::Refuse(Refused::of(&made, until, outage)), made));
            }
        }
    }
}

/// Debits a send of a step, or says why the ledger does not grant it.
pub(super) fn acquire(
    shared: &Shared,
    tx: &mut Tx<'_>,
    step: Step,
) -> Result<Result<Lease, Refusal>, StoreError> {
    let (spec, place, probes_model) = {
        let pool = shared.pool();
        // The plan was made from this pool, so the key is in it.
        let Some(key) = pool.roster.find(step.key) else { return Ok(Err(never())) };
        let probes_model = match pool.model_ready(step.model, tx.now()) {
            Ok(probe) => probe,
            Err(refusal) => return Ok(Err(refusal)),
        };
        (pool.roster.keys()[key].clone(), pool.roster.project_of(key), probes_model)
    };
    let deadline = tx.now() + shared.config().gemini.attempt[step.model] + LEASE_GRACE;
    let config = shared.config();
    let breakers = &config.rules.breakers;
    let cell = CellKey::Project(spec.project.clone());
    let (granted, state) = tx.update_cell::<ProjectState, _>(&cell, |state, now| {
        let moment = shared.calendar.moment(now);
        state.acquire(spec.fingerprint, &spec.limits, step.model, deadline, breakers, &moment)
    })?;
    shared.pool().projects[place] = state;
    let granted = match granted {
        Ok(granted) => granted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if probes_model {
        let cell = CellKey::Model(step.model);
        let ((), health) =
            tx.update_cell::<ModelHealth, _>(&cell, |health, _| health.breaker.begin_probe(deadline))?;
        shared.pool().models[step.model] = health;
    }
    Ok(Ok(Lease::new(&spec, step.model, granted, probes_model)))
}

const fn never() -> Refusal {
    Refusal::Disabled { until: crate::domain::time::Timestamp::NEVER }
}

/// Writes down how a send ended, and what the pool learns from it.
pub(super) fn settle(
    shared: &Shared,
    tx: &mut Tx<'_>,
    lease: &Lease,
    send: Option<SendId>,
    ended: &SendEnd<'_>,
) -> Result<(), StoreError> {
    let SendEnd { outcome, tokens, consumer, .. } = *ended;
    let config = shared.config();
    let breakers = &config.rules.breakers;
    if let Some(send) = send {
        tx.settle_send(send, ended)?;
    }
    shared.vitals.send_ended(EndedSend {
        group: lease.key.group(),
        model: lease.model,
        outcome: outcome.name(),
        is_answered: matches!(outcome, Outcome::Answered),
        took: ended.elapsed,
        tokens,
    });
    if let Some(consumer) = consumer {
        tx.learn_consumer(lease.fingerprint, consumer)?;
    }
    settle_health(shared, tx, lease, outcome)?;
    let Some((place, key, has_moved, limits, may_eject)) = ({
        let pool = shared.pool();
        // A reload may have moved the key, or given it to another project; the lease is settled where it was taken.
        pool.roster.find_by_fingerprint(lease.fingerprint).map(|key| {
            let spec = &pool.roster.keys()[key];
            let place = pool.roster.find_project(&lease.project);
            let has_moved = spec.project != lease.project;
            (place, spec.id, has_moved, spec.limits.clone(), pool.may_eject(key, tx.now()))
        })
    }) else {
        return Ok(());
    };
    let cell = CellKey::Project(lease.project.clone());
    let sent = lease.sent(outcome, tokens, may_eject, &limits);
    let (effect, state) = tx.update_cell::<ProjectState, _>(&cell, |state, now| {
        let effect = state.settle(&sent, breakers, &shared.calendar.moment(now));
        if has_moved {
            // Or it would seem to have never been away when it comes back.
            state.let_go(lease.fingerprint);
        }
        effect
    })?;
    if let Some(place) = place {
        shared.pool().projects[place] = state;
    }
    if shared.vitals.queue() > 0 {
        shared.queue.stir();
    }
    shared.tell_operators(tx, key, effect)
}

fn settle_health(
    shared: &Shared,
    tx: &mut Tx<'_>,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let config = shared.config();
    let breakers = &config.rules.breakers;
    if shared.pool().models[lease.model].concerns(outcome, lease.probes_model) {
        let cell = CellKey::Model(lease.model);
        let ((), health) = tx.update_cell::<ModelHealth, _>(&cell, |health, now| {
            health.settle(
                &lease.project,
                outcome,
                lease.probes_model,
                breakers,
                &shared.calendar.moment(now),
            );
        })?;
        note_model(lease.model, &shared.pool().models[lease.model], &health);
        shared.pool().models[lease.model] = health;
    }
    if PoolHealth::concerns(outcome) {
        let ((), health) = tx.update_cell::<PoolHealth, _>(&CellKey::Pool, |health, now| {
            health.settle(&lease.project, outcome, breakers, now);
        })?;
        if health.ready(tx.now()).is_err() {
            tracing::warn!(outcome = outcome.name(), "the whole pool pauses");
        }
        shared.pool().health = health;
    }
    Ok(())
}

fn note_model(model: ModelSlot, before: &ModelHealth, after: &ModelHealth) {
    match (before.breaker.is_open(), after.breaker.is_open()) {
        (false, true) => tracing::warn!(%model, "model is down; requests wait or go to a lower one"),
        (true, false) => tracing::info!(%model, "model is up again"),
        _ => {}
    }
}

/// One strike against each key that failed a request which then succeeded on another project.
pub(super) fn strike_suspects(shared: &Shared, tx: &mut Tx<'_>, course: &Course) -> Result<(), StoreError> {
    for fingerprint in &course.attempts.suspects {
        let Some((place, id, project, limits)) = ({
            let pool = shared.pool();
            let found = pool.roster.find_by_fingerprint(*fingerprint);
            found.filter(|key| pool.may_eject(*key, tx.now())).map(|key| {
                let spec = &pool.roster.keys()[key];
                (pool.roster.project_of(key), spec.id, spec.project.clone(), spec.limits.clone())
            })
        }) else {
            continue;
        };
        let cell = CellKey::Project(project);
        let (effect, state) =
            tx.update_cell::<ProjectState, _>(&cell, |state, now| state.strike(*fingerprint, &limits, now))?;
        shared.pool().projects[place] = state;
        shared.tell_operators(tx, id, effect)?;
    }
    Ok(())
}

/// Whether an effect is one an operator must see.
pub(super) const fn is_notable(effect: Effect) -> bool {
    !matches!(effect, Effect::None)
}
