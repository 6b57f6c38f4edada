//! The waiting queue: who gets the next key.
//!
//! Higher roles first; within a role the users take turns; within a user first comes first. A user who comes, or
//! who was just served and has more waiting, goes to the end of the turns, so while somebody waits, another user of
//! the same role is served at most once before them.
//!
//! Kept per role as a list of turns, per user as a chain of entries, so that every operation but
//! [`WaitingQueue::position`] and [`WaitingQueue::before`] is O(log n).

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use slab::Slab;

use crate::domain::chat::UserId;
use crate::domain::role::{PerRole, Role};

/// The name of an entry, unique in its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryId {
    place: u32,
    /// Tells it from those that had the place before.
    drawn: NonZeroU32,
}

/// Requests that wait for a key, in the order in which they are to get one.
#[derive(Clone, Debug)]
pub struct WaitingQueue<T> {
    entries: Slab<Entry<T>>,
    drawn: NonZeroU32,
    users: BTreeMap<(Role, UserId), Chain>,
    roles: PerRole<Turns>,
    /// The latest turn.
    turn: u64,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    drawn: NonZeroU32,
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
            entries: Slab::new(),
            drawn: NonZeroU32::MIN,
            users: BTreeMap::new(),
            roles: PerRole(std::array::from_fn(|_| Turns::default())),
            turn: 0,
        }
    }
}

impl<T> WaitingQueue<T> {
    /// Put an entry behind everything of its user and role. Requests without a user (a shell's) share one id that
    /// no Telegram user has, such as 0.
    pub fn push(&mut self, user: UserId, role: Role, item: T) -> EntryId {
        self.drawn = self.drawn.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let drawn = self.drawn;
        // No memory has room for more than u32 counts.
        let id = EntryId { place: self.entries.vacant_key() as u32, drawn };
        let chain = self.users.get_mut(&(role, user));
        let before = chain.as_ref().map(|chain| chain.last);
        if let Some(chain) = chain {
            chain.last = id;
            chain.len += 1;
        } else {
            self.turn += 1;
            let turn = self.turn;
            self.users.insert((role, user), Chain { first: id, last: id, len: 1, turn });
            self.roles[role].users.insert(turn, user);
        }
        if let Some(previous) = before.and_then(|before| self.entry_mut(before)) {
            previous.after = Some(id);
        }
        self.entries.insert(Entry { drawn, user, role, before, after: None, item });
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
        let (id, ..) = self
            .heads()
            .find(|(id, role, _)| self.entry(*id).is_some_and(|entry| can_serve(*role, &entry.item)))?;
        self.pop(id)
    }

    /// Take an entry to serve it: its user goes to the end of the turns with whatever still waits.
    pub fn pop(&mut self, id: EntryId) -> Option<Popped<T>> {
        let Entry { user, role, .. } = *self.entry(id)?;
        let item = self.remove(id)?;
        self.turn += 1;
        let turn = self.turn;
        if let Some(chain) = self.users.get_mut(&(role, user)) {
            self.roles[role].users.remove(&chain.turn);
            chain.turn = turn;
            self.roles[role].users.insert(turn, user);
        }
        Some(Popped { id, user, role, item })
    }

    /// Take an entry out of turn: its time is over, or its user gave up. The user keeps their turn.
    pub fn remove(&mut self, id: EntryId) -> Option<T> {
        self.entry(id)?;
        let Entry { user, role, before, after, item, .. } = self.entries.try_remove(id.place as usize)?;
        if let Some(previous) = before.and_then(|before| self.entry_mut(before)) {
            previous.after = after;
        }
        if let Some(following) = after.and_then(|after| self.entry_mut(after)) {
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
        Some(1 + self.before(id)?.0.iter().sum::<usize>())
    }

    /// How many of each role come before an entry, if nobody comes or goes; O(users of its role).
    pub fn before(&self, id: EntryId) -> Option<PerRole<usize>> {
        let entry = self.entry(id)?;
        let mut before = self.before_new(entry.role);
        before[entry.role] = self.rank(entry)?;
        Some(before)
    }

    /// How many of each role a new entry of `role` could have before it.
    pub fn before_new(&self, role: Role) -> PerRole<usize> {
        PerRole(Role::ALL.map(|other| if other < role { 0 } else { self.roles[other].entries }))
    }

    /// How many of its own role come before an entry.
    fn rank(&self, entry: &Entry<T>) -> Option<usize> {
        let mine = self.users.get(&(entry.role, entry.user))?;
        let users = &self.roles[entry.role].users;
        if entry.before.is_none() {
            // The usual case: one entry of each user whose turn comes earlier.
            return Some(users.range(..mine.turn).count());
        }
        let mut earlier_mine = 0;
        let mut before = entry.before;
        while let Some(previous) = before {
            earlier_mine += 1;
            before = self.entry(previous)?.before;
        }
        // Whoever has the turn before this user is served once more than the others until then.
        let others = users.iter().filter(|(turn, _)| **turn != mine.turn);
        let earlier_others: usize = others
            .map(|(turn, user)| {
                let rounds = earlier_mine + usize::from(*turn < mine.turn);
                self.users.get(&(entry.role, *user)).map_or(0, |chain| rounds.min(chain.len as usize))
            })
            .sum();
        Some(earlier_mine + earlier_others)
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
        self.before_new(role).0.iter().sum()
    }

    /// How many entries wait in each role.
    pub fn waiting(&self) -> PerRole<usize> {
        PerRole(Role::ALL.map(|role| self.roles[role].entries))
    }

    /// What waits, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (EntryId, &T)> {
        let id = |place: usize, drawn| EntryId { place: place as u32, drawn };
        self.entries.iter().map(move |(place, entry)| (id(place, entry.drawn), &entry.item))
    }

    /// What waits under this name.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        self.entry_mut(id).map(|entry| &mut entry.item)
    }

    /// The first entry of each user, in the order of the queue.
    pub fn firsts(&self) -> impl Iterator<Item = (EntryId, &T)> + '_ {
        self.heads().filter_map(|(id, ..)| Some((id, &self.entry(id)?.item)))
    }

    /// The entries of a user, of each role in their order.
    pub fn of_user(&self, user: UserId) -> Vec<EntryId> {
        let chains = Role::ALL.into_iter().filter_map(|role| self.users.get(&(role, user)));
        let after = |id: &EntryId| self.entry(*id).and_then(|entry| entry.after);
        chains.flat_map(|chain| std::iter::successors(Some(chain.first), after)).collect()
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

    fn entry(&self, id: EntryId) -> Option<&Entry<T>> {
        self.entries.get(id.place as usize).filter(|entry| entry.drawn == id.drawn)
    }

    fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry<T>> {
        self.entries.get_mut(id.place as usize).filter(|entry| entry.drawn == id.drawn)
    }
}

#[cfg(test)]
mod tests;
