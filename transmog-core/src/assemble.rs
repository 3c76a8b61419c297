//! Assembles the batches of a chunk: casts its columns to the table's types so far, and adds the
//! metadata columns.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, SchemaRef};
use uuid::Uuid;

use overflow::Rest;
use run_constants::repeated;

use crate::{
    arrow::{TableBatch, check_text_bytes},
    base::{Error, ErrorKind, Result, Role},
    catalog::{Admission, Catalog, Declaration, OpenRow, Repeats},
    column::SealedColumn,
    config::Ids,
    plan::Plan,
    shred::{ShreddedChunk, ShreddedTable},
};

mod ids;
mod overflow;
mod run_constants;

use ids::RandomIds;
use run_constants::Constants;

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

/// Makes batches of chunks: it owns the catalog, which gives paths their names and types, and what
/// batches share.
///
/// ```
/// use transmog_core::{Assembler, Config, Plan, Run, Shredder, Value};
///
/// let plan = std::sync::Arc::new(Plan::compile(&Config::default(), "events")?);
/// let mut shredder = Shredder::new(plan.clone());
/// shredder.record_value(&[("id", Value::from(7))].into_iter().collect())?;
/// let run = Run { time: 0, seed: [0; 32] };
/// let tables = Assembler::new(plan).assemble(&shredder.seal()?, 0, &run)?;
/// assert_eq!((tables[0].name.as_str(), tables[0].batch.rows.num_rows()), ("events", 1));
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Assembler {
    plan: Arc<Plan>,
    catalog: Catalog,
    constants: Constants,
}

impl Assembler {
    /// An assembler for the chunks of one run.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            catalog: Catalog::new(Arc::clone(&plan)),
            constants: Constants::default(),
            plan,
        }
    }

    /// The tables and columns so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The tables and columns so far, to take out what has been noted of them.
    pub fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    /// Makes the batches of a chunk, every table after its parent. Chunks must come in input order;
    /// `number` is the chunk's.
    ///
    /// # Errors
    /// If the ledger does not add up, if two paths would have one name and must not, or if Arrow
    /// refuses a column.
    pub fn assemble(
        &mut self,
        chunk: &ShreddedChunk,
        number: u64,
        run: &Run,
    ) -> Result<Vec<AssembledTable>> {
        let (plan, catalog) = (&*self.plan, &mut self.catalog);
        let admissions = catalog.admit(chunk)?;
        let mut random = RandomIds::new(run.seed, number);
        let mut ids: Vec<RowIds> = Vec::with_capacity(admissions.len());
        let mut tables = Vec::with_capacity(admissions.len());
        for (table, admission) in std::iter::zip(&chunk.tables, &admissions) {
            let open = catalog.take_open(admission.table);
            let repeats = catalog.repeats(admission.table);
            let of_rows = row_ids(plan, table, admission, open, (&mut random, repeats))?;
            catalog.count_fallback_ids(admission.table, of_rows.fallback);
            ids.push(of_rows);
            let parent = admission
                .open_parent
                .map(|parent| catalog.open_row(parent, || random.next()));
            let rest = (!admission.rest.is_empty())
                .then(|| overflow::rest(table, &admission.rest))
                .transpose()?;
            catalog.count_rest_rows(admission.table, rest.as_ref().map_or(0, |rest| rest.rows));
            tables.extend(catalog.declare_around(admission).into_iter().map(empty));
            tables.push(assemble_table(
                table,
                admission,
                (&ids, parent),
                rest.as_ref(),
                (run, &mut self.constants),
            )?);
        }
        Ok(tables)
    }
}

/// A table without rows, which tells a writer of it.
fn empty(declaration: Declaration) -> AssembledTable {
    let Declaration {
        name,
        parent,
        schema,
    } = declaration;
    AssembledTable {
        name,
        parent,
        new: true,
        batch: RecordBatch::new_empty(schema).into(),
        cells: 0,
    }
}

/// The ids of a table's rows in a chunk.
#[derive(Debug)]
struct RowIds {
    /// The id column; `None` if it is what child rows point at.
    own: Option<ArrayRef>,
    /// What child rows point at, where that is not the id column.
    link: Option<SealedColumn>,
    /// Rows whose id is random because it has no better one.
    fallback: u64,
}

fn row_ids(
    plan: &Plan,
    table: &ShreddedTable,
    admission: &Admission,
    open: Option<Uuid>,
    (random, repeats): (&mut RandomIds, &mut Repeats),
) -> Result<RowIds> {
    let rows = table.rows;
    let (own, fallback): (ArrayRef, u64) = match (&plan.settings.ids, &admission.natural) {
        (_, Some(choice)) => {
            let detection = plan.settings.detection();
            let (own, link) = ids::natural_columns(table, choice, random, detection, repeats)?;
            return Ok(RowIds {
                own: (!admission.absorbs).then(|| Arc::new(own) as ArrayRef),
                link: Some(link),
                fallback: choice.missing() as u64,
            });
        }
        (Ids::Row, _) => (Arc::new(ids::row_numbers(admission.first_row, rows)), 0),
        (Ids::Random, _) => (Arc::new(random.column_from(open, rows)?), 0),
        (Ids::Natural(_), _) => (Arc::new(random.column(rows)?), rows as u64),
        (Ids::Deterministic(_), _) => {
            let sources = admission.id_sources.iter();
            let sources: Vec<&SealedColumn> = sources
                .map(|position| &table.columns[*position].values)
                .collect();
            let (ids, fallback) = random.deterministic_column(&sources, rows, repeats)?;
            (Arc::new(ids), fallback)
        }
        (Ids::Composite(_) | Ids::Hash | Ids::Custom(_), _) => {
            let (ids, fallback) = random.given_column(table.ids.as_ref(), rows, repeats)?;
            (Arc::new(ids), fallback)
        }
    };
    Ok(RowIds {
        own: Some(own),
        link: None,
        fallback,
    })
}

fn assemble_table(
    table: &ShreddedTable,
    admission: &Admission,
    ids: (&[RowIds], Option<OpenRow>),
    rest: Option<&Rest>,
    (run, constants): (&Run, &mut Constants),
) -> Result<AssembledTable> {
    let rows = table.rows;
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(admission.schema.fields().len());
    let mut integers = Vec::with_capacity(admission.schema.fields().len());
    let mut cells = 0;
    // Columns without a value in this chunk share their nulls: there may be thousands.
    let mut nulls: Vec<ArrayRef> = Vec::new();
    for (field, source) in admission.schema.fields().iter().zip(&admission.sources) {
        let data_type = field.data_type();
        let (array, marks) = if let Some(position) = source {
            table.columns[*position].values.widened(data_type)?
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
            let written = (array.len() - array.logical_null_count()) as u64;
            cells += checked(table, admission, *position, field, written)?;
        }
        columns.push(array);
        integers.push(marks);
    }
    for field in admission
        .schema
        .fields()
        .iter()
        .skip(admission.sources.len())
    {
        let Some(role) = Role::of(field) else {
            return Err(Error::internal("a metadata column without a role"));
        };
        if let (Role::Id, Some(position), Some(choice)) =
            (role, admission.absorbed, &admission.natural)
        {
            let written = choice.rows_of(position) as u64;
            cells += checked(table, admission, position, field, written)?;
        }
        let (array, marks) = if role == Role::Rest {
            for (position, written) in rest.iter().flat_map(|rest| &rest.written) {
                cells += checked(table, admission, *position, field, *written)?;
            }
            let array = rest.map(|rest| Arc::new(rest.array.clone()) as ArrayRef);
            let array = array.unwrap_or_else(|| new_null_array(&DataType::Utf8, rows));
            (array, None)
        } else {
            metadata_column(role, field, table, admission, ids, (run, constants))?
        };
        columns.push(array);
        integers.push(marks);
    }
    let rows = record_batch(&admission.schema, columns, rows)?;
    Ok(AssembledTable {
        name: admission.name.clone(),
        parent: admission.parent.clone(),
        new: admission.new,
        batch: TableBatch { rows, integers },
        cells,
    })
}

/// The cells that were written of a chunk's column, which must be the values that were read.
fn checked(
    table: &ShreddedTable,
    admission: &Admission,
    position: usize,
    field: &Field,
    written: u64,
) -> Result<u64> {
    let read = table.columns[position].values.leaves;
    if read != written {
        let (table, column) = (admission.name.clone(), field.name().clone());
        return Err(ErrorKind::Ledger {
            table,
            column,
            read,
            written,
        }
        .into());
    }
    Ok(written)
}

/// A column of the table's type so far, and its marks.
type CastColumn = (ArrayRef, Option<BooleanBuffer>);

fn metadata_column(
    role: Role,
    field: &Field,
    table: &ShreddedTable,
    admission: &Admission,
    (ids, open): (&[RowIds], Option<OpenRow>),
    (run, constants): (&Run, &mut Constants),
) -> Result<CastColumn> {
    let missing = || {
        Error::internal(format!(
            "table {:?} has no {} column",
            admission.name,
            role.as_str()
        ))
    };
    let array: ArrayRef = match role {
        Role::Rest => return Err(missing()), // It is made of the data.
        Role::Empties => texts(table.rows, &admission.notes)?,
        Role::Error => texts(table.rows, &table.errors)?,
        Role::Key => texts(table.rows, &table.keys)?,
        Role::Id => match ids.last().ok_or_else(missing)? {
            RowIds { own: Some(own), .. } => Arc::clone(own),
            RowIds { link, .. } => {
                return link
                    .as_ref()
                    .ok_or_else(missing)?
                    .widened(field.data_type());
            }
        },
        Role::Parent if open.is_some() => match open.ok_or_else(missing)? {
            OpenRow::Number(row) => Arc::new(Int64Array::from_value(row as i64, table.rows)),
            OpenRow::Random(id) => repeated(&id.hyphenated().to_string(), table.rows)?,
        },
        Role::Parent => {
            let parent = table.parent.and_then(|parent| ids.get(parent));
            match parent.ok_or_else(missing)? {
                RowIds {
                    link: Some(link), ..
                } => return ids::links(link, &table.parent_rows)?.widened(field.data_type()),
                RowIds { own, .. } => {
                    ids::parents(own.as_ref().ok_or_else(missing)?, &table.parent_rows)?
                }
            }
        }
        Role::Time => constants.time(run.time, table.rows),
        Role::ArrayField => {
            constants.array_field(admission.table, &admission.array_field, table.rows)?
        }
        Role::ArrayIndex => Arc::new(Int64Array::from_iter_values(
            table
                .indexes
                .iter()
                .map(|i| (table.first_index + u64::from(*i)) as i64),
        )),
    };
    Ok((array, None))
}

/// Texts of some rows, in their order.
fn texts(rows: usize, of_rows: &[(u32, String)]) -> Result<ArrayRef> {
    check_text_bytes(1, of_rows.iter().map(|(_, text)| text.len()).sum())?;
    let mut of_rows = of_rows.iter().peekable();
    let cells = (0..rows).map(|row| {
        let (_, text) = of_rows.next_if(|(at, _)| *at as usize == row)?;
        Some(text.as_str())
    });
    Ok(Arc::new(cells.collect::<StringArray>()))
}

fn record_batch(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    // A table without any column still has rows.
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|e| Error::internal(e.to_string()))
}
