//! Without a terminal: line by line, each answered before the next is said.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;

use super::lines::{Line, Numbered};
use super::scene::{Scene, attachment_of, settled_text};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::sandbox::telegram::TelegramEvent;
use crate::ui::text::{harmless, one_line, span};
use crate::ui::{Body, Exit, Report, Stream, Style};

/// How often the bot's state is looked at while it answers.
const LOOK: Duration = Duration::from_millis(10);

/// A line and what the bot said to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Exchange {
    line: usize,
    who: String,
    said: String,
    /// In the order of their sending, each with its reader, where that is not the speaker.
    heard: Vec<(Option<String>, String)>,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Answered,
    /// The bot was done with it and said nothing.
    Silence,
    /// It took too long.
    Late(Duration),
}

/// Says all lines; stops at one that is not answered in time.
pub(super) async fn run(
    scene: &mut Scene,
    lines: &mut mpsc::Receiver<Numbered>,
    patience: Duration,
    mut stdout: Option<Stream>,
) -> Result<Transcript, CommandError> {
    let mut events = scene.telegram().watch();
    let mut transcript = Transcript::default();
    while let Some(line) = lines.recv().await {
        let (number, text) = line?;
        let wrong = |why: String| CommandError::new(ErrorKind::BadInput, format!("line {number}: {why}"));
        let (update, said) = match Line::read(&text, true).map_err(wrong)? {
            Line::Nothing => continue,
            Line::Quit => break,
            Line::As(who) => {
                scene.switch(who).map_err(wrong)?;
                continue;
            }
            Line::Fail(rules) => {
                scene.fail(&rules).map_err(wrong)?;
                continue;
            }
            Line::Press(number) => {
                let (update, label) = scene.press(number).map_err(wrong)?;
                (update, format!("[{label}]"))
            }
            Line::Say(text) => scene.say(&text),
        };
        let who = scene.speaker().who.to_string();
        if let Some(out) = &mut stdout
            && out.write(&format!("you ({who}): {}\n", one_line(&said))).is_err()
        {
            break;
        }
        let (heard, end) = answer(scene, &mut events, update, patience).await?;
        let exchange = Exchange { line: number, who, said, heard, end };
        if let Some(out) = &mut stdout
            && out.write(&exchange.shown()).is_err()
        {
            break;
        }
        let is_late = matches!(exchange.end, End::Late(_));
        transcript.exchanges.push(exchange);
        if is_late {
            break;
        }
    }
    transcript.is_shown = stdout.is_some();
    Ok(transcript)
}

/// Waits until the bot is done with an update, and collects what it said meanwhile.
async fn answer(
    scene: &mut Scene,
    events: &mut broadcast::Receiver<TelegramEvent>,
    update: i64,
    patience: Duration,
) -> Result<(Vec<(Option<String>, String)>, End), CommandError> {
    let mut said = Said::default();
    let until = Instant::now() + patience;
    let is_done = loop {
        let is_done = scene.bot.has_ended(update).await?;
        // What is ended was said before: the events are there.
        said.drain(events);
        if is_done || Instant::now() >= until {
            break is_done;
        }
        tokio::select! {
            error = scene.bot.failed() => return Err(error),
            () = tokio::time::sleep(LOOK) => {}
        }
    };
    let heard = said.heard(scene);
    let end = match (is_done, heard.iter().any(|(other, _)| other.is_none())) {
        (false, _) => End::Late(patience),
        (true, true) => End::Answered,
        (true, false) => End::Silence,
    };
    Ok((heard, end))
}

/// What the bot said to one update: the messages by chat and number, as they stand.
#[derive(Default)]
struct Said {
    messages: BTreeMap<(i64, i64), String>,
    pressed: Option<String>,
}

impl Said {
    fn drain(&mut self, events: &mut broadcast::Receiver<TelegramEvent>) {
        loop {
            match events.try_recv() {
                Ok(TelegramEvent::Sent(message) | TelegramEvent::Edited(message)) => {
                    let text = attachment_of(&message).into_iter().chain([message.text.clone()]);
                    let text: Vec<String> = text.filter(|part| !part.is_empty()).collect();
                    self.messages.insert((message.chat_id, message.message_id), text.join(" "));
                }
                Ok(TelegramEvent::Deleted { chat_id, message_id }) => {
                    self.messages.remove(&(chat_id, message_id));
                }
                Ok(TelegramEvent::CallbackAnswered { text, .. }) => {
                    self.pressed = text.or(self.pressed.take());
                }
                // "typing…", drafts and reactions are no answers.
                Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(_) => return,
            }
        }
    }

    fn heard(self, scene: &Scene) -> Vec<(Option<String>, String)> {
        let pressed = self.pressed.into_iter().map(|text| (None, text));
        let messages = self.messages.into_iter();
        let messages = messages.map(|((chat, _), text)| (scene.other(chat), settled_text(&text).to_owned()));
        pressed.chain(messages).collect()
    }
}

impl Exchange {
    /// The bot's part, for people.
    fn shown(&self) -> String {
        let mut text = String::new();
        for (other, said) in &self.heard {
            let name = other.as_ref().map_or_else(|| "bot".to_owned(), |other| format!("bot to {other}"));
            // What stands below the first line is indented, so that nobody takes it for the next speaker.
            let said = harmless(said).replace('\n', "\n     ");
            let lines: Vec<&str> = said.split('\n').map(str::trim_end).collect();
            text.extend([name.as_str(), ": ", &lines.join("\n"), "\n"]);
        }
        match self.end {
            End::Answered => text,
            End::Silence => text + "bot: (says nothing)\n",
            End::Late(_) => text + "bot: (no end yet)\n",
        }
    }
}

/// The whole conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Transcript {
    exchanges: Vec<Exchange>,
    /// It was printed while it went on.
    is_shown: bool,
}

impl Report for Transcript {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(if self.is_shown { String::new() } else { self.brief() })
    }

    fn brief(&self) -> String {
        if self.is_shown { String::new() } else { self.exchanges.iter().map(Exchange::shown).collect() }
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .exchanges
            .iter()
            .map(|exchange| {
                let heard = exchange.heard.iter();
                let heard = heard.map(|(other, text)| json!({"to": other, "text": text}));
                json!({
                    "line": exchange.line,
                    "who": exchange.who,
                    "said": exchange.said,
                    "bot": heard.collect::<Vec<_>>(),
                    "answered": exchange.end == End::Answered,
                })
            })
            .collect();
        json!({ "exchanges": rows })
    }

    fn notes(&self) -> Vec<String> {
        let unanswered = self.exchanges.iter().filter(|exchange| exchange.end != End::Answered);
        unanswered
            .map(|exchange| {
                let Exchange { line, who, said, end, .. } = exchange;
                let why = match end {
                    End::Late(patience) => {
                        format!(" within {} (--timeout allows more time)", span(*patience))
                    }
                    _ => String::new(),
                };
                format!("not answered{why}: line {line}, {who}: {}", one_line(said))
            })
            .collect()
    }

    fn exit(&self) -> Exit {
        let all = self.exchanges.iter().all(|exchange| exchange.end == End::Answered);
        if all { Exit::OK } else { Exit(ErrorKind::Negative.exit_code()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bot_says_cannot_be_taken_for_somebody_elses_words() {
        let heard = vec![
            (None, "first\nyou (vip): second\n\n\x1b[2Jthird".to_owned()),
            (Some("vip2".to_owned()), "a seat is free".to_owned()),
        ];
        let exchange =
            Exchange { line: 1, who: "vip".to_owned(), said: "hi".to_owned(), heard, end: End::Answered };
        let expected =
            "bot: first\n     you (vip): second\n\n     \u{fffd}[2Jthird\nbot to vip2: a seat is free\n";
        assert_eq!(exchange.shown(), expected);
    }
}
