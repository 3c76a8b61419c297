//! Copies the rows of a stretch and makes the changes of its [`RewritePlan`], cell by cell.
//!
//! Most cells do not change. So blocks of bytes without a quote or the end of a row are skipped,
//! and everything up to a changed cell is copied at once:
//!
//! ```text
//! rows    1,a,True CR LF 2,b,False CR LF
//!         '--''--'       '--''---'
//!        copy  new cell copy  new cell
//! ```

use std::io;

use memchr::{memchr, memchr3};
use wide::u8x16;

use super::{Change, OldCell, RewritePlan, damaged};
use crate::dialect::{Dialect, WIDTH};

/// Copies rows and makes the changes of a plan, in one pass over their bytes.
pub(super) struct RowRewriter<'a> {
    plan: &'a RewritePlan,
    /// Number of the current cell in its row.
    column: usize,
    /// Inside quotes. A doubled quote toggles this twice, which is right.
    quoted: bool,
    /// The bytes of the current cell, if it gets new text.
    cell: Vec<u8>,
    out: &'a mut Vec<u8>,
}

impl<'a> RowRewriter<'a> {
    /// Begins at the first cell of a row; changed rows are appended to `out`.
    pub(super) fn new(plan: &'a RewritePlan, out: &'a mut Vec<u8>) -> Self {
        Self {
            plan,
            column: 0,
            quoted: false,
            cell: Vec::new(),
            out,
        }
    }

    /// Copies whole rows.
    ///
    /// # Errors
    /// The rows do not have the cells of the plan: something else has changed the file.
    pub(super) fn rewrite(mut self, rows: &[u8]) -> io::Result<()> {
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
