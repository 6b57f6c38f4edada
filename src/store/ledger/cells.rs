//! Versioned cells. What is in a cell is the domain's; here it is text with a number.

use std::fmt;
use std::sync::Arc;

use rusqlite::OptionalExtension as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::chat::UserId;
use crate::domain::key::Project;
use crate::domain::model::ModelSlot;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, decode, encode};

/// The state of a cell; a cell that was never written has the default one.
pub(crate) trait Cell: Default + Clone + Serialize + DeserializeOwned {}

impl<C: Default + Clone + Serialize + DeserializeOwned> Cell for C {}

/// The name of a cell.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum CellKey {
    /// Everything that must be exact for a send: keys, windows, budgets, open leases.
    Project(Project),
    /// The VIP room.
    Seats,
    /// A user's caps.
    User(UserId),
    /// A model's breaker.
    Model(ModelSlot),
    /// The pool's breaker.
    Pool,
    /// When requests come.
    Arrivals,
    /// The retry budget.
    Retries,
}

impl CellKey {
    /// The prefix of all projects' cells.
    pub(crate) const PROJECTS: &'static str = "project:";
    /// The prefix of all users' cells.
    pub(crate) const USERS: &'static str = "user:";
    /// The prefix of all models' cells.
    pub(crate) const MODELS: &'static str = "model:";

    fn parse(name: &str) -> Option<CellKey> {
        match name {
            "seats" => return Some(CellKey::Seats),
            "pool" => return Some(CellKey::Pool),
            "arrivals" => return Some(CellKey::Arrivals),
            "retries" => return Some(CellKey::Retries),
            _ => {}
        }
        if let Some(project) = name.strip_prefix(CellKey::PROJECTS) {
            Some(CellKey::Project(Project(Arc::from(project))))
        } else if let Some(user) = name.strip_prefix(CellKey::USERS) {
            user.parse().ok().map(|id| CellKey::User(UserId(id)))
        } else {
            name.strip_prefix(CellKey::MODELS)?.parse().ok().map(CellKey::Model)
        }
    }
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellKey::Project(project) => write!(f, "{}{project}", CellKey::PROJECTS),
            CellKey::Seats => f.write_str("seats"),
            CellKey::User(user) => write!(f, "{}{user}", CellKey::USERS),
            CellKey::Model(model) => write!(f, "{}{model}", CellKey::MODELS),
            CellKey::Pool => f.write_str("pool"),
            CellKey::Arrivals => f.write_str("arrivals"),
            CellKey::Retries => f.write_str("retries"),
        }
    }
}

impl Tx<'_> {
    /// Changes a cell: reads it, applies `f` with the time now, and writes it back with the next version if it
    /// changed; one that was never written is not written to say that it is as all begin. Nobody else changes any cell meanwhile. Returns what `f` returned, and the new state.
    ///
    /// `f` is a rule: pure, without randomness, and it may be run twice.
    pub(crate) fn update_cell<C: Cell, R>(
        &mut self,
        key: &CellKey,
        mut f: impl FnMut(&mut C, Timestamp) -> R,
    ) -> Result<(R, C), StoreError> {
        let name = key.to_string();
        let mut select = self.sql("SELECT state FROM cells WHERE key = ?1")?;
        let before: Option<String> = select.query_row([&name], |row| row.get(0)).optional()?;
        let (mut state, before): (C, String) = match before {
            Some(text) => (decode(&name, &text)?, text),
            None => (C::default(), encode(&name, &C::default())?),
        };
        let result = f(&mut state, self.now());
        let after = encode(&name, &state)?;
        if before != after {
            self.sql(
                "INSERT INTO cells (key, version, state) VALUES (?1, 1, ?2)
                 ON CONFLICT (key) DO UPDATE SET version = version + 1, state = excluded.state",
            )?
            .execute((&name, &after))?;
        }
        Ok((result, state))
    }

    /// A cell's state, the default one if it was never written.
    pub(crate) fn read_cell<C: Cell>(&self, key: &CellKey) -> Result<C, StoreError> {
        let name = key.to_string();
        let mut select = self.sql("SELECT state FROM cells WHERE key = ?1")?;
        let state: Option<String> = select.query_row([&name], |row| row.get(0)).optional()?;
        state.map_or_else(|| Ok(C::default()), |text| decode(&name, &text))
    }

    /// All written cells whose name begins with `prefix` ([`CellKey::PROJECTS`], …), in the order of names.
    pub(crate) fn cells<C: Cell>(&self, prefix: &str) -> Result<Vec<(CellKey, C)>, StoreError> {
        // Names are text without U+10FFFF, so the range [prefix, prefix + U+10FFFF) is the prefix and uses the index.
        let mut select =
            self.sql("SELECT key, state FROM cells WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
        let rows = select.query_map((prefix, format!("{prefix}\u{10FFFF}")), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut cells = Vec::new();
        for row in rows {
            let (name, state) = row?;
            if let Some(key) = CellKey::parse(&name) {
                cells.push((key, decode(&name, &state)?));
            }
        }
        Ok(cells)
    }
}
