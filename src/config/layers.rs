//! The sources on top of each other: for a setting, the value of the topmost source that has one, and where it is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::env::{Credentials, DotEnv, Environment};
use super::file::{Trust, read_text};
use super::problem::{Origin, Problem};
use super::toml_file::{Node, Raw, TomlFile};
use crate::error::ErrorKind;

/// Settings that have a further name in the environment, mostly the predecessor's.
const ALIASES: [(&str, &str); 17] = [
    ("telegram.token", "TELEGRAM_BOT_SVSKILO_TOKEN"),
    ("telegram.owner_ids", "BOT_OWNER_ID"),
    ("keys.A", "GROUP_A_KEYS"),
    ("keys.B", "GROUP_B_KEYS"),
    ("keys.C", "GROUP_C_KEYS"),
    ("keys.D", "GROUP_D_KEYS"),
    ("keys.router_a", "ROUTER_KEY_A"),
    ("keys.router_b", "ROUTER_KEY_B"),
    ("storage.supabase.url", "SUPABASE_URL"),
    ("storage.supabase.key", "SUPABASE_KEY"),
    ("storage.redis.url", "REDIS_URL"),
    ("storage.redis.host", "REDIS_HOST"),
    ("storage.redis.port", "REDIS_PORT"),
    ("storage.redis.db", "REDIS_DB"),
    ("log.level", "LOG_LEVEL"),
    ("storage.state_dir", "SVS_STATE_DIR"),
    ("control.socket", "SVS_SOCKET"),
];

/// A value from the command line, for one setting.
#[derive(Clone)]
pub(crate) struct Flag {
    /// The setting, as in svs.toml: `control.socket`.
    pub(crate) setting: &'static str,
    /// The flag with its dashes: `--socket`.
    pub(crate) name: &'static str,
    /// What was given.
    pub(crate) value: OsString,
}

/// All sources.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) toml: TomlFile,
    pub(super) toml_path: Option<PathBuf>,
    pub(super) dot_env: DotEnv,
    pub(super) env: Environment,
    pub(super) credentials: Credentials,
    pub(super) flags: Vec<Flag>,
}

impl Layers {
    /// The value of a setting that is no secret.
    pub(super) fn find(&self, path: &str) -> Option<Node> {
        if let Some(flag) = self.flags.iter().find(|flag| flag.setting == path) {
            return Some(Node { raw: Raw::Word(flag.value.clone()), origin: Origin::Flag(flag.name) });
        }
        let names = names(path);
        self.variable(&names).or_else(|| self.toml.values.get(path).cloned())
    }

    /// The value of a secret setting. It may be in a file of its own, so looking for it may fail.
    pub(super) fn find_secret(&self, path: &str) -> Option<Result<Node, Problem>> {
        let names = names(path);
        if let Some(file) = credential_names(path).find_map(|name| self.credentials.file(&name)) {
            return Some(secret_file(file));
        }
        if let Some((value, origin)) = names.iter().find_map(|name| self.credentials.variable(name)) {
            return Some(Ok(Node { raw: Raw::Word(value.into()), origin: origin.clone() }));
        }
        if let Some(node) =
            self.variable(&names.iter().map(|name| format!("{name}_FILE")).collect::<Vec<_>>())
        {
            let Raw::Word(file) = node.raw else { return None };
            return Some(secret_file(Path::new(&file)));
        }
        // An empty list of keys is a statement ("no keys here"); any other empty variable is a template not filled in.
        let is_list = path.starts_with("keys.");
        if let Some(node) = if is_list { self.variable_even_empty(&names) } else { self.variable(&names) } {
            return Some(Ok(node));
        }
        let beside = format!("{path}_file");
        match (self.toml.values.get(path), self.toml.values.get(&beside)) {
            (Some(_), Some(file)) => Some(Err(Problem {
                kind: ErrorKind::Config,
                message: format!("{path} and {beside} are both set"),
                origin: file.origin.clone(),
                hint: Some(format!("keep one of {path} and {beside}")),
            })),
            (Some(node), None) => Some(Ok(node.clone())),
            (None, Some(Node { raw: Raw::Text(file), .. })) => Some(secret_file(&self.beside_toml(file))),
            (None, Some(node)) => Some(Err(Problem {
                kind: ErrorKind::Config,
                message: format!("{beside} must be the path of a file, not {}", node.raw.type_name()),
                origin: node.origin.clone(),
                hint: None,
            })),
            (None, None) => None,
        }
    }

    /// The secret in the file that a setting of svs.toml names; a relative path starts at svs.toml.
    pub(super) fn secret_beside_toml(&self, file: &str) -> Result<Node, Problem> {
        secret_file(&self.beside_toml(file))
    }

    /// Whether any source says anything about settings that begin like this.
    pub(super) fn mentions(&self, prefix: &str) -> bool {
        let variable = variable(prefix);
        self.toml.values.keys().any(|path| path.starts_with(prefix))
            || self.env.names().any(|name| name.starts_with(&variable))
            || self.dot_env.names().any(|(name, _)| name.starts_with(&variable))
    }

    /// Two names of one setting with different values: the one that is not used.
    pub(super) fn overruled_alias(&self, path: &str) -> Option<(String, String)> {
        if !ALIASES.iter().any(|(setting, _)| *setting == path) {
            return None;
        }
        let names = names(path);
        let mut set = names.iter().filter_map(|name| Some((name, self.env.get(name)?)));
        let (used, value) = set.next()?;
        let (unused, _) = set.find(|(_, other)| *other != value)?;
        Some((used.clone(), unused.clone()))
    }

    /// The variable with one of these names that is set and not empty.
    fn variable(&self, names: &[String]) -> Option<Node> {
        self.in_env(names, false).or_else(|| self.in_dot_env(names, false))
    }

    /// The same, but an empty variable counts where no other name has a value.
    fn variable_even_empty(&self, names: &[String]) -> Option<Node> {
        let in_env = self.in_env(names, false).or_else(|| self.in_env(names, true));
        in_env.or_else(|| self.in_dot_env(names, false)).or_else(|| self.in_dot_env(names, true))
    }

    fn in_env(&self, names: &[String], even_empty: bool) -> Option<Node> {
        names.iter().find_map(|name| {
            let value = self.env.even_empty(name).filter(|value| even_empty || !value.is_empty())?;
            Some(Node { raw: Raw::Word(value.to_owned()), origin: Origin::Env(name.clone()) })
        })
    }

    fn in_dot_env(&self, names: &[String], even_empty: bool) -> Option<Node> {
        names.iter().find_map(|name| {
            let (value, origin) =
                self.dot_env.get(name).filter(|(value, _)| even_empty || !value.is_empty())?;
            Some(Node { raw: Raw::Word(value.into()), origin: origin.clone() })
        })
    }

    fn beside_toml(&self, file: &str) -> PathBuf {
        let folder = self.toml_path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        folder.join(file)
    }
}

/// The names of a setting in the environment, the first counts most: `SVS_` and its path, then aliases.
pub(super) fn names(path: &str) -> Vec<String> {
    let aliases = ALIASES.iter().filter(|(setting, _)| *setting == path).map(|(_, name)| (*name).to_owned());
    // What lies inside a list has no variable of its own.
    let derived = if path.contains('[') { None } else { Some(variable(path)) };
    derived.into_iter().chain(aliases).collect()
}

fn variable(path: &str) -> String {
    let mut name = String::with_capacity(path.len() + 4);
    name.push_str("SVS_");
    name.extend(path.chars().map(|letter| match letter {
        '.' | '-' => '_',
        letter => letter.to_ascii_uppercase(),
    }));
    name
}

/// The names under which a credential holds this setting: `telegram_token`, or an alias in lower case.
fn credential_names(path: &str) -> impl Iterator<Item = String> {
    names(path).into_iter().map(|name| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("svs_").map(ToOwned::to_owned).unwrap_or(name)
    })
}

fn secret_file(path: &Path) -> Result<Node, Problem> {
    let read = read_text(path, Trust::Handed)?;
    let origin = Origin::SecretFile(path.to_owned());
    Ok(Node { raw: Raw::Word(read.text.trim().into()), origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_after_the_place_in_the_file() {
        assert_eq!(names("limits.flash-lite.rpm"), ["SVS_LIMITS_FLASH_LITE_RPM"]);
        assert_eq!(names("keys.A"), ["SVS_KEYS_A", "GROUP_A_KEYS"]);
        assert_eq!(names("keys.A[1].project"), Vec::<String>::new());
        assert_eq!(
            credential_names("telegram.token").collect::<Vec<_>>(),
            ["telegram_token", "telegram_bot_svskilo_token"]
        );
    }
}
