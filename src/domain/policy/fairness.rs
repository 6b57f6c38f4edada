//! Fairness: no user's appetite may starve the others.
//!
//! [`caps`] limits what one user may ask for, [`queue`] decides who is served first when keys are short, and
//! [`retries`] keeps svs itself from flooding an upstream that fails.

pub mod caps;
pub mod queue;
pub mod retries;

/// Answers a conversation runs at the same time.
pub const RUNNING_PER_CONVERSATION: usize = 1;

/// Questions a conversation may have waiting behind the running one; the next is refused in words.
pub const QUEUED_PER_CONVERSATION: usize = 3;
