//! Roles: how much a user may ask for. A role belongs to a numeric user id, never to a name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `Guest < Normal < Premium < Vip < Owner`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Someone met only in a group, or a newcomer of a bot that makes newcomers guests.
    Guest,
    /// Pressed /start in private.
    Normal,
    /// Granted by the owner.
    Premium,
    /// Granted by the owner; with a seat served from group A.
    Vip,
    /// Named by numeric id in the configuration.
    Owner,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Role; 5] = [Role::Guest, Role::Normal, Role::Premium, Role::Vip, Role::Owner];

    /// The name in configuration, commands and output.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Guest => "guest",
            Role::Normal => "normal",
            Role::Premium => "premium",
            Role::Vip => "vip",
            Role::Owner => "owner",
        }
    }

    /// The place of this role in a table with one entry per role, lowest role first.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no role.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no such role (owner, vip, premium, normal, guest)")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Role, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.name() == name).ok_or(UnknownRole)
    }
}

/// One value per role, lowest role first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PerRole<T>(pub [T; 5]);

impl<T> std::ops::Index<Role> for PerRole<T> {
    type Output = T;

    fn index(&self, role: Role) -> &T {
        &self.0[role.index()]
    }
}

impl<T> std::ops::IndexMut<Role> for PerRole<T> {
    fn index_mut(&mut self, role: Role) -> &mut T {
        &mut self.0[role.index()]
    }
}
