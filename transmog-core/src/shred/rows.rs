//! Takes rows of cells: records without nesting that all have the same keys, so that each key is
//! looked up once and not in each record.

use std::sync::Arc;

use super::{Place, Shredder, place::NodeId};
use crate::{
    base::Result,
    config::{Header as CsvHeader, How, Nulls, Treatment},
    value::{Scalar, Value},
};

/// The keys of rows.
#[derive(Debug, Default)]
pub(super) struct Header {
    names: Vec<String>,
    /// Where they are in the shape, once it was asked for.
    nodes: Vec<NodeId>,
}

impl Header {
    /// To be called when the nodes are those of another shape, or of other names.
    pub(super) fn forget_nodes(&mut self) {
        self.nodes.clear();
    }
}

impl Shredder {
    /// Sets the header of the CSV input that the next chunk is of; `None` if it is of no CSV input,
    /// or columns are called as its header spells them. Rules may name columns as the header spells
    /// them. To be called between two chunks.
    ///
    /// # Errors
    /// None that preparing the settings has not.
    pub fn read_under(&mut self, header: Option<&Arc<CsvHeader>>) -> Result<()> {
        let is_known = match (&self.headed, header) {
            (None, None) => true,
            (Some(known), Some(header)) => Arc::ptr_eq(known, header) || known == header,
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        self.headed = header.map(Arc::clone);
        let plan = match header {
            Some(header) => Arc::new(self.run_plan.under(header)?),
            None => Arc::clone(&self.run_plan),
        };
        if plan == self.plan {
            return Ok(());
        }
        self.plan = plan;
        self.forget_shape();
        Ok(())
    }

    /// Sets the keys of the cells of the [rows](Self::row) that come. Of a key that comes twice,
    /// the last cell counts; such rows take longer, because each is made a record first.
    pub fn name_cells<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.header.names.clear();
        self.header
            .names
            .extend(names.into_iter().map(str::to_owned));
        self.header.forget_nodes();
    }

    /// Takes a row as the record whose keys were [named](Self::name_cells); `cell` gives the value
    /// of each, by the name's number. It may be asked twice.
    ///
    /// ```
    /// use transmog_core::{Config, Plan, Scalar, Shredder};
    ///
    /// let plan = Plan::compile(&Config::default(), "events")?;
    /// let mut shredder = Shredder::new(plan.into());
    /// shredder.name_cells(["id", "name"]);
    /// for row in [[Scalar::Int(1), Scalar::Text("a")], [Scalar::Int(2), Scalar::Null]] {
    ///     shredder.row(|cell| row[cell])?;
    /// }
    /// let chunk = shredder.seal()?;
    /// assert_eq!((chunk.records, chunk.leaves_read), (2, 3));
    /// # Ok::<(), transmog_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a given schema has no room for a cell; the shredder is then as it was before.
    pub fn row<'c>(&mut self, cell: impl Fn(usize) -> Scalar<'c>) -> Result<()> {
        if self.header.nodes.len() != self.header.names.len() {
            self.find_names();
        }
        if !self.needs_values() && !self.header.nodes.is_empty() {
            self.begin_record();
            self.put_cells(&cell);
            // What a given schema has no room for needs an exact look.
            let fits = !self.violations.any();
            self.end_record(fits);
            if fits {
                return Ok(());
            }
        }
        let names = self.header.names.iter().cloned();
        let cells = (0..).map(|number| cell(number).to_value());
        let record = Value::Object(names.zip(cells).collect());
        self.record_value(&record)
    }

    /// Adds the columns of the [named](Self::name_cells) cells to the chunk, but no row: those that
    /// a row of nulls would have. For inputs whose columns are known and that have no rows.
    ///
    /// ```
    /// use transmog_core::{Config, Plan, Shredder};
    ///
    /// let plan = Plan::compile(&Config::default(), "events")?;
    /// let mut shredder = Shredder::new(plan.into());
    /// shredder.name_cells(["id", "name"]);
    /// shredder.add_columns();
    /// let chunk = shredder.seal()?;
    /// assert_eq!((chunk.tables[0].rows, chunk.tables[0].columns.len()), (0, 2));
    /// # Ok::<(), transmog_core::Error>(())
    /// ```
    pub fn add_columns(&mut self) {
        if self.header.nodes.len() != self.header.names.len() {
            self.find_names();
        }
        if self.plan.settings.nulls == Nulls::Drop {
            return;
        }
        self.shape.list_main_table();
        for number in 0..self.header.nodes.len() {
            let node = self.header.nodes[number];
            let Treatment { how, way, .. } = self.shape.treatment(node);
            if how == How::Excluded {
                self.note_left_out(node);
            } else if !way && how != How::Array {
                self.shape.column(node);
            }
        }
        self.count_header();
    }

    /// Counts the columns of a header without rows for the rules of their places.
    fn count_header(&mut self) {
        let header = self.met.header();
        for node in &self.header.nodes {
            let counting = self.shape.counting(*node).iter();
            for (rule, _) in counting.filter(|(_, wants_object)| !wants_object) {
                header[*rule] += 1;
            }
        }
    }

    /// Puts cells into the columns of their names.
    fn put_cells<'c>(&mut self, cell: impl Fn(usize) -> Scalar<'c>) {
        let row = self.main_place();
        for number in 0..self.header.nodes.len() {
            let node = self.header.nodes[number];
            let (place, cell) = (Place { node, ..row }, cell(number));
            // Not as `finite` has it, which copies the cell: that would wait for what was just
            // stored.
            let is_taken_as_it_is = match cell {
                Scalar::Float(value) => value.is_finite(),
                Scalar::Json(_) => false,
                _ => true,
            };
            let treatment = self.shape.treatment(node);
            if is_taken_as_it_is && treatment == Treatment::PLAIN {
                self.put(place, cell);
            } else if is_taken_as_it_is && treatment.takes_all() {
                self.count_value(node, false);
                self.put(place, cell);
            } else {
                self.walk(place, &cell.to_value());
            }
        }
        self.put_kept(0);
    }

    /// Finds the places of the keys, if no two of them are one: such rows are taken as values.
    fn find_names(&mut self) {
        let (_, root) = self.shape.main_table();
        let stamp = self.next_stamp();
        let (names, mut next) = (&self.header.names, 0);
        // None for a name that came before.
        let nodes = names
            .iter()
            .map(|name| self.shape.field(root, name, &mut next, stamp));
        self.header.nodes = nodes.collect::<Option<_>>().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::{DataType, Field, Schema};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        CompositeIds, Config, Ids, Kinds, Nulls, Plan, SchemaPolicy, ShreddedChunk, Value,
        config::{Cast, EmptyText},
    };

    /// Settings under which rows are taken in different ways.
    fn settings() -> Vec<Config> {
        let plain = Config::default;
        let pattern = |path: &str| path.parse().expect("a path");
        let fields = ["a", "b"].map(|name| Field::new(name, DataType::Int64, true));
        let schema = Arc::new(Schema::new(fields.to_vec()));
        let given = || plain().with_schema(Arc::clone(&schema));
        let ids = CompositeIds::new(["a", "b"]).expect("fields");
        vec![
            plain(),
            plain()
                .with_nulls(Nulls::Drop)
                .with_empty_text(EmptyText::Null),
            plain().with_nan_as_null(true).with_cast(Cast::PythonText),
            plain().with_kept_empties(true),
            plain().with_ids(Ids::Hash),
            plain().with_ids(Ids::Composite(ids)),
            plain().with_exclude(pattern("a")).expect("a path"),
            plain().with_array_path(pattern("b")).expect("a path"),
            plain().with_json_path(pattern("c")).expect("a path"),
            plain().with_type(pattern("a"), "int64").expect("a type"),
            given().with_schema_policy(SchemaPolicy::Freeze),
            given().with_schema_policy(SchemaPolicy::Discard),
        ]
    }

    fn cell() -> impl Strategy<Value = Value> {
        let numbers = [1.5, 1e22, -0.0, f64::NAN, f64::INFINITY];
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            proptest::sample::select(numbers.to_vec()).prop_map(Value::Float),
            Just(Value::Number("18446744073709551615".to_owned())),
            "[a-c]{0,2}".prop_map(Value::Text),
        ]
    }

    fn shredder(config: &Config) -> Shredder {
        let plan = Plan::compile(config, "t").expect("settings that go together");
        Shredder::new(plan.into())
    }

    /// All that there is to know of a chunk, without the addresses of its buffers.
    fn told(chunk: &ShreddedChunk) -> String {
        let told = format!("{chunk:?}");
        let without = |part: &str| {
            part.trim_start_matches(|c: char| c.is_ascii_hexdigit())
                .to_owned()
        };
        told.split("0x").map(without).collect()
    }

    proptest! {
        #[test]
        fn a_row_is_the_record_of_its_names_and_cells(
            names in proptest::collection::vec("[abc]", 0..5),
            rows in proptest::collection::vec(proptest::collection::vec(cell(), 5), 1..6),
        ) {
            for config in settings() {
                let (mut by_row, mut by_value) = (shredder(&config), shredder(&config));
                by_row.name_cells(names.iter().map(String::as_str));
                for row in &rows {
                    let cell = |number: usize| row[number].scalar().unwrap_or(Scalar::Null);
                    let fields = names.iter().cloned().zip(row.iter().cloned());
                    let taken = by_value.record_value(&Value::Object(fields.collect()));
                    prop_assert_eq!(by_row.row(cell).is_ok(), taken.is_ok());
                }
                let (rows, values) = (by_row.seal(), by_value.seal());
                prop_assert_eq!(told(&rows.expect("tables")), told(&values.expect("tables")));
            }
        }
    }

    #[test]
    fn json_in_a_cell_is_text() {
        for ids in [Ids::Row, Ids::Hash] {
            let mut shredder = shredder(&Config::default().with_ids(ids));
            shredder.name_cells(["a"]);
            shredder.row(|_| Scalar::Json("[1]")).expect("a row");
            let chunk = shredder.seal().expect("tables");
            assert_eq!(chunk.tables[0].columns[0].values.kinds, Kinds::TEXT);
        }
    }

    #[test]
    fn names_are_found_again_when_the_shape_is_another_one() {
        let config = Config::default().with_max_columns(1).expect("a number");
        let mut shredder = shredder(&config);
        shredder.name_cells(["a", "b"]);
        for chunk in 0..3 {
            // More keys than the shape keeps.
            let fields = (0..11_000).map(|key| (format!("{chunk} {key}"), Value::Null));
            let record = Value::Object(fields.collect());
            shredder.record_value(&record).expect("a record");
            shredder
                .row(|cell| Scalar::Int(cell as i64))
                .expect("a row");
            let chunk = shredder.seal().expect("tables");
            assert_eq!((chunk.records, chunk.leaves_read), (2, 2));
            let columns = chunk.tables[0].columns.iter();
            let found = columns.filter(|column| ["a", "b"].contains(&&*column.path[0]));
            assert_eq!(found.count(), 2);
        }
    }
}
