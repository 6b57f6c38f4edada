//! Users without a daemon: the stored state, read by anybody who may, changed under its lock.

use std::sync::Arc;

use crate::commands::Ctx;
use crate::domain::chat::UserId;
use crate::error::{CommandError, ErrorKind};
use crate::gateway::People;
use crate::store::{Access, Store, StoreError};
use crate::ui::note;

/// The users of a stored state, and the state, to be closed.
pub(super) struct Stored {
    pub(super) people: People,
    store: Store,
}

impl Stored {
    /// To be looked at; none where there is no state yet.
    pub(super) fn read(ctx: &Ctx) -> Result<Option<Stored>, CommandError> {
        match Stored::open(ctx, Access::ReadOnly) {
            Err(OpenError::Missing) => Ok(None),
            opened => Ok(Some(opened?)),
        }
    }

    /// To be changed. A state is never made for it: where there is none, the daemon's is somewhere else.
    pub(super) async fn change(ctx: &Ctx) -> Result<Stored, CommandError> {
        if let Some(stored) = Stored::read(ctx)? {
            stored.close().await;
        } else {
            let error =
                CommandError::new(ErrorKind::Unavailable, "no daemon runs, and there is no stored state");
            return Err(error.hint("systemctl start svs"));
        }
        let stored = Stored::open(ctx, Access::Direct)?;
        if !ctx.output.quiet {
            note("no daemon runs: the stored state is changed");
        }
        Ok(stored)
    }

    fn open(ctx: &Ctx, access: Access) -> Result<Stored, OpenError> {
        let config = ctx.load()?.config;
        let store = match Store::open_as(&config.state_dir, ctx.clock.clone(), access) {
            Err(StoreError::Missing(_)) => return Err(OpenError::Missing),
            opened => opened.map_err(CommandError::from)?,
        };
        let uid = rustix::process::getuid().as_raw();
        let people = People::stored(store.clone(), Arc::clone(&config), uid, ctx.clock.now());
        Ok(Stored { people, store })
    }

    /// Done when the disk has everything and the locks are free.
    pub(super) async fn close(self) {
        self.store.close().await;
    }
}

enum OpenError {
    Missing,
    Failed(CommandError),
}

impl From<CommandError> for OpenError {
    fn from(error: CommandError) -> OpenError {
        OpenError::Failed(error)
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> CommandError {
        match error {
            OpenError::Missing => CommandError::new(ErrorKind::Unavailable, "there is no stored state"),
            OpenError::Failed(error) => error,
        }
    }
}

/// `42`, or with a name `42 @ming`.
pub(super) fn named(user: UserId, name: Option<&str>) -> String {
    name.map_or_else(|| user.to_string(), |name| format!("{user} @{name}"))
}
