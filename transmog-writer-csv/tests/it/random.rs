//! Tests random tables, cut at random rows.

use proptest::prelude::*;

use crate::{table::Table, value::Value};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::Bool),
        4 => (-1000_i64..1000).prop_map(Value::Int),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<u64>().prop_map(|n| Value::Big(i128::from(n) + i128::from(i64::MAX))),
        2 => float(),
        3 => text(),
    ]
}

fn float() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::Float),
        2 => (-9_i32..9).prop_map(|n| Value::Float(f64::from(n) / 4.0)),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).prop_map(Value::Float),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[a-c\",;\\\\\r\n\t'{}\\[\\]:é =\\-\u{1}]{0,6}",
        1 => prop::sample::select(vec!["True", "False", "true", "null", "NaN", "1", "[1]", "\"\"", ""])
            .prop_map(str::to_owned),
    ]
    .prop_map(Value::Text)
}

/// Cells of one column. Lists share a column with other values only if the items of the lists have
/// one kind: mixed items are text when they come together, but not if other values made the column
/// text before.
fn column(rows: usize) -> impl Strategy<Value = Vec<Option<Value>>> {
    let or_null =
        |values: BoxedStrategy<Value>| prop_oneof![3 => values, 1 => Just(Value::Null)].boxed();
    let int = || (-1000_i64..1000).prop_map(Value::Int).boxed();
    let list = |item: BoxedStrategy<Value>| {
        prop::collection::vec(item, 0..4)
            .prop_map(Value::List)
            .boxed()
    };
    let value = prop_oneof![
        Just(Just(Value::Null).boxed()),
        Just(or_null(any::<bool>().prop_map(Value::Bool).boxed())),
        Just(or_null(int())),
        Just(or_null(prop_oneof![int(), float()].boxed())),
        Just(or_null(text().boxed())),
        Just(or_null(list(scalar().boxed()))),
        Just(or_null(list(prop_oneof![int(), float()].boxed()))),
        Just(prop_oneof![3 => scalar(), 1 => list(prop_oneof![int(), float()].boxed())].boxed()),
        Just(
            prop_oneof![9 => or_null(any::<bool>().prop_map(Value::Bool).boxed()), 1 => text()]
                .boxed()
        ),
        Just(prop_oneof![9 => float(), 1 => text()].boxed()),
    ];
    (value, 0..=rows).prop_flat_map(move |(value, first)| {
        let cells = prop::collection::vec(prop::option::weighted(0.9, value), rows - first);
        cells.prop_map(move |cells| {
            let missing = std::iter::repeat_n(None, first);
            missing.chain(cells).collect()
        })
    })
}

const NAMES: [&str; 11] = [
    "",
    "a",
    "b,c",
    "q\"q",
    "line\r\nbreak",
    "é",
    "tab\t",
    "back\\slash",
    "x;y",
    "}{",
    "[1]",
];

/// A table, the rows before which it is cut, and how many of its rows are written.
pub(crate) fn tables() -> impl Strategy<Value = (Table, Vec<usize>, usize)> {
    (0..25_usize).prop_flat_map(|rows| {
        let names = prop::sample::subsequence(NAMES.to_vec(), 0..6).prop_shuffle();
        let columns = names.prop_flat_map(move |names| {
            let cells = prop::collection::vec(column(rows), names.len());
            cells.prop_map(move |cells| {
                let names = names.iter().map(|name| (*name).to_owned());
                names.zip(cells).collect::<Vec<_>>()
            })
        });
        let cuts = prop::collection::btree_set(0..=rows, 0..8);
        let table = (columns, any::<bool>()).prop_map(move |(columns, metadata)| Table {
            rows,
            columns,
            metadata,
        });
        (table, cuts, prop_oneof![3 => Just(rows), 1 => 0..=rows])
            .prop_map(|(table, cuts, written)| (table, cuts.into_iter().collect(), written))
    })
}
