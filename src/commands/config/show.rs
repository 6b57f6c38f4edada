//! `svs config show`: every setting and where it comes from. Secrets are masked before they come here.

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::config::{Loaded, Origin, Setting, variables_of};
use crate::domain::nearest::did_you_mean;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Body, Paint, Report, Style, Table};

/// Every setting, secrets masked
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs config show
  svs config show --origin
  svs config show telegram -o json")]
pub(crate) struct ShowArgs {
    /// Only settings whose name begins so
    #[arg(value_name = "PREFIX")]
    prefix: Option<String>,
    /// Say where each value comes from
    #[arg(long)]
    origin: bool,
    /// Leave out what nobody set
    #[arg(long)]
    changed: bool,
}

/// Loads the configuration.
pub(crate) fn run(args: &ShowArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let Loaded { settings, .. } = ctx.load()?;
    let prefix = args.prefix.as_deref().unwrap_or_default();
    if !settings.iter().any(|setting| setting.name.starts_with(prefix)) {
        let sections = settings.iter().filter_map(|setting| setting.name.split('.').next());
        let known = settings.iter().map(|setting| &*setting.name).chain(sections);
        let guess = did_you_mean(prefix, known);
        let error = CommandError::new(ErrorKind::NotFound, format!("no setting begins with {prefix}{guess}"));
        return Err(error.hint("svs config show"));
    }
    let is_shown = |setting: &Setting| {
        setting.name.starts_with(prefix) && !(args.changed && setting.origin == Origin::Default)
    };
    Ok(Settings { settings: settings.into_iter().filter(is_shown).collect(), origin: args.origin })
}

struct Settings {
    settings: Vec<Setting>,
    origin: bool,
}

impl Report for Settings {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        let header: &'static [&'static str] =
            if self.origin { &["SETTING", "VALUE", "ORIGIN"] } else { &["SETTING", "VALUE"] };
        let mut table = Table::new("settings", header);
        for setting in &self.settings {
            let name = (Paint::Strong, setting.name.clone());
            let value = (Paint::Plain, setting.value.clone());
            if self.origin {
                table.row([name, value, (Paint::Faint, setting.origin.to_string())]);
            } else {
                table.row([name, value]);
            }
        }
        Body::Table(table)
    }

    fn json(&self) -> Value {
        let setting = |setting: &Setting| {
            json!({
                "name": setting.name,
                "value": setting.value,
                "origin": setting.origin.to_string(),
                "variables": variables_of(&setting.name),
            })
        };
        json!({"settings": self.settings.iter().map(setting).collect::<Vec<_>>()})
    }
}
