//! The only printer of the house: data on stdout, everything else on stderr. A command hands over a [`Report`];
//! what it looks like as a table, as JSON or to a monitoring plugin is decided here, once.

mod failure;
mod progress;
mod prompt;
mod report;
mod stream;
mod style;
mod table;
pub(crate) mod text;
pub(crate) mod top;

pub(crate) use failure::print_failure;
pub(crate) use progress::Progress;
pub(crate) use prompt::{choose, confirm, hidden, line};
pub(crate) use report::{Body, Exit, Format, OutputOptions, Report, emit, with_schema};
pub(crate) use stream::{Closed, Stream, note, print_raw};
pub(crate) use style::{ColorChoice, Paint, Style, terminal_width};
pub(crate) use table::Table;
