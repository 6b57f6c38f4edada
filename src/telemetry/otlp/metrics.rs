//! The families of `/metrics` as OTLP has them: the same names, labels and numbers.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prometheus::proto::{self, MetricFamily, MetricType};

use super::traces::{attribute, nanos, scope};
use crate::domain::time::Timestamp;

/// The message that tells metrics: counted since `since`, as they are `now`.
pub(super) fn message(
    families: &[MetricFamily],
    since: Timestamp,
    now: Timestamp,
    resource: &Resource,
) -> ExportMetricsServiceRequest {
    let span = Span { since: nanos(since, Duration::ZERO), now: nanos(now, Duration::ZERO) };
    let metrics = families.iter().filter_map(|family| written(family, span)).collect();
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope()), metrics, schema_url: String::new() }];
    let resource = Some(resource.clone());
    let all = ResourceMetrics { resource, scope_metrics, schema_url: String::new() };
    ExportMetricsServiceRequest { resource_metrics: vec![all] }
}

#[derive(Clone, Copy)]
struct Span {
    since: u64,
    now: u64,
}

fn written(family: &MetricFamily, span: Span) -> Option<Metric> {
    let metrics = family.get_metric();
    let cumulative = AggregationTemporality::Cumulative.into();
    let numbers = |value: fn(&proto::Metric) -> f64| {
        metrics.iter().map(|metric| number(metric, value(metric), span)).collect()
    };
    let data = match family.get_field_type() {
        MetricType::COUNTER => metric::Data::Sum(Sum {
            data_points: numbers(|metric| metric.get_counter().get_value()),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        MetricType::GAUGE => {
            metric::Data::Gauge(Gauge { data_points: numbers(|metric| metric.get_gauge().get_value()) })
        }
        MetricType::HISTOGRAM => metric::Data::Histogram(Histogram {
            data_points: metrics.iter().map(|metric| histogram(metric, span)).collect(),
            aggregation_temporality: cumulative,
        }),
        // svs has none.
        MetricType::SUMMARY | MetricType::UNTYPED => return None,
    };
    Some(Metric {
        name: family.name().to_owned(),
        description: family.help().to_owned(),
        unit: unit(family.name()).to_owned(),
        data: Some(data),
        ..Metric::default()
    })
}

/// The unit, which stands in the name.
fn unit(name: &str) -> &'static str {
    let name = name.trim_end_matches("_total");
    match () {
        () if name.ends_with("_seconds") => "s",
        () if name.ends_with("_bytes") => "By",
        () => "",
    }
}

fn labels(metric: &proto::Metric) -> Vec<KeyValue> {
    let of = |pair: &proto::LabelPair| {
        attribute(pair.name(), any_value::Value::StringValue(pair.value().to_owned()))
    };
    metric.get_label().iter().map(of).collect()
}

fn number(metric: &proto::Metric, value: f64, span: Span) -> NumberDataPoint {
    NumberDataPoint {
        attributes: labels(metric),
        start_time_unix_nano: span.since,
        time_unix_nano: span.now,
        value: Some(number_data_point::Value::AsDouble(value)),
        ..NumberDataPoint::default()
    }
}

fn histogram(metric: &proto::Metric, span: Span) -> HistogramDataPoint {
    let histogram = metric.get_histogram();
    let count = histogram.get_sample_count();
    let finite = histogram.get_bucket().iter().filter(|bucket| bucket.upper_bound().is_finite());
    // There each bucket holds those below it as well; here each holds its own, and the last what is above all limits.
    let (mut bounds, mut counts, mut below) = (Vec::new(), Vec::new(), 0);
    for bucket in finite {
        bounds.push(bucket.upper_bound());
        counts.push(bucket.cumulative_count().saturating_sub(below));
        below = bucket.cumulative_count();
    }
    counts.push(count.saturating_sub(below));
    HistogramDataPoint {
        attributes: labels(metric),
        start_time_unix_nano: span.since,
        time_unix_nano: span.now,
        count,
        sum: Some(histogram.get_sample_sum()),
        bucket_counts: counts,
        explicit_bounds: bounds,
        ..HistogramDataPoint::default()
    }
}
