//! Traces and metrics as a collector gets them from the real daemon.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, User};

use crate::collector::{Collector, Span, attributes, mute, nobody, protobuf_fields};
use crate::support::canary::Canaries;
use crate::support::{Daemon, World, chinese, code, english};

const TOKEN: &str = "Zq7-canary-of-the-collector_Wm3Kx9";

fn start(world: &World, endpoint: &str, more: &[(&str, &str)]) -> Daemon {
    let header = format!("authorization=Bearer%20{TOKEN}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_HEADERS", &header),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    world.start_unlimited_with(&[&variables, more].concat())
}

/// The children of a span, in the order of their beginning.
fn children<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
    let id = parent.text("spanId");
    let mut children: Vec<&Span> = spans.iter().filter(|span| span.text("parentSpanId") == id).collect();
    children.sort_by_key(|span| span.time("startTimeUnixNano"));
    children
}

fn named<'a>(spans: &[&'a Span], start: &str) -> Vec<&'a Span> {
    spans.iter().copied().filter(|span| span.text("name").starts_with(start)).collect()
}

#[test]
fn every_message_is_a_trace_and_each_of_its_attempts_a_child() {
    let (world, collector) = (World::new(), Collector::start());
    let more = [("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"), ("LOG_LEVEL", "trace")];
    let mut daemon = start(&world, &collector.url(), &more);
    let (ann, lin) = (english(), chinese());
    world.sandbox().gemini().fail("*=503@1").expect("a known fault");
    let answers = world.ask(&ann, "marzipan: what is it made of?", 1);
    let more = world.ask(&lin, "杏仁糖是什么？", 1);
    assert_eq!(code(daemon.terminate()), "0");

    let spans = collector.spans();
    let roots: Vec<&Span> = spans.iter().filter(|span| span.is_root()).collect();
    assert_eq!(roots.len(), 2, "{spans:#?}");
    let ids: HashSet<String> = spans.iter().map(|span| span.text("spanId")).collect();
    assert_eq!(ids.len(), spans.len(), "no span comes twice");
    for span in &spans {
        let (trace, own) = (span.text("traceId"), span.text("spanId"));
        let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        assert!(trace.len() == 32 && own.len() == 16 && is_hex(&trace) && is_hex(&own), "{trace} {own}");
        let root = roots.iter().find(|root| root.text("traceId") == trace).expect("each is in a trace");
        assert!(span.is_root() || span.text("parentSpanId") == root.text("spanId"));
    }
    assert_ne!(roots[0].text("traceId"), roots[1].text("traceId"));

    let calls = world.sandbox().gemini().generations();
    let first = roots.iter().find(|root| children(&spans, root).iter().any(|span| span.is_failed()));
    let first = first.expect("one had a failure");
    let second = roots.iter().find(|root| root.text("traceId") != first.text("traceId")).expect("two");
    let tries = named(&children(&spans, first), "generate_content ");
    assert_eq!(tries.len(), 2, "{tries:#?}");
    assert_eq!((tries[0].is_failed(), tries[1].is_failed()), (true, false));
    assert_eq!(tries[0].attribute("error.type"), tries[0].attribute("svs.outcome"));
    assert_eq!(tries[1].attribute("svs.outcome"), "answered");
    let third = named(&children(&spans, second), "generate_content ");
    assert_eq!(third.len(), 1);
    for (span, call) in tries.iter().chain(&third).zip(&calls) {
        assert_eq!(span.attribute("svs.key"), *call.key, "the key that Gemini saw");
        assert_eq!(span.attribute("gen_ai.request.model"), *call.model);
        assert_eq!(span.text("name"), format!("generate_content {}", call.model));
        assert_eq!(span.attribute("gen_ai.provider.name"), "gcp.gemini");
        assert_eq!(span.0["kind"], 3, "a call to another service");
        let came = u64::try_from(call.at).expect("after 1970") * 1_000_000;
        let (began, ended) = (span.time("startTimeUnixNano"), span.time("endTimeUnixNano"));
        let slack = 5_000_000;
        assert!(began <= came + slack && came <= ended + slack, "{began} {came} {ended}");
        let is_inside = |root: &&Span| {
            root.time("startTimeUnixNano") <= began + slack && ended <= root.time("endTimeUnixNano") + slack
        };
        assert!([first, second].iter().any(|root| is_inside(root)), "{span:?}");
    }
    assert!(tries[0].time("endTimeUnixNano") <= tries[1].time("startTimeUnixNano") + 5_000_000);
    for answered in [tries[1], third[0]] {
        let tokens = |name: &str| answered.attribute(name).parse::<u64>().unwrap_or_default();
        assert!(tokens("gen_ai.usage.input_tokens") > 0 && tokens("gen_ai.usage.output_tokens") > 0);
        assert_eq!(
            answered.attribute("gen_ai.response.finish_reasons"),
            r#"{"values":[{"stringValue":"STOP"}]}"#
        );
        let first: f64 = answered.attribute("gen_ai.response.time_to_first_chunk").parse().expect("seconds");
        assert!(first > 0.0 && first <= answered.took().as_secs_f64());
    }
    for root in [first, second] {
        assert_eq!(root.text("name"), "process update");
        assert_eq!((root.0["kind"].clone(), root.is_failed()), (5.into(), false));
        assert_eq!(
            (root.attribute("svs.ending"), root.attribute("svs.role")),
            ("answered".into(), "normal".into())
        );
        let said = children(&spans, root);
        let said: HashSet<String> = said.iter().map(|span| span.text("name")).collect();
        assert!(said.contains("sendMessage") && said.contains("editMessageText"), "{said:?}");
    }
    assert_eq!((first.attribute("svs.attempts"), second.attribute("svs.attempts")), ("2".into(), "1".into()));
    // As the log names them.
    let (one, other) = (first.attribute("enduser.pseudo.id"), second.attribute("enduser.pseudo.id"));
    assert!(one.starts_with("u-") && other.starts_with("u-") && one != other);
    assert!(world.log().contains(&format!("user={one}")), "the failed attempt is in the log");

    let resource = collector.json("/v1/traces")[0]["resourceSpans"][0]["resource"].clone();
    let resource = attributes(&resource);
    assert_eq!(resource["service.name"], "svs");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment.name"], "test");
    assert!(!spans.iter().any(|span| span.attributes().values().any(|value| *value == ann.id.to_string())));
    nothing_of_anybody_leaves(&world, &collector, &[&answers[0].text, &more[0].text]);
}

/// No secret, no question, no answer in any byte; and the token of the collector only where it belongs.
fn nothing_of_anybody_leaves(world: &World, collector: &Collector, said: &[&str]) {
    let mut secrets = vec![("the token".to_owned(), world.sandbox().bot_token().to_owned())];
    secrets.extend(world.sandbox().gemini().keys().into_iter().map(|(label, secret, _)| (label, secret)));
    let canaries = Canaries::new(&secrets);
    let of_collector = Canaries::new(&[("the collector's token".to_owned(), TOKEN.to_owned())]);
    for posted in collector.posted() {
        canaries.assert_none("a head", posted.head.as_bytes());
        canaries.assert_none("a message", &posted.body);
        of_collector.assert_none("a message", &posted.body);
        assert!(posted.head.contains(&format!("Bearer {TOKEN}")), "{}", posted.head);
        let body = String::from_utf8(posted.body).expect("text");
        for words in ["marzipan", "杏仁糖", "Ann", "小林"].into_iter().chain(said.iter().copied()) {
            assert!(!body.contains(words), "{words} in {body}");
        }
    }
    of_collector.assert_none("the log", world.log().as_bytes());
}

/// The value of one series of the last message; of a histogram its count.
fn told(message: &Value, name: &str, label: Option<(&str, &str)>) -> Option<f64> {
    let metrics = message["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array()?;
    let metric = metrics.iter().find(|metric| metric["name"] == name)?;
    let data = ["sum", "gauge", "histogram"].iter().find_map(|kind| metric.get(*kind))?;
    let fits = |point: &&Value| {
        label.is_none_or(|(key, value)| attributes(point).get(key).is_some_and(|is| is == value))
    };
    let points: Vec<&Value> = data["dataPoints"].as_array()?.iter().filter(fits).collect();
    let value = |point: &&Value| {
        point["asDouble"].as_f64().or_else(|| point["count"].as_str().and_then(|count| count.parse().ok()))
    };
    (!points.is_empty()).then(|| points.iter().filter_map(value).sum())
}

#[test]
fn metrics_are_those_of_the_door_for_monitoring() {
    let (world, collector) = (World::new(), Collector::start());
    let more = [("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_TRACES_EXPORTER", "none")];
    let mut daemon = start(&world, &collector.url(), &more);
    world.sandbox().gemini().fail("*=503@1").expect("a known fault");
    world.ask(&english(), "one?", 1);
    world.ask(&chinese(), "two?", 1);
    world.wait("several messages", || collector.json("/v1/metrics").len() > 2);
    assert_eq!(code(daemon.terminate()), "0");
    let all = collector.json("/v1/metrics");
    let last = all.last().expect("the last is sent at the end");
    let answered = Some(("ending", "answered"));
    assert_eq!(told(last, "svs_requests_total", answered), Some(2.0));
    assert_eq!(told(last, "svs_sends_total", None), Some(3.0), "{last:#}");
    assert_eq!(told(last, "svs_request_seconds", None), Some(2.0));
    assert_eq!(told(last, "svs_keys", Some(("group", "A"))), Some(6.0));
    assert_eq!(told(last, "svs_updates_received_total", None), Some(2.0));
    let metrics = last["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().expect("metrics");
    for metric in metrics {
        if let Some(sum) = metric.get("sum") {
            // Cumulative.
            assert_eq!((&sum["aggregationTemporality"], &sum["isMonotonic"]), (&2.into(), &true.into()));
        }
        for point in metric["histogram"]["dataPoints"].as_array().into_iter().flatten() {
            let counts = point["bucketCounts"].as_array().expect("counts");
            let total: u64 = counts.iter().filter_map(|count| count.as_str()?.parse::<u64>().ok()).sum();
            assert_eq!(point["count"], total.to_string(), "{metric}");
            assert_eq!(counts.len(), point["explicitBounds"].as_array().expect("bounds").len() + 1);
        }
        let since = |point: &Value| point["startTimeUnixNano"].as_str().map(str::to_owned);
        assert_ne!(since(&metric["gauge"]["dataPoints"][0]), Some(String::new()));
    }
    assert!(collector.spans().is_empty(), "traces were not wanted");
}

#[test]
fn a_bot_without_its_collector_answers_and_ends_in_time() {
    for (endpoint, what) in [(nobody(), "nobody listens"), (mute(), "nobody answers")] {
        let world = World::new();
        let more = [("OTEL_EXPORTER_OTLP_TIMEOUT", "500"), ("OTEL_BSP_MAX_QUEUE_SIZE", "2")];
        let mut daemon = start(&world, &endpoint, &more);
        let began = Instant::now();
        for question in 1..=4 {
            world.ask(&english(), &format!("question {question}?"), question);
        }
        let said = "the collector does not take spans";
        world.wait("that it is said", || world.log().contains(said));
        let asked = Instant::now();
        assert_eq!(code(daemon.terminate()), "0", "{what}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{what}: {:?}", asked.elapsed());
        assert_eq!(world.log().matches(said).count(), 1, "{what}, and that is said once: {}", world.log());
        assert!(
            world.log().contains("spans that no collector took since the start dropped="),
            "{}",
            world.log()
        );
        println!("{what}: {:?} in all", began.elapsed());
    }
}

#[test]
fn a_collector_that_comes_back_gets_what_follows() {
    let (world, collector) = (World::new(), Collector::start());
    collector.answer("400 Bad Request");
    let mut daemon = start(&world, &collector.url(), &[]);
    world.ask(&english(), "one?", 1);
    world.wait("a refusal", || world.log().contains("it answers 400"));
    collector.answer("200 OK");
    world.ask(&english(), "two?", 2);
    world.wait("that it is back", || world.log().contains("the collector takes spans again"));
    assert_eq!(code(daemon.terminate()), "0");
    let roots = collector.spans().into_iter().filter(Span::is_root).count();
    assert_eq!(roots, 1, "what was refused is gone");
}

#[test]
fn protobuf_is_spoken_unless_json_is_wished_for() {
    let (world, collector) = (World::new(), Collector::start());
    let mut daemon = start(&world, &collector.url(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", "")]);
    world.ask(&english(), "one?", 1);
    assert_eq!(code(daemon.terminate()), "0");
    let posted = collector.posted();
    let of = |path: &str| posted.iter().filter(|posted| posted.path == path).collect::<Vec<_>>();
    assert!(!of("/v1/metrics").is_empty());
    let mut names = Vec::new();
    for posted in of("/v1/traces") {
        assert!(posted.head.contains("application/x-protobuf"), "{}", posted.head);
        // resource_spans, scope_spans, spans: trace_id, name.
        let ids = protobuf_fields(&posted.body, &[1, 2, 2, 1]);
        assert!(ids.iter().all(|id| id.len() == 16), "{ids:?}");
        names.extend(protobuf_fields(&posted.body, &[1, 2, 2, 5]));
    }
    assert!(names.iter().any(|name| name == b"process update"), "{names:?}");
}

#[test]
fn a_sampler_leaves_whole_traces_out() {
    let (world, collector) = (World::new(), Collector::start());
    let more = [("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.5")];
    let mut daemon = start(&world, &collector.url(), &more);
    world.sandbox().gemini().answer(Answer::Echo);
    for n in 1..=24 {
        let user = User::new(30_000 + n, "Gus").language("en");
        world.sandbox().telegram().say(&user, &ChatSpec::Private, &format!("{n}?"));
    }
    for n in 1..=24 {
        world.answers(30_000 + n, 1);
    }
    assert_eq!(code(daemon.terminate()), "0");
    let spans = collector.spans();
    let traces: HashSet<String> = spans.iter().map(|span| span.text("traceId")).collect();
    let roots = spans.iter().filter(|span| span.is_root()).count();
    assert_eq!(traces.len(), roots, "each has its root");
    assert!((3..22).contains(&roots), "{roots} of 24");
}

#[test]
fn whoever_waits_without_a_task_and_is_recalled_is_one_trace() {
    const PEOPLE: i64 = 84;
    let (world, collector) = (World::new(), Collector::start());
    let more = [("SVS_LIMITS_COOLDOWN", "200ms"), ("SVS_ROUTER_MAX_WAIT", "1h")];
    let mut daemon = start(&world, &collector.url(), &more);
    world.sandbox().gemini().answer(Answer::Echo);
    for n in 1..=PEOPLE {
        let user = User::new(20_000 + n, "Gus").language("en");
        let group = ChatSpec::supergroup(-1_002_000_000_000 - n, "friends");
        world.sandbox().telegram().say(&user, &group, &format!("/ask what of {n}?"));
    }
    let answered = || world.sandbox().gemini().generations().len() as i64;
    world.wait_for("all answers", Duration::from_mins(1), || answered() >= PEOPLE);
    assert_eq!(code(daemon.terminate()), "0");
    let spans = collector.spans();
    let roots: HashMap<String, &Span> =
        spans.iter().filter(|span| span.is_root()).map(|span| (span.text("traceId"), span)).collect();
    assert_eq!(roots.len() as i64, PEOPLE);
    assert_eq!(spans.iter().filter(|span| span.is_root()).count() as i64, PEOPLE, "each once");
    let mut longest = Duration::ZERO;
    for root in roots.values() {
        let children = children(&spans, root);
        assert_eq!(named(&children, "generate_content ").len(), 1);
        let waits = named(&children, "wait for a key");
        assert!(waits.len() <= 1, "{waits:#?}");
        if let Some(wait) = waits.first() {
            longest = longest.max(wait.took());
            assert!(wait.took() <= root.took() + Duration::from_millis(5), "{root:?}");
        }
    }
    assert!(longest > Duration::from_secs(2), "the last has waited for {longest:?}");
}

#[test]
fn a_trace_goes_on_over_a_crash() {
    let (world, collector) = (World::new(), Collector::start());
    world.sandbox().gemini().fail("*=503@1,*=hang@1-").expect("known faults");
    let mut daemon = start(&world, &collector.url(), &[]);
    world.sandbox().telegram().say(&english(), &ChatSpec::Private, "one?");
    world.wait("the first attempt", || !collector.spans().is_empty());
    world.wait("the second", || world.sandbox().gemini().generations().len() == 2);
    daemon.kill();
    world.sandbox().gemini().clear_faults();
    let mut daemon = start(&world, &collector.url(), &[]);
    world.answers(english().id, 1);
    world.wait("the whole", || collector.spans().iter().any(Span::is_root));
    assert_eq!(code(daemon.terminate()), "0");
    let spans = collector.spans();
    let roots: Vec<&Span> = spans.iter().filter(|span| span.is_root()).collect();
    assert_eq!(roots.len(), 1);
    let tries = named(&children(&spans, roots[0]), "generate_content ");
    assert_eq!(tries.iter().map(|span| span.is_failed()).collect::<Vec<_>>(), [true, false], "{tries:#?}");
    assert_eq!(roots[0].attribute("svs.begun"), "2");
}
