//! Traces and metrics to a collector, over OTLP/HTTP: the feature `otlp`.
//!
//! - `settings`: what the environment says, by the names that OpenTelemetry gives its variables. `client`: one message
//!   to the collector. `exporter`: the tasks that send, and their end.
//! - `traces`: spans as OTLP has them. `metrics`: the families of `/metrics` as OTLP has them.
//!
//! The bot never waits for the collector: spans that find no room are dropped and counted. Both kinds of message come
//! from what svs knows anyway, so that there is no second count: `opentelemetry_sdk` gives the resource and the
//! sampler, its instruments are not used.

mod client;
mod exporter;
mod metrics;
mod settings;
mod traces;

pub(crate) use exporter::Otlp;
