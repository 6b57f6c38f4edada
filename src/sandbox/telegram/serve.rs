//! One request: token, method, parameters, faults, the reply and its record.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use super::fault::{DOWNLOAD, TelegramFault};
use super::handle::{Inner, Telegram, TelegramCall};
use super::known;
use super::params::Params;
use super::state::{ApiError, State};
use super::updates::get_updates;
use crate::sandbox::http::{Call, Ended, Link, Script, Step, percent_decode, text};

const JSON: &str = "application/json";

fn envelope(result: &Result<String, ApiError>) -> (u16, String) {
    match result {
        Ok(result) => (200, format!("{{\"ok\":true,\"result\":{result}}}")),
        Err(error) => {
            let ApiError { code, description, parameters } = error;
            let mut body = json!({"ok": false, "error_code": code, "description": description});
            if let Some(parameters) = parameters {
                body["parameters"] = parameters.clone();
            }
            (*code, body.to_string())
        }
    }
}

fn respond(status: u16, body: impl Into<Body>) -> Response<Body> {
    text(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), JSON, body)
}

impl Telegram {
    /// Answer one request.
    pub(in crate::sandbox) async fn handle(self, call: Call) -> Response<Body> {
        let inner = &self.0;
        let path = percent_decode(call.parts.uri.path(), false);
        let file = path.strip_prefix("/file");
        let rest = file.unwrap_or(&path).strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
        let Some((token, method)) = rest else {
            return respond(404, envelope(&Err(ApiError::new(404, "Not Found"))).1);
        };
        // The test environment's `/bot<token>/test/<method>` does not exist here.
        if token != inner.token {
            let at = inner.time.now();
            self.record(TelegramCall {
                number: 0,
                at,
                method: method.to_owned(),
                params: json!({}),
                status: 401,
                fault: None,
                flags: vec!["wrong token".to_owned()],
            });
            return respond(401, envelope(&Err(ApiError::new(401, "Unauthorized"))).1);
        }
        if file.is_some() {
            return self.download(method, &call.link).await;
        }
        self.method(method, &call).await
    }

    async fn download(&self, path: &str, link: &Arc<Link>) -> Response<Body> {
        let fault = self.0.state().faults.pick(DOWNLOAD);
        if let Some(fault) = fault.filter(|fault| !fault.accepts()) {
            let record = TelegramCall {
                number: 0,
                at: self.0.time.now(),
                method: DOWNLOAD.to_owned(),
                params: json!({}),
                status: 0,
                fault: Some(fault),
                flags: Vec::new(),
            };
            return self.refuse(record, fault, link).await;
        }
        let bytes = self.0.state().fetch(path);
        match (bytes, fault) {
            (None, _) => respond(404, envelope(&Err(ApiError::new(404, "Not Found"))).1),
            (Some(bytes), Some(TelegramFault::DropAfterAccept)) => {
                // Half of it, then the end.
                let steps = [Step::Bytes(bytes.slice(..bytes.len() / 2)), Step::Cut { reset: false }];
                let script = Script { status: 200, headers: Vec::new(), steps: steps.into() };
                script.respond(Arc::clone(link), Ended::new(|_, _| {}))
            }
            (Some(_), Some(TelegramFault::HangAfterAccept)) => pending().await,
            (Some(bytes), fault) => {
                if let Some(TelegramFault::Late(by)) = fault {
                    tokio::time::sleep(by).await;
                }
                text(StatusCode::OK, "application/octet-stream", bytes)
            }
        }
    }

    async fn method(&self, method: &str, call: &Call) -> Response<Body> {
        let inner = &self.0;
        let at = inner.time.now();
        let kind = call.parts.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let params = Params::read(call.parts.uri.query().unwrap_or(""), kind, &call.body);
        let known = known::method(method);
        let name = known.map_or(method, |(name, _)| name);
        let mut flags = Vec::new();
        if let (Some((_, names)), Some(params)) = (known, &params) {
            let unknown =
                params.map.keys().chain(params.files.keys()).filter(|p| !names.contains(&p.as_str()));
            flags.extend(unknown.map(|param| format!("unknown parameter {param}")));
        }
        let fault = inner.state().faults.pick(name);
        let mut shown = params.as_ref().map_or_else(Default::default, |params| params.map.clone());
        let files = params.iter().flat_map(|params| params.files.iter());
        shown.extend(files.map(|(name, file)| (name.clone(), json!(format!("attach://{}", file.name)))));
        let mut record = TelegramCall {
            number: 0,
            at,
            method: name.to_owned(),
            params: Value::Object(shown),
            status: 0,
            fault,
            flags,
        };
        if let Some(fault) = fault.filter(|fault| !fault.accepts()) {
            return self.refuse(record, fault, &call.link).await;
        }
        let result = match (known, params) {
            (None, _) => Err(ApiError::new(404, "Not Found")),
            (Some(("sendMessageDraft", _)), _) if !inner.drafts => Err(ApiError::new(404, "Not Found")),
            (_, None) => Err(ApiError::bad("can't parse request body")),
            (Some(("getUpdates", _)), Some(params)) => get_updates(Arc::clone(inner), params).await,
            (Some((name, _)), Some(params)) => {
                let result = run(&mut inner.state(), name, &params);
                if name == "setWebhook" {
                    inner.changed.notify_waiters();
                }
                result.map(|value| value.to_string())
            }
        };
        let (status, body) = envelope(&result);
        record.status = status;
        if let Err(error) = &result {
            record.flags.push(error.description.clone());
        }
        self.record(record);
        match fault {
            Some(TelegramFault::DropAfterAccept) => match call.link.cut(false).await {},
            Some(TelegramFault::HangAfterAccept) => pending().await,
            Some(TelegramFault::Late(by)) => tokio::time::sleep(by).await,
            Some(TelegramFault::Garbage) => return respond(200, "{\"ok\":true,\"result\":"),
            _ => {}
        }
        respond(status, body)
    }

    /// A fault that leaves the call undone.
    async fn refuse(
        &self,
        mut record: TelegramCall,
        fault: TelegramFault,
        link: &Arc<Link>,
    ) -> Response<Body> {
        let html =
            |code: u16| format!("<html>\r\n<head><title>{code} Bad Gateway</title></head>\r\n</html>\r\n");
        let error = match fault {
            TelegramFault::Status(code) => ApiError::new(code, usual_words(code)),
            TelegramFault::Says(code, words) => ApiError::new(code, words),
            TelegramFault::RetryAfter(seconds) => ApiError::too_many(seconds),
            TelegramFault::Html(code) => {
                record.status = code;
                self.record(record);
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
                return text(status, "text/html", html(code));
            }
            _ => {
                self.record(record);
                let gone: Infallible = match fault {
                    TelegramFault::Close => link.cut(false).await,
                    TelegramFault::Reset => link.cut(true).await,
                    _ => pending().await,
                };
                match gone {}
            }
        };
        record.status = error.code;
        self.record(record);
        respond(error.code, envelope(&Err(error)).1)
    }

    fn record(&self, mut call: TelegramCall) {
        let inner = &self.0;
        if inner.witness.is_open() {
            let mut line = json!({"at": call.at, "server": "telegram", "method": call.method, "params": call.params,
                "status": call.status});
            if let Some(fault) = call.fault {
                line["fault"] = json!(format!("{fault:?}"));
            }
            if !call.flags.is_empty() {
                line["flags"] = json!(call.flags);
            }
            inner.witness.line(&line);
        }
        let mut state = inner.state();
        state.call_count += 1;
        call.number = state.call_count;
        if state.calls.len() >= state.setup.remember {
            state.calls.pop_front();
        }
        state.calls.push_back(call);
    }
}

fn usual_words(code: u16) -> &'static str {
    match code {
        401 => "Unauthorized",
        403 => "Forbidden: bot was blocked by the user",
        404 => "Not Found",
        409 => {
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        }
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        code if code < 500 => "Bad Request: chat not found",
        _ => "Internal Server Error",
    }
}

fn run(state: &mut State, method: &str, params: &Params) -> Result<Value, ApiError> {
    match method {
        "getMe" => Ok(state.me()),
        "setWebhook" => state.set_webhook(params),
        "deleteWebhook" => Ok(state.delete_webhook(params)),
        "getWebhookInfo" => Ok(state.webhook_info()),
        "sendMessage" => state.send_message(params),
        "editMessageText" => state.edit_text(params),
        "editMessageReplyMarkup" => state.edit_markup(params),
        "deleteMessage" => state.delete_message(params),
        "sendChatAction" => state.chat_action(params),
        "sendMessageDraft" => state.draft(params),
        "answerCallbackQuery" => state.answer_callback(params),
        "setMessageReaction" => state.react(params),
        "sendDocument" => state.send_file(params, "document"),
        "sendPhoto" => state.send_file(params, "photo"),
        "getFile" => state.get_file(params),
        "setMyCommands" => state.set_commands(params),
        "getMyCommands" => state.get_commands(params),
        "deleteMyCommands" => state.delete_commands(params),
        "setMyName" => state.set_profile("name", 64, params),
        "getMyName" => state.get_profile("name", params),
        "setMyDescription" => state.set_profile("description", 512, params),
        "getMyDescription" => state.get_profile("description", params),
        "setMyShortDescription" => state.set_profile("short_description", 120, params),
        "getMyShortDescription" => state.get_profile("short_description", params),
        "getChat" => state.get_chat(params),
        "getChatMember" => state.get_member(params),
        _ => Err(ApiError::new(404, "Not Found")),
    }
}

impl Inner {
    pub(super) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
