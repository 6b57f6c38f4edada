//! The configuration in force. A reload replaces it as a whole, so whoever reads it twice may read two: what belongs
//! together is taken from one [`LiveConfig::current`].

use std::sync::{Arc, PoisonError, RwLock};

use super::settings::Config;

/// The configuration in force; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LiveConfig(Arc<RwLock<Arc<Config>>>);

impl LiveConfig {
    /// In force from now on.
    pub(crate) fn new(config: Arc<Config>) -> LiveConfig {
        LiveConfig(Arc::new(RwLock::new(config)))
    }

    /// As it is now.
    pub(crate) fn current(&self) -> Arc<Config> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in its place.
    pub(crate) fn replace(&self, config: Arc<Config>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}
