//! What the terminal itself says in a conversation, in the language of its people.

use crate::domain::chat::Language;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) welcome: &'static str,
    pub(super) thinking: &'static str,
    pub(super) typing: &'static str,
    pub(super) nothing: &'static str,
    pub(super) guest: &'static str,
    pub(super) faults_set: &'static str,
    pub(super) faults_off: &'static str,
    pub(super) press: &'static str,
}

const ENGLISH: Words = Words {
    welcome: "The real bot talks to a fake Telegram and a fake Gemini, all on this machine.\n\
              Type a message, or one of the bot's commands: /start /status /vip /new /stop /lang /help\n\
              For this terminal: /as owner|vip|premium|normal|guest   /fail A1=429   /fail off   /quit",
    thinking: "[thinking…]",
    typing: "[typing…]",
    nothing: "(the bot says nothing)",
    guest: "(guests are met in a group; /ask is put before what you type)",
    faults_set: "(from now on; /fail off ends it)",
    faults_off: "(all is well again)",
    press: "/press",
};

const CHINESE: Words = Words {
    welcome: "真正的机器人，对面是假的 Telegram 和假的 Gemini，全部只在这台机器上运行。\n\
              直接输入消息，或使用机器人的命令：/start /status /vip /new /stop /lang /help\n\
              本终端的命令：/as owner|vip|premium|normal|guest   /fail A1=429   /fail off   /quit",
    thinking: "[思考中…]",
    typing: "[正在输入…]",
    nothing: "（机器人没有回应）",
    guest: "（访客在群里发言，你输入的内容前会自动加上 /ask）",
    faults_set: "（已生效，/fail off 可取消）",
    faults_off: "（已恢复正常）",
    press: "/press",
};

impl Words {
    /// Those of a language.
    pub(super) const fn of(language: Language) -> &'static Words {
        match language {
            Language::ZH => &CHINESE,
            // The terminal of a bot in another language speaks as the command line does.
            _ => &ENGLISH,
        }
    }
}
