//! Where the daemon's time goes.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use tokio_util::sync::CancellationToken;

use super::parse;
use crate::admin::api::{LONGEST_PROFILE, Profile, ProfileRequest};
use crate::admin::peers::Peer;
use crate::admin::server::failed;
use crate::error::{CommandError, ErrorKind};
use crate::telemetry::{Flame, NoFlame, take_flame};

pub(super) async fn take(
    Extension(peer): Extension<Peer>,
    Extension(shutdown): Extension<CancellationToken>,
    body: Bytes,
) -> Response {
    let asked = parse::<ProfileRequest>(&body).and_then(|asked| match asked.seconds {
        1..=LONGEST_PROFILE => Ok(asked.seconds),
        _ => Err(CommandError::new(
            ErrorKind::BadInput,
            format!("a profile takes 1 to {LONGEST_PROFILE} seconds"),
        )),
    });
    let seconds = match asked {
        Ok(seconds) => seconds,
        Err(error) => return failed(error),
    };
    tracing::info!(uid = peer.uid, seconds, "profile");
    let taken = take_flame(Duration::from_secs(seconds.into()), shutdown.cancelled()).await;
    match taken {
        Ok(Flame { svg, samples, looked, is_named }) => {
            let took_ms = u64::try_from(looked.as_millis()).unwrap_or(u64::MAX);
            Json(Profile { svg, samples, is_named, took_ms }).into_response()
        }
        Err(why) => failed(refusal(&why)),
    }
}

fn refusal(why: &NoFlame) -> CommandError {
    let error = |kind| CommandError::new(kind, why.to_string());
    match why {
        #[cfg(not(feature = "profiling"))]
        NoFlame::NotBuilt => error(ErrorKind::Unavailable)
            .hint("build one with it: cargo build --profile profiling --features profiling"),
        #[cfg(feature = "profiling")]
        NoFlame::Busy => error(ErrorKind::TryAgain),
        #[cfg(feature = "profiling")]
        NoFlame::Idle => error(ErrorKind::TryAgain).hint("look for longer, or while it has work"),
        #[cfg(feature = "profiling")]
        NoFlame::Refused(_) => error(ErrorKind::Unavailable),
    }
}
