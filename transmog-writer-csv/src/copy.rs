//! The streaming copy that gives rows written under an earlier schema the columns and spellings of the final one. Knows
//! only files that this crate has written.

use std::io::{self, Read, Write};

use arrow_schema::DataType;
use memchr::{memchr, memchr3};
use transmog_io::growing::{Columns, changes, respell};
use wide::u8x16;

use crate::{
    dialect::{Dialect, WIDTH},
    rows::end_row,
};

/// Bytes that are read, and written, at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// What happens to the rows of one stretch of the file.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The cells that the rows have.
    cells: Vec<Cell>,
    /// Empty cells to be put after the last one.
    missing_last: usize,
    /// Columns of the finished file.
    columns: usize,
}

#[derive(Debug)]
struct Cell {
    /// Empty cells to be put before it.
    missing_before: usize,
    change: Option<Change>,
    /// How many cells, this one first and none beyond its row, end without anything to be done before the next one begins.
    untouched: usize,
}

#[derive(Debug)]
enum Change {
    /// The cell was the only one, so it had quotes if it was empty.
    NoLongerSole,
    /// The column is text now, and text has `true` and not `True`.
    Boolean,
    /// The column is text now, and text that begins with a minus is guarded.
    Number,
    /// The items have another type now.
    List(DataType, DataType),
}

impl Plan {
    /// The plan for rows that were written at byte `at`.
    pub(crate) fn new(columns: &Columns, at: u64, dialect: Dialect) -> Self {
        let mut cells: Vec<Cell> = Vec::new();
        let mut missing = 0;
        let columns_now = columns.iter().count();
        for column in columns.iter() {
            let Some(from) = column.type_at(at) else {
                missing += 1;
                continue;
            };
            cells.push(Cell {
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
        }
    }

    /// True if the rows stay as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.missing_last == 0 && self.cells.iter().all(|cell| cell.untouched > 0)
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
            (DataType::Boolean, DataType::Utf8) => Some(Self::Boolean),
            (DataType::List(_), DataType::List(_)) if changes(from, to, draft) => {
                Some(Self::List(from.clone(), to.clone()))
            }
            // The list as it was, for its JSON text is the cell.
            (DataType::List(_), DataType::Utf8) if changes(from, from, draft) => {
                Some(Self::List(from.clone(), from.clone()))
            }
            _ => None,
        }
    }

    /// Appends the new spelling of a cell; both have no quotes.
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

/// Copies the next `length` bytes of `old`, whole rows, with the changes of `plan`.
///
/// # Errors
/// If `old` cannot be read, is shorter or holds something else than this crate has written, or `new` cannot be written.
pub(crate) fn copy(
    old: &mut dyn Read,
    length: u64,
    plan: &Plan,
    dialect: Dialect,
    new: &mut dyn Write,
) -> io::Result<()> {
    if plan.is_empty() {
        return copy_bytes(old, length, new);
    }
    if plan.cells.is_empty() {
        // Rows without cells are bare line ends.
        copy_bytes(old, length, &mut io::sink())?;
        let mut row = Vec::new();
        dialect.skip(plan.columns.saturating_sub(1), &mut row);
        end_row(dialect, plan.columns == 1, 0, &mut row);
        return (0..length / 2).try_for_each(|_| new.write_all(&row));
    }
    let mut copier = Copier {
        plan,
        dialect,
        left: length,
        column: 0,
        quoted: false,
        skip: 0,
        cell: Vec::new(),
        out: Vec::with_capacity(2 * BLOCK_BYTES),
    };
    copier.begin_row();
    let mut block = vec![0; BLOCK_BYTES];
    while copier.left > 0 {
        let most = usize::try_from(copier.left).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
        let count = old.read(&mut block[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        copier.feed(&block[..count])?;
        if copier.out.len() >= BLOCK_BYTES {
            new.write_all(&copier.out)?;
            copier.out.clear();
        }
    }
    new.write_all(&copier.out)
}

/// Copies the next `length` bytes as they are.
///
/// # Errors
/// If there are not that many, or reading or writing fails.
pub(crate) fn copy_bytes(old: &mut dyn Read, length: u64, new: &mut dyn Write) -> io::Result<()> {
    if io::copy(&mut old.take(length), new)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

struct Copier<'a> {
    plan: &'a Plan,
    dialect: Dialect,
    /// Bytes of the stretch from the current block on.
    left: u64,
    /// Number of the current cell in its row.
    column: usize,
    /// Within quotes. A doubled quote leaves them and comes back.
    quoted: bool,
    /// Bytes at the start of the next block that are written already: the LF of a row end.
    skip: usize,
    /// The current cell as far as it was read, if it is to be changed.
    cell: Vec<u8>,
    out: Vec<u8>,
}

impl Copier<'_> {
    fn feed(&mut self, block: &[u8]) -> io::Result<()> {
        let mut copied = std::mem::take(&mut self.skip);
        let mut at = copied;
        loop {
            at = self.pass(block, at);
            let rest = block.get(at..).unwrap_or_default();
            // A row ends with CR LF; outside of quotes, CR stands nowhere else.
            let found = if self.quoted {
                memchr(self.dialect.quote, rest)
            } else {
                memchr3(self.dialect.delimiter, self.dialect.quote, b'\r', rest)
            };
            let Some(found) = found else { break };
            let end = at + found;
            at = end + 1;
            if block[end] == self.dialect.quote {
                self.quoted = !self.quoted;
                continue;
            }
            let ends_row = block[end] == b'\r';
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
            self.take(&block[copied..end]);
            self.end_cell(cell)?;
            if ends_row {
                self.dialect.skip(self.plan.missing_last, &mut self.out);
                self.out.extend_from_slice(b"\r\n");
                self.column = 0;
                at += 1;
                if (at as u64) < self.left {
                    self.begin_row();
                }
            } else {
                self.out.push(self.dialect.delimiter);
                self.column += 1;
                let missing = self.plan.cells[self.column].missing_before;
                self.dialect.skip(missing, &mut self.out);
            }
            copied = at;
        }
        match block.get(copied..) {
            Some(rest) => self.take(rest),
            None => self.skip = copied - block.len(),
        }
        self.left -= block.len() as u64;
        Ok(())
    }

    /// Passes over bytes from `at` on in which rows and quotes neither begin nor end and cells stay as they are. Gives the byte behind
    /// them.
    fn pass(&mut self, block: &[u8], mut at: usize) -> usize {
        let cell = self.plan.cells.get(self.column);
        let mut untouched = cell.map_or(0, |cell| cell.untouched);
        while let Some(bytes) = block.get(at..).and_then(|rest| rest.first_chunk::<WIDTH>())
            && !self.quoted
        {
            let bytes = u8x16::new(*bytes);
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            if (is(self.dialect.quote) | is(b'\r')).any() {
                break;
            }
            let ended = is(self.dialect.delimiter).to_bitmask().count_ones() as usize;
            if ended > untouched {
                break;
            }
            untouched -= ended;
            self.column += ended;
            at += WIDTH;
        }
        at
    }

    fn begin_row(&mut self) {
        let missing = self
            .plan
            .cells
            .first()
            .map_or(0, |cell| cell.missing_before);
        self.dialect.skip(missing, &mut self.out);
    }

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

    fn end_cell(&mut self, cell: &Cell) -> io::Result<()> {
        let Some(change) = &cell.change else {
            return Ok(());
        };
        self.dialect.unquote(&mut self.cell);
        let start = self.out.len();
        change
            .apply(&self.cell, &mut self.out)
            .map_err(io::Error::other)?;
        if matches!(change, Change::Number) {
            self.dialect.finish_text(&mut self.out, start);
        } else {
            self.dialect.quote(&mut self.out, start);
        }
        if self.plan.columns == 1 && self.out.len() == start {
            self.out.extend_from_slice(&[self.dialect.quote; 2]);
        }
        self.cell.clear();
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::other("the unfinished file was changed by someone else")
}
