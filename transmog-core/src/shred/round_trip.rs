//! Notes what cells do not say and the way back needs: nulls, empty objects and arrays, and values
//! of another class than their column's first. Only if the settings ask for it.

use super::{
    Item, Place, Shredder,
    place::{NodeId, TableId},
    shape::Shape,
};
use crate::{
    base::ColumnPath,
    config::{ArrayMode, EmptyText, Nulls},
    types::Class,
    value::{Scalar, Value},
};

/// What stands for a value that became the only item of an array.
pub(crate) const ONLY: &str = "only";

/// What stood in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    Null,
    EmptyText,
    Object,
    Array,
    /// An array as JSON text, where its cell spells the items otherwise.
    Literal(String),
    /// A value that became the only item of an array.
    Only,
    /// A value of this class, which is not that of the column's first value in the chunk.
    Class(Class),
}

impl Mark {
    fn of_empty(value: &Value) -> Self {
        match value.readable() {
            Value::Null => Self::Null,
            Value::Text(_) => Self::EmptyText,
            Value::Object(_) => Self::Object,
            _ => Self::Array,
        }
    }

    /// What the note says, as JSON.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::EmptyText => out.extend_from_slice(b"\"\""),
            Self::Object => out.extend_from_slice(b"{}"),
            Self::Array => out.extend_from_slice(b"[]"),
            Self::Literal(json) => out.extend_from_slice(json.as_bytes()),
            Self::Only => {
                out.extend_from_slice(b"\"");
                out.extend_from_slice(ONLY.as_bytes());
                out.extend_from_slice(b"\"");
            }
            Self::Class(class) => {
                out.push(b'"');
                out.extend_from_slice(class.as_str().as_bytes());
                out.push(b'"');
            }
        }
    }
}

/// The notes of a chunk about one path of a table.
#[derive(Debug, Clone)]
pub struct PathNotes {
    pub(crate) path: ColumnPath,
    /// The class of the first value.
    pub(crate) first: Option<Class>,
    /// Rows and what stood in them, in the order of rows: all but values of the first class.
    pub(crate) marks: Vec<(u32, Mark)>,
    /// Items of the array in that place that have no rows: row, number of the item, and what it
    /// was.
    pub(crate) items: Vec<(u32, u32, Mark)>,
}

/// The notes of the current chunk.
#[derive(Debug, Default)]
pub(super) struct Notes {
    nodes: Vec<NodeNotes>,
    /// Nodes with notes in this chunk.
    of_chunk: Vec<NodeId>,
    /// Nodes that the current record has notes on, and what they had before.
    of_record: Vec<(NodeId, Option<First>, usize, usize)>,
    record: u64,
}

#[derive(Debug, Default)]
struct NodeNotes {
    /// True if it is one of the chunk's.
    listed: bool,
    /// The record that it was changed by last.
    record: u64,
    first: Option<First>,
    marks: Vec<(u32, Mark)>,
    items: Vec<(u32, u32, Mark)>,
}

/// The first value of a node in a chunk.
#[derive(Debug, Clone, Copy)]
struct First {
    row: u32,
    class: Class,
}

impl Notes {
    fn node(&mut self, node: NodeId) -> &mut NodeNotes {
        if self.nodes.len() <= node {
            self.nodes.resize_with(node + 1, NodeNotes::default);
        }
        let at = &mut self.nodes[node];
        if !at.listed {
            at.listed = true;
            self.of_chunk.push(node);
        }
        // Records count from 1 here, so that none is the default's.
        if at.record != self.record + 1 {
            at.record = self.record + 1;
            self.of_record
                .push((node, at.first, at.marks.len(), at.items.len()));
        }
        at
    }

    fn class(&mut self, node: NodeId, row: usize, class: Class) {
        match self.nodes.get(node).and_then(|at| at.first) {
            Some(first) if first.class == class => {}
            Some(_) => self.mark(node, row, Mark::Class(class)),
            None => {
                let row = row as u32;
                self.node(node).first = Some(First { row, class });
            }
        }
    }

    /// Forgets of which class a row's value is, because no cell gets it.
    pub(super) fn forget_class(&mut self, node: NodeId, row: usize) {
        let Some(at) = self.nodes.get_mut(node) else {
            return;
        };
        if at.first.is_some_and(|first| first.row == row as u32) {
            at.first = None;
        }
        let is_class =
            |(of_row, mark): &(u32, Mark)| *of_row == row as u32 && matches!(mark, Mark::Class(_));
        if at.marks.last().is_some_and(is_class) {
            at.marks.pop();
        }
    }

    fn mark(&mut self, node: NodeId, row: usize, mark: Mark) {
        self.node(node).marks.push((row as u32, mark));
    }

    /// Forgets the record if it was not taken.
    pub(super) fn end_record(&mut self, taken: bool) {
        for (node, first, marks, items) in self.of_record.drain(..) {
            if !taken {
                let at = &mut self.nodes[node];
                at.first = first;
                at.marks.truncate(marks);
                at.items.truncate(items);
            }
        }
        self.record += 1;
    }

    /// Takes the chunk's notes on the paths of a table out.
    pub(super) fn take(&mut self, shape: &Shape, table: TableId) -> Vec<PathNotes> {
        let mut taken = Vec::new();
        for &node in &self.of_chunk {
            if shape.table_of(node) != table {
                continue;
            }
            let at = std::mem::take(&mut self.nodes[node]);
            if at.first.is_some() || !at.marks.is_empty() || !at.items.is_empty() {
                taken.push(PathNotes {
                    path: ColumnPath::clone(shape.path(node)),
                    first: at.first.map(|first| first.class),
                    marks: at.marks,
                    items: at.items,
                });
            }
        }
        taken
    }

    /// Ends the chunk, when the notes of its tables are taken.
    pub(super) fn end_chunk(&mut self) {
        for node in self.of_chunk.drain(..) {
            self.nodes[node] = NodeNotes::default();
        }
    }
}

impl Shredder {
    /// Notes a scalar before the value rules see it.
    #[cold]
    pub(super) fn note_scalar(&mut self, place: Place, value: Scalar<'_>) {
        let Some(notes) = &mut self.notes else { return };
        match (value, value.class()) {
            (Scalar::Text(""), _) => notes.mark(place.node, place.row, Mark::EmptyText),
            (_, Some(class)) => notes.class(place.node, place.row, class),
            (_, None) => notes.mark(place.node, place.row, Mark::Null),
        }
    }

    /// Notes an object or an array that becomes JSON text or a list.
    pub(super) fn note_json(&mut self, place: Place) {
        if let Some(notes) = &mut self.notes {
            notes.class(place.node, place.row, Class::Json);
        }
    }

    /// Notes an array whose items are spelled as text.
    pub(super) fn note_literal(&mut self, place: Place, array: &Value) {
        if let Some(notes) = &mut self.notes {
            notes.mark(place.node, place.row, Mark::Literal(array.to_json()));
        }
    }

    /// Notes an object without fields. That a record has none shows without.
    pub(super) fn note_empty_object(&mut self, place: Place) {
        if let Some(notes) = &mut self.notes
            && place.node != self.shape.main_table().1
        {
            notes.mark(place.node, place.row, Mark::Object);
        }
    }

    /// Notes an array without items.
    pub(super) fn note_empty_array(&mut self, place: Place) {
        if let Some(notes) = &mut self.notes {
            notes.mark(place.node, place.row, Mark::Array);
        }
    }

    /// Notes null, empty text, or an object or array that has nothing in it.
    pub(super) fn note_empty(&mut self, place: Place, value: &Value) {
        if let Some(notes) = &mut self.notes {
            notes.mark(place.node, place.row, Mark::of_empty(value));
        }
    }

    /// Notes an item that gets no row: null, empty text, `{}` or `[]`.
    pub(super) fn note_no_row(&mut self, item: Item, value: &Value) {
        // The row may have the whole array as JSON text.
        if self.plan.settings.array_mode == ArrayMode::Keep {
            let mut kept = self.kept.iter().rev();
            if kept.any(|(place, _)| (place.node, place.row) == (item.node, item.parent_row)) {
                return;
            }
        }
        let Some(notes) = &mut self.notes else { return };
        let mark = Mark::of_empty(value);
        let node = notes.node(item.node);
        let row = item.parent_row as u32;
        if node.marks.last() == Some(&(row, Mark::Only)) {
            // Without an item there is no array.
            node.marks.pop();
            node.marks.push((row, mark));
            return;
        }
        let array = (row, Mark::Array);
        if node.marks.last() != Some(&array) {
            node.marks.push(array);
        }
        node.items.push((row, item.index as u32, mark));
    }

    /// Notes a value that becomes the only item of an array.
    pub(super) fn note_only(&mut self, place: Place) {
        if let Some(notes) = &mut self.notes {
            notes.mark(place.node, place.row, Mark::Only);
        }
    }

    /// Notes the entry of a map if it gets no row, in the place where it stood. True if it gets
    /// none.
    pub(super) fn note_no_entry(&mut self, map: Place, key: &str, value: &Value) -> bool {
        let mark = match value.readable() {
            Value::Null if self.plan.settings.nulls == Nulls::Drop => Mark::Null,
            Value::Text(text)
                if text.is_empty() && self.plan.settings.empty_text == EmptyText::Drop =>
            {
                Mark::EmptyText
            }
            other if other.is_empty_container() && self.plan.settings.skip_empty_items => {
                Mark::of_empty(other)
            }
            _ => return false,
        };
        if let Some(notes) = &mut self.notes {
            let stamp = self.stamp + 1;
            self.stamp = stamp;
            if let Some(node) = self.shape.field(map.node, key, &mut 0, stamp) {
                notes.mark(node, map.row, mark);
            }
        }
        true
    }
}
