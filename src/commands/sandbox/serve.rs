//! `--serve`: the two servers and what points a bot at them.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::commands::Ctx;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};
use crate::sandbox::Sandbox;
use crate::ui::{Body, Report, Style, emit, note};

/// Prints the environment; the servers run on.
pub(super) fn announce(sandbox: &Sandbox, folder: &Path, ctx: &Ctx) -> Result<(), CommandError> {
    let nothing = folder.join("svs.toml");
    std::fs::write(&nothing, "").map_err(|error| {
        CommandError::new(ErrorKind::CannotWrite, format!("{} cannot be written", nothing.display()))
            .caused_by(&error)
    })?;
    let mut variables = sandbox.environment();
    // A bot that tries things out must not touch the state and the settings of the real one.
    let own = [
        ("SVS_CONFIG", nothing),
        ("SVS_STATE_DIR", folder.join("state")),
        ("SVS_SOCKET", folder.join("control.sock")),
    ];
    variables.extend(own.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned())));
    emit(&Environment(variables), &ctx.output, ctx.clock.now())?;
    if !ctx.output.quiet && !ctx.output.format.is_json() {
        note("both servers run until Ctrl-C; put these lines into another shell, then: svs run");
    }
    Ok(())
}

struct Environment(Vec<(String, String)>);

impl Report for Environment {
    fn body(&self, _: Style, _: Timestamp) -> Body {
        Body::Text(self.brief())
    }

    fn brief(&self) -> String {
        self.0.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect()
    }

    fn json(&self) -> Value {
        let variables: Map<String, Value> =
            self.0.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        json!({ "environment": variables })
    }
}

/// As a POSIX shell reads it back.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_word_to_a_shell() {
        assert_eq!(quoted("a b$c"), "'a b$c'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
