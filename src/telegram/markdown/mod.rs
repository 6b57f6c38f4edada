//! From the Markdown of a model to messages of Telegram: plain text with entities, cut into parts.
//!
//! - `render`: the whole way. `source/`: what models write is made ready for a parser of `CommonMark`; `stand_in`:
//!   with which characters; `math`: formulas in Unicode.
//! - `layout`: what the parser found becomes a `document`, put together by the `writer`; `table`: aligned.
//! - `head`: what stands before an answer that goes on. `split`: a document becomes messages. `file`: what is too long for a chat. `measure`: how Telegram counts.
//!
//! Pure: no clock, no file, no network; a text is always the same messages.

mod document;
mod file;
mod head;
mod layout;
mod math;
mod measure;
mod render;
mod source;
mod split;
mod stand_in;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use document::{Entity, Rendered};
pub(crate) use file::File;
pub(crate) use head::Head;
pub(crate) use measure::{MAX_UNITS, is_blank, utf16_len};
pub(crate) use render::{Limits, Overflow, render_answer, render_growing, render_parts};
