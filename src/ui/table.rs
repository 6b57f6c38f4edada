//! Tables: aligned columns without borders, wide characters counted as two; a list of records where the terminal
//! is too narrow for columns.

use unicode_width::UnicodeWidthStr as _;

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

/// Between two columns.
const GAP: &str = "  ";

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

    /// For people: columns, or records where `width` is too small for them.
    pub(crate) fn aligned(&self, style: Style, width: Option<usize>) -> String {
        let widths: Vec<usize> = (0..self.header.len()).map(|column| self.column_width(column)).collect();
        let natural = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        if width.is_some_and(|width| natural > width) {
            return self.records(style);
        }
        let mut out = String::new();
        let header = self.header.iter().map(|title| (Paint::Strong, *title));
        push_line(&mut out, style, &widths, header);
        for row in &self.rows {
            push_line(&mut out, style, &widths, row.iter().map(|cell| (cell.paint, cell.text.as_str())));
        }
        out
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

    fn column_width(&self, column: usize) -> usize {
        let fields = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width());
        fields.chain([self.header[column].width()]).max().unwrap_or(0)
    }
}

fn push_line<'a>(
    out: &mut String,
    style: Style,
    widths: &[usize],
    fields: impl Iterator<Item = (Paint, &'a str)>,
) {
    let mut line = String::new();
    // Blanks are owed until the next text, so that no line ends with them.
    let mut owed = 0;
    for ((paint, text), width) in fields.zip(widths) {
        if !text.is_empty() {
            line.extend(std::iter::repeat_n(' ', owed));
            line.push_str(&style.paint(paint, text));
            owed = 0;
        }
        owed += width.saturating_sub(text.width()) + GAP.len();
    }
    out.push_str(&line);
    out.push('\n');
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
        assert!(colored.contains("小明          \x1b[32mvip\x1b[0m\n"), "{colored:?}");
    }

    #[test]
    fn a_terminal_of_one_column_gets_records() {
        let expected = "SEAT 1\nNAME 小明\nROLE vip\n\nSEAT 2\nNAME O'Neil, \"Bo\"\nROLE \n";
        for width in [0, 1, 23] {
            assert_eq!(people().aligned(Style::new(false), Some(width)), expected);
        }
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
