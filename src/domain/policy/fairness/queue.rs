//! The waiting queue: who gets the next key.
//!
//! Higher roles first; within a role the users take turns; within a user first comes first. A user who comes, or
//! who was just served and has more waiting, goes to the end of the turns, so while somebody waits, another user of
//! the same role is served at most once before them.
//!
//! Kept per role as a list of turns, per user as a chain of entries, so that every operation but
//! [`WaitingQueue::position`] is O(log n); ids count upwards and are never used twice.

use std::collections::BTreeMap;

use crate::domain::chat::UserId;
use crate::domain::role::{PerRole, Role};

/// The name of an entry, unique in its queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryId(u64);

/// Requests that wait for a key, in the order in which they are to get one.
#[derive(Clone, Debug)]
pub struct WaitingQueue<T> {
    entries: BTreeMap<EntryId, Entry<T>>,
    users: BTreeMap<(Role, UserId), Chain>,
    roles: PerRole<Turns>,
    /// Ids and turns are drawn from one counter.
    next: u64,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    user: UserId,
    role: Role,
    before: Option<EntryId>,
    after: Option<EntryId>,
    item: T,
}

/// The entries of one user in one role, and when it is their turn.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: EntryId,
    last: EntryId,
    len: u32,
    turn: u64,
}

#[derive(Clone, Debug, Default)]
struct Turns {
    users: BTreeMap<u64, UserId>,
    entries: usize,
}

/// An entry taken from the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Popped<T> {
    /// Its name.
    pub id: EntryId,
    /// Whose it is.
    pub user: UserId,
    /// The role it waited as.
    pub role: Role,
    /// What waited.
    pub item: T,
}

impl<T> Default for WaitingQueue<T> {
    fn default() -> WaitingQueue<T> {
        WaitingQueue {
            entries: BTreeMap::new(),
            users: BTreeMap::new(),
            roles: PerRole(std::array::from_fn(|_| Turns::default())),
            next: 0,
        }
    }
}

impl<T> WaitingQueue<T> {
    /// Put an entry behind everything of its user and role. Requests without a user (a shell's) share one id that
    /// no Telegram user has, such as 0.
    pub fn push(&mut self, user: UserId, role: Role, item: T) -> EntryId {
        let id = EntryId(self.draw());
        let chain = self.users.get_mut(&(role, user));
        let before = chain.as_ref().map(|chain| chain.last);
        if let Some(chain) = chain {
            chain.last = id;
            chain.len += 1;
        } else {
            let turn = self.draw();
            self.users.insert((role, user), Chain { first: id, last: id, len: 1, turn });
            self.roles[role].users.insert(turn, user);
        }
        if let Some(previous) = before.and_then(|before| self.entries.get_mut(&before)) {
            previous.after = Some(id);
        }
        self.entries.insert(id, Entry { user, role, before, after: None, item });
        self.roles[role].entries += 1;
        id
    }

    /// Take the entry that is next.
    pub fn pop_next(&mut self) -> Option<Popped<T>> {
        self.pop_next_where(|_, _| true)
    }

    /// Take the first entry, in the order of the queue, that `can_serve`; of each user only the first is asked
    /// about. For when keys are ready that not every role or model may use.
    pub fn pop_next_where(&mut self, mut can_serve: impl FnMut(Role, &T) -> bool) -> Option<Popped<T>> {
        let (id, role, user) = self.heads().find_map(|(id, role, user)| {
            let entry = self.entries.get(&id)?;
            can_serve(role, &entry.item).then_some((id, role, user))
        })?;
        let item = self.remove(id)?;
        // Served: to the end of the turns with whatever still waits.
        let turn = self.draw();
        if let Some(chain) = self.users.get_mut(&(role, user)) {
            self.roles[role].users.remove(&chain.turn);
            chain.turn = turn;
            self.roles[role].users.insert(turn, user);
        }
        Some(Popped { id, user, role, item })
    }

    /// Take an entry out of turn: its time is over, or its user gave up. The user keeps their turn.
    pub fn remove(&mut self, id: EntryId) -> Option<T> {
        let Entry { user, role, before, after, item } = self.entries.remove(&id)?;
        if let Some(previous) = before.and_then(|before| self.entries.get_mut(&before)) {
            previous.after = after;
        }
        if let Some(following) = after.and_then(|after| self.entries.get_mut(&after)) {
            following.before = before;
        }
        self.roles[role].entries -= 1;
        if let Some(chain) = self.users.get_mut(&(role, user)) {
            chain.first = if chain.first == id { after.unwrap_or(id) } else { chain.first };
            chain.last = if chain.last == id { before.unwrap_or(id) } else { chain.last };
            chain.len -= 1;
            if chain.len == 0 {
                self.roles[role].users.remove(&chain.turn);
                self.users.remove(&(role, user));
            }
        }
        Some(item)
    }

    /// The place of an entry in the order, from 1, if nobody came or went; O(users of its role).
    pub fn position(&self, id: EntryId) -> Option<usize> {
        let entry = self.entries.get(&id)?;
        let mine = self.users.get(&(entry.role, entry.user))?;
        let mut earlier_mine = 0;
        let mut before = entry.before;
        while let Some(previous) = before {
            earlier_mine += 1;
            before = self.entries.get(&previous)?.before;
        }
        // Whoever has the turn before this user is served once more than the others until then.
        let others = self.roles[entry.role].users.iter().filter(|(turn, _)| **turn != mine.turn);
        let earlier_others: usize = others
            .map(|(turn, user)| {
                let rounds = earlier_mine + usize::from(*turn < mine.turn);
                self.users.get(&(entry.role, *user)).map_or(0, |chain| rounds.min(chain.len as usize))
            })
            .sum();
        Some(1 + self.above(entry.role) + earlier_mine + earlier_others)
    }

    /// Entries in the queue.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Entries that a new entry of `role` could have before it: those of this and of higher roles.
    pub fn ahead_of(&self, role: Role) -> usize {
        self.above(role) + self.roles[role].entries
    }

    /// How many entries wait in each role.
    pub fn waiting(&self) -> PerRole<usize> {
        PerRole(Role::ALL.map(|role| self.roles[role].entries))
    }

    /// What waits, in no order.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|entry| &entry.item)
    }

    /// Entries of higher roles.
    fn above(&self, role: Role) -> usize {
        Role::ALL.into_iter().filter(|other| *other > role).map(|other| self.roles[other].entries).sum()
    }

    /// The first entry of each user, in the order of the queue.
    fn heads(&self) -> impl Iterator<Item = (EntryId, Role, UserId)> + '_ {
        Role::ALL.into_iter().rev().flat_map(move |role| {
            let users = self.roles[role].users.values();
            users.filter_map(move |user| {
                self.users.get(&(role, *user)).map(|chain| (chain.first, role, *user))
            })
        })
    }

    fn draw(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

#[cfg(test)]
mod tests;
