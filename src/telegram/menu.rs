//! The command menu: written when it differs from what Telegram shows.

use teloxide::types::{BotCommand, BotCommandScope};

use super::api::{Api, ApiError, GetMyCommands, SetMyCommands};
use super::command::Command;
use super::texts::{Key, Texts};
use crate::domain::chat::Language;

const PRIVATE: &[Command] = &[
    Command::New,
    Command::Stop,
    Command::Retry,
    Command::Status,
    Command::Vip,
    Command::Lang,
    Command::Help,
];
const GROUP: &[Command] = &[
    Command::Ask,
    Command::New,
    Command::Stop,
    Command::Retry,
    Command::Status,
    Command::Lang,
    Command::Help,
];

/// Brings the menus of all scopes and languages up to date.
pub(crate) async fn register(api: Api, texts: Texts) {
    for (scope, commands) in [
        (BotCommandScope::Default, PRIVATE),
        (BotCommandScope::AllPrivateChats, PRIVATE),
        (BotCommandScope::AllGroupChats, GROUP),
    ] {
        // Without a code the menu is for everybody whose language has none of its own.
        for (language, code) in [(Language::En, None), (Language::Zh, Some("zh"))] {
            let menu = menu(&texts, language, commands);
            if let Err(error) = bring_up_to_date(&api, &scope, code, &menu).await {
                tracing::info!(%error, "the command menu could not be written; the next start tries again");
                return;
            }
        }
    }
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
        Command::Whoami => Key::CommandWhoami,
        Command::Quota => Key::CommandQuota,
        Command::Model => Key::CommandModel,
        Command::Keys => Key::CommandKeys,
    }
}
