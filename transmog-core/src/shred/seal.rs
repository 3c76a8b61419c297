//! Seals a chunk: its buffers become tables of sealed columns, and the shredder is ready for the
//! next chunk.
//!
//! Nodes and tables of the shape stay, because the next records probably look alike; only their
//! buffers are emptied.

use std::{mem, sync::Arc};

use super::{IdInputs, Notes, Shape, ShreddedChunk, ShreddedColumn, ShreddedTable, Shredder};
use crate::base::Result;

impl Shredder {
    /// Seals the chunk and starts the next one.
    ///
    /// # Errors
    /// If a column is too large for Arrow's offsets.
    pub fn seal(&mut self) -> Result<ShreddedChunk> {
        let tables = self.seal_tables()?;
        let id_fields = self.id_inputs.take_rows_with();
        let dropped = self.violations.take_dropped(&self.shape);
        let rounded = self.nearest.take(&self.shape);
        let left_out = self.met.take_left_out(&mut self.shape);
        if self.shape.is_overgrown() {
            // Keys without end must not fill the memory.
            self.forget_shape();
        }
        let counts = mem::take(&mut self.counts);
        Ok(ShreddedChunk {
            records: mem::take(&mut self.records),
            leaves_read: counts.read,
            rejected: counts.rejected,
            excluded: counts.excluded,
            dropped,
            rounded,
            met: self.met.take_counts(),
            met_by_header: self.met.take_header(),
            left_out,
            header: self.headed.clone(),
            id_fields,
            tables,
        })
    }

    /// Empties all buffers into tables.
    fn seal_tables(&mut self) -> Result<Vec<ShreddedTable>> {
        let detection = self.plan.settings.detection();
        let shape = &mut self.shape;
        let part = self.part.take();
        let part = part.map(|part| (part, shape.tables[part.table()].path.clone()));
        shape.widest = 0;
        let listed = mem::take(&mut shape.listed);
        let mut tables = Vec::with_capacity(listed.len());
        let mut positions = vec![None; shape.tables.len()];
        for (position, &id) in listed.iter().enumerate() {
            positions[id] = Some(position);
        }
        for &id in &listed {
            let notes = self.notes.as_mut().map(|notes| notes.take(shape, id));
            let table = &mut shape.tables[id];
            let first_index = part
                .as_ref()
                .map_or(0, |(part, path)| part.first(&table.path, path));
            let rows = mem::take(&mut table.rows);
            table.expected_rows = rows + rows / 8;
            let mut columns = Vec::with_capacity(table.columns.len());
            for node in table.columns.drain(..) {
                let cell = &mut shape.cells[node];
                cell.listed = false;
                let detection = detection.join(shape.nodes[node].form);
                let values = cell.column.seal(rows, detection)?;
                columns.push(ShreddedColumn {
                    path: Arc::clone(&shape.nodes[node].path),
                    values,
                    lists: self.id_inputs.take_lists(node),
                });
            }
            tables.push(ShreddedTable {
                path: table.path.clone(),
                parent: table.parent.and_then(|parent| positions[parent]),
                rows,
                parent_rows: mem::take(&mut table.parent_rows),
                indexes: mem::take(&mut table.indexes),
                first_index,
                errors: mem::take(&mut table.errors),
                keys: mem::take(&mut table.keys),
                columns,
                ids: self.id_inputs.take_ids(id),
                notes: notes.unwrap_or_default(),
            });
        }
        if let Some(notes) = &mut self.notes {
            notes.end_chunk();
        }
        Ok(tables)
    }

    /// Forgets what was learnt of the records' shape, between two chunks.
    pub(super) fn forget_shape(&mut self) {
        self.shape = Shape::new(Arc::clone(&self.plan));
        self.header.forget_nodes();
        self.id_inputs = IdInputs::new(&self.plan);
        self.notes = self
            .plan
            .settings
            .keeps_empties()
            .then(Box::<Notes>::default);
    }
}
