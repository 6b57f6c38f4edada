//! How a failure looks: `error: … / caused by: … / hint: …` on standard error, an object where JSON was asked for,
//! one status line on standard output for a monitoring system.

use serde_json::json;

use crate::error::{CommandError, ErrorKind};

use super::report::{Exit, Format, with_schema};
use super::stream::{note, print_raw};
use super::style::{Paint, Style};
use super::text::harmless;

/// Prints a failure in the wished shape and says with which code to exit.
pub(crate) fn print_failure(error: &CommandError, format: Format, style: Style) -> Exit {
    match format {
        Format::Json | Format::Jsonl => note(&json_failure(error)),
        Format::Nagios => {
            let (line, exit) = nagios_failure(error);
            // A monitor that has closed its end gets the code all the same.
            let _ = print_raw(&line);
            return exit;
        }
        // Who pressed Ctrl-C knows.
        _ if error.kind == ErrorKind::Interrupted => {}
        Format::Table | Format::Plain | Format::Csv => note(&plain_failure(error, style)),
    }
    Exit(error.kind.exit_code())
}

/// The lines for people, without the last line end.
fn plain_failure(error: &CommandError, style: Style) -> String {
    let mut lines = vec![format!("{} {}", style.paint(Paint::Bad, "error:"), harmless(&error.message))];
    let part = |title, text: &String| format!("{} {}", style.paint(Paint::Strong, title), harmless(text));
    lines.extend(error.causes.iter().map(|cause| part("caused by:", cause)));
    lines.extend(error.hints.iter().map(|hint| part("hint:", hint)));
    lines.join("\n")
}

/// The object for programs.
pub(crate) fn json_failure(error: &CommandError) -> String {
    let failure = json!({
        "code": error.kind.name(),
        "message": error.message,
        "causes": error.causes,
        "hint": (!error.hints.is_empty()).then(|| error.hints.join("; ")),
        "exit": error.kind.exit_code(),
    });
    with_schema(json!({ "error": failure })).to_string()
}

/// A service that does not answer is critical; what could not be found out is unknown.
fn nagios_failure(error: &CommandError) -> (String, Exit) {
    let (word, code) = match error.kind {
        ErrorKind::Negative => ("WARNING", 1),
        ErrorKind::Critical | ErrorKind::Unavailable => ("CRITICAL", 2),
        _ => ("UNKNOWN", 3),
    };
    // The bar would begin performance data.
    (format!("{word} - {}\n", super::text::one_line(&error.message).replace('|', "/")), Exit(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_daemon() -> CommandError {
        let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
        CommandError::new(ErrorKind::Unavailable, "the daemon is not running")
            .caused_by(&cause)
            .hint("systemctl start svs")
    }

    #[test]
    fn a_failure_names_cause_and_hint() {
        assert_eq!(
            plain_failure(&no_daemon(), Style::new(false)),
            "error: the daemon is not running\ncaused by: entity not found\nhint: systemctl start svs"
        );
    }

    #[test]
    fn a_failure_as_json_has_code_message_and_hint() {
        let json: serde_json::Value =
            serde_json::from_str(&json_failure(&no_daemon())).expect("it is an object");
        assert_eq!(json["schema"], 1);
        assert_eq!(json["error"]["code"], "unavailable");
        assert_eq!(json["error"]["message"], "the daemon is not running");
        assert_eq!(json["error"]["hint"], "systemctl start svs");
        assert_eq!(json["error"]["exit"], 69);
    }

    #[test]
    fn a_monitor_learns_the_state_from_a_failure_too() {
        assert_eq!(
            nagios_failure(&no_daemon()),
            ("CRITICAL - the daemon is not running\n".to_owned(), Exit(2))
        );
        let usage = CommandError::new(ErrorKind::Usage, "a | b\nc");
        assert_eq!(nagios_failure(&usage), ("UNKNOWN - a / b c\n".to_owned(), Exit(3)));
    }
}
