//! What Telegram and Google say: names, clocks, the token, the webhook, what the bot sees in groups, a key of each
//! group, and whether the configured models are there.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Url;

use super::Check;
use crate::commands::Ctx;
use crate::config::{Config, ConfiguredKey, Secret};
use crate::domain::key::Group;
use crate::domain::time::Timestamp;
use crate::gemini::{GeminiClient, ModelInfo, Verdict, check_models};
use crate::telegram::{Api, ApiError, GetMe, GetWebhookInfo, Me};
use crate::ui::text::{count, harmless, span};

/// A Date header has whole seconds and is a network's way old: less than this is no difference.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);
/// From here on minutes and midnights are counted wrongly.
const CLOCK_WRONG: Duration = Duration::from_secs(30);
/// So many updates are waiting that nobody can have been fetching them.
const MANY_WAITING: u64 = 100;

/// Asks everybody, both at a time.
pub(super) async fn checks(config: &Config, ctx: &Ctx) -> Vec<Check> {
    let (telegram, google) = tokio::join!(telegram(config, ctx), google(config, ctx));
    telegram.into_iter().chain(google).collect()
}

async fn telegram(config: &Config, ctx: &Ctx) -> Vec<Check> {
    let name = dns(&config.telegram.api_url, config.telegram.proxy.as_ref(), "Telegram").await;
    let api = match Api::new(&config.telegram) {
        Ok(api) => api,
        Err(error) => return vec![name, Check::skip("getMe", error.to_string())],
    };
    let (clock, me, webhook) = tokio::join!(
        async { clock("Telegram", api.server_time().await, ctx) },
        api.call(&GetMe {}),
        api.call(&GetWebhookInfo {}),
    );
    let mut checks = vec![name, clock];
    match me {
        Ok(me) => {
            let name = me.username.as_deref().unwrap_or("a bot without a name");
            checks.push(Check::pass("getMe", format!("@{}", harmless(name))));
            checks.push(privacy(&me, !config.telegram.keywords.is_empty()));
            checks.push(topics(&me));
        }
        Err(ApiError::Unauthorized) => checks.push(Check::fail(
            "getMe",
            "Telegram does not know this token",
            "take a new one from @BotFather: /token",
        )),
        Err(error) => {
            checks.push(Check::fail("getMe", error.to_string(), "look at the network and telegram.proxy"));
        }
    }
    if let Ok(webhook) = webhook {
        checks.push(if !webhook.url.is_empty() {
            let found = format!("{} takes the updates, so svs cannot poll", harmless(&webhook.url));
            Check::fail("webhook", found, "svs webhook delete")
        } else if webhook.pending_update_count > MANY_WAITING {
            let found = format!("none, but {} updates wait at Telegram", webhook.pending_update_count);
            Check::warn("webhook", found, "svs status shows whether a daemon polls")
        } else {
            Check::pass("webhook", "none")
        });
    }
    checks
}

fn privacy(me: &Me, has_keywords: bool) -> Check {
    const NAME: &str = "privacy mode";
    match (me.can_read_all_group_messages, has_keywords) {
        (true, _) => Check::pass(NAME, "off: in groups the bot sees every message"),
        (false, false) => Check::pass(NAME, "on: in groups the bot sees commands, replies and mentions"),
        (false, true) => Check::warn(
            NAME,
            "on, so the bot does not hear groups.keywords where it is no administrator",
            "/setprivacy at @BotFather turns it off; then add the bot to its groups anew",
        ),
    }
}

fn topics(me: &Me) -> Check {
    const NAME: &str = "topics";
    match me.has_topics_enabled {
        Some(true) => Check::pass(NAME, "on: a private chat can hold several conversations"),
        Some(false) => Check::pass(NAME, "off: a private chat is one conversation"),
        None => Check::skip(NAME, "this Bot API server does not tell"),
    }
}

/// Whether a server's name leads anywhere; behind a proxy that is the proxy's to find out.
async fn dns(url: &str, proxy: Option<&Secret>, who: &str) -> Check {
    const NAME: &str = "DNS";
    let url = match proxy {
        Some(proxy) => Url::parse(proxy.expose()),
        None => Url::parse(url),
    };
    let Some((host, port)) =
        url.ok().and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)))
    else {
        return Check::skip(NAME, format!("{who}: no host"));
    };
    let whose = if proxy.is_some() { format!("the proxy for {who}, {host}") } else { host.clone() };
    let host = host.trim_matches(['[', ']']);
    match tokio::time::timeout(Duration::from_secs(5), tokio::net::lookup_host((host, port))).await {
        Ok(Ok(_)) => Check::pass(NAME, whose),
        Ok(Err(error)) => Check::fail(NAME, format!("{whose}: {error}"), "look at /etc/resolv.conf"),
        Err(_) => Check::fail(NAME, format!("{whose}: no answer in 5s"), "look at /etc/resolv.conf"),
    }
}

/// Compares clocks. A server that cannot be reached is told by what is asked of it.
fn clock(who: &str, told: Option<Timestamp>, ctx: &Ctx) -> Check {
    const NAME: &str = "clock";
    let Some(told) = told else { return Check::skip(NAME, format!("{who} tells no time")) };
    let now = ctx.clock.now();
    // The header is cut to whole seconds.
    let told = told + Duration::from_millis(500);
    let (apart, word) = if now > told { (now.since(told), "ahead of") } else { (told.since(now), "behind") };
    let found = format!("{} {word} {who}", span(Duration::from_secs(apart.as_secs())));
    let fix = "timedatectl set-ntp true";
    match apart {
        apart if apart > CLOCK_WRONG => Check::fail(NAME, found, fix),
        apart if apart > CLOCK_TOLERANCE => Check::warn(NAME, found, fix),
        _ => Check::pass(NAME, format!("agrees with {who}")),
    }
}

async fn google(config: &Config, ctx: &Ctx) -> Vec<Check> {
    let name = dns(&config.gemini.api_url, config.gemini.proxy.as_ref(), "Google").await;
    let client = match GeminiClient::new(&config.gemini) {
        Ok(client) => client,
        Err(error) => return vec![name, Check::fail("keys", error.to_string(), "svs config show gemini")],
    };
    let sample = sample(&config.keys);
    let asking = sample.iter().map(|key| client.list_models(&key.secret));
    let (clock, listed) =
        tokio::join!(async { clock("Google", client.server_time().await, ctx) }, join_all(asking));
    let answers: Vec<(&ConfiguredKey, Result<Vec<ModelInfo>, Verdict>)> =
        sample.into_iter().zip(listed).collect();
    [name, clock, keys(&answers)].into_iter().chain(models(config, &answers)).collect()
}

/// The first key of each group, and the first of the router's.
fn sample(keys: &[ConfiguredKey]) -> Vec<&ConfiguredKey> {
    let mut first: BTreeMap<Option<Group>, &ConfiguredKey> = BTreeMap::new();
    for key in keys {
        first.entry(key.id.group()).or_insert(key);
    }
    first.into_values().collect()
}

fn keys(answers: &[(&ConfiguredKey, Result<Vec<ModelInfo>, Verdict>)]) -> Check {
    const NAME: &str = "keys";
    let bad: Vec<String> = answers
        .iter()
        .filter_map(|(key, answer)| {
            let verdict = answer.as_ref().err()?;
            Some(format!("{}: {}", key.id, verdict.detail.as_deref().unwrap_or(verdict.outcome.name())))
        })
        .collect();
    let fix = "svs keys check asks about every key";
    match (answers.len(), bad.len()) {
        (0, _) => Check::skip(NAME, "there are none"),
        (asked, 0) => Check::pass(NAME, format!("{}, one of each group, are good", count(asked, "key"))),
        (asked, failed) if asked == failed => Check::fail(NAME, bad.join("; "), fix),
        _ => Check::warn(NAME, bad.join("; "), fix),
    }
}

/// Configured models that a key which was asked does not list.
fn models(config: &Config, answers: &[(&ConfiguredKey, Result<Vec<ModelInfo>, Verdict>)]) -> Vec<Check> {
    const NAME: &str = "models";
    let mut missing = BTreeMap::new();
    let mut found = Vec::new();
    for listed in answers.iter().filter_map(|(_, answer)| answer.as_ref().ok()) {
        for check in check_models(&config.gemini.models, listed) {
            if check.found {
                found.push(check.id);
            } else {
                missing.entry(check.slot.to_string()).or_insert((check.id, check.nearest));
            }
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() && missing.is_empty() {
        return vec![Check::skip(NAME, "no key could list them")];
    }
    if missing.is_empty() {
        return vec![Check::pass(NAME, found.join(", "))];
    }
    let told = missing.into_iter().map(|(slot, (id, nearest))| {
        let fix = nearest.map_or_else(
            || format!("gemini.models.{slot} = \"off\""),
            |nearest| format!("gemini.models.{slot} = \"{nearest}\""),
        );
        let what = if found.contains(&id) { "is not there for every key" } else { "is not there" };
        Check::warn(NAME, format!("{id} {what}"), fix)
    });
    told.collect()
}
