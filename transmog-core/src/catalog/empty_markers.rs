//! Decides which rows need a cell in the column of empty markers, and what it says: that a null,
//! `{}` or `[]` was there, or a value of another class than its column's first.

use std::{collections::BTreeSet, sync::Arc};

use arrow_schema::DataType;

use super::{Column, Table};
use crate::{
    base::ColumnPath,
    shred::{Mark, PathNotes, ShreddedTable},
    text,
    types::Class,
};

/// What stands for a value that the column of natural ids has not, because it holds a random id
/// there.
pub(crate) const ABSENT: &str = "absent";

/// One note of a row. In the order of the derive: by row, then by path, an array before its items.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Note<'a> {
    row: u32,
    path: &'a ColumnPath,
    item: Option<u32>,
    /// JSON text.
    says: Vec<u8>,
}

impl Table {
    /// The JSON texts that rows of the chunk need, in their order. Takes note of the first classes
    /// of columns.
    pub(super) fn notes(&mut self, chunk: &ShreddedTable) -> Vec<(u32, String)> {
        let mut notes = Vec::new();
        for of_path in &chunk.notes {
            let column = self.columns.get_mut(&of_path.path);
            let first = column.and_then(|column| {
                column.first = column.first.or(of_path.first);
                column.first
            });
            note_path(chunk, of_path, first, &mut notes);
        }
        self.note_absent(chunk, &mut notes);
        notes.sort_unstable();
        let mut texts: Vec<(u32, String)> = Vec::new();
        let mut cell = Vec::new();
        let mut notes = notes.into_iter().peekable();
        while let Some(note) = notes.next() {
            cell.push(if cell.is_empty() { b'{' } else { b',' });
            text::write_json_string(&mut cell, &pointer(note.path, note.item));
            cell.push(b':');
            cell.extend_from_slice(&note.says);
            if notes.peek().is_none_or(|next| next.row != note.row) {
                cell.push(b'}');
                let text = String::from_utf8(std::mem::take(&mut cell)).unwrap_or_default(); // Only text was written.
                texts.push((note.row, text));
            }
        }
        texts
    }

    /// Rows whose id is no value of theirs, although the id column is a data column.
    fn note_absent<'a>(&'a self, chunk: &'a ShreddedTable, notes: &mut Vec<Note<'a>>) {
        let absorbed = self.links.absorbed;
        let Some((path, _)) = absorbed.and_then(|at| self.columns.get_index(at)) else {
            return;
        };
        let column = chunk.columns.iter().find(|column| column.path == *path);
        let noted = notes.iter().filter(|note| note.path == path);
        let noted: BTreeSet<u32> = noted.map(|note| note.row).collect();
        for row in 0..chunk.rows {
            let is_empty = column.is_none_or(|column| column.values.place(row).is_none());
            if is_empty && !noted.contains(&(row as u32)) {
                notes.push(Note {
                    row: row as u32,
                    path,
                    item: None,
                    says: format!("\"{ABSENT}\"").into_bytes(),
                });
            }
        }
    }
}

impl Column {
    /// See [`ColumnInfo::class`].
    pub(super) fn class(&self) -> Option<Class> {
        let is_text = self.kinds.data_type(self.items) == DataType::Utf8;
        let class = self.first.or_else(|| Class::of_kinds(self.kinds));
        class.filter(|_| is_text)
    }
}

/// The notes of one path. `first` is the class of the run's first value there; `None` where there
/// is no column, for what has none of its own is JSON text, which needs no class.
fn note_path<'a>(
    chunk: &'a ShreddedTable,
    of_path: &'a PathNotes,
    first: Option<Class>,
    notes: &mut Vec<Note<'a>>,
) {
    let path = &of_path.path;
    let mut note = |row: u32, item: Option<u32>, mark: &Mark| {
        let mut says = Vec::new();
        mark.write(&mut says);
        notes.push(Note {
            row,
            path,
            item,
            says,
        });
    };
    for (row, mark) in &of_path.marks {
        if !matches!(mark, Mark::Class(class) if first.is_none_or(|first| *class == first)) {
            note(*row, None, mark);
        }
    }
    for (row, item, mark) in &of_path.items {
        note(*row, Some(*item), mark);
    }
    let (Some(of_chunk), Some(first)) = (of_path.first, first) else {
        return;
    };
    if of_chunk == first {
        return;
    }
    // The run began with another class: all values of the chunk's first class differ from it.
    let Some(column) = chunk.columns.iter().find(|column| column.path == *path) else {
        return;
    };
    let mark = Mark::Class(of_chunk);
    let mut marked = of_path.marks.iter().map(|(row, _)| *row).peekable();
    for row in column.values.places().map(|(row, _)| row as u32) {
        while marked.next_if(|at| *at < row).is_some() {}
        if marked.peek() != Some(&row) {
            note(row, None, &mark);
        }
    }
}

/// The JSON pointer of a path, or of an item of the array there.
fn pointer(path: &ColumnPath, item: Option<u32>) -> String {
    let mut pointer = pointer_of(path.iter().map(Arc::as_ref));
    if let Some(item) = item {
        pointer.push('/');
        pointer.push_str(&item.to_string());
    }
    pointer
}

/// The JSON pointer of keys: RFC 6901.
pub(crate) fn pointer_of<'k>(keys: impl IntoIterator<Item = &'k str>) -> String {
    let mut pointer = String::new();
    for key in keys {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}
