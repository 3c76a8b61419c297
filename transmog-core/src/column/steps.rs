//! Notes the rows at which a column meets a kind of values that is new to it in its chunk, so that
//! a change of the column's type can be traced to the record that forced it.

use super::{Column, Values};
use crate::types::{Detection, Kinds, first_misfit};

/// What a column has seen: the kinds of its values, and those of the items of its lists.
pub(crate) type Seen = (Kinds, Kinds);

/// Texts, of which detection may still say that they are dates.
const TEXTS: Seen = (Kinds::TEXT, Kinds::NONE);
/// Lists of such texts.
const LISTS_OF_TEXTS: Seen = (Kinds::LIST, Kinds::TEXT);

/// A value of another kind than those before it in the chunk. The first value of a chunk is none.
///
/// A chunk with the cells `1`, `2.5`, `3`, `"x"` has the steps `(1, INT)` and `(3, INT + FLOAT)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The value's row.
    pub(crate) row: u32,
    /// What the column had seen before it.
    pub(crate) before: Seen,
}

/// The steps of a column under construction. Nothing is allocated while all values are of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps(Option<Box<Noted>>);

#[derive(Debug, Clone, Default)]
struct Noted {
    steps: Vec<Step>,
    /// The column as it was when it held lists of texts, which are JSON text now.
    lists: Option<Column>,
}

impl Steps {
    /// Notes a value of a new kind. `was` is the column before it, if its representation had to
    /// change.
    #[cold]
    pub(super) fn note(&mut self, row: usize, before: Seen, was: Option<&Column>) {
        let noted = self.0.get_or_insert_default();
        let row = row as u32;
        noted.steps.push(Step { row, before });
        if before == LISTS_OF_TEXTS {
            noted.lists = was.cloned();
        }
    }

    /// Forgets the steps of all rows from `rows` on.
    pub(super) fn truncate(&mut self, rows: usize) {
        if let Some(noted) = &mut self.0 {
            let left = noted
                .steps
                .partition_point(|step| (step.row as usize) < rows);
            noted.steps.truncate(left);
            if left == 0 {
                self.0 = None;
            }
        }
    }

    /// The steps as numbers of values instead of rows, where only the rows `of_values` have values.
    pub(super) fn count_values(&mut self, of_values: &[u32]) {
        for step in self.0.iter_mut().flat_map(|noted| &mut noted.steps) {
            step.row = of_values.partition_point(|row| *row < step.row) as u32;
        }
    }
}

impl Column {
    /// Takes the steps out. If texts came before values of other kinds, `detection` says what these
    /// texts are.
    pub(super) fn take_steps(&mut self, detection: Detection) -> Vec<Step> {
        let Some(noted) = self.steps.0.take() else {
            return Vec::new();
        };
        let Noted { mut steps, lists } = *noted;
        let of_texts = |step: &Step| step.before == TEXTS || step.before == LISTS_OF_TEXTS;
        let Some(at) = steps.iter().position(of_texts) else {
            return steps;
        };
        let end = steps[at].row;
        let found = match (&lists, &self.values) {
            (Some(lists), _) => lists.misfit_in_lists(detection),
            (None, Values::Text(ends, texts, _)) if steps[at].before == TEXTS => {
                let count = if self.is_sparse {
                    self.rows.partition_point(|row| *row < end)
                } else {
                    end as usize
                };
                let misfit = first_misfit(&ends[..count], texts, detection);
                misfit.map(|(kind, value)| (kind, value.map(|value| self.row_of(value))))
            }
            _ => None,
        };
        if let Some((kind, row)) = found {
            let before = match steps[at].before {
                TEXTS => (kind, Kinds::NONE),
                _ => (Kinds::LIST, kind),
            };
            match row {
                Some(row) => steps.insert(at, Step { row, before }),
                None => steps[at].before = before,
            }
        }
        steps
    }

    /// What the first text in the column's lists is taken for, and the row of the first list with a
    /// text that is something else.
    fn misfit_in_lists(&self, detection: Detection) -> Option<(Kinds, Option<u32>)> {
        let Values::List(list_ends, items) = &self.values else {
            return None;
        };
        let Values::Text(ends, texts, _) = &items.values else {
            return None;
        };
        let (kind, value) = first_misfit(ends, texts, detection)?;
        let row = |value| self.row_of(list_of(list_ends, items.row_of(value)));
        Some((kind, value.map(row)))
    }

    /// The row of a value, by its number.
    fn row_of(&self, value: usize) -> u32 {
        if self.is_sparse {
            self.rows.get(value).copied().unwrap_or_default()
        } else {
            value as u32
        }
    }
}

/// The number of the list that holds an item, of lists that end at `ends`.
pub(super) fn list_of(ends: &[i32], item: u32) -> usize {
    ends.partition_point(|end| (*end as u32) <= item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Scalar;

    const DATES: Detection = Detection {
        dates: true,
        ..Detection::NONE
    };

    /// Steps of a column with a value in each third row, in which detection looks for dates.
    fn steps(rows: usize, values: &[Scalar<'_>]) -> Vec<(u32, Kinds)> {
        let mut column = Column::default();
        for (i, value) in values.iter().enumerate() {
            column.push(i * 3, *value);
        }
        let sealed = column.seal(rows, DATES).expect("it is small");
        assert!(column.steps.0.is_none());
        let steps = sealed.steps.iter();
        steps.map(|step| (step.row, step.before.0)).collect()
    }

    #[test]
    fn new_kinds_are_noted_with_their_rows() {
        let (date, text) = (Scalar::Text("2026-01-31"), Scalar::Text("x"));
        let (one, half) = (Scalar::Int(1), Scalar::Float(0.5));
        let floats = Kinds::INT.join(Kinds::FLOAT);
        // Of many rows, the column is packed.
        for rows in [12, 1000] {
            assert_eq!(steps(rows, &[one, one, Scalar::Null, one]), []);
            let found = steps(rows, &[one, half, one, text]);
            assert_eq!(found, [(3, Kinds::INT), (9, floats)]);
            assert_eq!(steps(rows, &[date, date]), []);
            assert_eq!(steps(rows, &[date, date, text]), [(6, Kinds::DATE)]);
            assert_eq!(steps(rows, &[text, date, text]), []);
            assert_eq!(steps(rows, &[date, one, date]), [(3, Kinds::DATE)]);
            let found = steps(rows, &[date, text, one, date]);
            assert_eq!(found, [(3, Kinds::DATE), (6, Kinds::TEXT)]);
        }
    }

    #[test]
    fn lists_are_looked_into_before_they_become_text() {
        let (date, text) = (Scalar::Text("2026-01-31"), Scalar::Text("x"));
        for last in [Scalar::Int(1), Scalar::Null] {
            let mut column = Column::default();
            column.push_list(0, &[]);
            column.push_list(1, &[date, Scalar::Null]);
            column.push_list(3, &[Scalar::Null, date, text]);
            column.push(4, last);
            let sealed = column.seal(5, DATES).expect("it is small");
            let mut expected = vec![
                (1, (Kinds::LIST, Kinds::NONE)),
                (3, (Kinds::LIST, Kinds::DATE)),
            ];
            if last != Scalar::Null {
                expected.push((4, (Kinds::LIST, Kinds::TEXT)));
            }
            let steps = sealed.steps.iter().map(|step| (step.row, step.before));
            assert_eq!(steps.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn steps_of_rows_that_are_taken_back_are_forgotten() {
        let mut column = Column::default();
        column.push(0, Scalar::Int(1));
        let seen = column.seen();
        column.push(1, Scalar::Int(i64::MAX));
        column.truncate(1);
        column.restore_seen(seen);
        let sealed = column.seal(1, Detection::NONE).expect("it is small");
        assert_eq!(sealed.steps, []);
    }
}
