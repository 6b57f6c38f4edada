//! What Gemini takes besides text, and what it gives: files on their way in, pictures on their way out.
//!
//! What a file is, its bytes say; a name or a type that somebody claims only decides where the bytes leave it open.
//! Texts and code of any kind go as text, everything else as it is, by the types in Google's list of inputs.

use std::fmt;

use bytes::Bytes;

/// Bytes of all files of one question. Telegram hands out files up to this size; Google takes 100 MB of base64
/// since January 2026. Beyond it what counts is the memory of this host.
pub(crate) const FILES_CAP: usize = 20 << 20;
/// Bytes of one text file: about 250,000 tokens, and the free tier takes no more in a minute.
pub(crate) const TEXT_CAP: usize = 1 << 20;
/// Names are shown to the model and to people; nobody needs more characters of one.
const NAME_CAP: usize = 120;
/// Where a PDF may begin: readers skip what a mail or a scanner put before it.
const PDF_START: usize = 1024;

/// A file that Gemini can read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    mime: &'static str,
    bytes: Bytes,
    name: Option<String>,
}

/// Why a file is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// More bytes than are taken of this kind.
    #[error("larger than {} MB", .limit >> 20)]
    TooBig {
        /// In bytes.
        limit: usize,
    },
    /// A kind that Gemini does not read.
    #[error("{ext} cannot be read")]
    Unsupported {
        /// The kind as people name it, such as `zip`; `file` when nothing is known.
        ext: String,
    },
    /// There is nothing in it.
    #[error("empty")]
    Empty,
}

/// A picture in an answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// As `image/png`.
    pub(crate) mime: String,
    /// The file.
    pub(crate) bytes: Bytes,
    /// Bytes of the answer's text that came before it.
    pub(crate) at: usize,
}

impl Attachment {
    /// Reads what a file is; `claimed` is the type its sender names.
    pub(crate) fn read(
        bytes: Bytes,
        name: Option<&str>,
        claimed: Option<&str>,
    ) -> Result<Attachment, Unreadable> {
        if bytes.is_empty() {
            return Err(Unreadable::Empty);
        }
        if bytes.len() > FILES_CAP {
            return Err(Unreadable::TooBig { limit: FILES_CAP });
        }
        let plain_name = name.map(plain_name).filter(|name| !name.is_empty());
        let unsupported =
            || Unreadable::Unsupported { ext: extension(plain_name.as_deref(), &bytes, claimed) };
        if has_pdf_head(&bytes) {
            return Ok(Attachment { mime: "application/pdf", bytes, name: plain_name });
        }
        // Before the signatures of other files, of which some are two ordinary letters.
        if let Some(bytes) = as_text(&bytes) {
            if bytes.len() > TEXT_CAP {
                return Err(Unreadable::TooBig { limit: TEXT_CAP });
            }
            return Ok(Attachment { mime: "text/plain", bytes, name: plain_name });
        }
        let mime = mime_of(&bytes, claimed).ok_or_else(unsupported)?;
        Ok(Attachment { mime, bytes, name: plain_name })
    }

    /// The type as Google names it.
    pub(crate) const fn mime(&self) -> &'static str {
        self.mime
    }

    /// What it is, in a word.
    pub(crate) fn noun(&self) -> &'static str {
        match self.mime.split('/').next() {
            Some("image") => "photo",
            Some("audio") => "audio",
            Some("video") => "video",
            _ => "document",
        }
    }

    /// The file; of a text its UTF-8.
    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The name as far as it can be shown.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The text, if this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        (self.mime == "text/plain").then(|| std::str::from_utf8(&self.bytes).ok()).flatten()
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it is somebody's own.
        f.debug_struct("Attachment")
            .field("mime", &self.mime)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("mime", &self.mime)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The type Google knows these bytes by; none for what it does not read.
fn mime_of(bytes: &[u8], claimed: Option<&str>) -> Option<&'static str> {
    let is_sound = claimed.is_some_and(|claimed| claimed.trim().to_ascii_lowercase().starts_with("audio/"));
    // The brands of telephones, which the table of signatures lacks.
    if bytes.get(4..8) == Some(b"ftyp") && matches!(bytes.get(8..11), Some(b"3gp" | b"3g2")) {
        return Some(if is_sound { "audio/mp4" } else { "video/3gpp" });
    }
    let found = infer::get(bytes)?;
    Some(match found.extension() {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        // Its signature alone is four letters in the middle.
        "webp" if bytes.starts_with(b"RIFF") => "image/webp",
        "heif" if bytes.get(8..12) == Some(b"heic") => "image/heic",
        "heif" => "image/heif",
        // The same containers hold sound and pictures; the signature does not tell which.
        "mp4" | "m4v" | "mov" if is_sound => "audio/mp4",
        "webm" if is_sound => "audio/webm",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mpg" => "video/mpeg",
        "avi" => "video/avi",
        "wmv" => "video/wmv",
        "flv" => "video/x-flv",
        "ogg" | "opus" => "audio/ogg",
        "mp3" => "audio/mp3",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "aac" => "audio/aac",
        "m4a" => "audio/mp4",
        "aiff" => "audio/aiff",
        _ => return None,
    })
}

fn has_pdf_head(bytes: &Bytes) -> bool {
    const HEAD: &[u8] = b"%PDF-";
    let start = &bytes[..bytes.len().min(PDF_START + HEAD.len())];
    let Some(at) = start.windows(HEAD.len()).position(|window| window == HEAD) else { return false };
    // A text may speak of a PDF; a file that is one says so where its first line begins.
    at == 0 || matches!(start[at - 1], b'\n' | b'\r' | 0) || as_text(bytes).is_none()
}

/// The bytes as UTF-8, if they are a text: no control characters but those of lines and pages. UTF-16 counts where
/// it says so at its start.
fn as_text(bytes: &Bytes) -> Option<Bytes> {
    if let Some(units) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(units, u16::from_le_bytes);
    }
    if let Some(units) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(units, u16::from_be_bytes);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    is_written(text).then(|| bytes.slice(start..))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Bytes> {
    let pairs = bytes.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    (is_whole && is_written(&text)).then(|| Bytes::from(text))
}

fn is_written(text: &str) -> bool {
    // \x1b: what terminals write has colors in it.
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{85}'))
}

/// A name without folders, control characters and what turns the direction of reading.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    last.chars().filter(is_plain).take(NAME_CAP).collect::<String>().trim().to_owned()
}

/// What to call a kind that cannot be read: by its name, else by its bytes, else by what its sender says.
fn extension(name: Option<&str>, bytes: &[u8], claimed: Option<&str>) -> String {
    let is_usual =
        |ext: &&str| (1..=8).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric());
    let of_name = name.and_then(|name| Some(name.rsplit_once('.')?.1)).filter(is_usual);
    let of_bytes = || infer::get(bytes).map(|found| found.extension());
    let of_claim = || claimed.and_then(|claimed| Some(claimed.split_once('/')?.1)).filter(is_usual);
    of_name.or_else(of_bytes).or_else(of_claim).unwrap_or("file").to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
