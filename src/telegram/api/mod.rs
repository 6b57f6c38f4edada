//! The Bot API: one call path over teloxide's `Bot`, the methods svs uses, and every way they fail.

mod client;
mod error;
mod files;
mod methods;

pub(crate) use client::{Api, Feature, SetupError};
pub(crate) use error::ApiError;
pub(crate) use files::{FileMessage, SendDocument, SendPhoto, Upload};
pub(crate) use methods::{
    AnswerCallbackQuery, DeleteMessage, DeleteWebhook, EditMessageReplyMarkup, EditMessageText, GetMe,
    GetMyCommands, GetMyDescription, GetMyShortDescription, GetUpdates, GetWebhookInfo, InlineKeyboard, Me,
    ReplyParameters, SendChatAction, SendMessage, SendMessageDraft, SetMessageReaction, SetMyCommands,
    SetMyDescription, SetMyShortDescription, WebhookInfo,
};
