//! Files in requests, and the picture in answers.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::check::field;
use super::errors::{ErrorBody, plain};

/// Bytes of a request with inline data: 20 MB until January 2026, 100 MB since then ("Increased file size limits",
/// Google's blog), base64 and all.
pub(super) const REQUEST_LIMIT: usize = 100 << 20;
/// A PDF has a limit of its own, in bytes of the file.
const PDF_LIMIT: usize = 50 << 20;
/// A picture of 48 × 48, for answers.
pub(super) const PICTURE: &[u8] = include_bytes!("picture.png");
/// What a picture in an answer counts.
pub(super) const PICTURE_TOKENS: u64 = 1290;
/// Base64 that records keep of a file.
const KEPT: usize = 64;

/// The types in Google's tables of images, audio, video and documents.
const TYPES: [&str; 39] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/heic",
    "image/heif",
    "audio/wav",
    "audio/x-wav",
    "audio/mp3",
    "audio/mpeg",
    "audio/aiff",
    "audio/aac",
    "audio/ogg",
    "audio/flac",
    "audio/m4a",
    "audio/mp4",
    "audio/mpga",
    "audio/opus",
    "audio/pcm",
    "audio/webm",
    "video/mp4",
    "video/mpeg",
    "video/mov",
    "video/quicktime",
    "video/avi",
    "video/x-flv",
    "video/mpg",
    "video/webm",
    "video/wmv",
    "video/3gpp",
    "video/mpegps",
    "application/pdf",
    "text/plain",
    "text/html",
    "text/css",
    "text/csv",
    "text/xml",
    "text/rtf",
    "text/markdown",
    "application/json",
];

/// A file that came with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMedia {
    /// The type it came with.
    pub mime: String,
    /// Its length.
    pub bytes: usize,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl SentMedia {
    /// What a file would be shown as, to compare.
    pub fn of(mime: &str, bytes: &[u8]) -> SentMedia {
        let sha256 = format!("{:x}", Sha256::digest(bytes));
        SentMedia { mime: mime.to_owned(), bytes: bytes.len(), sha256 }
    }

    pub(super) fn json(&self) -> Value {
        json!({"mime": self.mime, "bytes": self.bytes, "sha256": self.sha256})
    }

    /// About what the real server counts: a small picture, 32 a second of sound.
    pub(super) fn tokens(&self) -> u64 {
        if self.mime.starts_with("audio/") { (self.bytes as u64 / 4000 + 1) * 32 } else { 258 }
    }
}

fn decode(data: &str) -> Option<Vec<u8>> {
    // Protobuf takes both alphabets, with padding or without.
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let plain = data.replace('-', "+").replace('_', "/");
    GeneralPurpose::new(&base64::alphabet::STANDARD, lenient).decode(plain).ok()
}

fn read(blob: &Value) -> (&str, &str) {
    let text = |name: &str| field(blob, name).and_then(Value::as_str).unwrap_or("");
    (text("mime_type"), text("data"))
}

/// A request over the limit is not looked at.
pub(super) fn check_size(bytes: usize, limit: usize) -> Result<(), ErrorBody> {
    if bytes <= limit {
        return Ok(());
    }
    let message = format!("Request payload size exceeds the limit: {limit} bytes.");
    Err(plain(400, "INVALID_ARGUMENT", &message))
}

/// What the server refuses of a file, whose base64 has been looked at.
pub(super) fn check(blob: &Value) -> Result<(), ErrorBody> {
    let refuse = |message: &str| Err(plain(400, "INVALID_ARGUMENT", message));
    let (mime, data) = read(blob);
    if mime.is_empty() {
        return refuse("Unable to determine the MIME type of inline_data: mime_type is empty.");
    }
    if !TYPES.contains(&mime) {
        return refuse(&format!("Unsupported MIME type: {mime}"));
    }
    let bytes = decode(data).unwrap_or_default();
    if bytes.is_empty() {
        return refuse("Unable to process input: inline_data.data is empty.");
    }
    if mime == "application/pdf" && bytes.len() > PDF_LIMIT {
        return refuse("The document is larger than the limit of 50 MB.");
    }
    match (is_of(&bytes, mime), mime.split('/').next()) {
        (true, _) => Ok(()),
        (false, Some("image")) => refuse(
            "Unable to process input image. Please retry or report in \
                                          https://developers.generativeai.google/guide/troubleshooting",
        ),
        (false, Some("application")) => refuse("The document has no pages."),
        (false, _) => refuse("Request contains an invalid argument."),
    }
}

/// Whether bytes begin as files of this type do; those of types with many beginnings are taken as they are.
fn is_of(bytes: &[u8], mime: &str) -> bool {
    let box_kind = bytes.get(4..8) == Some(b"ftyp");
    match mime {
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "image/webp" => bytes.get(8..12) == Some(b"WEBP"),
        "image/heic" | "image/heif" | "audio/mp4" | "audio/m4a" | "video/mp4" | "video/3gpp" => box_kind,
        "audio/ogg" => bytes.starts_with(b"OggS"),
        "audio/flac" => bytes.starts_with(b"fLaC"),
        "application/pdf" => bytes.windows(5).take(1024).any(|window| window == b"%PDF-"),
        _ => true,
    }
}

/// The files of one turn.
pub(super) fn of_turn(turn: &Value) -> Vec<SentMedia> {
    let parts = field(turn, "parts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let blobs = parts.iter().filter_map(|part| field(part, "inline_data")).map(read);
    blobs.map(|(mime, data)| SentMedia::of(mime, &decode(data).unwrap_or_default())).collect()
}

/// The files of all turns.
pub(super) fn of_request(body: &Value) -> Vec<SentMedia> {
    let turns = field(body, "contents").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    turns.iter().flat_map(of_turn).collect()
}

/// The body as a text that is kept, with little of its files.
pub(super) fn shorten(body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    // Base64 has no quotes, and inside a string a quote is escaped: what stands after this name is a file.
    let mut from = 0;
    while let Some(at) = text[from..].find("\"data\"").map(|at| from + at + 6) {
        from = at;
        let Some(start) = text[at..].find('"').map(|start| at + start + 1) else { break };
        let Some(end) = text[start..].find('"').map(|end| start + end) else { break };
        let is_next = text[at..start - 1].trim() == ":";
        if is_next && end - start > KEPT && text.is_char_boundary(start + KEPT) {
            text.replace_range(start + KEPT..end, "");
        }
    }
    text
}

/// A picture as a part of an answer.
pub(super) fn part(picture: &Bytes) -> Value {
    json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(picture)}})
}
