//! A Bot API on loopback: keeps messages, logs calls, fails on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::config::{Pace, Secret, TelegramConfig};
use crate::store::Store;
use crate::telegram::api::Api;

pub(crate) const TOKEN: &str = "99:AAfakefakefakefakefakefakefakefakefa";

/// The other side.
#[derive(Clone)]
pub(crate) struct FakeBotApi(Arc<Mutex<World>>, u16);

#[derive(Default)]
struct World {
    updates: Vec<Value>,
    messages: BTreeMap<(i64, i64), Vec<String>>,
    calls: Vec<(String, Value)>,
    faults: VecDeque<(&'static str, Fault)>,
    files: BTreeMap<String, Vec<u8>>,
    next_message: i64,
}

/// What goes wrong with one call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Not served; answered so.
    Answer(u16, Value),
    /// Served, but the caller never learns.
    ServedUnheard,
    /// Not served, and the caller learns nothing.
    Lost,
}

impl FakeBotApi {
    pub(crate) async fn start() -> FakeBotApi {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let fake = FakeBotApi(Arc::default(), port);
        let app = axum::Router::new()
            .route("/{bot}/{method}", axum::routing::post(serve))
            .route("/file/{bot}/{name}", axum::routing::get(download))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        fake
    }

    pub(crate) fn config(&self) -> TelegramConfig {
        let pace = Pace { burst: 50, interval: Duration::from_millis(20) };
        TelegramConfig {
            token: Some(Secret::new(TOKEN)),
            api_url: format!("http://127.0.0.1:{}", self.1),
            poll_timeout: Duration::from_secs(1),
            private_pace: pace,
            group_pace: pace,
            ..TelegramConfig::default()
        }
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(&self.config()).expect("a client")
    }

    /// The next call of `method` fails so.
    pub(crate) fn fail(&self, method: &'static str, fault: Fault) {
        self.lock().faults.push_back((method, fault));
    }

    pub(crate) fn deliver_update(&self, update: Value) {
        self.lock().updates.push(update);
    }

    /// A message that was there before.
    pub(crate) fn put_message(&self, chat: i64, id: i64, text: &str) {
        let mut world = self.lock();
        world.messages.insert((chat, id), vec![text.to_owned()]);
        world.next_message = world.next_message.max(id);
    }

    /// A file that can be fetched.
    pub(crate) fn put_file(&self, id: &str, bytes: &[u8]) {
        self.lock().files.insert(id.to_owned(), bytes.to_vec());
    }

    /// What stands in a chat, by message.
    pub(crate) fn texts(&self, chat: i64) -> Vec<String> {
        let world = self.lock();
        let in_chat = world.messages.iter().filter(|((of, _), _)| *of == chat);
        in_chat.filter_map(|(_, texts)| texts.last().cloned()).collect()
    }

    /// The latest message of a chat that says this.
    pub(crate) fn message_saying(&self, chat: i64, text: &str) -> Option<i64> {
        let world = self.lock();
        let mut found = world
            .messages
            .iter()
            .filter(|((of, _), texts)| *of == chat && texts.last().is_some_and(|last| last == text));
        found.next_back().map(|((_, id), _)| *id)
    }

    /// Every text a message ever had.
    pub(crate) fn history(&self, chat: i64) -> Vec<Vec<String>> {
        self.lock()
            .messages
            .iter()
            .filter(|((of, _), _)| *of == chat)
            .map(|(_, texts)| texts.clone())
            .collect()
    }

    pub(crate) fn calls(&self, method: &str) -> Vec<Value> {
        let world = self.lock();
        world.calls.iter().filter(|(name, _)| name == method).map(|(_, body)| body.clone()).collect()
    }

    /// Waits until this is so, at most 5 s.
    pub(crate) async fn until(&self, what: impl Fn(&FakeBotApi) -> bool) {
        for _ in 0..500 {
            if what(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let world = self.lock();
        let calls: Vec<&str> = world.calls.iter().map(|(method, _)| method.as_str()).collect();
        panic!("it did not happen; messages {:?}, calls {calls:?}", world.messages);
    }

    fn record(&self, method: &str, body: &Value) -> Option<Fault> {
        let mut world = self.lock();
        world.calls.push((method.to_owned(), body.clone()));
        let place = world.faults.iter().position(|(name, _)| *name == method)?;
        world.faults.remove(place).map(|(_, fault)| fault)
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store in a folder that goes with the guard.
pub(crate) fn store(clock: &Clock) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(&dir.path().join("state"), clock.clone()).expect("a store");
    (dir, store)
}

async fn serve(
    State(fake): State<FakeBotApi>,
    Path((_, method)): Path<(String, String)>,
    axum::Json(body): axum::Json<Value>,
) -> Response {
    match fake.record(&method, &body) {
        None => {}
        Some(Fault::Answer(status, body)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            return (status, body.to_string()).into_response();
        }
        Some(Fault::Lost) => return unheard(),
        Some(Fault::ServedUnheard) => {
            let _ = answer(&fake, &method, &body);
            return unheard();
        }
    }
    if method == "GetUpdates" {
        return updates(&fake, &body).await;
    }
    match answer(&fake, &method, &body) {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(words) => refuse(400, words),
    }
}

/// The bytes of a file; recorded as `download` of its id.
async fn download(State(fake): State<FakeBotApi>, Path((_, name)): Path<(String, String)>) -> Response {
    match (fake.record("download", &json!(name)), fake.lock().files.get(&name).cloned()) {
        (Some(_), _) => unheard(),
        (None, Some(bytes)) => bytes.into_response(),
        (None, None) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A body that ends before it should: the caller cannot know.
fn unheard() -> Response {
    let broken = futures_util::stream::iter([Err::<&[u8], _>(std::io::Error::other("cut"))]);
    axum::body::Body::from_stream(broken).into_response()
}

fn refuse(code: u16, words: &str) -> Response {
    let body = json!({"ok": false, "error_code": code, "description": format!("Bad Request: {words}")});
    (StatusCode::from_u16(code).expect("a status"), body.to_string()).into_response()
}

async fn updates(fake: &FakeBotApi, body: &Value) -> Response {
    let offset = body["offset"].as_i64().unwrap_or(0);
    for _ in 0..20 {
        let waiting = {
            let mut world = fake.lock();
            world.updates.retain(|update| update["update_id"].as_i64().is_some_and(|id| id >= offset));
            world.updates.clone()
        };
        if !waiting.is_empty() {
            return axum::Json(json!({"ok": true, "result": waiting})).into_response();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    axum::Json(json!({"ok": true, "result": []})).into_response()
}

fn answer(fake: &FakeBotApi, method: &str, body: &Value) -> Result<Value, &'static str> {
    let mut world = fake.lock();
    let chat = body["chat_id"].as_i64().unwrap_or_default();
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    match method {
        "GetMe" => Ok(json!({"id": 99, "is_bot": true, "first_name": "b", "username": "my_bot"})),
        "GetMyCommands" => Ok(json!([])),
        "GetMyDescription" => Ok(json!({"description": ""})),
        "GetMyShortDescription" => Ok(json!({"short_description": ""})),
        "GetWebhookInfo" => Ok(json!({"url": ""})),
        "GetFile" => {
            let id = body["file_id"].as_str().unwrap_or_default();
            let size = world.files.get(id).map(Vec::len).ok_or("invalid file_id")?;
            Ok(json!({"file_id": id, "file_size": size, "file_path": id}))
        }
        "SendMessage" if text.is_empty() => Err("message text is empty"),
        "SendMessage" => {
            world.next_message += 1;
            let id = world.next_message;
            world.messages.insert((chat, id), vec![text]);
            Ok(json!({"message_id": id, "date": 1, "chat": {"id": chat}}))
        }
        "EditMessageText" => {
            let id = body["message_id"].as_i64().unwrap_or_default();
            let Some(texts) = world.messages.get_mut(&(chat, id)) else {
                return Err("message to edit not found");
            };
            if texts.last() == Some(&text) {
                return Err("message is not modified: specified new message content");
            }
            texts.push(text);
            Ok(json!({"message_id": id}))
        }
        "DeleteMessage" => {
            let id = body["message_id"].as_i64().unwrap_or_default();
            world.messages.remove(&(chat, id)).map(|_| json!(true)).ok_or("message to delete not found")
        }
        _ => Ok(json!(true)),
    }
}
