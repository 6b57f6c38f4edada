//! From a command's options to a validated configuration, with everything an operator may want to know about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::env::{Credentials, DotEnv, Environment};
use super::file::{ReadText, Trust, owner_of, read_text, readable_by_all, whole_file};
use super::layers::{Flag, Layers};
use super::paths::{self, Identity};
use super::problem::{Origin, Problem, Warning};
use super::reader::Setting;
use super::settings::Config;
use super::toml_file;
use super::validate::{Validated, validate};

/// Where a command takes its configuration from.
#[derive(Clone)]
pub(crate) struct LoadOptions {
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--env-file`.
    pub(crate) env_file: Option<PathBuf>,
    /// The folder whose `.env` is read if there is one: `run` gives its working folder, no other command any.
    pub(crate) dot_env_in: Option<PathBuf>,
    /// Flags that overrule settings.
    pub(crate) flags: Vec<Flag>,
    /// The environment.
    pub(crate) env: Environment,
    /// Who asks.
    pub(crate) identity: Identity,
    /// `$CREDENTIALS_DIRECTORY` is looked at; not by `sandbox`.
    pub(crate) credentials: bool,
}

impl LoadOptions {
    /// What every command starts with: the environment of this process and no file named.
    pub(crate) fn of_process() -> LoadOptions {
        LoadOptions {
            config: None,
            env_file: None,
            dot_env_in: None,
            flags: Vec::new(),
            env: Environment::of_process(),
            identity: Identity::of_process(),
            credentials: true,
        }
    }
}

/// A good configuration and how it came about.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The configuration.
    pub(crate) config: Arc<Config>,
    /// What is odd about it.
    pub(crate) warnings: Vec<Warning>,
    /// Every setting with its origin, by name.
    pub(crate) settings: Vec<Setting>,
    /// The svs.toml that was read.
    pub(crate) file: Option<PathBuf>,
}

/// What was read, and what was odd about the reading.
#[derive(Default)]
struct Sources {
    layers: Layers,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
    /// Files that everybody can read.
    readable: Vec<PathBuf>,
}

impl Sources {
    fn read(options: &LoadOptions) -> Sources {
        let mut sources = Sources::default();
        let Sources { layers, problems, warnings, readable } = &mut sources;
        layers.env = options.env.clone();
        layers.flags.clone_from(&options.flags);
        if let Err(found) = read_toml(options, layers, readable) {
            problems.extend(found);
        }
        if let Err(found) = read_dot_env(options, layers, warnings, readable) {
            problems.extend(found);
        }
        if options.credentials
            && let Some(folder) = options.env.path("CREDENTIALS_DIRECTORY")
        {
            match Credentials::open(&folder) {
                Ok(credentials) => layers.credentials = credentials,
                Err(found) => problems.extend(found),
            }
        }
        sources
    }
}

/// Loads the configuration, or tells all that is wrong with it.
pub(crate) fn load(options: &LoadOptions) -> Result<Loaded, Vec<Problem>> {
    let Sources { layers, mut problems, mut warnings, readable } = Sources::read(options);
    let validated = validate(&layers, options.identity);
    problems.extend(secrets_for_all(&readable, &validated));
    problems.extend(validated.problems);
    if !problems.is_empty() {
        return Err(problems.into_iter().map(without_secrets).collect());
    }
    warnings.extend(validated.warnings);
    Ok(Loaded {
        config: Arc::new(validated.config),
        warnings: warnings
            .into_iter()
            .map(|warning| Warning { message: scrubbed(&warning.message), ..warning })
            .collect(),
        settings: validated.settings,
        file: layers.toml_path,
    })
}

/// Where a command looks for the daemon, in this order, and what could not be read for that. Whatever else is wrong
/// with the configuration: a daemon that runs can still be asked how it is.
pub(crate) fn control_sockets(options: &LoadOptions) -> (Vec<PathBuf>, Vec<Problem>) {
    let sources = Sources::read(options);
    (validate(&sources.layers, options.identity).config.control.candidates, sources.problems)
}

/// The file that would be read, and whether it is there: `svs config path`.
pub(crate) fn config_path(options: &LoadOptions) -> (PathBuf, bool) {
    if let Some(named) = named_config(options) {
        let exists = named.exists();
        return (named, exists);
    }
    let candidates = paths::config_candidates(&options.env);
    match candidates.iter().find(|path| path.exists()) {
        Some(path) => (path.clone(), true),
        None => (candidates.into_iter().next().unwrap_or_default(), false),
    }
}

fn named_config(options: &LoadOptions) -> Option<PathBuf> {
    options.config.clone().or_else(|| options.env.path("SVS_CONFIG"))
}

/// The first existing file of the default places may be missing; a named one may not.
fn read_toml(
    options: &LoadOptions,
    layers: &mut Layers,
    readable: &mut Vec<PathBuf>,
) -> Result<(), Vec<Problem>> {
    let is_named = named_config(options).is_some();
    let (path, exists) = config_path(options);
    if !exists && !is_named {
        return Ok(());
    }
    let read = read_own(&path, readable).map_err(|problem| vec![problem])?;
    layers.toml_path = Some(path.clone());
    layers.toml = toml_file::parse(&Arc::new(path), &read.text)?;
    Ok(())
}

fn read_dot_env(
    options: &LoadOptions,
    layers: &mut Layers,
    warnings: &mut Vec<Warning>,
    readable: &mut Vec<PathBuf>,
) -> Result<(), Vec<Problem>> {
    let path = match (&options.env_file, &options.dot_env_in) {
        (Some(named), _) => named.clone(),
        (None, Some(folder)) => {
            let path = folder.join(".env");
            match owner_of(&path) {
                None => return Ok(()),
                Some(owner) if owner != options.identity.uid && owner != 0 => {
                    let message = "not read: it belongs to another user".to_owned();
                    warnings.push(Warning { message, origin: whole_file(&path) });
                    return Ok(());
                }
                Some(_) => path,
            }
        }
        (None, None) => return Ok(()),
    };
    let read = read_own(&path, readable).map_err(|problem| vec![problem])?;
    layers.dot_env = DotEnv::parse(&path, &read.text)?;
    Ok(())
}

fn read_own(path: &Path, readable: &mut Vec<PathBuf>) -> Result<ReadText, Problem> {
    let read = read_text(path, Trust::Own)?;
    if read.world_readable {
        readable.push(path.to_owned());
    }
    Ok(read)
}

/// Files that everybody can read and that turned out to hold a secret.
fn secrets_for_all(readable: &[PathBuf], validated: &Validated) -> Vec<Problem> {
    let config = &validated.config;
    let origins = validated.secrets.iter().chain(config.keys.iter().map(|key| &key.origin));
    let files: Vec<&Path> = origins
        .filter_map(|origin| match origin {
            Origin::File { path, .. } | Origin::DotEnv { path, .. } => Some(path.as_path()),
            _ => None,
        })
        .collect();
    readable.iter().filter(|path| files.contains(&path.as_path())).map(|path| readable_by_all(path)).collect()
}

/// A name in a file may be a secret in the wrong place.
fn without_secrets(problem: Problem) -> Problem {
    Problem { message: scrubbed(&problem.message), ..problem }
}

fn scrubbed(text: &str) -> String {
    crate::redact::scrub(text).into_owned()
}
