//! The files in a message, and what it replies to.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::replied_to;
use crate::telegram::api::Me;
use crate::telegram::markdown::is_blank;

/// The longer side of the largest picture that is fetched. It is that of Telegram's own "HD", where small print on a
/// screen can still be read; Google counts its tokens by tiles that grow with the picture, and scales down to 3072.
const LONGEST_SIDE: u64 = 2560;
/// What of a rich message is read: as much as fits into one.
const RICH_CHARS: usize = 32_768;

/// A file that can be fetched. Everything but the id is what somebody says of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct FileRef {
    /// What to ask `getFile` for.
    pub(crate) file_id: String,
    /// The same file for every bot and for ever.
    pub(crate) unique_id: Option<String>,
    /// The field it came in: `photo`, `voice`, `audio`, `video_note`, `video`, `animation`, `document`; not stored.
    #[serde(skip)]
    pub(crate) kind: &'static str,
    /// The type its sender's client claims.
    pub(crate) mime: Option<String>,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// The name it had.
    pub(crate) name: Option<String>,
    /// How long it plays.
    pub(crate) duration: Option<Duration>,
}

/// What a message replies to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Quoted {
    /// The part that the person marked, else all of its text or caption; may be empty.
    pub(crate) text: String,
    /// The files in it.
    pub(crate) files: Vec<FileRef>,
    /// Whether we wrote it.
    pub(crate) is_ours: bool,
}

/// The kinds with one file. `animation` stands before `document`, which repeats it. Stickers are no question.
const KINDS: [&str; 6] = ["voice", "audio", "video_note", "video", "animation", "document"];

/// The files of a message that are worth fetching.
pub(super) fn files(message: &Value) -> Vec<FileRef> {
    if let Some(sizes) = message["photo"].as_array() {
        return photo(sizes).into_iter().collect();
    }
    let one = KINDS.into_iter().find_map(|kind| file(&message[kind], kind));
    one.into_iter().collect()
}

/// The largest size of a picture that is not larger than needed, else the smallest.
fn photo(sizes: &[Value]) -> Option<FileRef> {
    let side = |size: &Value| {
        let side = |name: &str| size[name].as_u64().unwrap_or(0);
        side("width").max(side("height"))
    };
    let known = || sizes.iter().filter(|size| size["file_id"].is_string());
    let fitting = known().filter(|size| side(size) <= LONGEST_SIDE).max_by_key(|size| side(size));
    let size = fitting.or_else(|| known().min_by_key(|size| side(size)))?;
    file(size, "photo")
}

fn file(file: &Value, kind: &'static str) -> Option<FileRef> {
    let text = |name: &str| file[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(FileRef {
        file_id: text("file_id")?,
        unique_id: text("file_unique_id"),
        kind,
        mime: text("mime_type").or_else(|| usual_type(kind).map(str::to_owned)),
        size: file["file_size"].as_u64(),
        name: text("file_name"),
        duration: file["duration"].as_u64().map(Duration::from_secs),
    })
}

/// What Telegram makes of these kinds itself.
const fn usual_type(kind: &str) -> Option<&'static str> {
    match kind.as_bytes() {
        b"photo" => Some("image/jpeg"),
        b"voice" => Some("audio/ogg"),
        b"video_note" => Some("video/mp4"),
        _ => None,
    }
}

/// What this replies to, in this chat or another; none when nothing of it can be read.
pub(super) fn quoted(message: &Value, me: &Me, topic: Option<i32>) -> Option<Quoted> {
    let far = || message.get("external_reply").filter(|far| far.is_object());
    let original = replied_to(message, topic).or_else(far)?;
    let written = |text: &Value| text.as_str().filter(|text| !is_blank(text)).map(str::to_owned);
    let text = written(&message["quote"]["text"])
        .or_else(|| written(&original["text"]))
        .or_else(|| written(&original["caption"]))
        .or_else(|| rich(&original["rich_message"]));
    let quoted = Quoted {
        text: text.unwrap_or_default(),
        files: files(original),
        is_ours: original["from"]["id"].as_i64() == Some(me.id),
    };
    (!quoted.text.is_empty() || !quoted.files.is_empty()).then_some(quoted)
}

/// The words of a rich message, block by block.
fn rich(message: &Value) -> Option<String> {
    let mut words = String::new();
    collect(message, &mut words);
    let words: String = words.trim().chars().take(RICH_CHARS).collect();
    (!is_blank(&words)).then_some(words)
}

/// Adds the words of a block or a run of text. The parser of JSON has bounded the depth.
fn collect(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => words.push_str(text),
        Value::Array(runs) => runs.iter().for_each(|run| collect(run, words)),
        Value::Object(fields) => {
            let named = |name: &&str| fields.get(*name);
            ["summary", "text", "expression", "caption"]
                .iter()
                .filter_map(named)
                .for_each(|inner| collect(inner, words));
            for blocks in ["items", "blocks"].iter().filter_map(named).filter_map(Value::as_array) {
                for block in blocks {
                    begin_line(words);
                    collect(block, words);
                }
            }
            for row in fields.get("cells").and_then(Value::as_array).into_iter().flatten() {
                begin_line(words);
                for cell in row.as_array().into_iter().flatten() {
                    collect(cell, words);
                    words.push('\t');
                }
            }
        }
        _ => {}
    }
}

fn begin_line(words: &mut String) {
    if !words.is_empty() && !words.ends_with('\n') {
        words.push('\n');
    }
}
