//! The live screen of `svs top`: what is shown (`view`), what the person at the keyboard has made of it (`app`), how it
//! looks (`draw`) and the terminal that is borrowed for it (`terminal`).
//!
//! Everything but `terminal` is pure: a screen is a function of the [`App`] and its size.

mod app;
mod draw;
mod keys;
mod room;
mod rows;
mod summary;
mod terminal;
mod view;

#[cfg(test)]
mod tests;

pub(crate) use app::{App, Wish};
pub(crate) use terminal::Terminal;
pub(crate) use view::{Breaker, Budget, FailureRow, KeyRow, Outage, Place, Rates, Seat, Verdict, View};
