//! `svs keys`: the pool of API keys.

pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod ls;
pub(crate) mod stats;

/// See, check and switch the API keys
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum KeysCommand {
    Check(check::CheckArgs),
    Ls(ls::LsArgs),
    Stats(stats::StatsArgs),
    Disable(change::DisableArgs),
    Enable(change::EnableArgs),
    Reset(change::ResetArgs),
}
