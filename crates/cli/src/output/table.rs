//! Rows and columns: aligned under a header for a person, separated by tabs for a program.

use clap::builder::styling::Style;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use super::escaped;

/// Gap between columns on a terminal.
const GAP: usize = 2;

/// A table whose cells may hold anything, values that were asked for among them: they are made
/// harmless when they come, and wiped when they go.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Zeroizing<String>>>,
}

impl Table {
    /// A table with these columns.
    pub fn new<const COLUMNS: usize>(header: [&'static str; COLUMNS]) -> Self {
        Self {
            header: header.map(str::to_owned).into(),
            rows: Vec::new(),
        }
    }

    /// A table whose columns come out of the vault too.
    pub fn with_columns(header: impl IntoIterator<Item = String>) -> Self {
        Self {
            header: header.into_iter().map(|title| escaped(&title)).collect(),
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
        let cells = cells.into_iter().map(Zeroizing::new);
        let cells = cells.map(|cell| Zeroizing::new(escaped(&cell)));
        self.rows.push(cells.collect());
    }

    /// For a terminal: a header, and columns aligned by display width, without those that are
    /// empty. Else: no header, all columns, and a tab between cells, which can't hold one
    /// themselves.
    pub(super) fn render(&self, terminal: bool) -> Zeroizing<String> {
        let widths = self.widths();
        let mut text = Zeroizing::new(String::with_capacity(self.room(&widths)));
        if terminal && !self.header.is_empty() && !self.rows.is_empty() {
            let bold = Style::new().bold();
            text.push_str(&bold.render().to_string());
            push_aligned(&mut text, &self.header, &widths);
            text.push_str(&bold.render_reset().to_string());
            text.push('\n');
        }
        for row in &self.rows {
            if terminal {
                push_aligned(&mut text, row, &widths);
            } else {
                push_tabbed(&mut text, row);
            }
            text.push('\n');
        }
        text
    }

    /// The most bytes that it takes when rendered, so that no copy of a value stays behind.
    fn room(&self, widths: &[usize]) -> usize {
        const STYLE: usize = 16;
        let gaps: usize = widths.iter().map(|width| width + GAP).sum();
        let cells: usize = self.rows.iter().flatten().map(|cell| cell.len()).sum();
        let titles: usize = self.header.iter().map(|title| title.len()).sum();
        cells + titles + STYLE + (self.rows.len() + 1) * (gaps + 1)
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

fn push_aligned(text: &mut String, cells: &[impl AsRef<str>], widths: &[usize]) {
    let start = text.len();
    let shown = cells.iter().zip(widths).filter(|(_, width)| **width > 0);
    for (cell, width) in shown {
        let cell = cell.as_ref();
        text.push_str(cell);
        text.extend(std::iter::repeat_n(' ', width - cell.width() + GAP));
    }
    text.truncate(start + text[start..].trim_end().len());
}

fn push_tabbed(text: &mut String, cells: &[Zeroizing<String>]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        text.push_str(cell);
    }
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
        assert_eq!(*table.render(false), "a\t\tkey\n");
    }

    #[test]
    fn it_never_grows_while_it_is_rendered() {
        for terminal in [true, false] {
            let table = sample();
            let room = table.room(&table.widths());
            let rendered = table.render(terminal);
            assert!(rendered.len() <= room, "{} > {room}", rendered.len());
        }
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
