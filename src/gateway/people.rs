//! Who is who: roles given and taken back, bans, and what is known of somebody.
//!
//! [`People`] works with a daemon and without one. A change is one commit; with a daemon it is in force when the
//! commit is: the next message is read under the new role, whoever is no vip any more leaves the VIP room, requests
//! that wait for a key are decided anew, and a ban cuts what runs.

use std::sync::Arc;

use super::ask::Stop;
use super::hub::{Gateway, Shared};
use super::standing::{is_owner, serves};
use super::vip::tell;
use crate::config::Config;
use crate::domain::chat::{Notice, UserId, Who};
use crate::domain::policy::roles::{Admission, RoleGrant};
use crate::domain::role::Role;
use crate::domain::session::seats::Seats;
use crate::domain::time::{Calendar, Timestamp};
use crate::store::{CellKey, Erased, OfflineChange, Store, StoreError, Tx, User};
use crate::telemetry::person;

mod grants;
mod views;

pub(super) use grants::keep_grants;
pub(crate) use views::{PeopleFilter, PersonView};

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
    /// Who changes people without a daemon, for the log of the next one.
    uid: Option<u32>,
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RoleChange {
    /// The role until now; a guest's where the bot did not serve them.
    pub(crate) before: Role,
    /// The role from now on.
    pub(crate) after: Role,
    /// Whether the bot serves them now.
    pub(crate) is_served: bool,
    /// What the person is told of it.
    pub(crate) told: Option<Notice>,
}

impl Gateway {
    /// Everybody who was met; changes are live.
    pub(crate) fn people(&self) -> People {
        let shared = &self.shared;
        let terms = Terms {
            config: shared.config(),
            calendar: Arc::clone(&shared.calendar),
            live: Some(Arc::clone(shared)),
            uid: None,
        };
        People { store: shared.store.clone(), terms }
    }

    /// Whether and as whom the bot serves somebody who is stored as `stored`.
    pub(crate) fn admission(&self, user: UserId, stored: Option<&User>, in_private: bool) -> Admission {
        let is_owner = self.owners().contains(&user);
        serves(&self.shared.config(), is_owner, stored, in_private, self.shared.clock.now())
    }

    /// The owners: those of the configuration, else whoever claimed the bot.
    pub(crate) fn owners(&self) -> Vec<UserId> {
        self.shared.owners()
    }

    /// Makes `user` the owner of a bot that has none; false if it has one.
    pub(crate) async fn claim_owner(&self, user: UserId) -> Result<bool, StoreError> {
        let shared = Arc::clone(&self.shared);
        if !shared.config().telegram.owner_ids.is_empty() {
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
        let config = self.config();
        let configured = &config.telegram.owner_ids;
        if configured.is_empty() { self.claimed().into_iter().collect() } else { configured.clone() }
    }
}

impl People {
    /// Those of a state that no daemon works on, for whoever has this uid.
    pub(crate) fn stored(store: Store, config: Arc<Config>, uid: u32, now: Timestamp) -> People {
        let calendar = Arc::new(crate::clock::pacific_calendar(now));
        People { store, terms: Terms { config, calendar, live: None, uid: Some(uid) } }
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
        self.change(move |terms, tx| terms.unban(tx, user)).await
    }

    /// What forgetting somebody would erase.
    pub(crate) async fn forgettable(&self, user: UserId) -> Result<Erased, StoreError> {
        self.store.read(move |tx| tx.forgettable(user)).await
    }

    /// Erases what somebody said, what was said to them, and their names; cuts what runs for them first. Says also
    /// whether nothing of it is left in any file: somebody who reads the state meanwhile can keep it in the log.
    pub(crate) async fn forget(&self, user: UserId) -> Result<(Erased, bool), StoreError> {
        let terms = self.terms.clone();
        let erased = self.store.commit(move |tx| {
            if let Some(live) = &terms.live {
                live.cut(user, Stop::Forgotten);
            }
            terms.record(tx, "forget", user, None)?;
            tx.forget(user)
        });
        Ok((erased.await?, self.store.scrub().await?))
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
        let (was, _) = self.role(tx, user, tx.user(user)?.as_ref())?;
        if was == Role::Owner {
            return Err(PersonError::IsOwner);
        }
        let changed = self.regrant(tx, user, was, grant, quiet)?;
        self.record(tx, "role", user, Some(format!("{} → {}", changed.before, changed.after)))?;
        Ok(changed)
    }

    /// Puts `grant` in the place of the present one; `was` is the role until now.
    fn regrant(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        was: Role,
        grant: Option<RoleGrant>,
        quiet: bool,
    ) -> Result<RoleChange, StoreError> {
        let ended = tx.user(user)?.and_then(|user| user.granted_until);
        tx.set_role(user, grant.map(|grant| grant.role), grant.and_then(|grant| grant.until))?;
        let stored = tx.user(user)?;
        let (is, is_served) = self.role(tx, user, stored.as_ref())?;
        let until = stored.as_ref().and_then(|user| user.granted_until);
        if was == Role::Vip && is != Role::Vip {
            self.leave_room(tx, user)?;
        }
        let is_banned = stored.is_some_and(|user| user.banned);
        let is_told = !quiet && !is_banned && (was, ended) != (is, until);
        let changed = Notice::RoleChanged { role: is, until };
        let told = is_told.then_some(if is_served { changed } else { Notice::NotOpen { user } });
        if let Some(notice) = &told {
            tell(tx, user, notice.clone())?;
        }
        if let Some(live) = &self.live {
            live.grants_changed.notify_one();
            if was != is {
                live.role_changed(user);
            }
        }
        tracing::info!(user = person(user), before = %was, after = %is, "a role was changed");
        Ok(RoleChange { before: was, after: is, is_served, told })
    }

    fn ban(&self, tx: &mut Tx<'_>, user: UserId, reason: Option<&str>) -> Result<bool, PersonError> {
        if is_owner(&self.config, tx, user)? {
            return Err(PersonError::IsOwner);
        }
        let changed = tx.ban(user, reason)?;
        self.record(tx, "ban", user, None)?;
        self.leave_room(tx, user)?;
        if let Some(live) = &self.live {
            live.cut(user, Stop::Banned);
        }
        Ok(changed)
    }

    fn unban(&self, tx: &mut Tx<'_>, user: UserId) -> Result<bool, PersonError> {
        self.record(tx, "unban", user, None)?;
        Ok(tx.unban(user)?)
    }

    /// Keeps for the next daemon's log what is done without one.
    fn record(
        &self,
        tx: &mut Tx<'_>,
        verb: &str,
        user: UserId,
        note: Option<String>,
    ) -> Result<(), StoreError> {
        let Some(uid) = self.uid else { return Ok(()) };
        let (at, verb) = (tx.now(), verb.to_owned());
        tx.put_offline_change(&OfflineChange { at, uid, verb, key: None, user: Some(user), note })
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
        let is_owner = is_owner(&self.config, tx, user)?;
        Ok(match serves(&self.config, is_owner, stored, false, tx.now()) {
            Admission::Served(role) => (role, true),
            Admission::NotOpen => (Role::Guest, false),
        })
    }
}
