//! Ids that the data has itself: which column they are in, and what rows point at.

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_schema::DataType;

use super::{RandomIds, Repeats, check_total_bytes, trimmed};
use crate::{
    cells::Cells,
    column::{Column, FinishedColumn, Scalar},
    detect::Detection,
    error::{Error, Result},
    rules::Header,
    shred::{ShreddedColumn, ShreddedTable},
};

/// Names of columns that probably hold ids.
const PATTERNS: [&str; 16] = [
    "id",
    "ID",
    "Id",
    "_id",
    "uuid",
    "UUID",
    "guid",
    "GUID",
    "pk",
    "PK",
    "primary_key",
    "key",
    "identifier",
    "code",
    "number",
    "no",
];

/// Where natural ids are, see [`Ids::Natural`](super::Ids::Natural).
///
/// ```
/// use transmog_core::{Config, Ids, NaturalIds};
///
/// let ids = NaturalIds::new().with_mapping([("orders", "order_no"), ("*", "id")])?;
/// let config = Config::default().with_ids(Ids::Natural(ids));
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NaturalIds {
    patterns: Vec<String>,
    /// True if the patterns are the caller's.
    has_own_patterns: bool,
    mapping: Vec<(String, String)>,
    forced: bool,
}

impl Default for NaturalIds {
    fn default() -> Self {
        Self::new()
    }
}

impl NaturalIds {
    /// Ids in columns with the usual names: `id`, `ID`, `Id`, `_id`, `uuid`, `UUID`, `guid`, `GUID`, `pk`, `PK`,
    /// `primary_key`, `key`, `identifier`, `code`, `number`, `no`.
    pub fn new() -> Self {
        Self {
            patterns: PATTERNS.map(str::to_owned).into(),
            has_own_patterns: false,
            mapping: Vec::new(),
            forced: false,
        }
    }

    /// Sets the names of columns that may hold ids: a row's id is in the first of them that it has, with text that is not
    /// blank, a number or a boolean. None at all leaves it to the mapping.
    ///
    /// # Errors
    /// If a name is empty.
    pub fn with_patterns(
        mut self,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        self.patterns = columns.into_iter().map(Into::into).collect();
        self.has_own_patterns = true;
        if self.patterns.iter().any(String::is_empty) {
            let reason = "a pattern of natural ids must not be empty";
            return Err(Error::setting("ids", reason));
        }
        Ok(self)
    }

    /// Sets columns by the name of their table, or `*` for all others. They come before the patterns, and any value but
    /// null will do.
    ///
    /// # Errors
    /// If a name is empty, or a table comes twice.
    pub fn with_mapping(
        mut self,
        columns: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self> {
        let pair = |(table, column): (_, _)| (Into::into(table), Into::into(column));
        self.mapping = columns.into_iter().map(pair).collect();
        for (i, (table, column)) in self.mapping.iter().enumerate() {
            if table.is_empty() || column.is_empty() {
                let reason = "natural ids: a table and its column must have names";
                return Err(Error::setting("ids", reason));
            }
            if self.mapping[..i].iter().any(|(known, _)| known == table) {
                let reason = format!("natural ids: table {table:?} comes twice");
                return Err(Error::setting("ids", reason));
            }
        }
        Ok(self)
    }

    /// Sets whether every row gets a random id nevertheless. Child rows point at it then.
    #[must_use]
    pub fn with_forced(mut self, forced: bool) -> Self {
        self.forced = forced;
        self
    }

    /// The same columns, if they are spelled as a CSV header spells them.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let called = |column: &String| header.column(column).to_owned();
        let mapping = self.mapping.iter();
        Self {
            patterns: self.patterns.iter().map(called).collect(),
            mapping: mapping
                .map(|(table, column)| (table.clone(), called(column)))
                .collect(),
            forced: self.forced,
            has_own_patterns: self.has_own_patterns,
        }
    }

    /// True if every row has a random id.
    pub(crate) fn is_forced(&self) -> bool {
        self.forced
    }

    /// True if the caller has named columns.
    pub(crate) fn is_named(&self) -> bool {
        self.has_own_patterns || !self.mapping.is_empty()
    }

    /// All columns that it names: those of the mapping, then the patterns.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.pairs().map(|(_, column)| column)
    }

    /// All columns that it names, in the same order, with the tables that it names them for.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let mapped = self.mapping.iter();
        let mapped = mapped.map(|(table, column)| (Some(table.as_str()), column.as_str()));
        mapped.chain(self.patterns().map(|pattern| (None, pattern)))
    }

    /// Number among [`words`](Self::words) and name of the columns to look for in a table, in this order; true for the one
    /// that the mapping names.
    pub(crate) fn words_for(&self, table: &str) -> impl Iterator<Item = (usize, &str, bool)> {
        let entry = |wanted: &str| self.mapping.iter().position(|(known, _)| known == wanted);
        let mapped = entry(table).or_else(|| entry("*"));
        let mapped = mapped.map(|number| (number, self.mapping[number].1.as_str(), true));
        let patterns = self.patterns().zip(self.mapping.len()..);
        mapped
            .into_iter()
            .chain(patterns.map(|(pattern, number)| (number, pattern, false)))
    }

    /// The column that a table's mapping names.
    pub(crate) fn mapped(&self, table: &str) -> Option<&str> {
        let mut words = self.words_for(table);
        words.find_map(|(_, word, is_mapped)| is_mapped.then_some(word))
    }

    /// The columns to try after the mapped one.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(String::as_str)
    }

    /// True if a table's id column and its natural column are one, because they have one name.
    pub(crate) fn absorbs(&self, table: &str, id_column: Option<&str>) -> bool {
        let first = self.mapped(table).or_else(|| self.patterns().next());
        !self.forced && first.is_some() && first == id_column
    }
}

/// A column in which a table's ids may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its position in the chunk's table.
    pub(crate) position: usize,
    /// True if any value but null will do.
    pub(crate) any: bool,
}

/// For each row, which column its id is in: a position in the chunk's table, or [`Choice::NONE`].
#[derive(Debug, Clone)]
pub(crate) struct Choice(Vec<u32>);

impl Choice {
    const NONE: u32 = u32::MAX;

    /// The first candidate that will do, row by row.
    pub(crate) fn new(table: &ShreddedTable, candidates: &[Candidate]) -> Self {
        let mut of_rows = vec![Self::NONE; table.rows];
        for candidate in candidates {
            let column = &table.columns[candidate.position];
            for (row, choice) in of_rows.iter_mut().enumerate() {
                if *choice == Self::NONE && will_do(column, row, candidate.any) {
                    *choice = candidate.position as u32;
                }
            }
        }
        Self(of_rows)
    }

    /// Rows whose id is in a column.
    pub(crate) fn rows_of(&self, position: usize) -> usize {
        let chosen = |choice: &&u32| **choice as usize == position;
        self.0.iter().filter(chosen).count()
    }

    /// Rows without a natural id.
    pub(crate) fn missing(&self) -> usize {
        self.0
            .iter()
            .filter(|choice| **choice == Self::NONE)
            .count()
    }
}

fn will_do(column: &ShreddedColumn, row: usize, any: bool) -> bool {
    let Some(place) = column.values.place(row) else {
        return false;
    };
    any || match column.values.data_type() {
        DataType::Utf8 => {
            let is_list = || column.lists.binary_search(&(row as u32)).is_ok();
            !trimmed(column.values.text(place)).is_empty() && !is_list()
        }
        other => !matches!(other, DataType::List(_)),
    }
}

/// Random ids for the rows that have no natural one, null for the others; and what child rows point at, natural or not.
pub(crate) fn columns(
    table: &ShreddedTable,
    choice: &Choice,
    random: &mut RandomIds,
    detection: Detection,
    repeats: &mut Repeats,
) -> Result<(StringArray, FinishedColumn)> {
    count_repeats(table, choice, repeats)?;
    let first = choice.0.first().copied().unwrap_or(Choice::NONE);
    if first != Choice::NONE && choice.0.iter().all(|choice| *choice == first) {
        let natural = &table.columns[first as usize].values;
        if !matches!(natural.data_type(), DataType::List(_)) {
            return Ok((StringArray::new_null(table.rows), natural.clone()));
        }
    }
    let columns = table.columns.iter().map(|column| &column.values);
    let columns: Vec<(&FinishedColumn, Cells<'_>)> = columns
        .map(|values| Ok((values, values.cells()?)))
        .collect::<Result<_>>()?;
    let mut own = StringBuilder::new();
    let mut link = Column::default();
    let mut spelled = String::new();
    for (row, choice) in choice.0.iter().enumerate() {
        let chosen = columns.get(*choice as usize);
        let chosen = chosen.and_then(|(values, cells)| Some((cells, values.place(row)?)));
        let scalar = if let Some((cells, place)) = chosen {
            own.append_null();
            cells.scalar(place, &mut spelled)
        } else {
            spelled = random.next_text();
            own.append_value(&spelled);
            Scalar::Text(&spelled)
        };
        // Its journal is for records that are taken back, and this row is final.
        drop(link.push(row, scalar));
    }
    Ok((own.finish(), link.finish(table.rows, detection)?))
}

/// Takes the natural ids of rows. They are compared as text, because those of several types meet in a column of text; 2 and 2.0
/// are one id, because integers and floats meet in a column of floats.
fn count_repeats(table: &ShreddedTable, choice: &Choice, repeats: &mut Repeats) -> Result<()> {
    let mut text = Vec::new();
    let mut of_column: Option<(u32, &FinishedColumn, Cells<'_>)> = None;
    for (row, chosen) in choice.0.iter().enumerate() {
        let Some(column) = table.columns.get(*chosen as usize) else {
            continue;
        };
        let (values, cells) = match &of_column {
            Some((position, values, cells)) if position == chosen => (*values, cells),
            _ => {
                let (_, values, cells) =
                    of_column.insert((*chosen, &column.values, column.values.cells()?));
                (&**values, &*cells)
            }
        };
        if let Some(place) = values.place(row) {
            text.clear();
            cells.write_text(place, &mut text);
            let is_float = *values.data_type() == DataType::Float64;
            let whole = text.strip_suffix(b".0").filter(|_| is_float);
            repeats.take(whole.unwrap_or(&text));
        }
    }
    Ok(())
}

/// For each child row what it points at.
pub(crate) fn links(link: &FinishedColumn, parent_rows: &[u32]) -> Result<FinishedColumn> {
    let places = parent_rows.iter().map(|row| link.place(*row as usize));
    let places: Vec<Option<usize>> = places.collect();
    check_total_bytes(link.text_bytes(places.iter().flatten()))?; // Before anything is copied.
    let cells = link.cells()?;
    let mut links = Column::default();
    let mut spelled = String::new();
    for (row, place) in places.into_iter().enumerate() {
        let scalar = place.map_or(Scalar::Null, |place| cells.scalar(place, &mut spelled));
        drop(links.push(row, scalar));
    }
    // What was detected is spelled on its way.
    links.finish(parent_rows.len(), Detection::of(link.kinds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused() {
        let ids = NaturalIds::new;
        assert!(ids().with_patterns(["a", ""]).is_err());
        assert!(ids().with_patterns(Vec::<String>::new()).is_ok());
        assert!(ids().with_mapping([("", "a")]).is_err());
        assert!(ids().with_mapping([("*", "")]).is_err());
        assert!(ids().with_mapping([("*", "a"), ("*", "b")]).is_err());
    }

    #[test]
    fn a_table_comes_before_the_others() {
        let ids = NaturalIds::new()
            .with_mapping([("*", "a"), ("t", "b")])
            .expect("allowed");
        assert_eq!([ids.mapped("t"), ids.mapped("u")], [Some("b"), Some("a")]);
        assert!(ids.absorbs("t", Some("b")) && !ids.absorbs("t", Some("a")));
        assert!(!ids.clone().with_forced(true).absorbs("t", Some("b")));
        let none = ids.with_mapping(Vec::<(String, String)>::new());
        let none = none.and_then(|ids| ids.with_patterns(Vec::<String>::new()));
        assert!(!none.expect("allowed").absorbs("t", None));
    }
}
