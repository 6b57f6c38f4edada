//! `svs vip`: who sits in the VIP room; ending, granting and prolonging sessions.

pub(crate) mod extend;
pub(crate) mod grant;
pub(crate) mod kick;
pub(crate) mod ls;

/// See, end, grant and prolong VIP sessions
#[derive(clap::Subcommand, Debug)]
pub(crate) enum VipCommand {
    Ls(ls::LsArgs),
    Kick(kick::KickArgs),
    Grant(grant::GrantArgs),
    Extend(extend::ExtendArgs),
}

fn parse_target(text: &str) -> Result<crate::admin::api::KickTarget, String> {
    text.parse().map_err(|error: crate::admin::api::UnknownTarget| error.to_string())
}

fn ms(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
