//! The Bot API: one call path over teloxide's `Bot`, the methods svs uses, and every way they fail.

mod client;
mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "the outbox does not send files yet"))]
mod files;
mod methods;

pub(crate) use client::{Api, Feature, SetupError};
pub(crate) use error::ApiError;
pub(crate) use methods::{
    AnswerCallbackQuery, DeleteMessage, DeleteWebhook, EditMessageText, GetMe, GetMyCommands, GetUpdates,
    GetWebhookInfo, InlineKeyboard, Me, ReplyParameters, SendChatAction, SendMessage, SendMessageDraft,
    SetMessageReaction, SetMyCommands, WebhookInfo,
};
#[expect(unused_imports, reason = "the outbox does not send files yet")]
pub(crate) use {
    files::{FileMessage, SendDocument, SendPhoto, Upload},
    methods::EditMessageReplyMarkup,
};
