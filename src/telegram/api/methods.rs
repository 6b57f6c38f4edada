//! The methods svs calls, as teloxide `Payload`s.
//!
//! Own structs, because teloxide 0.17 knows Bot API 9.1, casts message ids to 32 bits, and decodes the whole
//! message that comes back where one number is needed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use teloxide::requests::Payload;
use teloxide::types::{BotCommand, BotCommandScope};

macro_rules! methods {
    ($($name:ident $(<$life:lifetime>)? => $output:ty;)*) => {
        $(impl Payload for $name $(<$life>)? {
            type Output = $output;
            const NAME: &'static str = stringify!($name);
        })*
    };
}

methods! {
    GetMe => Me;
    GetUpdates<'_> => Vec<Box<RawValue>>;
    SendMessage<'_> => Sent;
    EditMessageText<'_> => serde::de::IgnoredAny;
    DeleteMessage => serde::de::IgnoredAny;
    EditMessageReplyMarkup<'_> => serde::de::IgnoredAny;
    GetFile<'_> => File;
    SendMessageDraft<'_> => serde::de::IgnoredAny;
    SendChatAction => serde::de::IgnoredAny;
    SetMessageReaction<'_> => serde::de::IgnoredAny;
    AnswerCallbackQuery<'_> => serde::de::IgnoredAny;
    GetMyCommands<'_> => Vec<BotCommand>;
    SetMyCommands<'_> => serde::de::IgnoredAny;
    GetMyDescription<'_> => Description;
    SetMyDescription<'_> => serde::de::IgnoredAny;
    GetMyShortDescription<'_> => ShortDescription;
    SetMyShortDescription<'_> => serde::de::IgnoredAny;
    GetWebhookInfo => WebhookInfo;
    DeleteWebhook => serde::de::IgnoredAny;
}

/// Who we are.
#[derive(Serialize)]
pub(crate) struct GetMe {}

/// The bot itself.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Me {
    /// Its numeric id.
    pub(crate) id: i64,
    /// Its name after the @.
    pub(crate) username: Option<String>,
    /// Whether privacy mode is off.
    #[serde(default)]
    pub(crate) can_read_all_group_messages: bool,
    /// Whether private chats have topics; none: the server does not tell.
    #[serde(default)]
    pub(crate) has_topics_enabled: Option<bool>,
}

/// New updates; `offset` confirms all before it.
#[derive(Serialize)]
pub(crate) struct GetUpdates<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<i64>,
    pub(crate) timeout: u64,
    pub(crate) allowed_updates: &'a [&'a str],
}

/// The message to reply to, if it still exists.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ReplyParameters {
    pub(crate) message_id: i64,
    allow_sending_without_reply: bool,
}

impl ReplyParameters {
    pub(crate) const fn to(message_id: i64) -> ReplyParameters {
        ReplyParameters { message_id, allow_sending_without_reply: true }
    }
}

/// Link previews are off: an answer shows what the model wrote, not what a stranger's page says.
#[derive(Serialize, Clone, Copy)]
struct NoPreview {
    is_disabled: bool,
}

const NO_PREVIEW: NoPreview = NoPreview { is_disabled: true };

/// Rows of (label, opaque data of at most 64 bytes).
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct InlineKeyboard {
    inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
struct Button {
    text: String,
    callback_data: String,
}

impl InlineKeyboard {
    /// One button.
    pub(crate) fn one(text: String, callback_data: String) -> InlineKeyboard {
        InlineKeyboard::of([(text, callback_data)])
    }

    /// Buttons side by side: label and data of each.
    pub(crate) fn of(buttons: impl IntoIterator<Item = (String, String)>) -> InlineKeyboard {
        let button = |(text, callback_data)| Button { text, callback_data };
        InlineKeyboard { inline_keyboard: vec![buttons.into_iter().map(button).collect()] }
    }
}

/// A new message.
#[derive(Serialize)]
pub(crate) struct SendMessage<'a> {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i32>,
    pub(crate) text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) entities: &'a [Value],
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<&'a InlineKeyboard>,
}

impl<'a> SendMessage<'a> {
    /// Plain text without reply or buttons.
    pub(crate) fn new(chat_id: i64, message_thread_id: Option<i32>, text: &'a str) -> SendMessage<'a> {
        SendMessage {
            chat_id,
            message_thread_id,
            text,
            entities: &[],
            link_preview_options: NO_PREVIEW,
            reply_parameters: None,
            reply_markup: None,
        }
    }
}

/// What is kept of a message that was sent.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    pub(crate) message_id: i64,
}

/// Another text for a message of ours. Without `reply_markup` its buttons go.
#[derive(Serialize)]
pub(crate) struct EditMessageText<'a> {
    pub(crate) chat_id: i64,
    pub(crate) message_id: i64,
    pub(crate) text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) entities: &'a [Value],
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<&'a InlineKeyboard>,
}

impl<'a> EditMessageText<'a> {
    /// Plain text without buttons.
    pub(crate) fn new(chat_id: i64, message_id: i64, text: &'a str) -> EditMessageText<'a> {
        EditMessageText {
            chat_id,
            message_id,
            text,
            entities: &[],
            link_preview_options: NO_PREVIEW,
            reply_markup: None,
        }
    }
}

/// Takes a message of ours back.
#[derive(Serialize)]
pub(crate) struct DeleteMessage {
    pub(crate) chat_id: i64,
    pub(crate) message_id: i64,
}

/// Other buttons for a message of ours; none: its buttons go.
#[derive(Serialize)]
pub(crate) struct EditMessageReplyMarkup<'a> {
    pub(crate) chat_id: i64,
    pub(crate) message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<&'a InlineKeyboard>,
}

/// Where the bytes of a file lie.
#[derive(Serialize)]
pub(crate) struct GetFile<'a> {
    pub(crate) file_id: &'a str,
}

/// A file that can be downloaded.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct File {
    /// Below the bot's own folder of files, as `photos/file_7.jpg`.
    pub(crate) file_path: Option<String>,
    /// Bytes, where Telegram knows them.
    pub(crate) file_size: Option<u64>,
}

/// A text that is still being written, shown to one person for 30 s; empty: the native "Thinking…".
#[derive(Serialize)]
pub(crate) struct SendMessageDraft<'a> {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i32>,
    pub(crate) draft_id: i64,
    pub(crate) text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) entities: &'a [Value],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) can_stop: bool,
}

/// "typing…" for 5 s or until the next message.
#[derive(Serialize)]
pub(crate) struct SendChatAction {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i32>,
    action: &'static str,
}

impl SendChatAction {
    pub(crate) const fn typing(chat_id: i64, message_thread_id: Option<i32>) -> SendChatAction {
        SendChatAction { chat_id, message_thread_id, action: "typing" }
    }

    pub(crate) const fn upload_photo(chat_id: i64, message_thread_id: Option<i32>) -> SendChatAction {
        SendChatAction { chat_id, message_thread_id, action: "upload_photo" }
    }
}

/// An emoji on a message.
#[derive(Serialize)]
pub(crate) struct SetMessageReaction<'a> {
    pub(crate) chat_id: i64,
    pub(crate) message_id: i64,
    reaction: [Emoji<'a>; 1],
}

#[derive(Serialize)]
struct Emoji<'a> {
    r#type: &'static str,
    emoji: &'a str,
}

impl<'a> SetMessageReaction<'a> {
    pub(crate) const fn new(chat_id: i64, message_id: i64, emoji: &'a str) -> SetMessageReaction<'a> {
        SetMessageReaction { chat_id, message_id, reaction: [Emoji { r#type: "emoji", emoji }] }
    }
}

/// Ends the spinner of a pressed button, perhaps with a word (at most 200 characters).
#[derive(Serialize)]
pub(crate) struct AnswerCallbackQuery<'a> {
    pub(crate) callback_query_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<&'a str>,
}

/// The command menu of one scope and language.
#[derive(Serialize)]
pub(crate) struct GetMyCommands<'a> {
    pub(crate) scope: &'a BotCommandScope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// Replaces the command menu of one scope and language.
#[derive(Serialize)]
pub(crate) struct SetMyCommands<'a> {
    pub(crate) commands: &'a [BotCommand],
    pub(crate) scope: &'a BotCommandScope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// What an empty chat with the bot shows, in one language.
#[derive(Serialize)]
pub(crate) struct GetMyDescription<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// What an empty chat with the bot shows.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Description {
    pub(crate) description: String,
}

/// Replaces what an empty chat with the bot shows (at most 512 characters).
#[derive(Serialize)]
pub(crate) struct SetMyDescription<'a> {
    pub(crate) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// What the bot's profile and links to it show, in one language.
#[derive(Serialize)]
pub(crate) struct GetMyShortDescription<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// What the bot's profile and links to it show.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct ShortDescription {
    pub(crate) short_description: String,
}

/// Replaces what the bot's profile and links to it show (at most 120 characters).
#[derive(Serialize)]
pub(crate) struct SetMyShortDescription<'a> {
    pub(crate) short_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<&'a str>,
}

/// Whether a webhook is set.
#[derive(Serialize)]
pub(crate) struct GetWebhookInfo {}

/// A webhook's state.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct WebhookInfo {
    /// Empty when none is set.
    pub(crate) url: String,
    /// Updates that wait on the server.
    #[serde(default)]
    pub(crate) pending_update_count: u64,
}

/// Removes the webhook; the waiting updates stay.
#[derive(Serialize)]
pub(crate) struct DeleteWebhook {
    pub(crate) drop_pending_updates: bool,
}
