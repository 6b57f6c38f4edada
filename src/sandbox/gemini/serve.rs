//! One request: who asks, for what, what goes wrong, and the reply.

use std::future::pending;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Response};
use serde_json::Value;

use super::answers::{Asked, asked};
use super::check;
use super::errors::{self, ErrorBody, Scene};
use super::handle::{Gemini, Inner, Key};
use super::media::{self, SentMedia};
use super::models::{self, Model};
use super::odd::Oddities;
use super::record::GeminiCall;
use super::reply::{self, Framing};
use crate::sandbox::faults::Fault;
use crate::sandbox::http::{Call, Ended, Script, form_pairs, percent_decode};

/// What a path asks for.
enum Target<'a> {
    List,
    Get(&'a str),
    Generate { model: &'a str, stream: bool },
    Nothing,
}

fn target<'a>(method: &Method, path: &'a str) -> (&'a str, Target<'a>) {
    let mut steps = path.trim_start_matches('/').splitn(3, '/');
    let version = steps.next().unwrap_or("");
    let rest = (steps.next(), steps.next());
    let target = match (method.as_str(), rest) {
        _ if !["v1", "v1beta", "v1alpha"].contains(&version) => Target::Nothing,
        ("GET", (Some("models"), None)) => Target::List,
        ("GET", (Some("models"), Some(id))) if !id.contains(':') => Target::Get(id),
        ("POST", (Some("models"), Some(action))) => match action.split_once(':') {
            Some((model, "generateContent")) => Target::Generate { model, stream: false },
            Some((model, "streamGenerateContent")) => Target::Generate { model, stream: true },
            _ => Target::Nothing,
        },
        _ => Target::Nothing,
    };
    (version, target)
}

/// The request as the server understands it.
struct Request<'a> {
    at: i64,
    secret: Option<String>,
    key: Option<Arc<Key>>,
    version: &'a str,
    query: Vec<(String, String)>,
    body: &'a [u8],
    flags: Vec<String>,
    media: Vec<SentMedia>,
    odd: Oddities,
}

impl Request<'_> {
    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name || (name == "alt" && n == "$alt")).map(|(_, v)| v.as_str())
    }

    fn label(&self) -> Arc<str> {
        match (&self.key, &self.secret) {
            (Some(key), _) => Arc::clone(&key.label),
            (None, Some(_)) => "?".into(),
            (None, None) => "-".into(),
        }
    }

    fn scene<'s>(&'s self, model: &'s str, method: &'s str) -> Scene<'s> {
        let project = self.key.as_ref().map_or(0, |key| key.number);
        let key = self.secret.as_deref().unwrap_or("");
        Scene { key, project, model, version: self.version, method, odd: &self.odd }
    }

    /// The key, or the error for having none or a wrong one.
    fn authenticate(&self) -> Result<&Arc<Key>, ErrorBody> {
        match (&self.key, &self.secret) {
            (Some(key), _) => Ok(key),
            (None, Some(_)) => Err(errors::key_invalid("API key not valid. Please pass a valid API key.")),
            (None, None) => Err(errors::no_key()),
        }
    }
}

impl Gemini {
    /// Answer one request.
    pub(in crate::sandbox) async fn handle(self, call: Call) -> Response<Body> {
        let inner = &self.0;
        let Call { parts, body, link } = call;
        let path = percent_decode(parts.uri.path(), false);
        let (version, target) = target(&parts.method, &path);
        let query: Vec<_> = form_pairs(parts.uri.query().unwrap_or("")).collect();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let in_url = query.iter().find(|(name, _)| name == "key").map(|(_, value)| value.clone());
        let mut flags = Vec::new();
        if in_url.is_some() {
            flags.push("key in the URL".to_owned());
        }
        if matches!(target, Target::Generate { .. })
            && header("content-type").is_none_or(|kind| !kind.starts_with("application/json"))
        {
            flags.push("content-type is not application/json".to_owned());
        }
        let secret = header("x-goog-api-key").map(str::to_owned).or(in_url);
        let key = secret.as_deref().and_then(|secret| inner.key(secret));
        let at = inner.time.now();
        let (media, odd) = (Vec::new(), self.oddities());
        let mut request = Request { at, secret, key, version, query, body: &body, flags, media, odd };
        let (method, model, fault, script) = match target {
            Target::Nothing => (path.as_str(), "", None, reply::html(404, "Not Found")),
            Target::List | Target::Get(_) => {
                let (method, model) = match target {
                    Target::Get(id) => ("models.get", id),
                    _ => ("models.list", ""),
                };
                let (fault, script) = list(inner, &request, method, model);
                (method, model, fault, script)
            }
            Target::Generate { model, stream } => {
                let method = if stream { "streamGenerateContent" } else { "generateContent" };
                let (fault, script) = generate(inner, &mut request, model, method);
                (method, model, fault, script)
            }
        };
        let silent = matches!(fault, Some(Fault::Hang | Fault::Reset | Fault::Close));
        let number = inner.records.begin(GeminiCall {
            number: 0,
            at: request.at,
            key: request.label(),
            project: request.key.as_ref().map_or_else(|| "".into(), |key| Arc::clone(&key.project)),
            model: model.into(),
            method: method.into(),
            size: body.len(),
            body: media::shorten(&body),
            media: request.media,
            status: if silent { 0 } else { script.status },
            fault: fault.map(Fault::name),
            flags: request.flags,
            ended: None,
        });
        let told = Arc::clone(inner);
        let ended = Ended::new(move |bytes, complete| told.records.end(number, bytes, complete));
        match fault {
            Some(Fault::Hang) => pending().await,
            Some(Fault::Reset) => match link.cut(true).await {},
            Some(Fault::Close) => match link.cut(false).await {},
            _ => {}
        }
        let first = inner.timing().first;
        if !first.is_zero() && script.status == 200 {
            tokio::time::sleep(first).await;
        }
        script.respond(link, ended)
    }
}

fn list(inner: &Inner, request: &Request<'_>, method: &str, id: &str) -> (Option<Fault>, Script) {
    let key = match request.authenticate() {
        Ok(key) => key,
        Err(refused) => return (None, reply::error(Framing::Single, &refused)),
    };
    let scene = request.scene(id, method);
    if let Some(fault) = inner.rules.pick_for_listing(&key.label, request.at) {
        let nothing = Asked {
            key: Arc::clone(&key.label),
            model: id.into(),
            question: String::new(),
            rounds: 0,
            media: Vec::new(),
            system: None,
            body: Value::Null,
            stream: false,
        };
        let script = reply::reply(
            &nothing,
            inner.said(String::new()),
            Some(fault),
            Framing::Single,
            inner.timing(),
            &scene,
        );
        return (Some(fault), script);
    }
    let found = inner.with_models(&key.label, |models| {
        if method == "models.get" {
            let model = models.iter().find(|model| model.id == id);
            return model.map(Model::json).ok_or_else(|| errors::not_found(&scene));
        }
        let size = request.query("pageSize").map(str::parse);
        let bad = || errors::plain(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
        let size = size.transpose().map_err(|_| bad())?;
        models::page(models, size, request.query("pageToken")).ok_or_else(bad)
    });
    match found {
        Ok(value) => (None, Script::whole(200, reply::JSON, format!("{value:#}\n"))),
        Err(error) => (None, reply::error(Framing::Single, &error)),
    }
}

fn generate(inner: &Inner, request: &mut Request<'_>, model: &str, method: &str) -> (Option<Fault>, Script) {
    let framing = match (method, request.query("alt")) {
        ("generateContent", _) => Framing::Single,
        (_, Some("sse")) => Framing::Sse,
        _ => Framing::Array,
    };
    let key = match request.authenticate() {
        Ok(key) => Arc::clone(key),
        Err(refused) => return (None, reply::error(framing, &refused)),
    };
    let fault = inner.rules.pick(&key.label, model, request.at);
    let mut notes = Vec::new();
    let checked = admit(inner, request, model, method, &key, fault.is_none(), &mut notes);
    request.flags.extend(notes.into_iter().map(str::to_owned));
    let body = match (checked, fault) {
        (Ok(body), _) => body,
        (Err(error), None) => {
            note(&mut request.flags, &error);
            return (None, reply::error(framing, &error));
        }
        // The fault decides the reply; that the request was bad is not lost.
        (Err(error), Some(_)) => {
            note(&mut request.flags, &error);
            Value::Null
        }
    };
    request.media = media::of_request(&body);
    let asked = asked(body, Arc::clone(&key.label), model.into(), method != "generateContent");
    let text = inner.answer(&asked);
    let scene = request.scene(model, method);
    (fault, reply::reply(&asked, inner.said(text), fault, framing, inner.timing(), &scene))
}

/// Everything the server asks of a request before it thinks about an answer.
fn admit(
    inner: &Inner,
    request: &Request<'_>,
    model: &str,
    method: &str,
    key: &Key,
    counted: bool,
    notes: &mut Vec<&'static str>,
) -> Result<Value, ErrorBody> {
    media::check_size(request.body.len(), inner.request_limit())?;
    let body = check::read(request.body)?;
    let usable = |models: &[Model]| models.iter().any(|known| known.id == model && known.generates);
    if !inner.with_models(&key.label, usable) {
        return Err(errors::not_found(&request.scene(model, method)));
    }
    if counted {
        inner.quotas.take(&key.project, &model.into(), request.at)?;
    }
    check::meaning(&body, model, notes)?;
    Ok(body)
}

/// Keep what the server refused beside the call.
fn note(flags: &mut Vec<String>, (code, body): &ErrorBody) {
    let message = body["error"]["message"].as_str().unwrap_or("");
    flags.push(format!("refused {code}: {}", message.lines().next().unwrap_or("")));
}
