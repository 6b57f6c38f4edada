//! Simulated days, judged by what was sent.
