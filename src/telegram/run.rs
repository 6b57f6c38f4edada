//! The bot from its first call to its last.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::api::{Api, ApiError, GetMe, Me, SetupError};
use super::desk::Desk;
use super::intake::{PollEnd, poll};
use super::outbox::Outbox;
use super::texts::Texts;
use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::store::{Store, StoreError};
use crate::telemetry::Vitals;

/// How long running answers may take to end once we were asked to.
const DRAIN: Duration = Duration::from_secs(25);
/// Of that, how long answers may still be written; the rest is for saying them.
const DRAIN_LANES: Duration = Duration::from_secs(22);

/// What the bot is given.
pub(crate) struct TelegramDeps {
    pub(crate) config: LiveConfig,
    pub(crate) gateway: Gateway,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) vitals: Vitals,
    /// Ends the bot: no update is fetched after it, what runs gets 25 s.
    pub(crate) shutdown: CancellationToken,
    /// Called once, when what was left of the last run is taken up. Telegram may still be away.
    pub(crate) ready: Box<dyn FnOnce() + Send>,
}

/// Why the bot cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum RunEnd {
    /// The configuration allows no client.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Telegram does not know the token.
    #[error("Telegram does not know this bot token")]
    Unauthorized,
    /// A webhook takes the updates.
    #[error("a webhook is set for this bot, so it cannot poll")]
    WebhookSet,
    /// The stored state cannot be read.
    #[error("{0}")]
    State(#[from] StoreError),
}

impl From<RunEnd> for CommandError {
    fn from(end: RunEnd) -> CommandError {
        let config = |hint: &str| CommandError::new(ErrorKind::Config, end.to_string()).hint(hint);
        match &end {
            RunEnd::Setup(SetupError::Token) => {
                config("set TELEGRAM_BOT_TOKEN to the token that @BotFather gave you")
            }
            RunEnd::Setup(_) => config("look at [telegram] with `svs config show`"),
            RunEnd::Unauthorized => config("take a new token from @BotFather: /token"),
            RunEnd::WebhookSet => config("remove it: svs webhook delete"),
            RunEnd::State(error) => error.clone().into(),
        }
    }
}

/// Runs the bot until it is shut down. Must be called inside a tokio runtime.
pub(crate) async fn run(deps: TelegramDeps) -> Result<(), RunEnd> {
    let TelegramDeps { config, gateway, store, clock, vitals, shutdown, ready } = deps;
    let api = Api::counted(&config.current().telegram, vitals.clone())?;
    let texts = Texts::load();
    let outbox =
        Outbox::new(api.clone(), store.clone(), clock.clone(), texts.clone(), config, vitals.clone());
    let unsaid = outbox.resume().await?;
    ready();
    let Some(me) = introduce(&api, &vitals, &clock, &shutdown).await? else { return Ok(()) };
    let sweeping = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.sweep().await }
    });
    let desk = Desk::new(api, me, gateway, store, clock, texts, outbox.clone(), vitals, shutdown.clone());
    let parked = tokio::spawn(Arc::clone(&desk).look_after_parked(desk.gateway.recalled()));
    let unended = desk.resume().await?;
    tracing::info!(bot = desk.me.username, unsaid, unended, "the bot is up");
    if let Some(link) = desk.claim.link(desk.me.username.as_deref().unwrap_or_default()) {
        tracing::warn!(
            "this bot has no owner: whoever opens {link} becomes it; the link works once, while this process runs"
        );
    }
    if !desk.config().telegram.keywords.is_empty() && !desk.me.can_read_all_group_messages {
        tracing::warn!(
            "groups.keywords: in privacy mode Telegram hides other people's messages from the bot where it is no \
             administrator; /setprivacy at @BotFather turns it off, then add the bot to its groups anew"
        );
    }
    let registering = tokio::spawn(desk.shopfront().register(desk.gateway.owners()));
    let end = poll(&desk).await;
    registering.abort();
    parked.abort();
    drain(&desk).await;
    sweeping.abort();
    match end {
        PollEnd::Shutdown => Ok(()),
        PollEnd::Unauthorized => Err(RunEnd::Unauthorized),
        PollEnd::WebhookSet => Err(RunEnd::WebhookSet),
    }
}

/// Asks who we are, until Telegram answers. None: we were asked to end before.
async fn introduce(
    api: &Api,
    vitals: &Vitals,
    clock: &Clock,
    shutdown: &CancellationToken,
) -> Result<Option<Me>, RunEnd> {
    let mut pause = Duration::from_secs(1);
    loop {
        vitals.moves_by(clock.now());
        let answer = tokio::select! {
            answer = api.call(&GetMe {}) => answer,
            () = shutdown.cancelled() => return Ok(None),
        };
        let wait = match answer {
            Ok(me) => return Ok(Some(me)),
            // Asking again and again with a bad token gets the address banned.
            Err(ApiError::Unauthorized) => return Err(RunEnd::Unauthorized),
            Err(ApiError::RetryAfter(wait)) => wait,
            Err(error) => {
                tracing::warn!(%error, "Telegram cannot be reached; trying again");
                pause.mul_f64(0.5 + 0.5 * fastrand::f64())
            }
        };
        pause = (pause * 2).min(Duration::from_mins(1));
        vitals.moves_by(clock.now() + wait);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.cancelled() => return Ok(None),
        }
    }
}

/// Lets what runs come to its end. What does not is in the inbox, for the next start.
async fn drain(desk: &Desk) {
    desk.shutdown.cancel();
    desk.lanes.close();
    let began = desk.clock.now();
    while desk.lanes.running() > 0 && desk.clock.now().since(began) < DRAIN_LANES {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let left = DRAIN.saturating_sub(desk.clock.now().since(began));
    let is_said = desk.outbox.drain(left).await;
    let running = desk.lanes.running();
    if running > 0 || !is_said {
        tracing::warn!(running, is_said, "ending with work left over; the next start takes it up");
    }
}
