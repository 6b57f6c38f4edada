//! The daemon's configuration against its sources, through the socket. Secrets are masked at the daemon's end.

use serde::{Deserialize, Serialize};

/// A look at the sources.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffRequest {
    /// A file in place of the daemon's svs.toml; absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
}

/// What would be different if the daemon read its sources now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ConfigDiff {
    /// Every setting that differs, by name.
    pub(crate) changes: Vec<SettingChange>,
}

/// One setting that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct SettingChange {
    /// Its name.
    pub(crate) name: String,
    /// `added`, `removed`, `changed`; of a key also `moved`.
    pub(crate) change: String,
    /// As it runs; of a moved key its place.
    pub(crate) running: Option<String>,
    /// As it would be.
    pub(crate) new: Option<String>,
    /// Where the new value comes from.
    pub(crate) origin: Option<String>,
    /// What it takes to make it so.
    pub(crate) needs: String,
}
