//! What a tracing system is told of a request: its waiting, its sends, and at its end the whole. Names are those of
//! OpenTelemetry's conventions where these have one.
//!
//! Nothing is told of what was said: neither a question nor an answer, nor the words of an error.

use std::time::Duration;

use super::course::{Attempt, Course};
use super::hub::{Gateway, Shared};
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::Outcome;
use crate::domain::reference::{RequestId, RequestName};
use crate::domain::time::Timestamp;
use crate::gemini::{Finish, Reply};
use crate::store::{RequestRecord, UpdateRecord};
use crate::telemetry::{Fact, OpenSpan, Side, Span, person};

impl Gateway {
    /// Traces an update that has ended, and the request that it was, from what is kept of them; one that goes on, or
    /// waits without a task, is not at its end.
    pub(crate) async fn trace_update(&self, update_id: i64) {
        let shared = &self.shared;
        if shared.vitals.is_traced() {
            let id = RequestId(update_id);
            let kept = shared
                .store
                .read(move |tx| Ok((tx.update(update_id)?, tx.request(&RequestName::Id(id))?)))
                .await;
            if let Ok((Some(update), request)) = kept {
                let now = shared.clock.now();
                if let Some(span) = of_update(id, update, request, now) {
                    shared.vitals.trace(|| span);
                }
            }
        }
    }
}

impl Shared {
    /// Traces a request from a shell that has ended.
    pub(super) async fn trace_shell(&self, id: RequestId) {
        if self.vitals.is_traced() {
            let kept = self.store.read(move |tx| tx.request(&RequestName::Id(id))).await;
            if let Ok(Some(request)) = kept {
                let took = self.clock.now().since(request.asked_at);
                let mut span = Span::part(id, Side::Served, "ask", request.asked_at);
                (span.is_whole, span.took) = (true, took);
                add_request(&mut span, request);
                self.vitals.trace(|| span);
            }
        }
    }

    /// Begins the span of one send.
    pub(super) fn begin_attempt(&self, course: &Course, attempt: &Attempt) -> OpenSpan {
        self.vitals.begin_span(|| {
            let (model, config) = (attempt.lease.model, self.config());
            let model_id = config.gemini.models[model].clone().unwrap_or_default();
            let name = format!("generate_content {model_id}");
            let mut span = Span::part(course.id, Side::Called, name, self.clock.now())
                .with("gen_ai.operation.name", "generate_content")
                .with("gen_ai.provider.name", "gcp.gemini")
                .with("gen_ai.request.model", model_id)
                .with("gen_ai.request.stream", Fact::Is(true))
                .with("gen_ai.output.type", if model == ModelSlot::Image { "image" } else { "text" })
                .with("svs.model", model.name())
                .with("svs.key", attempt.lease.key.to_string())
                .with("svs.router", attempt.step.router.name())
                .with("svs.attempt", course.sends);
            if let Ok(url) = reqwest::Url::parse(&config.gemini.api_url) {
                span.add("server.address", url.host_str().unwrap_or_default().to_owned());
                span.add("server.port", u32::from(url.port_or_known_default().unwrap_or_default()));
            }
            // Unless it ends otherwise.
            span.fail(Outcome::Abandoned.name());
            span
        })
    }

    /// A request has waited for a key, and waits no longer: counts that, and traces it.
    pub(super) fn waited(&self, course: &Course, since: Timestamp) {
        let took = self.clock.now().since(since);
        self.vitals.waited(course.role, took);
        self.vitals.trace(|| Span { took, ..Span::part(course.id, Side::Inside, "wait for a key", since) });
    }
}

/// The first piece of an answer came.
pub(super) fn note_first_text(span: &mut OpenSpan) {
    span.note(|span, since| {
        span.add("gen_ai.response.time_to_first_chunk", Fact::Real(since.as_secs_f64()));
    });
}

/// How a send ended.
pub(super) fn note_reply(span: &mut OpenSpan, reply: &Reply) {
    span.note(|span, _| {
        span.facts.retain(|(name, _)| *name != "error.type");
        span.error = None;
        let outcome = reply.outcome.name();
        span.add("svs.outcome", outcome);
        if !matches!(reply.outcome, Outcome::Answered) {
            span.fail(outcome);
        }
        let reason = match &reply.finish {
            Finish::Complete => Some("STOP".to_owned()),
            Finish::Truncated => Some("MAX_TOKENS".to_owned()),
            Finish::Cut(reason) => Some(reason.clone()),
            Finish::Incomplete | Finish::None => None,
        };
        if let Some(reason) = reason {
            span.add("gen_ai.response.finish_reasons", Fact::Texts(vec![reason]));
        }
        let usage = reply.usage;
        if usage.total() > 0 {
            span.add("gen_ai.usage.input_tokens", usage.prompt);
            span.add("gen_ai.usage.output_tokens", usage.output.saturating_add(usage.thoughts));
            span.add("gen_ai.usage.reasoning.output_tokens", usage.thoughts);
        }
    });
}

fn of_update(
    id: RequestId,
    update: UpdateRecord,
    request: Option<RequestRecord>,
    now: Timestamp,
) -> Option<Span> {
    let (_, ending) = update.ended?;
    let mut span = Span::part(id, Side::Received, "process update", update.received_at)
        .with("messaging.system", "telegram")
        .with("messaging.operation.type", "process")
        .with("messaging.message.id", id.to_string())
        .with("svs.begun", update.attempts);
    (span.is_whole, span.took) = (true, now.since(update.received_at).max(Duration::from_nanos(1)));
    if let Some(user) = update.user {
        let name = person(user);
        // A name of the log, unless `log.ids` wants the id.
        let is_hashed = name.starts_with("u-");
        span.add(if is_hashed { "enduser.pseudo.id" } else { "enduser.id" }, name);
    }
    // Who is refused before anything was asked for has met a rule; a request that is refused has met trouble.
    if let Some(reason) = ending.strip_prefix("refused:").filter(|_| request.is_some()) {
        span.fail(reason.to_owned());
    }
    span.add("svs.ending", ending);
    if let Some(request) = request {
        add_request(&mut span, request);
    }
    Some(span)
}

fn add_request(span: &mut Span, request: RequestRecord) {
    span.add("svs.role", request.role.name());
    if let Some(task) = request.task {
        span.add("svs.task", task.name());
    }
    if let Some(reference) = request.reference {
        span.add("svs.ref", reference.0);
    }
    if let Some(end) = request.end {
        span.add("svs.outcome", end.outcome);
        span.add("svs.attempts", end.attempts);
        span.add("svs.tokens", end.tokens);
    }
}
