//! Records how the columns of a table grew while it was written: from which byte of the output on a
//! column or type holds.
//!
//! ```text
//! byte 0        1200               5300            end
//!      | a int64 | a int64, b text | a text, b text |      three stretches
//! ```

use std::{collections::BTreeSet, sync::Arc};

use arrow_schema::{DataType, SchemaRef};
use transmog_core::{Role, final_type};

/// The columns of one table: data columns in order of first appearance, then metadata columns.
///
/// Memory grows with the number of columns and of their changes, not with the number of batches.
#[derive(Debug, Default)]
pub struct Columns {
    schema: Option<SchemaRef>,
    data: Vec<Column>,
    metadata: Vec<Column>,
}

/// One column and its types.
#[derive(Debug)]
pub struct Column {
    /// Name of the column.
    pub name: String,
    /// True if cells were written as drafts, see [`Draft`](super::Draft).
    pub draft: bool,
    /// Types, each with the byte of the output from which it holds, in ascending order.
    types: Vec<(u64, DataType)>,
}

impl Columns {
    /// Sets the schema of the rows that will be written from byte `at` on.
    ///
    /// # Errors
    /// If columns are missing or reordered, or data columns come after metadata columns.
    pub fn update(&mut self, schema: &SchemaRef, at: u64) -> Result<(), String> {
        if let Some(known) = &self.schema
            && (Arc::ptr_eq(known, schema) || known.fields() == schema.fields())
        {
            return Ok(());
        }
        let (mut data, mut metadata) = (0, 0);
        for field in schema.fields() {
            let (columns, next) = match Role::of(field) {
                None if metadata > 0 => {
                    return Err(format!(
                        "data column {:?} after metadata columns",
                        field.name()
                    ));
                }
                None => (&mut self.data, &mut data),
                Some(_) => (&mut self.metadata, &mut metadata),
            };
            match columns.get_mut(*next) {
                Some(column) if column.name == *field.name() => {
                    column.set_type(field.data_type(), at);
                }
                Some(column) => {
                    return Err(format!(
                        "column {:?} where column {:?} was before",
                        field.name(),
                        column.name
                    ));
                }
                None => columns.push(Column {
                    name: field.name().clone(),
                    draft: false,
                    types: vec![(at, field.data_type().clone())],
                }),
            }
            *next += 1;
        }
        if let Some(column) = self.data.get(data).or(self.metadata.get(metadata)) {
            return Err(format!("column {:?} is missing", column.name));
        }
        self.schema = Some(Arc::clone(schema));
        Ok(())
    }

    /// All columns in their final order.
    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        self.data.iter().chain(&self.metadata)
    }

    /// All columns in their final order, mutable.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Column> {
        self.data.iter_mut().chain(&mut self.metadata)
    }

    /// Splits the output from byte `start` to byte `end` into stretches within which no column
    /// changed: first byte, and the byte after the last.
    pub fn stretches(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let mut bounds: BTreeSet<u64> = self
            .iter()
            .flat_map(|column| column.types.iter().map(|(at, _)| *at))
            .filter(|at| (start..end).contains(at))
            .collect();
        bounds.extend([start, end]);
        let bounds: Vec<u64> = bounds.into_iter().collect();
        std::iter::zip(&bounds, bounds.iter().skip(1))
            .map(|(from, to)| (*from, *to))
            .collect()
    }
}

impl Column {
    fn set_type(&mut self, data_type: &DataType, at: u64) {
        match self.types.last_mut() {
            Some((_, known)) if known == data_type => {}
            // No row was written with the previous type.
            Some((from, known)) if *from == at => *known = data_type.clone(),
            _ => self.types.push((at, data_type.clone())),
        }
    }

    /// The type of the cells written at byte `at`; `None` if the column came later.
    pub fn type_at(&self, at: u64) -> Option<&DataType> {
        let (_, data_type) = self.types.iter().rev().find(|(from, _)| *from <= at)?;
        Some(data_type)
    }

    /// The type that the finished output has.
    pub fn final_type(&self) -> DataType {
        self.types
            .last()
            .map_or(DataType::Utf8, |(_, data_type)| final_type(data_type))
    }
}
