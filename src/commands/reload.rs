//! `svs reload`: has the daemon read its configuration again.

use std::time::Duration;

use serde_json::{Value, json};

use super::Ctx;
use super::config::diff::table_of;
use crate::admin::api::{ConfigDiff, DiffRequest, path};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::text::{count, lines};
use crate::ui::{Body, Report, Style, Table};

/// Have the daemon read its configuration again
///
/// Prints what differs, and puts in force what can be while the daemon runs: keys, groups, projects, limits, roles,
/// models, seats, texts and paces. No counter begins anew and no running answer is cut: a key is the same key wherever
/// its place has moved, and what keys have spent follows them into another project. What needs a restart is named. If
/// anything is wrong with the sources the daemon goes on with the configuration it has. SIGHUP does the same.
///
/// Exits with 0 when the daemon runs with what its sources say, as far as it can, 69 without a daemon, 78 if something
/// is wrong with them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs reload
  svs reload --dry-run
  svs reload --json | jq -r '.changes[] | select(.needs == \"restart\").name'")]
pub(crate) struct ReloadArgs {
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
}

/// Asks the daemon.
pub(crate) async fn run(args: &ReloadArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let asked = async {
        let client = ctx.daemon().await?;
        if args.dry_run {
            client.post::<_, ConfigDiff>(path::CONFIG_DIFF, &DiffRequest::default()).await
        } else {
            client.post::<_, ConfigDiff>(path::RELOAD, &()).await
        }
    };
    let found = ctx.within(Duration::from_secs(10), "the daemon's answer", asked).await?;
    Ok(Reloaded { found, dry_run: args.dry_run })
}

struct Reloaded {
    found: ConfigDiff,
    dry_run: bool,
}

impl Reloaded {
    /// How many changes are in force, and how many wait for a restart.
    fn counts(&self) -> (usize, usize) {
        let restart = self.found.changes.iter().filter(|change| change.needs == "restart").count();
        (self.found.changes.len() - restart, restart)
    }
}

impl Report for Reloaded {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        if self.found.changes.is_empty() {
            return Body::Text("nothing differs\n".to_owned());
        }
        Body::Table(table_of(&self.found.changes))
    }

    fn csv(&self) -> Option<Table> {
        Some(table_of(&self.found.changes))
    }

    fn json(&self) -> Value {
        json!({ "dry_run": self.dry_run, "changes": self.found.changes })
    }

    fn brief(&self) -> String {
        lines(self.found.changes.iter().map(|change| &change.name))
    }

    fn notes(&self) -> Vec<String> {
        let (applied, restart) = self.counts();
        let (done, waits) = if self.dry_run {
            ("would be in force at once", "would wait for a restart")
        } else {
            ("in force", "waits for a restart: the daemon goes on with the old value")
        };
        let note =
            |count_of: usize, what| (count_of > 0).then(|| format!("{} {what}", count(count_of, "change")));
        note(applied, done).into_iter().chain(note(restart, waits)).collect()
    }
}
