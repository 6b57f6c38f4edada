//! What a command has found, and its six shapes.

use std::process::ExitCode;

use serde_json::{Map, Value};

use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};

use super::stream::{note, print_raw};
use super::style::Style;
use super::table::Table;

/// The version of the JSON output; it grows only if a field is taken away or changes its meaning.
pub(crate) const SCHEMA: u64 = 1;

/// `--output`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns, for people.
    #[default]
    Table,
    /// Columns apart by tabs, without header.
    Plain,
    /// One JSON object.
    Json,
    /// One JSON object per row.
    Jsonl,
    /// Comma-separated, with header.
    Csv,
    /// One line as monitoring plugins print it, with exit codes 0 to 3.
    Nagios,
}

impl Format {
    /// The word on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Plain => "plain",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Nagios => "nagios",
        }
    }

    /// Whether errors are JSON too.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Jsonl)
    }
}

/// How output is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputOptions {
    /// `--output`.
    pub(crate) format: Format,
    /// `--quiet`.
    pub(crate) quiet: bool,
    /// How often `--verbose` was given.
    pub(crate) verbose: u8,
    /// The painter for standard output.
    pub(crate) stdout: Style,
    /// The painter for standard error.
    pub(crate) stderr: Style,
    /// Standard output is a terminal.
    pub(crate) stdout_is_terminal: bool,
    /// Standard error is a terminal.
    pub(crate) stderr_is_terminal: bool,
    /// The columns of the terminal, where standard output is one.
    pub(crate) width: Option<usize>,
}

impl OutputOptions {
    /// Whether a person watches standard error.
    pub(crate) const fn shows_progress(&self) -> bool {
        self.stderr_is_terminal && !self.quiet && !self.format.is_json()
    }
}

/// The exit code of a finished command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Exit(pub(crate) u8);

impl Exit {
    /// All well.
    pub(crate) const OK: Exit = Exit(0);
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.0)
    }
}

/// The view for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Body {
    /// Rows.
    Table(Table),
    /// Finished text with its line ends.
    Text(String),
}

/// What a command has found.
pub(crate) trait Report {
    /// For people.
    fn body(&self, style: Style, now: Timestamp) -> Body;

    /// For programs: an object, to which [`emit`] adds `"schema"`. Times are RFC 3339 in UTC.
    fn json(&self) -> Value;

    /// The rows for a spreadsheet, where they are others than those for people: whole values, instants in RFC 3339. Of
    /// a report that is text for people they are also the rows of `plain` and `jsonl`.
    fn csv(&self) -> Option<Table> {
        None
    }

    /// With `--quiet`: only what cannot be left out, such as the ids of the rows.
    fn brief(&self) -> String {
        String::new()
    }

    /// For a monitoring system: `STATUS - text | perfdata`; none if the command has no such view.
    fn nagios(&self) -> Option<String> {
        None
    }

    /// Whether the table is only its rows, apart by tabs, where no terminal shows it.
    fn is_bare_without_terminal(&self) -> bool {
        false
    }

    /// Lines for people beside the data, on standard error.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The exit code.
    fn exit(&self) -> Exit {
        Exit::OK
    }
}

/// Prints a report in the wished shape. A closed standard output is no failure.
pub(crate) fn emit(
    report: &impl Report,
    output: &OutputOptions,
    now: Timestamp,
) -> Result<Exit, CommandError> {
    let text = shape(report, output, now)?;
    if print_raw(&text).is_err() {
        return Ok(Exit::OK);
    }
    if !output.quiet && matches!(output.format, Format::Table) {
        for line in report.notes() {
            note(&line);
        }
    }
    Ok(report.exit())
}

fn shape(report: &impl Report, output: &OutputOptions, now: Timestamp) -> Result<String, CommandError> {
    let unsupported = |format: &str| {
        CommandError::new(ErrorKind::Usage, format!("this command has no output as {format}"))
            .hint("svs help output lists the formats")
    };
    if output.format == Format::Nagios {
        return report.nagios().map(|line| line + "\n").ok_or_else(|| unsupported("nagios"));
    }
    if output.format == Format::Json {
        return Ok(with_schema(report.json()).to_string() + "\n");
    }
    if output.format == Format::Jsonl {
        return Ok(json_lines(report, now));
    }
    if output.quiet {
        return Ok(report.brief());
    }
    if output.format == Format::Csv
        && let Some(table) = report.csv()
    {
        return Ok(table.csv());
    }
    let body =
        report.body(if output.format == Format::Table { output.stdout } else { Style::default() }, now);
    match (body, output.format) {
        (Body::Table(table), Format::Csv) => Ok(table.csv()),
        (Body::Table(table), Format::Plain) => Ok(table.plain()),
        (Body::Table(table), _) if !output.stdout_is_terminal && report.is_bare_without_terminal() => {
            Ok(table.plain())
        }
        (Body::Table(table), _) => Ok(table.aligned(output.stdout, output.width)),
        (Body::Text(_), Format::Csv) => Err(unsupported("csv")),
        (Body::Text(text), Format::Plain) => Ok(report.csv().map_or(text, |table| table.plain())),
        (Body::Text(text), _) => Ok(text),
    }
}

/// The rows of the table one by one; a report without rows is one line.
fn json_lines(report: &impl Report, now: Timestamp) -> String {
    let mut json = report.json();
    let table = match report.body(Style::default(), now) {
        Body::Table(table) => Some(table),
        Body::Text(_) => report.csv(),
    };
    if let Some(table) = table
        && let Some(Value::Array(rows)) = json.get_mut(table.name()).map(Value::take)
    {
        return rows.into_iter().map(|row| with_schema(row).to_string() + "\n").collect();
    }
    with_schema(json).to_string() + "\n"
}

/// Puts the version of the output into the object.
pub(crate) fn with_schema(json: Value) -> Value {
    let mut object = match json {
        Value::Object(object) => object,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    object.insert("schema".to_owned(), SCHEMA.into());
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::style::Paint;
    use super::*;

    struct Keys;

    impl Report for Keys {
        fn body(&self, _: Style, _: Timestamp) -> Body {
            let mut table = Table::new("keys", &["KEY", "STATE"]);
            table.row([(Paint::Plain, "A1".to_owned()), (Paint::Good, "ok".to_owned())]);
            table.row([(Paint::Plain, "A2".to_owned()), (Paint::Bad, "invalid".to_owned())]);
            Body::Table(table)
        }

        fn json(&self) -> Value {
            json!({"keys": [{"key": "A1", "state": "ok"}, {"key": "A2", "state": "invalid"}]})
        }

        fn brief(&self) -> String {
            "A2\n".to_owned()
        }
    }

    fn shaped(format: Format, quiet: bool) -> Result<String, CommandError> {
        shape(&Keys, &OutputOptions { format, quiet, ..OutputOptions::default() }, Timestamp::ZERO)
    }

    #[test]
    fn one_report_has_every_shape() {
        let cases = [
            (Format::Table, false, "KEY  STATE\nA1   ok\nA2   invalid\n"),
            (Format::Table, true, "A2\n"),
            (Format::Plain, false, "A1\tok\nA2\tinvalid\n"),
            (Format::Csv, false, "key,state\nA1,ok\nA2,invalid\n"),
            (
                Format::Json,
                true,
                "{\"keys\":[{\"key\":\"A1\",\"state\":\"ok\"},{\"key\":\"A2\",\"state\":\"invalid\"}],\"schema\":1}\n",
            ),
            (
                Format::Jsonl,
                false,
                "{\"key\":\"A1\",\"schema\":1,\"state\":\"ok\"}\n{\"key\":\"A2\",\"schema\":1,\"state\":\"invalid\"}\n",
            ),
        ];
        for (format, quiet, expected) in cases {
            assert_eq!(shaped(format, quiet), Ok(expected.to_owned()), "{format:?}");
        }
    }

    #[test]
    fn a_shape_a_command_does_not_have_is_a_usage_error() {
        assert_eq!(shaped(Format::Nagios, false).map_err(|error| error.kind), Err(ErrorKind::Usage));
    }
}
