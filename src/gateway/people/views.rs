//! What is known of people.

use super::{People, Terms};
use crate::domain::chat::UserId;
use crate::domain::policy::fairness::caps::{Used, UserUsage};
use crate::domain::policy::roles::caps;
use crate::domain::role::Role;
use crate::domain::rules::RoleRules;
use crate::domain::time::Timestamp;
use crate::gateway::standing::grant_of;
use crate::store::{CellKey, StoreError, Tx, User};

/// Users looked at in one transaction, so that nobody waits for it long.
const BATCH: u32 = 200;

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

impl People {
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
}

impl Terms {
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
