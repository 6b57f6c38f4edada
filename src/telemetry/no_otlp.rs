//! What stands in the place of the exporter in a build without the feature `otlp`.

use prometheus::proto::MetricFamily;

use super::vitals::Vitals;
use crate::clock::Clock;
use crate::config::Environment;

/// There is none.
pub(crate) enum Otlp {}

impl Otlp {
    /// Says that there is none, where the environment names a collector.
    pub(crate) fn of_environment(env: &Environment) -> Option<Otlp> {
        let names = ["", "TRACES_", "METRICS_"].map(|of| format!("OTEL_EXPORTER_OTLP_{of}ENDPOINT"));
        if let Some(name) = names.iter().find(|name| env.get(name).is_some()) {
            tracing::warn!(
                "{name} is set, but this svs was built without OTLP: cargo build --release --features otlp"
            );
        }
        None
    }

    /// Nothing is sent.
    pub(crate) fn start<F>(self, _: &Vitals, _: &[u8], _: &Clock, _: impl Fn() -> F) -> Exporting
    where
        F: Future<Output = Vec<MetricFamily>>,
    {
        match self {}
    }
}

/// There is none.
pub(crate) enum Exporting {}

impl Exporting {
    /// Nothing is to be handed over.
    #[expect(clippy::unused_async, reason = "the exporter waits for its collector")]
    pub(crate) async fn finish(self) {
        match self {}
    }
}
