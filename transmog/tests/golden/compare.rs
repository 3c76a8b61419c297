//! Compares what a run made with what its case expects, and says every difference.

use std::collections::BTreeMap;

use transmog::{Config, Ids, Metadata};

use crate::{
    case::{Case, Profile},
    cell::{Cell, Typing, Wide},
    files::Row,
    json::Json,
    run::{Format, FoundTable, TIME, TIME_TEXT},
};

/// Every difference, in words.
pub(crate) fn differences(
    case: &Case,
    config: &Config,
    found: &[FoundTable],
    format: Format,
) -> Vec<String> {
    let mut comparison = Comparison {
        case,
        lists: lists(case),
        id_column: config.metadata().id.clone(),
        natural: matches!(config.ids(), Ids::Natural(_)),
        metadata: metadata(config.metadata()),
        typing: format.typing(config.words()),
        ids: BTreeMap::new(),
        differences: Vec::new(),
    };
    comparison.tables(found);
    comparison.differences
}

/// True if arrays of scalars stay in the row as lists.
fn lists(case: &Case) -> bool {
    let mut options = case.options.iter();
    match options.find(|(name, _)| name == "array_mode") {
        Some((_, mode)) => mode.as_text() == Some("smart"),
        None => case.profile == Profile::V2,
    }
}

/// Names of the metadata columns, in their order.
fn metadata(columns: &Metadata) -> Vec<String> {
    [
        &columns.id,
        &columns.parent,
        &columns.time,
        &columns.array_field,
        &columns.array_index,
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect()
}

struct Comparison<'a> {
    case: &'a Case,
    lists: bool,
    /// Rows with natural ids leave the id column empty.
    natural: bool,
    id_column: Option<String>,
    metadata: Vec<String>,
    typing: Typing,
    /// What the placeholders stand for.
    ids: BTreeMap<String, String>,
    differences: Vec<String>,
}

impl Comparison<'_> {
    fn tables(&mut self, found: &[FoundTable]) {
        let tables = &self.case.tables;
        let expected: Vec<_> = tables.iter().filter(|(_, rows)| !rows.is_empty()).collect();
        let names: Vec<&str> = found.iter().map(|table| table.name.as_str()).collect();
        let wanted: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
        if names != wanted {
            self.say(format!("the tables are {names:?}, expected {wanted:?}"));
        }
        for (name, rows) in expected {
            if let Some(table) = found.iter().find(|table| table.name == *name) {
                self.table(table, rows);
            }
        }
    }

    fn table(&mut self, found: &FoundTable, rows: &[Json]) {
        let name = &found.name;
        let columns = self.columns(rows);
        let mut is = found.columns.clone();
        if self.natural {
            is.retain(|name| Some(name) != self.id_column.as_ref() || columns.contains(name));
        }
        if is != columns {
            self.say(format!(
                "{name}: the columns are {is:?}, expected {columns:?}"
            ));
        }
        if found.rows.len() != rows.len() {
            let (is, wanted) = (found.rows.len(), rows.len());
            self.say(format!("{name}: {is} rows, expected {wanted}"));
        }
        let wide: Vec<Wide> = columns
            .iter()
            .map(|column| {
                let values: Vec<_> = rows.iter().filter_map(|row| row.get(column)).collect();
                // Arrays in arrays are never opened.
                let lists = self.lists && found.item_column.as_ref() != Some(column);
                Wide::of(&values, lists)
            })
            .collect();
        for (number, (row, wanted)) in found.rows.iter().zip(rows).enumerate() {
            let mut expected = Row::new();
            for (column, wide) in columns.iter().zip(&wide) {
                match wanted.get(column).map(|value| self.expected(wide, value)) {
                    None | Some(Cell::Null) => {}
                    Some(Cell::Text(text))
                        if text.is_empty()
                            && matches!(self.typing, Typing::Text | Typing::PythonText) => {}
                    Some(cell) => expected.push((column.clone(), cell)),
                }
            }
            self.row(&format!("{name} row {number}"), row, &expected);
        }
    }

    /// The columns of a table: data in order of appearance, then metadata.
    fn columns(&self, rows: &[Json]) -> Vec<String> {
        let mut data: Vec<String> = Vec::new();
        let mut metadata = vec![];
        for row in rows {
            let Json::Object(fields) = row else { continue };
            for (key, _) in fields {
                if self.metadata.contains(key) {
                    metadata.push(key);
                } else if !data.contains(key) {
                    data.push(key.clone());
                }
            }
        }
        let known = self.metadata.iter();
        data.extend(known.filter(|name| metadata.contains(name)).cloned());
        data
    }

    fn expected(&self, wide: &Wide, value: &Json) -> Cell {
        match (value.as_text(), self.typing) {
            (Some("<time>"), Typing::Columns) => Cell::Time(TIME),
            (Some("<time>"), _) => Cell::Text(TIME_TEXT.to_owned()),
            _ => wide.cell(value, self.typing),
        }
    }

    fn row(&mut self, place: &str, found: &Row, expected: &Row) {
        let before = self.differences.len();
        for (column, wanted) in expected {
            match found.iter().find(|(name, _)| name == column) {
                None => self.say(format!("{place}: {column} is missing, expected {wanted:?}")),
                Some((_, cell)) => {
                    if let Some(fault) = self.fault(cell, wanted) {
                        self.say(format!("{place}: {column} is {cell:?}, {fault}"));
                    }
                }
            }
        }
        for (column, cell) in found {
            if expected.iter().all(|(name, _)| name != column) {
                self.say(format!("{place}: {column} is {cell:?}, expected nothing"));
            }
        }
        let order = |row: &Row| row.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (is, wanted) = (order(found), order(expected));
        if self.differences.len() == before && is != wanted {
            self.say(format!("{place}: the order is {is:?}, expected {wanted:?}"));
        }
    }

    /// What is wrong with a cell.
    fn fault(&mut self, cell: &Cell, wanted: &Cell) -> Option<String> {
        if let (Cell::Text(id), Cell::Text(placeholder)) = (cell, wanted)
            && let Some(number) = number(placeholder)
        {
            return self.id_fault(id, number);
        }
        let loose = |text: &str| Json::read(text).map(|value| value.compact());
        let equal = match (cell, wanted) {
            (Cell::Text(text), Cell::Text(json)) if self.case.loose_json_text => {
                text == json || loose(json).is_ok_and(|json| *text == json)
            }
            _ => cell == wanted,
        };
        (!equal).then(|| format!("expected {wanted:?}"))
    }

    fn id_fault(&mut self, id: &str, number: &str) -> Option<String> {
        if id.is_empty() {
            return Some("expected an id".into());
        }
        if let Some((other, _)) = self
            .ids
            .iter()
            .find(|(n, known)| *n != number && *known == id)
        {
            return Some(format!("expected id {number}, which is not id {other}"));
        }
        let known = self.ids.entry(number.to_owned()).or_insert(id.to_owned());
        (known != id).then(|| format!("expected id {number}, which is {known:?}"))
    }

    fn say(&mut self, difference: String) {
        self.differences.push(difference);
    }
}

/// The number in `<id:N>` and `<parent:N>`.
fn number(placeholder: &str) -> Option<&str> {
    let rest = placeholder
        .strip_prefix("<id:")
        .or(placeholder.strip_prefix("<parent:"))?;
    rest.strip_suffix('>')
}

/// The differences of several runs of one case, each once and with the runs that show it.
pub(crate) fn summary(case: &Case, runs: &[(String, Vec<String>)]) -> Option<String> {
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for (run, differences) in runs {
        for difference in differences {
            match seen.iter_mut().find(|(known, _)| known == difference) {
                Some((_, runs)) => runs.push(run),
                None => seen.push((difference, vec![run])),
            }
        }
    }
    if seen.is_empty() {
        return None;
    }
    let mut out = format!("{} ({}): {}", case.name, case.profile.word(), case.why);
    for (difference, shown_by) in seen {
        let which = if shown_by.len() == runs.len() {
            "all runs".to_owned()
        } else {
            shown_by.join("; ")
        };
        out.extend(["\n    ", difference, " [", &which, "]"]);
    }
    Some(out)
}
