//! `svs webhook`: what stands in the way of polling, and how to take it away.

pub(crate) mod delete;
pub(crate) mod info;

/// See and delete the bot's webhook
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub(crate) enum WebhookCommand {
    Info(info::InfoArgs),
    Delete(delete::DeleteArgs),
}
