//! What one chunk of an answer says.

use serde_json::Value;

/// A piece of an answer that people see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::gemini) enum Seen<'a> {
    Text(&'a str),
    /// Its type, and the file as base64.
    Picture {
        mime: &'a str,
        data: &'a str,
    },
}

/// What one chunk of an answer says.
#[derive(Clone, Copy, Debug)]
pub(in crate::gemini) struct Chunk<'a>(pub(in crate::gemini) &'a Value);

impl<'a> Chunk<'a> {
    /// Whether this is a chunk of an answer at all, however empty.
    pub(in crate::gemini) fn is_answer(self) -> bool {
        ["candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId"]
            .iter()
            .any(|name| self.0.get(name).is_some())
    }

    /// Whether this is an error in place of an answer.
    pub(in crate::gemini) fn is_error(self) -> bool {
        self.0.get("error").is_some_and(|error| !error.is_null())
    }

    /// What people see: of the first candidate, the texts and pictures of all parts that are not thoughts, in order and
    /// as they stand.
    pub(in crate::gemini) fn parts(self) -> impl Iterator<Item = Seen<'a>> {
        let seen = |part: &'a Value| {
            if let Some(text) = part.get("text").and_then(Value::as_str) {
                return Some(Seen::Text(text)).filter(|_| !text.is_empty());
            }
            let data = part.get("inlineData").or_else(|| part.get("inline_data"))?;
            let mime = data.get("mimeType").or_else(|| data.get("mime_type"))?.as_str()?;
            let data = data.get("data")?.as_str()?;
            Some(Seen::Picture { mime, data }).filter(|_| mime.starts_with("image/"))
        };
        self.spoken().filter_map(seen)
    }

    /// Why the answer ended; none while it goes on.
    pub(in crate::gemini) fn finish_reason(self) -> Option<&'a str> {
        let reason = self.candidate()?.get("finishReason")?.as_str()?;
        (!reason.is_empty() && reason != "FINISH_REASON_UNSPECIFIED").then_some(reason)
    }

    /// Google's words on why the answer ended.
    pub(in crate::gemini) fn finish_message(self) -> Option<&'a str> {
        self.candidate()?.get("finishMessage")?.as_str()
    }

    /// Why the prompt was blocked.
    pub(in crate::gemini) fn block_reason(self) -> Option<&'a str> {
        let reason = self.0.get("promptFeedback")?.get("blockReason")?.as_str()?;
        (!reason.is_empty()).then_some(reason)
    }

    /// Token counts so far.
    pub(in crate::gemini) fn usage(self) -> Option<&'a Value> {
        self.0.get("usageMetadata")
    }

    /// The parts that are not thoughts: image models sketch in thoughts, too.
    fn spoken(self) -> impl Iterator<Item = &'a Value> {
        self.candidate()
            .and_then(|candidate| candidate.get("content")?.get("parts")?.as_array())
            .into_iter()
            .flatten()
            .filter(|part| part.get("thought") != Some(&Value::Bool(true)))
    }

    fn candidate(self) -> Option<&'a Value> {
        self.0.get("candidates")?.as_array()?.first()
    }
}
