//! Telegram and Google are asked: who the bot is, and which keys are good. Listing models spends nothing.

use futures_util::stream::{self, StreamExt as _};

use super::draft::Placed;
use crate::commands::Ctx;
use crate::config::{Config, Secret, TelegramConfig};
use crate::error::{CommandError, ErrorKind};
use crate::gemini::GeminiClient;
use crate::telegram::{Api, ApiError, GetMe};
use crate::ui::Progress;

/// Keys that are asked about at a time.
const AT_ONCE: usize = 4;

/// The way to both.
pub(super) struct Probe {
    config: Config,
    offline: bool,
}

impl Probe {
    pub(super) const fn new(config: Config, offline: bool) -> Probe {
        Probe { config, offline }
    }

    /// The same through a proxy.
    pub(super) fn through(&self, proxy: &Secret) -> Probe {
        let mut config = self.config.clone();
        config.telegram.proxy = Some(proxy.clone());
        config.gemini.proxy = Some(proxy.clone());
        Probe { config, offline: self.offline }
    }

    /// The name of the bot with this token; none where nobody is asked.
    pub(super) async fn bot(&self, token: &Secret) -> Result<Option<String>, CommandError> {
        if self.offline {
            return Ok(None);
        }
        let telegram = TelegramConfig { token: Some(token.clone()), ..self.config.telegram.clone() };
        let api = Api::new(&telegram).map_err(|error| {
            CommandError::new(ErrorKind::Config, "Telegram cannot be asked").caused_by(&error)
        })?;
        match api.call(&GetMe {}).await {
            Ok(me) => Ok(Some(me.username.unwrap_or_else(|| me.id.to_string()))),
            Err(ApiError::Unauthorized) => {
                Err(CommandError::new(ErrorKind::Config, "Telegram does not know this token")
                    .hint("@BotFather shows the token: /mybots"))
            }
            Err(error) => Err(CommandError::new(ErrorKind::Unavailable, "Telegram cannot be reached")
                .caused_by(&error)
                .hint("set SVS_TELEGRAM_PROXY where Telegram is blocked, or try nothing: --offline")),
        }
    }

    /// For each key what is wrong with it; none: it is good, or nobody is asked.
    pub(super) async fn keys(&self, keys: &[Placed], ctx: &Ctx) -> Result<Vec<Option<String>>, CommandError> {
        if self.offline {
            return Ok(vec![None; keys.len()]);
        }
        let client = GeminiClient::new(&self.config.gemini).map_err(|error| {
            CommandError::new(ErrorKind::Config, "Gemini cannot be asked").caused_by(&error)
        })?;
        let progress = Progress::new("keys", keys.len() as u64, &ctx.output);
        let asking = keys.iter().map(|key| async {
            let answer = client.list_models(&key.secret).await;
            progress.step();
            let verdict = answer.err()?;
            let why = verdict.detail.unwrap_or_else(|| verdict.outcome.name().to_owned());
            Some(format!("key {} ({}): {why}", key.id, key.secret.masked()))
        });
        Ok(stream::iter(asking).buffered(AT_ONCE).collect().await)
    }
}

/// Not one key can serve.
pub(super) fn no_good_key(bad: Vec<String>) -> CommandError {
    let error = CommandError::new(ErrorKind::Config, "Google takes none of the keys");
    CommandError {
        causes: bad,
        ..error.hint("make one at https://aistudio.google.com/apikey, or try nothing: --offline")
    }
}
