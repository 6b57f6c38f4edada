//! Reads commands: `/name@bot arguments`.

/// What a person can tell the bot to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    /// Begin.
    Start,
    /// How to use it.
    Help,
    /// How things are.
    Status,
    /// The VIP room.
    Vip,
    /// Forget the conversation.
    New,
    /// Stop the running answer.
    Stop,
    /// Ask the latest question again.
    Retry,
    /// Choose the bot's language.
    Lang,
    /// Ask, in a group.
    Ask,
    /// Draw a picture.
    Image,
    /// Who the bot takes the person for.
    Whoami,
    /// What the person has left.
    Quota,
    /// Choose the model.
    Model,
    /// The owner's: how the keys are.
    Keys,
    /// The owner's: who is here.
    Users,
    /// The owner's: give somebody a role.
    Grant,
    /// The owner's: take a granted role back.
    Revoke,
    /// The owner's: shut somebody out.
    Ban,
    /// The owner's: let somebody in again.
    Unban,
    /// The owner's: end somebody's VIP session.
    Kick,
}

impl Command {
    /// All commands, in the order of the menu.
    pub(crate) const ALL: [Command; 20] = [
        Command::New,
        Command::Stop,
        Command::Retry,
        Command::Status,
        Command::Vip,
        Command::Lang,
        Command::Help,
        Command::Start,
        Command::Ask,
        Command::Image,
        Command::Whoami,
        Command::Quota,
        Command::Model,
        Command::Keys,
        Command::Users,
        Command::Grant,
        Command::Revoke,
        Command::Ban,
        Command::Unban,
        Command::Kick,
    ];

    /// The name after the slash.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Command::Start => "start",
            Command::Help => "help",
            Command::Status => "status",
            Command::Vip => "vip",
            Command::New => "new",
            Command::Stop => "stop",
            Command::Retry => "retry",
            Command::Lang => "lang",
            Command::Ask => "ask",
            Command::Image => "image",
            Command::Whoami => "whoami",
            Command::Quota => "quota",
            Command::Model => "model",
            Command::Keys => "keys",
            Command::Users => "users",
            Command::Grant => "grant",
            Command::Revoke => "revoke",
            Command::Ban => "ban",
            Command::Unban => "unban",
            Command::Kick => "kick",
        }
    }

    /// Whether only owners may use it.
    pub(crate) const fn is_owners(self) -> bool {
        self.is_order() || matches!(self, Command::Keys | Command::Users)
    }

    /// Whether it changes what somebody may do. Orders wait for no answer, but run in the order of their arrival.
    pub(crate) const fn is_order(self) -> bool {
        matches!(self, Command::Grant | Command::Revoke | Command::Ban | Command::Unban | Command::Kick)
    }

    /// Whether it runs beside a running answer instead of after it. Those that change the conversation do not.
    pub(crate) const fn overtakes(self) -> bool {
        let tells = matches!(
            self,
            Command::Stop | Command::Status | Command::Help | Command::Vip | Command::Whoami | Command::Quota
        );
        tells || self.is_owners()
    }
}

/// A message read as a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading<'a> {
    /// It is text.
    Text,
    /// It is for us.
    Command(Command, &'a str),
    /// It is for us, and we do not know it.
    Unknown,
    /// It is for another bot.
    Foreign,
}

/// Reads `text`, where we are called `bot`.
pub(crate) fn read<'a>(text: &'a str, bot: &str) -> Reading<'a> {
    let Some(command) = text.trim_start().strip_prefix('/') else { return Reading::Text };
    let end = command.find(char::is_whitespace).unwrap_or(command.len());
    let (word, arguments) = command.split_at(end);
    let (name, addressee) = match word.split_once('@') {
        Some((name, addressee)) => (name, Some(addressee)),
        None => (word, None),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.len() > 32 || !name.chars().all(is_name) {
        // "/etc/hosts" or "/ 2" is somebody's text.
        return Reading::Text;
    }
    if addressee.is_some_and(|addressee| !addressee.eq_ignore_ascii_case(bot)) {
        return Reading::Foreign;
    }
    match Command::ALL.into_iter().find(|command| command.name().eq_ignore_ascii_case(name)) {
        Some(command) => Reading::Command(command, arguments.trim()),
        None => Reading::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn a_command_is_read_whatever_its_case_and_addressee() {
        use Command::{Ask, Kick, Lang, New, Start, Stop};
        let cases = [
            ("hello", Reading::Text),
            ("/start", Reading::Command(Start, "")),
            ("/start ref_42", Reading::Command(Start, "ref_42")),
            ("/START@My_Bot x", Reading::Command(Start, "x")),
            ("/new@my_bot", Reading::Command(New, "")),
            ("/stop@other_bot", Reading::Foreign),
            ("/kick@other_bot 1", Reading::Foreign),
            ("/kick", Reading::Command(Kick, "")),
            ("/KICK 10000000000000000000", Reading::Command(Kick, "10000000000000000000")),
            ("/ask\nwhat\nis it?", Reading::Command(Ask, "what\nis it?")),
            ("  /lang  zh ", Reading::Command(Lang, "zh")),
            ("/stop", Reading::Command(Stop, "")),
            ("/image a cat", Reading::Command(Command::Image, "a cat")),
            ("/", Reading::Text),
            ("/ new", Reading::Text),
            ("/etc/hosts", Reading::Text),
            ("/新", Reading::Text),
            ("//start", Reading::Text),
            ("/startle", Reading::Unknown),
            ("see /start", Reading::Text),
        ];
        for (text, reading) in cases {
            assert_eq!(read(text, "my_bot"), reading, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".*", bot in "[a-z_]{0,12}") {
            let _ = read(&text, &bot);
        }
    }
}
