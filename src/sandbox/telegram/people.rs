//! Who writes, and where.

use serde_json::{Value, json};

/// A person, or another bot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Their id; also the id of the private chat with them.
    pub id: i64,
    /// Shown name.
    pub first_name: String,
    /// Second name.
    pub last_name: Option<String>,
    /// Without the `@`.
    pub username: Option<String>,
    /// As `zh-hans`, `en`.
    pub language_code: Option<String>,
    /// Another bot.
    pub is_bot: bool,
}

impl User {
    /// A person with a name and nothing else.
    pub fn new(id: i64, first_name: &str) -> User {
        User {
            id,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: None,
            is_bot: false,
        }
    }

    /// With a username, without the `@`.
    #[must_use]
    pub fn username(self, name: &str) -> User {
        User { username: Some(name.to_owned()), ..self }
    }

    /// With the language of their client.
    #[must_use]
    pub fn language(self, code: &str) -> User {
        User { language_code: Some(code.to_owned()), ..self }
    }

    pub(super) fn json(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name});
        let optional = [
            ("last_name", &self.last_name),
            ("username", &self.username),
            ("language_code", &self.language_code),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                user[name] = json!(value);
            }
        }
        user
    }
}

/// Where something is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChatSpec {
    /// The private chat of the speaker.
    Private,
    /// A basic group; the id is negative.
    Group {
        /// As `-4001`.
        id: i64,
        /// Its name.
        title: String,
    },
    /// A supergroup; the id begins with -100.
    Supergroup {
        /// As `-1001234567890`.
        id: i64,
        /// Its name.
        title: String,
    },
    /// A topic of a supergroup that is a forum.
    Topic {
        /// The id of the supergroup.
        id: i64,
        /// The name of the supergroup.
        title: String,
        /// The thread; 1 is the General topic, whose messages carry no thread id.
        thread: i64,
    },
}

impl ChatSpec {
    /// A basic group.
    pub fn group(id: i64, title: &str) -> ChatSpec {
        ChatSpec::Group { id, title: title.to_owned() }
    }

    /// A supergroup.
    pub fn supergroup(id: i64, title: &str) -> ChatSpec {
        ChatSpec::Supergroup { id, title: title.to_owned() }
    }

    /// A topic.
    pub fn topic(id: i64, title: &str, thread: i64) -> ChatSpec {
        ChatSpec::Topic { id, title: title.to_owned(), thread }
    }

    /// The id of the chat when `user` speaks there.
    pub fn chat_id(&self, user: &User) -> i64 {
        match self {
            ChatSpec::Private => user.id,
            ChatSpec::Group { id, .. } | ChatSpec::Supergroup { id, .. } | ChatSpec::Topic { id, .. } => *id,
        }
    }

    /// The thread its messages carry.
    pub(super) fn thread(&self) -> Option<i64> {
        match self {
            ChatSpec::Topic { thread, .. } if *thread != 1 => Some(*thread),
            _ => None,
        }
    }
}
