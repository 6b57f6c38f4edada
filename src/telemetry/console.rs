//! The tasks of the runtime for tokio-console: the feature `tokio-console`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use console_subscriber::ConsoleLayer;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

#[cfg(not(any(tokio_unstable, clippy)))]
compile_error!(
    "the feature tokio-console needs a runtime that tells of its tasks: \
     RUSTFLAGS=\"--cfg tokio_unstable\" cargo build --features tokio-console"
);

/// Where tokio-console looks by itself.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 6669);

/// What listens to the runtime and serves what it heard, on loopback alone; none where the port is taken. The first
/// process that comes has it.
pub(super) fn layer<S>() -> Option<impl Layer<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let wished = std::env::var("TOKIO_CONSOLE_BIND").ok().and_then(|at| at.parse::<SocketAddr>().ok());
    let at = wished.filter(|at| at.ip().is_loopback()).unwrap_or(USUAL);
    // Its own thread would end in a panic.
    TcpListener::bind(at).ok()?;
    Some(ConsoleLayer::builder().server_addr(at).spawn())
}
