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
//! The rows of a file fall into stretches with the same columns and types. A [`RewritePlan`] says
//! what to do with each cell of a stretch; `transmog-io` copies the file in pieces of whole rows
//! and applies the plans on several threads. Only rows of this crate are understood, not CSV in
//! general.

use std::io;

use arrow_schema::DataType;
use memchr::{memchr, memchr_iter, memchr3, memrchr};
use transmog_core::Words;
use transmog_io::text_tables::{Columns, Revision, changes, respell};
use wide::u8x16;

use crate::{
    dialect::{Dialect, WIDTH},
    rows::end_row,
};

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
    /// How many cells in a row, this one first, can be copied together with the delimiter behind
    /// them, because nothing changes in them or is added up to the next one. Never beyond the row.
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
        let rewriter = RowRewriter {
            plan: self,
            column: 0,
            quoted: false,
            cell: Vec::new(),
            out,
        };
        rewriter.rewrite(rows)
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
            // In text columns booleans are `true` and `false`, whatever the dialect says.
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

/// Copies rows, and changes what the plan says, in one pass over their bytes.
struct RowRewriter<'a> {
    plan: &'a RewritePlan,
    /// Number of the current cell in its row.
    column: usize,
    /// Inside quotes. A doubled quote toggles this twice, which is right.
    quoted: bool,
    /// The bytes of the current cell, if it gets new text.
    cell: Vec<u8>,
    out: &'a mut Vec<u8>,
}

impl RowRewriter<'_> {
    fn rewrite(mut self, rows: &[u8]) -> io::Result<()> {
        let Dialect {
            delimiter, quote, ..
        } = self.plan.dialect;
        let (mut copied, mut at) = (0, 0);
        self.begin_row();
        loop {
            at = self.pass(rows, at);
            let rest = rows.get(at..).unwrap_or_default();
            let found = if self.quoted {
                memchr(quote, rest)
            } else {
                memchr3(delimiter, quote, b'\r', rest)
            };
            let Some(found) = found else { break };
            let end = at + found;
            at = end + 1;
            if rows[end] == quote {
                self.quoted = !self.quoted;
                continue;
            }
            let ends_row = rows[end] == b'\r';
            let Some(cell) = self.plan.cells.get(self.column) else {
                return Err(damaged());
            };
            if ends_row != (self.column + 1 == self.plan.cells.len()) {
                return Err(damaged());
            }
            if cell.untouched > 0 {
                self.column = if ends_row { 0 } else { self.column + 1 };
                continue;
            }
            self.take(&rows[copied..end]);
            self.end_cell(cell)?;
            if ends_row {
                self.plan.dialect.skip(self.plan.missing_last, self.out);
                self.out.extend_from_slice(b"\r\n");
                self.column = 0;
                at += 1;
                if at < rows.len() {
                    self.begin_row();
                }
            } else {
                self.out.push(delimiter);
                self.column += 1;
                let missing = self.plan.cells[self.column].missing_before;
                self.plan.dialect.skip(missing, self.out);
            }
            copied = at;
        }
        if self.column != 0 || self.quoted {
            return Err(damaged());
        }
        self.out
            .extend_from_slice(rows.get(copied..).ok_or_else(damaged)?);
        Ok(())
    }

    /// Skips blocks of bytes, from `at` on, that can be copied as they are: no quote, no end of
    /// row, and only cells of the [untouched](OldCell::untouched) run. Returns the byte after them.
    fn pass(&mut self, rows: &[u8], mut at: usize) -> usize {
        let cell = self.plan.cells.get(self.column);
        let Dialect {
            delimiter, quote, ..
        } = self.plan.dialect;
        let mut untouched = cell.map_or(0, |cell| cell.untouched);
        while let Some(bytes) = rows.get(at..).and_then(|rest| rest.first_chunk::<WIDTH>())
            && !self.quoted
        {
            let bytes = u8x16::new(*bytes);
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            if (is(quote) | is(b'\r')).any() {
                break;
            }
            let ended = is(delimiter).to_bitmask().count_ones() as usize;
            if ended > untouched {
                break;
            }
            untouched -= ended;
            self.column += ended;
            at += WIDTH;
        }
        at
    }

    /// Adds the empty cells before the first one.
    fn begin_row(&mut self) {
        let missing = self
            .plan
            .cells
            .first()
            .map_or(0, |cell| cell.missing_before);
        self.plan.dialect.skip(missing, self.out);
    }

    /// Copies bytes of the current cell to where they belong.
    fn take(&mut self, bytes: &[u8]) {
        let changes = self
            .plan
            .cells
            .get(self.column)
            .is_some_and(|cell| cell.change.is_some());
        if changes {
            self.cell.extend_from_slice(bytes);
        } else {
            self.out.extend_from_slice(bytes);
        }
    }

    /// Writes the new text of the current cell, if it gets one.
    fn end_cell(&mut self, cell: &OldCell) -> io::Result<()> {
        let Some(change) = &cell.change else {
            return Ok(());
        };
        let dialect = self.plan.dialect;
        dialect.unquote(&mut self.cell);
        let start = self.out.len();
        change
            .apply(&self.cell, self.out)
            .map_err(io::Error::other)?;
        if matches!(change, Change::Number) {
            dialect.finish_text(self.out, start);
        } else {
            dialect.quote(self.out, start);
        }
        if self.plan.columns == 1 && self.out.len() == start {
            self.out.extend_from_slice(&[dialect.quote; 2]);
        }
        self.cell.clear();
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
