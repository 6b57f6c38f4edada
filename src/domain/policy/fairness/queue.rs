//! The waiting queue: who gets the next key.
//!
//! Higher roles first; within a role the users take turns; within a user first comes first. A user who comes, or
//! who was just served and has more waiting, goes to the end of the turns, so while somebody waits, another user of
//! the same role is served at most once before them.
//!
//! Kept per role as a list of users, per user as a chain of entries, so that every operation but
//! [`WaitingQueue::position`] and [`WaitingQueue::before`] is O(1). The entries themselves are the links of both, so
//! that thousands take little.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroU32;

use hashbrown::HashTable;
use slab::Slab;

use crate::domain::chat::UserId;
use crate::domain::role::{PerRole, Role};

/// The name of an entry, unique in its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryId {
    place: Place,
    /// Tells it from those that had the place before.
    drawn: NonZeroU32,
}

/// Where an entry is kept, from 1: none takes no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place(NonZeroU32);

impl Place {
    /// No memory has room for more than u32 counts.
    fn of(index: usize) -> Place {
        Place(NonZeroU32::MIN.saturating_add(index as u32))
    }

    const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Requests that wait for a key, in the order in which they are to get one.
#[derive(Clone, Debug)]
pub struct WaitingQueue<T> {
    entries: Slab<Entry<T>>,
    drawn: NonZeroU32,
    /// The first entry of each user, found by whose it is.
    users: HashTable<Place>,
    roles: PerRole<Turns>,
}

/// Thousands may wait: what is told by another field is not kept.
#[derive(Clone, Debug)]
struct Entry<T> {
    drawn: NonZeroU32,
    user: UserId,
    role: Role,
    /// The next of this user.
    after: Option<Place>,
    standing: Standing,
    item: T,
}

impl<T> Entry<T> {
    const fn whose(&self) -> (Role, UserId) {
        (self.role, self.user)
    }
}

/// Where an entry stands among those of its user.
#[derive(Clone, Copy, Debug)]
enum Standing {
    /// It is the first, and stands for its user.
    First(Chain),
    /// It comes after this one.
    Behind(Place),
}

/// The entries of one user in one role, and which users have their turn before and after.
#[derive(Clone, Copy, Debug)]
struct Chain {
    last: Place,
    len: u32,
    earlier: Option<Place>,
    later: Option<Place>,
}

/// The first and the last user of a role, by their first entries.
#[derive(Clone, Copy, Debug, Default)]
struct Turns {
    first: Option<Place>,
    last: Option<Place>,
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
            users: HashTable::new(),
            roles: PerRole(std::array::from_fn(|_| Turns::default())),
        }
    }
}

impl<T> WaitingQueue<T> {
    /// Put an entry behind everything of its user and role. Requests without a user (a shell's) share one id that
    /// no Telegram user has, such as 0.
    pub fn push(&mut self, user: UserId, role: Role, item: T) -> EntryId {
        self.drawn = self.drawn.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let drawn = self.drawn;
        let place = Place::of(self.entries.vacant_key());
        let first = self.first_of(role, user);
        let standing = match first.and_then(|first| self.chain_mut(first)) {
            Some(chain) => {
                chain.len += 1;
                Standing::Behind(std::mem::replace(&mut chain.last, place))
            }
            None => Standing::First(Chain { last: place, len: 1, earlier: None, later: None }),
        };
        self.entries.insert(Entry { drawn, user, role, after: None, standing, item });
        match standing {
            Standing::Behind(before) => self.kept_mut(before).after = Some(place),
            Standing::First(_) => {
                let rehash = |place: &Place| hash_of(self.entries[place.index()].whose());
                self.users.insert_unique(hash_of((role, user)), place, rehash);
                self.take_last_turn(role, place);
            }
        }
        self.roles[role].entries += 1;
        EntryId { place, drawn }
    }

    /// Take the entry that is next.
    pub fn pop_next(&mut self) -> Option<Popped<T>> {
        self.pop_next_where(|_, _| true)
    }

    /// Take the first entry, in the order of the queue, that `can_serve`; of each user only the first is asked
    /// about. For when keys are ready that not every role or model may use.
    pub fn pop_next_where(&mut self, mut can_serve: impl FnMut(Role, &T) -> bool) -> Option<Popped<T>> {
        let (id, _) = self.heads().find(|(_, entry)| can_serve(entry.role, &entry.item))?;
        self.pop(id)
    }

    /// Take an entry to serve it: its user goes to the end of the turns with whatever still waits.
    pub fn pop(&mut self, id: EntryId) -> Option<Popped<T>> {
        let Entry { user, role, .. } = *self.entry(id)?;
        let item = self.remove(id)?;
        if let Some(first) = self.first_of(role, user)
            && let Some(chain) = self.chain(first)
        {
            self.pass_turn(role, chain, None);
            self.take_last_turn(role, first);
        }
        Some(Popped { id, user, role, item })
    }

    /// Take an entry out of turn: its time is over, or its user gave up. The user keeps their turn.
    pub fn remove(&mut self, id: EntryId) -> Option<T> {
        self.entry(id)?;
        let Entry { user, role, after, standing, item, .. } = self.entries.try_remove(id.place.index())?;
        self.roles[role].entries -= 1;
        match standing {
            Standing::First(chain) => {
                let is_it = |place: &Place| *place == id.place;
                if let Ok(mut first) = self.users.find_entry(hash_of((role, user)), is_it) {
                    match after {
                        Some(next) => *first.get_mut() = next,
                        None => drop(first.remove()),
                    }
                }
                if let Some(next) = after {
                    self.kept_mut(next).standing = Standing::First(Chain { len: chain.len - 1, ..chain });
                }
                self.pass_turn(role, chain, after);
            }
            Standing::Behind(before) => {
                self.kept_mut(before).after = after;
                if let Some(next) = after {
                    self.kept_mut(next).standing = Standing::Behind(before);
                }
                let first = self.first_of(role, user);
                if let Some(chain) = first.and_then(|first| self.chain_mut(first)) {
                    chain.len -= 1;
                    chain.last = if after.is_none() { before } else { chain.last };
                }
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
        let mine = self.first_of(entry.role, entry.user)?;
        let mut earlier_mine = 0;
        let mut standing = entry.standing;
        while let Standing::Behind(previous) = standing {
            earlier_mine += 1;
            standing = self.kept(previous).standing;
        }
        // Whoever has the turn before this user is served once more than the others until then.
        let (mut rounds, mut earlier_others) = (earlier_mine + 1, 0);
        for first in self.turns(entry.role) {
            if first != mine {
                earlier_others += rounds.min(self.chain(first)?.len as usize);
            } else if earlier_mine == 0 {
                break;
            } else {
                rounds = earlier_mine;
            }
        }
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
        let id = |index, drawn| EntryId { place: Place::of(index), drawn };
        self.entries.iter().map(move |(index, entry)| (id(index, entry.drawn), &entry.item))
    }

    /// What waits under this name.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        let entry = self.entries.get_mut(id.place.index()).filter(|entry| entry.drawn == id.drawn);
        entry.map(|entry| &mut entry.item)
    }

    /// The first entry of each user, in the order of the queue.
    pub fn firsts(&self) -> impl Iterator<Item = (EntryId, &T)> + '_ {
        self.heads().map(|(id, entry)| (id, &entry.item))
    }

    /// The entries of a user, of each role in their order.
    pub fn of_user(&self, user: UserId) -> Vec<EntryId> {
        let firsts = Role::ALL.into_iter().filter_map(|role| self.first_of(role, user));
        let after = |place: &Place| self.kept(*place).after;
        let places = firsts.flat_map(|first| std::iter::successors(Some(first), after));
        places.map(|place| self.id(place)).collect()
    }

    /// The first entry of each user, in the order of the queue.
    fn heads(&self) -> impl Iterator<Item = (EntryId, &Entry<T>)> + '_ {
        let places = Role::ALL.into_iter().rev().flat_map(|role| self.turns(role));
        places.map(|place| (self.id(place), self.kept(place)))
    }

    /// The first entries of the users of a role, in the order of their turns.
    fn turns(&self, role: Role) -> impl Iterator<Item = Place> + '_ {
        let later = |place: &Place| self.chain(*place).and_then(|chain| chain.later);
        std::iter::successors(self.roles[role].first, later)
    }

    /// The user whose first entry this is comes after all others of the role.
    fn take_last_turn(&mut self, role: Role, first: Place) {
        let earlier = self.roles[role].last.replace(first);
        match earlier.and_then(|earlier| self.chain_mut(earlier)) {
            Some(chain) => chain.later = Some(first),
            None => self.roles[role].first = Some(first),
        }
        if let Some(chain) = self.chain_mut(first) {
            (chain.earlier, chain.later) = (earlier, None);
        }
    }

    /// The turn between the neighbors of `chain` is another entry's now, or nobody's.
    fn pass_turn(&mut self, role: Role, chain: Chain, to: Option<Place>) {
        let (after_earlier, before_later) = (to.or(chain.later), to.or(chain.earlier));
        match chain.earlier.and_then(|earlier| self.chain_mut(earlier)) {
            Some(earlier) => earlier.later = after_earlier,
            None => self.roles[role].first = after_earlier,
        }
        match chain.later.and_then(|later| self.chain_mut(later)) {
            Some(later) => later.earlier = before_later,
            None => self.roles[role].last = before_later,
        }
    }

    fn first_of(&self, role: Role, user: UserId) -> Option<Place> {
        let is_theirs = |place: &Place| self.kept(*place).whose() == (role, user);
        self.users.find(hash_of((role, user)), is_theirs).copied()
    }

    fn chain(&self, first: Place) -> Option<Chain> {
        match self.kept(first).standing {
            Standing::First(chain) => Some(chain),
            Standing::Behind(_) => None,
        }
    }

    fn chain_mut(&mut self, first: Place) -> Option<&mut Chain> {
        match &mut self.kept_mut(first).standing {
            Standing::First(chain) => Some(chain),
            Standing::Behind(_) => None,
        }
    }

    fn id(&self, place: Place) -> EntryId {
        EntryId { place, drawn: self.kept(place).drawn }
    }

    fn entry(&self, id: EntryId) -> Option<&Entry<T>> {
        self.entries.get(id.place.index()).filter(|entry| entry.drawn == id.drawn)
    }

    /// What is kept at a place that another entry, a user or a role names.
    fn kept(&self, place: Place) -> &Entry<T> {
        &self.entries[place.index()]
    }

    fn kept_mut(&mut self, place: Place) -> &mut Entry<T> {
        &mut self.entries[place.index()]
    }
}

fn hash_of(whose: (Role, UserId)) -> u64 {
    let mut hasher = DefaultHasher::new();
    whose.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
