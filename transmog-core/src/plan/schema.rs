//! Answers by path what settings ask of the schema: the given table and column, the type, and what
//! happens to other values.

use std::sync::Arc;

use ahash::AHashMap;
use arrow_schema::DataType;

use crate::{
    base::{ColumnPath, Error, Pattern, Result, Role, TablePath},
    config::{Config, NameStyle, Rules, SchemaPolicy, TypeRule},
    types::{Breach, Class, ColumnLayout, Kinds, Pin, TableLayout, form, type_of_name},
};

/// What a run knows of its schema beforehand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SchemaPlan {
    pub(crate) tables: Vec<PlannedTable>,
    by_path: AHashMap<TablePath, usize>,
    by_name: AHashMap<String, usize>,
    policy: SchemaPolicy,
    /// True if the schema was made with the same name of the main table, so that its names are this
    /// run's.
    pub(crate) same_entity: bool,
    hints: Vec<(Pattern, TypeRule)>,
    /// Name of the main table.
    entity: String,
    names: NameStyle,
    rules: Rules,
}

/// One given table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlannedTable {
    pub(crate) name: String,
    pub(crate) path: TablePath,
    pub(crate) policy: SchemaPolicy,
    pub(crate) columns: Vec<PlannedColumn>,
    /// True if what has no column of its own goes into a column of the rest.
    pub(crate) rest: bool,
    by_path: AHashMap<ColumnPath, usize>,
    by_name: AHashMap<String, usize>,
}

/// One given column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlannedColumn {
    pub(crate) name: String,
    /// Its path; a guess if the schema has names only.
    pub(crate) path: ColumnPath,
    pub(crate) data_type: DataType,
    is_json: bool,
    /// What the cells of a text column stood for.
    class: Option<Class>,
}

impl PlannedColumn {
    /// The kinds that it has before any value comes. Text that stood for other values stands for
    /// them still.
    pub(crate) fn preset(&self) -> (Kinds, Kinds) {
        let kinds = match self.class {
            _ if self.is_json => Kinds::JSON,
            Some(Class::Bool) => Kinds::BOOL.join(Kinds::HUGE),
            Some(Class::Number) => Kinds::HUGE,
            Some(Class::Json) => Kinds::LIST.join(Kinds::JSON),
            Some(Class::Text) | None => return Pin::preset(&self.data_type),
        };
        (kinds, Kinds::NONE)
    }
}

impl SchemaPlan {
    /// The plan of a run; `None` if the settings say nothing.
    pub(crate) fn new(config: &Config, entity: &str) -> Result<Option<Self>> {
        let settings = &config.schema;
        let policies = settings.of_tables.iter().map(|(_, policy)| *policy);
        let mut policies = policies.chain([settings.policy]);
        let Some(given) = &settings.given else {
            if policies.any(|policy| policy != SchemaPolicy::Evolve) {
                return Err(Error::setting(
                    "schema_policy",
                    "freeze and discard need a schema: give one with `schema=FILE`; transmog inspect INPUT \
                     --schema-out FILE makes one of an input",
                ));
            }
            return Ok((!settings.hints.is_empty()).then(|| Self {
                tables: Vec::new(),
                by_path: AHashMap::default(),
                by_name: AHashMap::default(),
                policy: SchemaPolicy::Evolve,
                same_entity: false,
                hints: settings.hints.clone(),
                entity: entity.to_owned(),
                names: config.names.clone(),
                rules: config.rules.clone(),
            }));
        };
        let main = given.layout.tables.first().map_or("", |table| &table.name);
        let mut plan = Self {
            tables: Vec::new(),
            by_path: AHashMap::default(),
            by_name: AHashMap::default(),
            policy: settings.policy,
            same_entity: main == entity,
            hints: settings.hints.clone(),
            entity: entity.to_owned(),
            names: config.names.clone(),
            rules: config.rules.clone(),
        };
        for table in &given.layout.tables {
            plan.add(config, table, given.by_name, main)?;
        }
        for (table, policy) in &settings.of_tables {
            let names = plan.tables.iter().map(|table| table.name.clone());
            let names = names.collect::<Vec<_>>().join(", ");
            let known = plan.tables.iter_mut().find(|known| known.name == *table);
            let unknown = || {
                wrong(format!(
                    "it has no table {table:?}, for which there is a policy; it has {names}"
                ))
            };
            known.ok_or_else(unknown)?.policy = *policy;
        }
        Ok(Some(plan))
    }

    fn add(
        &mut self,
        config: &Config,
        table: &TableLayout,
        by_name: bool,
        main: &str,
    ) -> Result<()> {
        let name = &table.name;
        let (path, parent) = if by_name {
            self.guess(name, main)?
        } else {
            let path = table.table_path();
            let parent = path.parent();
            (path, parent)
        };
        if self.tables.is_empty() != parent.is_none() {
            return Err(wrong(format!(
                "table {name:?}: its first table must be the main table, whose path is empty, and no other"
            )));
        }
        if parent.is_some_and(|parent| !self.by_path.contains_key(&parent)) {
            return Err(wrong(format!(
                "table {name:?} does not stand after its parent"
            )));
        }
        let mut planned = PlannedTable {
            name: name.clone(),
            path: path.clone(),
            policy: self.policy,
            columns: Vec::new(),
            rest: table
                .columns
                .iter()
                .any(|column| column.role() == Some(Role::Rest)),
            by_path: AHashMap::default(),
            by_name: AHashMap::default(),
        };
        for column in &table.columns {
            planned.add(config, column, by_name)?;
        }
        let number = self.tables.len();
        if self.tables.iter().any(|other| other.name == *name)
            || self.by_path.insert(path, number).is_some()
        {
            return Err(wrong(format!("table {name:?} is there twice")));
        }
        if by_name {
            let plain = name.strip_prefix(main).unwrap_or(name);
            self.by_name
                .insert(format!("{}{plain}", self.entity), number);
        }
        self.tables.push(planned);
        Ok(())
    }

    /// A path of the table with a name, and of its parent: of the table with the longest name that
    /// it begins with.
    fn guess(&self, name: &str, main: &str) -> Result<(TablePath, Option<TablePath>)> {
        if self.tables.is_empty() {
            return Ok((TablePath::main(), None));
        }
        let rest = |table: &PlannedTable| {
            let rest = name.strip_prefix(table.name.as_str())?;
            Some(rest.strip_prefix(self.names.separator.as_str())?.to_owned())
        };
        let parents = self
            .tables
            .iter()
            .filter_map(|table| Some((rest(table)?, table)));
        let parent = parents.min_by_key(|(rest, _)| rest.len());
        let (rest, parent) = parent.ok_or_else(|| {
            wrong(format!(
                "the name of table {name:?} does not begin with that of the main table, {main:?}"
            ))
        })?;
        let keys: ColumnPath = [Arc::from(rest)].into_iter().collect();
        Ok((parent.path.child(keys), Some(parent.path.clone())))
    }

    /// Position of a table.
    pub(crate) fn table(&self, path: &TablePath) -> Option<usize> {
        let known = self.by_path.get(path).copied();
        if known.is_some() || self.by_name.is_empty() || path.is_errors() {
            return known;
        }
        let name = self.names.table_name(&self.rules, &self.entity, path);
        self.by_name.get(&name).copied()
    }

    /// Position of a column in a table.
    pub(crate) fn column(
        &self,
        table: usize,
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> Option<usize> {
        let table = self.tables.get(table)?;
        let known = table.by_path.get(path).copied();
        if known.is_some() || table.by_name.is_empty() {
            return known;
        }
        let name = self.names.column_name(&self.rules, table_path, path);
        table.by_name.get(&name).copied()
    }

    /// The policy for a table; `of_parent` is its parent's.
    pub(crate) fn policy(
        &self,
        table: Option<usize>,
        of_parent: Option<SchemaPolicy>,
    ) -> SchemaPolicy {
        let given = table.and_then(|table| self.tables.get(table));
        given.map_or(of_parent.unwrap_or(self.policy), |table| table.policy)
    }

    /// The type that a setting asks for at a column.
    pub(crate) fn hint(&self, table: &TablePath, path: &ColumnPath) -> Option<&DataType> {
        let mut hints = self.hints.iter();
        let hint = hints.find(|(pattern, _)| pattern.matches(all_keys(table, path)));
        hint.map(|(_, rule)| &rule.data_type)
    }

    /// The numbers of all type settings for a column.
    pub(crate) fn type_rules<'p>(
        &'p self,
        table: &'p TablePath,
        path: &'p ColumnPath,
    ) -> impl Iterator<Item = usize> + 'p {
        let matching = |(pattern, _): &&(Pattern, TypeRule)| pattern.matches(all_keys(table, path));
        let rules = self.hints.iter().filter(matching);
        rules.map(|(_, rule)| rule.number)
    }

    /// What texts of a column are to be taken for, by a type setting or the given schema.
    pub(crate) fn form(
        &self,
        table: Option<usize>,
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> Kinds {
        let given = table.and_then(|table| {
            let column = self.column(table, table_path, path)?;
            Some(&self.tables[table].columns[column].data_type)
        });
        let data_type = self.hint(table_path, path).or(given);
        let of_items = |data_type: &DataType| match data_type {
            DataType::List(item) => form(item.data_type()),
            other => form(other),
        };
        data_type.and_then(of_items).unwrap_or_default()
    }

    /// The pin of a column. `table` is the position of its table, if it is given.
    pub(crate) fn room(
        &self,
        (table, policy): (Option<usize>, SchemaPolicy),
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> Room {
        let breach = match policy {
            SchemaPolicy::Discard => Breach::Drop,
            _ => Breach::Fail,
        };
        let hint = self
            .hint(table_path, path)
            .and_then(Pin::new)
            .map(Pin::of_setting);
        let given = table.and_then(|table| {
            let column = self.column(table, table_path, path)?;
            self.tables[table].columns.get(column)
        });
        let given = given.map(|column| Pin::new(&column.data_type));
        match (policy, given, hint) {
            (SchemaPolicy::Evolve, _, hint) => Room::known(hint),
            (_, None, hint) if table.is_some_and(|table| self.tables[table].rest) => {
                Room::known(hint)
            }
            (_, None, _) => Room::Unknown(breach),
            // Where both say something, the schema goes first.
            (_, Some(Some(pin)), _) if !pin.is_open() => Room::Pinned(pin.with_breach(breach)),
            (_, Some(_), hint) => Room::known(hint),
        }
    }

    /// The type that cells of a flat input's column are to have, if that is known beforehand:
    /// `true` for text, which they are then as written, `false` for another type.
    pub(crate) fn flat(&self, name: &str) -> Option<bool> {
        let path: ColumnPath = [Arc::from(name)].into_iter().collect();
        let main = TablePath::main();
        if let Some(data_type) = self.hint(&main, &path) {
            return Some(*data_type == DataType::Utf8);
        }
        let table = self.table(&main)?;
        let column = self.column(table, &main, &path)?;
        let (table, column) = (&self.tables[table], &self.tables[table].columns[column]);
        match column.data_type {
            DataType::Utf8 => Some(true),
            // Cells that do not fit are wrong, and not what makes a column text.
            _ if table.policy != SchemaPolicy::Evolve => Some(false),
            _ => None,
        }
    }
}

/// What the plan says of a place in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Any value.
    Free,
    /// Values that fit.
    Pinned(Pin),
    /// No value: the schema has no such column.
    Unknown(Breach),
}

impl Room {
    fn known(pin: Option<Pin>) -> Self {
        match pin {
            Some(pin) if !pin.is_open() => Self::Pinned(pin),
            _ => Self::Free,
        }
    }
}

impl PlannedTable {
    /// True if its paths are guesses that come of names.
    pub(crate) fn is_by_name(&self) -> bool {
        !self.by_name.is_empty()
    }

    fn add(&mut self, config: &Config, column: &ColumnLayout, by_name: bool) -> Result<()> {
        let (table, name) = (&self.name, &column.name);
        let Some(path) = column.column_path() else {
            return Ok(());
        };
        let word = column.data_type.as_str();
        let is_json = word == "json";
        let data_type = if is_json {
            Some(DataType::Utf8)
        } else {
            type_of_name(word).filter(|data_type| Pin::new(data_type).is_some())
        };
        let data_type = data_type.ok_or_else(|| {
            wrong(format!(
                "column {name:?} of table {table:?} has the type {word:?}, which data columns do not have here"
            ))
        })?;
        let is_own_id = config.ids.natural().is_some() && config.metadata.id.as_ref() == Some(name);
        if !is_own_id && config.metadata.names(false).any(|taken| taken == name) {
            return Err(wrong(format!(
                "column {name:?} of table {table:?} has the name of a metadata column; rename or switch off that one"
            )));
        }
        let number = self.columns.len();
        if self.columns.iter().any(|other| other.name == *name)
            || self.by_path.insert(Arc::clone(&path), number).is_some()
        {
            return Err(wrong(format!(
                "column {name:?} of table {table:?} is there twice"
            )));
        }
        if by_name {
            self.by_name.insert(name.clone(), number);
        }
        let class = column.class.as_deref().and_then(Class::of_word);
        let class = class.filter(|_| data_type == DataType::Utf8);
        self.columns.push(PlannedColumn {
            name: name.clone(),
            path,
            data_type,
            is_json,
            class,
        });
        Ok(())
    }
}

fn wrong(reason: impl Into<String>) -> Error {
    Error::setting("schema", reason)
}

/// Keys of a column from the record on.
fn all_keys<'k>(table: &'k TablePath, path: &'k ColumnPath) -> impl Iterator<Item = &'k str> {
    table.keys().chain(path.iter().map(AsRef::as_ref))
}
