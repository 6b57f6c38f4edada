//! A table as people can read it on a phone: aligned by the width of its characters, or, when that is too wide,
//! row by row.

use unicode_width::UnicodeWidthStr as _;

use super::document::{Document, Kind};
use super::measure::is_cjk;
use super::writer::Writer;

/// Columns of monospace text that a phone shows in one line.
pub(super) const MAX_COLUMNS: usize = 44;

/// How a column is aligned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// To the left.
    Left,
    /// To the middle.
    Middle,
    /// To the right.
    Right,
}

/// A table that is being read.
#[derive(Default, Debug)]
pub(super) struct Table {
    pub(super) sides: Vec<Side>,
    /// The head first.
    pub(super) rows: Vec<Vec<Document>>,
}

impl Table {
    /// Writes the table.
    pub(super) fn write(&self, writer: &mut Writer) {
        let has_links =
            self.cells().any(|cell| cell.spans.iter().any(|span| matches!(span.kind, Kind::Link { .. })));
        let widths = self.widths();
        let total = widths.iter().sum::<usize>() + 3 * widths.len().saturating_sub(1);
        if total > MAX_COLUMNS || has_links {
            self.write_rows(writer);
        } else {
            writer.special(&self.aligned(&widths), Kind::Pre { language: None });
        }
    }

    fn cells(&self) -> impl Iterator<Item = &Document> {
        self.rows.iter().flatten()
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.sides.len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.text.split('\n').map(str::width).fold(*width, usize::max);
            }
        }
        widths
    }

    fn aligned(&self, widths: &[usize]) -> String {
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let height = row.iter().map(|cell| cell.text.split('\n').count()).max().unwrap_or(0);
            for line in 0..height {
                for (column, width) in widths.iter().enumerate() {
                    let text = row.get(column).and_then(|cell| cell.text.split('\n').nth(line)).unwrap_or("");
                    out.push_str(if column == 0 { "" } else { " | " });
                    push_aligned(&mut out, text, *width, self.sides[column]);
                }
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
            }
            if number == 0 {
                let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
                out.push_str(&dashes.join("-+-"));
                out.push('\n');
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// The first cell of each row in bold, then a line for each other cell, behind the name of its column.
    fn write_rows(&self, writer: &mut Writer) {
        let Some((head, body)) = self.rows.split_first() else { return };
        if body.is_empty() {
            for cell in head {
                writer.part(1, 0);
                writer.document(cell);
            }
        }
        for (number, row) in body.iter().enumerate() {
            if number > 0 {
                writer.part(2, 0);
            }
            for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
                writer.part(1, 0);
                if let Some(name) = head.get(column).filter(|name| !name.text.is_empty()) {
                    writer.document(name);
                    writer.text(if name.text.ends_with(is_cjk) { "：" } else { ": " });
                }
                if column == 0 {
                    writer.begin(Kind::Bold);
                    writer.document(cell);
                    writer.end();
                } else {
                    writer.document(cell);
                }
            }
        }
    }
}

fn push_aligned(out: &mut String, text: &str, width: usize, side: Side) {
    let space = width.saturating_sub(text.width());
    let before = match side {
        Side::Left => 0,
        Side::Middle => space / 2,
        Side::Right => space,
    };
    out.extend(std::iter::repeat_n(' ', before));
    out.push_str(text);
    out.extend(std::iter::repeat_n(' ', space - before));
}
