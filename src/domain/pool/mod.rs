//! The pool of keys: limits, windows, budgets, breakers, and what calls teach us.

pub mod arrivals;
pub mod breaker;
pub mod budget;
pub mod health;
pub mod key_pool;
pub mod key_state;
pub mod limits;
pub mod outcome;
pub mod project;
pub mod proof;
pub mod rate_window;
pub mod refusal;
pub mod roster;
pub mod snapshot;
pub mod tokens;
