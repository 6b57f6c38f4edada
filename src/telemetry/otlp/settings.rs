//! Where the collector is and how it is spoken to, by the variables of OpenTelemetry's specification. What cannot be
//! followed is said and left out; a bot does not stay away for want of its traces.

use std::fs;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::config::Environment;
use crate::redact;

/// Everything that is to be sent, and how.
#[derive(Debug)]
pub(super) struct Settings {
    /// None: spans are not wanted.
    pub(super) traces: Option<Collector>,
    /// None: metrics are not wanted.
    pub(super) metrics: Option<Collector>,
    pub(super) batch: Batch,
    /// How often metrics are sent.
    pub(super) interval: Duration,
}

/// Who takes one kind of message.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    pub(super) url: Url,
    /// Secrets.
    pub(super) headers: HeaderMap,
    /// Of one call.
    pub(super) timeout: Duration,
    pub(super) encoding: Encoding,
    /// Roots that are trusted besides the usual ones, as PEM.
    pub(super) roots: Option<Vec<u8>>,
}

/// How messages are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

/// How spans are gathered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Batch {
    /// How many may wait.
    pub(super) room: usize,
    /// How many are sent at once.
    pub(super) most: usize,
    /// How long the first of them waits.
    pub(super) delay: Duration,
}

impl Settings {
    /// What the environment says; none where it names no collector. `odd`: what of it cannot be followed.
    pub(super) fn read(env: &Environment, odd: &mut Vec<String>) -> Option<Settings> {
        let mut reader = Reader { env, odd };
        if reader.text("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return None;
        }
        let (traces, metrics) =
            (reader.collector("TRACES", "traces"), reader.collector("METRICS", "metrics"));
        if traces.is_none() && metrics.is_none() {
            return None;
        }
        let room = reader.number("OTEL_BSP_MAX_QUEUE_SIZE", 2048).clamp(1, 1 << 16) as usize;
        let most = reader.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512).max(1) as usize;
        let delay = Duration::from_millis(reader.number("OTEL_BSP_SCHEDULE_DELAY", 5000).max(1));
        let interval = Duration::from_millis(reader.number("OTEL_METRIC_EXPORT_INTERVAL", 60_000).max(100));
        Some(Settings { traces, metrics, batch: Batch { room, most: most.min(room), delay }, interval })
    }
}

struct Reader<'a> {
    env: &'a Environment,
    odd: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// Who takes the messages of one kind: its own variables come before those for all.
    fn collector(&mut self, kind: &str, path: &str) -> Option<Collector> {
        let own = |name: &str| format!("OTEL_EXPORTER_OTLP_{kind}_{name}");
        let url = match (self.text(&own("ENDPOINT")), self.text("OTEL_EXPORTER_OTLP_ENDPOINT")) {
            (Some(whole), _) => self.address(&own("ENDPOINT"), &whole),
            (None, Some(base)) => {
                let whole = format!("{}/v1/{path}", base.trim_end_matches('/'));
                self.address("OTEL_EXPORTER_OTLP_ENDPOINT", &whole)
            }
            (None, None) => return None,
        }?;
        match self.text(&format!("OTEL_{kind}_EXPORTER")).as_deref() {
            None | Some("otlp") => {}
            Some("none") => return None,
            Some(other) => {
                let why = format!("OTEL_{kind}_EXPORTER={other}: svs has otlp and none; {path} are not sent");
                self.odd.push(why);
                return None;
            }
        }
        let encoding = match self.either(&own("PROTOCOL"), "OTEL_EXPORTER_OTLP_PROTOCOL").as_deref() {
            None | Some("http/protobuf") => Encoding::Protobuf,
            Some("http/json") => Encoding::Json,
            Some(other) => {
                let why = format!(
                    "the OTLP protocol {other} is not spoken here: {path} are not sent; set \
                     OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and the port for HTTP, 4318 as a rule"
                );
                self.odd.push(why);
                return None;
            }
        };
        let compression = self.either(&own("COMPRESSION"), "OTEL_EXPORTER_OTLP_COMPRESSION");
        if let Some(other) = compression.filter(|word| word != "none") {
            self.odd.push(format!("OTLP goes out without compression: {other} is not offered"));
        }
        let headers = self.headers(&[&own("HEADERS"), "OTEL_EXPORTER_OTLP_HEADERS"]);
        if !headers.is_empty() && url.scheme() == "http" && !is_this_machine(&url) {
            self.odd.push(format!("the headers for {} go over the network as plain text", shown(&url)));
        }
        let timeout = self.number("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000);
        let timeout = Duration::from_millis(self.number(&own("TIMEOUT"), timeout).max(1));
        let roots = self.either(&own("CERTIFICATE"), "OTEL_EXPORTER_OTLP_CERTIFICATE");
        let roots = roots.and_then(|path| {
            fs::read(&path).map_err(|error| self.odd.push(format!("{path} cannot be read: {error}"))).ok()
        });
        Some(Collector { url, headers, timeout, encoding, roots })
    }

    fn address(&mut self, name: &str, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            // It may hold a password.
            self.odd.push(format!("{name} is no address with http:// or https://: nothing is sent there"));
        }
        url
    }

    /// `name=value,…`, values with %-escapes; of the first variable that is set.
    fn headers(&mut self, names: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let Some((name, text)) = names.iter().find_map(|name| Some((*name, self.text(name)?))) else {
            return headers;
        };
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let Some((key, value)) = pair.split_once('=').and_then(|(key, value)| header(key, value)) else {
                self.odd.push(format!("{name} is not name=value,name=value: a part of it is left out"));
                continue;
            };
            headers.insert(key, value);
        }
        headers
    }

    fn number(&mut self, name: &str, default: u64) -> u64 {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.odd.push(format!("{name} is no whole number: {default} is taken"));
            default
        })
    }

    fn either(&self, own: &str, of_all: &str) -> Option<String> {
        self.text(own).or_else(|| self.text(of_all))
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = self.env.get(name)?.to_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    redact::register(value);
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    redact::register(&value);
    if let Some((_, token)) = value.split_once(' ') {
        redact::register(token);
    }
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::from_str(name.trim()).ok()?, value))
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// An address without what may be secret in it.
pub(super) fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> (Option<Settings>, Vec<String>) {
        let mut odd = Vec::new();
        let settings = Settings::read(&variables.iter().copied().collect(), &mut odd);
        (settings, odd)
    }

    fn url(collector: Option<Collector>) -> Option<String> {
        collector.map(|to| to.url.to_string())
    }

    #[test]
    fn a_collector_for_all_gets_paths_and_one_for_some_is_taken_as_it_is() {
        let (settings, odd) = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/")]);
        let settings = settings.expect("a collector");
        assert_eq!(url(settings.traces).as_deref(), Some("http://localhost:4318/v1/traces"));
        assert_eq!(url(settings.metrics).as_deref(), Some("http://localhost:4318/v1/metrics"));
        assert_eq!(odd, Vec::<String>::new());
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example/otlp");
        let settings = read(&[own]).0.expect("a collector");
        assert_eq!(url(settings.traces).as_deref(), Some("https://traces.example/otlp"));
        assert!(settings.metrics.is_none());
        let both = read(&[
            own,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
            ("OTEL_METRICS_EXPORTER", "none"),
        ]);
        assert!(both.0.is_some_and(|settings| settings.metrics.is_none() && settings.traces.is_some()));
    }

    #[test]
    fn without_a_collector_or_when_all_is_disabled_nothing_is_sent() {
        assert!(read(&[("OTEL_SERVICE_NAME", "x")]).0.is_none());
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert!(read(&[endpoint, ("OTEL_SDK_DISABLED", "true")]).0.is_none());
        assert!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]).0.is_none());
    }

    #[test]
    fn headers_are_decoded_and_are_secrets() {
        let given =
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=7, authorization=Basic%20dXNlcjpTZWNyZXRDYW5hcnk%3D,,odd");
        let (settings, odd) = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), given]);
        let traces = settings.and_then(|settings| settings.traces).expect("a collector");
        assert_eq!(traces.headers["authorization"], "Basic dXNlcjpTZWNyZXRDYW5hcnk=");
        assert_eq!(traces.headers["x-team"], "7");
        let shown = format!("{traces:?}");
        assert!(!shown.contains("dXNlcjpT"), "{shown}");
        assert!(!redact::scrub("at dXNlcjpTZWNyZXRDYW5hcnk=").contains("dXNlcjp"));
        assert!(
            odd.iter().any(|why| why.contains("plain text"))
                && odd.iter().any(|why| why.contains("left out"))
        );
    }

    #[test]
    fn what_cannot_be_followed_is_said_without_its_value() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317");
        let (settings, odd) = read(&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
        assert!(settings.is_none() && odd[0].contains("http/protobuf"), "{odd:?}");
        let (settings, odd) = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "user:secret@collector")]);
        assert!(settings.is_none() && !odd.join("").contains("secret"), "{odd:?}");
        let (settings, odd) =
            read(&[endpoint, ("OTEL_BSP_MAX_QUEUE_SIZE", "many"), ("OTEL_BSP_SCHEDULE_DELAY", "7")]);
        let batch = Batch { room: 2048, most: 512, delay: Duration::from_millis(7) };
        assert_eq!(settings.map(|settings| settings.batch), Some(batch));
        assert!(odd[0].contains("2048"), "{odd:?}");
    }
}
