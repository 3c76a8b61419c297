//! Rewrites rows that were written before their table had its final columns and types.
//!
//! A CSV row cannot be read without its header, and a file has one header. So once the final
//! columns are known, the file is copied: a new header, an empty cell for each column that came
//! later, and new text for cells that look different in the final type of their column. Columns `a`
//! (booleans that became text, in Python's words) and `b` (came later, between `a` and `c`):
//!
//! ```text
//! before       after
//!
//! a,c          a,b,c
//! True,1       true,,1
//! ,2           ,,2
//! yes,z,3      yes,z,3
//! ```
//!
//! The rows of a file fall into stretches with the same columns and types. A [`RewritePlan`] lists
//! what to do with each cell of a stretch; `transmog-io` copies the file in pieces of whole rows
//! and applies the plans on several threads. Only rows of this crate are understood, not CSV in
//! general.

mod row_rewriter;

use std::io;

use arrow_schema::DataType;
use memchr::{memchr_iter, memrchr};
use transmog_core::Words;
use transmog_io::text_tables::{Columns, Revision, changes, respell};

use self::row_rewriter::RowRewriter;
use crate::{dialect::Dialect, rows::end_row};

/// What to do with the rows of one stretch of the file.
#[derive(Debug)]
pub(crate) struct RewritePlan {
    /// The cells of each row, in order.
    cells: Vec<OldCell>,
    /// How many empty cells to add after the last one.
    missing_last: usize,
    /// How many columns the finished file has.
    columns: usize,
    dialect: Dialect,
}

/// What to do with one cell of each row.
#[derive(Debug)]
struct OldCell {
    /// How many empty cells to add before it.
    missing_before: usize,
    change: Option<Change>,
    /// How many cells in a row, this one first, can be copied together with the delimiter after
    /// them, because nothing changes in them and nothing is added before the next one. Never
    /// reaches beyond the row.
    untouched: usize,
}

/// Why a cell gets new text.
#[derive(Debug)]
enum Change {
    /// It was the only cell of its row, so an empty one was written as `""`; now it needs no
    /// quotes.
    NoLongerSole,
    /// The column became text, which has `true` where a boolean had `True`.
    Boolean,
    /// The column became text, and text that begins with a minus is guarded.
    Number,
    /// A list whose items have another type now: the old type and the new one.
    List(DataType, DataType),
}

impl RewritePlan {
    /// Makes the plan for rows that were written at byte `at` of the file.
    pub(crate) fn new(columns: &Columns, at: u64, dialect: Dialect) -> Self {
        let mut cells: Vec<OldCell> = Vec::new();
        let mut missing = 0;
        let columns_now = columns.iter().count();
        for column in columns.iter() {
            let Some(from) = column.type_at(at) else {
                missing += 1;
                continue;
            };
            cells.push(OldCell {
                missing_before: std::mem::take(&mut missing),
                change: Change::new(from, &column.final_type(), column.draft, dialect),
                untouched: 0,
            });
        }
        if let [only] = &mut *cells
            && columns_now > 1
            && only.change.is_none()
        {
            only.change = Some(Change::NoLongerSole);
        }
        let starts: Vec<bool> = cells
            .iter()
            .map(|cell| cell.missing_before > 0 || cell.change.is_some())
            .collect();
        let count = cells.len();
        let mut untouched = 0;
        for (index, cell) in cells.iter_mut().enumerate().rev() {
            let last = index + 1 == count;
            let acts = cell.change.is_some() || starts[(index + 1) % count] || last && missing > 0;
            untouched = if acts { 0 } else { untouched + 1 };
            cell.untouched = untouched;
        }
        Self {
            cells,
            missing_last: missing,
            columns: columns_now,
            dialect,
        }
    }
}

impl Revision for RewritePlan {
    fn is_empty(&self) -> bool {
        self.missing_last == 0 && self.cells.iter().all(|cell| cell.untouched > 0)
    }

    fn whole_rows(&self, text: &[u8]) -> usize {
        // Invariant: outside quotes, CR is only in the CR LF that ends a row. So the last CR with
        // an even number of quotes before it ends a row.
        let quotes = |text| memchr_iter(self.dialect.quote, text).count();
        let mut before = quotes(text);
        let mut end = text.len().saturating_sub(1); // A last CR has no LF yet.
        before -= quotes(&text[end..]);
        while let Some(found) = memrchr(b'\r', &text[..end]) {
            before -= quotes(&text[found..end]);
            if before % 2 == 0 {
                return found + 2;
            }
            end = found;
        }
        0
    }

    fn apply(&self, rows: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        if self.cells.is_empty() {
            // The table had no column yet: each row is a bare CR LF.
            for _ in 0..rows.len() / 2 {
                let start = out.len();
                self.dialect.skip(self.columns.saturating_sub(1), out);
                end_row(self.dialect, self.columns == 1, start, out);
            }
            return Ok(());
        }
        RowRewriter::new(self, out).rewrite(rows)
    }
}

impl Change {
    fn new(from: &DataType, to: &DataType, draft: bool, dialect: Dialect) -> Option<Self> {
        match (from, to) {
            (DataType::Int64 | DataType::Float64 | DataType::Decimal128(..), DataType::Utf8)
                if dialect.guard =>
            {
                Some(Self::Number)
            }
            // In text columns booleans are `true` and `false`, whatever the words of the dialect.
            (DataType::Boolean, DataType::Utf8) if dialect.booleans == Words::Python => {
                Some(Self::Boolean)
            }
            (DataType::List(_), DataType::List(_)) if changes(from, to, draft) => {
                Some(Self::List(from.clone(), to.clone()))
            }
            // A list in a text column is its JSON text, which is what the cell holds already.
            (DataType::List(_), DataType::Utf8) if changes(from, from, draft) => {
                Some(Self::List(from.clone(), from.clone()))
            }
            _ => None,
        }
    }

    /// Appends the new text of `cell`. Neither is quoted.
    fn apply(&self, cell: &[u8], out: &mut Vec<u8>) -> transmog_core::Result<()> {
        match self {
            Self::Boolean if cell == b"True" => out.extend_from_slice(b"true"),
            Self::Boolean if cell == b"False" => out.extend_from_slice(b"false"),
            Self::List(from, to) if !cell.is_empty() => respell(cell, from, to, out)?,
            _ => out.extend_from_slice(cell),
        }
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::other("the unfinished file was changed by someone else")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::{Field, Schema};

    use super::*;

    fn copied(plan: &RewritePlan, rows: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        plan.apply(rows, &mut out).expect("rows of this crate");
        out
    }

    #[test]
    fn rows_in_pieces_become_what_they_are_together() {
        let mut columns = Columns::default();
        let schema = |fields: &[(&str, DataType)]| {
            let fields = fields
                .iter()
                .map(|(name, kind)| Field::new(*name, kind.clone(), true));
            Arc::new(Schema::new(fields.collect::<Vec<_>>()))
        };
        let text = DataType::Utf8;
        let before = schema(&[("a", DataType::Int64), ("b", text.clone())]);
        let after = schema(&[("a", text.clone()), ("b", text.clone()), ("c", text)]);
        columns.update(&before, 0).expect("new columns");
        columns.update(&after, 10_000).expect("more columns");
        let dialect = Dialect {
            delimiter: b',',
            quote: b'"',
            guard: true,
            booleans: Words::Plain,
        };
        let plan = RewritePlan::new(&columns, 0, dialect);
        let cells = ["", "plain", "\"\r\n\"", "\",,\"\"\r\n\"\"\""];
        let cells = || (0..30).zip(cells.into_iter().cycle());
        let rows = cells().map(|(number, cell)| format!("-{number},{cell}\r\n"));
        let expected = cells().map(|(number, cell)| format!("'-{number},{cell},\r\n"));
        let (rows, expected) = (rows.collect::<String>(), expected.collect::<String>());
        let rows = rows.as_bytes();
        assert_eq!(copied(&plan, rows), expected.as_bytes());
        for piece in 1..rows.len() {
            let (mut all, mut rest) = (Vec::new(), rows);
            while !rest.is_empty() {
                let mut lengths = (piece..).step_by(piece);
                let whole = lengths.find_map(|length| {
                    let whole = rest
                        .get(..length)
                        .map_or(rest.len(), |text| plan.whole_rows(text));
                    (whole > 0).then_some(whole)
                });
                let (whole, after) = rest.split_at(whole.expect("an end"));
                all.extend(copied(&plan, whole));
                rest = after;
            }
            assert_eq!(all, expected.as_bytes(), "pieces of {piece} bytes");
        }
    }

    #[test]
    fn whole_rows_end_outside_of_quotes() {
        for (delimiter, quote) in [(b',', b'"'), (b'1', b'e')] {
            let dialect = Dialect {
                delimiter,
                quote,
                guard: false,
                booleans: Words::Plain,
            };
            let plan = RewritePlan::new(&Columns::default(), 0, dialect);
            let mut text = Vec::new();
            let mut ends = vec![0];
            for cells in [
                ["a", "\r\n"],
                ["\"", "e"],
                ["", ""],
                ["x\r", "\r\ny\"\r\n\""],
                ["\"\"", "ee"],
                ["\re\r\n", "1"],
            ] {
                for (index, cell) in cells.iter().enumerate() {
                    dialect.skip(index, &mut text);
                    let start = text.len();
                    text.extend_from_slice(cell.as_bytes());
                    dialect.quote(&mut text, start);
                }
                text.extend_from_slice(b"\r\n");
                ends.push(text.len());
            }
            for length in 0..=text.len() {
                let last = ends.iter().copied().filter(|end| *end <= length).max();
                assert_eq!(Some(plan.whole_rows(&text[..length])), last, "{length}");
            }
        }
    }
}
