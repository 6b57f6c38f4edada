//! Files as the server keeps them: uploads with their checks, `getFile` with its limit, and the download.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::params::{Params, Upload};
use super::send::text;
use super::state::{ApiError, State, StoredFile};

/// Longest caption, in UTF-16 units.
const CAPTION: usize = 1024;
/// Bytes of the largest upload, of the largest that is shown as a photo, and of the largest that a bot may download.
const UPLOAD: usize = 50 << 20;
const PHOTO: usize = 10 << 20;
const DOWNLOAD: u64 = 20 << 20;

impl State {
    /// `sendDocument` and `sendPhoto`.
    pub(super) fn send_file(&mut self, params: &Params, kind: &'static str) -> Result<Value, ApiError> {
        let caption = text(params, "caption", "caption_entities", CAPTION)?;
        let named = params.text(kind).unwrap_or_default();
        let upload = named.strip_prefix("attach://").unwrap_or(kind);
        let (file_id, file) = if let Some(upload) = params.files.get(upload) {
            check(upload, kind)?;
            let id = self.store_file(kind, &upload.name, upload.bytes.clone());
            (id, Some(upload))
        } else if self.files.contains_key(&named) {
            (named, None)
        } else if named.is_empty() {
            return Err(ApiError::bad(&format!("there is no {kind} in the request")));
        } else {
            return Err(ApiError::bad("wrong file identifier/HTTP URL specified"));
        };
        let bytes = self.files.get(&file_id).map(|file| file.bytes.clone()).unwrap_or_default();
        let media = if kind == "photo" {
            let (width, height) = dimensions(&bytes).unwrap_or((640, 480));
            photo_sizes(&file_id, width, height, bytes.len() as u64)
        } else {
            let mut media =
                json!({"file_id": file_id, "file_unique_id": unique(&file_id), "file_size": bytes.len()});
            if let Some(upload) = file {
                (media["file_name"], media["mime_type"]) = (json!(upload.name), json!(upload.mime));
            }
            media
        };
        self.send(params, caption, json!({kind: media}))
    }

    /// Keep a file; returns its id.
    pub(super) fn store_file(&mut self, kind: &str, name: &str, bytes: Bytes) -> String {
        let id = self.fresh_id("BQACAgIAAxk");
        let ending = name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
        let path = format!("{kind}s/file_{}.{ending}", self.serial);
        self.files.insert(id.clone(), StoredFile { path, bytes, claimed: None });
        id
    }

    pub(super) fn get_file(&self, params: &Params) -> Result<Value, ApiError> {
        let id = params.text("file_id").unwrap_or_default();
        let file = self.files.get(&id).ok_or_else(|| ApiError::bad("invalid file_id"))?;
        let size = file.claimed.unwrap_or(file.bytes.len() as u64);
        if size > DOWNLOAD && !self.setup.large_files {
            return Err(ApiError::bad("file is too big"));
        }
        Ok(json!({"file_id": id, "file_unique_id": unique(&id), "file_size": size, "file_path": file.path}))
    }

    /// The bytes below a path, and that they were fetched.
    pub(super) fn fetch(&mut self, path: &str) -> Option<Bytes> {
        let (id, file) = self.files.iter().find(|(_, file)| file.path == path)?;
        let (id, bytes) = (id.clone(), file.bytes.clone());
        self.downloads.push(id);
        Some(bytes)
    }
}

/// What the server refuses to take.
fn check(upload: &Upload, kind: &str) -> Result<(), ApiError> {
    if upload.bytes.is_empty() {
        return Err(ApiError::bad("file must be non-empty"));
    }
    if upload.bytes.len() > UPLOAD {
        return Err(ApiError::new(413, "Request Entity Too Large"));
    }
    if kind != "photo" {
        return Ok(());
    }
    if upload.bytes.len() > PHOTO {
        return Err(ApiError::bad(&format!(
            "file of size {} bytes is too big for a photo; the maximum size is {PHOTO} bytes",
            upload.bytes.len()
        )));
    }
    let Some((width, height)) = dimensions(&upload.bytes) else {
        return Err(ApiError::bad("IMAGE_PROCESS_FAILED"));
    };
    if width + height > 10_000 || width.max(height) > 20 * width.min(height) {
        return Err(ApiError::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(())
}

/// Width and height of a PNG; of a JPEG or WebP, which are taken as they are, those of a usual photo.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        return Some((number(16)?, number(20)?)).filter(|(width, height)| *width > 0 && *height > 0);
    }
    let known = bytes.starts_with(b"\xff\xd8\xff") || bytes.get(8..12) == Some(b"WEBP");
    known.then_some((640, 480))
}

/// A photo as messages show it: its sizes, the largest last; all have the bytes of the original here.
pub(super) fn photo_sizes(file_id: &str, width: u32, height: u32, bytes: u64) -> Value {
    let longest = width.max(height).max(1);
    let mut sizes: Vec<u32> = [90, 320, 800, 1280, 2560].into_iter().filter(|side| *side < longest).collect();
    sizes.push(longest);
    let size = |side: &u32| {
        let scaled = |length: u32| (u64::from(length) * u64::from(*side) / u64::from(longest)).max(1);
        json!({"file_id": file_id, "file_unique_id": unique(file_id), "width": scaled(width), "height": scaled(height),
            "file_size": bytes})
    };
    sizes.iter().map(size).collect()
}

/// The id that is the same for every bot: the tail of the other.
pub(super) fn unique(file_id: &str) -> String {
    format!("AgAD{}", file_id.get(file_id.len().saturating_sub(12)..).unwrap_or(file_id))
}
