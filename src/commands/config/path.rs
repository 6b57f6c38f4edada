//! `svs config path`: which file is read.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::commands::Ctx;
use crate::config::config_path;
use crate::domain::time::Timestamp;
use crate::error::CommandError;
use crate::ui::{Body, Exit, Report, Style};

/// Which svs.toml is read
///
/// Exits with 1 if the file is not there, which is no error: everything can be set in the environment.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  svs config path
  $EDITOR \"$(svs config path)\"")]
pub(crate) struct PathArgs {}

/// Finds it.
#[expect(clippy::unnecessary_wraps, reason = "all commands are run alike")]
pub(crate) fn run(_: &PathArgs, ctx: &Ctx) -> Result<impl Report + use<>, CommandError> {
    let (path, exists) = config_path(&ctx.load_options());
    Ok(Place { path, exists })
}

struct Place {
    path: PathBuf,
    exists: bool,
}

impl Report for Place {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(format!("{}\n", self.path.display()))
    }

    fn brief(&self) -> String {
        format!("{}\n", self.path.display())
    }

    fn json(&self) -> Value {
        json!({"path": self.path.to_string_lossy(), "exists": self.exists})
    }

    fn notes(&self) -> Vec<String> {
        if self.exists { Vec::new() } else { vec!["the file is not there".to_owned()] }
    }

    fn exit(&self) -> Exit {
        Exit(u8::from(!self.exists))
    }
}
