//! Tables: comfy-table lays the columns out, without borders and with wide characters counted as two. A terminal that
//! is too narrow for columns gets one field per line.

use comfy_table::{Attribute, Color, ColumnConstraint, ContentArrangement, presets};
use crossterm::style::force_color_output;

use super::style::{Paint, Style};
use super::text::one_line;

/// One field of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Cell {
    text: String,
    paint: Paint,
}

/// Rows under a header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Table {
    /// The field of the JSON report that holds the same rows.
    name: &'static str,
    header: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

/// Blanks between two columns.
const GAP: u16 = 2;
/// The last column may be folded down to this width; what is narrower is shown as records.
const NARROWEST: u16 = 16;

impl Table {
    /// An empty table. `header` is in capitals; as CSV it is in small letters.
    pub(crate) const fn new(name: &'static str, header: &'static [&'static str]) -> Table {
        Table { name, header, rows: Vec::new() }
    }

    /// The field of the JSON report that holds the same rows.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a row with one field per column.
    pub(crate) fn row<const N: usize>(&mut self, fields: [(Paint, String); N]) {
        debug_assert_eq!(N, self.header.len(), "a row has one field per column");
        let cells =
            fields.into_iter().map(|(paint, text)| Cell { text: one_line(&text).into_owned(), paint });
        self.rows.push(cells.collect());
    }

    /// Adds a row in which nothing stands out.
    pub(crate) fn plain_row<const N: usize>(&mut self, fields: [String; N]) {
        self.row(fields.map(|field| (Paint::Plain, field)));
    }

    /// For people: columns, of which the last is folded where `width` asks for it, or else records.
    pub(crate) fn aligned(&self, style: Style, width: Option<usize>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).force_no_tty();
        table.set_header(self.header.iter().map(|title| painted(Paint::Strong, title)));
        table.add_rows(self.rows.iter().map(|row| row.iter().map(|cell| painted(cell.paint, &cell.text))));
        if style.is_enabled() {
            // Whether there is color was decided with `style`, by more than what comfy-table looks at.
            force_color_output(true);
            table.enforce_styling();
            table.style_text_only();
        }
        let last = self.header.len().saturating_sub(1);
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if place == last { 0 } else { GAP }));
        }
        if let Some(width) = width {
            let widths = table.column_max_content_widths();
            let before: u16 = widths.iter().take(last).map(|column| column + GAP).sum();
            let width = u16::try_from(width).unwrap_or(u16::MAX);
            if width < before + widths.get(last).map_or(0, |column| NARROWEST.min(*column)) {
                return self.records(style);
            }
            table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
            for column in table.column_iter_mut().take(last) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        table.trim_fmt() + "\n"
    }

    /// One field per line, rows apart by an empty line.
    fn records(&self, style: Style) -> String {
        let record = |row: &Vec<Cell>| -> String {
            let field = |(title, cell): (&&str, &Cell)| {
                format!("{} {}\n", style.paint(Paint::Strong, title), style.paint(cell.paint, &cell.text))
            };
            self.header.iter().zip(row).map(field).collect()
        };
        self.rows.iter().map(record).collect::<Vec<_>>().join("\n")
    }

    /// For `cut` and `grep`: fields apart by tabs, no header.
    pub(crate) fn plain(&self) -> String {
        let line = |row: &Vec<Cell>| {
            let fields: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
            fields.join("\t") + "\n"
        };
        self.rows.iter().map(line).collect()
    }

    /// RFC 4180 with a header, lines ended by a line feed.
    pub(crate) fn csv(&self) -> String {
        let line = |fields: Vec<String>| fields.join(",") + "\n";
        let header = line(self.header.iter().map(|title| title.to_lowercase()).collect());
        let rows = self.rows.iter().map(|row| line(row.iter().map(|cell| csv_field(&cell.text)).collect()));
        header + &rows.collect::<String>()
    }
}

fn painted(paint: Paint, text: &str) -> comfy_table::Cell {
    let cell = comfy_table::Cell::new(text);
    match paint {
        Paint::Plain => cell,
        Paint::Good => cell.fg(Color::DarkGreen),
        Paint::Warning => cell.fg(Color::DarkYellow),
        Paint::Bad => cell.fg(Color::DarkRed),
        Paint::Strong => cell.add_attribute(Attribute::Bold),
        Paint::Faint => cell.add_attribute(Attribute::Dim),
    }
}

fn csv_field(text: &str) -> String {
    // A leading = + - @ would be run as a formula by a spreadsheet; a number stays a number.
    let text = match text.chars().next() {
        Some('=' | '+' | '-' | '@') if text.parse::<f64>().is_err() && text != "-" => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Table {
        let mut table = Table::new("people", &["SEAT", "NAME", "ROLE"]);
        let plain = |text: &str| (Paint::Plain, text.to_owned());
        table.row([plain("1"), plain("小明"), (Paint::Good, "vip".to_owned())]);
        table.row([plain("2"), plain("O'Neil, \"Bo\""), plain("")]);
        table
    }

    #[test]
    fn wide_characters_count_as_two_and_no_line_ends_in_blanks() {
        let expected = "SEAT  NAME          ROLE\n1     小明          vip\n2     O'Neil, \"Bo\"\n";
        assert_eq!(people().aligned(Style::new(false), None), expected);
        assert_eq!(people().aligned(Style::new(false), Some(24)), expected);
    }

    #[test]
    fn color_does_not_move_columns() {
        let colored = people().aligned(Style::new(true), None);
        let vip = colored.find("vip").expect("it is there");
        let before = &colored[..vip];
        assert!(
            before.contains("\x1b[1mSEAT\x1b[0m  ") && before.ends_with("小明          \x1b[38;5;2m"),
            "{colored:?}"
        );
    }

    #[test]
    fn a_terminal_of_one_column_gets_records() {
        let expected = "SEAT 1\nNAME 小明\nROLE vip\n\nSEAT 2\nNAME O'Neil, \"Bo\"\nROLE \n";
        for width in [0, 1, 23] {
            assert_eq!(people().aligned(Style::new(false), Some(width)), expected);
        }
    }

    #[test]
    fn only_the_last_column_is_folded() {
        let mut table = Table::new("keys", &["KEY", "REASON"]);
        let reason = "the key has been reported as leaked, please use another key";
        table.row([(Paint::Plain, "A1".to_owned()), (Paint::Plain, reason.to_owned())]);
        let folded = table.aligned(Style::new(false), Some(25));
        assert!(folded.lines().count() > 3 && folded.lines().all(|line| line.len() <= 25), "{folded}");
        assert!(folded.lines().skip(2).all(|line| line.starts_with("     ")), "{folded}");
        assert_eq!(folded.split_whitespace().skip(3).collect::<Vec<_>>().join(" "), reason);
        assert_eq!(table.aligned(Style::new(false), Some(20)), format!("KEY A1\nREASON {reason}\n"));
    }

    #[test]
    fn plain_has_tabs_and_csv_has_quotes() {
        assert_eq!(people().plain(), "1\t小明\tvip\n2\tO'Neil, \"Bo\"\t\n");
        assert_eq!(people().csv(), "seat,name,role\n1,小明,vip\n2,\"O'Neil, \"\"Bo\"\"\",\n");
    }

    #[test]
    fn a_field_cannot_break_its_row_or_be_a_formula() {
        let mut table = Table::new("rows", &["TEXT"]);
        for text in ["a\nb\tc\x1b[31m", "=1+1", "-5", "-"] {
            table.row([(Paint::Plain, text.to_owned())]);
        }
        assert_eq!(table.plain(), "a b c [31m\n=1+1\n-5\n-\n");
        assert_eq!(table.csv(), "text\na b c [31m\n'=1+1\n-5\n-\n");
    }
}
