//! Rows and columns: aligned under a header for a person, separated by tabs for a program.

use clap::builder::styling::Style;
use unicode_width::UnicodeWidthStr;

use super::escaped;

/// Gap between columns on a terminal.
const GAP: usize = 2;

/// A table whose cells may hold anything; it is made harmless when rendered.
pub struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new<const COLUMNS: usize>(header: [&'static str; COLUMNS]) -> Self {
        Self {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    /// A table of two or three columns whose meaning is plain.
    pub fn without_header() -> Self {
        Self {
            header: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, one cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| escaped(&cell)).collect();
        self.rows.push(cells);
    }

    /// For a terminal: a header, and columns aligned by display width, without those that are
    /// empty. Else: no header, all columns, and a tab between cells, which can't hold one
    /// themselves.
    pub(super) fn render(&self, terminal: bool) -> String {
        let mut text = String::new();
        if !terminal {
            for row in &self.rows {
                text.push_str(&row.join("\t"));
                text.push('\n');
            }
            return text;
        }
        let widths = self.widths();
        if !self.header.is_empty() && !self.rows.is_empty() {
            let bold = Style::new().bold();
            text.push_str(&format!(
                "{bold}{}{bold:#}\n",
                aligned(&self.header, &widths)
            ));
        }
        for row in &self.rows {
            text.push_str(&aligned(row, &widths));
            text.push('\n');
        }
        text
    }

    /// The width of each column, with its title; 0 where there is nothing in it.
    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        for (width, title) in widths.iter_mut().zip(&self.header) {
            if *width > 0 {
                *width = (*width).max(title.width());
            }
        }
        widths
    }
}

fn aligned(cells: &[impl AsRef<str>], widths: &[usize]) -> String {
    let mut line = String::new();
    let shown = cells.iter().zip(widths).filter(|(_, width)| **width > 0);
    for (cell, width) in shown {
        let cell = cell.as_ref();
        line.push_str(cell);
        line.push_str(&" ".repeat(width - cell.width() + GAP));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["NAME", "KIND"]);
        table.row(["鍵".to_owned(), "key".to_owned()]);
        table.row(["two\tcells\n".to_owned(), "note".to_owned()]);
        table
    }

    #[test]
    fn columns_align_by_display_width() {
        let mut table = Table::new(["NAME", "KIND"]);
        table.row(["鍵".to_owned(), "key".to_owned()]);
        table.row(["NARROW".to_owned(), "note".to_owned()]);
        let rendered = table.render(true);
        let lines: Vec<&str> = rendered.lines().skip(1).collect();
        assert_eq!(lines, ["鍵      key", "NARROW  note"]);
    }

    #[test]
    fn an_empty_column_is_not_shown_to_people() {
        let mut table = Table::new(["NAME", "STATE", "KIND"]);
        table.row(["a".to_owned(), String::new(), "key".to_owned()]);
        assert!(!table.render(true).contains("STATE"));
        assert_eq!(table.render(false), "a\t\tkey\n");
    }

    #[test]
    fn no_cell_can_forge_a_cell_or_a_line() {
        let rendered = sample().render(false);
        assert_eq!(rendered.lines().count(), 2, "threat 60: {rendered:?}");
        assert!(
            rendered.lines().all(|line| line.split('\t').count() == 2),
            "{rendered:?}"
        );
    }
}
