//! `svs webhook delete`: take the webhook away, so that svs can poll.

use std::time::Duration;

use serde_json::{Value, json};

use super::info;
use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::telegram::DeleteWebhook;
use crate::ui::text::{count, harmless};
use crate::ui::{Body, Report, Style};

/// Delete the bot's webhook, so that svs can poll
///
/// Whoever gets the updates through it gets none from then on. Updates that wait at Telegram stay there, unless
/// --drop-pending is given.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs webhook delete
  svs webhook delete --drop-pending --yes")]
pub(crate) struct DeleteArgs {
    /// Also drop the updates that wait at Telegram
    #[arg(long)]
    drop_pending: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Asks the person, then Telegram.
pub(crate) async fn run(args: &DeleteArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    if !args.yes && !ctx.is_interactive() {
        return Err(CommandError::new(ErrorKind::Usage, "nobody can be asked whether to delete the webhook")
            .hint("add --yes"));
    }
    let api = info::api(ctx)?;
    let found = info::ask(&api, ctx).await?;
    let pending = usize::try_from(found.pending_update_count).unwrap_or(usize::MAX);
    let dropped = if args.drop_pending { pending } else { 0 };
    let done = Deleted { url: found.url, dropped };
    if done.url.is_empty() && dropped == 0 {
        return Ok(done);
    }
    if !args.yes && !ctx.confirm(&format!("Delete {}?", done.what()))? {
        return Err(CommandError::new(ErrorKind::Negative, "nothing was deleted"));
    }
    let payload = DeleteWebhook { drop_pending_updates: args.drop_pending };
    let call = async { api.call(&payload).await.map_err(|error| info::refused(&error)) };
    ctx.within(Duration::from_secs(20), "Telegram's answer", call).await?;
    Ok(done)
}

struct Deleted {
    /// Empty: none was set.
    url: String,
    dropped: usize,
}

impl Deleted {
    fn what(&self) -> String {
        let webhook = (!self.url.is_empty()).then(|| format!("the webhook {}", harmless(&self.url)));
        let updates = (self.dropped > 0).then(|| count(self.dropped, "waiting update"));
        webhook.into_iter().chain(updates).collect::<Vec<_>>().join(" and ")
    }
}

impl Report for Deleted {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let what = self.what();
        let text = if what.is_empty() { "no webhook is set".to_owned() } else { format!("deleted {what}") };
        Body::Text(text + "\n")
    }

    fn json(&self) -> Value {
        let url = Some(&self.url).filter(|url| !url.is_empty());
        json!({"deleted": url, "dropped_updates": self.dropped})
    }
}
