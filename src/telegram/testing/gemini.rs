//! A Gemini on loopback that says what it was asked.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// Answers `echo: <question>`; a question with "slow" in it piece by piece, one with "endless" never to its end, one
/// with "lengthy" in more than one message, and one with "nothing" without a word until it is told to speak.
#[derive(Clone)]
pub(crate) struct FakeGemini(Arc<Mutex<Asked>>, u16);

#[derive(Default)]
struct Asked {
    requests: Vec<(String, Value)>,
    speaks: bool,
}

impl FakeGemini {
    pub(crate) async fn start() -> FakeGemini {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let fake = FakeGemini(Arc::default(), listener.local_addr().expect("bound").port());
        let app = axum::Router::new().fallback(axum::routing::post(serve)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        fake
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.1)
    }

    /// What was asked, request by request: the texts of all turns.
    pub(crate) fn asked(&self) -> Vec<Vec<String>> {
        self.lock().requests.iter().map(|(_, request)| turns(request)).collect()
    }

    /// The path of each request, with the model in it.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.lock().requests.iter().map(|(path, _)| path.clone()).collect()
    }

    /// From now on there is an answer to everything.
    pub(crate) fn speak(&self) {
        self.lock().speaks = true;
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn turns(request: &Value) -> Vec<String> {
    let contents = request["contents"].as_array().cloned().unwrap_or_default();
    contents.iter().filter_map(|turn| turn["parts"][0]["text"].as_str().map(str::to_owned)).collect()
}

async fn serve(
    State(fake): State<FakeGemini>,
    uri: axum::http::Uri,
    axum::Json(request): axum::Json<Value>,
) -> Response {
    let question = turns(&request).pop().unwrap_or_default();
    let speaks = {
        let mut asked = fake.lock();
        asked.requests.push((uri.path().to_owned(), request));
        asked.speaks
    };
    let is_endless = question.contains("endless");
    let pause = if is_endless || question.contains("slow") { 60 } else { 0 };
    let answer = match &question {
        _ if is_endless => "This goes on and on. ".repeat(2000),
        question if question.contains("lengthy") => format!("echo: {question}. ").repeat(400),
        question if question.contains("nothing") && !speaks => String::new(),
        question => format!("echo: {question}"),
    };
    let pieces: Vec<String> =
        if pause == 0 { vec![answer] } else { answer.split_inclusive(' ').map(str::to_owned).collect() };
    let events = futures_util::stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        event(&json!({"candidates": [{"content": {"role": "model", "parts": [{"text": piece}]}}]}))
    });
    let end = event(&json!({
        "candidates": [{"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    }));
    let body = Body::from_stream(events.chain(futures_util::stream::iter([end])).map(Ok::<_, Infallible>));
    ([("content-type", "text/event-stream")], body).into_response()
}

fn event(value: &Value) -> String {
    format!("data: {value}\r\n\r\n")
}
