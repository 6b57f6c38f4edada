//! Where the daemon's time goes, through the socket.

use serde::{Deserialize, Serialize};

/// Asks for a flamegraph.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileRequest {
    /// For how long it is looked, 1…[`LONGEST_PROFILE`] seconds.
    pub(crate) seconds: u32,
}

/// The longest profile, in seconds.
pub(crate) const LONGEST_PROFILE: u32 = 300;

/// A flamegraph.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// The drawing.
    pub(crate) svg: String,
    /// How often a stack was looked at.
    pub(crate) samples: u64,
    /// Whether the functions of svs have names.
    pub(crate) is_named: bool,
    /// For how long it was looked: less than asked where the daemon ended.
    pub(crate) took_ms: u64,
}
