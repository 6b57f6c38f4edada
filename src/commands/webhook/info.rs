//! `svs webhook info`: whether a webhook is set for the bot.

use std::time::Duration;

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::telegram::{Api, ApiError, GetWebhookInfo, WebhookInfo};
use crate::ui::text::{count, harmless};
use crate::ui::{Body, Report, Style};

/// Show the webhook that is set for the bot, if any
///
/// Telegram gives its updates either to a webhook or to who polls. svs polls.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs webhook info
  svs webhook info --json | jq -r .url")]
pub(crate) struct InfoArgs {}

/// Asks Telegram.
pub(crate) async fn run(_: &InfoArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    ask(&api(ctx)?, ctx).await.map(Webhook)
}

/// The Bot API with the configured token.
pub(super) fn api(ctx: &Ctx) -> Result<Api, CommandError> {
    let loaded = ctx.load()?;
    loaded.config.require_token()?;
    Api::new(&loaded.config.telegram).map_err(|error| {
        CommandError::new(ErrorKind::Config, "Telegram cannot be called with this configuration")
            .caused_by(&error)
    })
}

/// What is set.
pub(super) async fn ask(api: &Api, ctx: &Ctx) -> Result<WebhookInfo, CommandError> {
    let call = async { api.call(&GetWebhookInfo {}).await.map_err(|error| refused(&error)) };
    ctx.within(Duration::from_secs(20), "Telegram's answer", call).await
}

/// A failed call as a failed command.
pub(super) fn refused(error: &ApiError) -> CommandError {
    match error {
        ApiError::Unauthorized => CommandError::new(ErrorKind::Config, error.to_string())
            .hint("@BotFather shows the token; set TELEGRAM_BOT_SVSKILO_TOKEN or telegram.token_file"),
        ApiError::RetryAfter(_) => CommandError::new(ErrorKind::TryAgain, error.to_string()),
        error => CommandError::new(ErrorKind::Unavailable, error.to_string()),
    }
}

struct Webhook(WebhookInfo);

impl Webhook {
    fn url(&self) -> Option<&str> {
        Some(self.0.url.as_str()).filter(|url| !url.is_empty())
    }
}

impl Report for Webhook {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let url = self.url().map_or("no webhook is set".into(), |url| harmless(url));
        Body::Text(format!("{url}\n"))
    }

    fn brief(&self) -> String {
        self.url().map_or_else(String::new, |url| format!("{}\n", harmless(url)))
    }

    fn json(&self) -> Value {
        json!({"url": self.url(), "pending_updates": self.0.pending_update_count})
    }

    fn notes(&self) -> Vec<String> {
        let pending = usize::try_from(self.0.pending_update_count).unwrap_or(usize::MAX);
        let waiting = (pending > 0).then(|| format!("{} waiting at Telegram", count(pending, "update")));
        let advice = self.url().map(|_| "svs cannot poll while it is set: svs webhook delete".to_owned());
        waiting.into_iter().chain(advice).collect()
    }
}
