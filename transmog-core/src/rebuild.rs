//! Rebuilds the object or item that a row was made of. Works on one row at a time; joining the rows
//! of several tables is done in `transmog-io`.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::map::Entry;

use crate::{
    base::{Error, Result, Role},
    catalog::{ABSENT, pointer_of},
    shred::ONLY,
    text::is_json_number,
    types::{Class, ColumnLayout, TableLayout},
    value::Value,
};

/// How the rows of one table become values again.
#[derive(Debug)]
pub struct Rebuild {
    table: String,
    columns: Vec<Column>,
    /// Positions of the columns that natural ids are in.
    natural: Vec<usize>,
    empties: bool,
    /// For columns of a CSV input that are not called as its header spelled them, their keys and
    /// the spelling.
    header: Arc<BTreeMap<String, String>>,
    /// Reads JSON text.
    parse: fn(&str) -> Result<Value>,
}

/// What a column is good for.
#[derive(Debug)]
enum Column {
    Data(Data),
    /// The row's id, and what it is a value of, if it is one.
    Id(Option<Data>),
    Parent,
    Index,
    /// The key of an entry of a map.
    Key,
    Empties,
    /// What has no column of its own, as a JSON object.
    Rest,
    /// Time stamps, names of arrays, marks of errors.
    Ignored,
}

#[derive(Debug)]
struct Data {
    keys: Vec<String>,
    pointer: String,
    /// What text stands for; `None` if cells are values already.
    class: Option<Class>,
}

/// A row that is being rebuilt.
#[derive(Debug)]
pub struct RebuiltRow {
    /// Its id, as text. Natural ids may be several: it is not known of a text that may be JSON
    /// whether it is one.
    pub ids: Vec<String>,
    /// The id of its parent row, as text.
    pub parent: Option<String>,
    /// The item's number in its array.
    pub index: Option<i64>,
    /// The key that it has in a map.
    pub key: Option<String>,
    value: Option<Value>,
    notes: Vec<(String, Value)>,
    empties: bool,
    header: Arc<BTreeMap<String, String>>,
}

impl Rebuild {
    /// The way back for a table. `empties` is true if its rows say what their cells do not.
    pub fn new(table: &TableLayout, empties: bool, parse: fn(&str) -> Result<Value>) -> Self {
        Self {
            table: table.name.clone(),
            columns: table.columns.iter().map(Column::new).collect(),
            natural: table
                .natural_ids
                .iter()
                .filter_map(|name| table.columns.iter().position(|it| it.name == *name))
                .collect(),
            empties,
            header: Arc::new(table.header.clone()),
            parse,
        }
    }

    /// True if the table says which row is which.
    pub fn has_ids(&self) -> bool {
        self.columns.iter().any(|c| matches!(c, Column::Id(_)))
    }

    /// True if the table says which row of its parent a row belongs to.
    pub fn has_parents(&self) -> bool {
        self.columns.iter().any(|c| matches!(c, Column::Parent))
    }

    /// Takes the cells of a row, in the order of the layout's columns.
    ///
    /// # Errors
    /// If cells contradict each other, or hold what no run has written.
    pub fn row(&self, cells: Vec<Value>) -> Result<RebuiltRow> {
        let mut row = RebuiltRow {
            ids: self.natural_ids(&cells),
            parent: None,
            index: None,
            key: None,
            value: None,
            notes: Vec::new(),
            empties: self.empties,
            header: Arc::clone(&self.header),
        };
        let said = std::iter::zip(&self.columns, &cells)
            .find(|(column, cell)| matches!(column, Column::Empties) && !cell.is_null());
        let mut said = match said {
            None => Value::Null,
            Some((_, cell)) => self.json(&cell.to_text())?,
        };
        for (column, cell) in std::iter::zip(&self.columns, cells) {
            if cell.is_null() {
                continue;
            }
            match column {
                Column::Data(data) => self.put(&mut row, data, cell, &said)?,
                Column::Id(data) => {
                    row.ids = vec![cell.to_text()];
                    if let Some(data) = data {
                        self.put(&mut row, data, cell, &said)?;
                    }
                }
                Column::Parent => row.parent = Some(cell.to_text()),
                Column::Index => row.index = cell.to_text().parse().ok(),
                Column::Key => row.key = Some(cell.to_text()),
                Column::Rest => merge(&mut row.value, self.json(&cell.to_text())?),
                Column::Empties | Column::Ignored => {}
            }
        }
        if let Value::Object(notes) = &mut said {
            let literal = |value: &Value| match value {
                Value::Text(word) => word.is_empty() || word == ONLY,
                _ => true,
            };
            row.notes = notes.drain(..).filter(|(_, note)| literal(note)).collect();
        }
        Ok(row)
    }

    /// The natural id of a row that has no other, and values before it that probably are none.
    fn natural_ids(&self, cells: &[Value]) -> Vec<String> {
        let mut ids = Vec::new();
        for cell in self.natural.iter().filter_map(|at| cells.get(*at)) {
            let text = match cell {
                Value::Null => continue,
                cell => cell.to_text(),
            };
            let is_doubtful = text.trim().is_empty() || text.starts_with(['[', '{']);
            ids.push(text);
            if !is_doubtful {
                break;
            }
        }
        ids
    }

    /// Puts a cell into its place.
    fn put(&self, row: &mut RebuiltRow, data: &Data, cell: Value, said: &Value) -> Result<()> {
        let word = said.get(&data.pointer).and_then(Value::as_str);
        if word == Some(ABSENT) {
            return Ok(());
        }
        let class = match word.and_then(Class::of_word) {
            Some(class) => Some(class),
            None => data.class,
        };
        let value = match (cell, class) {
            (Value::Text(text), Some(class)) => self.value(text, class)?,
            (cell, _) => cell,
        };
        set(&mut row.value, &data.keys, value).ok_or_else(|| {
            let place = data.keys.join(".");
            self.wrong(&format!("{place:?} is a value and an object in one row"))
        })
    }

    /// What a text stands for.
    fn value(&self, text: String, class: Class) -> Result<Value> {
        Ok(match class {
            Class::Text => Value::Text(text),
            // Null, if it is to be empty text.
            Class::Json if text.is_empty() => Value::Text(text),
            Class::Json => self.json(&text)?,
            Class::Bool => match text.as_str() {
                "true" | "True" => Value::Bool(true),
                "false" | "False" => Value::Bool(false),
                _ => Value::Text(text),
            },
            Class::Number => match text.parse() {
                Ok(number) => Value::Int(number),
                Err(_) if is_json_number(text.as_bytes()) => Value::Number(text),
                Err(_) => Value::Text(text),
            },
        })
    }

    fn json(&self, text: &str) -> Result<Value> {
        (self.parse)(text).map_err(|error| {
            let reason = format!("a cell should hold JSON text: {error}");
            self.wrong(&reason)
        })
    }

    fn wrong(&self, reason: &str) -> Error {
        Error::rebuild(&self.table, reason)
    }
}

impl Column {
    fn new(column: &ColumnLayout) -> Self {
        let role = |role: Role| column.role.as_deref() == Some(role.as_str());
        match &column.role {
            None => Data::new(column).map_or(Self::Ignored, Self::Data),
            Some(_) if role(Role::Id) => Self::Id(Data::new(column)),
            Some(_) if role(Role::Parent) => Self::Parent,
            Some(_) if role(Role::ArrayIndex) => Self::Index,
            Some(_) if role(Role::Empties) => Self::Empties,
            Some(_) if role(Role::Key) => Self::Key,
            Some(_) if role(Role::Rest) => Self::Rest,
            Some(_) => Self::Ignored,
        }
    }
}

impl Data {
    fn new(column: &ColumnLayout) -> Option<Self> {
        let keys = column.path.clone()?;
        let class = match column.data_type.as_str() {
            "json" => Some(Class::Json),
            "text" => Some(match &column.class {
                Some(word) => Class::of_word(word).unwrap_or(Class::Text),
                None => Class::Text,
            }),
            _ => None,
        };
        Some(Self {
            pointer: pointer_of(keys.iter().map(String::as_str)),
            keys,
            class,
        })
    }
}

impl RebuiltRow {
    /// True if a row of a child table belongs to this row.
    pub fn is_parent(&self, child: &Self) -> bool {
        child
            .parent
            .as_ref()
            .is_some_and(|parent| self.ids.contains(parent))
    }

    /// Puts an array where `keys` lead, unless the row has it as JSON text; an object, if the items
    /// have keys.
    ///
    /// # Errors
    /// If something else than an object stands on the way.
    pub fn attach(&mut self, keys: &[String], items: Vec<(Option<String>, Value)>) -> Result<()> {
        let known = self.value.as_ref().and_then(|value| get(value, keys));
        if matches!(known, Some(Value::Array(_))) {
            return Ok(());
        }
        let pointer = pointer_of(keys.iter().map(String::as_str));
        let is_map = items.iter().any(|(key, _)| key.is_some())
            || self
                .notes
                .iter()
                .any(|(place, note)| *place == pointer && matches!(note, Value::Object(_)));
        let value = if is_map {
            let entries = items.into_iter();
            // Some formats spell an empty key like none.
            entries
                .map(|(key, value)| (key.unwrap_or_default(), value))
                .collect()
        } else {
            Value::Array(items.into_iter().map(|(_, item)| item).collect())
        };
        set(&mut self.value, keys, value).ok_or_else(|| {
            let place = keys.join(".");
            Error::rebuild(
                &place,
                "its items belong to a row that has another value there",
            )
        })
    }

    /// The value, when all its arrays are attached; `None` if the row says nothing.
    pub fn finish(mut self) -> Option<Value> {
        for (pointer, note) in std::mem::take(&mut self.notes) {
            apply(&mut self.value, &pointer, note);
        }
        if self.value.is_none() && self.empties {
            return Some(Value::Object(indexmap::IndexMap::default()));
        }
        match self.value {
            Some(Value::Object(fields)) if !self.header.is_empty() => {
                let spelled = |key: String| self.header.get(&key).cloned().unwrap_or(key);
                let fields = fields.into_iter();
                Some(fields.map(|(key, value)| (spelled(key), value)).collect())
            }
            value => value,
        }
    }
}

/// Sets a value in an object that is made with all that leads there. `None` if something else
/// stands on the way.
fn set(root: &mut Option<Value>, keys: &[String], value: Value) -> Option<()> {
    let Some((last, outer)) = keys.split_last() else {
        if root
            .as_ref()
            .is_some_and(|root| !matches!(root, Value::Text(_)))
        {
            return None;
        }
        *root = Some(value);
        return Some(());
    };
    let object = || Value::Object(indexmap::IndexMap::default());
    let mut at = root.get_or_insert_with(object);
    for key in outer {
        let Value::Object(fields) = at else {
            return None;
        };
        at = match fields.entry(key.clone()) {
            Entry::Occupied(field) => field.into_mut(),
            Entry::Vacant(field) => field.insert(object()),
        };
    }
    let Value::Object(fields) = at else {
        return None;
    };
    fields.insert(last.clone(), value);
    Some(())
}

fn get<'v>(root: &'v Value, keys: &[String]) -> Option<&'v Value> {
    keys.iter().try_fold(root, |value, key| value.get(key))
}

/// Puts what a note says into its place. An array or object that is there already stays.
fn apply(root: &mut Option<Value>, pointer: &str, note: Value) {
    let keys: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    if let Some((last, outer)) = keys.split_last()
        && let Some(Value::Array(items)) = root.as_mut().and_then(|root| get_mut(root, outer))
    {
        // The items before it are there: notes come in the order of items.
        if let Ok(number) = last.parse::<usize>() {
            items.insert(number.min(items.len()), note);
        }
        return;
    }
    if note.as_str() == Some(ONLY) {
        let array = root.as_mut().and_then(|root| get_mut(root, &keys));
        if let Some(place) = array
            && let Value::Array(items) = place
            && let Some(only) = items.pop()
        {
            *place = only;
        }
        return;
    }
    let known = root.as_ref().and_then(|root| get(root, &keys));
    match (known, &note) {
        (Some(Value::Array(_)), Value::Array(items)) if items.is_empty() => {}
        (Some(Value::Object(_)), Value::Object(_)) => {}
        // Something else on the way is what stands there.
        _ => set(root, &keys, note).unwrap_or_default(),
    }
}

fn get_mut<'v>(root: &'v mut Value, keys: &[String]) -> Option<&'v mut Value> {
    keys.iter().try_fold(root, |value, key| match value {
        Value::Object(fields) => fields.get_mut(key),
        _ => None,
    })
}

/// Puts the fields of an object into another one.
fn merge(root: &mut Option<Value>, more: Value) {
    match (root, more) {
        (Some(Value::Object(fields)), Value::Object(more)) => {
            for (key, value) in more {
                let mut known = fields.swap_remove(&key);
                merge(&mut known, value);
                fields.extend(known.map(|value| (key, value)));
            }
        }
        (root, more) => *root = Some(more),
    }
}
