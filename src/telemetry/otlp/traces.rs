//! Spans as OTLP has them.

use std::time::Duration;

use opentelemetry::TraceId;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{self as wire, ResourceSpans, ScopeSpans, Status};
use sha2::{Digest as _, Sha256};

use super::super::spans::{Fact, Side, Span};
use crate::domain::reference::RequestId;
use crate::domain::time::Timestamp;

/// The ids of the traces of one installation.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    salt: Vec<u8>,
}

impl Ids {
    pub(super) fn new(salt: &[u8]) -> Ids {
        Ids { salt: salt.to_vec() }
    }

    /// The trace of a request, and in it the span of the whole.
    pub(super) fn of(&self, request: RequestId) -> (TraceId, [u8; 8]) {
        let hash = Sha256::new().chain_update(&self.salt).chain_update(b"trace");
        let hash = hash.chain_update(request.0.to_le_bytes()).finalize();
        let (mut trace, mut span) = ([0; 16], [0; 8]);
        trace.copy_from_slice(&hash[..16]);
        span.copy_from_slice(&hash[16..24]);
        (TraceId::from_bytes(trace), span)
    }
}

/// The message that hands spans over.
pub(super) fn message(spans: Vec<Span>, ids: &Ids, resource: &Resource) -> ExportTraceServiceRequest {
    let spans = spans.into_iter().map(|span| written(span, ids)).collect();
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, schema_url: String::new() }];
    let resource = Some(resource.clone());
    let all = ResourceSpans { resource, scope_spans, schema_url: String::new() };
    ExportTraceServiceRequest { resource_spans: vec![all] }
}

/// Who made spans and metrics.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "svs".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

fn written(span: Span, ids: &Ids) -> wire::Span {
    let (trace, whole) = ids.of(span.request);
    let (own, parent) = if span.is_whole {
        (whole.to_vec(), Vec::new())
    } else {
        (fastrand::u64(1..).to_be_bytes().to_vec(), whole.to_vec())
    };
    let kind = match span.side {
        Side::Inside => SpanKind::Internal,
        Side::Received => SpanKind::Consumer,
        Side::Served => SpanKind::Server,
        Side::Called => SpanKind::Client,
    };
    let attributes = span.facts.into_iter().map(|(key, fact)| attribute(key, value(fact))).collect();
    let failed = |what: String| Status { code: StatusCode::Error.into(), message: what };
    wire::Span {
        trace_id: trace.to_bytes().to_vec(),
        span_id: own,
        parent_span_id: parent,
        // The trace is sampled.
        flags: 1,
        name: span.name.into_owned(),
        kind: kind.into(),
        start_time_unix_nano: nanos(span.began, Duration::ZERO),
        end_time_unix_nano: nanos(span.began, span.took),
        attributes,
        status: span.error.map(|what| failed(what.into_owned())),
        ..wire::Span::default()
    }
}

/// An instant in nanoseconds.
pub(super) fn nanos(at: Timestamp, later: Duration) -> u64 {
    u64::try_from(later.as_nanos())
        .unwrap_or(u64::MAX)
        .saturating_add(at.as_millis().saturating_mul(1_000_000))
}

pub(super) fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

fn value(fact: Fact) -> any_value::Value {
    use any_value::Value;
    match fact {
        Fact::Text(text) => Value::StringValue(text.into_owned()),
        Fact::Texts(texts) => {
            let one = |text| AnyValue { value: Some(Value::StringValue(text)) };
            Value::ArrayValue(ArrayValue { values: texts.into_iter().map(one).collect() })
        }
        Fact::Whole(number) => Value::IntValue(number),
        Fact::Real(number) => Value::DoubleValue(number),
        Fact::Is(is) => Value::BoolValue(is),
    }
}
