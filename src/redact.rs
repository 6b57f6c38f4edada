//! The second net under secrets: what must never appear in text that leaves the process.
