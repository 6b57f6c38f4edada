//! `svs explain`: the whole way of one request, found by the ref that its user was shown.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{Trace, path};
use crate::admin::routes::not_kept;
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::Task;
use crate::domain::reference::RequestName;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::{TracedMessage, TracedRequest, TracedSend, trace};
use crate::telegram::Texts;
use crate::ui::text::{count, relative, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

use super::{Ctx, parse_request_name, plan, stored};

/// Show the whole way of one request
///
/// The ref is the one an error message shows: #K7QF; small letters and a missing # are forgiven (# begins a comment in
/// a shell: quote it or leave it out). The id of an update is taken as well.
///
/// Shows who asked and when, how the message was classified, the plan with every key it skipped and why, every send
/// with its key, time, outcome and Google's words, and the messages in Telegram; never what anybody wrote. What the bot
/// said of itself is quoted in the person's language, or that of --lang. Where no daemon runs, the stored state answers.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs explain K7QF
  svs explain '#k7qf'
  svs explain K7QF -o json | jq '.sends[] | {key, outcome}'")]
pub(crate) struct ExplainArgs {
    /// The ref, or the id of the request
    #[arg(value_name = "REF", value_parser = parse_request_name, allow_negative_numbers = true)]
    name: RequestName,
}

/// Asks the daemon, or else reads the stored state.
pub(crate) async fn run(args: &ExplainArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        match ctx.find_daemon().await? {
            Some(client) => {
                let trace = client.get::<Trace>(&format!("{}/{}", path::REQUESTS, args.name)).await?;
                Ok(Explained::new(trace, true, ctx))
            }
            None => Ok(Explained::new(stored_trace(&args.name, ctx).await?, false, ctx)),
        }
    };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await
}

async fn stored_trace(name: &RequestName, ctx: &Ctx) -> Result<Trace, CommandError> {
    let (config, Some(store)) = stored::open(ctx)? else { return Err(not_kept(name)) };
    let found = trace(&store, &config, name.clone()).await?;
    store.close().await;
    found.ok_or_else(|| not_kept(name))
}

struct Explained {
    trace: Trace,
    live: bool,
    /// What each message said, where that is the bot's own words.
    said: Vec<Option<String>>,
}

impl Explained {
    fn new(trace: Trace, live: bool, ctx: &Ctx) -> Explained {
        let theirs = trace.user.as_ref().and_then(|user| user.language);
        let language = ctx.lang.or(theirs).unwrap_or_else(|| ctx.language());
        let texts = Texts::load();
        let said = |message: &TracedMessage| {
            let at = message.done_at.unwrap_or(message.opened_at);
            message.notice.as_ref().map(|notice| texts.notice(language, notice, at))
        };
        Explained { said: trace.messages.iter().map(said).collect(), trace, live }
    }

    fn name(&self) -> String {
        let id = self.trace.id;
        match &self.trace.reference {
            Some(reference) => format!("#{reference} ({id})"),
            None => id.to_string(),
        }
    }

    /// How it ended, in a word or two.
    fn end(&self) -> String {
        let Trace { request, update, sends, .. } = &self.trace;
        let ending = update.as_ref().and_then(|update| update.ending.clone());
        match request {
            None => ending.unwrap_or_else(|| "has not ended".to_owned()),
            Some(TracedRequest { outcome: None, .. }) => "has not ended".to_owned(),
            Some(TracedRequest { outcome: Some(outcome), asked_at, ended_at, .. }) => {
                let took = span(ended_at.unwrap_or(*asked_at).since(*asked_at));
                format!("{outcome} after {}, {took}", count(sends.len(), "send"))
            }
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let Trace { as_of, user, update, request, .. } = &self.trace;
        let mut facts = Vec::new();
        let time = |at: Timestamp| {
            let day = rfc3339(at).unwrap_or_default();
            format!("{day}, {}", relative(at, *as_of))
        };
        let who = user.as_ref().map(|user| {
            let name = user.name.as_ref().map(|name| format!(" @{name}")).unwrap_or_default();
            let first = user.first_name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            format!("{}{name}{first}", user.id)
        });
        let nobody = if self.trace.id.is_of_shell() { "a shell" } else { "somebody forgotten" };
        facts.push(("user", who.unwrap_or_else(|| nobody.to_owned())));
        if let Some(update) = update {
            let chat = update.chat.map(|chat| format!(" in chat {chat}")).unwrap_or_default();
            let topic = update.topic.map(|topic| format!(" topic {topic}")).unwrap_or_default();
            facts.push(("received", format!("{}{chat}{topic}", time(update.received_at))));
            if update.attempts > 1 {
                facts.push(("begun", format!("{} times: svs ended meanwhile", update.attempts)));
            }
        }
        let Some(request) = request else { return facts };
        let seat = match (request.role, request.seatless_vip) {
            (crate::domain::role::Role::Vip, _) => ", in a seat",
            (_, true) => ", a vip without a seat",
            (_, false) => "",
        };
        facts.push(("role", format!("{}{seat}", request.role)));
        facts.push(("asked", time(request.asked_at)));
        if let Some(task) = request.task {
            facts.push(("task", task.name().to_owned()));
        }
        facts.extend(request.reasons.iter().map(|reason| ("", reason.to_string())));
        facts.push(("model", self.models(request)));
        if let Some(at) = request.ended_at {
            facts.push(("ended", time(at)));
        }
        if let Some(ending) = update.as_ref().and_then(|update| update.ending.clone()) {
            facts.push(("update", ending));
        }
        facts
    }

    fn models(&self, request: &TracedRequest) -> String {
        let mut text = String::new();
        if let Some(plan) = &request.plan {
            // Writing to a string does not fail.
            let _ = write!(text, "wished {}", plan.wished);
        }
        if let Some(choice) = request.choice {
            let _ = write!(text, ", {choice} was asked for");
        }
        match (&request.key, &request.model, self.served()) {
            (Some(key), Some(id), slot) => {
                let _ = write!(text, ", served {} by {key} ({id})", slot.unwrap_or("it"));
                let _ = write!(text, ", {} tokens", request.tokens);
            }
            _ => text += ", none served",
        }
        text.trim_start_matches(", ").to_owned()
    }

    /// The model that answered.
    fn served(&self) -> Option<&str> {
        self.trace.request.as_ref().filter(|request| request.key.is_some())?;
        self.trace.sends.last().map(|send| send.model.as_str())
    }
}

impl Report for Explained {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let trace = &self.trace;
        let mut text = format!("{}: {}\n", style.paint(Paint::Strong, &self.name()), self.end());
        for (title, fact) in self.facts() {
            let _ = writeln!(text, "{} {}", style.paint(Paint::Strong, &format!("{title:<8}")), {
                crate::ui::text::one_line(&fact)
            });
        }
        if !trace.sends.is_empty() {
            let _ = writeln!(text, "\n{}", title(style, "what was sent to Gemini"));
            text += &sends_table(&trace.sends).aligned(style, None);
            for (n, send) in trace.sends.iter().enumerate() {
                if let Some(detail) = &send.detail {
                    let _ = writeln!(text, "  {}: {}", n + 1, crate::ui::text::one_line(detail));
                }
            }
        }
        if !trace.messages.is_empty() {
            let _ = writeln!(text, "\n{}", title(style, "what was said in Telegram"));
            text += &messages_table(&trace.messages).aligned(style, None);
            for (message, said) in trace.messages.iter().zip(&self.said) {
                if let Some(said) = said {
                    let _ = writeln!(text, "  {}: {}", message.part + 1, crate::ui::text::one_line(said));
                }
            }
        }
        if let Some((request, plan)) =
            trace.request.as_ref().and_then(|request| Some((request, request.plan.as_ref()?)))
        {
            let _ = writeln!(text, "\n{}", title(style, &format!("the first plan, seed {}", request.seed)));
            text += &plan::text(plan, request.asked_at, style);
        }
        Body::Text(text)
    }

    fn json(&self) -> Value {
        let trace = &self.trace;
        let user = trace
            .user
            .as_ref()
            .map(|user| json!({"id": user.id, "name": user.name, "first_name": user.first_name}));
        let update = trace.update.as_ref().map(|update| {
            json!({
                "chat": update.chat, "topic": update.topic, "received_at": rfc3339(update.received_at),
                "attempts": update.attempts, "ended_at": update.ended_at.and_then(rfc3339),
                "ending": update.ending,
            })
        });
        json!({
            "as_of": rfc3339(trace.as_of),
            "live": self.live,
            "ref": trace.reference,
            "id": trace.id,
            "user": user,
            "update": update,
            "request": trace.request.as_ref().map(|request| self.request_json(request)),
            "sends": trace.sends.iter().map(send_json).collect::<Vec<_>>(),
            "messages": trace.messages.iter().zip(&self.said).map(message_json).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        self.end() + "\n"
    }

    fn notes(&self) -> Vec<String> {
        (!self.live).then(|| stored::NOTE.to_owned()).into_iter().collect()
    }
}

impl Explained {
    fn request_json(&self, request: &TracedRequest) -> Value {
        let plan = request.plan.as_ref().map(|plan| {
            json!({
                "wished": plan.wished.name(),
                "hold_until": plan.hold_until.and_then(rfc3339),
                "steps": plan::steps_json(plan),
                "skipped": plan::skipped_json(plan),
            })
        });
        json!({
            "role": request.role.name(),
            "seatless_vip": request.seatless_vip,
            "task": request.task.map(Task::name),
            "reasons": request.reasons,
            "choice": request.choice.map(ModelSlot::name),
            "wished": request.plan.as_ref().map(|plan| plan.wished.name()),
            "served": self.served(),
            "seed": request.seed,
            "plan": plan,
            "asked_at": rfc3339(request.asked_at),
            "ended_at": request.ended_at.and_then(rfc3339),
            "outcome": request.outcome,
            "key": request.key,
            "model": request.model,
            "tokens": request.tokens,
        })
    }
}

fn title(style: Style, words: &str) -> String {
    style.paint(Paint::Faint, &format!("── {words}"))
}

fn sends_table(sends: &[TracedSend]) -> Table {
    let mut table = Table::new(
        "sends",
        &["SEND", "KEY", "MODEL", "ROUTER", "AT", "WAITED", "TOOK", "TOKENS", "OUTCOME", "PROJECT"],
    );
    for (n, send) in sends.iter().enumerate() {
        let ms = |ms: u64| span(Duration::from_millis(ms));
        let outcome = send.outcome.as_deref();
        let paint = if outcome == Some("answered") { Paint::Good } else { Paint::Bad };
        table.row([
            (Paint::Plain, (n + 1).to_string()),
            (Paint::Strong, key_name(send)),
            (Paint::Plain, send.model.clone()),
            (Paint::Plain, send.router.clone()),
            (Paint::Plain, clock_time(send.at)),
            (Paint::Plain, ms(send.waited)),
            (Paint::Plain, send.took.map_or_else(String::new, ms)),
            (Paint::Plain, send.tokens.map_or_else(String::new, |tokens| tokens.to_string())),
            (paint, outcome.unwrap_or("no end was written").to_owned()),
            (Paint::Plain, send.project.clone()),
        ]);
    }
    table
}

/// `A3 …x9Kd`; a key that is not configured any more by its fingerprint.
fn key_name(send: &TracedSend) -> String {
    let tail = send.tail.as_ref().map(|tail| format!(" …{tail}")).unwrap_or_default();
    send.key.map_or_else(|| format!("gone:{}", send.fingerprint), |key| format!("{key}{tail}"))
}

/// The time of day in UTC.
fn clock_time(at: Timestamp) -> String {
    let instant = rfc3339(at).unwrap_or_default();
    instant.split_once('T').map_or(instant.clone(), |(_, time)| time.to_owned())
}

fn messages_table(messages: &[TracedMessage]) -> Table {
    let mut table = Table::new("messages", &["MESSAGE", "CHAT", "PART", "KIND", "STATE", "OPENED", "DONE"]);
    for message in messages {
        let paint = if message.state == "done" { Paint::Plain } else { Paint::Warning };
        table.row([
            (Paint::Strong, message.message_id.map_or_else(|| "-".to_owned(), |id| id.to_string())),
            (Paint::Plain, message.chat.to_string()),
            (Paint::Plain, (message.part + 1).to_string()),
            (Paint::Plain, message.kind.clone().unwrap_or_default()),
            (paint, message.state.clone()),
            (Paint::Plain, clock_time(message.opened_at)),
            (Paint::Plain, message.done_at.map_or_else(String::new, clock_time)),
        ]);
    }
    table
}

fn send_json(send: &TracedSend) -> Value {
    json!({
        "key": send.key,
        "tail": send.tail,
        "fingerprint": send.fingerprint,
        "project": send.project,
        "model": send.model,
        "router": send.router,
        "at": rfc3339(send.at),
        "waited_ms": send.waited,
        "took_ms": send.took,
        "outcome": send.outcome,
        "tokens": send.tokens,
        "detail": send.detail,
    })
}

fn message_json((message, said): (&TracedMessage, &Option<String>)) -> Value {
    json!({
        "part": message.part,
        "chat": message.chat,
        "kind": message.kind,
        "said": said,
        "message_id": message.message_id,
        "state": message.state,
        "opened_at": rfc3339(message.opened_at),
        "done_at": message.done_at.and_then(rfc3339),
    })
}
