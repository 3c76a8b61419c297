//! Keeps the cells of CSV columns that become text as they were written.
//!
//! ```text
//! record   cell    written as
//! 1        1.50    1.5      a float; counted, because it differs from the cell
//! 2        2.25    2.25
//! 3        n/a     n/a      here the column becomes text
//! 4        3.10    3.10     text as written, even if its chunk was shredded before that was known
//! ```
//!
//! Chunks after the change are shredded again. Cells before it are written already: they are
//! counted, and the run may start a second pass with the column as text from the first record on.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Range,
    sync::Arc,
};

use transmog_core::{Catalog, Location, Plan, Shredder, TypeChange};

use super::{Job, Shredded, ordered::number, shred_chunk};
use crate::{
    error::Error,
    records::{
        ReadChunk, Reject, Rules,
        csv::{TextColumns, TextFrom},
    },
    report::TypeChanges,
    split::{Chunk, Records},
};

/// What the second pass knows from the first.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// Columns that are text from the first record on.
    pub(super) columns: BTreeSet<String>,
    /// All changes of types in the first pass.
    pub(super) type_changes: TypeChanges,
}

/// Tracks CSV columns that become text.
pub(super) struct AsWritten {
    plan: Arc<Plan>,
    rules: Rules,
    /// Columns that are text by now, shared with the workers.
    columns: TextColumns,
    /// By column: cells so far whose values are formatted differently.
    respelled: BTreeMap<String, u64>,
    /// The input of the previous chunk.
    input: Option<usize>,
    /// Columns that the first rows of an input made text: name, earlier type, cell, position.
    decided: VecDeque<(String, String, String, Location)>,
    /// All such columns of the run so far.
    reported: BTreeSet<String>,
    /// Columns that are text from the first record on, as the first pass found.
    fixed: BTreeSet<String>,
    shredder: Option<Shredder>,
}

impl AsWritten {
    pub(super) fn new(job: &Job, columns: BTreeSet<String>) -> Self {
        Self {
            plan: Arc::clone(&job.plan),
            rules: job.rules(),
            columns: TextColumns::new(columns.clone()),
            fixed: columns,
            respelled: BTreeMap::new(),
            input: None,
            decided: VecDeque::new(),
            reported: BTreeSet::new(),
            shredder: None,
        }
    }

    /// Columns that are text by now, for the workers.
    pub(super) fn columns(&self) -> &TextColumns {
        &self.columns
    }

    /// Checks the next chunk in input order, before the catalog sees it. If it has values in
    /// columns that are text by now, it is shredded again.
    pub(super) fn next(
        &mut self,
        catalog: &Catalog,
        shredded: Shredded,
    ) -> Result<Shredded, Error> {
        let Records::Rows { table, .. } = &shredded.chunk.records else {
            return Ok(shredded);
        };
        if shredded.taken.failed.is_some() {
            return Ok(shredded);
        }
        self.begin_input(catalog, &shredded.chunk);
        let left_out = left_out(&shredded.taken.rejects);
        let mut later = Vec::new();
        let mut is_text = false;
        for (column, row) in catalog.text_from(&shredded.taken.parts) {
            if table.is_typed(&column) {
                is_text = true;
                match row {
                    0 => self.columns.add(&column),
                    _ => later.push((number(row, &left_out), column)),
                }
            }
        }
        let mut shredded = if is_text {
            later.sort();
            self.shred_again(shredded, later)?
        } else {
            shredded
        };
        self.mark_rejects(catalog, &mut shredded);
        for (column, cells) in &shredded.taken.respelled {
            match self.respelled.get_mut(column) {
                Some(known) => *known += cells,
                None => {
                    self.respelled.insert(column.clone(), *cells);
                }
            }
        }
        Ok(shredded)
    }

    /// Shreds a chunk again, with all columns as text that are text by now, and those in `later`
    /// from a record on.
    fn shred_again(
        &mut self,
        shredded: Shredded,
        later: Vec<(u64, String)>,
    ) -> Result<Shredded, Error> {
        let unused = self.shredder.take();
        let mut shredder = unused.unwrap_or_else(|| Shredder::new(Arc::clone(&self.plan)));
        let whole = self.columns.names();
        let text = TextFrom { whole, later };
        let read = Ok((shredded.chunk, shredded.bytes_read));
        let shredded = shred_chunk(&mut shredder, read, &self.rules, &text)?;
        if shredded.taken.failed.is_none() {
            self.shredder = Some(shredder);
        }
        for (_, column) in text.later {
            self.columns.add(&column);
        }
        Ok(shredded)
    }

    /// Stores with rejected rows which columns were text at that point, for reading the rows again.
    fn mark_rejects(&self, catalog: &Catalog, shredded: &mut Shredded) {
        let ReadChunk { rejects, parts, .. } = &mut shredded.taken;
        let Records::Rows { table, .. } = &shredded.chunk.records else {
            return;
        };
        if rejects.is_empty() {
            return;
        }
        let left_out = left_out(rejects);
        let text_from = |name: &str| {
            if self.fixed.contains(name) {
                return Some(0);
            }
            let row = catalog.text_from_row(parts, name)?;
            Some(if row == 0 { 0 } else { number(row, &left_out) })
        };
        let columns = table.typed_names();
        let text: Vec<(u64, &str)> = columns
            .filter_map(|name| Some((text_from(name)?, name)))
            .collect();
        for reject in rejects {
            let known = text.iter().filter(|(from, _)| *from <= reject.number);
            let known: BTreeSet<String> = known.map(|(_, name)| (*name).to_owned()).collect();
            reject.table = reject.table.take().map(|table| table.with_text(&known));
        }
    }

    /// Collects the columns that the first rows of an input made text.
    fn begin_input(&mut self, catalog: &Catalog, chunk: &Chunk) {
        let Records::Rows { table, .. } = &chunk.records else {
            return;
        };
        if self.input.replace(chunk.input_number) == Some(chunk.input_number) {
            return;
        }
        for decided in table.decided() {
            let from = catalog.flat_type(&decided.column, decided.before);
            if let Some(from) = from
                && self.reported.insert(decided.column.clone())
            {
                let (column, cell) = (decided.column.clone(), decided.cell.clone());
                self.decided
                    .push_back((column, from, cell, decided.place.clone()));
            }
        }
    }

    /// The type changes by first rows that belong to these records of the input.
    pub(super) fn decided(
        &mut self,
        catalog: &Catalog,
        records: &Range<u64>,
    ) -> Vec<(TypeChange, Location)> {
        let is_before = |place: &Location| place.record.is_none_or(|at| at < records.end);
        let mut changes = Vec::new();
        while let Some((column, from, cell, place)) =
            self.decided.pop_front_if(|(.., place)| is_before(place))
        {
            // A column that settings exclude has no change.
            if let Some(mut change) = catalog.flat_change(&column, from, &cell) {
                change.record = place
                    .record
                    .unwrap_or_default()
                    .saturating_sub(records.start);
                changes.push((change, place));
            }
        }
        changes
    }

    /// True if first rows decided this change, so that it is reported with them.
    pub(super) fn is_decided(&self, change: &TypeChange) -> bool {
        let key = change.flat_key().filter(|_| change.is_text);
        key.is_some_and(|key| self.reported.contains(key))
    }

    /// The number of written cells of a column, now text, whose values are formatted differently.
    pub(super) fn respelled(&mut self, change: &TypeChange) -> u64 {
        let key = change.flat_key().filter(|_| change.is_text);
        let Some(key) = key else { return 0 };
        self.columns.add(key);
        self.respelled.remove(key).unwrap_or_default()
    }
}

/// Numbers of the records that were left out of the tables.
pub(super) fn left_out(rejects: &[Reject]) -> Vec<u64> {
    let left_out = rejects.iter();
    let left_out = left_out.filter(|reject| reject.is_record && !reject.kept);
    left_out.map(|reject| reject.number).collect()
}
