//! The keys: lists from five sources become places A1…, B1…, C1…, D1…, RA, RB with a project and limits each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::key_text::{self, Flaw};
use super::rules;
use crate::config::problem::Origin;
use crate::config::reader::Reader;
use crate::config::secret::Secret;
use crate::config::settings::ConfiguredKey;
use crate::config::toml_file::{Node, Raw};
use crate::config::value::{quoted, text};
use crate::domain::key::{Fingerprint, Group, KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::rules::KeyLimits;

/// A key that was listed and is fit for use.
struct Listed {
    secret: Secret,
    origin: Origin,
    /// Where its own table is in svs.toml, if it has one: `keys.A[1]`, `keys.router_a`.
    table: Option<String>,
    /// How often more its list names it.
    repeated: u32,
}

const ROUTER_KEYS: [(&str, KeyId); 2] =
    [("keys.router_a", KeyId::RouterA), ("keys.router_b", KeyId::RouterB)];

/// Reads all keys.
pub(super) fn read(reader: &mut Reader<'_>, base: &KeyLimits) -> Vec<ConfiguredKey> {
    let mut places: Vec<(KeyId, Listed)> = Vec::new();
    let mut seen: HashMap<Fingerprint, String> = HashMap::new();
    for group in Group::ALL {
        let name = format!("keys.{group}");
        let listed = without_repetitions(reader, &name, &mut seen);
        places.extend((1..).zip(listed).map(|(n, listed)| (KeyId::Member(group, n), listed)));
    }
    for (name, id) in ROUTER_KEYS {
        let mut listed = without_repetitions(reader, name, &mut seen).into_iter();
        places.extend(listed.next().map(|first| (id, first)));
        if let Some(second) = listed.next() {
            reader.problem(&second.origin, format!("{name} must be one key, not a list"), None);
        }
    }
    skip_unused_tables(reader, &places);
    let mut projects = named_projects(reader);
    let mut keys = Vec::with_capacity(places.len());
    for (id, listed) in places {
        crate::redact::register(listed.secret.expose());
        let fingerprint = listed.secret.fingerprint();
        let project = project(reader, &listed, projects.remove(&id))
            .unwrap_or_else(|| Project(Arc::from(format!("key:{fingerprint}"))));
        if !project.0.starts_with("key:") {
            reader.show(&format!("keys.{id}.project"), quoted(&project.0), &listed.origin);
        }
        let limits = limits(reader, id, &listed, base);
        let shown = quoted(&listed.secret.masked());
        reader.show_secret(&format!("keys.{id}"), shown, &listed.secret, &listed.origin);
        let Listed { secret, origin, repeated, .. } = listed;
        keys.push(ConfiguredKey { id, secret, fingerprint, project, limits, origin, repeated });
    }
    for (id, (_, origin)) in projects {
        reader.warning(&origin, format!("projects names {id}, and there is no such key"));
    }
    shared_projects(reader, &keys);
    keys
}

/// The table of a key that is not used says nothing: the key is wrong or repeated, or another source wins.
fn skip_unused_tables(reader: &mut Reader<'_>, places: &[(KeyId, Listed)]) {
    let used: HashSet<&String> = places.iter().filter_map(|(_, listed)| listed.table.as_ref()).collect();
    let tables = reader.layers.toml.tables.iter().map(|(table, _)| table);
    let of_keys = tables.filter(|table| {
        table.starts_with("keys.")
            && (table.ends_with(']') || ROUTER_KEYS.iter().any(|(name, _)| name == table))
    });
    reader.skipped.extend(of_keys.filter(|table| !used.contains(table)).cloned());
}

/// The keys of one list: a repetition in it is dropped, one of another list is a problem.
fn without_repetitions(
    reader: &mut Reader<'_>,
    name: &str,
    seen: &mut HashMap<Fingerprint, String>,
) -> Vec<Listed> {
    let mut kept: Vec<Listed> = Vec::new();
    for listed in listed(reader, name) {
        match seen.get(&listed.secret.fingerprint()) {
            None => {
                seen.insert(listed.secret.fingerprint(), name.to_owned());
                kept.push(listed);
            }
            Some(other) if other == name => {
                reader.warning(&listed.origin, format!("{name}: a key is listed twice; it counts once"));
                let same = |kept: &&mut Listed| kept.secret.fingerprint() == listed.secret.fingerprint();
                if let Some(kept) = kept.iter_mut().find(same) {
                    kept.repeated += 1;
                }
            }
            Some(other) => {
                let message = format!("a key is in {other} and in {name}: it would be spent twice");
                reader.problem(&listed.origin, message, Some("leave the key in one group"));
            }
        }
    }
    kept
}

/// The keys of one list as their source wrote them, checked one by one.
fn listed(reader: &mut Reader<'_>, name: &str) -> Vec<Listed> {
    let mut listed = Vec::new();
    let Some(node) = reader.found_secret(name) else {
        // A router key is no list; its table is the setting itself.
        let table = reader.layers.toml.tables.iter().find(|(table, _)| table == name);
        if let Some((table, origin)) = table.filter(|_| ROUTER_KEYS.iter().any(|(key, _)| *key == name)) {
            let item = Node { raw: Raw::Table, origin: origin.clone() };
            if let Some(secret) = own_table(reader, name, table, &item) {
                split(reader, name, &secret, Some(table), &mut listed);
            }
        }
        return listed;
    };
    match &node.raw {
        Raw::List(items) => {
            for (n, item) in (1..).zip(items) {
                let table = format!("{name}[{n}]");
                if matches!(item.raw, Raw::Table) {
                    if let Some(secret) = own_table(reader, name, &table, item) {
                        split(reader, name, &secret, Some(&table), &mut listed);
                    }
                } else {
                    split(reader, name, item, None, &mut listed);
                }
            }
        }
        _ => split(reader, name, &node, None, &mut listed),
    }
    if listed.is_empty() && is_empty(&node.raw) {
        reader.warning(
            &node.origin,
            format!("{name} is empty: the group is off, another one serves its roles"),
        );
    }
    listed
}

fn is_empty(raw: &Raw) -> bool {
    match raw {
        Raw::List(items) => items.is_empty(),
        other => text(other).is_some_and(|text| text.trim_matches([',', ' ']).is_empty()),
    }
}

/// The secret of a key with a table of its own: `{ key = "…" }` or `{ key_file = "…" }`.
fn own_table(reader: &mut Reader<'_>, list: &str, table: &str, item: &Node) -> Option<Node> {
    let (key, file) = (reader.found(&format!("{table}.key")), reader.found(&format!("{table}.key_file")));
    match (key, file) {
        (Some(key), None) => {
            reader.secrets.push(key.origin.clone());
            Some(key)
        }
        (None, Some(file)) => {
            let Some(path) = text(&file.raw) else {
                reader.wrong(&format!("{list} key_file"), "the path of a file", &file);
                return None;
            };
            match reader.layers.secret_beside_toml(path) {
                Ok(node) => Some(node),
                Err(problem) => {
                    reader.problems.push(problem);
                    None
                }
            }
        }
        (Some(_), Some(file)) => {
            reader.problem(&file.origin, format!("{list}: a key has both key and key_file"), None);
            None
        }
        (None, None) => {
            reader.problem(&item.origin, format!("{list}: a key needs key or key_file"), None);
            None
        }
    }
}

/// Takes the keys out of one text, separated by commas; in a file of its own also by line breaks.
fn split(reader: &mut Reader<'_>, name: &str, node: &Node, table: Option<&str>, into: &mut Vec<Listed>) {
    let words = match &node.raw {
        Raw::Text(text) => Some(text.as_str()),
        Raw::Word(word) => word.to_str(),
        _ => None,
    };
    let Some(words) = words else {
        reader.wrong(name, "a list of keys", node);
        return;
    };
    let in_file = matches!(node.origin, Origin::SecretFile(_));
    if let Some(separator) = key_text::wrong_separator(words.trim(), in_file) {
        let message = format!("{name}: keys are separated by {separator}");
        reader.problem(&node.origin, message, Some("separate keys with a comma: key,key"));
        return;
    }
    let mut trimmed = false;
    for (n, piece) in (1..).zip(words.split([',', '\n'])) {
        let key = piece.trim().trim_matches(['"', '\'']).trim();
        // Spaces behind a comma and the break at the end of a file are how people write lists.
        trimmed |= piece.trim().len() != key.len() || (!in_file && words.trim().len() != words.len());
        if key.is_empty() {
            continue;
        }
        match key_text::check(key) {
            Err(flaw) => {
                let hint = match flaw {
                    Flaw::Placeholder => "put your own key there, from https://aistudio.google.com/apikey",
                    Flaw::Character { .. } => "copy the key again",
                };
                reader.problem(&node.origin, format!("{name}: key {n} {flaw}"), Some(hint));
            }
            Ok(usual) => {
                if !usual {
                    let message =
                        format!("{name}: key {n} does not look like a Gemini API key (AIza… or AQ.…)");
                    reader.warning(&node.origin, message);
                }
                into.push(Listed {
                    secret: Secret::new(key),
                    origin: node.origin.clone(),
                    table: table.map(ToOwned::to_owned),
                    repeated: 0,
                });
            }
        }
    }
    if trimmed {
        reader.warning(&node.origin, format!("{name}: spaces or quotes around the value were removed"));
    }
}

/// `[projects]`: which places share a project.
fn named_projects(reader: &mut Reader<'_>) -> HashMap<KeyId, (Project, Origin)> {
    const SECTION: &str = "projects.";
    let mut names: Vec<String> =
        reader.layers.toml.values.keys().filter(|path| path.starts_with(SECTION)).cloned().collect();
    names.sort();
    let mut projects: HashMap<KeyId, (Project, Origin)> = HashMap::new();
    for path in names {
        let project = Project(Arc::from(&path[SECTION.len()..]));
        if !is_project_name(&project.0) {
            let Some(node) = reader.found(&path) else { continue };
            reader.wrong("a name in projects", PROJECT_FORM, &node);
            continue;
        }
        let expected = "a list of places like [\"A1\", \"B2\", \"RA\"]";
        for item in reader.list(&path, expected).map(|(items, _)| items).unwrap_or_default() {
            match text(&item.raw).and_then(|place| place.parse::<KeyId>().ok()) {
                None => reader.wrong(&path, expected, &item),
                Some(id) => {
                    if let Some((other, _)) = projects.insert(id, (project.clone(), item.origin.clone()))
                        && other != project
                    {
                        let message = format!("projects: {id} is in {other} and in {project}");
                        reader.problem(&item.origin, message, None);
                    }
                }
            }
        }
    }
    projects
}

const PROJECT_FORM: &str = "a project's name: letters, digits, - and _, not longer than 64";

fn is_project_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// The project an operator named for this key.
fn project(reader: &mut Reader<'_>, listed: &Listed, by_place: Option<(Project, Origin)>) -> Option<Project> {
    let own = listed.table.as_ref().and_then(|table| {
        let node = reader.found(&format!("{table}.project"))?;
        match text(&node.raw) {
            Some(name) if is_project_name(name) => Some((Project(Arc::from(name)), node.origin)),
            _ => {
                reader.wrong("project", PROJECT_FORM, &node);
                None
            }
        }
    });
    match (own, by_place) {
        (Some((own, origin)), Some((other, _))) if own != other => {
            reader.problem(
                &origin,
                format!("the key is in project {own}, and in {other} by [projects]"),
                None,
            );
            Some(own)
        }
        (Some((named, _)), _) | (None, Some((named, _))) => Some(named),
        (None, None) => None,
    }
}

/// What this key may do: by its place, then by its own table.
fn limits(reader: &mut Reader<'_>, id: KeyId, listed: &Listed, base: &KeyLimits) -> KeyLimits {
    let mut limits = base.clone();
    let own = listed.table.as_ref().map(|table| format!("{table}.limits"));
    for prefix in std::iter::once(format!("limits.keys.{id}")).chain(own) {
        if rules::has_limits(reader.layers, &prefix) {
            limits = rules::key_limits(reader, &prefix, &limits);
        }
    }
    limits
}

/// Says which keys share a budget, and refuses two opinions about one.
fn shared_projects(reader: &mut Reader<'_>, keys: &[ConfiguredKey]) {
    let mut members: Vec<(&Project, Vec<&ConfiguredKey>)> = Vec::new();
    let mut place: HashMap<&Project, usize> = HashMap::new();
    for key in keys {
        let at = *place.entry(&key.project).or_insert_with(|| {
            members.push((&key.project, Vec::new()));
            members.len() - 1
        });
        members[at].1.push(key);
    }
    for (project, keys) in members {
        let [first, others @ ..] = keys.as_slice() else { continue };
        if others.is_empty() {
            continue;
        }
        reader.warning(&Origin::Default, format!("{} keys share project {project}: one budget", keys.len()));
        for other in others {
            let differs =
                ModelSlot::ALL.iter().any(|slot| first.limits.models[*slot] != other.limits.models[*slot]);
            if differs {
                let message = format!(
                    "{} and {} share project {project} and have different limits for one budget",
                    first.id, other.id
                );
                reader.problem(
                    &other.origin,
                    message,
                    Some("give keys of one project the same model limits"),
                );
            }
        }
    }
}
