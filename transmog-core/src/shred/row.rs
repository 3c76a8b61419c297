//! Rows of cells: records without nesting that all have the same keys, so that each key is found once and not in each record.

use super::{Place, Shredder, shape::NodeId};
use crate::{column::Scalar, error::Result, rules::Treatment, value::Value};

/// The keys of rows.
#[derive(Debug, Default)]
pub(super) struct Header {
    names: Vec<String>,
    /// Where they are in the shape, once it was asked for.
    nodes: Vec<NodeId>,
}

impl Header {
    /// To be called when the shape is another one.
    pub(super) fn forget_nodes(&mut self) {
        self.nodes.clear();
    }
}

impl Shredder {
    /// Sets the keys of the cells of the [rows](Self::row) that come. Of a key that comes twice, the last cell counts.
    pub fn name_cells<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.header.names.clear();
        self.header
            .names
            .extend(names.into_iter().map(str::to_owned));
        self.header.forget_nodes();
    }

    /// Takes a row as the record whose keys were [named](Self::name_cells); `cell` gives the value of each, by the name's
    /// number. It may be asked twice.
    ///
    /// ```
    /// use transmog_core::{Config, Scalar, Shredder};
    ///
    /// let mut shredder = Shredder::new(Config::default().into());
    /// shredder.name_cells(["id", "name"]);
    /// for row in [[Scalar::Int(1), Scalar::Text("a")], [Scalar::Int(2), Scalar::Null]] {
    ///     shredder.row(|cell| row[cell])?;
    /// }
    /// let chunk = shredder.finish()?;
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
            let fits = !self.misfits.any();
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

    /// Puts cells into the columns of their names.
    fn put_cells<'c>(&mut self, cell: impl Fn(usize) -> Scalar<'c>) {
        let row = self.main_place();
        for number in 0..self.header.nodes.len() {
            let node = self.header.nodes[number];
            let (place, cell) = (Place { node, ..row }, cell(number));
            let is_finite = !matches!(cell, Scalar::Float(value) if !value.is_finite());
            if is_finite && self.shape.treatment(node) == Treatment::PLAIN {
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
        let nodes = names.iter().map(|name| {
            // Keys that came before.
            self.shape.field(root, name, &mut next, stamp)
        });
        self.header.nodes = nodes.collect::<Option<_>>().unwrap_or_default();
    }
}
