//! What all rows of a CSV input share: columns and how cells are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use transmog_core::{Floats, Header, HeaderColumn, Kinds, Location, Scalar, sanitise};

use super::{
    Cells, CsvReadOptions, Delimiter, Dialect, ShortRows,
    cells::width,
    infer::infer,
    names::{Given, by_position},
    width::Width,
    words::CellWords,
};

/// How the rows of a CSV input are read. Made by the source, which sees the input's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvTable {
    dialect: Dialect,
    /// What separates cells and how that was found, unless an earlier run knew it.
    delimiter: Option<Delimiter>,
    /// What was noticed of the first rows, if most are wider than the header.
    title: Option<Title>,
    columns: Vec<Column>,
    short_rows: ShortRows,
    floats: Floats,
    words: CellWords,
    /// True if cells in quotes are text.
    quoted_text: bool,
    /// The header, if columns are not called as it spells them.
    header: Option<Arc<Header>>,
    /// What the first rows decided, in their order.
    decided: Arc<[Decided]>,
}

/// A column that is text because of a cell in the first rows, before which its cells had a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Name of the column.
    pub(crate) column: String,
    /// What its cells were before.
    pub(crate) before: Kinds,
    /// The cell.
    pub(crate) cell: String,
    /// The row among the first ones.
    pub(crate) row: usize,
    /// Where the row begins.
    pub(crate) place: Location,
}

/// Rows before the header that are probably none of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Title {
    /// How many cells most rows have.
    width: usize,
    /// How many rows come before the first one of these.
    rows: u64,
}

/// Rows that are looked at to see whether they are wider than the header.
const TITLE_ROWS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    /// True if its cells are looked at for types.
    typed: bool,
    /// True if they were until a value made the column text.
    late_text: bool,
}

impl CsvTable {
    /// A table with the columns of a header.
    pub(crate) fn with_header<'h>(
        options: &CsvReadOptions,
        dialect: Dialect,
        header: impl IntoIterator<Item = &'h str>,
    ) -> Self {
        let header: Vec<&str> = header.into_iter().collect();
        let names = header.iter().map(|cell| plain_name(options, cell));
        let mut table = Self::new(options, dialect, names);
        table.spell(options, header);
        table
    }

    /// Takes note of how the header spells the columns.
    fn spell<'h>(&mut self, options: &CsvReadOptions, header: impl IntoIterator<Item = &'h str>) {
        let columns = self.columns.iter().zip(header);
        let header = Header::new(columns.map(|(column, cell)| HeaderColumn {
            name: column.name.clone(),
            spelled: cell.to_owned(),
            taken: Some(plain_name(options, cell)).filter(|plain| *plain != column.name),
        }));
        self.header = header.map(Arc::new);
    }

    /// A table with so many columns, named by their position.
    pub(crate) fn without_header(options: &CsvReadOptions, dialect: Dialect, width: usize) -> Self {
        Self::new(options, dialect, (0..width).map(by_position))
    }

    /// The table, which knows how its delimiter was found.
    pub(crate) fn with_delimiter(mut self, delimiter: Delimiter) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Looks whether most of the first rows are wider than the header, of which `skipped` rows were left out before it.
    pub(crate) fn look_for_title<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r [u8]>,
        skipped: u64,
    ) {
        let widths: Vec<usize> = rows
            .take(TITLE_ROWS)
            .filter_map(|row| width(self.dialect, row, self.columns.len()).ok())
            .collect();
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for width in &widths {
            *counts.entry(*width).or_default() += 1;
        }
        let Some((width, rows)) = counts.into_iter().max_by_key(|(_, rows)| *rows) else {
            return;
        };
        if width > self.columns.len() && rows > 1 && rows * 2 > widths.len() {
            let before = widths.iter().take_while(|it| **it != width).count();
            // The row that was taken for the header comes before them all.
            let rows = skipped + 1 + before as u64;
            self.title = Some(Title { width, rows });
        }
    }

    /// What to do about a row that is too wide.
    pub(crate) fn advice(&self) -> String {
        let mut advice = String::new();
        // Writing to a string does not fail.
        if let Some(delimiter) = &self.delimiter {
            write!(
                advice,
                "; the delimiter is {delimiter} (--csv-delimiter sets it)"
            )
            .ok();
        }
        if let Some(Title { width, rows }) = self.title {
            write!(
                advice,
                "; most rows have {width} cells, so lines before the header may have been taken for it: --csv-skip-rows \
                 {rows} leaves them out"
            )
            .ok();
        }
        advice
    }

    /// A table that an earlier run had, with the columns that were text there.
    pub(crate) fn again(
        options: &CsvReadOptions,
        dialect: Dialect,
        columns: &[String],
        text: &[String],
        header: &[String],
    ) -> Self {
        let mut table = Self::new(options, dialect, columns.iter().cloned());
        table.spell(options, header.iter().map(String::as_str));
        let text: BTreeSet<&String> = text.iter().collect();
        for column in &mut table.columns {
            column.typed &= !text.contains(&column.name);
        }
        table
    }

    fn new(
        options: &CsvReadOptions,
        dialect: Dialect,
        names: impl Iterator<Item = String>,
    ) -> Self {
        let mut given = Given::default();
        let column = |name| Column {
            name: given.give(name),
            typed: options.infers_types(),
            late_text: false,
        };
        Self {
            dialect,
            delimiter: None,
            title: None,
            floats: options.floats(),
            columns: names.map(column).collect(),
            short_rows: options.short_rows(),
            words: CellWords::new(options.null_values(), options.booleans()),
            quoted_text: options.takes_quoted_for_text(),
            header: None,
            decided: Arc::default(),
        }
    }

    /// The table with columns that are text, or of a type, because settings say so whatever the cells look like.
    pub(crate) fn with_types(
        self: &Arc<Self>,
        is_text: impl Fn(&str) -> Option<bool>,
    ) -> Arc<Self> {
        let mut table = Arc::clone(self);
        for (i, column) in self.columns.iter().enumerate() {
            if let Some(is_text) = is_text(&column.name)
                && is_text == column.typed
            {
                Arc::make_mut(&mut table).columns[i].typed = !is_text;
            }
        }
        table
    }

    /// The table with more columns that are text.
    pub(crate) fn with_text(self: &Arc<Self>, names: &BTreeSet<String>) -> Arc<Self> {
        let mut table = Arc::clone(self);
        for (i, column) in self.columns.iter().enumerate() {
            if column.typed && names.contains(&column.name) {
                let column = &mut Arc::make_mut(&mut table).columns[i];
                (column.typed, column.late_text) = (false, true);
            }
        }
        table
    }

    /// Names of the columns whose cells are looked at for types.
    pub(crate) fn typed_names(&self) -> impl Iterator<Item = &str> {
        let typed = self.columns.iter().filter(|column| column.typed);
        typed.map(|column| column.name.as_str())
    }

    /// True if it has such a column, and its cells are looked at for types.
    pub(crate) fn is_typed(&self, column: &str) -> bool {
        self.typed_names().any(|name| name == column)
    }

    /// Columns that the first rows made text, in the order of these rows.
    pub(crate) fn decided(&self) -> &[Decided] {
        &self.decided
    }

    /// Names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The header, if columns are not called as it spells them.
    pub(crate) fn header(&self) -> Option<&Arc<Header>> {
        self.header.as_ref()
    }

    /// Names of the columns whose cells are text, as written, from the first row on. Those that a value made text are
    /// not among them: which of these a worker knows of depends on its pace.
    pub(crate) fn text_names(&self) -> impl Iterator<Item = &str> {
        let is_text = |column: &&Column| !column.typed && !column.late_text;
        let text = self.columns.iter().filter(is_text);
        text.map(|column| column.name.as_str())
    }

    /// Looks at the first rows, which come with their numbers: a column whose cells have no type in common is text, as written,
    /// from the first row on. `place` says where a row is.
    pub(crate) fn decide_types<'r>(
        &mut self,
        rows: impl Iterator<Item = (usize, &'r [u8])>,
        place: impl Fn(usize) -> Location,
    ) {
        if !self.columns.iter().any(|column| column.typed) {
            return;
        }
        let text = Kinds::TEXT.data_type(Kinds::NONE);
        let mut cells = Cells::new(self.dialect, self.columns.len());
        let mut kinds = vec![Kinds::NONE; self.columns.len()];
        let mut quoted = Vec::new();
        let mut decided = Vec::new();
        for (number, row) in rows {
            // A row that something is wrong with may be left out.
            let is_read = str::from_utf8(row).is_ok() && cells.read(row).is_ok();
            if !is_read || Width::of(row, &mut cells, self).is_err() {
                continue;
            }
            if self.quoted_text {
                cells.quoted(row, &mut quoted);
            }
            for (column, kinds) in kinds.iter_mut().enumerate() {
                let cell = cells.get(column, row);
                let cell = cell.and_then(|cell| str::from_utf8(cell).ok());
                let value = match cell {
                    Some(cell) if quoted.get(column) == Some(&true) => Scalar::Text(cell),
                    cell => self.value(cell, true),
                };
                let before = std::mem::replace(kinds, kinds.join(self.kind(value)));
                let column = &mut self.columns[column];
                if *kinds == before || !column.typed || kinds.data_type(Kinds::NONE) != text {
                    continue;
                }
                column.typed = false;
                if before != Kinds::NONE {
                    decided.push(Decided {
                        column: column.name.clone(),
                        before,
                        cell: cell.unwrap_or_default().to_owned(),
                        row: number,
                        place: place(number),
                    });
                }
            }
        }
        self.decided = decided.into();
    }

    /// The kind of a cell's value in its column.
    fn kind(&self, value: Scalar<'_>) -> Kinds {
        match value {
            Scalar::Number(number) if self.floats == Floats::Nearest && has_float(number) => {
                Kinds::FLOAT
            }
            other => other.kind(),
        }
    }

    /// True if a cell's value becomes the float next to it.
    #[inline]
    pub(crate) fn rounds(&self, value: Scalar<'_>) -> bool {
        matches!(value, Scalar::Number(_)) && self.kind(value) == Kinds::FLOAT
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn short_rows(&self) -> ShortRows {
        self.short_rows
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// A column's name.
    pub(crate) fn name(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| &column.name)
    }

    /// The names of the columns, and then of so many more that there are `width`.
    pub(crate) fn names_to(&self, width: usize) -> impl Iterator<Item = String> {
        let mut given = Given::default();
        (0..width).map(move |column| match self.columns.get(column) {
            Some(column) => given.give(column.name.clone()),
            None => given.give(by_position(column)),
        })
    }

    /// A cell's value; a missing one is null. If `typed`, it is looked at for a type.
    #[inline]
    fn value<'t>(&self, text: Option<&'t str>, typed: bool) -> Scalar<'t> {
        let Some(text) = text else {
            return Scalar::Null;
        };
        match self.words.value(text, typed) {
            Some(value) => value,
            None if typed => infer(text),
            None => Scalar::Text(text),
        }
    }

    /// True if cells in quotes are text.
    pub(crate) fn takes_quoted_for_text(&self) -> bool {
        self.quoted_text
    }

    /// The value of the cell of a column; if there is no such column, or it is one of those in quotes that are text, the
    /// cell is text.
    #[inline]
    pub(crate) fn value_at<'t>(
        &self,
        column: usize,
        text: Option<&'t str>,
        typed: bool,
        quoted: &[bool],
    ) -> Scalar<'t> {
        if let Some(text) = text
            && quoted.get(column) == Some(&true)
        {
            return Scalar::Text(text);
        }
        let column = self.columns.get(column);
        self.value(text, typed && column.is_some_and(|column| column.typed))
    }
}

/// True for a number with a fraction or an exponent that has a float next to it.
fn has_float(number: &str) -> bool {
    number.contains(['.', 'e', 'E']) && number.parse().is_ok_and(f64::is_finite)
}

/// What a column is called, if no other one is.
fn plain_name(options: &CsvReadOptions, cell: &str) -> String {
    if options.sanitizes_column_names() {
        sanitise(cell, "_", false)
    } else {
        cell.to_owned()
    }
}
