//! One request from admission to its end: decide, wait, ask Gemini, learn, and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::admit::{Admitted, Application, admit};
use super::ask::{Answer, AnswerEvent, Ask, AskError, Stop};
use super::course::{Attempt, Course, Next};
use super::decide::{decide, settle};
use super::finish::{ABANDONED, Delivery, close, told};
use super::hub::{Gateway, Shared};
use super::lease::Guard;
use super::parked::Place;
use super::prompt::{prompt, remembered};
use super::spans::{note_first_text, note_reply};
use super::standing::{reassess, remembered_rounds};
use super::told::{failure, refusal};
use crate::domain::chat::Notice;
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::Outcome;
use crate::domain::reference::RequestId;
use crate::domain::router::told::{Refused, after_attempts};
use crate::domain::time::Timestamp;
use crate::gemini::{Call, Finish, Prompt, Reply};
use crate::store::{StoreError, Tx};
use crate::telemetry::person;

/// A decision whose lease, if it has one, is settled in any case.
pub(super) enum Decided {
    Send(Guard, ModelSlot),
    Wait(Timestamp),
    Refuse(Refused),
}

impl Decided {
    pub(super) fn guard(shared: &Shared, next: Next) -> Decided {
        match next {
            Next::Send(attempt) => {
                let model = attempt.step.model;
                Decided::Send(Guard::new(attempt, shared.abandoned.clone()), model)
            }
            Next::Wait(until) => Decided::Wait(until),
            Next::Refuse(refused) => Decided::Refuse(refused),
        }
    }
}

impl Gateway {
    /// Answers a question. Tells `on_event` what happens meanwhile; an answer that is returned is stored, with the rows
    /// its shell asked for. Dropping the future abandons the request; its debit stays.
    pub(crate) fn ask<'a>(
        &'a self,
        ask: Ask,
        on_event: &'a mut (dyn FnMut(AnswerEvent<'_>) + Send),
    ) -> impl Future<Output = Result<Answer, AskError>> + Send + use<'a> {
        Box::pin(async move {
            let now = || self.shared.clock.now();
            let began = ask.place.as_ref().map_or_else(now, Place::headed_since);
            let mut of_shell = None;
            let ended = self.serve(Box::new(ask), on_event, &mut of_shell).await;
            if let Some(id) = of_shell {
                Box::pin(self.shared.trace_shell(id)).await;
            }
            if let Some(ending) = ending(&ended) {
                self.shared.vitals.request_ended(ending, now().since(began));
            }
            ended
        })
    }

    /// What is large in here and not needed while a request waits for a key has a box of its own: thousands may wait.
    async fn serve(
        &self,
        mut ask: Box<Ask>,
        on_event: &mut (dyn FnMut(AnswerEvent<'_>) + Send),
        of_shell: &mut Option<RequestId>,
    ) -> Result<Answer, AskError> {
        let shared = &self.shared;
        let mut began = Instant::now();
        let Admitted { mut course, mut next, mut registered } =
            Box::pin(shared.let_in(Application::of(&ask))).await?;
        *of_shell = Some(course.id).filter(|id| id.is_of_shell());
        // Whoever was parked has waited since.
        let mut waits_since = ask.place.as_ref().map(Place::headed_since);
        let mut waited = ask.place.take().and_then(Place::resume).and_then(|turn| turn.for_course(&course));
        loop {
            match next {
                Decided::Refuse(refused) => {
                    if let Some(since) = waits_since {
                        shared.waited(&course, since);
                    }
                    return Err(Box::pin(shared.refuse(course, refused)).await);
                }
                Decided::Wait(until) => {
                    let turn = match &mut waited {
                        Some(turn) => turn,
                        None => match shared.join_queue(&course) {
                            Ok(turn) => {
                                if course.may_park(&turn)
                                    && let Some(parked) = ask.park()
                                {
                                    shared.park(turn, parked, until, &registered);
                                    return Err(AskError::Parked);
                                }
                                waited.insert(turn)
                            }
                            Err(turn) => {
                                let refused =
                                    Refused { until: turn.max(until), outage: false, unpaid: false };
                                return Err(Box::pin(shared.refuse(course, refused)).await);
                            }
                        },
                    };
                    waits_since.get_or_insert_with(|| shared.clock.now());
                    let (position, due) = turn.outlook(&shared.pool());
                    on_event(AnswerEvent::Waiting { position, retry_at: due.max(until) });
                    // What is remembered is read again when its turn comes: many wait, and some have said much.
                    course.rounds = Vec::new();
                    tokio::select! {
                        () = turn.come(until) => {}
                        () = registered.role_changed() => {}
                        () = registered.token.cancelled() => {
                            if registered.stop() != Stop::Kicked {
                                Box::pin(shared.end_without_answer(course, "stopped")).await?;
                                return Err(AskError::Stopped(registered.stop()));
                            }
                            // Nothing was sent yet: it waits on without the seat.
                            registered = shared.register(&ask.asker, &ask.cancel);
                        }
                    }
                    // Waiting for a key is no work of ours.
                    began = Instant::now();
                    let waited_as = course.standing();
                    (course, next) = Box::pin(shared.decide_again(course)).await?;
                    if course.standing() != waited_as {
                        // Another role has another place in the line.
                        waited = None;
                    }
                }
                Decided::Send(guard, model) => {
                    waited = None;
                    if let Some(since) = waits_since.take() {
                        shared.waited(&course, since);
                    }
                    let prompt = prompt(shared, &ask, &course);
                    on_event(AnswerEvent::Started { model, wished: course.wished });
                    crate::failpoint::crash_point!("after_debit");
                    let asked = Instant::now();
                    let sent =
                        Box::pin(send(shared, &course, guard, &prompt, &registered.token, on_event)).await;
                    let Sent { guard, reply, seen } = sent;
                    let Some(attempt) = guard.take() else { return Err(AskError::State(StoreError::Closed)) };
                    let (reply, stopped) = match reply {
                        Some(reply) if is_answer(&reply, &seen) => (reply, None),
                        Some(reply) => {
                            (course, next) = Box::pin(shared.learn(course, attempt, &reply)).await?;
                            continue;
                        }
                        None if seen.is_empty() && registered.stop() == Stop::Kicked => {
                            // Nobody has seen anything of it: it is asked anew, without the seat.
                            registered = shared.register(&ask.asker, &ask.cancel);
                            (course, next) = Box::pin(shared.ask_anew(course, attempt)).await?;
                            continue;
                        }
                        None if seen.is_empty() => {
                            Box::pin(shared.abandon(attempt, course)).await?;
                            return Err(AskError::Stopped(registered.stop()));
                        }
                        None => {
                            if registered.stop() == Stop::Kicked {
                                course.unseat();
                            }
                            let partial = Reply { elapsed: asked.elapsed(), ..stopped_reply(seen) };
                            (partial, Some(registered.stop()))
                        }
                    };
                    let delivery = Delivery {
                        reply,
                        stopped,
                        question: remembered(ask.text, &ask.attachments),
                        so_far: ask.continuation.map(|continuation| continuation.so_far).unwrap_or_default(),
                        rows: ask.rows,
                        before: asked - began,
                    };
                    return Box::pin(shared.end_with_answer(course, attempt, delivery)).await;
                }
            }
        }
    }
}

/// What became of one send: no reply if it was stopped. `seen`: the text that was shown.
struct Sent {
    guard: Guard,
    reply: Option<Reply>,
    seen: String,
}

async fn send(
    shared: &Shared,
    course: &Course,
    guard: Guard,
    prompt: &Prompt,
    cancel: &tokio_util::sync::CancellationToken,
    on_event: &mut (dyn FnMut(AnswerEvent<'_>) + Send),
) -> Sent {
    let mut seen = String::new();
    let Some(attempt) = guard.attempt() else { return Sent { guard, reply: None, seen } };
    let (key, slot) = (attempt.lease.fingerprint, attempt.lease.model);
    let Some(secret) = shared.secret(key) else {
        // The key left the configuration between plan and send; nothing was sent.
        let reply = Reply { outcome: Outcome::Unreachable { sent: false }, ..stopped_reply(String::new()) };
        return Sent { guard, reply: Some(reply), seen };
    };
    let mut span = shared.begin_attempt(course, attempt);
    let reply = {
        let gemini = shared.gemini();
        let asked = Instant::now();
        let mut on_text = |text: &str| {
            if seen.is_empty() {
                shared.vitals.first_text(slot, asked.elapsed());
                note_first_text(&mut span);
                crate::failpoint::crash_point!("after_send");
            }
            seen.push_str(text);
            on_event(AnswerEvent::Text(text));
            crate::failpoint::crash_point!("mid_stream");
        };
        let call = Call { key: &secret, slot, prompt };
        tokio::select! {
            // What was stopped before it began is not sent at all.
            biased;
            () = cancel.cancelled() => None,
            reply = gemini.stream(&call, &mut on_text) => Some(reply),
        }
    };
    if let Some(reply) = &reply {
        note_reply(&mut span, reply);
    }
    Sent { guard, reply, seen }
}

/// How a request ended, for those who count.
fn ending(ended: &Result<Answer, AskError>) -> Option<&'static str> {
    Some(match ended {
        Ok(answer) if answer.stopped.is_some() => "stopped",
        Ok(answer) if matches!(answer.finish, Finish::Incomplete) => "incomplete",
        Ok(_) => "answered",
        Err(AskError::Refused(_)) => "refused",
        Err(AskError::Failed(_)) => "failed",
        Err(AskError::Stopped(_)) => "stopped",
        Err(AskError::State(_)) => "error",
        Err(AskError::Parked) => return None,
    })
}

/// Whether the person gets this: an answer, or what was seen of one before it broke.
fn is_answer(reply: &Reply, seen: &str) -> bool {
    !seen.is_empty()
        || (matches!(reply.outcome, Outcome::Answered)
            && !(reply.text.is_empty() && reply.pictures.is_empty()))
}

fn stopped_reply(seen: String) -> Reply {
    Reply {
        outcome: Outcome::Abandoned,
        text: seen,
        pictures: Vec::new(),
        finish: Finish::Incomplete,
        usage: crate::gemini::Usage::default(),
        detail: None,
        help_url: None,
        consumer: None,
        thinking_refused: false,
        elapsed: Duration::ZERO,
    }
}

impl Shared {
    /// Ends a request that nothing serves now.
    async fn refuse(self: &Arc<Shared>, course: Course, refused: Refused) -> AskError {
        self.turn_away(course, refused).await.map_or_else(AskError::State, AskError::Refused)
    }

    async fn let_in(self: &Arc<Shared>, application: Application) -> Result<Admitted, AskError> {
        let shared = Arc::clone(self);
        self.committed(move |tx| admit(&shared, tx, &application)).await?
    }

    /// Settles a failed attempt and decides what to do next, in one transaction.
    async fn learn(
        self: &Arc<Shared>,
        mut course: Course,
        attempt: Attempt,
        reply: &Reply,
    ) -> Result<(Course, Decided), AskError> {
        let outcome = with_jitter(&reply.outcome);
        let config = self.config();
        let rules = &config.rules;
        let mut again =
            course.attempts.after(&attempt.lease, &outcome, course.role, rules, || self.may_retry_now());
        if reply.thinking_refused && course.sends == 1 {
            // The client has noted it: the same call goes without.
            again = true;
        }
        let user = course.conversation.map(|at| person(at.user));
        tracing::info!(
            key = %attempt.lease.key, model = %attempt.lease.model, outcome = outcome.name(), again,
            request = %course.id, user, "attempt failed"
        );
        // Google's words may quote what somebody asked; operators find them with `svs explain`.
        tracing::debug!(detail = reply.detail, request = %course.id, "what Google said");
        let shared = Arc::clone(self);
        let reply = reply.clone();
        if !again {
            let notice = self.committed(move |tx| {
                settle(&shared, tx, &attempt.lease, Some(attempt.send), &told(&reply, &outcome))?;
                close(tx, &course, outcome.name(), !matches!(outcome, Outcome::Blocked), None)?;
                failure(tx, &outcome, &course)
            });
            return Err(AskError::Failed(notice.await?));
        }
        let decided = self.committed(move |tx| {
            settle(&shared, tx, &attempt.lease, Some(attempt.send), &told(&reply, &outcome))?;
            decide_anew(&shared, tx, course)
        });
        let (course, next) = decided.await??;
        if let Decided::Refuse(refused) = next {
            // Nothing else is left to try.
            let shared = Arc::clone(self);
            let told = self.committed(move |tx| {
                close(tx, &course, "failed", true, None)?;
                let told = refusal(&shared, tx, &course, refused)?;
                // People are told that it was tried; a shell is told what its operator can mend.
                let is_mendable = course.conversation.is_none() && matches!(told, Notice::KeysOut { .. });
                Ok(if is_mendable { told } else { after_attempts(told, course.sends) })
            });
            return Err(AskError::Failed(told.await?));
        }
        Ok((course, next))
    }

    /// Gives up a send of which nothing was seen, and decides what to do instead.
    async fn ask_anew(
        self: &Arc<Shared>,
        course: Course,
        attempt: Attempt,
    ) -> Result<(Course, Decided), AskError> {
        let shared = Arc::clone(self);
        self.committed(move |tx| {
            settle(&shared, tx, &attempt.lease, Some(attempt.send), &ABANDONED)?;
            decide_anew(&shared, tx, course)
        })
        .await?
    }

    async fn decide_again(self: &Arc<Shared>, course: Course) -> Result<(Course, Decided), AskError> {
        let shared = Arc::clone(self);
        self.committed(move |tx| {
            let mut decided = decide_anew(&shared, tx, course)?;
            if let Ok((course, Decided::Send(..))) = &mut decided {
                if let Some(at) = course.conversation {
                    course.rounds = remembered_rounds(&shared, tx, at, course.role, course.update_id)?;
                }
                if course.sends == 1 {
                    shared.count_request();
                }
            }
            Ok(decided)
        })
        .await?
    }
}

/// Decides under the role that the person has now; ends the request if they are not served any more.
fn decide_anew(
    shared: &Arc<Shared>,
    tx: &mut Tx<'_>,
    mut course: Course,
) -> Result<Result<(Course, Decided), AskError>, StoreError> {
    if let Err(why) = reassess(shared, tx, &mut course)? {
        let outcome = if matches!(why, AskError::Stopped(_)) { "stopped" } else { "refused" };
        super::finish::close(tx, &course, outcome, true, None)?;
        return Ok(Err(why));
    }
    let (next, _) = decide(shared, tx, &mut course)?;
    Ok(Ok((course, Decided::guard(shared, next))))
}

/// Google's pauses, a little longer and not equally: those who were told the same do not come back together.
fn with_jitter(outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::MinuteLimit { retry_after, limit, of_tokens } => {
            let jitter = Duration::from_millis(fastrand::u64(0..2000));
            Outcome::MinuteLimit { retry_after: *retry_after + jitter, limit: *limit, of_tokens: *of_tokens }
        }
        other => other.clone(),
    }
}
