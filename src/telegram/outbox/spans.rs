//! What a tracing system is told of what is said: each step of each row, and nothing of its words.

use super::delivery::Step;
use super::handle::Shared;
use super::live::{Live, Sight};
use super::queue::Job;
use crate::domain::reference::RequestId;
use crate::store::Content;
use crate::telegram::api::ApiError;
use crate::telemetry::{OpenSpan, Side, Span};

impl Shared {
    /// Begins the span of one step; what is said to no update belongs to no request.
    pub(super) fn begin_call(&self, job: &Job) -> Option<OpenSpan> {
        let row = &job.pending.row;
        let request = RequestId(row.update_id?);
        Some(self.vitals.begin_span(|| {
            let method = match (&row.content, row.message_id) {
                (Content::Withdrawn, _) => "deleteMessage",
                (Content::File(_), None) => "send file",
                (_, Some(_)) => "editMessageText",
                (_, None) => "sendMessage",
            };
            Span::part(request, Side::Called, method, self.clock.now())
                .with("rpc.system", "telegram")
                .with("svs.part", row.part)
        }))
    }
}

impl Shared {
    /// Begins the span of the first message of an answer that grows. Its edits are too many to be told of.
    pub(super) fn begin_opening(&self, live: &Live, sight: &Sight) -> Option<OpenSpan> {
        let Sight::Open(view) = sight else { return None };
        let request = RequestId(live.target.update_id);
        Some(self.vitals.begin_span(|| {
            Span::part(request, Side::Called, "sendMessage", self.clock.now())
                .with("rpc.system", "telegram")
                .with("svs.part", view.part)
        }))
    }
}

/// How an opening ended.
pub(super) fn note_opened<T>(span: &mut Option<OpenSpan>, opened: &Result<T, ApiError>) {
    if let (Some(span), Err(error)) = (span, opened) {
        let what = if matches!(error, ApiError::RetryAfter(_)) { "paused" } else { "failed" };
        span.note(|span, _| span.fail(what));
    }
}

/// How a step ended.
pub(super) fn note_step(span: &mut Option<OpenSpan>, step: Step) {
    let Some(span) = span else { return };
    span.note(|span, _| match step {
        Step::Done | Step::Next => {}
        Step::Again(_) => span.fail("again"),
        Step::Pause(_) => span.fail("paused"),
        Step::Gone => span.fail("gone"),
        Step::Moved(_) => span.fail("moved"),
    });
}
