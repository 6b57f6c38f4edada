//! The daemon assembled: store, gateway, Telegram, control socket. `svs run` and `svs sandbox` both start it here.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::supervisor::Supervisor;
use crate::admin;
use crate::admin::http::{Door, Site};
use crate::admin::peers::Peers;
use crate::admin::reload::Reloader;
use crate::admin::socket::Listener;
use crate::clock::Clock;
use crate::config::{Config, LiveConfig, Running};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::gemini::GeminiClient;
use crate::store::{Access, OfflineChange, Store};
use crate::telegram::{self, TelegramDeps};
use crate::telemetry::{Logs, Otlp, Vitals, name_people, person};
use crate::ui::text::rfc3339;

/// What a daemon is made of.
pub(crate) struct Daemon {
    /// The configuration; token and keys must be there.
    pub(crate) config: Arc<Config>,
    /// The time.
    pub(crate) clock: Clock,
    /// Where its numbers of the moment go.
    pub(crate) vitals: Vitals,
    /// Ends it: no new update, and what runs may finish.
    pub(crate) shutdown: CancellationToken,
    /// How it came by its configuration; none: it made one up.
    pub(crate) running: Option<Running>,
    /// Asks it to read its configuration again.
    pub(crate) hangups: Arc<Notify>,
    /// Whether it opens the control socket.
    pub(crate) control: bool,
    /// Its log, where it keeps one.
    pub(crate) logs: Option<Logs>,
    /// Hears of its reloads.
    pub(crate) supervisor: Supervisor,
    /// The collector that it tells of its work.
    pub(crate) otlp: Option<Otlp>,
}

/// Called once: configuration, state and lock are good.
pub(crate) type OnReady = Box<dyn FnOnce(&Gateway) + Send>;

/// Runs a daemon until it is shut down.
pub(crate) async fn serve(daemon: Daemon, on_ready: OnReady) -> Result<(), CommandError> {
    let Daemon { config, clock, vitals, shutdown, running, hangups, control, logs, supervisor, otlp } =
        daemon;
    config.require_token()?;
    config.require_keys()?;
    // The client is made while the store waits for its locks and the disk.
    let opening = open_store(&config, &clock);
    // It can be asked how far this start has come.
    let site = Site::new(vitals.clone(), clock.clone(), shutdown.clone());
    let monitoring = match config.http.listen {
        Some(at) => Some(tokio::spawn(Door::open(at).await?.serve(site.clone()))),
        None => None,
    };
    let gemini = GeminiClient::new(&config.gemini)
        .map_err(|error| CommandError::new(ErrorKind::Config, error.to_string()).hint("svs config check"));
    let store = opening.await?;
    let gemini = gemini?;
    let salt = log_salt(&store).await?;
    let exporting = otlp.map(|otlp| {
        let site = site.clone();
        otlp.start(&vitals, &salt, &clock, move || {
            let site = site.clone();
            async move { site.families().await }
        })
    });
    name_people(salt, config.log.ids);
    log_offline_changes(&store).await?;
    let live = LiveConfig::new(Arc::clone(&config));
    let gateway = Gateway::open(live.clone(), store.clone(), gemini, clock.clone(), vitals.clone()).await?;
    let house = gateway.keep_house();
    let on_turn = Box::new(move |turn| supervisor.reload(turn));
    let reloader = running.map(|running| Reloader::new(gateway.clone(), logs.clone(), running, on_turn));
    if let Some(reloader) = reloader.clone() {
        tokio::spawn(reload_on(hangups, reloader));
    }
    site.opened(gateway.clone());
    let door = if control {
        let peers = Peers::new(config.control.uids.clone(), config.control.group.as_deref())?;
        let listener = Listener::bind(&config.control.socket, peers.gid())?;
        let router = admin::routes::router(gateway.clone(), reloader, logs.clone());
        Some(tokio::spawn(admin::server::serve(listener, router, peers, shutdown.clone())))
    } else {
        None
    };
    let opened = gateway.clone();
    let deps = TelegramDeps {
        config: live,
        gateway,
        store: store.clone(),
        clock,
        vitals,
        shutdown: shutdown.clone(),
        ready: Box::new(move || on_ready(&opened)),
    };
    let end = telegram::run(deps).await;
    shutdown.cancel();
    if let Some(logs) = logs {
        // Who follows the log has seen the end of it.
        logs.end();
    }
    if let Some(exporting) = exporting {
        exporting.finish().await;
    }
    if let Some(door) = door {
        // It ends with its last conversation, at the latest at that one's deadline.
        let _ = door.await;
    }
    // Whoever came to the store after it was closed would complain of that.
    house.leave().await;
    store.close().await;
    if let Some(monitoring) = monitoring {
        monitoring.abort();
    }
    Ok(end?)
}

/// Reads the configuration again whenever it is asked to by a signal: there is nobody to answer but the log.
async fn reload_on(hangups: Arc<Notify>, reloader: Arc<Reloader>) {
    loop {
        hangups.notified().await;
        if let Err(error) = reloader.reload().await {
            tracing::error!(%error, "the configuration was not read again; the old one stays");
        }
    }
}

/// By which people are named in the log of this installation.
async fn log_salt(store: &Store) -> Result<Vec<u8>, CommandError> {
    if let Some(salt) = store.read(|tx| tx.log_salt()).await? {
        return Ok(salt);
    }
    let drawn = store.commit(|tx| tx.log_salt()?.map_or_else(|| tx.draw_log_salt(), Ok));
    Ok(drawn.await?)
}

/// Says what operators changed while no daemon ran; once.
async fn log_offline_changes(store: &Store) -> Result<(), CommandError> {
    if store.read(|tx| tx.offline_changes()).await?.is_empty() {
        return Ok(());
    }
    let logged = store.commit(|tx| {
        for OfflineChange { at, uid, verb, key, user, note } in tx.offline_changes()? {
            let (at, user) = (rfc3339(at), user.map(person));
            tracing::info!(uid, at, key, user, note, "{verb}, while svs did not run");
        }
        tx.forget_offline_changes()
    });
    Ok(logged.await?)
}

/// Opening waits for locks, so it is done beside the runtime; it begins at once.
fn open_store(config: &Config, clock: &Clock) -> impl Future<Output = Result<Store, CommandError>> + use<> {
    let (folder, clock) = (config.state_dir.clone(), clock.clone());
    let opening = tokio::task::spawn_blocking(move || Store::open_as(&folder, clock, Access::Daemon));
    async move {
        let opened = opening.await.map_err(|error| CommandError::new(ErrorKind::Bug, error.to_string()))?;
        Ok(opened?)
    }
}
