//! The whole way from files and variables to a configuration.

mod example;
mod files;
mod inputs;
mod sources;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::layers::Flag;
use super::paths::Identity;
use super::problem::Problem;
use super::{Environment, LoadOptions, Loaded, load};
use crate::error::ErrorKind;

/// A folder with a svs.toml and an environment of its own.
pub(super) struct World {
    folder: tempfile::TempDir,
    variables: Vec<(String, std::ffi::OsString)>,
    options: LoadOptions,
}

/// A world in which nothing is configured.
pub(super) fn world() -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    World {
        variables: vec![("HOME".to_owned(), home.into())],
        folder,
        options: LoadOptions {
            config: None,
            env_file: None,
            dot_env_in: None,
            flags: Vec::new(),
            env: Environment::default(),
            identity: Identity::of_process(),
            credentials: true,
        },
    }
}

impl World {
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that only its owner may read.
    pub(super) fn file(self, name: &str, content: impl AsRef<[u8]>) -> World {
        self.file_with(name, content, 0o600)
    }

    pub(super) fn file_with(self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> World {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("permissions");
        self
    }

    /// Writes svs.toml and names it.
    pub(super) fn toml(self, content: impl AsRef<[u8]>) -> World {
        let mut world = self.file("svs.toml", content);
        world.options.config = Some(world.folder().join("svs.toml"));
        world
    }

    pub(super) fn config(mut self, path: impl Into<PathBuf>) -> World {
        self.options.config = Some(path.into());
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl Into<std::ffi::OsString>) -> World {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// A `.env` in the folder where svs starts.
    pub(super) fn dot_env(self, content: &str) -> World {
        let mut world = self.file(".env", content);
        world.options.dot_env_in = Some(world.folder().to_owned());
        world
    }

    pub(super) fn credential(self, name: &str, content: &str) -> World {
        let world = self.file_with(&format!("credentials/{name}"), content, 0o400);
        let folder = world.folder().join("credentials");
        world.env("CREDENTIALS_DIRECTORY", folder)
    }

    pub(super) fn flag(mut self, name: &'static str, setting: &'static str, value: &str) -> World {
        self.options.flags.push(Flag { setting, name, value: value.into() });
        self
    }

    pub(super) fn load(&self) -> Result<Loaded, Vec<Problem>> {
        let env = self.variables.iter().cloned().collect();
        load(&LoadOptions { env, ..self.options.clone() })
    }

    /// The configuration, which must be good.
    pub(super) fn good(&self) -> Loaded {
        self.load().unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// The problems, with the folder's name taken out.
    pub(super) fn bad(&self) -> Vec<(ErrorKind, String)> {
        let problems = self.load().err().unwrap_or_default();
        problems.into_iter().map(|problem| (problem.kind, self.short(&problem.to_string()))).collect()
    }

    /// The warnings, with the folder's name taken out.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.good().warnings.iter().map(|warning| self.short(&warning.to_string())).collect()
    }

    fn short(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder().display()), "")
    }
}

/// Key number `n`, of the usual shape, different in every letter that is shown.
pub(super) fn key(n: u32) -> String {
    format!("AIzaSy{:033}", u64::from(n) * 7_919 + 1_000_003)
}
