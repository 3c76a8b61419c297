//! Collects the values of one column while a chunk is shredded, in a typed buffer that widens as
//! values come.

use crate::{types::Kinds, value::Scalar};

mod seal;
mod steps;

pub use seal::SealedColumn;
pub(crate) use steps::Seen;

use arrow_schema::DataType;

use steps::Steps;

use crate::text as spelling;

/// A column under construction. It holds values only: rows without one take no room before the
/// column is finished, for in wide tables most cells are empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    kinds: Kinds,
    /// What the items of its lists have seen.
    items: Kinds,
    values: Values,
    /// Number of values.
    count: usize,
    /// The values' rows, if some rows have none.
    rows: Vec<u32>,
    /// False while each value stands in the row of its own number.
    is_sparse: bool,
    expected: Expected,
    steps: Steps,
}

/// The values, without nulls.
#[derive(Debug, Clone, Default)]
enum Values {
    #[default]
    None,
    Bool(Vec<bool>),
    Int(Vec<i64>),
    /// Floats, and which of them were integers.
    Float(Vec<f64>, Option<Vec<bool>>),
    /// Where texts end, and the texts; values of other kinds are spelled. If there are any, which
    /// were text.
    Text(Vec<i32>, String, Option<Vec<bool>>),
    /// Where lists end, and the items of all lists, nulls among them.
    List(Vec<i32>, Box<Column>),
}

/// What a column will probably hold, from what it held in the chunk before: buffers that need not
/// grow are faster.
#[derive(Debug, Clone, Copy, Default)]
struct Expected {
    values: usize,
    /// Bytes of text.
    bytes: usize,
}

/// Most bytes that are set aside for text before there is any.
const MOST_EXPECTED_BYTES: usize = 64 * 1024;

impl Column {
    /// Puts a value like those before it into a row after all rows that have one. False if it is of
    /// another kind: it is then left to [`push`](Self::push).
    #[inline]
    pub(crate) fn push_like(&mut self, row: usize, value: Scalar<'_>) -> bool {
        match (&mut self.values, value) {
            (_, Scalar::Null) => return true,
            (Values::Text(ends, texts, marks), Scalar::Text(text))
                if self.kinds.holds(Kinds::TEXT) =>
            {
                texts.push_str(text);
                ends.push(texts.len() as i32);
                if let Some(marks) = marks {
                    marks.push(true);
                }
            }
            (Values::Int(values), Scalar::Int(n)) if self.kinds.holds(Kinds::of_integer(n)) => {
                values.push(n);
            }
            (Values::Float(values, integers), Scalar::Float(x))
                if self.kinds.holds(Kinds::FLOAT) =>
            {
                values.push(x);
                if let Some(integers) = integers {
                    integers.push(false);
                }
            }
            (Values::Bool(values), Scalar::Bool(b)) if self.kinds.holds(Kinds::BOOL) => {
                values.push(b);
            }
            _ => return false,
        }
        self.taken(row);
        true
    }

    /// Puts a value into a row after all rows that have one.
    ///
    /// Returns the column as it was if its representation had to change, so that the caller can
    /// take the value back.
    pub(crate) fn push(&mut self, row: usize, value: Scalar<'_>) -> Option<Column> {
        if self.push_like(row, value) {
            return None;
        }
        let kinds = self.kinds.join(value.kind());
        let before = self.represent(kinds, self.items);
        self.note_step(row, (kinds, self.items), before.as_ref());
        self.kinds = kinds;
        self.append(value);
        self.taken(row);
        before
    }

    /// Puts a list of scalars into a row after all rows that have a value. Returns what
    /// [`push`](Self::push) returns.
    pub(crate) fn push_list(&mut self, row: usize, list: &[Scalar<'_>]) -> Option<Column> {
        let of_list = list
            .iter()
            .fold(Kinds::NONE, |kinds, item| kinds.join(item.kind()));
        let (kinds, items) = self.seen();
        let (kinds, of_items) = (kinds.join(Kinds::LIST), items.join(of_list));
        let before = self.represent(kinds, of_items);
        self.note_step(row, (kinds, of_items), before.as_ref());
        if let Values::List(ends, items) = &mut self.values {
            let start = ends.last().map_or(0, |end| *end as usize);
            for (i, item) in list.iter().enumerate() {
                items.push(start + i, *item);
            }
            ends.push((start + list.len()) as i32);
        } else {
            let mut json = Vec::new();
            spell_list(list.iter().copied(), &mut json);
            self.append_text(text(&json), false);
        }
        self.kinds = kinds;
        self.items = of_items;
        self.taken(row);
        before
    }

    /// Notes a value of a kind that is new in the chunk, but not the chunk's first. `now` is what
    /// the column has seen with it.
    fn note_step(&mut self, row: usize, now: Seen, was: Option<&Column>) {
        let seen = self.seen();
        if seen != now && self.kinds != Kinds::NONE {
            self.steps.note(row, seen, was);
        }
    }

    /// What the column has seen, and what the items of its lists have.
    pub(crate) fn seen(&self) -> Seen {
        (self.kinds, self.items)
    }

    /// Goes back to what was seen before, after values were taken back.
    pub(crate) fn restore_seen(&mut self, (kinds, of_items): Seen) {
        (self.kinds, self.items) = (kinds, of_items);
        if let Values::List(_, items) = &mut self.values {
            items.kinds = of_items;
        }
    }

    /// Takes back the values of all rows from `rows` on.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.steps.truncate(rows);
        let count = if self.is_sparse {
            self.rows.partition_point(|row| (*row as usize) < rows)
        } else {
            self.count.min(rows)
        };
        if count == self.count {
            return;
        }
        self.count = count;
        self.rows.truncate(count);
        let end = |ends: &[i32]| count.checked_sub(1).map_or(0, |last| ends[last] as usize);
        match &mut self.values {
            Values::None => {}
            Values::Bool(values) => values.truncate(count),
            Values::Int(values) => values.truncate(count),
            Values::Float(values, integers) => {
                values.truncate(count);
                if let Some(integers) = integers {
                    integers.truncate(count);
                }
            }
            Values::Text(ends, bytes, marks) => {
                bytes.truncate(end(ends));
                ends.truncate(count);
                if let Some(marks) = marks {
                    marks.truncate(count);
                }
            }
            Values::List(ends, items) => {
                items.truncate(end(ends));
                ends.truncate(count);
            }
        }
    }

    /// Counts a value that was just appended.
    #[inline]
    fn taken(&mut self, row: usize) {
        if self.is_sparse {
            self.rows.push(row as u32);
        } else if row != self.count {
            self.become_sparse();
            self.rows.push(row as u32);
        }
        self.count += 1;
    }

    /// Writes down the rows of the values.
    fn become_sparse(&mut self) {
        self.is_sparse = true;
        self.rows.reserve(self.expected.values.max(self.count + 1));
        self.rows.extend(0..self.count as u32);
    }

    /// Appends to the buffer that [`represent`](Self::represent) chose.
    fn append(&mut self, value: Scalar<'_>) {
        match (&mut self.values, value) {
            (Values::Bool(values), Scalar::Bool(b)) => values.push(b),
            (Values::Int(values), Scalar::Int(n)) => values.push(n),
            (Values::Float(values, integers), Scalar::Float(x)) => {
                values.push(x);
                if let Some(integers) = integers {
                    integers.push(false);
                }
            }
            (Values::Float(values, integers), Scalar::Int(n)) => {
                let integers = integers.get_or_insert_with(|| vec![false; values.len()]);
                values.push(n as f64);
                integers.push(true);
            }
            (Values::Text(ends, texts, marks), Scalar::Text(text)) => {
                texts.push_str(text);
                ends.push(texts.len() as i32);
                if let Some(marks) = marks {
                    marks.push(true);
                }
            }
            (_, Scalar::Number(text) | Scalar::Json(text)) => self.append_text(text, false),
            (_, Scalar::Int(n)) => self.append_text(itoa::Buffer::new().format(n), false),
            (_, value) => {
                let mut cell = Vec::new();
                value.write(&mut cell);
                self.append_text(text(&cell), value.is_no_json());
            }
        }
    }

    fn append_text(&mut self, cell: &str, is_text: bool) {
        if let Values::Text(ends, texts, marks) = &mut self.values {
            marks
                .get_or_insert_with(|| vec![true; ends.len()])
                .push(is_text);
            texts.push_str(cell);
            ends.push(texts.len() as i32);
        }
    }

    /// Changes the representation to one that can hold `kinds`. Returns the column as it was if
    /// values had to change.
    fn represent(&mut self, kinds: Kinds, of_items: Kinds) -> Option<Column> {
        let room = self.expected.values;
        let values = match (&self.values, kinds.data_type(of_items)) {
            (Values::Bool(_), DataType::Boolean)
            | (Values::Int(_), DataType::Int64)
            | (Values::Float(..), DataType::Float64) => return None,
            // The items keep or change their representation themselves, as they are pushed.
            (Values::List(_, items), DataType::List(_)) => {
                let (items, of_items) = (items.kinds, of_items);
                let is_same = items.data_type(Kinds::NONE) == of_items.data_type(Kinds::NONE);
                return (!is_same).then(|| self.clone());
            }
            (Values::Text(..), _) if self.count > 0 => return None,
            // Without values there is nothing to take over, and nothing that could be taken back.
            (_, data_type) if self.count == 0 => {
                self.values = match data_type {
                    DataType::Boolean => Values::Bool(Vec::with_capacity(room)),
                    DataType::Int64 => Values::Int(Vec::with_capacity(room)),
                    DataType::Float64 => Values::Float(Vec::with_capacity(room), None),
                    DataType::List(_) => Values::List(Vec::with_capacity(room), Box::default()),
                    _ => {
                        let (mut ends, mut texts) = match std::mem::take(&mut self.values) {
                            Values::Text(ends, texts, _) => (ends, texts),
                            _ => Default::default(),
                        };
                        ends.reserve(room);
                        texts.reserve(self.expected.bytes);
                        let marks = (kinds != Kinds::TEXT).then(|| Vec::with_capacity(room));
                        Values::Text(ends, texts, marks)
                    }
                };
                return None;
            }
            (Values::Int(values), DataType::Float64) => Values::Float(
                values.iter().map(|n| *n as f64).collect(),
                Some(vec![true; values.len()]),
            ),
            // A float came and was taken back.
            (Values::Float(values, _), DataType::Int64) => {
                Values::Int(values.iter().map(|x| *x as i64).collect())
            }
            _ => self.spelled(),
        };
        let before = self.clone();
        self.values = values;
        Some(before)
    }

    /// All values as text.
    fn spelled(&self) -> Values {
        let mut ends = Vec::with_capacity(self.count + 1);
        let mut marks = Vec::with_capacity(self.count + 1);
        let mut bytes = Vec::new();
        let mut start = 0;
        for value in 0..self.count {
            if let Values::List(list_ends, items) = &self.values {
                let end = list_ends[value] as usize;
                spell_list((start..end).map(|row| items.in_row(row)), &mut bytes);
                start = end;
                marks.push(false);
            } else {
                let value = self.get(value);
                value.write(&mut bytes);
                marks.push(value.is_no_json());
            }
            ends.push(bytes.len() as i32);
        }
        Values::Text(ends, text(&bytes).to_owned(), Some(marks))
    }

    /// The value of a row; a list is none.
    fn in_row(&self, row: usize) -> Scalar<'_> {
        let value = if self.is_sparse {
            self.rows.binary_search(&(row as u32)).ok()
        } else {
            (row < self.count).then_some(row)
        };
        value.map_or(Scalar::Null, |value| self.get(value))
    }

    /// A value by its number; a list is none.
    fn get(&self, value: usize) -> Scalar<'_> {
        match &self.values {
            Values::None | Values::List(..) => Scalar::Null,
            Values::Bool(values) => Scalar::Bool(values[value]),
            Values::Int(values) => Scalar::Int(values[value]),
            Values::Float(values, Some(marks)) if marks[value] => Scalar::Int(values[value] as i64),
            Values::Float(values, _) => Scalar::Float(values[value]),
            Values::Text(ends, texts, _) => {
                let start = value.checked_sub(1).map_or(0, |before| ends[before]);
                let cell = &texts[start as usize..ends[value] as usize];
                if self.kinds.holds(Kinds::TEXT) || self.kinds.holds(Kinds::JSON) {
                    Scalar::Text(cell)
                } else {
                    Scalar::Number(cell)
                }
            }
        }
    }
}

/// What was just spelled.
fn text(spelled: &[u8]) -> &str {
    // Only text was written.
    std::str::from_utf8(spelled).unwrap_or_default()
}

/// Appends a list as JSON text. In a list column, items are of one kind, so text stands only for
/// text.
fn spell_list<'a>(items: impl Iterator<Item = Scalar<'a>>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match item {
            Scalar::Null => out.extend_from_slice(b"null"),
            Scalar::Text(text) => spelling::write_json_string(out, text),
            other => other.write(out),
        }
    }
    out.push(b']');
}
