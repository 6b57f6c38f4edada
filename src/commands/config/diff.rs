//! `svs config diff`: what the daemon would do otherwise if it started now.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::api::{ConfigDiff, DiffRequest, SettingChange, path};
use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::text::{count, lines};
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

/// What the daemon would do otherwise if it read its configuration now
///
/// The daemon reads its sources again, as it did when it started and with its own environment, and compares; nothing is
/// applied: svs reload does that. With --config it reads that file in place of its svs.toml. Keys are compared by fingerprint, so a key that
/// only moved in its list is no other key.
///
/// Exits with 0 if nothing differs, 1 if something does, 69 without a daemon, 78 if svs could not start with it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs config diff
  svs config diff -c /etc/svs/svs.toml.new
  svs config diff --json | jq -r '.changes[].name'")]
pub(crate) struct DiffArgs {}

/// Asks the daemon.
pub(crate) async fn run(_: &DiffArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let file = ctx.config.as_ref().map(|file| {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        absolute.to_str().map(str::to_owned).ok_or_else(|| {
            CommandError::new(ErrorKind::Usage, "the path of the configuration file is not UTF-8")
        })
    });
    let request = DiffRequest { file: file.transpose()? };
    let asked = async {
        let client = ctx.daemon().await?;
        client.post::<_, ConfigDiff>(path::CONFIG_DIFF, &request).await
    };
    ctx.within(Duration::from_secs(10), "the daemon's answer", asked).await.map(Found)
}

/// Each setting that differs, in a row.
pub(crate) fn table_of(changes: &[SettingChange]) -> Table {
    let mut table = Table::new("changes", &["SETTING", "CHANGE", "RUNNING", "NEW", "NEEDS", "ORIGIN"]);
    for change in changes {
        let paint = match change.change.as_str() {
            "added" => Paint::Good,
            "removed" => Paint::Bad,
            _ => Paint::Warning,
        };
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            (Paint::Strong, change.name.clone()),
            (paint, change.change.clone()),
            (Paint::Plain, or_none(&change.running)),
            (Paint::Plain, or_none(&change.new)),
            (Paint::Plain, change.needs.clone()),
            (Paint::Faint, or_none(&change.origin)),
        ]);
    }
    table
}

struct Found(ConfigDiff);

impl Report for Found {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        if self.0.changes.is_empty() {
            return Body::Text("the daemon runs with what its sources say\n".to_owned());
        }
        Body::Table(table_of(&self.0.changes))
    }

    fn csv(&self) -> Option<Table> {
        Some(table_of(&self.0.changes))
    }

    fn json(&self) -> Value {
        json!({ "changes": self.0.changes })
    }

    fn brief(&self) -> String {
        lines(self.0.changes.iter().map(|change| &change.name))
    }

    fn notes(&self) -> Vec<String> {
        let needing = |needs: &str| self.0.changes.iter().filter(|change| change.needs == needs).count();
        let note = |needs: &str, what| {
            let changes = needing(needs);
            (changes > 0).then(|| format!("{} {what}", count(changes, "change")))
        };
        let reload = note("reload", "for svs reload");
        reload.into_iter().chain(note("restart", "for when the daemon starts anew")).collect()
    }

    fn exit(&self) -> Exit {
        Exit(u8::from(!self.0.changes.is_empty()))
    }
}
