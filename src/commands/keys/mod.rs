//! `svs keys`: the pool of API keys.

pub(crate) mod check;

/// Check the API keys
#[derive(clap::Subcommand, Debug)]
pub(crate) enum KeysCommand {
    Check(check::CheckArgs),
}
