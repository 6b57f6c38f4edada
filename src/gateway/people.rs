//! Who is who: roles given and taken back, bans, and what is known of somebody.
//!
//! [`People`] works with a daemon and without one. A change is one commit; with a daemon it is in force when the
//! commit is: the next message is read under the new role, whoever is no vip any more leaves the VIP room, requests
//! that wait for a key are decided anew, and a ban cuts what runs.

use std::sync::Arc;

use super::ask::Stop;
use super::hub::{Gateway, Shared};
use super::vip::tell;
use crate::config::Config;
use crate::domain::chat::{Notice, UserId, Who};
use crate::domain::policy::fairness::caps::{Used, UserUsage};
use crate::domain::policy::roles::{Acquaintance, Admission, RoleGrant, admission, caps};
use crate::domain::role::Role;
use crate::domain::rules::RoleRules;
use crate::domain::session::seats::Seats;
use crate::domain::time::{Calendar, Timestamp};
use crate::store::{CellKey, Store, StoreError, Tx, User};

/// Users looked at in one transaction, so that nobody waits for it long.
const BATCH: u32 = 200;

/// Everybody who was met, as they are stored.
#[derive(Clone)]
pub(crate) struct People {
    store: Store,
    terms: Terms,
}

/// What changes of people go by.
#[derive(Clone)]
struct Terms {
    config: Arc<Config>,
    calendar: Arc<Calendar>,
    /// What runs; none without a daemon.
    live: Option<Arc<Shared>>,
}

/// Why somebody cannot be changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum PersonError {
    /// An owner is who they are by configuration or claim.
    #[error("this is the owner, whose role cannot be changed and who cannot be banned")]
    IsOwner,
    /// Owners come from the configuration.
    #[error("nobody can be made an owner")]
    MakesOwner,
    /// The stored state cannot be read or written.
    #[error(transparent)]
    State(#[from] StoreError),
}

/// What became of a role, as the person has it in private.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RoleChange {
    /// The role until now; a guest's where the bot did not serve them.
    pub(crate) before: Role,
    /// The role from now on.
    pub(crate) after: Role,
    /// Whether the bot serves them now.
    pub(crate) is_served: bool,
}

/// Whom a list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PeopleFilter {
    /// Only those who have this role now.
    pub(crate) role: Option<Role>,
    /// Only those seen then or later.
    pub(crate) since: Option<Timestamp>,
    /// Only the banned.
    pub(crate) banned: bool,
}

/// Somebody as operators see them.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct PersonView {
    /// Who.
    pub(crate) id: UserId,
    /// The role in force; a guest's where the bot does not serve them.
    pub(crate) role: Role,
    /// Whether the bot serves them: neither banned, nor shut out by a closed bot.
    pub(crate) is_served: bool,
    /// The role that was granted and has not run out.
    pub(crate) granted: Option<Role>,
    /// When the grant runs out; none: it does not.
    pub(crate) granted_until: Option<Timestamp>,
    /// Whether they have met the bot in private.
    pub(crate) started: bool,
    /// Whether the owner has shut them out.
    pub(crate) banned: bool,
    /// What was noted beside the ban.
    pub(crate) ban_reason: Option<String>,
    /// Whether this is an owner.
    pub(crate) is_owner: bool,
    /// The @name last seen, without the @.
    pub(crate) username: Option<String>,
    /// The first name last seen.
    pub(crate) first_name: Option<String>,
    /// When first seen.
    pub(crate) first_seen: Timestamp,
    /// When last seen.
    pub(crate) last_seen: Timestamp,
    /// What they have used of their caps.
    pub(crate) today: Used,
    /// The caps of their role.
    pub(crate) caps: RoleRules,
    /// Rounds kept of all their conversations, hidden ones among them.
    pub(crate) rounds_stored: u32,
}

impl Gateway {
    /// Everybody who was met; changes are live.
    pub(crate) fn people(&self) -> People {
        let shared = &self.shared;
        let terms = Terms {
            config: Arc::clone(&shared.config),
            calendar: Arc::clone(&shared.calendar),
            live: Some(Arc::clone(shared)),
        };
        People { store: shared.store.clone(), terms }
    }

    /// Whether and as whom the bot serves somebody who is stored as `stored`.
    pub(crate) fn admission(&self, user: UserId, stored: Option<&User>, in_private: bool) -> Admission {
        let is_owner = self.owners().contains(&user);
        serves(&self.shared.config, &known(is_owner, stored), in_private, self.shared.clock.now())
    }

    /// The owners: those of the configuration, else whoever claimed the bot.
    pub(crate) fn owners(&self) -> Vec<UserId> {
        self.shared.owners()
    }

    /// Makes `user` the owner of a bot that has none; false if it has one.
    pub(crate) async fn claim_owner(&self, user: UserId) -> Result<bool, StoreError> {
        let shared = Arc::clone(&self.shared);
        if !shared.config.telegram.owner_ids.is_empty() {
            return Ok(false);
        }
        let claimed = shared.committed({
            let shared = Arc::clone(&shared);
            move |tx| {
                let claimed = tx.claim_owner(user)?;
                shared.set_claimed(tx.claimed_owner()?);
                Ok(claimed)
            }
        });
        claimed.await
    }
}

impl Shared {
    /// The owners: those of the configuration, else whoever claimed the bot.
    pub(super) fn owners(&self) -> Vec<UserId> {
        let configured = &self.config.telegram.owner_ids;
        if configured.is_empty() { self.claimed().into_iter().collect() } else { configured.clone() }
    }
}

impl People {
    /// Those of a state that no daemon works on.
    pub(crate) fn stored(store: Store, config: Arc<Config>, now: Timestamp) -> People {
        let calendar = Arc::new(crate::clock::pacific_calendar(now));
        People { store, terms: Terms { config, calendar, live: None } }
    }

    /// Whom a name means: the user who last used it here. An id means itself, seen or not.
    pub(crate) async fn find(&self, who: &Who) -> Result<Option<UserId>, StoreError> {
        match who.clone() {
            Who::Id(id) => Ok(Some(id)),
            Who::Name(name) => {
                self.store.read(move |tx| Ok(tx.user_by_name(&name)?.map(|user| user.id))).await
            }
        }
    }

    /// What is known of somebody; none if they were never seen and never given anything.
    pub(crate) async fn person(&self, user: UserId) -> Result<Option<PersonView>, StoreError> {
        let terms = self.terms.clone();
        self.store.read(move |tx| tx.user(user)?.map(|user| terms.view(tx, user)).transpose()).await
    }

    /// Everybody the filter lets through, by id.
    pub(crate) async fn list(&self, filter: &PeopleFilter) -> Result<Vec<PersonView>, StoreError> {
        let (mut found, mut after) = (Vec::new(), UserId(i64::MIN));
        loop {
            let (terms, filter) = (self.terms.clone(), filter.clone());
            let (last, mut some) = self.store.read(move |tx| terms.some(tx, &filter, after)).await?;
            found.append(&mut some);
            match last {
                Some(last) => after = last,
                None => return Ok(found),
            }
        }
    }

    /// Gives a role until its end, or takes it back, and tells the person.
    pub(crate) async fn set_role(
        &self,
        user: UserId,
        grant: Option<RoleGrant>,
    ) -> Result<RoleChange, PersonError> {
        self.change(move |terms, tx| terms.set_role(tx, user, grant, false)).await
    }

    /// The same without a word to the person.
    pub(crate) async fn set_role_quietly(
        &self,
        user: UserId,
        grant: Option<RoleGrant>,
    ) -> Result<RoleChange, PersonError> {
        self.change(move |terms, tx| terms.set_role(tx, user, grant, true)).await
    }

    /// Shuts somebody out, with a note for operators, and cuts what runs for them; false if they were out already.
    pub(crate) async fn ban(&self, user: UserId, reason: Option<String>) -> Result<bool, PersonError> {
        self.change(move |terms, tx| terms.ban(tx, user, reason.as_deref())).await
    }

    /// Lets somebody in again; false if they were not shut out.
    pub(crate) async fn unban(&self, user: UserId) -> Result<bool, PersonError> {
        Ok(self.store.commit(move |tx| tx.set_banned(user, None)).await?)
    }

    /// Commits a change, or does nothing if it is refused.
    async fn change<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Terms, &mut Tx<'_>) -> Result<R, PersonError> + Send + 'static,
    ) -> Result<R, PersonError> {
        let terms = self.terms.clone();
        let done = self.store.commit(move |tx| match work(&terms, tx) {
            Err(PersonError::State(error)) => Err(error),
            decided => Ok(decided),
        });
        done.await?
    }
}

impl Terms {
    fn set_role(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        grant: Option<RoleGrant>,
        quiet: bool,
    ) -> Result<RoleChange, PersonError> {
        if grant.is_some_and(|grant| grant.role == Role::Owner) {
            return Err(PersonError::MakesOwner);
        }
        let before = tx.user(user)?;
        let (was, _) = self.role(tx, user, before.as_ref())?;
        if was == Role::Owner {
            return Err(PersonError::IsOwner);
        }
        tx.set_role(user, grant.map(|grant| grant.role), grant.and_then(|grant| grant.until))?;
        let after = tx.user(user)?;
        let (is, is_served) = self.role(tx, user, after.as_ref())?;
        if was == Role::Vip && is != Role::Vip {
            self.leave_room(tx, user)?;
        }
        let until = |user: &Option<User>| user.as_ref().and_then(|user| user.granted_until);
        if !quiet && (was, until(&before)) != (is, until(&after)) {
            let notice = if is_served {
                Notice::RoleChanged { role: is, until: until(&after) }
            } else {
                Notice::NotOpen { user }
            };
            tell(tx, user, notice)?;
        }
        if let Some(live) = &self.live {
            live.role_changed(user);
        }
        tracing::info!(before = %was, after = %is, "a role was changed");
        Ok(RoleChange { before: was, after: is, is_served })
    }

    fn ban(&self, tx: &mut Tx<'_>, user: UserId, reason: Option<&str>) -> Result<bool, PersonError> {
        if is_owner(&self.config, tx, user)? {
            return Err(PersonError::IsOwner);
        }
        let changed = tx.set_banned(user, Some(reason))?;
        self.leave_room(tx, user)?;
        if let Some(live) = &self.live {
            live.cut(user, Stop::Banned);
        }
        Ok(changed)
    }

    /// Gives up seat, hold and place in the line.
    fn leave_room(&self, tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
        let rules = &self.config.rules.seats;
        let (_, seats) =
            tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.leave(user, rules, now))?;
        if let Some(live) = &self.live {
            live.seats_changed(&seats);
        }
        Ok(())
    }

    /// The role in force, and whether the bot serves them as it. Whoever met the bot in private has the role of that.
    fn role(&self, tx: &Tx<'_>, user: UserId, stored: Option<&User>) -> Result<(Role, bool), StoreError> {
        let known = known(is_owner(&self.config, tx, user)?, stored);
        Ok(match serves(&self.config, &known, false, tx.now()) {
            Admission::Served(role) => (role, true),
            Admission::NotOpen => (Role::Guest, false),
        })
    }

    /// Those of the next batch of users whom the filter lets through, and where to go on, if there are more.
    fn some(
        &self,
        tx: &Tx<'_>,
        filter: &PeopleFilter,
        after: UserId,
    ) -> Result<(Option<UserId>, Vec<PersonView>), StoreError> {
        let users = tx.users(after, filter.since.unwrap_or(Timestamp::ZERO), BATCH)?;
        let last = users.last().filter(|_| users.len() == BATCH as usize).map(|user| user.id);
        let mut found = Vec::new();
        for user in users.into_iter().filter(|user| user.banned || !filter.banned) {
            let (role, _) = self.role(tx, user.id, Some(&user))?;
            if filter.role.is_none_or(|wanted| wanted == role) {
                found.push(self.view(tx, user)?);
            }
        }
        Ok((last, found))
    }

    fn view(&self, tx: &Tx<'_>, user: User) -> Result<PersonView, StoreError> {
        let (role, is_served) = self.role(tx, user.id, Some(&user))?;
        let usage: UserUsage = tx.read_cell(&CellKey::User(user.id))?;
        let grant = grant_of(&user).filter(|grant| grant.role_at(tx.now()).is_some());
        Ok(PersonView {
            id: user.id,
            role,
            is_served: is_served && !user.banned,
            granted: grant.map(|grant| grant.role),
            granted_until: grant.and_then(|grant| grant.until),
            started: user.started,
            banned: user.banned,
            ban_reason: user.ban_reason,
            is_owner: role == Role::Owner,
            username: user.username,
            first_name: user.first_name,
            first_seen: user.first_seen,
            last_seen: user.last_seen,
            today: usage.used(&self.calendar, tx.now()),
            caps: caps(&self.config.rules.roles, role).clone(),
            rounds_stored: tx.rounds_of(user.id)?,
        })
    }
}

fn grant_of(user: &User) -> Option<RoleGrant> {
    user.granted.map(|role| RoleGrant { role, until: user.granted_until })
}

/// What the rules want to know of somebody.
fn known(is_owner: bool, stored: Option<&User>) -> Acquaintance {
    Acquaintance {
        is_owner,
        grant: stored.and_then(grant_of),
        has_started: stored.is_some_and(|user| user.started),
    }
}

fn serves(config: &Config, known: &Acquaintance, in_private: bool, now: Timestamp) -> Admission {
    admission(known, config.telegram.closed, config.telegram.on_start, in_private, now)
}

fn is_owner(config: &Config, tx: &Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    let configured = &config.telegram.owner_ids;
    if configured.is_empty() {
        return Ok(tx.claimed_owner()? == Some(user));
    }
    Ok(configured.contains(&user))
}
