//! The columns of a CSV input: their names, and which of them may have types.

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
    names::{UniqueNames, by_position},
    width::Width,
    words::CellWords,
};

/// The columns of a CSV input, and how its cells are read. Made from the header and the first rows,
/// then shared by all chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvTable {
    dialect: Dialect,
    /// The delimiter and how it was found; `None` for rows of a rejects file.
    delimiter: Option<Delimiter>,
    /// Set if most of the first rows are wider than the header.
    title: Option<Title>,
    columns: Vec<Column>,
    short_rows: ShortRows,
    floats: Floats,
    words: CellWords,
    /// True if cells in quotes are text.
    quoted_text: bool,
    /// The cells of the header, if the columns have other names.
    header: Option<Arc<Header>>,
    /// Columns that the first rows made text, in row order.
    decided: Arc<[Decided]>,
}

/// A column that a cell in the first rows made text, although earlier cells had a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Name of the column.
    pub(crate) column: String,
    /// The kinds of the earlier cells.
    pub(crate) before: Kinds,
    /// The cell.
    pub(crate) cell: String,
    /// Index of its row in the first block.
    pub(crate) row: usize,
    /// Where the row begins.
    pub(crate) place: Location,
}

/// Lines before the real header: a title, which was read as the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Title {
    /// The width of most rows.
    width: usize,
    /// Rows before the first one of that width.
    rows: u64,
}

/// Rows that are compared with the header.
const TITLE_ROWS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    /// True if its cells may be numbers and booleans.
    typed: bool,
    /// True if a value made the column text after the first rows.
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

    /// Stores the cells of the header, for settings that name columns as the header does.
    fn spell<'h>(&mut self, options: &CsvReadOptions, header: impl IntoIterator<Item = &'h str>) {
        let columns = self.columns.iter().zip(header);
        let header = Header::new(columns.map(|(column, cell)| HeaderColumn {
            name: column.name.clone(),
            spelled: cell.to_owned(),
            taken: Some(plain_name(options, cell)).filter(|plain| *plain != column.name),
        }));
        self.header = header.map(Arc::new);
    }

    /// A table without a header: columns are named by their position.
    pub(crate) fn without_header(options: &CsvReadOptions, dialect: Dialect, width: usize) -> Self {
        Self::new(options, dialect, (0..width).map(by_position))
    }

    /// Adds the delimiter, for messages.
    pub(crate) fn with_delimiter(mut self, delimiter: Delimiter) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Notices a title: most of the first rows are wider than the header. `skipped` rows were
    /// before it.
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
            // The row that was read as the header comes first.
            let rows = skipped + 1 + before as u64;
            self.title = Some(Title { width, rows });
        }
    }

    /// Advice for a row that is too wide.
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

    /// The table of a rejects file, with the columns that were text in the earlier run.
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
        let mut names_in_use = UniqueNames::default();
        let column = |name| Column {
            name: names_in_use.give(name),
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

    /// The table with the types that settings give to columns.
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

    /// Names of the columns whose cells may be numbers and booleans.
    pub(crate) fn typed_names(&self) -> impl Iterator<Item = &str> {
        let typed = self.columns.iter().filter(|column| column.typed);
        typed.map(|column| column.name.as_str())
    }

    /// True for a column whose cells may be numbers and booleans.
    pub(crate) fn is_typed(&self, column: &str) -> bool {
        self.typed_names().any(|name| name == column)
    }

    /// Columns that the first rows made text, in row order.
    pub(crate) fn decided(&self) -> &[Decided] {
        &self.decided
    }

    /// Names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The cells of the header, if the columns have other names.
    pub(crate) fn header(&self) -> Option<&Arc<Header>> {
        self.header.as_ref()
    }

    /// Names of the columns that are text from the first row on. Columns that a later value made
    /// text are left out: how many of them a worker knows depends on timing.
    pub(crate) fn text_names(&self) -> impl Iterator<Item = &str> {
        let is_text = |column: &&Column| !column.typed && !column.late_text;
        let text = self.columns.iter().filter(is_text);
        text.map(|column| column.name.as_str())
    }

    /// Decides types by the first rows, given with their indexes: a column whose cells have no
    /// common type is text from the first row on. `place` gives the position of a row.
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
            // A bad row may be left out, so it decides nothing.
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

    /// The kind that a value adds to its column.
    fn kind(&self, value: Scalar<'_>) -> Kinds {
        match value {
            Scalar::Number(number) if self.floats == Floats::Nearest && has_float(number) => {
                Kinds::FLOAT
            }
            other => other.kind(),
        }
    }

    /// True if the value will be rounded to the nearest float.
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

    /// The names of the columns, followed by names by position up to `width` of them.
    pub(crate) fn names_to(&self, width: usize) -> impl Iterator<Item = String> {
        let mut names_in_use = UniqueNames::default();
        (0..width).map(move |column| match self.columns.get(column) {
            Some(column) => names_in_use.give(column.name.clone()),
            None => names_in_use.give(by_position(column)),
        })
    }

    /// The value of a cell; null if it is missing. Numbers and booleans only if `typed`.
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

    /// The value of the cell of a column. Text if the column does not exist, or if quoted cells are
    /// text and this one is quoted.
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

/// True for a number with a fraction or an exponent that rounds to a finite float.
fn has_float(number: &str) -> bool {
    number.contains(['.', 'e', 'E']) && number.parse().is_ok_and(f64::is_finite)
}

/// The name of a column, before names are made distinct.
fn plain_name(options: &CsvReadOptions, cell: &str) -> String {
    if options.sanitizes_column_names() {
        sanitise(cell, "_", false)
    } else {
        cell.to_owned()
    }
}
