//! Where the state of the pool comes from: the daemon, the stored state, a file, or nowhere.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::admin::api::path;
use crate::clock::pacific_calendar;
use crate::commands::pool::unused_pool;
use crate::commands::{Ctx, stored};
use crate::domain::pool::key_pool::{KeyPool, Snapshot};
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::stored_snapshot;

/// The largest file of a state.
const LARGEST_STATE: u64 = 64 * 1024 * 1024;

/// `--state`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum StateSource {
    Live,
    Stored,
    Empty,
    File(PathBuf),
}

impl From<std::ffi::OsString> for StateSource {
    fn from(text: std::ffi::OsString) -> StateSource {
        match text.to_str() {
            Some("live") => StateSource::Live,
            Some("stored") => StateSource::Stored,
            Some("empty") => StateSource::Empty,
            _ => StateSource::File(text.into()),
        }
    }
}

/// A pool to look at.
pub(super) struct Found {
    /// Where it comes from, in a word or by the name of its file.
    pub(super) name: String,
    /// The pool.
    pub(super) pool: KeyPool,
    /// The time that is looked at.
    pub(super) at: Timestamp,
}

/// Finds the state of the pool, as of `at` if that is given.
pub(super) async fn find_state(
    source: Option<&StateSource>,
    at: Option<Timestamp>,
    ctx: &Ctx,
) -> Result<Found, CommandError> {
    let of = |name: &str, snapshot: Snapshot| {
        let at = at.unwrap_or(snapshot.at);
        let pool = KeyPool::from_snapshot(snapshot, Arc::new(pacific_calendar(at)));
        Found { name: name.to_owned(), pool, at }
    };
    let or_empty = |error: CommandError| error.hint("or use --state empty");
    match source {
        Some(StateSource::Empty) => empty(at, ctx),
        Some(StateSource::File(path)) => Ok(of(&path.display().to_string(), read_state(path)?)),
        Some(StateSource::Live) => live(ctx).await.map(|snapshot| of("live", snapshot)).map_err(or_empty),
        Some(StateSource::Stored) => match kept(ctx).await.map_err(or_empty)? {
            Some(snapshot) => Ok(of("stored", snapshot)),
            None => Err(or_empty(CommandError::new(ErrorKind::NotFound, "no state is stored yet"))),
        },
        None => match live(ctx).await {
            Err(error) if error.kind == ErrorKind::Unavailable && ctx.socket_of_flag.is_none() => {
                match kept(ctx).await.map_err(or_empty)? {
                    Some(snapshot) => Ok(of("stored", snapshot)),
                    None => empty(at, ctx),
                }
            }
            found => found.map(|snapshot| of("live", snapshot)),
        },
    }
}

/// Nothing was sent yet.
fn empty(at: Option<Timestamp>, ctx: &Ctx) -> Result<Found, CommandError> {
    let at = at.unwrap_or_else(|| ctx.clock.now());
    let config = ctx.load()?.config;
    config.require_keys()?;
    Ok(Found { name: "empty".to_owned(), pool: unused_pool(&config, at), at })
}

/// The stored state; none if nothing was ever stored.
async fn kept(ctx: &Ctx) -> Result<Option<Snapshot>, CommandError> {
    let (config, Some(store)) = stored::open(ctx)? else { return Ok(None) };
    config.require_keys()?;
    let snapshot = stored_snapshot(&store, &config).await?;
    store.close().await;
    Ok(Some(snapshot))
}

async fn live(ctx: &Ctx) -> Result<Snapshot, CommandError> {
    let asked = async { ctx.daemon().await?.get::<Snapshot>(path::SNAPSHOT).await };
    ctx.within(Duration::from_secs(5), "the daemon's answer", asked).await
}

fn read_state(path: &Path) -> Result<Snapshot, CommandError> {
    let bad = |error: &(dyn std::error::Error + 'static)| {
        CommandError::new(ErrorKind::BadInput, format!("{} holds no state of the pool", path.display()))
            .caused_by(error)
    };
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| bad(&error))?;
    file.take(LARGEST_STATE).read_to_end(&mut text).map_err(|error| bad(&error))?;
    serde_json::from_slice(&text).map_err(|error| bad(&error))
}
