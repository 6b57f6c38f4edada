//! Policy: what a role may do, what a message is, and who is served first.

pub mod fairness;
pub mod keywords;
pub mod roles;
pub mod task;
