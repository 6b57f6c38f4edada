//! `svs service`: svs under a service manager.

pub(crate) mod unit;

/// See the systemd units of svs
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum ServiceCommand {
    Unit(unit::UnitArgs),
}
