//! The gateway without a daemon: this process opens the ledger itself, beside others that do the same.

use std::sync::Arc;

use super::Ctx;
use crate::config::{Config, LiveConfig};
use crate::error::{CommandError, ErrorKind};
use crate::gateway::Gateway;
use crate::gemini::GeminiClient;
use crate::store::Store;
use crate::telemetry::{Log, Vitals};

/// Keys and configuration of this process; the log ends when it is dropped.
pub(super) struct Here {
    pub(super) config: Arc<Config>,
    pub(super) gemini: GeminiClient,
    vitals: Vitals,
    _log: Log,
}

impl Here {
    /// Loads what calling Gemini needs.
    pub(super) fn load(ctx: &Ctx) -> Result<Here, CommandError> {
        let config = ctx.load()?.config;
        config.require_keys()?;
        let vitals = Vitals::default();
        let log = ctx.start_log(&config.log, &vitals)?;
        let gemini = GeminiClient::new(&config.gemini).map_err(|error| {
            CommandError::new(ErrorKind::Config, "Gemini cannot be called with this configuration")
                .caused_by(&error)
        })?;
        Ok(Here { config, gemini, vitals, _log: log })
    }

    /// Opens the ledger. Close the store when done.
    pub(super) async fn open(&self, ctx: &Ctx) -> Result<(Gateway, Store), CommandError> {
        let store = Store::open(&self.config.state_dir, ctx.clock.clone())?;
        let (config, gemini) = (LiveConfig::new(Arc::clone(&self.config)), self.gemini.clone());
        let gateway =
            Gateway::open(config, store.clone(), gemini, ctx.clock.clone(), self.vitals.clone()).await?;
        Ok((gateway, store))
    }
}
