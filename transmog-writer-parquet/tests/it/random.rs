//! Tests random tables, whose columns appear and widen at random, against a cast of all rows at
//! once.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, FixedSizeBinaryArray, TimestampMillisecondArray, cast::AsArray,
    new_null_array,
};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use transmog_core::{TableBatch, final_type, widen};

use crate::support::*;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn optional<T>(&mut self, make: impl FnOnce(u64) -> T) -> Option<T> {
        let value = self.below(1000);
        (!value.is_multiple_of(5)).then(|| make(value))
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Missing,
    Null,
    Bool,
    Int,
    Decimal,
    Float,
    Date,
    Time,
    Uuid,
    Text,
    NullList,
    IntList,
    FloatList,
    TextList,
}

/// Ways in which a column may widen. Lists of texts do not become text here: how former numbers
/// look then depends on whether they were texts in between, so there is no one expected value.
const PATHS: [&[Kind]; 10] = [
    &[Kind::Missing, Kind::Null, Kind::Bool, Kind::Text],
    &[Kind::Missing, Kind::Int, Kind::Float, Kind::Text],
    &[Kind::Null, Kind::Int, Kind::Decimal, Kind::Text],
    &[
        Kind::Missing,
        Kind::NullList,
        Kind::IntList,
        Kind::FloatList,
        Kind::TextList,
    ],
    &[Kind::NullList, Kind::IntList, Kind::FloatList, Kind::Text],
    &[Kind::Null, Kind::FloatList, Kind::Text],
    &[Kind::Null, Kind::Missing],
    &[Kind::Missing, Kind::Date, Kind::Text],
    &[Kind::Null, Kind::Time, Kind::Text],
    &[Kind::Missing, Kind::Uuid, Kind::Text],
];

fn array(kind: Kind, rows: usize, numbers: &mut Numbers) -> (ArrayRef, Option<Vec<bool>>) {
    // Batches with long texts are kept as they are; others are copied.
    let length = if numbers.below(3) == 0 { 20 } else { 1 };
    let mut many = |rows: usize, kind: Kind| -> (ArrayRef, Option<Vec<bool>>) {
        let mut values = || {
            (0..rows)
                .map(|_| numbers.optional(|n| n))
                .collect::<Vec<_>>()
        };
        let array = match kind {
            Kind::Bool => bools(
                &values()
                    .iter()
                    .map(|v| v.map(|n| n % 2 == 0))
                    .collect::<Vec<_>>(),
            ),
            Kind::Int => ints(
                &values()
                    .iter()
                    .map(|v| v.map(|n| n as i64 - 500))
                    .collect::<Vec<_>>(),
            ),
            Kind::Decimal => decimals(
                &values()
                    .iter()
                    .map(|v| v.map(|n| i128::from(n) << 70))
                    .collect::<Vec<_>>(),
            ),
            Kind::Date => {
                let days = values().into_iter().map(|v| v.map(|n| n as i32));
                Arc::new(days.collect::<Date32Array>())
            }
            Kind::Time => {
                let times = values()
                    .into_iter()
                    .map(|v| v.map(|n| n as i64 * 86_400_001));
                Arc::new(times.collect::<TimestampMillisecondArray>())
            }
            Kind::Uuid => {
                let ids = values().into_iter().map(|v| v.map(|n| [n as u8; 16]));
                Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(ids, 16).unwrap())
            }
            Kind::Text => {
                let words: Vec<_> = values()
                    .iter()
                    .map(|v| v.map(|n| "ab".repeat(n as usize % 40 * length)))
                    .collect();
                texts(&words.iter().map(Option::as_deref).collect::<Vec<_>>())
            }
            Kind::Float => {
                let values: Vec<_> = values().iter().map(|v| v.map(|n| n as f64 / 2.0)).collect();
                let marks = values
                    .iter()
                    .map(|value| numbers.below(3) > 0 && value.is_none_or(|x| x.fract() == 0.0))
                    .collect();
                return (floats(&values), Some(marks));
            }
            _ => nulls(rows),
        };
        (array, None)
    };
    let items = match kind {
        Kind::NullList => Kind::Null,
        Kind::IntList => Kind::Int,
        Kind::FloatList => Kind::Float,
        Kind::TextList => Kind::Text,
        plain => return many(rows, plain),
    };
    let lengths: Vec<_> = (0..rows)
        .map(|row| (row % 4 != 1).then_some(row * 7 % 3))
        .collect();
    let (items, marks) = many(lengths.iter().flatten().sum(), items);
    (lists(&lengths, items), marks)
}

/// Batches with the same names; later ones have more columns and wider types.
fn batches(numbers: &mut Numbers) -> Vec<TableBatch> {
    let paths: Vec<_> = (0..=numbers.below(5))
        .map(|_| PATHS[numbers.below(10) as usize])
        .collect();
    let mut at = vec![0; paths.len()];
    let mut order: Vec<usize> = Vec::new();
    let mut batches = Vec::new();
    for _ in 0..=numbers.below(7) {
        let rows = numbers.below(60) as usize;
        let mut made = Vec::new();
        for (column, path) in paths.iter().enumerate() {
            if numbers.below(3) == 0 {
                at[column] = (at[column] + 1).min(path.len() - 1);
            }
            let seen = order.contains(&column);
            let kind = path[at[column]];
            if kind != Kind::Missing && !seen {
                order.push(column);
            }
            // `Missing` after `Null` is a column that stays null.
            made.push(array(kind, rows, numbers));
        }
        let names: Vec<_> = order.iter().map(|column| format!("c{column}")).collect();
        let columns: Vec<_> = std::iter::zip(&names, &order)
            .map(|(name, column)| (name.as_str(), Arc::clone(&made[*column].0)))
            .collect();
        if columns.is_empty() {
            continue;
        }
        let mut batch = batch(&columns);
        for (place, column) in order.iter().enumerate() {
            batch.integers[place] = made[*column].1.clone().map(Into::into);
        }
        batches.push(batch);
    }
    batches
}

/// Every batch cast to the types of the last one, at once.
fn expected(batches: &[TableBatch]) -> Vec<(String, ArrayRef)> {
    let last = batches.last().unwrap().rows.schema();
    let columns = last.fields().iter().enumerate().map(|(place, field)| {
        let to = final_type(field.data_type());
        let parts: Vec<_> = batches
            .iter()
            .map(|batch| match batch.rows.columns().get(place) {
                Some(array) => widened(array, batch, place, &to),
                None => new_null_array(&to, batch.rows.num_rows()),
            })
            .collect();
        let parts: Vec<_> = parts.iter().map(AsRef::as_ref).collect();
        (field.name().clone(), concat(&parts).unwrap())
    });
    columns.collect()
}

fn widened(array: &ArrayRef, batch: &TableBatch, place: usize, to: &DataType) -> ArrayRef {
    if let (Some(list), DataType::Utf8) = (array.as_list_opt::<i32>(), to) {
        assert_eq!(list.value_offsets()[0], 0);
    }
    widen(array, batch.integers[place].as_ref(), to).unwrap()
}

/// Slices of a batch with these numbers of rows.
fn cut(batch: &TableBatch, step: usize) -> impl Iterator<Item = TableBatch> {
    let rows = batch.rows.num_rows();
    let from = (0..rows.max(1)).step_by(step);
    from.map(move |from| batch.slice(from, step.min(rows - from)))
}

#[test]
fn random_tables_read_back_exactly() {
    let mut rewritten = 0;
    for seed in 0..150 {
        let mut numbers = Numbers(seed);
        let batches = batches(&mut numbers);
        let Some(last) = batches.last() else { continue };
        rewritten += usize::from(last.rows.schema() != batches[0].rows.schema());
        let wanted = expected(&batches);
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(name, array)| (name.as_str(), Arc::clone(array)))
            .collect();
        let rows = 1 + numbers.below(50) as usize;
        for options in [
            eager(),
            group_size(rows),
            group_size(rows).with_memory_bytes(3000),
        ] {
            assert_columns(&write(options, &batches), &wanted);
        }
        let step = 1 + numbers.below(4) as usize;
        let steps: Vec<_> = batches.chunks(step).collect();
        assert_columns(&write_steps(eager(), &steps), &wanted);
        let cut: Vec<_> = batches.iter().flat_map(|batch| cut(batch, step)).collect();
        assert_columns(&write_steps(group_size(rows), &[&cut]), &wanted);
        assert_columns(&write(group_size(rows), &cut), &wanted);
    }
    assert!(rewritten > 50, "{rewritten}");
}
