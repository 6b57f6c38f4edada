//! The messages of the v1beta protocol that a request may hold, as tables.

/// The type of one field.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bytes,
    Bool,
    Int,
    Float,
    /// Any JSON object.
    Struct,
    /// Any JSON value.
    Any,
    One(&'static Message),
    Many(&'static Message),
    Map(&'static Message),
    Texts,
    Enum(&'static str, &'static [&'static str]),
    Enums(&'static str, &'static [&'static str]),
}

pub(super) struct Message {
    pub(super) fields: &'static [(&'static str, Kind)],
}

use Kind::{Any, Bool, Bytes, Enum, Enums, Float, Int, Many, One, Struct, Text, Texts};

const fn message(fields: &'static [(&'static str, Kind)]) -> Message {
    Message { fields }
}

pub(super) static REQUEST: Message = message(&[
    ("model", Text),
    ("system_instruction", One(&CONTENT)),
    ("contents", Many(&CONTENT)),
    ("tools", Many(&TOOL)),
    ("tool_config", One(&TOOL_CONFIG)),
    ("safety_settings", Many(&SAFETY)),
    ("generation_config", One(&CONFIG)),
    ("cached_content", Text),
]);
static CONTENT: Message = message(&[("parts", Many(&PART)), ("role", Text)]);
pub(super) static PART: Message = message(&[
    ("text", Text),
    ("inline_data", One(&BLOB)),
    ("function_call", One(&FUNCTION_CALL)),
    ("function_response", One(&FUNCTION_RESPONSE)),
    ("file_data", One(&FILE_DATA)),
    ("executable_code", One(&EXECUTABLE)),
    ("code_execution_result", One(&CODE_RESULT)),
    ("video_metadata", One(&VIDEO)),
    ("thought", Bool),
    ("thought_signature", Bytes),
    ("part_metadata", Struct),
]);
static BLOB: Message = message(&[("mime_type", Text), ("data", Bytes)]);
static FILE_DATA: Message = message(&[("mime_type", Text), ("file_uri", Text)]);
static VIDEO: Message = message(&[("start_offset", Text), ("end_offset", Text), ("fps", Float)]);
static EXECUTABLE: Message = message(&[("language", Enum("", &["PYTHON"])), ("code", Text)]);
static CODE_RESULT: Message = message(&[
    ("outcome", Enum("", &["OUTCOME_OK", "OUTCOME_FAILED", "OUTCOME_DEADLINE_EXCEEDED"])),
    ("output", Text),
]);
static FUNCTION_CALL: Message = message(&[("id", Text), ("name", Text), ("args", Struct)]);
static FUNCTION_RESPONSE: Message = message(&[
    ("id", Text),
    ("name", Text),
    ("response", Struct),
    ("parts", Any),
    ("will_continue", Bool),
    ("scheduling", Enum("", &["SILENT", "WHEN_IDLE", "INTERRUPT"])),
]);
static TOOL: Message = message(&[
    ("function_declarations", Many(&DECLARATION)),
    ("google_search_retrieval", Struct),
    ("code_execution", Struct),
    ("google_search", Struct),
    ("computer_use", Struct),
    ("url_context", Struct),
    ("file_search", Struct),
    ("google_maps", Struct),
]);
static DECLARATION: Message = message(&[
    ("name", Text),
    ("description", Text),
    ("parameters", One(&SCHEMA)),
    ("parameters_json_schema", Any),
    ("response", One(&SCHEMA)),
    ("response_json_schema", Any),
    ("behavior", Enum("", &["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"])),
]);
static TOOL_CONFIG: Message =
    message(&[("function_calling_config", One(&FUNCTION_CALLING)), ("retrieval_config", Struct)]);
static FUNCTION_CALLING: Message = message(&[
    ("mode", Enum("", &["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])),
    ("allowed_function_names", Texts),
]);
static SAFETY: Message = message(&[
    (
        "category",
        Enum(
            "HarmCategory",
            &[
                "HARM_CATEGORY_UNSPECIFIED",
                "HARM_CATEGORY_DEROGATORY",
                "HARM_CATEGORY_TOXICITY",
                "HARM_CATEGORY_VIOLENCE",
                "HARM_CATEGORY_SEXUAL",
                "HARM_CATEGORY_MEDICAL",
                "HARM_CATEGORY_DANGEROUS",
                "HARM_CATEGORY_HARASSMENT",
                "HARM_CATEGORY_HATE_SPEECH",
                "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                "HARM_CATEGORY_DANGEROUS_CONTENT",
                "HARM_CATEGORY_CIVIC_INTEGRITY",
            ],
        ),
    ),
    (
        "threshold",
        Enum(
            "SafetySetting.HarmBlockThreshold",
            &[
                "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
                "BLOCK_LOW_AND_ABOVE",
                "BLOCK_MEDIUM_AND_ABOVE",
                "BLOCK_ONLY_HIGH",
                "BLOCK_NONE",
                "OFF",
            ],
        ),
    ),
]);
static CONFIG: Message = message(&[
    ("candidate_count", Int),
    ("stop_sequences", Texts),
    ("max_output_tokens", Int),
    ("temperature", Float),
    ("top_p", Float),
    ("top_k", Int),
    ("seed", Int),
    ("response_mime_type", Text),
    ("response_schema", One(&SCHEMA)),
    ("_response_json_schema", Any),
    ("response_json_schema", Any),
    ("presence_penalty", Float),
    ("frequency_penalty", Float),
    ("response_logprobs", Bool),
    ("logprobs", Int),
    ("enable_enhanced_civic_answers", Bool),
    (
        "response_modalities",
        Enums("GenerationConfig.Modality", &["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"]),
    ),
    ("speech_config", Struct),
    ("thinking_config", One(&THINKING)),
    ("image_config", Struct),
    (
        "media_resolution",
        Enum(
            "GenerationConfig.MediaResolution",
            &[
                "MEDIA_RESOLUTION_UNSPECIFIED",
                "MEDIA_RESOLUTION_LOW",
                "MEDIA_RESOLUTION_MEDIUM",
                "MEDIA_RESOLUTION_HIGH",
            ],
        ),
    ),
]);
// `thinking_level` is newer than the published protocol file; the server takes it in either case.
static THINKING: Message = message(&[
    ("include_thoughts", Bool),
    ("thinking_budget", Int),
    (
        "thinking_level",
        Enum(
            "ThinkingConfig.ThinkingLevel",
            &[
                "THINKING_LEVEL_UNSPECIFIED",
                "MINIMAL",
                "LOW",
                "MEDIUM",
                "HIGH",
                "minimal",
                "low",
                "medium",
                "high",
            ],
        ),
    ),
]);
static SCHEMA: Message = message(&[
    (
        "type",
        Enum(
            "Type",
            &[
                "TYPE_UNSPECIFIED",
                "STRING",
                "NUMBER",
                "INTEGER",
                "BOOLEAN",
                "ARRAY",
                "OBJECT",
                "NULL",
                "string",
                "number",
                "integer",
                "boolean",
                "array",
                "object",
                "null",
            ],
        ),
    ),
    ("format", Text),
    ("title", Text),
    ("description", Text),
    ("nullable", Bool),
    ("enum", Texts),
    ("items", One(&SCHEMA)),
    ("max_items", Int),
    ("min_items", Int),
    ("properties", Kind::Map(&SCHEMA)),
    ("required", Texts),
    ("min_properties", Int),
    ("max_properties", Int),
    ("minimum", Float),
    ("maximum", Float),
    ("min_length", Int),
    ("max_length", Int),
    ("pattern", Text),
    ("example", Any),
    ("any_of", Many(&SCHEMA)),
    ("property_ordering", Texts),
    ("default", Any),
]);
