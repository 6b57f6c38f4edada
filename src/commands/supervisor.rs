//! What the service manager is told, as `sd_notify(3)` has it: when svs is ready, how it is, that its work goes on, and
//! that it ends. Where there is no service manager, nothing.
//!
//! The ping of the watchdog is a claim that svs does its work. It is made only while both loops that do it turn: the
//! one that polls and the one that sends. That Telegram is away stops neither, and a restart would not bring it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use crate::admin::reload::Turn;
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::gateway::Gateway;
use crate::telemetry::{POLL_STALL, Vitals};
use crate::ui::text::span;

/// How long the start waits for Telegram before svs is ready without it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is told at least.
const EVERY: Duration = Duration::from_secs(10);
/// How often it is told while svs ends.
const WHILE_ENDING: Duration = Duration::from_secs(1);
/// What the end may take beyond any limit of the service manager: 25 s for what is being answered, and the store.
const ENDING: Duration = Duration::from_secs(35);

/// The way to the service manager.
#[derive(Clone, Default)]
pub(in crate::commands) struct Supervisor {
    /// Whether it knows svs as ready. A reload before that says nothing: its end would be taken for the end of the start.
    is_ready: Arc<AtomicBool>,
}

impl Supervisor {
    /// Tells the service manager of this daemon, which is open for work, until the process ends.
    pub(in crate::commands) fn keep_told(
        self,
        gateway: Gateway,
        vitals: Vitals,
        clock: Clock,
        shutdown: CancellationToken,
    ) {
        if std::env::var_os("NOTIFY_SOCKET").is_some() {
            tokio::spawn(self.tell(gateway, vitals, clock, shutdown));
        }
    }

    /// svs ends.
    pub(in crate::commands) fn stopping() {
        let extend = u32::try_from(ENDING.as_micros()).unwrap_or(u32::MAX);
        notify(&[NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(extend)]);
    }

    /// svs reads its configuration again, or works with the one that it has.
    pub(in crate::commands) fn reload(&self, turn: Turn) {
        if !self.is_ready.load(Ordering::Acquire) {
            return;
        }
        match (turn, NotifyState::monotonic_usec_now()) {
            // With the time systemd knows which of two reloads it hears of.
            (Turn::Begins, Ok(now)) => notify(&[NotifyState::Reloading, now]),
            (Turn::Begins, Err(_)) => notify(&[NotifyState::Reloading]),
            (Turn::Ends, _) => notify(&[NotifyState::Ready]),
        }
    }

    async fn tell(self, gateway: Gateway, vitals: Vitals, clock: Clock, shutdown: CancellationToken) {
        // A token that Telegram does not know ends svs before it was ready, and then the start has failed.
        let _ = tokio::time::timeout(PATIENCE, vitals.first_poll()).await;
        let period = sd_notify::watchdog_enabled().map_or(EVERY, |limit| (limit / 3).min(EVERY));
        let mut told = String::new();
        let mut stalled = None;
        while !shutdown.is_cancelled() {
            let status = match gateway.headline().await {
                Ok(headline) => format!("{}, {headline}", polling(vitals.last_poll(), clock.now())),
                Err(error) => error.to_string(),
            };
            let now_stalled = vitals.stalls(clock.now());
            let mut states = Vec::new();
            if !self.is_ready.load(Ordering::Acquire) {
                states.push(NotifyState::Ready);
            }
            if status != told {
                states.push(NotifyState::Status(&status));
            }
            if now_stalled.is_none() {
                states.push(NotifyState::Watchdog);
            }
            notify(&states);
            self.is_ready.store(true, Ordering::Release);
            told = status;
            if stalled != now_stalled {
                tell_log(now_stalled);
                stalled = now_stalled;
            }
            tokio::select! {
                () = tokio::time::sleep(period) => {}
                () = shutdown.cancelled() => {}
            }
        }
        loop {
            let status = format!("ending: {} being answered, {} to send", vitals.running(), vitals.outbox());
            notify(&[NotifyState::Status(&status)]);
            tokio::time::sleep(WHILE_ENDING).await;
        }
    }
}

fn tell_log(stalled: Option<&str>) {
    if let Some(why) = stalled {
        tracing::error!("{why}; the service manager hears of it by no ping");
    } else {
        tracing::warn!("all goes on again");
    }
}

/// How the bot hears its people.
fn polling(last_poll: Option<Timestamp>, now: Timestamp) -> String {
    match last_poll.map(|at| now.since(at)) {
        None => "waiting for Telegram".to_owned(),
        Some(silent) if silent > POLL_STALL => format!("no answer from Telegram for {}", span(silent)),
        Some(_) => "polling".to_owned(),
    }
}

fn notify(states: &[NotifyState<'_>]) {
    // Without a service manager there is nobody to tell.
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_says_whether_it_hears_anybody() {
        let at = |seconds| Timestamp::ZERO + Duration::from_secs(seconds);
        for (last_poll, now, said) in [
            (None, 1000, "waiting for Telegram"),
            (Some(1000), 1090, "polling"),
            (Some(1000), 1091, "no answer from Telegram for 1m 31s"),
        ] {
            assert_eq!(polling(last_poll.map(at), at(now)), said);
        }
    }
}
