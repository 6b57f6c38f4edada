//! What an operator is told of a setting: its names in the environment.

use super::layers;

/// The names of a setting in the environment, the one that counts most first.
pub(crate) fn variables_of(setting: &str) -> Vec<String> {
    layers::names(setting)
}
