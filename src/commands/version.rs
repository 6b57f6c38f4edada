//! `svs version`: which svs this is.

use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::{Body, Report, Style};

use super::Ctx;

/// Print the version; with --json also the system it was built for
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs version
  svs version --json | jq -r .version")]
pub(crate) struct VersionArgs {}

/// Says which svs this is.
#[expect(clippy::unnecessary_wraps, reason = "all commands are run alike")]
pub(crate) fn run(_: &VersionArgs, _: &Ctx) -> Result<impl Report + use<>, CommandError> {
    Ok(Version)
}

struct Version;

impl Report for Version {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(format!("svs {}\n", env!("CARGO_PKG_VERSION")))
    }

    fn brief(&self) -> String {
        format!("{}\n", env!("CARGO_PKG_VERSION"))
    }

    fn json(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        })
    }
}
