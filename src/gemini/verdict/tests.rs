//! The whole table of whose fault an error is, against recorded bodies (`tests/data/gemini/errors.json`), with keys and
//! project numbers replaced.

use std::collections::HashSet;

use proptest::prelude::any;
use proptest::proptest;
use serde::Deserialize;
use serde_json::Value;

use super::*;

#[derive(Deserialize)]
struct Recorded {
    name: String,
    status: u16,
    expect: String,
    #[serde(default)]
    thinking_refused: bool,
    #[serde(default)]
    consumer: Option<String>,
    #[serde(default)]
    help_url: Option<String>,
    body: Value,
}

impl Recorded {
    fn body(&self) -> String {
        match &self.body {
            Value::String(text) => text.clone(),
            json => format!("{json:#}"),
        }
    }
}

fn recorded() -> Vec<Recorded> {
    serde_json::from_str(include_str!("../../../tests/data/gemini/errors.json")).expect("the golden file")
}

/// An outcome as the golden file writes it.
fn short(outcome: &Outcome) -> String {
    let mut words = outcome.name().to_owned();
    let mut add = |word: String| words.push_str(&word);
    let limit_word = |limit: Option<u32>| limit.map(|limit| format!(" limit={limit}")).unwrap_or_default();
    match outcome {
        Outcome::MinuteLimit { retry_after, limit, of_tokens } => {
            add(format!(" {}s{}", retry_after.as_secs_f64(), limit_word(*limit)));
            add(if *of_tokens { " tokens".to_owned() } else { String::new() });
        }
        Outcome::DayLimit { retry_after, limit } => {
            add(retry_after.map(|wait| format!(" {}s", wait.as_secs_f64())).unwrap_or_default());
            add(limit_word(*limit));
        }
        Outcome::SpendCap { retry_after } => add(format!(" {}s", retry_after.as_secs_f64())),
        Outcome::Unreachable { sent: true } => add(" sent".to_owned()),
        _ => {}
    }
    words
}

#[test]
fn every_recorded_error_is_attributed_as_the_table_says() {
    let recorded = recorded();
    assert!(recorded.len() >= 45, "{} recorded bodies", recorded.len());
    let names: HashSet<_> = recorded.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), recorded.len(), "names are unique");
    for case in &recorded {
        let verdict = verdict(case.status, &case.body());
        assert_eq!(short(&verdict.outcome), case.expect, "{}", case.name);
        assert_eq!(verdict.thinking_refused, case.thinking_refused, "{}", case.name);
        assert_eq!(verdict.consumer, case.consumer, "{}", case.name);
        assert_eq!(verdict.help_url, case.help_url, "{}", case.name);
    }
}

#[test]
fn every_kind_of_rejection_and_limit_is_recorded() {
    let seen: HashSet<String> =
        recorded().iter().map(|case| case.expect.split(' ').next().unwrap_or_default().to_owned()).collect();
    for kind in [
        "invalid",
        "expired",
        "leaked",
        "wrong_token_type",
        "restricted",
        "suspended",
        "service_disabled",
        "no_credit",
        "unauthorized",
        "minute_limit",
        "day_limit",
        "model_off",
        "model_missing",
        "bare_limit",
        "tool_limit",
        "spend_cap",
        "overloaded",
        "upstream_error",
        "region_unsupported",
        "bad_request",
        "abandoned",
        "unreachable",
    ] {
        assert!(seen.contains(kind), "{kind}");
    }
}

#[test]
fn no_echoed_key_is_left_in_a_verdict() {
    let mut echoes = 0;
    for case in recorded() {
        let body = case.body();
        echoes += usize::from(body.to_lowercase().contains("canary"));
        let verdict = verdict(case.status, &body);
        assert!(!format!("{verdict:?}").to_lowercase().contains("canary"), "{}", case.name);
    }
    assert!(echoes >= 3, "the golden file echoes keys");
}

#[test]
fn a_detail_is_one_short_line_in_googles_words() {
    let cases = [
        (
            503,
            r#"{"error":{"status":"UNAVAILABLE","message":"The model\n\tis  overloaded."}}"#,
            "503 UNAVAILABLE: The model is overloaded.",
        ),
        (502, "<html><title>Error 502</title>", "502 an HTML page: Error 502"),
        (502, "<html><p>oh", "502 an HTML page"),
        (429, "", "429"),
        (500, "\u{1b}[31mplain\u{0} text", "500 [31mplain text"),
    ];
    for (status, body, detail) in cases {
        assert_eq!(verdict(status, body).detail.as_deref(), Some(detail), "{body}");
    }
    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "ü".repeat(100_000));
    assert_eq!(verdict(400, &long).detail.map(|detail| detail.chars().count()), Some(401));
}

#[test]
fn an_error_inside_a_200_stands_for_a_status() {
    let cases = [
        (r#"{"error":{"code":503,"message":"x"}}"#, 503),
        (r#"{"error":{"code":"429"}}"#, 429),
        (r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#, 429),
        (r#"{"error":{"code":8,"status":"UNAVAILABLE"}}"#, 503),
        (r#"{"error":{"status":"PERMISSION_DENIED"}}"#, 403),
        (r#"{"error":{"code":200}}"#, 500),
        (r#"{"error":"boom"}"#, 500),
    ];
    for (body, status) in cases {
        assert_eq!(code_of_body(&serde_json::from_str(body).expect("a test's own JSON")), status, "{body}");
    }
}

#[test]
fn an_unsafe_help_link_is_not_shown() {
    for url in [
        "javascript:alert(1)",
        "http://console.cloud.google.com/",
        "https://x.test/a b",
        "https://x.test/\\u0000",
    ] {
        let body = format!(r#"{{"error":{{"details":[{{"links":[{{"url":"{url}"}}]}}]}}}}"#);
        assert_eq!(verdict(403, &body).help_url, None, "{url}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_verdict_panic(status in any::<u16>(), body in "\\PC{0,200}") {
        verdict(status, &body);
    }

    #[test]
    fn no_message_makes_the_verdict_panic(status in 400u16..600, message in "(retry in |limit: |projects/|api_key:|[0-9.hms ]|\\PC){0,30}", delay in "\\PC{0,8}s") {
        let body = serde_json::json!({"error": {"message": message, "details": [{"retryDelay": delay}]}});
        verdict(status, &body.to_string());
    }
}
