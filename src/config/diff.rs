//! What the sources say now against what runs. Secrets are compared by fingerprint and shown masked; a key is the same
//! key wherever its place in the list has moved.

use std::collections::{BTreeMap, HashMap};

use super::in_force::Needs;
use super::load::{LoadOptions, Loaded};
use super::problem::Origin;
use super::reader::Setting;
use crate::domain::key::{Fingerprint, KeyId};

/// A configuration that runs, and the way to its sources.
#[derive(Clone)]
pub(crate) struct Running {
    options: LoadOptions,
    settings: Vec<Setting>,
}

/// What became of a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another value.
    Changed,
    /// A key is at another place.
    Moved,
}

impl Change {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
            Change::Moved => "moved",
        }
    }
}

/// One setting that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    /// Its name.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) change: Change,
    /// As it runs, masked; of a moved key the place.
    pub(crate) from: Option<String>,
    /// As it would be, masked.
    pub(crate) to: Option<String>,
    /// Where the new value comes from.
    pub(crate) origin: Option<Origin>,
}

impl Difference {
    /// What it takes to put it in force.
    pub(crate) fn needs(&self) -> Needs {
        Needs::of(&self.name)
    }
}

impl Running {
    /// Of what was loaded so.
    pub(crate) fn new(options: LoadOptions, loaded: &Loaded) -> Running {
        Running { options, settings: loaded.settings.clone() }
    }

    /// The way to the sources.
    pub(crate) fn options(&self) -> &LoadOptions {
        &self.options
    }

    /// What of the sources differs.
    pub(crate) fn differences(&self, new: &[Setting]) -> Vec<Difference> {
        differences(&self.settings, new)
    }

    /// Runs with the sources from now on, except for what is read once.
    pub(crate) fn take_over(&mut self, new: Vec<Setting>) {
        let is_once = |setting: &Setting| Needs::of(&setting.name) == Needs::Restart;
        self.settings.retain(is_once);
        self.settings.extend(new.into_iter().filter(|setting| !is_once(setting)));
    }
}

fn differences(running: &[Setting], new: &[Setting]) -> Vec<Difference> {
    let mut found = keys(running, new);
    let by_name = |settings: &[Setting]| -> BTreeMap<String, Setting> {
        let plain = settings.iter().filter(|setting| key_of(setting).is_none());
        plain.map(|setting| (setting.name.clone(), setting.clone())).collect()
    };
    let (before, mut after) = (by_name(running), by_name(new));
    for (name, old) in before {
        match after.remove(&name) {
            None => found.push(removed(&old)),
            Some(new) if (&new.value, new.fingerprint) != (&old.value, old.fingerprint) => {
                // Two secrets may look alike where little of them is shown.
                let to = if new.value == old.value { format!("{}, another", new.value) } else { new.value };
                let (from, to, origin) = (Some(old.value), Some(to), Some(new.origin));
                found.push(Difference { name, change: Change::Changed, from, to, origin });
            }
            Some(_) => {}
        }
    }
    found.extend(after.values().map(added));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The keys that came, went or moved.
fn keys(running: &[Setting], new: &[Setting]) -> Vec<Difference> {
    let mut before: HashMap<Fingerprint, &Setting> =
        running.iter().filter_map(|setting| Some((key_of(setting)?, setting))).collect();
    let mut found = Vec::new();
    for setting in new {
        match key_of(setting).map(|fingerprint| before.remove(&fingerprint)) {
            Some(None) => found.push(added(setting)),
            Some(Some(old)) if old.name != setting.name => found.push(Difference {
                change: Change::Moved,
                from: Some(old.name.clone()),
                ..added(setting)
            }),
            _ => {}
        }
    }
    found.extend(before.into_values().map(removed));
    found
}

/// The fingerprint of a key at a place, as `keys.A3`.
fn key_of(setting: &Setting) -> Option<Fingerprint> {
    setting.name.strip_prefix("keys.")?.parse::<KeyId>().ok()?;
    setting.fingerprint
}

fn added(setting: &Setting) -> Difference {
    let Setting { name, value, origin, .. } = setting.clone();
    Difference { name, change: Change::Added, from: None, to: Some(value), origin: Some(origin) }
}

fn removed(setting: &Setting) -> Difference {
    let Setting { name, value, .. } = setting.clone();
    Difference { name, change: Change::Removed, from: Some(value), to: None, origin: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn plain(name: &str, value: &str) -> Setting {
        let (name, value) = (name.to_owned(), value.to_owned());
        Setting { name, value, origin: Origin::Default, fingerprint: None }
    }

    fn secret(name: &str, text: &str) -> Setting {
        Setting { fingerprint: Some(Secret::new(text).fingerprint()), ..plain(name, "[set]") }
    }

    fn told(running: &[Setting], new: &[Setting]) -> Vec<String> {
        let line = |difference: Difference| {
            let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            let Difference { name, change, from, to, .. } = difference;
            format!("{name} {} {} {}", change.name(), text(from), text(to))
        };
        differences(running, new).into_iter().map(line).collect()
    }

    #[test]
    fn a_key_that_moves_in_its_list_is_the_same_key() {
        let running = [secret("keys.A1", "one"), secret("keys.A2", "two"), secret("keys.A3", "three")];
        let new = [secret("keys.A1", "new"), secret("keys.A2", "one"), secret("keys.A3", "three")];
        let expected = ["keys.A1 added - [set]", "keys.A2 moved keys.A1 [set]", "keys.A2 removed [set] -"];
        assert_eq!(told(&running, &new), expected);
    }

    #[test]
    fn values_are_compared_and_secrets_by_fingerprint() {
        let running = [plain("seats.max", "3"), secret("telegram.token", "one"), plain("projects.x", "[]")];
        let new = [plain("log.level", "debug"), plain("seats.max", "4"), secret("telegram.token", "two")];
        let expected = [
            "log.level added - debug",
            "projects.x removed [] -",
            "seats.max changed 3 4",
            "telegram.token changed [set] [set], another",
        ];
        assert_eq!(told(&running, &new), expected);
        assert!(told(&new, &new).is_empty());
    }
}
