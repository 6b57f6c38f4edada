//! Albums: several messages that are one question.
//!
//! Each part is an update of its own. The first one that is for us takes a place in its lane and leads; the others
//! stay in the inbox, until the leader takes them into its question. Here is only who leads, and whether all have come.
//!
//! ```text
//!   first part ──▶ gathering ──1 s without another──▶ settled ──taken by its leader──▶ gone
//!                                                       └──no leader──▶ dropped
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::enclosed::album;
use super::intake::{Body, FileRef, Kind, Message};
use crate::domain::chat::ConversationId;
use crate::store::{Ending, InboxRow, StoreError};

/// An album is whole when no part has come for this long.
const QUIET: Duration = Duration::from_secs(1);

/// The albums that come in.
#[derive(Default)]
pub(super) struct Albums(Mutex<HashMap<Key, Album>>);

type Key = (ConversationId, String);

struct Album {
    last: Instant,
    settled: CancellationToken,
    has_leader: bool,
    /// The rule by which its parts end that nobody takes.
    rule: &'static str,
    parts: Vec<i64>,
}

impl Albums {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Album>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// A part has come. Says whether it leads, and takes its album's place in the lane.
    pub(super) fn gather(self: &Arc<Desk>, id: i64, message: &Message) -> bool {
        let Some(album) = album(message) else { return true };
        let key = (message.conversation(), album.to_owned());
        let mut albums = self.albums.lock();
        let is_first = !albums.contains_key(&key);
        let album = albums.entry(key.clone()).or_insert_with(|| Album {
            last: Instant::now(),
            settled: CancellationToken::new(),
            has_leader: false,
            rule: "not_addressed",
            parts: Vec::new(),
        });
        album.last = Instant::now();
        album.parts.push(id);
        let leads = message.is_for_us && !album.has_leader;
        album.has_leader |= leads;
        drop(albums);
        if is_first {
            tokio::spawn(Arc::clone(self).settle(key));
        }
        leads
    }

    /// Waits until an album is whole. What nobody leads ends.
    async fn settle(self: Arc<Desk>, key: Key) {
        loop {
            let Some(last) = self.albums.lock().get(&key).map(|album| album.last) else { return };
            tokio::time::sleep_until(last + QUIET).await;
            let mut albums = self.albums.lock();
            let Some(album) = albums.get(&key) else { return };
            if album.last > last {
                continue;
            }
            album.settled.cancel();
            if album.has_leader {
                return;
            }
            let album = albums.remove(&key);
            drop(albums);
            for (id, rule) in album.iter().flat_map(|album| album.parts.iter().map(|id| (*id, album.rule))) {
                self.end(id, Ending::Dropped(rule));
            }
            return;
        }
    }

    /// The album of a message gets no answer: its parts end with it.
    pub(super) fn abandon_album(self: &Arc<Desk>, message: &Message) {
        let Some(name) = album(message) else { return };
        let key = (message.conversation(), name.to_owned());
        let mut albums = self.albums.lock();
        let Some(album) = albums.get_mut(&key) else { return };
        // No later part leads it either: one album is refused once.
        album.rule = "album";
        let is_settled = album.settled.is_cancelled();
        album.settled = CancellationToken::new();
        album.last = Instant::now();
        album.has_leader = false;
        drop(albums);
        if is_settled {
            tokio::spawn(Arc::clone(self).settle(key));
        }
    }

    /// Waits until the album of `update_id` is whole and puts its parts into `message`: their files, the caption of
    /// whichever has one. Returns the updates of the other parts, which end when the question is stored.
    pub(super) async fn take_album(
        &self,
        update_id: i64,
        message: &mut Message,
    ) -> Result<Vec<i64>, StoreError> {
        let Some(name) = album(message).map(str::to_owned) else { return Ok(Vec::new()) };
        let key = (message.conversation(), name);
        let settled = self.albums.lock().get(&key).map(|album| album.settled.clone());
        if let Some(settled) = settled {
            settled.cancelled().await;
            self.albums.lock().remove(&key);
        }
        let at = key.0;
        let rows = self.store.read(move |tx| tx.pending_of(at)).await?;
        let others = rows.into_iter().filter(|row| row.incoming.update_id != update_id);
        let mut parts: Vec<(i64, Message)> = others.filter_map(|row| part(self, &row, &key.1)).collect();
        parts.sort_by_key(|(_, part)| part.message_id);
        let ids = parts.iter().map(|(id, _)| *id).collect();
        merge(message, parts.into_iter().map(|(_, part)| part));
        Ok(ids)
    }
}

/// A pending update as a part of this album.
fn part(desk: &Desk, row: &InboxRow, name: &str) -> Option<(i64, Message)> {
    let Kind::Message(part) = desk.read(&row.incoming.raw)?.kind else { return None };
    (album(&part) == Some(name) && !part.is_edit).then_some((row.incoming.update_id, *part))
}

/// Puts the parts of an album, in their order, into the message that leads it.
fn merge(message: &mut Message, parts: impl Iterator<Item = Message>) {
    let leader = message.message_id;
    let own = std::mem::take(&mut message.files);
    let mut files: Vec<(i64, Vec<FileRef>)> = vec![(leader, own)];
    for part in parts.filter(|part| part.message_id != leader) {
        if let (Body::Media { caption, .. }, Body::Media { caption: other, .. }) =
            (&mut message.body, part.body)
            && caption.trim().is_empty()
            && !other.trim().is_empty()
        {
            // An edit of the words names the message they stand in.
            *caption = other;
            message.message_id = part.message_id;
        }
        message.quoted = message.quoted.take().or(part.quoted);
        files.push((part.message_id, part.files));
    }
    files.sort_by_key(|(message_id, _)| *message_id);
    message.files = files.into_iter().flat_map(|(_, files)| files).collect();
}
