//! The door for monitoring: `/health`, `/ready` and `/metrics` over TCP, where it is switched on. It only reads, tells
//! nothing of a person or a key, and asks nobody who they are; so it listens on loopback unless told otherwise.
//!
//! **Invariant:** a client can neither hold a place for longer than [`DEADLINE`] nor keep others out: where all places
//! are taken, the oldest connection makes room for the newest.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::error::{CommandError, ErrorKind};

mod exposition;
mod fetch;
mod routes;

pub(crate) use fetch::fetch;
pub(crate) use routes::Site;

/// Connections at a time.
const PLACES: usize = 64;

/// From a connection's first byte to its last: a scrape takes milliseconds.
const DEADLINE: Duration = Duration::from_secs(5);

/// A head of more than this is refused.
const LARGEST_HEAD: usize = 16 * 1024;

/// After the file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A port that listens and is not served yet.
#[derive(Debug)]
pub(crate) struct Door(TcpListener);

impl Door {
    /// Begins to listen.
    pub(crate) async fn open(at: SocketAddr) -> Result<Door, CommandError> {
        let listener = TcpListener::bind(at).await.map_err(|error| cannot_listen(at, &error))?;
        if let Ok(at) = listener.local_addr() {
            tracing::info!(%at, "serving /health, /ready and /metrics");
        }
        Ok(Door(listener))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self, site: Site) {
        let router = routes::router(site);
        let mut open: VecDeque<AbortHandle> = VecDeque::with_capacity(PLACES);
        loop {
            let stream = match self.0.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the door for monitoring accepts nobody for the moment");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            open.retain(|conversation| !conversation.is_finished());
            if open.len() >= PLACES
                && let Some(oldest) = open.pop_front()
            {
                oldest.abort();
            }
            open.push_back(tokio::spawn(converse(stream, router.clone())).abort_handle());
        }
    }
}

/// One connection: one request, one answer.
async fn converse(stream: TcpStream, router: axum::Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(DEADLINE)
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match tokio::time::timeout(DEADLINE, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection for monitoring broke"),
        Err(_) => tracing::debug!("a connection for monitoring took too long"),
    }
}

fn cannot_listen(at: SocketAddr, error: &io::Error) -> CommandError {
    let (kind, hint) = match error.kind() {
        io::ErrorKind::AddrInUse => (ErrorKind::TryAgain, "another program listens there: ss -ltnp"),
        io::ErrorKind::PermissionDenied => (ErrorKind::Denied, "ports below 1024 are for root: take another"),
        _ => (ErrorKind::Config, "http.listen in svs.toml, SVS_HTTP_LISTEN or --listen says where"),
    };
    CommandError::new(kind, format!("cannot listen on {at}")).caused_by(error).hint(hint)
}
