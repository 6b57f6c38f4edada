//! Who is in the pool: the keys with their places, projects and limits, and which group is whose home.

use serde::{Deserialize, Serialize};

use crate::domain::key::{Fingerprint, Group, KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::role::{PerRole, Role};
use crate::domain::rules::{KeyLimits, is_entitled};

/// One key as the rules know it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeySpec {
    /// Its place.
    pub id: KeyId,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// Whose quota it spends.
    pub project: Project,
    /// What it may do.
    pub limits: KeyLimits,
}

/// All keys of the pool, in the order of their places.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<KeySpec>", into = "Vec<KeySpec>")]
pub struct Roster {
    keys: Vec<KeySpec>,
    projects: Vec<Project>,
    /// Per key: the place of its project in `projects`.
    project_of: Vec<usize>,
    /// Per project: whether keys of several groups spend it.
    shared: Vec<bool>,
    /// Per group: its projects that it alone spends, each with its keys.
    own: [Vec<(usize, Vec<usize>)>; 4],
    /// Per group: its keys.
    members: [Vec<usize>; 4],
    home: PerRole<Option<Group>>,
}

impl From<Vec<KeySpec>> for Roster {
    fn from(mut keys: Vec<KeySpec>) -> Roster {
        keys.sort_by_key(|key| key.id);
        let mut projects: Vec<Project> = Vec::new();
        let mut project_of = Vec::with_capacity(keys.len());
        for key in &keys {
            let place = projects.iter().position(|project| *project == key.project).unwrap_or_else(|| {
                projects.push(key.project.clone());
                projects.len() - 1
            });
            project_of.push(place);
        }
        let mut first_group: Vec<Option<Option<Group>>> = vec![None; projects.len()];
        let mut shared = vec![false; projects.len()];
        for (key, project) in keys.iter().zip(&project_of) {
            match first_group[*project] {
                None => first_group[*project] = Some(key.id.group()),
                Some(group) => shared[*project] |= group != key.id.group(),
            }
        }
        let mut own: [Vec<(usize, Vec<usize>)>; 4] = Default::default();
        let mut members: [Vec<usize>; 4] = Default::default();
        for (index, key) in keys.iter().enumerate() {
            let Some(group) = key.id.group() else { continue };
            members[group.index()].push(index);
            let project = project_of[index];
            if !shared[project] {
                let own = &mut own[group.index()];
                match own.iter_mut().find(|(known, _)| *known == project) {
                    Some((_, keys)) => keys.push(index),
                    None => own.push((project, vec![index])),
                }
            }
        }
        let home = home_map(Group::ALL.map(|group| !members[group.index()].is_empty()));
        Roster { keys, projects, project_of, shared, own, members, home }
    }
}

impl From<Roster> for Vec<KeySpec> {
    fn from(roster: Roster) -> Vec<KeySpec> {
        roster.keys
    }
}

impl Roster {
    /// The keys, in the order of their places.
    pub fn keys(&self) -> &[KeySpec] {
        &self.keys
    }

    /// The projects, in the order in which keys name them.
    pub fn projects(&self) -> &[Project] {
        &self.projects
    }

    /// The place of a key's project in [`Roster::projects`].
    pub fn project_of(&self, key: usize) -> usize {
        self.project_of[key]
    }

    /// Whether keys of several groups spend this project.
    pub fn is_shared(&self, project: usize) -> bool {
        self.shared[project]
    }

    /// The projects that only `group` spends, each with the group's keys in it.
    pub fn own_projects(&self, group: Group) -> &[(usize, Vec<usize>)] {
        &self.own[group.index()]
    }

    /// The keys of a group.
    pub fn members(&self, group: Group) -> &[usize] {
        &self.members[group.index()]
    }

    /// The place of a key in [`Roster::keys`], whatever it is called.
    pub fn find_by_fingerprint(&self, fingerprint: Fingerprint) -> Option<usize> {
        self.keys.iter().position(|key| key.fingerprint == fingerprint)
    }

    /// The place of a project in [`Roster::projects`].
    pub fn find_project(&self, project: &Project) -> Option<usize> {
        self.projects.iter().position(|known| known == project)
    }

    /// The place of a key in [`Roster::keys`].
    pub fn find(&self, id: KeyId) -> Option<usize> {
        self.keys.binary_search_by_key(&id, |key| key.id).ok()
    }

    /// The group that serves a role first; none if no group has a key.
    pub fn home(&self, role: Role) -> Option<Group> {
        self.home[role]
    }

    /// Whether some role whose home is `group` may use `model` at all.
    pub fn has_own_user(&self, group: Group, model: ModelSlot) -> bool {
        Role::ALL.into_iter().any(|role| self.home[role] == Some(group) && is_entitled(role, model))
    }
}

/// The home of each role: its group where that has keys, else the nearest one that has, downwards first, then
/// upwards. A group that is not configured is not an exhausted group: everyone must be served.
fn home_map(configured: [bool; 4]) -> PerRole<Option<Group>> {
    let nearest = |wished: Group| {
        let below = Group::ALL[wished.index()..].iter();
        let above = Group::ALL[..wished.index()].iter().rev();
        below.chain(above).copied().find(|group| configured[group.index()])
    };
    // Lowest role first: guest D, normal C, premium B, vip and owner A.
    PerRole([Group::D, Group::C, Group::B, Group::A, Group::A].map(nearest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unconfigured_group_sends_its_roles_down_first_then_up() {
        use Group::{A, B, C, D};
        // configured → homes of guest, normal, premium, vip, owner
        let cases: [(&[Group], [Option<Group>; 5]); 6] = [
            (&[A, B, C, D], [Some(D), Some(C), Some(B), Some(A), Some(A)]),
            (&[A, B], [Some(B), Some(B), Some(B), Some(A), Some(A)]),
            (&[A, D], [Some(D), Some(D), Some(D), Some(A), Some(A)]),
            (&[B], [Some(B); 5]),
            (&[C, D], [Some(D), Some(C), Some(C), Some(C), Some(C)]),
            (&[], [None; 5]),
        ];
        for (configured, homes) in cases {
            let configured = Group::ALL.map(|group| configured.contains(&group));
            assert_eq!(home_map(configured).0, homes, "{configured:?}");
        }
    }
}
