//! The outbox: what must still be said in Telegram, until it is said.
//!
//! A row belongs to one part of the answer to one update, or to none (a notice by itself). Its message id is
//! kept through every change, so that a restart edits the message it had opened rather than sending a second.
//!
//! ```text
//!   open_part ──▶ open ──put_rows──▶ pending ──row_done──▶ done (kept 48 h)
//!                     put_rows ─────────▲ │ row_sent: its message id
//!                                         └───────▶        revise_row ──▶ pending, with its message id
//! ```
//!
//! A message that was opened for a part which the rows of its update do not have is taken back: it becomes a pending
//! row without content.
//!
//! Files have parts of their own, from [`FILE_PARTS`] on: no message is opened for them, and their bytes stay in the row
//! until they are sent.

mod content;

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, Row};

use super::StoreError;
use super::tx::{Tx, decode, encode, from_ms, ms};
use crate::domain::chat::{Button, ChatId, Notice, UserId};
use crate::domain::time::Timestamp;

pub(crate) use content::{Content, FILE_PARTS, Formatted, SentFile, Shown};

/// Something to be said.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct OutboxRow {
    /// The update this answers, none for what svs says by itself.
    pub(crate) update_id: Option<i64>,
    /// The part of the answer, from 0.
    pub(crate) part: u32,
    /// Where to.
    pub(crate) chat: ChatId,
    /// The topic in the chat.
    pub(crate) topic: Option<i32>,
    /// Whom it is said to; decides the language.
    pub(crate) user: Option<UserId>,
    /// The message this replies to.
    pub(crate) reply_to: Option<i64>,
    /// What is said.
    pub(crate) content: Content,
    /// The buttons under it, once it is whole.
    pub(crate) buttons: Vec<Button>,
    /// The message that is edited, once one is open.
    pub(crate) message_id: Option<i64>,
}

/// A row that waits to be said.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct PendingRow {
    /// The row's own id; ascending in the order of opening.
    pub(crate) id: i64,
    /// What is said, and where.
    pub(crate) row: OutboxRow,
}

/// A message that was opened for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OpenPart {
    /// The update the answer is for.
    pub(crate) update_id: i64,
    /// The part of the answer, from 0.
    pub(crate) part: u32,
    /// Where.
    pub(crate) chat: ChatId,
    /// The topic in the chat.
    pub(crate) topic: Option<i32>,
    /// Whom it is said to.
    pub(crate) user: Option<UserId>,
    /// The message this replies to.
    pub(crate) reply_to: Option<i64>,
    /// The message that was opened.
    pub(crate) message_id: i64,
}

/// A row as somebody finds it who presses a button of it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RowButtons {
    /// Whom the row was said to: nobody else may press.
    pub(crate) user: Option<UserId>,
    /// Where.
    pub(crate) chat: ChatId,
    /// The topic in the chat.
    pub(crate) topic: Option<i32>,
    /// The update the row answers.
    pub(crate) update_id: Option<i64>,
    /// The message it stands in, where that is known.
    pub(crate) message_id: Option<i64>,
    /// Whether it is an answer of a model, not words of ours.
    pub(crate) is_answer: bool,
    /// The buttons that still work.
    pub(crate) buttons: Vec<Button>,
}

/// None for no buttons; what another version wrote and nobody can read is none either.
fn buttons(text: Option<String>) -> Vec<Button> {
    text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()).unwrap_or_default()
}

fn is_answer(content: Option<String>) -> bool {
    content.is_some_and(|text| matches!(decode("outbox", &text), Ok(Content::Text(_) | Content::File(_))))
}

fn buttons_text(buttons: &[Button]) -> Result<Option<String>, StoreError> {
    if buttons.is_empty() { Ok(None) } else { encode("buttons", &buttons).map(Some) }
}

/// What is kept of a row for who looks back: where and when, and of what only the notices of svs itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SaidRow {
    /// The part of the answer, from 0.
    pub(crate) part: u32,
    /// Where.
    pub(crate) chat: ChatId,
    /// `answer`, `words`, or the notice's name; none while it grows.
    pub(crate) kind: Option<String>,
    /// The notice, where it is one: words of ours, with nothing of anybody in them.
    pub(crate) notice: Option<Notice>,
    /// The message, once one is known.
    pub(crate) message_id: Option<i64>,
    /// `open`, `pending`, `done`.
    pub(crate) state: String,
    /// When it was opened.
    pub(crate) created_at: Timestamp,
    /// When nothing was left to do for it.
    pub(crate) done_at: Option<Timestamp>,
}

fn pending_row(row: &Row<'_>) -> rusqlite::Result<(PendingRow, String, Option<Bytes>)> {
    let content: String = row.get(7)?;
    let file = row.get::<_, Option<Vec<u8>>>(10)?.map(Bytes::from);
    let pending = PendingRow {
        id: row.get(0)?,
        row: OutboxRow {
            update_id: row.get(1)?,
            part: row.get(2)?,
            chat: ChatId(row.get(3)?),
            topic: row.get(4)?,
            user: row.get::<_, Option<i64>>(5)?.map(UserId),
            reply_to: row.get(6)?,
            content: Content::Withdrawn,
            buttons: buttons(row.get(9)?),
            message_id: row.get(8)?,
        },
    };
    Ok((pending, content, file))
}

impl Tx<'_> {
    /// Remembers the message opened for a part of an answer. Of two openings the first stands; the message id
    /// that stands is returned. If the answer is there already and has no such part, it is to be taken back.
    pub(crate) fn open_part(&mut self, open: &OpenPart) -> Result<i64, StoreError> {
        let now = ms(self.now());
        let mut insert = self.sql(
            "INSERT INTO outbox
               (update_id, part, chat, topic, user, reply_to, message_id, state, created_at, content)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(late, 'pending', 'open'), ?8, iif(late, ?9, NULL)
             FROM (SELECT EXISTS (SELECT 1 FROM outbox WHERE update_id = ?1 AND state <> 'open') AS late) WHERE true
             ON CONFLICT (update_id, part) DO UPDATE SET message_id = coalesce(message_id, excluded.message_id)
             RETURNING message_id",
        )?;
        let standing = insert.query_row(
            (
                open.update_id,
                open.part,
                open.chat.0,
                open.topic,
                open.user.map(|user| user.0),
                open.reply_to,
                open.message_id,
                now,
                encode("outbox", &Content::Withdrawn)?,
            ),
            |row| row.get(0),
        )?;
        Ok(standing)
    }

    /// The messages opened for an update: (part, message id), in the order of parts.
    pub(crate) fn opened_parts(&self, update_id: i64) -> Result<Vec<(u32, i64)>, StoreError> {
        let mut select = self.sql(
            "SELECT part, message_id FROM outbox WHERE update_id = ?1 AND message_id IS NOT NULL ORDER BY part",
        )?;
        Ok(select.query_map([update_id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// The messages of some updates, in their order, are those of another from now on: it asks the same again. Files are
    /// not made into others; they move to parts that nothing fills, and are taken back.
    pub(crate) fn adopt_parts(&mut self, from: &[i64], to: i64) -> Result<(), StoreError> {
        let (now, withdrawn) = (ms(self.now()), encode("outbox", &Content::Withdrawn)?);
        let mut select = self.sql(
            "SELECT id, part FROM outbox WHERE update_id = ?1 AND message_id IS NOT NULL AND content IS NOT ?2
             ORDER BY part",
        )?;
        let mut adopt = self.sql(
            "INSERT INTO outbox (update_id, part, chat, topic, user, reply_to, message_id, state, created_at)
             SELECT ?2, ?3, chat, topic, user, reply_to, message_id, 'open', ?4 FROM outbox WHERE id = ?1
             ON CONFLICT (update_id, part) DO NOTHING",
        )?;
        let (mut texts, mut files) = (0.., 2 * FILE_PARTS..);
        for update_id in from {
            let rows = select.query_map((update_id, &withdrawn), |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (id, part) in rows.collect::<Result<Vec<(i64, u32)>, _>>()? {
                let numbers = if part < FILE_PARTS { &mut texts } else { &mut files };
                adopt.execute((id, to, numbers.next(), now))?;
            }
        }
        Ok(())
    }

    /// Hands rows to the outbox and returns their ids. A part that is known gets the new content and keeps its
    /// message id; one that is done stays as it is. What was opened for an update beyond its rows is to be taken back.
    pub(crate) fn put_rows(&mut self, rows: &[OutboxRow]) -> Result<Vec<i64>, StoreError> {
        let now = ms(self.now());
        let mut upsert = self.sql(
            "INSERT INTO outbox
               (update_id, part, chat, topic, user, reply_to, content, message_id, state, created_at, buttons, file)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?10, ?11)
             ON CONFLICT (update_id, part) DO UPDATE SET
               content = iif(state = 'done', content, excluded.content),
               file = iif(state = 'done', NULL, excluded.file),
               buttons = iif(state = 'done', buttons, excluded.buttons),
               message_id = coalesce(message_id, excluded.message_id),
               state = iif(state = 'done', 'done', 'pending')
             RETURNING id",
        )?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            let id = upsert.query_row(
                (
                    row.update_id,
                    row.part,
                    row.chat.0,
                    row.topic,
                    row.user.map(|user| user.0),
                    row.reply_to,
                    encode("outbox", &row.content)?,
                    row.message_id,
                    now,
                    buttons_text(&row.buttons)?,
                    row.content.file(),
                ),
                |row| row.get(0),
            )?;
            ids.push(id);
        }
        let mut withdraw = self.sql(
            "UPDATE outbox SET state = 'pending', content = ?2 WHERE update_id = ?1 AND state = 'open'",
        )?;
        let mut updates: Vec<i64> = rows.iter().filter_map(|row| row.update_id).collect();
        updates.dedup();
        for update_id in updates {
            withdraw.execute((update_id, encode("outbox", &Content::Withdrawn)?))?;
        }
        Ok(ids)
    }

    /// Every row that waits to be said, in the order of opening.
    pub(crate) fn pending_rows(&self) -> Result<Vec<PendingRow>, StoreError> {
        self.select_pending("?1 IS NULL", None)
    }

    /// The rows of one update that wait to be said, or with none those that answer no update.
    pub(crate) fn pending_rows_of(&self, update_id: Option<i64>) -> Result<Vec<PendingRow>, StoreError> {
        // The plus keeps SQLite from walking through the thousands of done rows without an update.
        self.select_pending(
            if update_id.is_some() { "update_id = ?1" } else { "+update_id IS ?1" },
            update_id,
        )
    }

    fn select_pending(&self, which: &str, id: Option<i64>) -> Result<Vec<PendingRow>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT id, update_id, part, chat, topic, user, reply_to, content, message_id, buttons, file
             FROM outbox WHERE {which} AND done_at IS NULL AND state = 'pending' ORDER BY id"
        ))?;
        let rows = select.query_map([id], pending_row)?;
        let mut pending = Vec::new();
        for row in rows {
            let (mut row, content, file) = row?;
            row.row.content = decode("outbox", &content)?;
            row.row.content.fill(file);
            pending.push(row);
        }
        Ok(pending)
    }

    /// A message was sent for this row; what is left is to edit it.
    pub(crate) fn row_sent(&mut self, id: i64, message_id: i64) -> Result<(), StoreError> {
        self.sql("UPDATE outbox SET message_id = ?2 WHERE id = ?1")?.execute((id, message_id))?;
        Ok(())
    }

    /// The buttons of a row, for who presses one; none when the row is gone.
    pub(crate) fn row_buttons(&self, id: i64) -> Result<Option<RowButtons>, StoreError> {
        let mut select = self.sql(
            "SELECT user, chat, topic, update_id, message_id, content, buttons FROM outbox WHERE id = ?1",
        )?;
        let read = |row: &Row<'_>| {
            Ok(RowButtons {
                user: row.get::<_, Option<i64>>(0)?.map(UserId),
                chat: ChatId(row.get(1)?),
                topic: row.get(2)?,
                update_id: row.get(3)?,
                message_id: row.get(4)?,
                is_answer: is_answer(row.get(5)?),
                buttons: buttons(row.get(6)?),
            })
        };
        Ok(select.query_row([id], read).optional()?)
    }

    /// Another content (none: the same) and other buttons for a row that was said as the message `message_id`: it is
    /// to be said again, by an edit of that message.
    pub(crate) fn revise_row(
        &mut self,
        id: i64,
        message_id: i64,
        content: Option<&Content>,
        buttons: &[Button],
    ) -> Result<(), StoreError> {
        let content = content.map(|content| encode("outbox", content)).transpose()?;
        self.sql(
            "UPDATE outbox SET content = coalesce(?3, content), buttons = ?4, message_id = coalesce(message_id, ?2),
               state = 'pending', done_at = NULL WHERE id = ?1",
        )?
        .execute((id, message_id, content, buttons_text(buttons)?))?;
        Ok(())
    }

    /// The row as it waits to be said; none if it does not.
    pub(crate) fn pending_row(&self, id: i64) -> Result<Option<PendingRow>, StoreError> {
        Ok(self.select_pending("id = ?1", Some(id))?.pop())
    }

    /// Nothing is left to do for this row: said in this message, or impossible to say.
    pub(crate) fn row_done(&mut self, id: i64, message_id: Option<i64>) -> Result<(), StoreError> {
        let now = ms(self.now());
        let mut update = self.sql(
            "UPDATE outbox SET state = 'done', done_at = ?2, message_id = coalesce(?3, message_id), file = NULL
             WHERE id = ?1 AND done_at IS NULL",
        )?;
        update.execute((id, now, message_id))?;
        Ok(())
    }

    /// What was said to an update, in the order of parts, as long as it is kept.
    pub(crate) fn said_rows(&self, update_id: i64) -> Result<Vec<SaidRow>, StoreError> {
        let mut select = self.sql(
            "SELECT part, chat, message_id, state, created_at, done_at, content FROM outbox
             WHERE update_id = ?1 ORDER BY part",
        )?;
        let rows = select.query_map([update_id], |row| {
            let said = SaidRow {
                part: row.get(0)?,
                chat: ChatId(row.get(1)?),
                kind: None,
                notice: None,
                message_id: row.get(2)?,
                state: row.get(3)?,
                created_at: from_ms(row.get(4)?),
                done_at: row.get::<_, Option<i64>>(5)?.map(from_ms),
            };
            Ok((said, row.get::<_, Option<String>>(6)?))
        })?;
        let kind = |row: rusqlite::Result<(SaidRow, Option<String>)>| {
            let (said, content) = row?;
            let content = content.map(|content| decode::<Content>("outbox", &content)).transpose()?;
            let kind = content.as_ref().map(Content::kind);
            let notice = content.and_then(|content| match content {
                Content::Notice(notice) => Some(notice),
                _ => None,
            });
            Ok(SaidRow { kind, notice, ..said })
        };
        rows.map(kind).collect()
    }
}
