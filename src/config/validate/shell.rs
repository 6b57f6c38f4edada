//! What is not policy: the bot, upstream, the socket, the log.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::endpoint;
use super::key_text::is_placeholder;
use crate::config::problem::Origin;
use crate::config::reader::Reader;
use crate::config::secret::Secret;
use crate::config::settings::{
    AskConfig, GeminiConfig, HttpConfig, LogConfig, LogFormat, LogLevel, Pace, StorageConfig, StreamMode,
    TelegramConfig,
};
use crate::config::toml_file::Raw;
use crate::config::value::{OFF, number, quoted, text, whole};
use crate::domain::chat::{Language, UserId};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::keywords::Keywords;
use crate::domain::role::Role;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// The word for the door where it usually is.
const ON: &str = "on";
/// Only this machine; the port that programs of this kind usually have.
const HTTP_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Time limits of one call.
const CALL: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_mins(30);

/// `[telegram]`.
pub(super) fn telegram(reader: &mut Reader<'_>) -> TelegramConfig {
    let default = TelegramConfig::default();
    TelegramConfig {
        token: token(reader),
        api_url: endpoint::api_url(reader, "telegram.api_url", &default.api_url),
        proxy: endpoint::proxy(reader, "telegram.proxy"),
        owner_ids: owner_ids(reader),
        closed: reader.flag("telegram.closed", default.closed),
        on_start: reader.word(
            "roles.on_start",
            default.on_start,
            &roles(&[Role::Guest, Role::Normal, Role::Premium]),
        ),
        language: Some(reader.word(
            "telegram.language",
            default.language.unwrap_or_default(),
            &Language::ALL.map(|language| (language.code(), language)),
        )),
        stream: reader.word(
            "telegram.stream",
            default.stream,
            &[
                ("auto", StreamMode::Auto),
                ("draft", StreamMode::Draft),
                ("edit", StreamMode::Edit),
                (OFF, StreamMode::Off),
            ],
        ),
        footer: reader.flag("telegram.footer", default.footer),
        poll_timeout: reader.duration("telegram.poll_timeout", default.poll_timeout, SECOND..=50 * SECOND),
        private_pace: pace(reader, "telegram.private", default.private_pace),
        group_pace: pace(reader, "telegram.group", default.group_pace),
        keywords: keywords(reader),
    }
}

/// `[groups]`: words that call the bot.
fn keywords(reader: &mut Reader<'_>) -> Keywords {
    const NAME: &str = "groups.keywords";
    let expected = "a list of words of at most 64 characters like [\"gemini\", \"小助手\"]";
    let mut keywords = Keywords::default();
    let (items, origin) = reader.list(NAME, expected).unwrap_or((Vec::new(), Origin::Default));
    for item in items {
        match text(&item.raw) {
            Some(word) if word.starts_with('/') => {
                let message =
                    format!("{NAME}: a keyword cannot begin with a slash; commands need no keyword");
                reader.problem(&item.origin, message, None);
            }
            Some(word) if keywords.add(word) => {}
            Some(word) if keywords.find(word).is_some() => {
                reader.warning(&item.origin, format!("{NAME}: a word is there twice"));
            }
            _ => reader.wrong(NAME, expected, &item),
        }
    }
    let written: Vec<String> = keywords.iter().map(quoted).collect();
    reader.show(NAME, format!("[{}]", written.join(", ")), &origin);
    keywords
}

fn roles(roles: &[Role]) -> Vec<(&'static str, Role)> {
    roles.iter().map(|role| (role.name(), *role)).collect()
}

fn pace(reader: &mut Reader<'_>, prefix: &str, default: Pace) -> Pace {
    Pace {
        burst: reader.count(&format!("{prefix}_burst"), default.burst, 1..=1000),
        interval: reader.duration(
            &format!("{prefix}_interval"),
            default.interval,
            Duration::from_millis(10)..=MINUTE,
        ),
    }
}

fn token(reader: &mut Reader<'_>) -> Option<Secret> {
    const NAME: &str = "telegram.token";
    let Some((token, origin)) = reader.secret(NAME) else {
        reader.show(NAME, quoted(OFF), &Origin::Default);
        return None;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-');
    if is_placeholder(token.expose()) {
        let hint = "get a token from @BotFather";
        reader.problem(&origin, format!("{NAME} is a placeholder, not a token"), Some(hint));
        return None;
    }
    if let Some(at) = token.expose().bytes().position(|byte| !plain(byte)) {
        let message = format!("{NAME} has a character that no token has at position {}", at + 1);
        reader.problem(&origin, message, Some("copy the token again from @BotFather"));
        return None;
    }
    let usual = token.expose().split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) && rest.len() >= 30
    });
    if !usual {
        reader.warning(&origin, format!("{NAME} does not look like a bot's token (123456789:AA…)"));
    }
    crate::redact::register(token.expose());
    reader.show_secret(NAME, quoted(&token.masked()), &token, &origin);
    Some(token)
}

fn owner_ids(reader: &mut Reader<'_>) -> Vec<UserId> {
    const NAME: &str = "telegram.owner_ids";
    let expected = "a list of numeric user ids like [123456789]";
    let mut ids = Vec::new();
    let (items, origin) = reader.list(NAME, expected).unwrap_or((Vec::new(), Origin::Default));
    for item in items {
        let id = match &item.raw {
            Raw::Integer(Some(id)) => i64::try_from(*id).ok(),
            Raw::Word(_) => text(&item.raw).and_then(|id| id.parse().ok()),
            _ => None,
        };
        match id.filter(|id| *id > 0) {
            Some(id) if ids.contains(&UserId(id)) => {}
            Some(id) => ids.push(UserId(id)),
            None if text(&item.raw).is_some_and(|name| name.starts_with('@')) => {
                let hint =
                    "names can be registered again by others; send /start to the bot: it tells your id";
                reader.problem(&item.origin, format!("{NAME} must be numeric ids, not @names"), Some(hint));
            }
            None => reader.wrong(NAME, expected, &item),
        }
    }
    let written: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
    reader.show(NAME, format!("[{}]", written.join(", ")), &origin);
    ids
}

/// `[gemini]`.
pub(super) fn gemini(reader: &mut Reader<'_>) -> GeminiConfig {
    let default = GeminiConfig::default();
    let models = PerModel::from_fn(|slot| {
        let name = format!("gemini.models.{slot}");
        let id = reader.text_or_off(&name, default.models[slot].clone());
        path_segment(reader, &name, id)
    });
    let version = reader.text_or_off("gemini.version", Some(default.version.clone()));
    let version = path_segment(reader, "gemini.version", version);
    GeminiConfig {
        api_url: endpoint::api_url(reader, "gemini.api_url", &default.api_url),
        version: version.unwrap_or(default.version),
        models,
        connect: reader.duration("gemini.connect", default.connect, CALL),
        first_event: PerModel::from_fn(|slot| {
            reader.duration(&format!("gemini.first_event.{slot}"), default.first_event[slot], CALL)
        }),
        between_events: reader.duration("gemini.between_events", default.between_events, CALL),
        attempt: PerModel::from_fn(|slot| {
            reader.duration(&format!("gemini.attempt.{slot}"), default.attempt[slot], CALL)
        }),
        proxy: endpoint::proxy(reader, "gemini.proxy"),
        safety: safety(reader),
        thinking_level: PerModel::from_fn(|slot| thinking_level(reader, slot)),
        max_output_tokens: reader.count_or_off(
            "gemini.max_output_tokens",
            default.max_output_tokens,
            1..=1_000_000,
        ),
        temperature: temperature(reader),
        system_prompt: reader.text_or_off("gemini.system_prompt", default.system_prompt),
    }
}

/// A part of a path: a model id or a version must not lead anywhere else.
fn path_segment(reader: &mut Reader<'_>, name: &str, value: Option<String>) -> Option<String> {
    let value = value?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if value.bytes().all(fits) && value != "." && value != ".." {
        return Some(value);
    }
    let origin = reader.settings.last().map_or(Origin::Default, |setting| setting.origin.clone());
    reader.problem(&origin, format!("{name} may hold letters, digits, '-', '_' and '.' only"), None);
    None
}

fn thinking_level(reader: &mut Reader<'_>, slot: ModelSlot) -> Option<String> {
    let levels = [OFF, "minimal", "low", "medium", "high"].map(|level| (level, level));
    let level = reader.word(&format!("gemini.thinking_level.{slot}"), OFF, &levels);
    (level != OFF).then(|| level.to_owned())
}

fn temperature(reader: &mut Reader<'_>) -> Option<f32> {
    let parse = |raw: &Raw| {
        if text(raw) == Some(OFF) {
            return Some(None);
        }
        number(raw).filter(|x| (0.0..=2.0).contains(x)).map(|x| Some(x as f32))
    };
    let expected = "a number from 0 to 2 or \"off\"";
    reader.read("gemini.temperature", None, expected, parse, |x| {
        x.map_or_else(|| quoted(OFF), |x| format!("{x:?}"))
    })
}

/// `[gemini.safety]`: category and threshold, as Google names them; a name nobody knows yet is sent as it is.
fn safety(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    const SECTION: &str = "gemini.safety.";
    const THRESHOLDS: [&str; 5] =
        ["OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"];
    let mut names: Vec<String> =
        reader.layers.toml.values.keys().filter(|path| path.starts_with(SECTION)).cloned().collect();
    names.sort();
    let mut safety = Vec::new();
    for path in names {
        let Some(node) = reader.found(&path) else { continue };
        let category = &path[SECTION.len()..];
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        match text(&node.raw) {
            Some(threshold)
                if category.starts_with("HARM_CATEGORY_") && is_name(category) && is_name(threshold) =>
            {
                if !THRESHOLDS.contains(&threshold) {
                    reader.warning(&node.origin, format!("{path}: svs does not know this threshold"));
                }
                reader.show(&path, quoted(threshold), &node.origin);
                safety.push((category.to_owned(), threshold.to_owned()));
            }
            _ => reader.wrong(&path, "written like HARM_CATEGORY_HARASSMENT = \"BLOCK_ONLY_HIGH\"", &node),
        }
    }
    safety
}

/// `[http]`.
pub(super) fn http(reader: &mut Reader<'_>) -> HttpConfig {
    const NAME: &str = "http.listen";
    let expected = "an address like \"127.0.0.1:8080\", \"on\" for just that, or \"off\"";
    let parse = |raw: &Raw| match text(raw)? {
        "" | OFF => Some(None),
        ON => Some(Some(HTTP_DEFAULT)),
        address => {
            let address = address.strip_prefix("localhost:").map_or_else(
                || address.to_owned(),
                // Not resolved: the first name in a file must not decide who can reach us.
                |port| format!("127.0.0.1:{port}"),
            );
            address.parse().ok().map(Some)
        }
    };
    let write = |listen: &Option<SocketAddr>| {
        quoted(&listen.map_or_else(|| OFF.to_owned(), |listen| listen.to_string()))
    };
    let listen = reader.read(NAME, None, expected, parse, write);
    let origin = reader.settings.last().map_or(Origin::Default, |setting| setting.origin.clone());
    if let Some(address) = listen
        && !address.ip().is_loopback()
    {
        let message = format!(
            "{NAME}: whoever reaches {address} can read /health, /ready and /metrics; nobody is asked who they are"
        );
        reader.warning(&origin, message);
    }
    HttpConfig { listen }
}

/// `[ask]`.
pub(super) fn ask(reader: &mut Reader<'_>) -> AskConfig {
    AskConfig { role: reader.word("ask.role", AskConfig::default().role, &roles(&Role::ALL)) }
}

/// `[storage]` but for its folder.
pub(super) fn storage(reader: &mut Reader<'_>) -> StorageConfig {
    let default = StorageConfig::default();
    for (set, name) in [(endpoint::redis(reader), "Redis"), (endpoint::supabase(reader), "Supabase")] {
        if set {
            reader.warning(
                &Origin::Default,
                format!("{name} is configured, and this version does not use it yet"),
            );
        }
    }
    StorageConfig {
        inbox: reader.duration("storage.keep_inbox", default.inbox, DAY..=3650 * DAY),
        history: reader.duration("storage.keep_history", default.history, MINUTE..=3650 * DAY),
        requests: reader.duration("storage.keep_requests", default.requests, 7 * DAY..=3650 * DAY),
        sends: reader.duration("storage.keep_sends", default.sends, 7 * DAY..=3650 * DAY),
    }
}

/// `[log]`.
pub(super) fn log(reader: &mut Reader<'_>) -> LogConfig {
    let default = LogConfig::default();
    let formats = [
        ("auto", LogFormat::Auto),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
        ("journal", LogFormat::Journal),
    ];
    LogConfig {
        level: log_level(reader, default.level),
        format: reader.word("log.format", default.format, &formats),
        ids: reader.flag("log.ids", default.ids),
    }
}

/// A level nobody knows is no reason to stay down: other programs read `LOG_LEVEL` too, and know other words.
fn log_level(reader: &mut Reader<'_>, default: LogLevel) -> LogLevel {
    const NAME: &str = "log.level";
    let node = reader.found(NAME);
    let origin = node.as_ref().map_or(Origin::Default, |node| node.origin.clone());
    let level = match &node {
        None => default,
        Some(node) => {
            let word = text(&node.raw).unwrap_or_default().to_ascii_lowercase();
            LogLevel::of_name(&word).unwrap_or_else(|| {
                let message = format!("{NAME} is not error, warn, info, debug or trace; info is used");
                reader.warning(&origin, message);
                LogLevel::Info
            })
        }
    };
    reader.show(NAME, quoted(level.name()), &origin);
    level
}

/// User ids that may use the socket.
pub(super) fn uids(reader: &mut Reader<'_>) -> Vec<u32> {
    const NAME: &str = "control.uids";
    let expected = "a list of user ids like [1000]";
    let mut uids = Vec::new();
    let (items, origin) = reader.list(NAME, expected).unwrap_or((Vec::new(), Origin::Default));
    for item in items {
        match whole(&item.raw, &(0..=u32::MAX)) {
            Some(uid) => uids.push(uid),
            None => reader.wrong(NAME, expected, &item),
        }
    }
    let written: Vec<String> = uids.iter().map(ToString::to_string).collect();
    reader.show(NAME, format!("[{}]", written.join(", ")), &origin);
    uids
}
