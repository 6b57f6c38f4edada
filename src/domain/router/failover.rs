//! Router B: where to turn when the home group cannot serve. Other groups lend by fixed rights; the two router keys
//! are the reserve.

use super::line::Claim;
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::pool::roster::Roster;
use crate::domain::role::Role;

/// The groups `role` may borrow from, in order, and in what capacity. `seatless_vip`: a vip without a seat, who is
/// served as premium but may borrow from A.
pub fn lenders(
    role: Role,
    seatless_vip: bool,
    model: ModelSlot,
    roster: &Roster,
) -> impl Iterator<Item = (Group, Claim)> + use<'_> {
    use Group::{A, B, C, D};
    let text: &'static [Group] = match role {
        Role::Owner | Role::Vip => &[B, C, D],
        Role::Premium if seatless_vip => &[A, C, D],
        Role::Premium => &[C, D],
        Role::Normal => &[D],
        Role::Guest => &[],
    };
    let home = roster.home(role);
    text.iter().filter_map(move |group| {
        if home == Some(*group) || roster.members(*group).is_empty() {
            return None;
        }
        // Pro of C and D has no user of its own: whoever may use pro borrows it without a line.
        if model >= ModelSlot::Pro && !roster.has_own_user(*group, model) {
            return Some((*group, Claim::Free));
        }
        // What D's own roles use it lends to normal only.
        (*group != D || role == Role::Normal).then_some((*group, Claim::Borrower))
    })
}

/// The reserve keys in the order in which `role` may try them: RA, then RB; a second attempt asks RB first.
/// Guests have none.
pub fn reserves(role: Role, attempt: u32) -> &'static [KeyId] {
    match (role, attempt) {
        (Role::Guest, _) => &[],
        (_, 0 | 1) => &[KeyId::RouterA, KeyId::RouterB],
        _ => &[KeyId::RouterB, KeyId::RouterA],
    }
}

/// The last units of a reserve key's budget that are the owner's: `units`, at most `share` of the budget.
pub fn owners_part(budget: u32, units: u32, share: f64) -> u32 {
    units.min((f64::from(budget) * share) as u32)
}
