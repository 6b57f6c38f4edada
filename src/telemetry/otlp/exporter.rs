//! The tasks that send: spans in batches, metrics at intervals; and how they end.
//!
//! ```text
//!   who makes a span ──queue, full: dropped──▶ batch ──▶ collector; refused: dropped
//! ```
//!
//! Sampling comes first: a trace is whole or not there, whichever process makes its spans.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::trace::SpanKind;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::trace::{Config, SamplingDecision};
use prometheus::proto::MetricFamily;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::settings::{Batch, Settings};
use super::traces::Ids;
use super::{metrics, traces};
use crate::clock::Clock;
use crate::config::Environment;
use crate::domain::time::Timestamp;
use crate::telemetry::spans::Span;
use crate::telemetry::vitals::Vitals;

/// What the end of the daemon waits for the last messages, beyond what is still to be answered and said.
const FAREWELL: Duration = Duration::from_secs(3);

/// A collector that the environment names.
pub(crate) struct Otlp {
    settings: Settings,
    traces: Option<Client>,
    metrics: Option<Client>,
    resource: Resource,
}

impl Otlp {
    /// What the environment says; none where it names no collector. What of it cannot be followed goes to the log.
    pub(crate) fn of_environment(env: &Environment) -> Option<Otlp> {
        let mut odd = Vec::new();
        let settings = Settings::read(env, &mut odd);
        let otlp = settings.and_then(|mut settings| {
            let mut client = |collector: Option<_>| {
                collector.and_then(|to| Client::new(to).map_err(|why| odd.push(why)).ok())
            };
            let (traces, metrics) = (client(settings.traces.take()), client(settings.metrics.take()));
            (traces.is_some() || metrics.is_some()).then(|| Otlp {
                settings,
                traces,
                metrics,
                resource: resource(env),
            })
        });
        odd.sort();
        odd.dedup();
        for why in odd {
            tracing::warn!("{why}");
        }
        otlp
    }

    /// Begins to send. `salt`: what names people and traces in this installation; `families`: what is counted, when
    /// it is asked for.
    pub(crate) fn start<F>(
        self,
        vitals: &Vitals,
        salt: &[u8],
        clock: &Clock,
        families: impl Fn() -> F + Send + 'static,
    ) -> Exporting
    where
        F: Future<Output = Vec<MetricFamily>> + Send + 'static,
    {
        let Otlp { settings, traces, metrics, resource } = self;
        let ending = CancellationToken::new();
        let lost = Arc::new(AtomicU64::new(0));
        let mut tasks = Vec::new();
        let to = |client: &Option<Client>| client.as_ref().map(Client::shown);
        tracing::info!(traces = to(&traces), metrics = to(&metrics), "sending to a collector");
        if let Some(client) = traces {
            let ids = Ids::new(salt);
            let spans = listen(vitals, ids.clone(), settings.batch.room, &lost);
            let tracer = Tracer {
                sight: Sight::new("spans", client.shown()),
                client,
                ids,
                resource: resource.clone(),
                lost: Arc::clone(&lost),
                ending: ending.clone(),
            };
            tasks.push(tokio::spawn(tracer.run(spans, settings.batch)));
        }
        if let Some(client) = metrics {
            let meter = Meter {
                sight: Sight::new("metrics", client.shown()),
                client,
                resource,
                since: clock.now(),
                clock: clock.clone(),
                ending: ending.clone(),
            };
            tasks.push(tokio::spawn(meter.run(families, settings.interval)));
        }
        Exporting { tasks, ending, lost }
    }
}

/// Who and where this is: `svs`, unless the environment says otherwise.
fn resource(env: &Environment) -> Resource {
    let given = |name: &str| env.get(name).and_then(|value| value.to_str()).unwrap_or_default();
    let attributes = given("OTEL_RESOURCE_ATTRIBUTES");
    let has_name = !given("OTEL_SERVICE_NAME").is_empty()
        || attributes.split(',').any(|pair| pair.trim_start().starts_with("service.name="));
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = opentelemetry_sdk::Resource::builder();
    let builder = if has_name { builder } else { builder.with_service_name("svs") };
    let has_version = attributes.split(',').any(|pair| pair.trim_start().starts_with("service.version="));
    let builder = if has_version { builder } else { builder.with_attribute(version) };
    let attributes = ResourceAttributesWithSchema::from(&builder.build()).attributes.0;
    Resource { attributes, ..Resource::default() }
}

/// Takes spans from those who make them, as far as the sampler wants them and there is room.
fn listen(vitals: &Vitals, ids: Ids, room: usize, lost: &Arc<AtomicU64>) -> mpsc::Receiver<Span> {
    let (queue, spans) = mpsc::channel(room);
    // It knows OTEL_TRACES_SAMPLER and its argument.
    let sampler = Config::default().sampler;
    let lost = Arc::clone(lost);
    vitals.listen_to_spans(Box::new(move |span| {
        let (trace, _) = ids.of(span.request);
        let sampled = sampler.should_sample(None, trace, &span.name, &SpanKind::Internal, &[], &[]);
        if matches!(sampled.decision, SamplingDecision::RecordAndSample) && queue.try_send(span).is_err() {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }));
    spans
}

/// Sends spans.
struct Tracer {
    client: Client,
    ids: Ids,
    resource: Resource,
    lost: Arc<AtomicU64>,
    ending: CancellationToken,
    sight: Sight,
}

impl Tracer {
    async fn run(mut self, mut spans: mpsc::Receiver<Span>, batch: Batch) {
        let mut gathered = Vec::new();
        let mut due = None;
        loop {
            let patience = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let room = batch.most - gathered.len();
            tokio::select! {
                came = spans.recv_many(&mut gathered, room) => {
                    if came == 0 {
                        break;
                    }
                    due.get_or_insert_with(|| Instant::now() + batch.delay);
                    if gathered.len() < batch.most {
                        continue;
                    }
                }
                () = patience => {}
                () = self.ending.cancelled() => break,
            }
            due = None;
            self.send(std::mem::take(&mut gathered)).await;
        }
        spans.close();
        loop {
            while gathered.len() < batch.most
                && let Ok(span) = spans.try_recv()
            {
                gathered.push(span);
            }
            if gathered.is_empty() {
                return;
            }
            self.send(std::mem::take(&mut gathered)).await;
        }
    }

    async fn send(&mut self, spans: Vec<Span>) {
        let count = spans.len() as u64;
        // Of those that are being sent when the process ends, nobody knows.
        self.lost.fetch_add(count, Ordering::Relaxed);
        let message = traces::message(spans, &self.ids, &self.resource);
        let sent = self.client.send::<ExportTraceServiceResponse>(&message, &self.ending).await;
        let refused = sent.as_ref().map_or(count, |answer| {
            let partial = answer.partial_success.as_ref();
            partial.map_or(0, |partial| u64::try_from(partial.rejected_spans).unwrap_or(0))
        });
        self.lost.fetch_sub(count - refused.min(count), Ordering::Relaxed);
        let why = match sent {
            Err(why) => Err(why),
            Ok(_) if refused > 0 => Err(format!("it takes {refused} of {count} not")),
            Ok(_) => Ok(()),
        };
        self.sight.look(why, || self.lost.load(Ordering::Relaxed));
    }
}

/// Sends metrics.
struct Meter {
    client: Client,
    resource: Resource,
    since: Timestamp,
    clock: Clock,
    ending: CancellationToken,
    sight: Sight,
}

impl Meter {
    async fn run<F: Future<Output = Vec<MetricFamily>>>(
        mut self,
        families: impl Fn() -> F,
        interval: Duration,
    ) {
        let mut is_ending = false;
        let mut missed = 0;
        while !is_ending {
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                // The last numbers are those of the end.
                () = self.ending.cancelled() => is_ending = true,
            }
            let families = families().await;
            let message = metrics::message(&families, self.since, self.clock.now(), &self.resource);
            let sent = self.client.send::<ExportMetricsServiceResponse>(&message, &self.ending).await;
            let partial = sent.as_ref().ok().and_then(|answer| answer.partial_success.as_ref());
            let refused = partial.map_or(0, |partial| partial.rejected_data_points);
            let why = match sent {
                Err(why) => Err(why),
                Ok(_) if refused > 0 => Err(format!("it does not take {refused} numbers")),
                Ok(_) => Ok(()),
            };
            missed += u64::from(why.is_err());
            self.sight.look(why, || missed);
        }
    }
}

/// Whether the collector takes what it is sent; told when that changes.
struct Sight {
    what: &'static str,
    to: String,
    is_away: bool,
}

impl Sight {
    fn new(what: &'static str, to: String) -> Sight {
        Sight { what, to, is_away: false }
    }

    fn look(&mut self, sent: Result<(), String>, lost: impl Fn() -> u64) {
        let (what, collector) = (self.what, &self.to);
        match sent {
            Err(why) if !self.is_away => {
                tracing::warn!(
                    collector,
                    why,
                    "the collector does not take {what}: they are dropped until it does"
                );
                self.is_away = true;
            }
            Ok(()) if self.is_away => {
                tracing::info!(collector, dropped = lost(), "the collector takes {what} again");
                self.is_away = false;
            }
            _ => {}
        }
    }
}

/// What sends, until it is to finish.
pub(crate) struct Exporting {
    tasks: Vec<JoinHandle<()>>,
    ending: CancellationToken,
    lost: Arc<AtomicU64>,
}

impl Exporting {
    /// Hands over what is left, for a few seconds at most.
    pub(crate) async fn finish(self) {
        self.ending.cancel();
        let until = Instant::now() + FAREWELL;
        for mut task in self.tasks {
            if tokio::time::timeout_at(until, &mut task).await.is_err() {
                task.abort();
            }
        }
        let dropped = self.lost.load(Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "spans that no collector took since the start");
        }
    }
}
