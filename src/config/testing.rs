//! A configuration for the tests of other rooms.

use std::path::PathBuf;
use std::sync::Arc;

use super::env::Environment;
use super::layers::Layers;
use super::paths::Identity;
use super::settings::Config;
use super::toml_file;
use super::validate::validate;

impl Config {
    /// What svs.toml with this text means, in a home folder that does not exist.
    pub(crate) fn of_toml(text: &str) -> Config {
        let path = Arc::new(PathBuf::from("svs.toml"));
        let toml = toml_file::parse(&path, text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let env: Environment = [("HOME", "/nonexistent")].into_iter().collect();
        let validated = validate(&Layers { toml, env, ..Layers::default() }, Identity { uid: 1000 });
        assert!(validated.problems.is_empty(), "{:#?}", validated.problems);
        validated.config
    }
}
