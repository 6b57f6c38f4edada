//! The people of the fake Telegram: one of every role, or several, each with the rights the real bot gives them.

use std::fmt;
use std::str::FromStr;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::chat::{Language, UserId};
use crate::domain::role::Role;
use crate::error::CommandError;
use crate::sandbox::telegram::{ChatSpec, User};
use crate::store::{Seen, Store};

/// Ids of people other than the owner begin here.
const FIRST_ID: i64 = 2_000_000;
/// The group in which guests are met.
const GROUP: i64 = -1_001_000_000_001;
const GROUP_TITLE: &str = "svs sandbox";

/// Somebody by role and number: `vip` or `vip2`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Who {
    pub(crate) role: Role,
    /// Counted from 1.
    pub(crate) number: u16,
}

impl Who {
    /// The only owner.
    const OWNER: Who = Who { role: Role::Owner, number: 1 };
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => f.pad(self.role.name()),
            number => f.pad(&format!("{}{number}", self.role)),
        }
    }
}

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Who, String> {
        let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let role = name.parse().map_err(|error: crate::domain::role::UnknownRole| error.to_string())?;
        let number = match &text[name.len()..] {
            "" => Ok(1),
            digits => digits.parse().ok().filter(|number| *number > 0).ok_or("people are counted from 1"),
        };
        Ok(Who { role, number: number? })
    }
}

/// A person with the place where they speak.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) who: Who,
    pub(super) user: User,
    pub(super) chat: ChatSpec,
}

impl Person {
    fn new(who: Who, id: i64, language: Language) -> Person {
        let name = who.to_string();
        let shown = name[..1].to_uppercase() + &name[1..];
        // As Telegram writes it.
        let tag = if language == Language::ZH { "zh-hans" } else { language.code() };
        let user = User::new(id, &shown).username(&format!("sandbox_{name}")).language(tag);
        let chat = match who.role {
            // Whoever speaks in private is more than a guest.
            Role::Guest => ChatSpec::supergroup(GROUP, GROUP_TITLE),
            _ => ChatSpec::Private,
        };
        Person { who, user, chat }
    }

    /// The chat in which they are answered.
    pub(super) fn chat_id(&self) -> i64 {
        self.chat.chat_id(&self.user)
    }

    /// What they type, as it must be said there: in a group the bot listens to `/ask`.
    pub(super) fn phrase(&self, text: &str) -> String {
        match self.chat {
            ChatSpec::Private => text.to_owned(),
            _ if text.starts_with('/') => text.to_owned(),
            _ => format!("/ask {text}"),
        }
    }
}

/// Everybody.
#[derive(Clone, Debug)]
pub(super) struct People(Vec<Person>);

impl People {
    /// So many of every role, and one owner, whose id the bot's configuration names.
    pub(super) fn new(each: u16, owner_id: i64, language: Language) -> People {
        let others = Role::ALL.into_iter().filter(|role| *role != Role::Owner);
        let others = others.flat_map(|role| (1..=each).map(move |number| Who { role, number }));
        let id = |who: Who| FIRST_ID + 1000 * who.role.index() as i64 + i64::from(who.number);
        let owner = Person::new(Who::OWNER, owner_id, language);
        let others = others.map(|who| Person::new(who, id(who), language));
        People(std::iter::once(owner).chain(others).collect())
    }

    /// Somebody, or the reason why there is no such person.
    pub(super) fn find(&self, who: Who) -> Result<&Person, String> {
        self.0.iter().find(|person| person.who == who).ok_or_else(|| match who.role {
            Role::Owner => "there is one owner".to_owned(),
            _ => format!("there is no {who}; --users {} makes so many of every role", who.number),
        })
    }

    /// Who is answered in this chat; in the group nobody in particular.
    pub(super) fn of_chat(&self, chat: i64) -> Option<Who> {
        self.0.iter().find(|person| person.user.id == chat).map(|person| person.who)
    }

    /// Grants the roles that an owner grants by hand, before the bot opens its state.
    pub(super) async fn grant(&self, config: &Config, clock: &Clock) -> Result<(), CommandError> {
        let store = Store::open(&config.state_dir, clock.clone())?;
        let granted = self.0.iter().filter(|person| matches!(person.who.role, Role::Vip | Role::Premium));
        let granted: Vec<(Seen, Role)> = granted
            .map(|person| {
                let seen = Seen {
                    id: UserId(person.user.id),
                    username: person.user.username.clone(),
                    first_name: Some(person.user.first_name.clone()),
                    language: None,
                    started: true,
                };
                (seen, person.who.role)
            })
            .collect();
        store
            .commit(move |tx| {
                granted.iter().try_for_each(|(seen, role)| {
                    tx.touch_user(seen)?;
                    tx.set_role(seen.id, Some(*role), None)
                })
            })
            .await?;
        store.close().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_a_role_and_a_number() {
        for (text, role, number) in
            [("vip", Role::Vip, 1), ("vip2", Role::Vip, 2), ("guest12", Role::Guest, 12)]
        {
            assert_eq!(text.parse(), Ok(Who { role, number }));
            assert_eq!(Who { role, number }.to_string(), text);
        }
        for wrong in ["", "2", "vip0", "Vip", "vip-1", "vip 2", "root", "vip99999"] {
            assert!(wrong.parse::<Who>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn everybody_has_an_id_of_their_own_and_guests_speak_in_the_group() {
        let people = People::new(20, 1_000_001, Language::EN);
        let mut ids: Vec<i64> = people.0.iter().map(|person| person.user.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 81);
        let find = |text: &str| people.find(text.parse().unwrap());
        assert!(find("owner2").is_err() && find("vip21").is_err());
        let guest = find("guest").unwrap();
        assert_eq!(
            (guest.phrase("hi"), guest.phrase("/status")),
            ("/ask hi".to_owned(), "/status".to_owned())
        );
        assert_eq!(find("normal").unwrap().phrase("hi"), "hi");
        assert_eq!(people.of_chat(find("vip3").unwrap().chat_id()).unwrap().to_string(), "vip3");
        assert_eq!(people.of_chat(guest.chat_id()), None);
    }
}
