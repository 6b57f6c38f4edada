//! `svs vip`: who sits in the VIP room, and how to end a session.

pub(crate) mod kick;
pub(crate) mod ls;

/// See and end VIP sessions
#[derive(clap::Subcommand, Debug)]
pub(crate) enum VipCommand {
    Ls(ls::LsArgs),
    Kick(kick::KickArgs),
}
