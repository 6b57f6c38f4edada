//! `svs debug`: what helps who works on svs itself.

pub(crate) mod profile;

/// Look into the running daemon
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum DebugCommand {
    Profile(profile::ProfileArgs),
}
