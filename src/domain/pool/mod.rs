//! The pool of keys: limits, windows, budgets, breakers, and what calls teach us.

pub mod outcome;
