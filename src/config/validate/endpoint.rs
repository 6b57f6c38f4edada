//! Addresses: of servers that are sent secrets, of proxies, of Redis and Supabase.
//!
//! An endpoint or a proxy decides who receives the keys, so neither may come from a `.env` file, which lies in
//! whatever folder svs is started in; and plain http only leads to this machine.

use std::net::IpAddr;

use reqwest::Url;

use crate::config::problem::Origin;
use crate::config::reader::Reader;
use crate::config::secret::Secret;
use crate::config::toml_file::Raw;
use crate::config::value::{OFF, quoted, text};

const NOT_FROM_DOT_ENV: &str =
    "set it in svs.toml or in the environment: whoever writes a .env must not redirect the keys";

/// The base address of an API, without a slash at the end.
pub(super) fn api_url(reader: &mut Reader<'_>, name: &str, default: &str) -> String {
    let Some(node) = reader.found(name) else {
        reader.show(name, quoted(default), &Origin::Default);
        return default.to_owned();
    };
    let origin = node.origin.clone();
    if let Origin::DotEnv { .. } = origin {
        reader.problem(&origin, format!("{name} may not be set in a .env file"), Some(NOT_FROM_DOT_ENV));
        return default.to_owned();
    }
    let Some(url) = text(&node.raw).and_then(|text| Url::parse(text).ok()).filter(is_plain_base) else {
        reader.wrong(name, "an address like https://host/path, without user, query and fragment", &node);
        return default.to_owned();
    };
    let address = url.as_str().trim_end_matches('/').to_owned();
    if !is_loopback(&url) {
        if url.scheme() != "https" {
            let message = format!("{name} must begin with https://, plain http only leads to this machine");
            reader.problem(&origin, message, None);
        } else if address != default {
            let host = url.host_str().unwrap_or_default();
            reader.warning(&origin, format!("{name}: secrets are sent to {host}"));
        }
    }
    reader.show(name, quoted(&address), &origin);
    address
}

fn is_plain_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The word that asks for the proxy of the environment.
const ENVIRONMENT: &str = "environment";

/// A proxy: an address, or `environment` for what `HTTPS_PROXY` or `ALL_PROXY` say; unless asked for, they are not
/// looked at.
pub(super) fn proxy(reader: &mut Reader<'_>, name: &str) -> Option<Secret> {
    let Some(node) = reader.found(name) else {
        reader.show(name, quoted(OFF), &Origin::Default);
        return None;
    };
    let mut origin = node.origin.clone();
    if let Origin::DotEnv { .. } = origin {
        reader.problem(&origin, format!("{name} may not be set in a .env file"), Some(NOT_FROM_DOT_ENV));
        return None;
    }
    let mut address = text(&node.raw).unwrap_or_default().to_owned();
    if matches!(node.raw, Raw::Text(_) | Raw::Word(_)) && (address.is_empty() || address == OFF) {
        reader.show(name, quoted(OFF), &origin);
        return None;
    }
    if address == ENVIRONMENT {
        let layers = reader.layers;
        let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let set = names.iter().find_map(|variable| Some((*variable, layers.env.get(variable)?.to_str()?)));
        let Some((variable, value)) = set else {
            reader.warning(
                &origin,
                format!("{name}: neither HTTPS_PROXY nor ALL_PROXY is set, so no proxy is used"),
            );
            reader.show(name, quoted(ENVIRONMENT), &origin);
            return None;
        };
        origin = Origin::Env(variable.to_owned());
        value.clone_into(&mut address);
    }
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url.filter(|url| url.host_str().is_some()) else {
        let message = format!("{name} must be an address like http://host:port, \"environment\" or \"off\"");
        reader.problem(&origin, message, None);
        return None;
    };
    register_password(&url);
    let proxy = Secret::new(address);
    reader.show_secret(name, quoted(&without_user(&url)), &proxy, &origin);
    Some(proxy)
}

/// The address with its user and password hidden.
fn without_user(url: &Url) -> String {
    let mut url = url.clone();
    if (!url.username().is_empty() || url.password().is_some())
        && url.set_username("redacted").is_ok()
        && url.set_password(None).is_ok()
    {
        return url.as_str().to_owned();
    }
    url.as_str().to_owned()
}

fn register_password(url: &Url) {
    if let Some(password) = url.password() {
        crate::redact::register(password);
    }
}

/// Whether Redis is configured: by one address, or by host, port, number and password.
pub(super) fn redis(reader: &mut Reader<'_>) -> bool {
    let whole = reader.secret("storage.redis.url");
    let host = reader.text_or_off("storage.redis.host", None);
    let host_origin = reader.settings.last().map_or(Origin::Default, |setting| setting.origin.clone());
    let port = reader.count("storage.redis.port", 6379, 1..=65_535);
    let db = reader.count("storage.redis.db", 0, 0..=65_535);
    let password = reader.secret("storage.redis.password");
    if let Some((secret, origin)) = whole {
        let url = Url::parse(secret.expose()).ok().filter(|url| matches!(url.scheme(), "redis" | "rediss"));
        let Some(url) = url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty())) else {
            let message = "storage.redis.url must be an address like redis://host:6379/0";
            reader.problem(&origin, message, None);
            return false;
        };
        if host.is_some() {
            reader.warning(&host_origin, "not used: storage.redis.url is set");
        }
        register_password(&url);
        reader.show_secret("storage.redis.url", quoted(&without_user(&url)), &secret, &origin);
        return true;
    }
    let Some(host) = host else { return false };
    // The predecessor's examples write host:port.
    let (name, port) = match host.rsplit_once(':') {
        None => (host.as_str(), Some(port)),
        Some((name, digits)) => (name, digits.parse::<u16>().ok().filter(|port| *port > 0).map(u32::from)),
    };
    let url = port.and_then(|port| Url::parse(&format!("redis://{name}:{port}/{db}")).ok());
    if url.is_none_or(|url| url.host_str().is_none_or(str::is_empty)) {
        reader.problem(&host_origin, "storage.redis.host must be a host name or host:port", None);
        return false;
    }
    if let Some((password, origin)) = password {
        crate::redact::register(password.expose());
        reader.show_secret("storage.redis.password", quoted("[set]"), &password, &origin);
    }
    true
}

/// Whether Supabase is configured: both its address and its key are known.
pub(super) fn supabase(reader: &mut Reader<'_>) -> bool {
    const URL: &str = "storage.supabase.url";
    const KEY: &str = "storage.supabase.key";
    let node = reader.found(URL).filter(|node| text(&node.raw) != Some(""));
    let key = reader.secret(KEY);
    if let Some((key, origin)) = &key {
        crate::redact::register(key.expose());
        reader.show_secret(KEY, quoted(&key.masked()), key, origin);
    }
    let (node, key_origin) = match (node, key) {
        (None, None) => return false,
        (Some(node), None) => {
            reader.problem(&node.origin, format!("{URL} is set and {KEY} is not"), None);
            return false;
        }
        (None, Some((_, origin))) => {
            reader.problem(&origin, format!("{KEY} is set and {URL} is not"), None);
            return false;
        }
        (Some(node), Some((_, origin))) => (node, origin),
    };
    // In one file with its key the address can redirect nothing but that key.
    if matches!(node.origin, Origin::DotEnv { .. }) && !matches!(key_origin, Origin::DotEnv { .. }) {
        let message = format!("{URL} may not be set in a .env file when its key comes from elsewhere");
        reader.problem(&node.origin, message, Some(NOT_FROM_DOT_ENV));
        return false;
    }
    let url = text(&node.raw).and_then(|text| Url::parse(text).ok()).filter(is_plain_base);
    let Some(url) = url.filter(|url| url.scheme() == "https" || is_loopback(url)) else {
        reader.wrong(URL, "an address that begins with https:// (http only for this machine)", &node);
        return false;
    };
    let address = url.as_str().trim_end_matches('/').to_owned();
    reader.show(URL, quoted(&address), &node.origin);
    true
}
