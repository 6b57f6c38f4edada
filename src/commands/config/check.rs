//! `svs config check`: whether svs could work with its configuration, and what that would mean.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::commands::Ctx;
use crate::config::{self, Config, into_command_error};
use crate::domain::key::Group;
use crate::domain::role::{PerRole, Role};
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::gateway::roster_of;
use crate::ui::text::{count, lines};
use crate::ui::{Body, Exit, Paint, Report, Style};

/// Check the configuration and show which group of keys serves whom
///
/// Exits with 0 if all is well, 1 if there are warnings, 78 if svs could not work with it, 77 if others may read
/// or write it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs config check
  svs config check -c new.toml && mv new.toml /etc/svs/svs.toml")]
pub(crate) struct CheckArgs {}

/// Loads the configuration and looks at it.
pub(crate) fn run(_: &CheckArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let loaded = config::load(&ctx.load_options()).map_err(|problems| into_command_error(&problems))?;
    loaded.config.require_keys()?;
    let mut warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    // Everything but `run` works without.
    warnings
        .extend(loaded.config.missing_for_run().iter().map(|missing| format!("{missing}: svs run needs it")));
    Ok(Findings::new(loaded.file, warnings, &loaded.config))
}

struct Findings {
    file: Option<PathBuf>,
    warnings: Vec<String>,
    groups: Vec<(String, usize)>,
    homes: PerRole<Option<Group>>,
}

impl Findings {
    fn new(file: Option<PathBuf>, warnings: Vec<String>, config: &Config) -> Findings {
        let roster = roster_of(config);
        let groups = Group::ALL.into_iter().map(|group| (group.to_string(), roster.members(group).len()));
        let router = config.keys.iter().filter(|key| key.id.group().is_none()).count();
        let groups = groups.chain([("router".to_owned(), router)]).filter(|(_, keys)| *keys > 0).collect();
        Findings { file, warnings, groups, homes: PerRole(Role::ALL.map(|role| roster.home(role))) }
    }

    fn keys(&self) -> usize {
        self.groups.iter().map(|(_, keys)| keys).sum()
    }
}

impl Report for Findings {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let place =
            self.file.as_ref().map_or_else(|| "no svs.toml".to_owned(), |file| file.display().to_string());
        let word = if self.warnings.is_empty() {
            style.paint(Paint::Good, "ok")
        } else {
            style.paint(Paint::Warning, &count(self.warnings.len(), "warning"))
        };
        let groups: Vec<String> = self.groups.iter().map(|(name, keys)| format!("{name} {keys}")).collect();
        let homes = Role::ALL.into_iter().rev().map(|role| {
            let home = self.homes[role].map_or_else(|| "nobody".to_owned(), |group| format!("group {group}"));
            format!("  {:<8} served by {home}", role.name())
        });
        let warnings = self.warnings.iter().map(|warning| format!("  {warning}"));
        let head =
            [format!("{place}: {word}"), format!("{}: {}", count(self.keys(), "key"), groups.join(", "))];
        Body::Text(lines(head.into_iter().chain(homes).chain(warnings)))
    }

    fn json(&self) -> Value {
        let homes: Map<String, Value> = Role::ALL
            .into_iter()
            .map(|role| (role.name().to_owned(), json!(self.homes[role].map(|group| group.to_string()))))
            .collect();
        json!({
            "file": self.file.as_ref().map(|file| file.to_string_lossy()),
            "keys": self.keys(),
            "groups": self.groups.iter().map(|(name, keys)| json!({"group": name, "keys": keys})).collect::<Vec<_>>(),
            "homes": homes,
            "warnings": self.warnings,
        })
    }

    fn brief(&self) -> String {
        lines(&self.warnings)
    }

    fn exit(&self) -> Exit {
        Exit(u8::from(!self.warnings.is_empty()))
    }
}
