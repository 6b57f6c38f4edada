//! Files, both ways: what people send is downloaded, what svs makes is uploaded.
//!
//! The address of a file holds the token. It is built here, used once, and named in no error.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::multipart::{Form, Part};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use teloxide::requests::Payload;

use super::client::{Api, read_envelope};
use super::error::ApiError;
use super::methods::{File, GetFile, InlineKeyboard, ReplyParameters, Sent};

/// A file, there or back: 20 MB at 3 Mbit/s. Telegram itself may first have to fetch it.
const FILE_TIMEOUT: Duration = Duration::from_mins(1);

/// A file to send.
#[derive(Clone)]
pub(crate) struct Upload<'a> {
    /// The name people see.
    pub(crate) name: &'a str,
    /// As `image/png`.
    pub(crate) mime: &'a str,
    /// The file.
    pub(crate) bytes: Bytes,
}

/// What goes with a file that is sent.
#[derive(Serialize)]
pub(crate) struct FileMessage<'a> {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i32>,
    /// At most 1024 UTF-16 units.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) caption: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) caption_entities: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_parameters: Option<ReplyParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<&'a InlineKeyboard>,
}

impl FileMessage<'_> {
    /// A file without words.
    pub(crate) const fn new(chat_id: i64, message_thread_id: Option<i32>) -> FileMessage<'static> {
        FileMessage {
            chat_id,
            message_thread_id,
            caption: "",
            caption_entities: &[],
            reply_parameters: None,
            reply_markup: None,
        }
    }
}

/// A picture, shown in the chat. At most 10 MB, width and height together 10,000.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct SendPhoto<'a>(pub(crate) FileMessage<'a>);

/// A file of any kind, as it is. At most 50 MB.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct SendDocument<'a>(pub(crate) FileMessage<'a>);

/// A method that sends a file.
pub(crate) trait SendsFile: Payload + Serialize {
    /// The parameter the file goes into.
    const FIELD: &'static str;
}

macro_rules! sends_file {
    ($($name:ident $field:literal;)*) => {
        $(impl Payload for $name<'_> {
            type Output = Sent;
            const NAME: &'static str = stringify!($name);
        }

        impl SendsFile for $name<'_> {
            const FIELD: &'static str = $field;
        })*
    };
}

sends_file! {
    SendPhoto "photo";
    SendDocument "document";
}

impl Api {
    /// The bytes of a file, at most `cap`: a longer one is given up as soon as that shows.
    pub(crate) async fn download(&self, file_id: &str, cap: usize) -> Result<Bytes, ApiError> {
        let File { file_path, file_size } = self.call_within(&GetFile { file_id }, FILE_TIMEOUT).await?;
        if file_size.is_some_and(|size| size > cap as u64) {
            return Err(ApiError::TooBig);
        }
        let path = file_path.as_deref().and_then(steps).ok_or(ApiError::FileGone)?;
        let request = self.http().get(self.url(&[&["file", ""], &path[..]].concat())).timeout(FILE_TIMEOUT);
        let mut response = request.send().await.map_err(ApiError::of_transport)?;
        match response.status().as_u16() {
            200 => {}
            // Not the token, which has just been good for `getFile`.
            status @ (401 | 404 | 410) => {
                tracing::debug!(status, "a file is gone");
                return Err(ApiError::FileGone);
            }
            status @ 500.. => return Err(ApiError::Server(status)),
            status => return Err(ApiError::Other(format!("HTTP {status} for a file"))),
        }
        let said = response.content_length();
        if said.is_some_and(|length| length > cap as u64) {
            return Err(ApiError::TooBig);
        }
        // As much at once as is said, but no more than was promised by a server that says nothing.
        let room = said.or(file_size).map_or(64 << 10, |length| length.min(cap as u64) as usize);
        let mut bytes = BytesMut::with_capacity(room);
        while let Some(chunk) = response.chunk().await.map_err(ApiError::of_transport)? {
            if bytes.len() + chunk.len() > cap {
                return Err(ApiError::TooBig);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Sends a file with what goes with it.
    pub(crate) async fn upload<P>(&self, payload: &P, file: Upload<'_>) -> Result<P::Output, ApiError>
    where
        P: SendsFile,
        P::Output: DeserializeOwned,
    {
        let other = |error: &dyn std::fmt::Display| ApiError::Other(error.to_string());
        let fields = serde_json::to_value(payload).map_err(|error| other(&error))?;
        let mut form = Form::new();
        for (name, value) in fields.as_object().into_iter().flatten() {
            let text = match value {
                Value::String(text) => text.clone(),
                structure => structure.to_string(),
            };
            form = form.text(name.clone(), text);
        }
        let length = file.bytes.len() as u64;
        let part = Part::stream_with_length(file.bytes, length).file_name(file.name.to_owned());
        let part =
            part.mime_str(file.mime).map_err(|_| ApiError::Other("a file without a type".to_owned()))?;
        let form = form.part(P::FIELD, part);
        let request = self.http().post(self.url(&["", P::NAME])).multipart(form).timeout(FILE_TIMEOUT);
        let began = Instant::now();
        let body = self.send(request).await;
        self.count(P::NAME, body.as_ref().err(), Some(began.elapsed()));
        read_envelope(&body?)
    }
}

/// The steps of a path that leads nowhere but down.
fn steps(path: &str) -> Option<Vec<&str>> {
    let steps: Vec<&str> = path.split('/').collect();
    steps.iter().all(|step| !matches!(*step, "" | "." | "..")).then_some(steps)
}

#[cfg(test)]
mod tests;
