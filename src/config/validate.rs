//! From layers to a [`Config`]: every setting is read once, all problems are told together.

mod endpoint;
mod key_text;
mod keys;
mod rules;
mod shell;

use std::collections::HashSet;
use std::path::Path;

use super::layers::{Layers, names};
use super::paths::{self, Identity};
use super::problem::{Origin, Problem, Warning};
use super::reader::{Reader, Setting};
use super::settings::{Config, ControlConfig};
use super::value::quoted;
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;

/// What validation found, whether or not it is good.
pub(super) struct Validated {
    pub(super) config: Config,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    pub(super) settings: Vec<Setting>,
    /// Where secrets other than keys were found.
    pub(super) secrets: Vec<Origin>,
}

/// A Unix socket's path must fit into 108 bytes with its end.
const LONGEST_SOCKET_PATH: usize = 107;

/// Reads every setting.
pub(super) fn validate(layers: &Layers, identity: Identity) -> Validated {
    let mut reader = Reader::new(layers);
    let telegram = shell::telegram(&mut reader);
    let gemini = shell::gemini(&mut reader);
    let rules = rules::read(&mut reader);
    let keys = keys::read(&mut reader, &rules.key);
    let state_dir = state_dir(&mut reader, identity);
    let control = control(&mut reader, &state_dir, identity);
    let config = Config {
        rules,
        keys,
        telegram,
        gemini,
        control,
        http: shell::http(&mut reader),
        ask: shell::ask(&mut reader),
        state_dir,
        storage: shell::storage(&mut reader),
        log: shell::log(&mut reader),
    };
    groups_without_keys(&mut reader, &config);
    pictures_without_budget(&mut reader, &config);
    unknown_names(&mut reader);
    unknown_variables(&mut reader);
    let Reader { problems, warnings, mut settings, secrets, .. } = reader;
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    Validated { config, problems, warnings, settings, secrets }
}

fn state_dir(reader: &mut Reader<'_>, identity: Identity) -> std::path::PathBuf {
    const NAME: &str = "storage.state_dir";
    let named = reader.path(NAME);
    let (path, origin) = match (paths::systemd_state_dir(&reader.layers.env), named) {
        (Some(path), _) => (path, Origin::Env("STATE_DIRECTORY".to_owned())),
        (None, Some(named)) => named,
        (None, None) => {
            let path = paths::default_state_dir(&reader.layers.env, identity);
            if path.is_none() {
                let hint = "set SVS_STATE_DIR or HOME";
                reader.problem(&Origin::Default, "there is no home folder to keep the state in", Some(hint));
            }
            (path.unwrap_or_default(), Origin::Default)
        }
    };
    reader.show(NAME, quoted(&path.to_string_lossy()), &origin);
    path
}

fn control(reader: &mut Reader<'_>, state_dir: &Path, identity: Identity) -> ControlConfig {
    const NAME: &str = "control.socket";
    let (socket, candidates, origin) = if let Some((path, origin)) = reader.path(NAME) {
        (path.clone(), vec![path], origin)
    } else {
        let candidates = paths::socket_candidates(&reader.layers.env, state_dir, identity);
        let socket = paths::default_socket(&reader.layers.env, state_dir, identity);
        (socket, candidates, Origin::Default)
    };
    let length = socket.as_os_str().len();
    if length > LONGEST_SOCKET_PATH {
        let message =
            format!("{NAME} is {length} bytes long; a socket's path has at most {LONGEST_SOCKET_PATH}");
        reader.problem(&origin, message, Some("choose a shorter path with SVS_SOCKET"));
    }
    reader.show(NAME, quoted(&socket.to_string_lossy()), &origin);
    ControlConfig {
        socket,
        candidates,
        group: reader.text_or_off("control.group", None),
        uids: shell::uids(reader),
    }
}

/// Says which groups have no keys, where some have.
fn groups_without_keys(reader: &mut Reader<'_>, config: &Config) {
    let configured = config.configured_groups();
    if configured.is_empty() {
        return;
    }
    let missing: Vec<String> =
        Group::ALL.iter().filter(|group| !configured.contains(group)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        let message = format!("no keys in {}: other groups serve their roles", missing.join(", "));
        reader.warning(&Origin::Default, message);
    }
}

/// Says that a model for pictures alone makes none.
fn pictures_without_budget(reader: &mut Reader<'_>, config: &Config) {
    const NAME: &str = "gemini.models.image";
    if config.gemini.models[ModelSlot::Image].is_none() || config.makes_pictures() {
        return;
    }
    let setting = reader.settings.iter().find(|setting| setting.name == NAME);
    let origin = setting.map_or(Origin::Default, |setting| setting.origin.clone());
    reader.warning(&origin, "no pictures are made: limits.image.daily_limit gives no key a budget for them");
}

/// Finds names in svs.toml that nobody reads.
fn unknown_names(reader: &mut Reader<'_>) {
    let layers = reader.layers;
    let known = std::mem::take(&mut reader.known);
    let skipped = std::mem::take(&mut reader.skipped);
    let mut sections: HashSet<&str> = HashSet::with_capacity(64);
    for name in &known {
        let mut name = name.as_str();
        while let Some((section, _)) = name.rsplit_once(['.', '[']) {
            sections.insert(section);
            name = section;
        }
    }
    // Free names may be added to these, so they may also be there without any.
    sections.extend(["projects", "gemini.safety", "limits.keys", "gemini"]);
    let mut told: Vec<&str> = skipped.iter().map(String::as_str).collect();
    let mut tables: Vec<&(String, Origin)> = layers.toml.tables.iter().collect();
    tables.sort_by(|a, b| a.0.cmp(&b.0));
    for (table, origin) in tables {
        if sections.contains(table.as_str()) || told.contains(&table.as_str()) || is_below(table, &told) {
            continue;
        }
        told.push(table);
        if let Some(id) = table.strip_prefix("limits.keys.").filter(|id| id.parse::<KeyId>().is_ok()) {
            reader.warning(origin, format!("limits are given for {id}, and there is no such key"));
        } else if known.contains(table) {
            let message = format!("{table} must be a value; it is a table");
            reader.problem(origin, message, None);
        } else if let Some(end) = table.rfind('[') {
            // The list itself has been told to be wrong, or has no tables in it.
            let message = format!("{} has a table where a value is expected", &table[..end]);
            reader.problem(origin, message, None);
        } else {
            let hint = suggestion(table, sections.iter().copied());
            reader.problem(origin, format!("unknown section [{table}]"), hint.as_deref());
        }
    }
    let mut values: Vec<(&String, &Origin)> =
        layers.toml.values.iter().map(|(name, node)| (name, &node.origin)).collect();
    values.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for (name, origin) in values {
        if known.contains(name) || is_below(name, &told) {
            continue;
        }
        if sections.contains(name.as_str()) {
            reader.problem(origin, format!("{name} must be a section [{name}]; it is a value"), None);
        } else {
            let hint = suggestion(name, known.iter().map(String::as_str));
            reader.problem(origin, format!("unknown setting {name}"), hint.as_deref());
        }
    }
}

fn is_below(name: &str, sections: &[&str]) -> bool {
    sections.iter().any(|section| name.strip_prefix(section).is_some_and(|rest| rest.starts_with(['.', '['])))
}

/// The known name a wrong one was probably meant to be: the closest within a third of its letters, where a name in
/// the same section, or the same name in another section, is closer than any other.
fn suggestion<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let last = |name: &'a str| name.rsplit_once('.').map_or(name, |(_, last)| last);
    let wrong_last = wrong.rsplit_once('.').map_or(wrong, |(_, last)| last);
    let distance = |name: &'a str| {
        let whole = strsim::damerau_levenshtein(wrong, name);
        if last(name) == wrong_last { whole.min(1) } else { whole }
    };
    let limit = (wrong_last.chars().count() / 3).max(1);
    let (_, _, name) = known
        .filter(|name| !name.contains('['))
        .map(|name| (distance(name), strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, _, _)| *distance <= limit)
        .min()?;
    Some(format!("did you mean {name}?"))
}

/// Warns of `SVS_…` variables that are nearly the name of a setting; other programs may have their own.
fn unknown_variables(reader: &mut Reader<'_>) {
    const NEAR: usize = 2;
    let layers = reader.layers;
    let mut ours: Vec<(String, Origin)> = layers
        .env
        .names()
        .filter(|name| name.starts_with("SVS_"))
        .map(|name| (name.to_owned(), Origin::Env(name.to_owned())))
        .collect();
    let in_dot_env = layers.dot_env.names().filter(|(name, _)| name.starts_with("SVS_"));
    ours.extend(in_dot_env.map(|(name, origin)| (name.to_owned(), origin.clone())));
    if ours.is_empty() {
        return;
    }
    ours.sort_by(|a, b| a.0.cmp(&b.0));
    let known: HashSet<String> = reader
        .settings
        .iter()
        .map(|setting| setting.name.as_str())
        .chain(["keys.A", "keys.B", "keys.C", "keys.D", "keys.router_a", "keys.router_b"])
        .chain([
            "storage.redis.password",
            "storage.redis.url",
            "storage.supabase.url",
            "storage.supabase.key",
        ])
        .flat_map(names)
        .collect();
    for (name, origin) in ours {
        let base = name.strip_suffix("_FILE").unwrap_or(&name);
        if known.contains(&name) || known.contains(base) || name == "SVS_CONFIG" {
            continue;
        }
        let near = known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(base, known), known))
            .filter(|(distance, _)| *distance <= NEAR)
            .min();
        if let Some((_, near)) = near {
            reader.warning(&origin, format!("no such setting; did you mean {near}?"));
        }
    }
}
