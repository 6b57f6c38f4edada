//! Configuration: many sources, one immutable `Config`.
//!
//! `paths` finds the file, `file` and `env` read the sources, `layers` merges them and remembers where every value
//! came from, `validate` turns the result into a [`Config`] or into *all* problems at once, `load` does the whole,
//! `show` tells an operator what was loaded, `diff` what has changed since. Later wins: defaults < svs.toml < `.env` < environment < `*_FILE` <
//! `$CREDENTIALS_DIRECTORY` < flags.
//!
//! **Invariant:** no problem, warning or `Debug` output contains a value of a secret setting, nor a line of a file.

mod defaults;
mod diff;
mod env;
mod file;
mod in_force;
mod layers;
mod live;
mod load;
mod needs;
mod paths;
mod problem;
mod reader;
mod secret;
mod settings;
mod show;
mod toml_file;
mod validate;
mod value;

pub(crate) use diff::{Difference, Running};
pub(crate) use env::Environment;
pub(crate) use in_force::Needs;
pub(crate) use layers::Flag;
pub(crate) use live::LiveConfig;
pub(crate) use load::{LoadOptions, Loaded, config_path, control_sockets, load};
pub(crate) use problem::{Origin, Problem, into_command_error};
pub(crate) use reader::Setting;
pub(crate) use secret::Secret;
#[cfg(test)]
pub(crate) use settings::{AskConfig, ControlConfig, HttpConfig};
pub(crate) use settings::{
    Config, ConfiguredKey, GeminiConfig, LogConfig, LogFormat, LogLevel, Pace, StorageConfig, StreamMode,
    TelegramConfig,
};
pub(crate) use show::variables_of;

#[cfg(test)]
mod tests;
