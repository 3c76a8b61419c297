//! Makes the batches of a chunk: casts its columns to the table's types so far, and adds the metadata columns.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow_buffer::{Buffer, OffsetBuffer};
use arrow_schema::SchemaRef;

use crate::{
    batch::TableBatch,
    catalog::{Catalog, TablePlan},
    config::Config,
    error::{Error, ErrorKind, Result},
    ids::{self, Ids, RandomIds},
    role::Role,
    shred::{ShreddedChunk, ShreddedTable},
    widen::widen_marked,
};

/// What all batches of a run share.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The run's time stamp: microseconds since 1970, UTC.
    pub time: i64,
    /// Where random ids come from.
    pub seed: [u8; 32],
}

/// The rows that a chunk adds to one table, ready for a writer.
#[derive(Debug, Clone)]
pub struct AssembledTable {
    /// Name of the table.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// True if the table has not been seen before. The main table is known from the start.
    pub new: bool,
    /// The rows.
    pub batch: TableBatch,
    /// Data cells written, nulls not counted.
    pub cells: u64,
}

impl Catalog {
    /// Takes a chunk in and makes its batches, every table after its parent. Chunks must come in input order, `chunk`
    /// numbers them.
    ///
    /// # Errors
    /// If the ledger does not add up, or Arrow refuses a column.
    pub fn assemble(
        &mut self,
        config: &Config,
        chunk: &ShreddedChunk,
        number: u64,
        run: &Run,
    ) -> Result<Vec<AssembledTable>> {
        let plans = self.admit(chunk);
        let mut random = RandomIds::new(run.seed, number);
        let mut ids: Vec<ArrayRef> = Vec::with_capacity(plans.len());
        let mut tables = Vec::with_capacity(plans.len());
        for (table, plan) in std::iter::zip(&chunk.tables, &plans) {
            ids.push(row_ids(config, table, plan, &mut random)?);
            tables.push(assemble_table(table, plan, &ids, run)?);
        }
        Ok(tables)
    }
}

fn row_ids(
    config: &Config,
    table: &ShreddedTable,
    plan: &TablePlan,
    random: &mut RandomIds,
) -> Result<ArrayRef> {
    Ok(match &config.ids {
        Ids::Row => Arc::new(ids::row_numbers(plan.first_row, table.rows)),
        Ids::Random => Arc::new(random.column(table.rows)?),
        Ids::Deterministic(_) => {
            let source = plan
                .id_source
                .map(|position| &table.columns[position].values);
            Arc::new(random.deterministic_column(source, table.rows)?)
        }
    })
}

fn assemble_table(
    table: &ShreddedTable,
    plan: &TablePlan,
    ids: &[ArrayRef],
    run: &Run,
) -> Result<AssembledTable> {
    let rows = table.rows;
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(plan.schema.fields().len());
    let mut integers = Vec::with_capacity(plan.schema.fields().len());
    let mut cells = 0;
    // Columns without a value in this chunk share their nulls: there may be thousands.
    let mut nulls: Vec<ArrayRef> = Vec::new();
    for (field, source) in plan.schema.fields().iter().zip(&plan.sources) {
        let data_type = field.data_type();
        let (array, marks) = if let Some(position) = source {
            let values = &table.columns[*position].values;
            widen_marked(&values.array, values.integers.as_ref(), data_type)?
        } else {
            // There are few types.
            let known = nulls.iter().find(|array| array.data_type() == data_type);
            let array = known.map_or_else(|| new_null_array(data_type, rows), Arc::clone);
            if known.is_none() {
                nulls.push(Arc::clone(&array));
            }
            (array, None)
        };
        if let Some(position) = source {
            let read = table.columns[*position].values.leaves;
            let written = (array.len() - array.logical_null_count()) as u64;
            if read != written {
                let (table, column) = (plan.name.clone(), field.name().clone());
                return Err(ErrorKind::Ledger {
                    table,
                    column,
                    read,
                    written,
                }
                .into());
            }
            cells += written;
        }
        columns.push(array);
        integers.push(marks);
    }
    for field in plan.schema.fields().iter().skip(plan.sources.len()) {
        let Some(role) = Role::of(field) else {
            return Err(Error::internal("a metadata column without a role"));
        };
        columns.push(metadata_column(role, table, plan, ids, run)?);
        integers.push(None);
    }
    let rows = record_batch(&plan.schema, columns, rows)?;
    Ok(AssembledTable {
        name: plan.name.clone(),
        parent: plan.parent.clone(),
        new: plan.new,
        batch: TableBatch { rows, integers },
        cells,
    })
}

fn metadata_column(
    role: Role,
    table: &ShreddedTable,
    plan: &TablePlan,
    ids: &[ArrayRef],
    run: &Run,
) -> Result<ArrayRef> {
    let missing = || {
        Error::internal(format!(
            "table {:?} has no {} column",
            plan.name,
            role.as_str()
        ))
    };
    Ok(match role {
        Role::Id => Arc::clone(ids.last().ok_or_else(missing)?),
        Role::Parent => {
            let parent = table
                .parent
                .and_then(|parent| ids.get(parent))
                .ok_or_else(missing)?;
            ids::parents(parent, &table.parent_rows)?
        }
        Role::Time => Arc::new(
            TimestampMicrosecondArray::from_value(run.time, table.rows).with_timezone("UTC"),
        ),
        Role::ArrayField => {
            let word = plan.array_field.as_bytes();
            ids::check_text_bytes(table.rows, word.len())?;
            let offsets = OffsetBuffer::from_repeated_length(word.len(), table.rows);
            let text =
                StringArray::try_new(offsets, Buffer::from_vec(word.repeat(table.rows)), None);
            Arc::new(text.map_err(|e| Error::internal(e.to_string()))?)
        }
        Role::ArrayIndex => Arc::new(Int64Array::from_iter_values(
            table.indexes.iter().map(|i| i64::from(*i)),
        )),
    })
}

fn record_batch(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    // A table without any column still has rows.
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|e| Error::internal(e.to_string()))
}
