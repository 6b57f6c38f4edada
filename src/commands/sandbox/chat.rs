//! At a terminal: what the bot says appears as it grows, while the next line can be typed.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc};

use super::lines::{Line, Numbered};
use super::scene::{Scene, attachment_of, buttons_of, settled_text};
use super::screen::Screen;
use super::words::Words;
use crate::domain::role::Role;
use crate::error::CommandError;
use crate::sandbox::telegram::{SeenMessage, TelegramEvent};
use crate::ui::Closed;

/// How often the bot's state is looked at while it answers.
const LOOK: Duration = Duration::from_millis(30);

/// Why a conversation is over.
enum Over {
    /// The person has had enough, or does not look any more.
    Left,
    Failed(CommandError),
}

impl From<Closed> for Over {
    fn from(_: Closed) -> Over {
        Over::Left
    }
}

impl From<CommandError> for Over {
    fn from(error: CommandError) -> Over {
        Over::Failed(error)
    }
}

/// Talks until the person leaves.
pub(super) async fn run(
    scene: &mut Scene,
    lines: &mut mpsc::Receiver<Numbered>,
    screen: Screen,
    words: &'static Words,
) -> Result<(), CommandError> {
    let events = scene.telegram().watch();
    let mut chat = Chat { scene, screen, words, waiting: Vec::new() };
    let over = match chat.talk(lines, events).await {
        Ok(never) => match never {},
        Err(over) => over,
    };
    // Nobody may look any more.
    let _ = chat.screen.end_line();
    match over {
        Over::Left => Ok(()),
        Over::Failed(error) => Err(error),
    }
}

struct Chat<'a> {
    scene: &'a mut Scene,
    screen: Screen,
    words: &'static Words,
    /// The updates the bot has not ended.
    waiting: Vec<i64>,
}

impl Chat<'_> {
    async fn talk(
        &mut self,
        lines: &mut mpsc::Receiver<Numbered>,
        mut events: broadcast::Receiver<TelegramEvent>,
    ) -> Result<Infallible, Over> {
        for line in self.words.welcome.lines() {
            self.screen.note(line)?;
        }
        self.meet()?;
        self.prompt()?;
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Ok(event) => self.show(&event)?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(Over::Left),
                },
                line = lines.recv() => {
                    let Some(line) = line else { return Err(Over::Left) };
                    self.take(&line?.1)?;
                }
                error = self.scene.bot.failed() => return Err(error.into()),
                () = tokio::time::sleep(LOOK) => self.look(&mut events).await?,
            }
        }
    }

    /// Does what was typed.
    fn take(&mut self, text: &str) -> Result<(), Over> {
        self.screen.entered();
        let done = match Line::read(text, false) {
            Ok(Line::Nothing) => Ok(()),
            Ok(Line::Quit) => return Err(Over::Left),
            Ok(Line::Say(text)) => {
                let (update, _) = self.scene.say(&text);
                self.waiting.push(update);
                return Ok(());
            }
            Ok(Line::Press(number)) => self.scene.press(number).map(|(update, _)| self.waiting.push(update)),
            Ok(Line::As(who)) => match self.scene.switch(who) {
                Ok(()) => return Ok(self.meet()?),
                Err(why) => Err(why),
            },
            Ok(Line::Fail(rules)) => match self.scene.fail(&rules) {
                Ok(()) => {
                    let is_off = rules == "off";
                    let note = if is_off { self.words.faults_off } else { self.words.faults_set };
                    return Ok(self.screen.note(note)?);
                }
                Err(why) => Err(why),
            },
            Err(why) => Err(why),
        };
        if let Err(why) = done {
            self.screen.note(&format!("({why})"))?;
        }
        Ok(())
    }

    /// Says what is odd about the one who speaks now.
    fn meet(&mut self) -> Result<(), Closed> {
        match self.scene.speaker().who.role {
            Role::Guest => self.screen.note(self.words.guest),
            _ => Ok(()),
        }
    }

    /// Looks what the bot has ended, and asks for the next line when that is all.
    async fn look(&mut self, events: &mut broadcast::Receiver<TelegramEvent>) -> Result<(), Over> {
        let has_waited = !self.waiting.is_empty();
        let mut waiting = Vec::new();
        for update in std::mem::take(&mut self.waiting) {
            if !self.scene.bot.has_ended(update).await? {
                waiting.push(update);
            }
        }
        let has_ended = !self.screen.asks() && waiting.is_empty();
        self.waiting = waiting;
        // What is ended was said before: show it first.
        loop {
            match events.try_recv() {
                Ok(event) => self.show(&event)?,
                Err(TryRecvError::Lagged(_)) => {}
                Err(_) => break,
            }
        }
        if !has_ended {
            return Ok(());
        }
        if has_waited && !self.screen.has_spoken {
            self.screen.note(self.words.nothing)?;
        }
        Ok(self.prompt()?)
    }

    fn prompt(&mut self) -> Result<(), Closed> {
        self.show_buttons()?;
        let who = self.scene.speaker().who.to_string();
        self.screen.prompt(&who)
    }

    /// Says which buttons stand under the last message.
    fn show_buttons(&mut self) -> Result<(), Closed> {
        if !self.screen.has_spoken {
            return Ok(());
        }
        let messages = self.scene.telegram().answers(self.scene.speaker().chat_id());
        let buttons = messages.last().map(buttons_of).unwrap_or_default();
        if buttons.is_empty() {
            return Ok(());
        }
        let named = (1..).zip(&buttons).map(|(n, (label, _))| format!("[{label}] {} {n}", self.words.press));
        self.screen.note(&named.collect::<Vec<_>>().join("   "))
    }

    fn show(&mut self, event: &TelegramEvent) -> Result<(), Closed> {
        match event {
            TelegramEvent::Sent(message) | TelegramEvent::Edited(message) => self.show_message(message),
            TelegramEvent::Action { .. } if !self.waiting.is_empty() => self.screen.status(self.words.typing),
            TelegramEvent::Draft { text, .. } if !self.waiting.is_empty() => match text.as_str() {
                "" => self.screen.status(self.words.thinking),
                _ => self.screen.status(self.words.typing),
            },
            TelegramEvent::Reaction { emoji, .. } if !emoji.is_empty() => {
                self.screen.note(&format!("({})", emoji.join(" ")))
            }
            TelegramEvent::CallbackAnswered { text: Some(text), .. } => {
                self.screen.has_spoken = true;
                self.screen.note(&format!("({text})"))
            }
            _ => Ok(()),
        }
    }

    fn show_message(&mut self, message: &SeenMessage) -> Result<(), Closed> {
        let name = match self.scene.other(message.chat_id) {
            Some(other) => format!("bot to {other}"),
            None => "bot".to_owned(),
        };
        let mut text = settled_text(&message.text).to_owned();
        if let Some(attachment) = attachment_of(message) {
            text = format!("{attachment} {text}");
        }
        self.screen.message((message.chat_id, message.message_id), &name, text.trim_end())
    }
}
