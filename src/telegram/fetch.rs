//! Fetches what a person sent, as far as Gemini can read it.
//!
//! What Telegram says of the sizes is looked at before a byte is fetched, and what came is looked at again.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::api::{Api, ApiError};
use super::intake::FileRef;
use crate::domain::chat::Notice;
use crate::gemini::{Attachment, FILES_CAP, Unreadable};

/// The pause before the second try.
const PAUSE: Duration = Duration::from_secs(1);
/// A wait that Telegram asks for is kept up to here; somebody is waiting.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why the files of a question could not be had.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unfetched {
    /// Each could be read, but not all of them at once.
    #[error("the files are too large together")]
    TogetherTooBig,
    /// They will never be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Telegram did not hand them out.
    #[error(transparent)]
    Failed(#[from] ApiError),
}

/// The files of one question, in their order; the first that cannot be read decides.
pub(crate) async fn attachments(api: &Api, files: &[FileRef]) -> Result<Vec<Attachment>, Unfetched> {
    let sizes = || files.iter().filter_map(|file| file.size);
    if sizes().any(|size| size > FILES_CAP as u64) {
        return Err(Unreadable::TooBig { limit: FILES_CAP }.into());
    }
    if sizes().fold(0, u64::saturating_add) > FILES_CAP as u64 {
        return Err(Unfetched::TogetherTooBig);
    }
    let read = try_join_all(files.iter().map(|file| attachment(api, file))).await?;
    let came: usize = read.iter().map(|file| file.bytes().len()).sum();
    if came > FILES_CAP { Err(Unfetched::TogetherTooBig) } else { Ok(read) }
}

async fn attachment(api: &Api, file: &FileRef) -> Result<Attachment, Unfetched> {
    let mut fetched = api.download(&file.file_id, FILES_CAP).await;
    let pause = match &fetched {
        Err(ApiError::RetryAfter(wait)) => Some(*wait).filter(|wait| *wait <= LONGEST_PAUSE),
        Err(error) if error.is_passing() => Some(PAUSE),
        _ => None,
    };
    if let Some(pause) = pause {
        tokio::time::sleep(pause).await;
        fetched = api.download(&file.file_id, FILES_CAP).await;
    }
    let bytes = match fetched {
        Ok(bytes) => bytes,
        Err(ApiError::TooBig) => return Err(Unreadable::TooBig { limit: FILES_CAP }.into()),
        Err(error) => return Err(error.into()),
    };
    Ok(Attachment::read(bytes, file.name.as_deref(), file.mime.as_deref())?)
}

impl From<Unfetched> for Notice {
    fn from(why: Unfetched) -> Notice {
        match why {
            Unfetched::TogetherTooBig => Notice::FilesTooBig { limit: megabytes(FILES_CAP) },
            Unfetched::Unreadable(Unreadable::TooBig { limit }) => {
                Notice::FileTooBig { limit: megabytes(limit) }
            }
            Unfetched::Unreadable(Unreadable::Unsupported { ext }) => Notice::FileUnsupported { ext },
            Unfetched::Unreadable(Unreadable::Empty) => Notice::FileEmpty,
            Unfetched::Failed(ApiError::TooBig) => Notice::FileTooBig { limit: megabytes(FILES_CAP) },
            Unfetched::Failed(_) => Notice::FileLost,
        }
    }
}

fn megabytes(bytes: usize) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::testing::{FakeBotApi, Fault};

    fn file(id: &str, size: Option<u64>) -> FileRef {
        FileRef {
            file_id: id.to_owned(),
            unique_id: None,
            kind: "document",
            mime: None,
            size,
            name: Some(format!("{id}.x")),
            duration: None,
        }
    }

    #[tokio::test]
    async fn files_come_in_their_order_as_what_they_are() {
        let fake = FakeBotApi::start().await;
        fake.put_file("pdf", b"%PDF-1.7");
        fake.put_file("text", b"hi");
        fake.fail("download", Fault::Lost);
        let read = attachments(&fake.api(), &[file("pdf", Some(8)), file("text", None)]).await.expect("both");
        let read: Vec<_> = read.iter().map(|file| (file.mime(), file.name().unwrap_or_default())).collect();
        assert_eq!(read, [("application/pdf", "pdf.x"), ("text/plain", "text.x")]);
        assert_eq!(fake.calls("download").len(), 3, "a cut download is tried once more");
    }

    #[tokio::test]
    async fn what_is_said_to_be_too_big_is_never_fetched() {
        let fake = FakeBotApi::start().await;
        let too_big = Err(Unfetched::Unreadable(Unreadable::TooBig { limit: FILES_CAP }));
        let half = FILES_CAP as u64 / 2 + 1;
        assert_eq!(attachments(&fake.api(), &[file("a", Some(50 << 20))]).await, too_big);
        let halves = [file("a", Some(half)), file("b", Some(half))];
        assert_eq!(attachments(&fake.api(), &halves).await, Err(Unfetched::TogetherTooBig));
        assert!(fake.calls("GetFile").is_empty() && fake.calls("download").is_empty());
        // Telegram said nothing before, and the truth with the file.
        fake.put_file("a", &vec![0; FILES_CAP + 1]);
        assert_eq!(attachments(&fake.api(), &[file("a", None)]).await, too_big);
        assert!(fake.calls("download").is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_read_or_had_says_why() {
        let fake = FakeBotApi::start().await;
        fake.put_file("zip", b"PK\x03\x04\0");
        let unsupported = Unreadable::Unsupported { ext: "x".to_owned() };
        assert_eq!(attachments(&fake.api(), &[file("zip", None)]).await, Err(unsupported.into()));
        assert_eq!(attachments(&fake.api(), &[file("gone", None)]).await, Err(ApiError::FileGone.into()));
        assert_eq!(fake.calls("GetFile").len(), 2, "what will not come back is not asked for again");
    }
}
