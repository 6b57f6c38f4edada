//! A question without a daemon: this process opens the ledger, beside others that do the same, and asks.

use tokio_util::sync::CancellationToken;

use super::screen::Screen;
use crate::admin::api::{Answered, AskRequest};
use crate::admin::routes::{failure, shell_question, wire_answer, wire_event};
use crate::commands::Ctx;
use crate::commands::here::Here;
use crate::error::CommandError;

/// Asks. None: nobody reads what is printed any more.
pub(super) async fn here(
    request: AskRequest,
    ctx: &Ctx,
    screen: &mut Screen,
    cancel: &CancellationToken,
) -> Result<Option<Answered>, CommandError> {
    let here = Here::load(ctx)?;
    let (gateway, store) = here.open(ctx).await?;
    let role = request.role.unwrap_or(here.config.ask.role);
    let ask = match shell_question(request, role, &gateway, cancel.clone()) {
        Ok(ask) => ask,
        Err(error) => {
            store.close().await;
            return Err(error);
        }
    };
    let mut seen = true;
    let mut on_event = |event: crate::gateway::AnswerEvent<'_>| {
        seen = seen && screen.tell(&wire_event(event));
        if !seen {
            cancel.cancel();
        }
    };
    let ended = gateway.ask(ask, &mut on_event).await;
    store.close().await;
    match ended {
        Ok(answer) => Ok(seen.then(|| wire_answer(answer))),
        Err(_) if !seen => Ok(None),
        Err(error) => Err(failure(error, &gateway)),
    }
}
