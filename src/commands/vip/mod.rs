//! `svs vip`: who sits in the VIP room; ending, granting and prolonging sessions.

pub(crate) mod extend;
pub(crate) mod grant;
pub(crate) mod kick;
pub(crate) mod ls;

/// See, end, grant and prolong VIP sessions
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum VipCommand {
    Ls(ls::LsArgs),
    Kick(kick::KickArgs),
    Grant(grant::GrantArgs),
    Extend(extend::ExtendArgs),
}
