//! Roles in force: who somebody is right now, and what that lets them do.
//!
//! A role belongs to a numeric user id. It comes from, in this order: the owner's list in the configuration (or the
//! claim of a bot without any), a grant that has not run out, having met the bot in private (`roles.on_start`), having been seen at all (guest).

use serde::{Deserialize, Serialize};

use crate::domain::model::ModelSlot;
use crate::domain::role::{PerRole, Role};
use crate::domain::rules::{RoleRules, is_entitled};
use crate::domain::time::Timestamp;

/// The role that routes and remembers: a vip without a seat is premium. Caps stay those of `role`.
pub const fn effective(role: Role, seated: bool) -> Role {
    match role {
        Role::Vip if !seated => Role::Premium,
        _ => role,
    }
}

/// Rounds of memory sent for `role` at this moment.
pub fn rounds(rules: &PerRole<RoleRules>, role: Role, seated: bool) -> u32 {
    rules[effective(role, seated)].rounds
}

/// The caps of `role`, with or without a seat.
pub fn caps(rules: &PerRole<RoleRules>, role: Role) -> &RoleRules {
    &rules[role]
}

/// Whether `role` needs a VIP seat for its rights; the owner needs none.
pub const fn needs_seat(role: Role) -> bool {
    matches!(role, Role::Vip)
}

/// A role an owner or operator gave to a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// When it runs out; none: it does not.
    pub until: Option<Timestamp>,
}

impl RoleGrant {
    /// The granted role, while the grant lasts.
    pub fn role_at(&self, now: Timestamp) -> Option<Role> {
        self.until.is_none_or(|until| now < until).then_some(self.role)
    }
}

/// What is known of somebody who writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Acquaintance {
    /// Their id is in `owner_ids`, or they claimed a bot that had no owner.
    pub is_owner: bool,
    /// What they were granted, run out or not.
    pub grant: Option<RoleGrant>,
    /// They have met the bot in private before.
    pub has_started: bool,
}

/// Whether the bot serves somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// As this role.
    Served(Role),
    /// The bot is closed and nobody granted them anything.
    NotOpen,
}

/// Whether and as whom the bot serves somebody whose message came `in_private` or in a group. A closed bot serves
/// owners and the granted only; a grant that ran out is none.
pub fn admission(
    user: &Acquaintance,
    closed: bool,
    on_start: Role,
    in_private: bool,
    now: Timestamp,
) -> Admission {
    if user.is_owner {
        return Admission::Served(Role::Owner);
    }
    if let Some(role) = user.grant.and_then(|grant| grant.role_at(now)) {
        // Owners come from the configuration alone, whatever a row in the store says.
        return Admission::Served(role.min(Role::Vip));
    }
    if closed {
        return Admission::NotOpen;
    }
    let met = in_private || user.has_started;
    Admission::Served(if met { on_start.min(Role::Vip) } else { Role::Guest })
}

/// Something not everybody may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// See the names, states and times of keys (`/keys`, the long `/status`).
    SeeKeys,
    /// See the list of users (`/users`).
    SeeUsers,
    /// Give a user this role (`/grant`).
    Grant(Role),
    /// End the VIP session of a user of this role (`/kick`).
    Kick(Role),
    /// Take a VIP seat or wait for one (`/vip`).
    TakeSeat,
    /// Choose a model (`/model`).
    ChooseModel(ModelSlot),
}

/// Whether somebody of this role may do it. Only owners manage, and nobody makes or kicks an owner.
pub const fn may(role: Role, act: Act) -> bool {
    match act {
        Act::SeeKeys | Act::SeeUsers => matches!(role, Role::Owner),
        Act::Grant(target) | Act::Kick(target) => {
            matches!(role, Role::Owner) && !matches!(target, Role::Owner)
        }
        Act::TakeSeat => needs_seat(role),
        Act::ChooseModel(model) => is_entitled(role, model),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::Rules;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const EARLIER: Timestamp = Timestamp::from_millis(999_999);
    const LATER: Timestamp = Timestamp::from_millis(1_000_001);

    fn granted(role: Role, until: Option<Timestamp>) -> Acquaintance {
        Acquaintance { grant: Some(RoleGrant { role, until }), ..Acquaintance::default() }
    }

    #[test]
    fn a_vip_without_a_seat_is_premium_with_a_vips_caps() {
        let rules = Rules::default().roles;
        for role in Role::ALL {
            let unseated = if role == Role::Vip { Role::Premium } else { role };
            assert_eq!((effective(role, true), effective(role, false)), (role, unseated));
            assert_eq!(caps(&rules, role).per_day, rules[role].per_day);
        }
        assert_eq!((rounds(&rules, Role::Vip, true), rounds(&rules, Role::Vip, false)), (7, 5));
        assert_eq!((rounds(&rules, Role::Owner, false), caps(&rules, Role::Vip).per_day), (10, Some(200)));
    }

    #[test]
    fn everybody_is_who_config_grant_or_first_meeting_say() {
        let owner = Acquaintance { is_owner: true, ..granted(Role::Guest, None) };
        let started = Acquaintance { has_started: true, ..Acquaintance::default() };
        let stranger = Acquaintance::default();
        let served = Admission::Served;
        // (who, in private, open bot, closed bot)
        let cases = [
            (owner, false, served(Role::Owner), served(Role::Owner)),
            (granted(Role::Vip, None), false, served(Role::Vip), served(Role::Vip)),
            (granted(Role::Premium, Some(LATER)), true, served(Role::Premium), served(Role::Premium)),
            (granted(Role::Premium, Some(NOW)), true, served(Role::Normal), Admission::NotOpen),
            (granted(Role::Premium, Some(EARLIER)), false, served(Role::Guest), Admission::NotOpen),
            (granted(Role::Guest, None), true, served(Role::Guest), served(Role::Guest)),
            (granted(Role::Owner, None), true, served(Role::Vip), served(Role::Vip)),
            (started, false, served(Role::Normal), Admission::NotOpen),
            (stranger, true, served(Role::Normal), Admission::NotOpen),
            (stranger, false, served(Role::Guest), Admission::NotOpen),
        ];
        for (who, in_private, open, closed) in cases {
            let seen = [false, true].map(|shut| admission(&who, shut, Role::Normal, in_private, NOW));
            assert_eq!(seen, [open, closed], "{who:?}");
        }
        assert_eq!(admission(&stranger, false, Role::Guest, true, NOW), served(Role::Guest));
        assert_eq!(admission(&stranger, false, Role::Owner, true, NOW), served(Role::Vip));
    }

    #[test]
    fn only_the_owner_manages_and_nobody_touches_an_owner() {
        for role in Role::ALL {
            let owner = role == Role::Owner;
            for act in [Act::SeeKeys, Act::SeeUsers, Act::Grant(Role::Vip), Act::Kick(Role::Vip)] {
                assert_eq!(may(role, act), owner, "{role} {act:?}");
            }
            assert!(!may(role, Act::Grant(Role::Owner)) && !may(role, Act::Kick(Role::Owner)));
            assert_eq!(may(role, Act::TakeSeat), role == Role::Vip);
            assert_eq!(may(role, Act::ChooseModel(ModelSlot::Pro)), role >= Role::Premium);
        }
    }
}
