//! Aligned columns of text.

use std::fmt;

/// Rows under a header; the first column is aligned to the left, the others to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
    left: usize,
}

impl Table {
    /// A table with this header and no rows.
    pub fn new(header: &[&str]) -> Self {
        Self { rows: vec![header.iter().map(|cell| (*cell).to_owned()).collect()], left: 1 }
    }

    /// Aligns the first `columns` columns to the left instead of one.
    pub fn left(mut self, columns: usize) -> Self {
        self.left = columns;
        self
    }

    /// Appends a row; cells that it lacks at the end stay empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter(|row| !runs_on(row, column, columns)).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max()
        };
        (0..columns).map(|column| width(column).unwrap_or(0)).collect()
    }
}

/// Whether a cell may be as long as it likes: the last one of a short row, since nothing stands behind it.
fn runs_on(row: &[String], column: usize, columns: usize) -> bool {
    row.len() < columns && column + 1 == row.len()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if column < self.left || runs_on(row, column, widths.len()) {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_alphabet() {
        let mut table = Table::new(&["name", "time"]);
        table.row(["a", "12 µs"]);
        table.row(["longer", "3 s"]);
        let mut short = Table::new(&["name", "time", "rate"]);
        short.row(["a", "12 µs", "1"]);
        short.row(["b", "rejected for a long reason"]);
        assert_eq!(short.to_string(), "name   time  rate\na     12 µs     1\nb     rejected for a long reason\n");
        assert_eq!(table.to_string(), "name     time\na       12 µs\nlonger    3 s\n");
    }
}
