//! Users: the role each was granted, and the names each was last seen under. A name is for people: rights hang
//! on the numeric id alone.

use rusqlite::{OptionalExtension as _, Row};

use crate::domain::chat::{Language, UserId};
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// A user as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct User {
    /// Telegram's numeric id.
    pub(crate) id: UserId,
    /// The role that was granted, whether or not the grant has run out.
    pub(crate) granted: Option<Role>,
    /// When the grant runs out; none: it does not.
    pub(crate) granted_until: Option<Timestamp>,
    /// Whether /start was pressed in private.
    pub(crate) started: bool,
    /// Whether the owner has shut this user out.
    pub(crate) banned: bool,
    /// What the owner noted beside the ban.
    pub(crate) ban_reason: Option<String>,
    /// The language chosen here.
    pub(crate) language: Option<Language>,
    /// The language of their Telegram, when last seen.
    pub(crate) seen_language: Option<Language>,
    /// The model chosen here; none: by the question. The role may no longer have it.
    pub(crate) model: Option<ModelSlot>,
    /// The @name last seen, without the @.
    pub(crate) username: Option<String>,
    /// The first name last seen.
    pub(crate) first_name: Option<String>,
    /// When first seen.
    pub(crate) first_seen: Timestamp,
    /// When last seen.
    pub(crate) last_seen: Timestamp,
}

/// What an update shows of its sender.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    /// Who.
    pub(crate) id: UserId,
    /// The @name, without the @.
    pub(crate) username: Option<String>,
    /// The first name.
    pub(crate) first_name: Option<String>,
    /// The language of their Telegram, if the bot speaks it.
    pub(crate) language: Option<Language>,
    /// Whether this update is a /start in private; once true it stays so.
    pub(crate) started: bool,
}

/// The name of the owner who is not in the configuration.
const CLAIMED_OWNER: &str = "claimed_owner";

const COLUMNS: &str = "user_id, role, granted_until, started, banned, language, username, first_name, first_seen, \
                       last_seen, ban_reason, model, seen_language";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let language = |column| {
        Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.and_then(|code| code.parse().ok()))
    };
    Ok(User {
        id: UserId(row.get(0)?),
        granted: row.get::<_, Option<String>>(1)?.and_then(|name| name.parse().ok()),
        granted_until: row.get::<_, Option<i64>>(2)?.map(from_ms),
        started: row.get(3)?,
        banned: row.get(4)?,
        language: language(5)?,
        seen_language: language(12)?,
        username: row.get(6)?,
        first_name: row.get(7)?,
        first_seen: from_ms(row.get(8)?),
        last_seen: from_ms(row.get(9)?),
        ban_reason: row.get(10)?,
        model: row.get::<_, Option<String>>(11)?.and_then(|name| name.parse().ok()),
    })
}

impl Tx<'_> {
    /// A user, none if never seen and never granted anything.
    pub(crate) fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let mut select = self.sql(&format!("SELECT {COLUMNS} FROM users WHERE user_id = ?1"))?;
        Ok(select.query_row([id.0], user).optional()?)
    }

    /// The user who was last seen under this @name, with or without the @, in any case.
    pub(crate) fn user_by_name(&self, name: &str) -> Result<Option<User>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM users WHERE username = ?1 COLLATE NOCASE ORDER BY last_seen DESC LIMIT 1"
        ))?;
        Ok(select.query_row([name.strip_prefix('@').unwrap_or(name)], user).optional()?)
    }

    /// Writes down that a user was seen, and returns the user as now known.
    pub(crate) fn touch_user(&mut self, seen: &Seen) -> Result<User, StoreError> {
        let (now, language) = (ms(self.now()), seen.language.map(Language::code));
        let mut upsert = self.sql(&format!(
            "INSERT INTO users (user_id, username, first_name, started, first_seen, last_seen, seen_language)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)
             ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, first_name = excluded.first_name,
               started = max(started, excluded.started), last_seen = excluded.last_seen,
               seen_language = coalesce(excluded.seen_language, seen_language)
             RETURNING {COLUMNS}"
        ))?;
        Ok(upsert
            .query_row((seen.id.0, &seen.username, &seen.first_name, seen.started, now, language), user)?)
    }

    /// Grants a role until `until`, or takes the grant back; the user need not have been seen.
    pub(crate) fn set_role(
        &mut self,
        id: UserId,
        role: Option<Role>,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let until = until.filter(|_| role.is_some()).map(ms);
        self.set_user(id, "role = ?2, granted_until = ?3", (id.0, role.map(Role::name), until))
    }

    /// Shuts a user out, with a note; false if they were out already, which gets the new note.
    pub(crate) fn ban(&mut self, id: UserId, reason: Option<&str>) -> Result<bool, StoreError> {
        let was = self.user(id)?.is_some_and(|user| user.banned);
        self.set_user(id, "banned = 1, ban_reason = ?2", (id.0, reason))?;
        Ok(!was)
    }

    /// Lets a user in again; false if they were not shut out.
    pub(crate) fn unban(&mut self, id: UserId) -> Result<bool, StoreError> {
        let mut update =
            self.sql("UPDATE users SET banned = 0, ban_reason = NULL WHERE user_id = ?1 AND banned = 1")?;
        Ok(update.execute([id.0])? == 1)
    }

    /// The first `limit` users after `after` by id who were last seen at `since` or later.
    pub(crate) fn users(&self, after: UserId, since: Timestamp, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM users WHERE user_id > ?1 AND last_seen >= ?2 ORDER BY user_id LIMIT ?3"
        ))?;
        Ok(select.query_map((after.0, ms(since), limit), user)?.collect::<Result<_, _>>()?)
    }

    /// Users whose grant has run out at `now`, the longest ago first, at most `limit`.
    pub(crate) fn grants_run_out(&self, now: Timestamp, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM users WHERE granted_until <= ?1 ORDER BY granted_until LIMIT ?2"
        ))?;
        Ok(select.query_map((ms(now), limit), user)?.collect::<Result<_, _>>()?)
    }

    /// When the next grant runs out; none if none does.
    pub(crate) fn next_grant_end(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self.sql("SELECT min(granted_until) FROM users WHERE granted_until IS NOT NULL")?;
        Ok(select.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(from_ms))
    }

    /// Who claimed this bot while it had no owner.
    pub(crate) fn claimed_owner(&self) -> Result<Option<UserId>, StoreError> {
        Ok(self.meta::<i64>(CLAIMED_OWNER)?.map(UserId))
    }

    /// Makes `id` the owner of a bot that nobody claimed yet; false if somebody did.
    pub(crate) fn claim_owner(&mut self, id: UserId) -> Result<bool, StoreError> {
        if self.claimed_owner()?.is_some() {
            return Ok(false);
        }
        self.set_meta(CLAIMED_OWNER, id.0)?;
        Ok(true)
    }

    /// Sets the language, or leaves it to Telegram again.
    pub(crate) fn set_language(&mut self, id: UserId, language: Option<Language>) -> Result<(), StoreError> {
        self.set_user(id, "language = ?2", (id.0, language.map(Language::code)))
    }

    /// Sets the model of the user's questions, or leaves it to the questions again.
    pub(crate) fn set_model(&mut self, id: UserId, model: Option<ModelSlot>) -> Result<(), StoreError> {
        self.set_user(id, "model = ?2", (id.0, model.map(ModelSlot::name)))
    }

    fn set_user(
        &mut self,
        id: UserId,
        assignment: &'static str,
        values: impl rusqlite::Params,
    ) -> Result<(), StoreError> {
        let now = ms(self.now());
        self.sql(
            "INSERT INTO users (user_id, first_seen, last_seen) VALUES (?1, ?2, ?2) ON CONFLICT (user_id) DO NOTHING",
        )?
        .execute((id.0, now))?;
        self.sql(&format!("UPDATE users SET {assignment} WHERE user_id = ?1"))?.execute(values)?;
        Ok(())
    }
}
