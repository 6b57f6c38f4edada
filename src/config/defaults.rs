//! The defaults of the shell's settings, each written once; those of the policy are `Rules::default()`.

use std::time::Duration;

use super::settings::{
    AskConfig, GeminiConfig, LogConfig, LogFormat, LogLevel, Pace, StorageConfig, StreamMode, TelegramConfig,
};
use crate::domain::chat::Language;
use crate::domain::model::PerModel;
use crate::domain::policy::keywords::Keywords;
use crate::domain::role::Role;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn days(n: u64) -> Duration {
    Duration::from_hours(n * 24)
}

impl Default for TelegramConfig {
    fn default() -> TelegramConfig {
        TelegramConfig {
            token: None,
            api_url: "https://api.telegram.org".to_owned(),
            proxy: None,
            owner_ids: Vec::new(),
            closed: false,
            on_start: Role::Normal,
            language: Some(Language::EN),
            stream: StreamMode::Auto,
            footer: false,
            // The server caps it at 50 s.
            poll_timeout: secs(25),
            // About 20 sends and edits a minute and chat; groups get a little less.
            private_pace: Pace { burst: 6, interval: secs(3) },
            group_pace: Pace { burst: 4, interval: secs(4) },
            keywords: Keywords::default(),
        }
    }
}

impl Default for GeminiConfig {
    fn default() -> GeminiConfig {
        GeminiConfig {
            api_url: "https://generativelanguage.googleapis.com".to_owned(),
            version: "v1beta".to_owned(),
            models: PerModel([
                Some("gemini-3.5-flash-lite".to_owned()),
                Some("gemini-3.8-flash".to_owned()),
                Some("gemini-3.1-pro-preview".to_owned()),
                None,
            ]),
            connect: secs(5),
            first_event: PerModel([secs(20), secs(40), secs(90), secs(90)]),
            between_events: secs(20),
            attempt: PerModel([secs(60), secs(90), secs(180), secs(180)]),
            proxy: None,
            safety: Vec::new(),
            thinking_level: PerModel::default(),
            max_output_tokens: None,
            temperature: None,
            system_prompt: None,
        }
    }
}

impl Default for AskConfig {
    fn default() -> AskConfig {
        AskConfig { role: Role::Owner }
    }
}

impl Default for StorageConfig {
    fn default() -> StorageConfig {
        StorageConfig {
            // Telegram keeps unread updates 24 h; twice that outlives every repetition.
            inbox: days(2),
            history: days(30),
            requests: days(7),
            sends: days(35),
        }
    }
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig { level: LogLevel::Info, format: LogFormat::Auto, ids: false }
    }
}
