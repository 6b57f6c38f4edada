//! The queue against plain lists, and its promises one by one.

use std::collections::HashSet;

use super::*;

const ROLES: [Role; 5] = Role::ALL;

fn drain<T>(queue: &mut WaitingQueue<T>) -> Vec<T> {
    std::iter::from_fn(|| queue.pop_next().map(|popped| popped.item)).collect()
}

#[test]
fn higher_roles_come_first() {
    let mut queue = WaitingQueue::default();
    for (user, role) in
        [Role::Guest, Role::Vip, Role::Normal, Role::Owner, Role::Premium].into_iter().enumerate()
    {
        queue.push(UserId(user as i64), role, role);
    }
    assert_eq!(drain(&mut queue), [Role::Owner, Role::Vip, Role::Premium, Role::Normal, Role::Guest]);
}

#[test]
fn users_of_a_role_take_turns_and_each_is_served_in_order() {
    let mut queue = WaitingQueue::default();
    for (user, item) in [(1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (2, "b2")] {
        queue.push(UserId(user), Role::Normal, item);
    }
    assert_eq!(queue.pop_next().map(|popped| (popped.user, popped.item)), Some((UserId(1), "a1")));
    // Dan comes after Ann was served once, and before she is served again.
    queue.push(UserId(4), Role::Normal, "d1");
    assert_eq!(drain(&mut queue), ["b1", "c1", "a2", "d1", "b2", "a3"]);
}

#[test]
fn a_user_who_comes_back_at_once_goes_behind_everybody_who_waits() {
    let mut queue = WaitingQueue::default();
    queue.push(UserId(1), Role::Guest, 1);
    queue.push(UserId(2), Role::Guest, 2);
    assert_eq!(queue.pop_next().map(|popped| popped.item), Some(1));
    queue.push(UserId(1), Role::Guest, 3);
    assert_eq!(drain(&mut queue), [2, 3]);
}

#[test]
fn an_entry_removed_from_a_chain_leaves_the_rest_in_order_and_the_turn_untouched() {
    for removed in 0..3 {
        let mut queue = WaitingQueue::default();
        let ids = [0, 1, 2].map(|item| queue.push(UserId(1), Role::Normal, item));
        queue.push(UserId(2), Role::Normal, 9);
        assert_eq!(queue.remove(ids[removed]), Some(removed));
        assert_eq!(queue.remove(ids[removed]), None);
        assert_eq!((queue.len(), queue.position(ids[removed])), (3, None));
        queue.push(UserId(1), Role::Normal, 3);
        let left: Vec<usize> = (0..4).filter(|item| *item != removed).collect();
        assert_eq!(drain(&mut queue), [left[0], 9, left[1], left[2]]);
    }
}

#[test]
fn what_cannot_be_served_is_passed_over_and_keeps_its_place() {
    let mut queue = WaitingQueue::default();
    for (user, role, item) in
        [(1, Role::Vip, "vip"), (2, Role::Normal, "n1"), (3, Role::Normal, "n2"), (4, Role::Guest, "g")]
    {
        queue.push(UserId(user), role, item);
    }
    let popped = queue.pop_next_where(|role, item| role < Role::Vip && *item != "n1");
    assert_eq!(popped.map(|popped| popped.item), Some("n2"));
    assert!(queue.pop_next_where(|_, _| false).is_none());
    assert_eq!(drain(&mut queue), ["vip", "n1", "g"]);
}

#[test]
fn only_its_own_and_higher_roles_are_ahead() {
    let mut queue = WaitingQueue::default();
    queue.push(UserId(1), Role::Premium, ());
    queue.push(UserId(1), Role::Premium, ());
    assert_eq!(ROLES.map(|role| queue.ahead_of(role)), [2, 2, 2, 0, 0]);
}

/// A list of everything that waits, and how often each user was served; the next is looked for in all of it.
#[derive(Clone, Default)]
struct Model {
    waiting: Vec<(EntryId, UserId, Role, u32)>,
    /// Who has the turn, per role, first comes first.
    turns: Vec<(Role, UserId)>,
}

impl Model {
    fn push(&mut self, id: EntryId, user: UserId, role: Role, item: u32) {
        self.waiting.push((id, user, role, item));
        if !self.turns.contains(&(role, user)) {
            self.turns.push((role, user));
        }
    }

    fn remove(&mut self, id: EntryId) -> Option<u32> {
        let index = self.waiting.iter().position(|entry| entry.0 == id)?;
        let (_, user, role, item) = self.waiting.remove(index);
        if !self.waiting.iter().any(|entry| (entry.2, entry.1) == (role, user)) {
            self.turns.retain(|turn| *turn != (role, user));
        }
        Some(item)
    }

    fn pop(&mut self) -> Option<u32> {
        let role = self.waiting.iter().map(|entry| entry.2).max()?;
        let turn = *self.turns.iter().find(|turn| turn.0 == role)?;
        let id = self.waiting.iter().find(|entry| (entry.2, entry.1) == turn)?.0;
        let item = self.remove(id);
        if self.turns.contains(&turn) {
            self.turns.retain(|other| *other != turn);
            self.turns.push(turn);
        }
        item
    }
}

#[test]
fn random_loads_agree_with_a_plain_list() {
    for seed in 0..150 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut queue, mut model) = (WaitingQueue::default(), Model::default());
        let mut gone = Vec::new();
        // Some days the queue fills, some days it stays short.
        let pushes = rng.u32(4..8);
        for step in 0..200 {
            let trace = format!("seed {seed}, step {step}");
            match rng.u32(0..10) {
                n if n < pushes => {
                    let (user, role) = (UserId(rng.i64(0..6)), ROLES[rng.usize(0..5)]);
                    let id = queue.push(user, role, step);
                    model.push(id, user, role, step);
                }
                9 => {
                    let entry = rng.choice(&model.waiting).copied();
                    let id = entry
                        .map_or(EntryId { place: Place::of(0), drawn: NonZeroU32::MAX }, |entry| entry.0);
                    assert_eq!(queue.remove(id), model.remove(id), "{trace}");
                }
                _ => {
                    let popped = queue.pop_next();
                    assert_eq!(popped.map(|popped| popped.item), model.pop(), "{trace}");
                    gone.extend(popped.map(|popped| popped.id));
                }
            }
            // A name is never another's, even where the place is.
            assert!(gone.iter().all(|id| queue.position(*id).is_none()), "{trace}");
            assert_eq!(queue.len(), model.waiting.len(), "{trace}");
            if let Some((id, _, _, item)) = rng.choice(&model.waiting).copied() {
                assert!(queue.iter().any(|(_, waiting)| *waiting == item), "{trace}");
                let mut future = model.clone();
                let order = std::iter::from_fn(|| future.pop()).position(|popped| popped == item);
                assert_eq!(queue.position(id), order.map(|index| index + 1), "{trace}");
            }
        }
        let rest = drain(&mut queue);
        assert_eq!(rest, std::iter::from_fn(|| model.pop()).collect::<Vec<_>>(), "seed {seed}");
        assert!(
            queue.users.is_empty() && queue.roles.0.iter().all(|turns| turns.first.or(turns.last).is_none())
        );
    }
}

/// The promise itself, judged from the outside: while somebody waits, no other user of their role is served twice,
/// and nobody of a lower role at all.
#[test]
fn nobody_is_overtaken_twice_by_the_same_user_of_their_role() {
    for seed in 0..50 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut queue = WaitingQueue::default();
        // (role, user, when they began to wait for their next answer)
        let mut waits: Vec<(Role, UserId, u32)> = Vec::new();
        let mut served: Vec<(u32, Role, UserId)> = Vec::new();
        let mut seen = HashSet::new();
        let mut pushed = 0;
        for step in 0..600 {
            if rng.u32(0..9) < 5 {
                // One user asks as often as all others together.
                let user = UserId(if rng.bool() { 0 } else { rng.i64(1..8) });
                let role = if user.0 < 6 { Role::Normal } else { Role::Guest };
                queue.push(user, role, step);
                pushed += 1;
                if !waits.iter().any(|wait| wait.1 == user) {
                    waits.push((role, user, step));
                }
            } else if let Some(popped) = queue.pop_next() {
                assert!(seen.insert(popped.item), "served twice");
                for (role, user, since) in waits.iter().filter(|wait| wait.1 != popped.user) {
                    assert!(*role <= popped.role, "a lower role went first");
                    let before =
                        served.iter().filter(|(when, _, whose)| when >= since && *whose == popped.user);
                    assert!(
                        *role != popped.role || before.count() == 0,
                        "{user} overtaken twice, step {step}"
                    );
                }
                served.push((step, popped.role, popped.user));
                waits.retain(|wait| wait.1 != popped.user);
                if queue.first_of(popped.role, popped.user).is_some() {
                    waits.push((popped.role, popped.user, step));
                }
            }
        }
        assert_eq!(seen.len() + drain(&mut queue).len(), pushed, "lost");
    }
}

#[test]
fn ten_thousand_wait_in_three_hundred_bytes_each() {
    // A table is at least seven sixteenths full, with a byte beside each place. What the daemon keeps of a request in the
    // place of the numbers here takes eighty bytes; the rest is for the lane of its conversation.
    let per_entry = size_of::<Entry<[u64; 10]>>() + (size_of::<Place>() + 1) * 16 / 7;
    assert!(per_entry <= 132, "{per_entry}");
    let mut queue = WaitingQueue::default();
    let ids: Vec<EntryId> = (0..10_000_u64).map(|n| queue.push(UserId(n as i64), Role::Normal, n)).collect();
    assert_eq!(queue.position(ids[9_999]), Some(10_000));
    assert_eq!(drain(&mut queue), (0..10_000).collect::<Vec<_>>());
}
