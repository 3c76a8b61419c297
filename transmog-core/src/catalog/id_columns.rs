//! Finds the columns that hold a table's natural ids, and so the type of the columns that refer to
//! them.

use std::ops::Range;

use arrow_schema::DataType;

use super::{Candidate, Catalog, Choice, Column, Table, id_check::IdWords};
use crate::{
    base::{ColumnPath, Role},
    config::NaturalIds,
    plan::Plan,
    shred::ShreddedTable,
    types::{Class, Kinds},
};

/// What the rows of a table are pointed at with.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Positions of the columns that natural ids were found in.
    used: Vec<usize>,
    /// True once a row had no natural id.
    synthetic: bool,
    /// True if a data column of the id column's name is the id column.
    pub(super) absorbs: bool,
    /// Position of that column.
    pub(super) absorbed: Option<usize>,
}

impl Links {
    pub(super) fn new(plan: &Plan, table: &str) -> Self {
        let id_column = plan.settings.metadata.id.as_deref();
        let natural = plan.settings.ids.natural();
        Self {
            absorbs: natural.is_some_and(|natural| natural.absorbs(table, id_column)),
            ..Self::default()
        }
    }
}

impl Table {
    /// The columns that are not metadata columns.
    pub(super) fn data_columns(&self) -> impl Iterator<Item = (&ColumnPath, &Column)> {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(|(i, column)| (self.links.absorbed != Some(i)).then_some(column))
    }

    /// Makes a new column the id column if it has its name.
    pub(super) fn absorb(&mut self, index: usize) {
        let id_column = self.metadata.iter().find(|(role, _)| *role == Role::Id);
        if self.links.absorbs
            && self.links.absorbed.is_none()
            && id_column.is_some_and(|(_, name)| *name == self.columns[index].name)
        {
            self.links.absorbed = Some(index);
        }
    }

    /// Path of the data column that is a metadata column.
    pub(super) fn absorbed_path(&self, role: Role) -> Option<&ColumnPath> {
        let absorbed = self.links.absorbed.filter(|_| role == Role::Id)?;
        self.columns.get_index(absorbed).map(|(path, _)| path)
    }

    /// What the cells of the data column that is a metadata column stand for.
    pub(super) fn absorbed_class(&self, role: Role) -> Option<Class> {
        let absorbed = self.links.absorbed.filter(|_| role == Role::Id)?;
        let (_, column) = self.columns.get_index(absorbed)?;
        column.first.or_else(|| Class::of_kinds(column.kinds))
    }

    /// Finds the natural ids of a chunk's rows. `sources` are the positions of the table's columns
    /// in the chunk.
    pub(super) fn choose(
        &mut self,
        natural: &NaturalIds,
        chunk: &ShreddedTable,
        sources: &[Option<usize>],
        words: &mut IdWords,
    ) -> Choice {
        let (mut known, mut candidates) = (Vec::new(), Vec::new());
        let mut asked: Vec<(usize, Range<usize>)> = Vec::new();
        for (number, word, is_mapped) in natural.words_for(&self.name) {
            let before = known.len();
            for column in self.meant(word) {
                let any = is_mapped || self.links.absorbed == Some(column);
                if let Some(position) = sources[column] {
                    known.push(column);
                    candidates.push(Candidate { position, any });
                }
            }
            asked.push((number, before..known.len()));
        }
        let choice = Choice::new(chunk, &candidates);
        for (number, found) in asked.into_iter().filter(|_| chunk.rows > 0) {
            let is_there = !found.is_empty();
            let found = candidates[found].iter();
            let rows = found.map(|candidate| choice.rows_of(candidate.position) as u64);
            words.ask(number, is_there, rows.sum());
        }
        for (known, candidate) in std::iter::zip(known, candidates) {
            if !self.links.used.contains(&known) && choice.rows_of(candidate.position) > 0 {
                self.links.used.push(known);
            }
        }
        self.links.synthetic |= choice.missing() > 0;
        choice
    }

    /// Names of the columns that natural ids were found in, in the order in which they are looked
    /// for.
    pub(super) fn natural_ids(&self, plan: &Plan) -> Vec<String> {
        let Some(natural) = plan.settings.ids.natural() else {
            return Vec::new();
        };
        let words = natural.words_for(&self.name);
        let used = words.flat_map(|(_, word, _)| self.meant(word));
        let mut in_order: Vec<String> = Vec::new();
        for column in used.filter(|column| self.links.used.contains(column)) {
            let name = &self.columns[column].name;
            if !in_order.contains(name) {
                in_order.push(name.clone());
            }
        }
        in_order
    }

    /// The type of what child rows point at.
    pub(super) fn link_type(&self) -> DataType {
        let kinds = self.links.used.iter().map(|used| self.columns[*used].kinds);
        let kinds = kinds.fold(Kinds::NONE, Kinds::join);
        if self.links.synthetic || kinds.holds(Kinds::LIST) {
            return DataType::Utf8;
        }
        kinds.data_type(Kinds::NONE)
    }
}

impl Catalog {
    /// The type of a table's parent column.
    pub(super) fn parent_type(&self, table: &Table) -> DataType {
        let parent = table
            .parent
            .and_then(|parent| self.tables.get_index(parent));
        parent.map_or(DataType::Utf8, |(_, parent)| parent.link_type())
    }

    /// True if a table's schema does not have the types any more that its natural ids need.
    pub(super) fn links_changed(&self, table: &Table) -> bool {
        let fields = table.schema.fields();
        let fields = fields.iter().skip(table.data_columns().count());
        let mut metadata = std::iter::zip(&table.metadata, fields);
        metadata.any(|((role, _), field)| self.metadata_type(table, *role) != *field.data_type())
    }

    /// Rows in which a metadata column holds nothing.
    pub(super) fn metadata_nulls(&self, table: &Table, role: Role) -> u64 {
        let natural = self.plan.settings.ids.natural().is_some();
        if role == Role::Key {
            table.rows - table.keys
        } else if role == Role::Id && natural && !table.links.absorbs {
            table.rows - table.fallback_ids
        } else {
            0
        }
    }

    /// Counts rows of a table whose ids are random because there are no better ones.
    pub(crate) fn count_fallback_ids(&mut self, table: usize, rows: u64) {
        self.tables[table].fallback_ids += rows;
    }
}
