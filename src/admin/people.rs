//! What operators do with users, on a daemon's state or on the stored one: the same words for both.

use std::time::Duration;

use super::api::{
    BanChanged, BanRequest, ForgetRequest, Forgotten, PeopleQuery, Person, PersonList, PersonNow,
    RoleChanged, RoleRequest,
};
use crate::domain::chat::{UserId, Who};
use crate::domain::nearest::nearest;
use crate::domain::policy::roles::RoleGrant;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::{People, PeopleFilter, PersonError, PersonView};
use crate::telemetry::log_name;

/// The users asked for.
pub(crate) async fn list(
    people: &People,
    query: &PeopleQuery,
    now: Timestamp,
) -> Result<PersonList, CommandError> {
    let filter = PeopleFilter { role: query.role, since: query.since, banned: query.banned };
    let users = people.list(&filter).await?.into_iter().map(wire).collect();
    Ok(PersonList { as_of: now, users })
}

/// One user.
pub(crate) async fn show(people: &People, who: &Who, now: Timestamp) -> Result<PersonNow, CommandError> {
    let (_, person) = find(people, who).await?;
    Ok(PersonNow { as_of: now, user: wire(person.ok_or_else(|| nobody(who))?) })
}

/// Gives a role, or takes it back.
pub(crate) async fn set_role(
    people: &People,
    who: &Who,
    request: &RoleRequest,
    now: Timestamp,
) -> Result<RoleChanged, CommandError> {
    let (user, person) = find(people, who).await?;
    if person.is_none() && request.role.is_none() {
        return Err(nobody(who));
    }
    let until = request.for_ms.map(|ms| now + Duration::from_millis(ms));
    let grant = request.role.map(|role| RoleGrant { role, until });
    let changed = if request.silent {
        people.set_role_quietly(user, grant).await?
    } else {
        people.set_role(user, grant).await?
    };
    Ok(RoleChanged {
        user,
        seen: person.is_some(),
        name: person.and_then(|person| person.username),
        before: changed.before,
        role: changed.after,
        until: until.filter(|_| grant.is_some()),
        served: changed.is_served,
        told: changed.told,
    })
}

/// Bans, or with no request lifts a ban.
pub(crate) async fn set_banned(
    people: &People,
    who: &Who,
    ban: Option<BanRequest>,
) -> Result<BanChanged, CommandError> {
    let (user, person) = find(people, who).await?;
    let banned = ban.is_some();
    let changed = match ban {
        Some(request) => people.ban(user, request.reason).await?,
        None if person.is_none() => return Err(nobody(who)),
        None => people.unban(user).await?,
    };
    let seen = person.is_some();
    Ok(BanChanged { user, name: person.and_then(|person| person.username), banned, changed, seen })
}

/// Erases a user, or counts what that would erase.
pub(crate) async fn forget(
    people: &People,
    who: &Who,
    request: &ForgetRequest,
) -> Result<Forgotten, CommandError> {
    let (user, person) = find(people, who).await?;
    let name = person.ok_or_else(|| nobody(who))?.username;
    let (erased, complete) =
        if request.dry_run { (people.forgettable(user).await?, true) } else { people.forget(user).await? };
    Ok(Forgotten {
        user,
        name,
        rounds: erased.rounds,
        requests: erased.requests,
        messages: erased.messages,
        dry_run: request.dry_run,
        complete,
    })
}

/// Whom a name or id means, and what is known of them.
async fn find(people: &People, who: &Who) -> Result<(UserId, Option<PersonView>), CommandError> {
    let Some(user) = people.find(who).await? else {
        return Err(unknown(people, who, nobody(who)).await?);
    };
    Ok((user, people.person(user).await?))
}

/// `error` with a guess at whom a mistyped name was to mean.
pub(crate) async fn unknown(
    people: &People,
    who: &Who,
    error: CommandError,
) -> Result<CommandError, CommandError> {
    let Who::Name(name) = who else { return Ok(error) };
    let met = people.list(&PeopleFilter::default()).await?;
    let near = nearest(name, met.iter().filter_map(|person| person.username.as_deref()));
    let hints = near.map(|near| format!("did you mean @{near}?")).into_iter().chain(error.hints);
    Ok(CommandError { hints: hints.collect(), ..error })
}

fn nobody(who: &Who) -> CommandError {
    CommandError::new(ErrorKind::NotFound, format!("{who} was never seen here")).hint("svs users ls")
}

impl From<PersonError> for CommandError {
    fn from(error: PersonError) -> CommandError {
        match error {
            PersonError::State(error) => error.into(),
            PersonError::IsOwner | PersonError::MakesOwner => {
                CommandError::new(ErrorKind::Denied, error.to_string())
                    .hint("owners are named by owner_ids in svs.toml or BOT_OWNER_ID")
            }
        }
    }
}

fn wire(person: PersonView) -> Person {
    Person {
        id: person.id,
        name: person.username,
        first_name: person.first_name,
        role: person.role,
        served: person.is_served,
        granted: person.granted,
        granted_until: person.granted_until,
        started: person.started,
        banned: person.banned,
        ban_reason: person.ban_reason,
        first_seen: person.first_seen,
        last_seen: person.last_seen,
        used_hour: person.today.hour,
        used_day: person.today.day,
        per_hour: person.caps.per_hour,
        per_day: person.caps.per_day,
        resets_at: person.today.day_resets_at,
        rounds: person.caps.rounds,
        rounds_stored: person.rounds_stored,
        log_name: log_name(person.id),
    }
}
