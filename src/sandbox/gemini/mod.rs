//! A Gemini API on loopback: the v1beta wire with its errors, quotas and streams, scripted faults, and answers that
//! a reader can believe or a test can choose.

mod answers;
mod check;
mod errors;
mod frame;
mod handle;
mod media;
mod models;
mod odd;
mod protocol;
mod quota;
mod record;
mod reply;
mod serve;
#[cfg(test)]
mod tests;

pub use answers::{Answer, Asked};
pub use handle::Gemini;
pub use media::SentMedia;
pub use models::Model;
pub use quota::ModelLimit;
pub use record::{Ending, GeminiCall};
pub use reply::Timing;
