//! What an operator is shown of a configuration: its settings, their names in the environment, what a reload changes.

use super::layers;
use super::load::Loaded;
use super::reader::Setting;

/// Settings that are read once, at start; all others a reload changes.
const READ_AT_START: [&str; 8] = [
    "telegram.token",
    "telegram.api_url",
    "telegram.proxy",
    "control.",
    "http.",
    "storage.",
    "log.format",
    "gemini.proxy",
];

/// A setting that two configurations do not agree about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// Its name.
    pub(crate) name: String,
    /// Its old value, masked if secret; none: it was not there.
    pub(crate) from: Option<String>,
    /// Its new value, masked if secret; none: it is gone.
    pub(crate) to: Option<String>,
    /// It changes nothing before the next start.
    pub(crate) needs_restart: bool,
}

/// The names of a setting in the environment, the one that counts most first.
pub(crate) fn variables_of(setting: &str) -> Vec<String> {
    layers::names(setting)
}

/// What differs between what runs and what was loaded anew, by name.
pub(crate) fn diff(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let mut changes = Vec::new();
    for was in &old.settings {
        let is = value_of(&new.settings, &was.name);
        if is != Some(&was.value) || (is_key(&was.name) && fingerprint(old, was) != fingerprint(new, was)) {
            changes.push(change(&was.name, Some(&was.value), is));
        }
    }
    for is in &new.settings {
        if value_of(&old.settings, &is.name).is_none() {
            changes.push(change(&is.name, None, Some(&is.value)));
        }
    }
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

fn change(name: &str, from: Option<&String>, to: Option<&String>) -> Change {
    Change {
        name: name.to_owned(),
        from: from.cloned(),
        to: to.cloned(),
        needs_restart: READ_AT_START.iter().any(|start| name.starts_with(start)),
    }
}

fn value_of<'a>(settings: &'a [Setting], name: &str) -> Option<&'a String> {
    let at = settings.binary_search_by(|setting| setting.name.as_str().cmp(name)).ok()?;
    settings.get(at).map(|setting| &setting.value)
}

fn is_key(name: &str) -> bool {
    name.starts_with("keys.")
}

/// Two keys may end in the same four letters.
fn fingerprint(loaded: &Loaded, setting: &Setting) -> Option<crate::domain::key::Fingerprint> {
    let id = setting.name.strip_prefix("keys.")?.parse().ok()?;
    loaded.config.key(id).map(|key| key.fingerprint)
}
