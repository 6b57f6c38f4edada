//! `--serve`: the two servers and what points a bot at them.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::commands::Ctx;
use crate::error::{CommandError, ErrorKind};
use crate::sandbox::Sandbox;
use crate::ui::text::lines;
use crate::ui::{Format, Stream, note, with_schema};

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
    // These look like secrets, and nothing else is to be printed: the scrubbing printer is of no use here.
    if Stream::stdout().write(&listed(&variables, ctx.output.format)).is_err() {
        return Err(CommandError::new(ErrorKind::CannotWrite, "nobody reads the environment of a bot"));
    }
    if !ctx.output.quiet && !ctx.output.format.is_json() {
        note("both servers run until Ctrl-C; put these lines into another shell, then: svs run");
    }
    Ok(())
}

fn listed(variables: &[(String, String)], format: Format) -> String {
    if format.is_json() {
        let values = variables.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        return format!("{}\n", with_schema(json!({ "environment": values.collect::<Map<_, _>>() })));
    }
    lines(variables.iter().map(|(name, value)| format!("export {name}={}", quoted(value))))
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
