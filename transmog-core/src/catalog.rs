//! Gives every path its name and type. Chunks come in input order, so the result does not depend on
//! the number of threads that shredded them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::{
    base::{ColumnPath, Error, ErrorKind, Names, Result, Role, TablePath, name, time_type},
    config::{Header, Ids, Naming},
    plan::Plan,
    shred::{ShreddedChunk, ShreddedColumn, ShreddedTable},
    text::shortened,
    types::{Class, Kinds},
};

mod columns;
mod csv_header;
mod declared;
mod empty_markers;
mod id_check;
mod id_choice;
mod id_columns;
mod info;
mod pending_parent;
mod repeats;
mod rule_uses;
mod type_changes;

pub(crate) use empty_markers::{ABSENT, pointer_of};
pub use info::{ColumnInfo, Rename, TableInfo};
pub use type_changes::TypeChange;

use columns::Placed;
use csv_header::Spellings;
use id_check::IdWords;
pub(crate) use id_choice::{Candidate, Choice};
use id_columns::Links;
pub(crate) use pending_parent::{Declaration, OpenRow};
pub(crate) use repeats::Repeats;
use rule_uses::Met;

/// Bytes of names from which on a table takes no more columns: paths of many long keys make names
/// that are together far larger than the input.
const MOST_COLUMN_NAMES: usize = 16 << 20;

/// Most bytes of all names.
const MOST_NAMES: usize = 128 << 20;

/// Tables and columns of a run so far.
#[derive(Debug)]
pub struct Catalog {
    /// The settings, with columns named as the header of the current input means them.
    plan: Arc<Plan>,
    /// The settings as they were given.
    run_plan: Arc<Plan>,
    /// The header of the current CSV input.
    headed: Option<Arc<Header>>,
    spellings: Spellings,
    met: Met,
    tables: IndexMap<TablePath, Table, ahash::RandomState>,
    table_names: Names,
    /// Names of tables as file systems may compare them, where they must not be the same.
    folded_names: Names,
    /// Bytes of all names that data gave.
    name_bytes: usize,
    id_words: IdWords,
    /// Of the chunk taken in last.
    type_changes: Vec<type_changes::Found>,
}

#[derive(Debug)]
struct Table {
    name: String,
    parent: Option<usize>,
    rows: u64,
    columns: IndexMap<ColumnPath, Column, ahash::RandomState>,
    names: Names,
    /// Bytes of the names of columns that data gave.
    name_bytes: usize,
    /// Rows with notes.
    empties: u64,
    /// Rows that something is wrong with.
    errors: u64,
    /// Values without a column of their own, and the rows that have such.
    overflow: u64,
    rest_rows: u64,
    /// Metadata columns that only some tables have, in the order of the first rows that need them.
    late: Vec<Role>,
    /// Rows with a key.
    keys: u64,
    metadata: Vec<(Role, String)>,
    schema: SchemaRef,
    renames: Vec<Rename>,
    links: Links,
    fallback_ids: u64,
    repeats: Repeats,
    /// True once the writer has been told of it, or will be by what is assembled now.
    declared: bool,
    /// The random id that the next row has already.
    open: Option<Uuid>,
    /// Its path, if that is not the one that it was given with.
    bound: Option<TablePath>,
    /// True if the given schema has all its columns, and a column of the rest.
    closed: bool,
}

#[derive(Debug)]
struct Column {
    name: String,
    kinds: Kinds,
    items: Kinds,
    cells: u64,
    /// The class of the first value, where empties are kept.
    first: Option<Class>,
    /// Its path, if that is not the one that it was given with.
    bound: Option<ColumnPath>,
}

/// What the catalog made of one table of a chunk: all that is needed to make the batch, without the
/// catalog.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    /// Position of the table in the catalog.
    pub(crate) table: usize,
    pub(crate) name: String,
    /// The table's columns so far: data, then metadata.
    pub(crate) schema: SchemaRef,
    /// For each data column of the schema, its position in the chunk.
    pub(crate) sources: Vec<Option<usize>>,
    /// Rows of the table before this chunk.
    pub(crate) first_row: u64,
    /// Value of the array field column.
    pub(crate) array_field: String,
    /// For deterministic ids, positions of the source columns in the chunk: nearly always one.
    pub(crate) id_sources: Vec<usize>,
    /// For natural ids, the columns that they are in.
    pub(crate) natural: Option<Choice>,
    /// True if the id column is a data column.
    pub(crate) absorbs: bool,
    /// Position of that column in the chunk.
    pub(crate) absorbed: Option<usize>,
    /// The parent table, if the parent row of all rows is the next one of it.
    pub(crate) open_parent: Option<usize>,
    /// Name of the parent table.
    pub(crate) parent: Option<String>,
    /// True if this is the table's first chunk.
    pub(crate) new: bool,
    /// Rows of the chunk that need a cell in the column of empties, in their order, and what it
    /// says.
    pub(crate) notes: Vec<(u32, String)>,
    /// Positions in the chunk of columns that the table has no room for.
    pub(crate) rest: Vec<usize>,
}

impl Catalog {
    /// A catalog that knows only the main table, which is called like the entity.
    pub fn new(plan: Arc<Plan>) -> Self {
        let mut catalog = Self {
            run_plan: Arc::clone(&plan),
            headed: None,
            spellings: Spellings::default(),
            met: Met::default(),
            plan,
            tables: IndexMap::default(),
            table_names: Names::default(),
            folded_names: Names::default(),
            name_bytes: 0,
            id_words: IdWords::default(),
            type_changes: Vec::new(),
        };
        let entity = catalog.plan.entity().to_owned();
        catalog.add_table(&TablePath::main(), None, entity, None);
        catalog.add_given();
        catalog
    }

    /// The plan of the run.
    pub fn run_plan(&self) -> &Arc<Plan> {
        &self.run_plan
    }

    /// Takes a chunk's tables and columns in. Chunks must come in input order.
    ///
    /// # Errors
    /// If two paths would have the same name and must not, or there would be too many tables.
    pub(crate) fn admit(&mut self, chunk: &ShreddedChunk) -> Result<Vec<Admission>> {
        self.take_header(chunk)?;
        self.met.take(chunk);
        if chunk.records > 0 {
            for (field, rows) in chunk.id_fields.iter().enumerate() {
                self.id_words.ask(field, *rows > 0, *rows);
            }
        }
        let mut admissions: Vec<Admission> = Vec::with_capacity(chunk.tables.len());
        self.type_changes.clear();
        for (position, table) in chunk.tables.iter().enumerate() {
            let parent = match table.parent {
                Some(parent) => Ok(Some(admissions[parent].table)),
                None => self.open_parent(&table.path),
            };
            let changes = self.type_changes.len();
            let admission = parent.and_then(|parent| self.admit_table(table, parent));
            self.place_type_changes(changes, chunk, position);
            admissions.push(admission.map_err(|error| of_record(error, chunk, position))?);
        }
        Ok(admissions)
    }

    fn admit_table(&mut self, chunk: &ShreddedTable, parent: Option<usize>) -> Result<Admission> {
        let index = if let Some(index) = self.tables.get_index_of(&chunk.path) {
            index
        } else if let Some(index) = self.table_by_name(&chunk.path) {
            index
        } else {
            let wanted = self.wanted_name(&chunk.path)?;
            self.name_bytes += wanted.len();
            check_names(self.name_bytes, &wanted)?;
            self.add_table(&chunk.path, parent, wanted, None)
        };
        let Placed {
            mut sources,
            rest,
            mut changed,
        } = self.place_columns(index, chunk)?;
        let plan = Arc::clone(&self.plan);
        let table = &mut self.tables[index];
        let notes = if plan.settings.keeps_empties() {
            table.notes(chunk)
        } else {
            Vec::new()
        };
        changed |= table.add_late_columns(chunk, &rest, &notes);
        table.empties += notes.len() as u64;
        table.errors += chunk.errors.len() as u64;
        table.keys += chunk.keys.len() as u64;
        let natural = plan.settings.ids.natural();
        let natural =
            natural.map(|natural| table.choose(natural, chunk, &sources, &mut self.id_words));
        let first_row = table.rows;
        let new = !std::mem::replace(&mut table.declared, true);
        table.rows += chunk.rows as u64;
        let id_sources = self.id_sources(index, chunk, &sources);
        changed |= natural.is_some() && self.links_changed(&self.tables[index]);
        if changed {
            let table = &self.tables[index];
            let schema = self.schema(table, DataType::clone);
            self.tables[index].schema = schema;
        }
        let table = &self.tables[index];
        let absorbed = table
            .links
            .absorbed
            .and_then(|absorbed| sources.remove(absorbed));
        Ok(Admission {
            table: index,
            name: table.name.clone(),
            schema: Arc::clone(&table.schema),
            sources,
            first_row,
            array_field: shortened(name::sanitise(
                chunk.path.last_key(),
                &plan.settings.names.separator,
                plan.settings.names.trim_table_names,
            )),
            id_sources,
            natural,
            absorbs: table.links.absorbs,
            absorbed,
            open_parent: table.parent.filter(|_| chunk.parent.is_none()),
            parent: table.parent.map(|parent| self.tables[parent].name.clone()),
            new,
            rest,
            notes,
        })
    }

    /// The plain name of a child table that is not there yet, if there may be one more.
    fn wanted_name(&mut self, path: &TablePath) -> Result<String> {
        let limit = self.plan.settings.max_tables();
        if self.tables.len() >= limit {
            let table = path.to_string();
            return Err(ErrorKind::TooManyTables { table, limit }.into());
        }
        let wanted = self.plan.settings.table_name(self.plan.entity(), path);
        if self.plan.settings.naming == Naming::Strict
            && self.folded_names.has(&name::folded(&wanted))
        {
            let folded = name::folded(&wanted);
            let first = self.tables.iter();
            let mut first = first.filter(|(_, table)| name::folded(&table.name) == folded);
            return Err(ErrorKind::SameName {
                first: spelled(first.next().map_or(&TablePath::main(), |(path, _)| path)),
                second: spelled(path),
                name: wanted,
            }
            .into());
        }
        Ok(wanted)
    }

    /// Adds a table that should be called as wanted, but if it was given with another name.
    fn add_table(
        &mut self,
        path: &TablePath,
        parent: Option<usize>,
        wanted: String,
        given: Option<&str>,
    ) -> usize {
        let plan = &self.plan;
        let name = self.table_names.assign(given.unwrap_or(&wanted));
        self.folded_names.reserve(&name::folded(&name));
        let made_way = name != wanted
            && (given.is_none() || self.tables.values().any(|table| table.name == wanted));
        let renamed = made_way.then(|| Rename {
            table: name.clone(),
            column: None,
            table_path: path.clone(),
            taken: Some(wanted.clone()),
            wanted,
            name: name.clone(),
        });
        if given.is_none_or(|given| given == name) {
            self.met.table(plan, path);
        }
        let all = &plan.settings.metadata;
        let is_map = parent.is_some() && plan.settings.rules.is_map(path.keys());
        let key = if is_map { &all.key } else { &None };
        let metadata: Vec<(Role, String)> = [
            (Role::Id, &all.id),
            (Role::Parent, &all.parent),
            (Role::Time, &all.time),
            (Role::ArrayField, &all.array_field),
            (Role::ArrayIndex, &all.array_index),
            (Role::Key, key),
        ]
        .into_iter()
        .filter(|(role, _)| parent.is_some() || matches!(role, Role::Id | Role::Time))
        .filter_map(|(role, name)| Some((role, name.clone()?)))
        .collect();
        let mut names = Names::default();
        let links = Links::new(plan, &name);
        let empties = all
            .empties
            .as_ref()
            .filter(|_| plan.settings.keeps_empties());
        for name in all.error.iter().chain(&all.rest).chain(empties) {
            names.reserve(name);
        }
        for (role, name) in &metadata {
            if *role != Role::Id || !links.absorbs {
                names.reserve(name);
            }
        }
        let mut table = Table {
            name,
            parent,
            rows: 0,
            columns: IndexMap::default(),
            names,
            name_bytes: 0,
            empties: 0,
            errors: 0,
            overflow: 0,
            rest_rows: 0,
            late: Vec::new(),
            keys: 0,
            metadata,
            schema: Arc::new(Schema::empty()),
            renames: renamed.into_iter().collect(),
            links,
            fallback_ids: 0,
            repeats: Repeats::new(self.tables.len()),
            // The main table is known from the start.
            declared: parent.is_none(),
            open: None,
            bound: None,
            closed: false,
        };
        table.schema = self.schema(&table, DataType::clone);
        self.tables.insert_full(path.clone(), table).0
    }

    /// The metadata columns that a table has because some of its rows need them, and their names.
    fn late_columns(&self, table: &Table) -> impl Iterator<Item = (Role, &String)> {
        let metadata = &self.plan.settings.metadata;
        table.late.clone().into_iter().filter_map(move |role| {
            let name = match role {
                Role::Rest => &metadata.rest,
                Role::Empties => &metadata.empties,
                _ => &metadata.error,
            };
            Some((role, name.as_ref()?))
        })
    }

    /// Counts rows of a table that have values without a column of their own.
    pub(crate) fn count_rest_rows(&mut self, table: usize, rows: u64) {
        self.tables[table].rest_rows += rows;
    }

    fn schema(&self, table: &Table, data_type: impl Fn(&DataType) -> DataType) -> SchemaRef {
        let data = table
            .data_columns()
            .map(|(_, column)| (&column.name, column.kinds.data_type(column.items)))
            .map(|(name, of_values)| Field::new(name, data_type(&of_values), true));
        let metadata = table.metadata.iter().map(|(role, name)| {
            let field = role.field(name, data_type(&self.metadata_type(table, *role)));
            let is_number = *role == Role::Id && self.plan.settings.ids == Ids::Row;
            if is_number { numbered(field) } else { field }
        });
        let late = self.late_columns(table);
        let late = late.map(|(role, name)| role.field(name, DataType::Utf8));
        let fields: Vec<Field> = data.chain(metadata).chain(late).collect();
        Arc::new(Schema::new(fields))
    }

    fn metadata_type(&self, table: &Table, role: Role) -> DataType {
        match role {
            Role::Id if table.links.absorbs => table.link_type(),
            Role::Parent if self.plan.settings.ids.natural().is_some() => self.parent_type(table),
            Role::Id | Role::Parent if self.plan.settings.ids == Ids::Row => DataType::Int64,
            Role::Empties
            | Role::Error
            | Role::Rest
            | Role::Id
            | Role::Parent
            | Role::ArrayField
            | Role::Key => DataType::Utf8,
            Role::Time => time_type(),
            Role::ArrayIndex => DataType::Int64,
        }
    }
}

impl Table {
    /// True if no column can have this name. A natural id's column has the name of the id column.
    fn takes(&self, name: &str) -> bool {
        self.names.has(name)
    }

    /// True if columns that are not there yet have no room.
    fn is_full(&self, plan: &Plan) -> bool {
        let most = plan.settings.max_columns();
        let is_wide = || self.columns.len() >= most || self.name_bytes >= MOST_COLUMN_NAMES;
        self.closed || most < usize::MAX && is_wide()
    }

    /// Takes note of rows that need a metadata column which the table does not have yet; true if
    /// there are some. The row that needs one first decides which comes first, so that chunks do
    /// not.
    fn add_late_columns(
        &mut self,
        chunk: &ShreddedTable,
        rest: &[usize],
        notes: &[(u32, String)],
    ) -> bool {
        let leaves = rest
            .iter()
            .map(|position| chunk.columns[*position].values.leaves);
        self.overflow += leaves.sum::<u64>();
        let before = self.late.len();
        let error = chunk.errors.first().map(|(row, _)| *row);
        let rest = if self.late.contains(&Role::Rest) {
            None
        } else {
            let columns = rest.iter().map(|position| &chunk.columns[*position]);
            columns.filter_map(ShreddedColumn::first_row).min()
        };
        let mut needed: Vec<(u32, Role)> = [
            (notes.first().map(|(row, _)| *row), Role::Empties),
            (error, Role::Error),
            (rest, Role::Rest),
        ]
        .into_iter()
        .filter_map(|(row, role)| Some((row?, role)))
        .filter(|(_, role)| !self.late.contains(role))
        .collect();
        needed.sort_by_key(|(row, _)| *row);
        self.late.extend(needed.into_iter().map(|(_, role)| role));
        self.late.len() > before
    }
}

/// Fails if names take too much memory, of which one is about this table.
fn check_names(bytes: usize, table: &str) -> Result<()> {
    if bytes <= MOST_NAMES {
        return Ok(());
    }
    let (table, limit) = (shortened(table.to_owned()), MOST_NAMES);
    Err(ErrorKind::TooLongNames { table, limit }.into())
}

/// An error that a table's first row causes, with the number of its record in the chunk.
fn of_record(error: Error, chunk: &ShreddedChunk, position: usize) -> Error {
    if !matches!(error.kind(), ErrorKind::TooManyTables { .. }) {
        return error;
    }
    let (mut table, mut row) = (&chunk.tables[position], 0);
    while let Some(parent) = table.parent {
        row = table.parent_rows.get(row).map_or(0, |row| *row as usize);
        table = &chunk.tables[parent];
    }
    error.at(|at| at.record = Some(row as u64))
}

/// A table's path for people.
fn spelled(path: &TablePath) -> String {
    if path.hops().is_empty() {
        "the main table".to_owned()
    } else {
        format!("table {path}")
    }
}

/// The id field of a table whose ids are row numbers.
fn numbered(field: Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert(Role::ROW_NUMBERS.to_owned(), "true".to_owned());
    field.with_metadata(metadata)
}
