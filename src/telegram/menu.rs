//! The command menu: written when it differs from what Telegram shows.

use teloxide::types::{BotCommand, BotCommandScope, ChatId};

use super::api::{Api, ApiError, GetMyCommands, SetMyCommands};
use super::command::Command;
use super::texts::{Key, Texts};
use crate::domain::chat::{Language, UserId};

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

/// Brings the menus of all scopes and languages up to date.
pub(crate) async fn register(api: Api, texts: Texts, owners: Vec<UserId>) {
    for (scope, commands) in [
        (BotCommandScope::Default, PRIVATE),
        (BotCommandScope::AllPrivateChats, PRIVATE),
        (BotCommandScope::AllGroupChats, GROUP),
    ] {
        if let Err(error) = write(&api, &texts, &scope, commands).await {
            tracing::info!(%error, "the command menu could not be written; the next start tries again");
            return;
        }
    }
    for owner in owners {
        register_owner(&api, &texts, owner).await;
    }
}

/// Brings the menu of an owner's private chat up to date. Telegram refuses that to who never wrote to the bot; their
/// /start tries again.
pub(crate) async fn register_owner(api: &Api, texts: &Texts, owner: UserId) {
    let scope = BotCommandScope::Chat { chat_id: ChatId(owner.0).into() };
    let commands = [PRIVATE, OWNER].concat();
    if let Err(error) = write(api, texts, &scope, &commands).await {
        tracing::info!(%error, "an owner's command menu could not be written; their next /start tries again");
    }
}

async fn write(
    api: &Api,
    texts: &Texts,
    scope: &BotCommandScope,
    commands: &[Command],
) -> Result<(), ApiError> {
    // Without a code the menu is for everybody whose language has none of its own.
    for (language, code) in [(Language::En, None), (Language::Zh, Some("zh"))] {
        bring_up_to_date(api, scope, code, &menu(texts, language, commands)).await?;
    }
    Ok(())
}

fn menu(texts: &Texts, language: Language, commands: &[Command]) -> Vec<BotCommand> {
    commands
        .iter()
        .map(|command| BotCommand::new(command.name(), texts.get(language, about(*command))))
        .collect()
}

async fn bring_up_to_date(
    api: &Api,
    scope: &BotCommandScope,
    language_code: Option<&str>,
    menu: &[BotCommand],
) -> Result<(), ApiError> {
    let shown = api.call(&GetMyCommands { scope, language_code }).await?;
    if shown != menu {
        api.call(&SetMyCommands { commands: menu, scope, language_code }).await?;
    }
    Ok(())
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
