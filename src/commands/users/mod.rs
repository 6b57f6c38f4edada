//! `svs users`: who is who, and what they may.

pub(crate) mod ban;
pub(crate) mod forget;
pub(crate) mod ls;
pub(crate) mod role;
pub(crate) mod show;
mod state;

/// See users, their roles and bans, and change them
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum UsersCommand {
    Ls(ls::LsArgs),
    Show(show::ShowArgs),
    Role(role::RoleArgs),
    Ban(ban::BanArgs),
    Unban(ban::UnbanArgs),
    Forget(forget::ForgetArgs),
}
