//! `svs config`: what svs was told, whether it is right, and where it comes from.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod path;
pub(crate) mod show;

/// See and check the configuration
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum ConfigCommand {
    Check(check::CheckArgs),
    Show(show::ShowArgs),
    Path(path::PathArgs),
    Diff(diff::DiffArgs),
}
