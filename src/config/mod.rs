//! Configuration: many sources, one immutable `Config`.
//!
//! `paths` finds the file, `file` and `env` read the sources, `layers` merges them and remembers where every value
//! came from, `validate` turns the result into a [`Config`] or into *all* problems at once, `load` does the whole,
//! `show` tells an operator what was loaded. Later wins: defaults < svs.toml < `.env` < environment < `*_FILE` <
//! `$CREDENTIALS_DIRECTORY` < flags.
//!
//! **Invariant:** no problem, warning or `Debug` output contains a value of a secret setting, nor a line of a file.

mod defaults;
mod env;
mod file;
mod layers;
mod load;
mod needs;
mod paths;
mod problem;
mod reader;
mod secret;
mod settings;
mod show;
#[cfg(test)]
mod testing;
mod toml_file;
mod validate;
mod value;

pub(crate) use env::Environment;
pub(crate) use layers::Flag;
pub(crate) use load::{LoadOptions, Loaded, config_path, load};
pub(crate) use paths::Identity;
pub(crate) use problem::{Origin, Problem, Warning, into_command_error};
pub(crate) use reader::Setting;
pub(crate) use secret::Secret;
pub(crate) use settings::{
    AskConfig, Config, ConfiguredKey, ControlConfig, GeminiConfig, HttpConfig, LogConfig, LogFormat,
    LogLevel, Pace, RedisConfig, StorageConfig, StreamMode, SupabaseConfig, TelegramConfig,
};
pub(crate) use show::{Change, diff, variables_of};
pub(crate) use value::duration_text;

#[cfg(test)]
mod tests;
