//! Rows of cells: records without nesting that all have the same keys, so that each key is found once and not in each record.

use super::{Place, Shredder, shape::NodeId};
use crate::{
    column::Scalar,
    error::{Error, Result},
    rules::Treatment,
    value::Value,
};

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

    fn record<'c>(&self, cells: impl Iterator<Item = Scalar<'c>>) -> Value {
        let cells = cells.map(Scalar::to_value);
        Value::Object(self.names.iter().cloned().zip(cells).collect())
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

    /// Takes a row as the record whose keys were [named](Self::name_cells) and whose values are these cells; what is
    /// missing at its end has no key.
    ///
    /// ```
    /// use transmog_core::{Config, Scalar, Shredder};
    ///
    /// let mut shredder = Shredder::new(Config::default().into());
    /// shredder.name_cells(["id", "name"]);
    /// shredder.row([Scalar::Int(1), Scalar::Text("a")].into_iter())?;
    /// shredder.row([Scalar::Int(2), Scalar::Null].into_iter())?;
    /// let chunk = shredder.finish()?;
    /// assert_eq!((chunk.records, chunk.leaves_read), (2, 3));
    /// # Ok::<(), transmog_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a cell has no name, or a given schema has no room for it; the shredder is then as it was before.
    pub fn row<'c>(&mut self, cells: impl Iterator<Item = Scalar<'c>> + Clone) -> Result<()> {
        if self.header.nodes.len() != self.header.names.len() {
            self.find_names();
        }
        if !self.needs_values() && !self.header.nodes.is_empty() {
            self.begin_record();
            let all = self.put_cells(cells.clone());
            // What a given schema has no room for needs an exact look.
            let fits = all && !self.misfits.any();
            self.end_record(fits);
            if fits {
                return Ok(());
            }
        }
        if cells.clone().count() > self.header.names.len() {
            return Err(Error::internal("a row has more cells than there are names"));
        }
        let record = self.header.record(cells);
        self.record_value(&record)
    }

    /// Puts cells into the columns of their names. False if there are more of them.
    fn put_cells<'c>(&mut self, cells: impl Iterator<Item = Scalar<'c>>) -> bool {
        let row = self.main_place();
        for (number, cell) in cells.enumerate() {
            let Some(&node) = self.header.nodes.get(number) else {
                return false;
            };
            let (place, cell) = (Place { node, ..row }, self.finite(cell));
            if self.shape.treatment(node) == Treatment::PLAIN {
                self.put(place, cell);
            } else {
                self.walk_treated(place, &cell.to_value());
            }
        }
        self.put_kept(0);
        true
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
