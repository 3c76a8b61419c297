//! Which tables, rows and cells records must give with the default settings, worked out from the
//! values alone.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    json::{Json, compact},
    number::{Kind, canonical},
};

/// Objects and items that may stand within one another before the rest becomes JSON text.
const MAX_DEPTH: usize = 100;

/// Keys from a row to a value or an array.
pub(crate) type Keys<'r> = Vec<&'r str>;

/// Expected tables; the first is the main table, and every other comes after its parent.
#[derive(Debug, Default)]
pub(crate) struct Tables<'r> {
    pub(crate) all: Vec<Table<'r>>,
}

/// One expected table.
#[derive(Debug, Default)]
pub(crate) struct Table<'r> {
    pub(crate) path: Vec<Keys<'r>>,
    /// For each row the parent's row and the item's number; 0 and 0 in the main table.
    pub(crate) rows: Vec<(usize, usize)>,
    pub(crate) columns: BTreeMap<Keys<'r>, Column<'r>>,
    children: BTreeMap<Keys<'r>, usize>,
}

/// One expected column.
#[derive(Debug, Default)]
pub(crate) struct Column<'r> {
    /// Rows and texts of the values that are not null.
    pub(crate) cells: Vec<(usize, Cow<'r, str>)>,
    kinds: BTreeSet<Kind>,
}

impl Column<'_> {
    /// The word for the narrowest type that holds all values.
    pub(crate) fn data_type(&self) -> &'static str {
        let kinds: Vec<Kind> = self.kinds.iter().copied().collect();
        match kinds[..] {
            [Kind::Bool] => "boolean",
            [Kind::Small | Kind::Large] | [Kind::Small, Kind::Large] => "int64",
            [.., Kind::Decimal] if kinds[0] != Kind::Bool => "decimal",
            [Kind::Float] | [Kind::Small, Kind::Float] => "float64",
            [Kind::Json] => "json",
            _ => "text",
        }
    }
}

impl<'r> Tables<'r> {
    /// The tables of records, which must be objects.
    pub(crate) fn new(records: &'r [Json<'r>]) -> Self {
        let mut tables = Self::default();
        tables.all.push(Table::default());
        for record in records {
            let Json::Object(fields) = record else {
                panic!("not a record: {record:?}");
            };
            let row = tables.add_row(0, (0, 0));
            tables.fields((0, row), &mut Vec::new(), fields, 1);
        }
        tables
    }

    /// Number of cells that are not null.
    pub(crate) fn leaves(&self) -> u64 {
        let columns = self.all.iter().flat_map(|table| table.columns.values());
        columns.map(|column| column.cells.len() as u64).sum()
    }

    fn add_row(&mut self, table: usize, link: (usize, usize)) -> usize {
        let rows = &mut self.all[table].rows;
        rows.push(link);
        rows.len() - 1
    }

    /// Takes the fields of an object that is the `depth`th from the record on.
    fn fields(
        &mut self,
        place: (usize, usize),
        keys: &mut Keys<'r>,
        fields: &'r [(Cow<'r, str>, Json<'r>)],
        depth: usize,
    ) {
        for (key, value) in fields {
            keys.push(key);
            match value {
                Json::Object(fields) if depth < MAX_DEPTH => {
                    self.fields(place, keys, fields, depth + 1);
                }
                Json::Array(items) if depth < MAX_DEPTH => {
                    self.items(place, keys, items, depth + 1);
                }
                Json::Object(fields) if fields.is_empty() => {}
                Json::Array(items) if items.is_empty() => {}
                leaf => self.leaf(place, keys, leaf),
            }
            keys.pop();
        }
    }

    fn items(
        &mut self,
        (parent, parent_row): (usize, usize),
        keys: &Keys<'r>,
        items: &'r [Json<'r>],
        depth: usize,
    ) {
        if items.is_empty() {
            return;
        }
        let table = self.child(parent, keys);
        for (index, item) in items.iter().enumerate() {
            let row = self.add_row(table, (parent_row, index));
            match item {
                Json::Object(fields) => self.fields((table, row), &mut Vec::new(), fields, depth),
                leaf => self.leaf((table, row), &[], leaf),
            }
        }
    }

    fn child(&mut self, parent: usize, keys: &Keys<'r>) -> usize {
        if let Some(known) = self.all[parent].children.get(keys) {
            return *known;
        }
        let mut path = self.all[parent].path.clone();
        path.push(keys.clone());
        self.all.push(Table {
            path,
            ..Table::default()
        });
        let table = self.all.len() - 1;
        self.all[parent].children.insert(keys.clone(), table);
        table
    }

    /// Takes a value that is one cell: a scalar, or what becomes JSON text.
    fn leaf(&mut self, (table, row): (usize, usize), keys: &[&'r str], value: &'r Json<'r>) {
        let columns = &mut self.all[table].columns;
        if !columns.contains_key(keys) {
            columns.insert(keys.to_vec(), Column::default());
        }
        let column = columns.get_mut(keys).unwrap();
        let (kind, text) = match value {
            Json::Null => return,
            Json::Bool(true) => (Kind::Bool, "true".into()),
            Json::Bool(false) => (Kind::Bool, "false".into()),
            Json::Number(token) => {
                let (kind, text) = canonical(token);
                (kind, text.into())
            }
            Json::Text(text) => (Kind::Text, Cow::Borrowed(&**text)),
            Json::Array(_) | Json::Object(_) => {
                let mut text = String::new();
                compact(value, &mut text);
                (Kind::Json, text.into())
            }
        };
        column.kinds.insert(kind);
        column.cells.push((row, text));
    }
}

#[test]
fn a_record_gives_the_tables_that_a_person_expects() {
    let text = r#"{"a": {"b": 1}, "c": [{"d": true}, null, [1.50, "x"], {}, "", 7], "e": [], "f": {}, "g": null}
        {"a": {"b": 2.5}, "c": [{"c": [0]}]}"#;
    let records = crate::json::values(text).unwrap();
    let tables = Tables::new(&records);
    let [main, c, c_c] = &tables.all[..] else {
        panic!("{tables:?}");
    };
    assert_eq!((main.rows.len(), &c.path[..]), (2, &[vec!["c"]][..]));
    assert_eq!(c_c.path, [vec!["c"], vec!["c"]]);
    assert_eq!(
        c.rows,
        [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 0)]
    );
    assert_eq!(c_c.rows, [(6, 0)]);
    let column = |table: &Table<'_>, keys: &[&str]| {
        let column = &table.columns[keys];
        let cells: Vec<_> = column
            .cells
            .iter()
            .map(|(row, text)| (*row, text.to_string()))
            .collect();
        (column.data_type(), cells)
    };
    let cells = |cells: &[(usize, &str)]| {
        cells
            .iter()
            .map(|(row, text)| (*row, (*text).to_owned()))
            .collect()
    };
    assert_eq!(
        main.columns.keys().collect::<Vec<_>>(),
        [&vec!["a", "b"], &vec!["g"]]
    );
    assert_eq!(
        column(main, &["a", "b"]),
        ("float64", cells(&[(0, "1"), (1, "2.5")]))
    );
    assert_eq!(column(main, &["g"]), ("text", Vec::new()));
    assert_eq!(column(c, &["d"]), ("boolean", cells(&[(0, "true")])));
    assert_eq!(
        column(c, &[]),
        ("text", cells(&[(2, r#"[1.50,"x"]"#), (4, ""), (5, "7")]))
    );
    assert_eq!(column(c_c, &[]), ("int64", cells(&[(0, "0")])));
    assert_eq!(tables.leaves(), 7);
}
