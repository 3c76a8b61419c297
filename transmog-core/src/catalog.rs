//! The only place where a path gets a name and a type. Chunks come in input order, so names and types do not depend on
//! how many threads shredded them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;

use crate::{
    config::Config,
    ids::{Choice, Ids},
    kinds::{Kinds, final_type, type_name},
    name::{self, Names},
    path::{ColumnPath, TablePath},
    role::{Role, time_type},
    shred::{ShreddedChunk, ShreddedColumn, ShreddedTable},
};

mod given;
mod links;

use links::Links;

/// Tables and columns of a run so far.
#[derive(Debug)]
pub struct Catalog {
    config: Arc<Config>,
    entity: String,
    tables: IndexMap<TablePath, Table, ahash::RandomState>,
    table_names: Names,
}

#[derive(Debug)]
struct Table {
    name: String,
    parent: Option<usize>,
    rows: u64,
    columns: IndexMap<ColumnPath, Column, ahash::RandomState>,
    names: Names,
    /// Rows that something is wrong with. The first of them brings the error column.
    errors: u64,
    metadata: Vec<(Role, String)>,
    schema: SchemaRef,
    renames: Vec<Rename>,
    links: Links,
    fallback_ids: u64,
    /// True if it was given beforehand.
    given: bool,
    /// Its path, if that is not the one that it was given with.
    bound: Option<TablePath>,
}

#[derive(Debug)]
struct Column {
    name: String,
    kinds: Kinds,
    items: Kinds,
    cells: u64,
    /// Its path, if that is not the one that it was given with.
    bound: Option<ColumnPath>,
}

/// A path that could not have its plain name, because another path had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Name of the table that has the column, or of the renamed table itself.
    pub table: String,
    /// Keys of the column within a row; `None` if a table was renamed.
    pub column: Option<ColumnPath>,
    /// Keys of the table, outermost first.
    pub table_path: TablePath,
    /// The name that was taken.
    pub wanted: String,
    /// The name given.
    pub name: String,
}

/// One table of a finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// Its path.
    pub path: TablePath,
    /// Number of rows.
    pub rows: u64,
    /// Rows whose id is random, because what the settings make ids of was missing.
    pub fallback_ids: u64,
    /// Its columns, metadata last.
    pub columns: Vec<ColumnInfo>,
    /// Its final schema.
    pub schema: SchemaRef,
}

/// One column of a finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its keys within a row; `None` for a metadata column, but for an id column that is the natural column.
    pub path: Option<ColumnPath>,
    /// What a metadata column holds.
    pub role: Option<Role>,
    /// Its final type.
    pub data_type: DataType,
    /// True if every value is the JSON text of an object or an array.
    pub is_json: bool,
    /// Rows in which it holds nothing.
    pub nulls: u64,
}

impl ColumnInfo {
    /// The word for its type: [`type_name`](crate::type_name), or `json`.
    pub fn type_name(&self) -> String {
        if self.is_json {
            "json".to_owned()
        } else {
            type_name(&self.data_type)
        }
    }
}

/// What the catalog made of one table of a chunk: all that is needed to make the batch, without the catalog.
#[derive(Debug, Clone)]
pub(crate) struct TablePlan {
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
    /// For deterministic ids, position of the source column in the chunk.
    pub(crate) id_source: Option<usize>,
    /// For natural ids, the columns that they are in.
    pub(crate) natural: Option<Choice>,
    /// True if the id column is a data column.
    pub(crate) absorbs: bool,
    /// Position of that column in the chunk.
    pub(crate) absorbed: Option<usize>,
    /// Name of the parent table.
    pub(crate) parent: Option<String>,
    /// True if this is the table's first chunk.
    pub(crate) new: bool,
}

impl Catalog {
    /// A catalog that knows only the main table, which is called like the entity.
    pub fn new(config: Arc<Config>, entity: &str) -> Self {
        let mut catalog = Self {
            config,
            entity: entity.to_owned(),
            tables: IndexMap::default(),
            table_names: Names::default(),
        };
        catalog.add_table(&TablePath::main(), None);
        catalog.add_given();
        catalog
    }

    /// Names that had to make way, table by table.
    pub fn renames(&self) -> impl Iterator<Item = &Rename> {
        self.tables.values().flat_map(|table| &table.renames)
    }

    /// The tables so far, in the order in which they were met, with the types that they would end with now.
    pub fn tables(&self) -> Vec<TableInfo> {
        let info = |(path, table): (&TablePath, &Table)| {
            let data = table.data_columns().map(|(path, column)| ColumnInfo {
                name: column.name.clone(),
                path: Some(Arc::clone(column.bound.as_ref().unwrap_or(path))),
                role: None,
                data_type: final_type(&column.kinds.data_type(column.items)),
                is_json: column.kinds == Kinds::JSON,
                nulls: table.rows - column.cells,
            });
            let error = self.error_name(table).map(|name| ColumnInfo {
                name: name.clone(),
                path: None,
                role: Some(Role::Error),
                data_type: DataType::Utf8,
                is_json: false,
                nulls: table.rows - table.errors,
            });
            let metadata = table.metadata.iter().map(|(role, name)| ColumnInfo {
                name: name.clone(),
                path: table.absorbed_path(*role).cloned(),
                role: Some(*role),
                data_type: final_type(&self.metadata_type(table, *role)),
                is_json: false,
                nulls: self.metadata_nulls(table, *role),
            });
            TableInfo {
                name: table.name.clone(),
                parent: table.parent.map(|parent| self.tables[parent].name.clone()),
                path: table.bound.as_ref().unwrap_or(path).clone(),
                rows: table.rows,
                fallback_ids: table.fallback_ids,
                columns: data.chain(metadata).chain(error).collect(),
                schema: self.schema(table, final_type),
            }
        };
        self.tables.iter().map(info).collect()
    }

    /// Takes a chunk's tables and columns in. Chunks must come in input order.
    pub(crate) fn admit(&mut self, chunk: &ShreddedChunk) -> Vec<TablePlan> {
        let mut plans: Vec<TablePlan> = Vec::with_capacity(chunk.tables.len());
        for table in &chunk.tables {
            let parent = table.parent.map(|parent| plans[parent].table);
            let plan = self.admit_table(table, parent);
            plans.push(plan);
        }
        plans
    }

    fn admit_table(&mut self, chunk: &ShreddedTable, parent: Option<usize>) -> TablePlan {
        let index = match self.tables.get_index_of(&chunk.path) {
            Some(index) => index,
            None => match self.table_by_name(&chunk.path) {
                Some(index) => index,
                None => self.add_table(&chunk.path, parent),
            },
        };
        let config = Arc::clone(&self.config);
        let table = &mut self.tables[index];
        let mut changed = false;
        let mut sources = Vec::new();
        for (position, column) in chunk.columns.iter().enumerate() {
            let known = if let Some(known) = table.columns.get_index_of(&column.path) {
                known
            } else if let Some(known) =
                Self::column_by_name(&config, table, &chunk.path, &column.path)
            {
                known
            } else {
                changed = true;
                Self::add_column(&config, table, &chunk.path, &column.path)
            };
            changed |= table.columns[known].take(column);
            sources.resize(sources.len().max(known + 1), None);
            sources[known] = Some(position);
        }
        sources.resize(table.columns.len(), None);
        changed |= table.errors == 0 && !chunk.errors.is_empty();
        table.errors += chunk.errors.len() as u64;
        let natural = config.ids.natural();
        let natural = natural.map(|natural| table.choose(natural, chunk, &sources));
        let (first_row, new) = (table.rows, table.rows == 0);
        table.rows += chunk.rows as u64;
        let id_source = match &config.ids {
            Ids::Deterministic(source) => {
                let keys = chunk
                    .path
                    .keys()
                    .collect::<Vec<_>>()
                    .join(&config.separator);
                let wanted = source.column(&keys, &table.name);
                let known = table
                    .columns
                    .values()
                    .position(|column| Some(column.name.as_str()) == wanted);
                known.and_then(|known| sources[known])
            }
            _ => None,
        };
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
        TablePlan {
            table: index,
            name: table.name.clone(),
            schema: Arc::clone(&table.schema),
            sources,
            first_row,
            array_field: name::sanitise(
                chunk.path.last_key(),
                &config.separator,
                config.trim_table_names,
            ),
            id_source,
            natural,
            absorbs: table.links.absorbs,
            absorbed,
            parent: table.parent.map(|parent| self.tables[parent].name.clone()),
            new: new && index > 0 && !table.given,
        }
    }

    fn add_table(&mut self, path: &TablePath, parent: Option<usize>) -> usize {
        let config = &self.config;
        let (separator, threshold) = (&config.separator, config.deep_nesting_threshold);
        let wanted = if parent.is_none() {
            self.entity.clone()
        } else {
            let mut name = name::table_name(
                &self.entity,
                path.keys(),
                separator,
                threshold,
                config.trim_table_names,
            );
            if path.is_errors() {
                name.extend([separator, "errors"]);
            }
            name
        };
        let given = self.given_name(path).filter(|_| parent.is_some());
        let name = self.table_names.assign(given.as_ref().unwrap_or(&wanted));
        let made_way = name != wanted
            && (given.is_none() || self.tables.values().any(|table| table.name == wanted));
        let renamed = made_way.then(|| Rename {
            table: name.clone(),
            column: None,
            table_path: path.clone(),
            wanted,
            name: name.clone(),
        });
        let all = &config.metadata;
        let metadata: Vec<(Role, String)> = [
            (Role::Id, &all.id),
            (Role::Parent, &all.parent),
            (Role::Time, &all.time),
            (Role::ArrayField, &all.array_field),
            (Role::ArrayIndex, &all.array_index),
        ]
        .into_iter()
        .filter(|(role, _)| parent.is_some() || matches!(role, Role::Id | Role::Time))
        .filter_map(|(role, name)| Some((role, name.clone()?)))
        .collect();
        let mut names = Names::default();
        let links = Links::new(config, &name);
        if let Some(name) = &all.error {
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
            errors: 0,
            metadata,
            schema: Arc::new(Schema::empty()),
            renames: renamed.into_iter().collect(),
            links,
            fallback_ids: 0,
            given: false,
            bound: None,
        };
        table.schema = self.schema(&table, DataType::clone);
        self.tables.insert_full(path.clone(), table).0
    }

    fn add_column(
        config: &Config,
        table: &mut Table,
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> usize {
        let wanted = name::column_name(path, &config.separator, config.deep_nesting_threshold);
        let name = table.names.assign(&wanted);
        if name != wanted {
            table.renames.push(Rename {
                table: table.name.clone(),
                column: Some(Arc::clone(path)),
                table_path: table_path.clone(),
                wanted,
                name: name.clone(),
            });
        }
        let index = Self::insert_column(table, path, name);
        if let Some((kinds, items)) = Self::hinted(config, table_path, path) {
            (table.columns[index].kinds, table.columns[index].items) = (kinds, items);
        }
        index
    }

    fn insert_column(table: &mut Table, path: &ColumnPath, name: String) -> usize {
        table.names.reserve(&name);
        let column = Column {
            name,
            kinds: Kinds::NONE,
            items: Kinds::NONE,
            cells: 0,
            bound: None,
        };
        let index = table.columns.insert_full(Arc::clone(path), column).0;
        table.absorb(index);
        index
    }

    /// Name of a table's error column, if it has one by now.
    fn error_name(&self, table: &Table) -> Option<&String> {
        let name = self.config.metadata.error.as_ref();
        name.filter(|_| table.errors > 0)
    }

    fn schema(&self, table: &Table, data_type: impl Fn(&DataType) -> DataType) -> SchemaRef {
        let data = table
            .data_columns()
            .map(|(_, column)| (&column.name, column.kinds.data_type(column.items)))
            .map(|(name, of_values)| Field::new(name, data_type(&of_values), true));
        let metadata = table.metadata.iter().map(|(role, name)| {
            let field = role.field(name, data_type(&self.metadata_type(table, *role)));
            let is_number = *role == Role::Id && self.config.ids == Ids::Row;
            if is_number { numbered(field) } else { field }
        });
        let error = self.error_name(table);
        let error = error.map(|name| Role::Error.field(name, DataType::Utf8));
        let fields: Vec<Field> = data.chain(metadata).chain(error).collect();
        Arc::new(Schema::new(fields))
    }

    fn metadata_type(&self, table: &Table, role: Role) -> DataType {
        match role {
            Role::Id if table.links.absorbs => table.link_type(),
            Role::Parent if self.config.ids.natural().is_some() => self.parent_type(table),
            Role::Id | Role::Parent if self.config.ids == Ids::Row => DataType::Int64,
            Role::Error | Role::Id | Role::Parent | Role::ArrayField => DataType::Utf8,
            Role::Time => time_type(),
            Role::ArrayIndex => DataType::Int64,
        }
    }
}

impl Column {
    /// Takes a chunk's values in; true if that may change the type.
    fn take(&mut self, chunk: &ShreddedColumn) -> bool {
        let values = &chunk.values;
        let before = (self.kinds, self.items);
        self.kinds = self.kinds.join(values.kinds);
        self.items = self.items.join(values.items);
        self.cells += values.leaves;
        before != (self.kinds, self.items)
    }
}

/// The id field of a table whose ids are row numbers.
fn numbered(field: Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert(Role::ROW_NUMBERS.to_owned(), "true".to_owned());
    field.with_metadata(metadata)
}
