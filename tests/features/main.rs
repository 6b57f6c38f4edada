//! What only features have, tried from outside in a build of its own: `just features`.
#![expect(clippy::expect_used, reason = "a test may end so")]
#![expect(clippy::print_stdout, reason = "what a failed test was measuring, and how to repeat it")]

mod collector;
mod otlp;
mod profile;
#[expect(dead_code, reason = "what the other tests need as well")]
#[path = "../it/support/mod.rs"]
mod support;
