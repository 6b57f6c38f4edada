//! Files that people send, and the files of messages as a test sees them.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::files::{photo_sizes, unique};
use super::handle::Telegram;
use super::people::{ChatSpec, User};
use super::state::SeenMessage;

/// A file to send, as the client of a person does.
#[derive(Clone, Debug)]
pub struct Media {
    field: &'static str,
    name: String,
    mime: Option<String>,
    bytes: Bytes,
    more: Value,
    claimed: Option<u64>,
}

impl Media {
    fn new(
        field: &'static str,
        name: &str,
        mime: Option<&str>,
        bytes: impl Into<Bytes>,
        more: Value,
    ) -> Media {
        let mime = mime.map(str::to_owned);
        Media { field, name: name.to_owned(), mime, bytes: bytes.into(), more, claimed: None }
    }

    /// A photo of this width and height; it arrives in several sizes, without name and type.
    pub fn photo(bytes: impl Into<Bytes>, width: u32, height: u32) -> Media {
        Media::new("photo", "x.jpg", None, bytes, json!({"width": width, "height": height}))
    }

    /// A voice message: OGG with Opus.
    pub fn voice(bytes: impl Into<Bytes>, seconds: u32) -> Media {
        Media::new("voice", "x.oga", Some("audio/ogg"), bytes, json!({"duration": seconds}))
    }

    /// A piece of music.
    pub fn audio(name: &str, mime: &str, bytes: impl Into<Bytes>, seconds: u32) -> Media {
        let more = json!({"duration": seconds, "file_name": name, "title": name});
        Media::new("audio", name, Some(mime), bytes, more)
    }

    /// A video.
    pub fn video(bytes: impl Into<Bytes>, seconds: u32) -> Media {
        let more = json!({"duration": seconds, "width": 640, "height": 480, "file_name": "IMG_1.MP4"});
        Media::new("video", "IMG_1.MP4", Some("video/mp4"), bytes, more)
    }

    /// A round video; it has no caption.
    pub fn video_note(bytes: impl Into<Bytes>, seconds: u32) -> Media {
        Media::new("video_note", "x.mp4", None, bytes, json!({"duration": seconds, "length": 384}))
    }

    /// A moving picture without sound.
    pub fn animation(bytes: impl Into<Bytes>, seconds: u32) -> Media {
        let more = json!({"duration": seconds, "width": 320, "height": 240, "file_name": "giphy.mp4"});
        Media::new("animation", "giphy.mp4", Some("video/mp4"), bytes, more)
    }

    /// A file of any kind, with the type its sender's client claims.
    pub fn document(name: &str, mime: &str, bytes: impl Into<Bytes>) -> Media {
        Media::new("document", name, Some(mime), bytes, json!({"file_name": name}))
    }

    /// A sticker that does not move.
    pub fn sticker(bytes: impl Into<Bytes>) -> Media {
        let more = json!({"type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
            "emoji": "👍", "set_name": "Hands"});
        Media::new("sticker", "x.webp", None, bytes, more)
    }

    /// Let the message and `getFile` tell another size than the true one.
    #[must_use]
    pub fn claiming(self, size: u64) -> Media {
        Media { claimed: Some(size), ..self }
    }
}

/// A file of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenFile {
    /// Its id.
    pub file_id: String,
    /// The field it stands in: `photo`, `document`, …
    pub kind: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its type, where one is told.
    pub mime: Option<String>,
    /// What is in it.
    pub bytes: Bytes,
}

impl Telegram {
    /// `user` sends a file with a caption; returns the update's id.
    pub fn send(&self, user: &User, chat: &ChatSpec, media: &Media, caption: &str) -> i64 {
        self.send_with(user, chat, media, caption, json!({}))
    }

    /// As [`Telegram::send`], with further fields of the Message object; `reply_to` names a message of the chat.
    pub fn send_with(
        &self,
        user: &User,
        chat: &ChatSpec,
        media: &Media,
        caption: &str,
        mut more: Value,
    ) -> i64 {
        let id = {
            let mut state = self.0.state();
            let id = state.store_file(media.field, &media.name, media.bytes.clone());
            if let Some(file) = state.files.get_mut(&id) {
                file.claimed = media.claimed;
            }
            id
        };
        let size = media.claimed.unwrap_or(media.bytes.len() as u64);
        let side = |name: &str| media.more[name].as_u64().unwrap_or(640) as u32;
        more[media.field] = if media.field == "photo" {
            photo_sizes(&id, side("width"), side("height"), size)
        } else {
            let mut file = media.more.clone();
            file["file_id"] = json!(id);
            file["file_unique_id"] = json!(unique(&id));
            file["file_size"] = json!(size);
            if let Some(mime) = &media.mime {
                file["mime_type"] = json!(mime);
            }
            file
        };
        if media.field == "animation" {
            more["document"] = more["animation"].clone();
        }
        self.say_with(user, chat, caption, more)
    }

    /// `user` sends several files at once: an update for each, the caption below the first; returns their ids.
    pub fn send_album(&self, user: &User, chat: &ChatSpec, media: &[Media], caption: &str) -> Vec<i64> {
        let group = self.0.state().fresh_id("13");
        let part = |(n, media): (usize, &Media)| {
            let caption = if n == 0 { caption } else { "" };
            self.send_with(user, chat, media, caption, json!({"media_group_id": group}))
        };
        media.iter().enumerate().map(part).collect()
    }

    /// `user` sends a document without a caption.
    pub fn say_file(&self, user: &User, chat: &ChatSpec, name: &str, mime: &str, bytes: Vec<u8>) -> i64 {
        self.send(user, chat, &Media::document(name, mime, bytes), "")
    }

    /// The files of a message, whoever sent it; of a photo the largest size.
    pub fn files_of(&self, message: &SeenMessage) -> Vec<SeenFile> {
        let state = self.0.state();
        let extra = message.extra.as_object().into_iter().flatten();
        let file = |(kind, value): (&String, &Value)| {
            let file = value.as_array().map_or(value, |sizes| sizes.last().unwrap_or(value));
            let file_id = file["file_id"].as_str()?.to_owned();
            let text = |name: &str| file[name].as_str().map(str::to_owned);
            let bytes = state.files.get(&file_id)?.bytes.clone();
            Some(SeenFile {
                kind: kind.clone(),
                name: text("file_name"),
                mime: text("mime_type"),
                file_id,
                bytes,
            })
        };
        extra.filter_map(file).collect()
    }

    /// The ids of the files the bot downloaded, in order.
    pub fn downloads(&self) -> Vec<String> {
        self.0.state().downloads.clone()
    }
}
