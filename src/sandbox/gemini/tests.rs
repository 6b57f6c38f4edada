//! The fake Gemini server as a client sees it, through reqwest.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Model, ModelLimit, Timing};
use crate::sandbox::faults::Fault;
use crate::sandbox::report::Bounds;
use crate::sandbox::{Options, Sandbox};

const FLASH: &str = "gemini-3.8-flash";

mod faults;
mod media;

struct World {
    sandbox: Sandbox,
    client: Client,
}

impl World {
    async fn start() -> World {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        World { sandbox: Sandbox::start(Options::default()).await.unwrap(), client }
    }

    fn secret(&self, label: &str) -> String {
        self.sandbox.gemini().keys().into_iter().find(|row| row.0 == label).unwrap().1
    }

    fn request(&self, label: &str, action: &str, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("{}/v1beta/models/{action}", self.sandbox.gemini_url());
        self.client.post(url).header("x-goog-api-key", self.secret(label)).json(body)
    }

    async fn call(&self, label: &str, action: &str, body: &Value) -> (u16, Value) {
        let reply = self.request(label, action, body).send().await.unwrap();
        let status = reply.status().as_u16();
        (status, serde_json::from_str(&reply.text().await.unwrap()).unwrap())
    }

    async fn ask(&self, label: &str, text: &str) -> (u16, Value) {
        self.call(label, &format!("{FLASH}:generateContent"), &question(text)).await
    }

    /// The raw text of a stream, and whether it ended well.
    async fn stream(&self, label: &str, text: &str) -> (StatusCode, String, bool) {
        let action = format!("{FLASH}:streamGenerateContent?alt=sse");
        let mut reply = self.request(label, &action, &question(text)).send().await.unwrap();
        let (status, mut bytes) = (reply.status(), Vec::new());
        loop {
            match reply.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return (status, String::from_utf8_lossy(&bytes).into_owned(), true),
                Err(_) => return (status, String::from_utf8_lossy(&bytes).into_owned(), false),
            }
        }
    }
}

fn question(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

/// A reader of SSE that shares nothing with the product: the events of a text.
fn events(text: &str) -> Vec<Value> {
    let text = text.replace("\r\n", "\n");
    let data = |block: &str| {
        block.lines().filter_map(|line| line.strip_prefix("data: ")).collect::<Vec<_>>().join("\n")
    };
    let blocks = text.split("\n\n").map(data).filter(|data| !data.is_empty());
    blocks.map(|data| serde_json::from_str(&data).unwrap()).collect()
}

fn joined(events: &[Value]) -> String {
    let part = |event: &Value| {
        let parts = event["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default();
        let said = parts.iter().filter(|part| part["thought"] != true);
        said.filter_map(|part| part["text"].as_str().map(str::to_owned)).collect::<String>()
    };
    events.iter().map(part).collect()
}

#[tokio::test]
async fn a_stream_and_a_plain_call_say_the_same() {
    let world = World::start().await;
    let (status, plain) = world.ask("A1", "怎么写排序？").await;
    assert_eq!((status, plain["candidates"][0]["finishReason"].as_str()), (200, Some("STOP")));
    let (status, raw, complete) = world.stream("A1", "怎么写排序？").await;
    assert!(status == StatusCode::OK && complete && raw.ends_with("\r\n\r\n"), "{raw}");
    let events = events(&raw);
    assert!(events.len() > 2, "{events:?}");
    assert_eq!(joined(&events), joined(&[plain]));
    let last = events.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    let usage = &last["usageMetadata"];
    let sum = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"]
        .map(|n| usage[n].as_u64().unwrap());
    assert_eq!(usage["totalTokenCount"], json!(sum.iter().sum::<u64>()));
    let array =
        world.call("A1", &format!("{FLASH}:streamGenerateContent"), &question("怎么写排序？")).await.1;
    assert_eq!(joined(array.as_array().unwrap()), joined(&events));
}

#[tokio::test]
async fn every_error_has_the_body_of_the_real_server() {
    let world = World::start().await;
    let table: &[(Fault, u16, &str, &str)] = &[
        (
            Fault::PerMinute,
            429,
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "\"retryDelay\":\"46s\"",
        ),
        (Fault::TokensPerMinute, 429, "GenerateContentInputTokensPerModelPerMinute-FreeTier", "250000"),
        (Fault::PerDay, 429, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "10h17m5.7"),
        (Fault::PerDayZeroDelay, 429, "PerDay", "\"retryDelay\":\"0s\""),
        (Fault::LimitZero, 429, "limit: 0", "RESOURCE_EXHAUSTED"),
        (Fault::Bare, 429, "(e.g. check quota).", "RESOURCE_EXHAUSTED"),
        (Fault::Capacity, 429, "MODEL_CAPACITY_EXHAUSTED", "No capacity"),
        (Fault::KeyInvalid, 400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"),
        (Fault::KeyExpired, 400, "API key expired", "API_KEY_INVALID"),
        (Fault::Region, 400, "User location is not supported", "FAILED_PRECONDITION"),
        (Fault::TokenType, 401, "ACCESS_TOKEN_TYPE_UNSUPPORTED", "Expected OAuth 2"),
        (Fault::Prepay, 402, "prepayment credits", "RESOURCE_EXHAUSTED"),
        (Fault::Leaked, 403, "reported as leaked", "PERMISSION_DENIED"),
        (Fault::Disabled, 403, "SERVICE_DISABLED", "\"consumer\":\"projects/"),
        (
            Fault::ServiceBlocked,
            403,
            "API_KEY_SERVICE_BLOCKED",
            "GenerativeService.GenerateContent are blocked",
        ),
        (Fault::Referrer, 403, "API_KEY_HTTP_REFERRER_BLOCKED", "referer <empty>"),
        (Fault::NotFound, 404, "is not found for API version v1beta", "NOT_FOUND"),
        (Fault::NewUsers, 404, "no longer available to new users", "NOT_FOUND"),
        (Fault::Internal, 500, "An internal error has occurred", "INTERNAL"),
        (Fault::Overloaded, 503, "The model is overloaded", "UNAVAILABLE"),
        (Fault::HighDemand, 503, "experiencing high demand", "UNAVAILABLE"),
        (Fault::Deadline, 504, "Deadline expired", "DEADLINE_EXCEEDED"),
    ];
    for (fault, status, first, second) in table {
        world.sandbox.gemini().clear_faults();
        world.sandbox.gemini().fail(&format!("A1={}", fault.name())).unwrap();
        let (got, body) = world.ask("A1", "hi").await;
        let text = body.to_string();
        assert!(
            got == *status && text.contains(first) && text.contains(second),
            "{}: {got} {text}",
            fault.name()
        );
        assert_eq!(body["error"]["code"], *status);
        assert_eq!(world.ask("B1", "hi").await.0, 200, "another key is well");
    }
    world.sandbox.gemini().clear_faults();
    world.sandbox.gemini().fail("A1=403suspended,A2=array").unwrap();
    let suspended = world.ask("A1", "hi").await.1.to_string();
    assert!(suspended.contains(&format!("Consumer 'api_key:{}'", world.secret("A1"))), "it repeats the key");
    assert_eq!(world.ask("A2", "hi").await.1[0]["error"]["code"], 503);
}

#[tokio::test]
async fn a_wrong_request_is_refused_in_the_words_of_the_real_server() {
    let world = World::start().await;
    let ok = json!([{"role": "user", "parts": [{"text": "hi"}]}]);
    let table = [
        (json!({"contents": ok, "foo": 1}), "Unknown name \"foo\": Cannot find field."),
        (json!({"contents": [{"parts": [{"txt": "x"}]}]}), "Unknown name \"txt\" at 'contents[0].parts[0]'"),
        (json!({"contents": []}), "contents is not specified"),
        (json!({}), "contents is not specified"),
        (json!({"contents": [{"role": "user", "parts": []}]}), "contents.parts must not be empty"),
        (json!({"contents": [{"role": "user", "parts": [{}]}]}), "required oneof field 'data'"),
        (json!({"contents": [{"role": "bot", "parts": [{"text": "x"}]}]}), "valid role"),
        (json!({"contents": [{"role": "model", "parts": [{"text": "x"}]}]}), "ends with a user role"),
        (json!({"contents": ok, "generationConfig": {"temperature": "hot"}}), "(TYPE_FLOAT), \"hot\""),
        (json!({"contents": ok, "generationConfig": {"temperature": 3}}), "[0.0, 2.0]"),
        (json!({"contents": ok, "generation_config": {"maxOutputTokens": 0}}), "must be positive"),
        (
            json!({"contents": ok, "generationConfig": {"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "low"}}}),
            "only one of thinking budget and thinking level",
        ),
        (
            json!({"contents": ok, "safetySettings": [{"category": "HARM", "threshold": "OFF"}]}),
            "HarmCategory",
        ),
        (
            json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "%"}}]}]}),
            "Base64",
        ),
        (json!({"contents": [{"parts": [{"text": "x", "inlineData": {"data": ""}}]}]}), "oneof"),
    ];
    for (body, says) in table {
        let (status, reply) = world.call("A1", &format!("{FLASH}:generateContent"), &body).await;
        assert_eq!((status, reply["error"]["status"].as_str()), (400, Some("INVALID_ARGUMENT")), "{body}");
        let message = reply["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{body}: {message}");
    }
    let good = json!({"contents": ok, "systemInstruction": {"parts": [{"text": "be brief"}]},
        "generationConfig": {"maxOutputTokens": 900, "thinkingConfig": {"thinkingLevel": "low"}},
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]});
    assert_eq!(world.call("A1", &format!("{FLASH}:generateContent"), &good).await.0, 200);
    let last = world.sandbox.gemini().calls().pop().unwrap();
    assert_eq!(last.flags, Vec::<String>::new());
}

#[tokio::test]
async fn keys_models_and_paths_are_checked() {
    let world = World::start().await;
    let url = format!("{}/v1beta/models", world.sandbox.gemini_url());
    let bare = world.client.get(&url).send().await.unwrap();
    assert_eq!(bare.status(), 403);
    let wrong = world.client.get(&url).header("x-goog-api-key", "nonsense").send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("API_KEY_INVALID"));
    let in_url = world.client.get(format!("{url}?key={}", world.secret("A1"))).send().await.unwrap();
    assert_eq!(in_url.status(), 200);
    assert_eq!(world.sandbox.gemini().calls().pop().unwrap().flags, ["key in the URL"]);
    let (status, body) = world.call("A1", "gemini-1.0-pro:generateContent", &question("hi")).await;
    assert!(
        status == 404
            && body.to_string().contains("models/gemini-1.0-pro is not found for API version v1beta")
    );
    let lost = world.client.get(format!("{}/v9/models", world.sandbox.gemini_url())).send().await.unwrap();
    assert!(lost.status() == 404 && lost.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    world.sandbox.gemini().remove_key("A1");
    assert_eq!(
        world.client.get(&url).header("x-goog-api-key", "AQ.gone").send().await.unwrap().status(),
        400
    );
}

#[tokio::test]
async fn the_model_list_is_paged_and_may_differ_per_key() {
    let world = World::start().await;
    world.sandbox.gemini().set_models_of("B1", vec![Model::new("only")]);
    let page = async |label: &str, query: &str| -> Value {
        let url = format!("{}/v1beta/models{query}", world.sandbox.gemini_url());
        let reply = world.client.get(url).header("x-goog-api-key", world.secret(label)).send().await.unwrap();
        reply.json().await.unwrap()
    };
    let whole = page("A1", "").await;
    assert!(whole.get("nextPageToken").is_none());
    let mut names = Vec::new();
    let mut query = "?pageSize=4".to_owned();
    loop {
        let got = page("A1", &query).await;
        names.extend(got["models"].as_array().unwrap().iter().map(|model| model["name"].clone()));
        match got["nextPageToken"].as_str() {
            Some(token) => query = format!("?pageSize=4&pageToken={token}"),
            None => break,
        }
    }
    let all: Vec<_> = whole["models"].as_array().unwrap().iter().map(|model| model["name"].clone()).collect();
    assert_eq!(names, all);
    assert_eq!(page("B1", "").await["models"][0]["name"], "models/only");
    assert_eq!(page("A1", "/gemini-3.8-flash").await["thinking"], true);
    assert_eq!(page("A1", "?pageToken=zz").await["error"]["code"], 400);
}

#[tokio::test]
async fn thinking_eats_the_cap_and_is_shown_only_when_asked_for() {
    let world = World::start().await;
    let ask = async |config: Value| {
        let mut body = question("tell me something long");
        body["generationConfig"] = config;
        world.call("A1", &format!("{FLASH}:generateContent"), &body).await.1
    };
    let small = ask(json!({"maxOutputTokens": 20})).await;
    assert_eq!(
        (joined(std::slice::from_ref(&small)).as_str(), small["candidates"][0]["finishReason"].as_str()),
        ("", Some("MAX_TOKENS"))
    );
    let minimal = ask(json!({"maxOutputTokens": 20, "thinkingConfig": {"thinkingLevel": "minimal"}})).await;
    assert!(!joined(&[minimal]).is_empty());
    let shown = ask(json!({"thinkingConfig": {"includeThoughts": true}})).await;
    assert_eq!(shown["candidates"][0]["content"]["parts"][0]["thought"], true);
}

#[tokio::test]
async fn quotas_are_enforced_and_the_report_finds_what_broke_a_bound() {
    let world = World::start().await;
    let gemini = world.sandbox.gemini();
    gemini.enforce(vec![ModelLimit { model: String::new(), per_minute: 2, per_day: 100 }]);
    let statuses = [world.ask("A1", "1").await.0, world.ask("A1", "2").await.0, world.ask("A1", "3").await.0];
    assert_eq!((statuses, world.ask("A2", "4").await.0), ([200, 200, 429], 200));
    let report = gemini.report();
    assert_eq!((report.sends, report.most_per_minute()), (4, 3));
    assert!(report.smallest_gap().unwrap() < 5_000);
    let broken = report.violations(Bounds { per_minute: 2, gap_ms: 9_950, per_day: 3 });
    assert_eq!(broken.len(), 2, "{broken:?}");
}

#[tokio::test]
async fn the_first_byte_and_the_pace_are_as_set() {
    let world = World::start().await;
    let ms = Duration::from_millis;
    world.sandbox.gemini().set_timing(Timing { first: ms(150), between: ms(20), chunk_chars: 8 });
    world.sandbox.gemini().answer_when("long", Answer::Long(80));
    let started = Instant::now();
    let action = format!("{FLASH}:streamGenerateContent?alt=sse");
    let mut reply = world.request("A1", &action, &question("long")).send().await.unwrap();
    assert!(reply.chunk().await.unwrap().is_some() && started.elapsed() >= ms(150));
    while reply.chunk().await.unwrap().is_some() {}
    assert!(started.elapsed() >= ms(150 + 9 * 20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_witness_file_gives_the_same_report() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness.jsonl");
    let options = Options { witness: Some(path.clone()), ..Options::default() };
    let client = Client::new();
    let world = World { sandbox: Sandbox::start(options).await.unwrap(), client };
    world.ask("A1", "one").await;
    world.stream("B2", "two").await;
    world.sandbox.flush_witness();
    let report = crate::sandbox::report::Report::of_file(&path).unwrap();
    assert_eq!((report.sends, report.clone()), (2, world.sandbox.gemini().report()));
    let text = std::fs::read_to_string(&path).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((first["key"].as_str(), first["status"].as_u64()), (Some("A1"), Some(200)));
    assert!(!text.contains(&world.secret("A1")), "the witness holds no secret");
}
