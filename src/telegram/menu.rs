//! The command menus and the descriptions, per scope and language: written where they differ from what Telegram shows.

use std::time::Duration;

use serde::de::DeserializeOwned;
use teloxide::requests::Payload;
use teloxide::types::{BotCommand, BotCommandScope, ChatId};

use super::api::{
    Api, ApiError, GetMyCommands, GetMyDescription, GetMyShortDescription, SetMyCommands, SetMyDescription,
    SetMyShortDescription,
};
use super::command::Command;
use super::desk::Desk;
use super::texts::{Key, Texts};
use crate::domain::chat::{Language, UserId};

/// A pause that Telegram may ask for between two writings; longer, and the next start tries again.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

const PRIVATE: &[Command] = &[
    Command::New,
    Command::Stop,
    Command::Retry,
    Command::Model,
    Command::Quota,
    Command::Vip,
    Command::Status,
    Command::Lang,
    Command::Help,
];
const GROUP: &[Command] = &[
    Command::Ask,
    Command::New,
    Command::Stop,
    Command::Retry,
    Command::Model,
    Command::Quota,
    Command::Status,
    Command::Lang,
    Command::Help,
];
/// What an owner's private chat shows besides.
const OWNER: &[Command] = &[Command::Users, Command::Grant, Command::Kick, Command::Keys];

/// What Telegram shows before anything is said, and beside what is said.
#[derive(Clone)]
pub(super) struct Shopfront {
    pub(super) api: Api,
    pub(super) texts: Texts,
    /// For everybody whose language is none of ours.
    pub(super) fallback: Language,
}

impl Desk {
    /// What the bot shows of itself.
    pub(super) fn shopfront(&self) -> Shopfront {
        let fallback = self.config().telegram.language.unwrap_or_default();
        Shopfront { api: self.api.clone(), texts: self.texts.clone(), fallback }
    }
}

impl Shopfront {
    /// Brings everything up to date.
    pub(super) async fn register(self, owners: Vec<UserId>) {
        if let Err(error) = self.try_register().await {
            tracing::info!(%error, "the bot's menus or descriptions could not be written; the next start tries again");
            return;
        }
        for owner in owners {
            self.register_owner(owner).await;
        }
    }

    async fn try_register(&self) -> Result<(), ApiError> {
        for (scope, commands) in [
            (BotCommandScope::Default, PRIVATE),
            (BotCommandScope::AllPrivateChats, PRIVATE),
            (BotCommandScope::AllGroupChats, GROUP),
        ] {
            self.write_menus(&scope, commands).await?;
        }
        self.write_descriptions().await
    }

    /// Brings the menu of an owner's private chat up to date. Telegram refuses that to who never wrote to the bot; their
    /// /start tries again.
    pub(super) async fn register_owner(&self, owner: UserId) {
        let scope = BotCommandScope::Chat { chat_id: ChatId(owner.0).into() };
        let commands = [PRIVATE, OWNER].concat();
        if let Err(error) = self.write_menus(&scope, &commands).await {
            tracing::info!(%error, "an owner's command menu could not be written; their next /start tries again");
        }
    }

    async fn write_menus(&self, scope: &BotCommandScope, commands: &[Command]) -> Result<(), ApiError> {
        for (language, language_code) in self.places() {
            let menu = menu(&self.texts, language, commands);
            let shown = self.call(&GetMyCommands { scope, language_code }).await?;
            if shown != menu && self.is_wanted(language, language_code, shown.is_empty()) {
                self.call(&SetMyCommands { commands: &menu, scope, language_code }).await?;
            }
        }
        Ok(())
    }

    async fn write_descriptions(&self) -> Result<(), ApiError> {
        for (language, language_code) in self.places() {
            let description = &self.texts.get(language, Key::Description);
            let shown = self.call(&GetMyDescription { language_code }).await?.description;
            if shown != *description && self.is_wanted(language, language_code, shown.is_empty()) {
                self.call(&SetMyDescription { description, language_code }).await?;
            }
            let short_description = &self.texts.get(language, Key::DescriptionShort);
            let shown = self.call(&GetMyShortDescription { language_code }).await?.short_description;
            if shown != *short_description && self.is_wanted(language, language_code, shown.is_empty()) {
                self.call(&SetMyShortDescription { short_description, language_code }).await?;
            }
        }
        Ok(())
    }

    /// Every language with the code under which Telegram keeps its texts. Without one they are for everybody whose
    /// language has none of its own.
    fn places(&self) -> impl Iterator<Item = (Language, Option<&'static str>)> + use<> {
        let own = Language::ALL.into_iter().map(|language| (language, Some(language.code())));
        std::iter::once((self.fallback, None)).chain(own)
    }

    /// The fallback needs nothing of its own, unless an earlier configuration has left something there.
    fn is_wanted(&self, language: Language, code: Option<&str>, is_empty: bool) -> bool {
        code.is_none() || language != self.fallback || !is_empty
    }

    /// A call that waits when Telegram asks for it: two languages of three scopes may be too much at once.
    async fn call<P>(&self, payload: &P) -> Result<P::Output, ApiError>
    where
        P: Payload + serde::Serialize + Sync,
        P::Output: DeserializeOwned,
    {
        match self.api.call(payload).await {
            Err(ApiError::RetryAfter(wait)) if wait <= LONGEST_PAUSE => {
                tokio::time::sleep(wait).await;
                self.api.call(payload).await
            }
            called => called,
        }
    }
}

fn menu(texts: &Texts, language: Language, commands: &[Command]) -> Vec<BotCommand> {
    commands
        .iter()
        .map(|command| BotCommand::new(command.name(), texts.get(language, about(*command))))
        .collect()
}

const fn about(command: Command) -> Key {
    match command {
        Command::Start => Key::CommandStart,
        Command::Help => Key::CommandHelp,
        Command::Status => Key::CommandStatus,
        Command::Vip => Key::CommandVip,
        Command::New => Key::CommandNew,
        Command::Stop => Key::CommandStop,
        Command::Retry => Key::CommandRetry,
        Command::Lang => Key::CommandLang,
        Command::Ask => Key::CommandAsk,
        Command::Image => Key::CommandImage,
        Command::Whoami => Key::CommandWhoami,
        Command::Quota => Key::CommandQuota,
        Command::Model => Key::CommandModel,
        Command::Keys => Key::CommandKeys,
        Command::Users => Key::CommandUsers,
        Command::Grant => Key::CommandGrant,
        Command::Revoke => Key::CommandRevoke,
        Command::Ban => Key::CommandBan,
        Command::Kick => Key::CommandKick,
        Command::Unban => Key::CommandUnban,
    }
}
