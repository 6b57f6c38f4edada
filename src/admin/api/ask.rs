//! Questions from the shell, through the socket.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};

use super::Failure;
use crate::domain::chat::Notice;
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A question from the shell. It has no user: no seat, no cap, no memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskRequest {
    /// The question.
    pub(crate) text: String,
    /// Files that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<File>,
    /// Whose rights it has; none: as configured.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// A system instruction.
    #[serde(default)]
    pub(crate) system: Option<String>,
    /// The model; none: by what the text asks for.
    #[serde(default)]
    pub(crate) model: Option<ModelSlot>,
    /// The longest answer.
    #[serde(default)]
    pub(crate) max_output_tokens: Option<u32>,
    /// 0…2.
    #[serde(default)]
    pub(crate) temperature: Option<f32>,
    /// A JSON schema the answer must follow.
    #[serde(default)]
    pub(crate) schema: Option<serde_json::Value>,
}

/// A file on its way through the socket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    /// The name; none: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The type, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mime: Option<String>,
    /// What is in it, in base64.
    #[serde(with = "base64_text")]
    pub(crate) data: Bytes,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it is somebody's own.
        f.debug_struct("File")
            .field("mime", &self.mime)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes::from).map_err(|_| D::Error::custom("no base64"))
    }
}

/// One line of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum AskEvent {
    /// No key is ready; the place in the queue, and when one may be.
    Waiting { position: u32, retry_at: Option<Timestamp> },
    /// A model answers.
    Started { model: ModelSlot, wished: ModelSlot },
    /// The next piece of text.
    Text { text: String },
    /// The end of an answer.
    Done(Answered),
    /// There is no answer.
    Failed(Failure),
}

/// The end of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// The whole text.
    pub(crate) text: String,
    /// The pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) pictures: Vec<File>,
    /// How it ended: `complete`, `truncated`, `cut`, `incomplete`.
    pub(crate) finish: String,
    /// Which model answered.
    pub(crate) model: ModelSlot,
    /// Which was wished for.
    pub(crate) wished: ModelSlot,
    /// What svs has to say of it.
    #[serde(default, deserialize_with = "known")]
    pub(crate) notices: Vec<Notice>,
    /// The key that served.
    pub(crate) key: KeyId,
    /// The name of the request.
    pub(crate) reference: String,
    /// Tokens of the question.
    pub(crate) prompt_tokens: u32,
    /// Tokens of the answer, thoughts included.
    pub(crate) output_tokens: u32,
}

/// Those that this version knows: a newer daemon may have more to say, and the answer is good without it.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Notice>, D::Error> {
    let all = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(all.into_iter().filter_map(|notice| serde_json::from_value(notice).ok()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_of_a_newer_daemon_is_read_as_far_as_it_is_known() {
        let newer = json!({
            "event": "done", "text": "Four.", "finish": "complete", "model": "flash", "wished": "flash",
            "notices": [{"notice": "sung", "key": "C major"}, {"notice": "file_lost"}], "key": "A1",
            "reference": "K7QF", "prompt_tokens": 1, "output_tokens": 2, "mood": "good",
        });
        let Ok(AskEvent::Done(answered)) = serde_json::from_value(newer) else { panic!("it is an end") };
        assert_eq!((answered.text.as_str(), answered.notices), ("Four.", vec![Notice::FileLost]));
    }

    #[test]
    fn a_request_of_a_newer_command_is_not_half_understood() {
        let known = json!({"text": "why?", "role": "owner"});
        assert!(serde_json::from_value::<AskRequest>(known).is_ok());
        let newer = json!({"text": "why?", "only_from": "A3"});
        assert!(serde_json::from_value::<AskRequest>(newer).is_err());
    }
}
