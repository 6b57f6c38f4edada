//! A user's standing over several messages: a seat in the VIP room, and what is remembered of a conversation.

pub mod memory;
pub mod seats;
