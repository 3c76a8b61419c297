//! Tracks what is open in a large record, and finds the complete items that can be cut out.
//!
//! Works on positions and keys alone; the text belongs to [`large`](super).

use std::{ops::Range, sync::Arc};

use transmog_core::{Plan as RunPlan, StreamedRows, TablePath};

/// An event in the record that may matter for a cut. The items of an array follow its `Open`.
/// Events within an item are dropped when the item is complete.
#[derive(Debug, Clone)]
enum Entry {
    Open {
        array: bool,
        /// Range of its key, with quotes; empty in an array.
        key: Range<usize>,
        at: usize,
        /// Number of items cut out of it, and whether any was.
        taken: u64,
        cut: bool,
    },
    Item {
        range: Range<usize>,
        object: bool,
    },
    /// A syntax error between items.
    Flaw(usize, &'static str),
    Close,
}

/// An object or array that is open.
#[derive(Debug, Clone)]
struct Frame {
    closer: u8,
    /// Its entry.
    entry: usize,
    /// What may come next in an array.
    expects: Expects,
    /// Where the current item begins, and where its entries do.
    begun: usize,
    entries: usize,
    /// In an object, the last string, and the current key.
    string: Range<usize>,
    key: Range<usize>,
    /// True if something within was cut out.
    cut: bool,
    /// True if nothing within is to be cut out.
    never: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    First,
    Value,
    Comma,
}

/// The open objects and arrays of a large record, and the complete items that they hold.
#[derive(Debug, Default)]
pub(super) struct CutPoints {
    entries: Vec<Entry>,
    frames: Vec<Frame>,
}

/// Items of one array that are cut out.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) table: TablePath,
    /// Numbers of the open items that the array is in, outermost first.
    pub(super) open: Vec<u64>,
    /// Number of the first item.
    pub(super) first: u64,
    pub(super) items: Vec<Range<usize>>,
}

/// All items that are cut out in one step, in input order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) cuts: Vec<Cut>,
    /// Ranges to remove from the text: the items, and the commas before the open one.
    pub(super) removals: Vec<Range<usize>>,
}

/// A syntax error: its position and message.
pub(super) type Wrong = (usize, &'static str);

impl CutPoints {
    pub(super) fn entries(&self) -> usize {
        self.entries.len()
    }

    /// True if something was cut out of the record.
    pub(super) fn was_cut(&self) -> bool {
        self.frames.first().is_some_and(|frame| frame.cut)
    }

    /// Number of open objects and arrays.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn begin_value(&mut self, at: usize) {
        if let Some(frame) = self.frames.last_mut()
            && frame.closer == b']'
        {
            if frame.expects == Expects::Comma && !frame.never {
                let message = "expected a comma or the end of the array";
                self.entries.push(Entry::Flaw(at, message));
            }
            (frame.begun, frame.entries) = (at, self.entries.len());
        }
    }

    pub(super) fn end_value(&mut self, end: usize, object: bool) {
        if let Some(frame) = self.frames.last_mut()
            && frame.closer == b']'
        {
            self.entries.truncate(frame.entries);
            if !frame.never {
                let range = frame.begun..end;
                self.entries.push(Entry::Item { range, object });
            }
            frame.expects = Expects::Comma;
        }
    }

    pub(super) fn string(&mut self, range: Range<usize>) {
        let end = range.end;
        if let Some(frame) = self.frames.last_mut()
            && frame.closer == b'}'
        {
            frame.string = range;
        }
        self.end_value(end, false);
    }

    pub(super) fn comma(&mut self, at: usize) {
        if let Some(frame) = self.frames.last_mut() {
            if frame.closer == b'}' {
                frame.key = 0..0;
            } else if frame.expects == Expects::Comma {
                frame.expects = Expects::Value;
            } else if !frame.never {
                self.entries.push(Entry::Flaw(at, "expected a value"));
            }
        }
    }

    pub(super) fn colon(&mut self, at: usize) {
        if let Some(frame) = self.frames.last_mut() {
            if frame.closer == b'}' {
                frame.key = frame.string.clone();
            } else if !frame.never {
                let message = "expected a comma or the end of the array";
                self.entries.push(Entry::Flaw(at, message));
            }
        }
    }

    pub(super) fn open(&mut self, byte: u8, at: usize) {
        let array = byte == b'[';
        let (key, never) = match self.frames.last() {
            Some(outer) if outer.closer == b'}' => (outer.key.clone(), outer.never),
            Some(outer) => (0..0, outer.never || array),
            None => (0..0, array),
        };
        self.frames.push(Frame {
            closer: byte + 2,
            entry: self.entries.len(),
            expects: Expects::First,
            begun: at,
            entries: self.entries.len(),
            string: 0..0,
            key: 0..0,
            cut: false,
            never,
        });
        self.entries.push(Entry::Open {
            array,
            key,
            at,
            taken: 0,
            cut: false,
        });
    }

    /// The level that a closing bracket closes, together with all levels within.
    pub(super) fn level_of(&self, closer: u8) -> Option<usize> {
        self.frames.iter().rposition(|frame| frame.closer == closer)
    }

    /// True if a record or item that ends with this level was cut.
    pub(super) fn must_cut(&self, level: usize) -> bool {
        (level..self.frames.len()).any(|i| {
            let is_item = i == 0 || self.frames[i - 1].closer == b']';
            is_item && self.frames[i].cut
        })
    }

    /// Closes a level and all within.
    pub(super) fn close(&mut self, level: usize, end: usize) {
        while self.frames.len() > level {
            let Some(frame) = self.frames.pop() else {
                return;
            };
            let array = frame.closer == b']';
            if array && frame.expects == Expects::Value && !frame.never {
                let message = "expected a value after the comma";
                self.entries.push(Entry::Flaw(end - 1, message));
            }
            if frame.never || self.entries.len() == frame.entry + 1 {
                self.entries.truncate(frame.entry);
            } else {
                self.entries.push(Entry::Close);
            }
            self.end_value(end, !array);
        }
    }

    /// Finds what can be cut out, and removes it from the cut points: all complete items of arrays
    /// that become tables. An open item smaller than `small` bytes stays whole. `text` is the
    /// record, in two parts.
    pub(super) fn cut(
        &mut self,
        run_plan: &RunPlan,
        text: (&[u8], &[u8]),
        small: usize,
    ) -> Result<Plan, Wrong> {
        let mut scanner = CutScanner {
            run_plan,
            text,
            small,
            frames: self.frames.clone(),
            next_frame: 0,
            kept: Vec::new(),
            around: Vec::new(),
            plan: Plan::default(),
        };
        let mut at = 0;
        while at < self.entries.len() {
            at = scanner.entry(&self.entries, at)?;
        }
        let CutScanner {
            mut frames,
            mut kept,
            plan,
            ..
        } = scanner;
        let shift = Shift::new(&plan.removals);
        for frame in &mut frames {
            frame.begun = shift.of(frame.begun);
            shift.range(&mut frame.string);
            shift.range(&mut frame.key);
        }
        for entry in &mut kept {
            match entry {
                Entry::Open { key, at, .. } => {
                    shift.range(key);
                    *at = shift.of(*at);
                }
                Entry::Item { range, .. } => shift.range(range),
                Entry::Flaw(at, _) => *at = shift.of(*at),
                Entry::Close => {}
            }
        }
        (self.frames, self.entries) = (frames, kept);
        Ok(plan)
    }
}

/// Maps positions before a cut to those after it.
struct Shift {
    /// End of each removed range, and the bytes removed up to it.
    removed: Vec<(usize, usize)>,
}

impl Shift {
    fn new(removals: &[Range<usize>]) -> Self {
        let mut sum = 0;
        let removed = removals.iter().map(|removal| {
            sum += removal.len();
            (removal.end, sum)
        });
        Self {
            removed: removed.collect(),
        }
    }

    fn of(&self, at: usize) -> usize {
        let before = self.removed.partition_point(|(end, _)| *end <= at);
        let removed = before.checked_sub(1).map_or(0, |last| self.removed[last].1);
        at.saturating_sub(removed)
    }

    fn range(&self, range: &mut Range<usize>) {
        *range = self.of(range.start)..self.of(range.end);
    }
}

/// An object or array that contains the current entry.
struct Level {
    array: bool,
    /// The table whose rows its fields belong to; `None` within what is not cut.
    rows: Option<TablePath>,
    /// Keys from the row.
    keys: Vec<Arc<str>>,
    /// In an array, the index of the open item.
    item: u64,
}

/// One scan over all entries, from the outermost array inwards.
struct CutScanner<'a> {
    run_plan: &'a RunPlan,
    text: (&'a [u8], &'a [u8]),
    small: usize,
    frames: Vec<Frame>,
    next_frame: usize,
    kept: Vec<Entry>,
    around: Vec<Level>,
    plan: Plan,
}

impl CutScanner<'_> {
    /// Handles the entry at an index, and returns the index of the next one.
    fn entry(&mut self, entries: &[Entry], at: usize) -> Result<usize, Wrong> {
        let (array, key) = match &entries[at] {
            Entry::Open { array, key, .. } => (*array, key.clone()),
            Entry::Close => {
                self.around.pop();
                return Ok(at + 1);
            }
            Entry::Item { .. } | Entry::Flaw(..) => return Ok(at + 1),
        };
        let frame = self.next_frame;
        let open = self.frames.get(frame).is_some_and(|one| one.entry == at);
        let (mut rows, mut keys) = match self.around.last() {
            None => (Some(TablePath::main()), Vec::new()),
            Some(outer) if outer.array => (outer.rows.clone(), Vec::new()),
            Some(outer) => {
                let mut keys = outer.keys.clone();
                keys.extend(self.key(&key));
                (outer.rows.clone(), keys)
            }
        };
        if !array {
            if open {
                self.keep(&entries[at]);
            }
            let item = 0;
            self.around.push(Level {
                array,
                rows,
                keys,
                item,
            });
            return Ok(at + 1);
        }
        let is_field = self.around.last().is_some_and(|outer| !outer.array);
        rows = rows.filter(|_| is_field && !keys.is_empty());
        rows = rows.map(|rows| rows.child(std::mem::take(&mut keys).into()));
        self.array(entries, at, open, rows)
    }

    fn array(
        &mut self,
        entries: &[Entry],
        at: usize,
        open: bool,
        table: Option<TablePath>,
    ) -> Result<usize, Wrong> {
        let frame = self.next_frame;
        let mut entry = entries[at].clone();
        let Entry::Open {
            at: start,
            taken,
            cut,
            ..
        } = &mut entry
        else {
            return Ok(at + 1);
        };
        let held = &entries[at + 1..];
        let is_own = |entry: &&Entry| matches!(entry, Entry::Item { .. } | Entry::Flaw(..));
        let held = &held[..held.iter().take_while(is_own).count()];
        let behind = at + 1 + held.len();
        let inner = self.frames.get(frame + 1).filter(|_| open).cloned();
        let early = table
            .as_ref()
            .map(|table| self.run_plan.streamed_rows(table));
        let has_object = held
            .iter()
            .any(|entry| matches!(entry, Entry::Item { object: true, .. }))
            || inner.as_ref().is_some_and(|inner| inner.closer == b'}');
        let takes = match early {
            Some(StreamedRows::Always) => true,
            Some(StreamedRows::WithObjects) => *cut || has_object,
            _ => false,
        };
        let undecided = open && !takes && early == Some(StreamedRows::WithObjects);
        let mut rows = None;
        if let Some(table) = table.filter(|_| takes) {
            let items: Vec<Range<usize>> = held
                .iter()
                .map(|entry| match entry {
                    Entry::Item { range, .. } => Ok(range.clone()),
                    Entry::Flaw(at, message) => Err((*at, *message)),
                    _ => Err((*start, "expected a value")),
                })
                .collect::<Result<_, _>>()?;
            let content = *start + 1;
            let end = match (&inner, items.last()) {
                (Some(_), _) => Some(self.frames[frame].begun),
                (None, last) => last.map(|item| item.end),
            };
            if let Some(end) = end.filter(|_| *cut || !items.is_empty()) {
                self.plan.removals.push(content..end);
            }
            if !items.is_empty() {
                let first = *taken;
                (*taken, *cut) = (first + items.len() as u64, true);
                // Everything that is open here now contains a cut.
                let enclosing = frame + usize::from(open);
                for frame in &mut self.frames[..enclosing] {
                    frame.cut = true;
                }
                let numbers = self.around.iter().filter(|level| level.array);
                self.plan.cuts.push(Cut {
                    table: table.clone(),
                    open: numbers.map(|level| level.item).collect(),
                    first,
                    items,
                });
            }
            rows = Some(table);
        }
        let item = *taken;
        if open {
            self.keep(&entry);
            if undecided {
                self.kept.extend_from_slice(held);
            } else if !takes {
                self.frames[frame].never = true;
            }
            self.frames[frame].entries = self.kept.len();
            if let Some(inner) = inner
                && takes
                && !inner.cut
                && self.size(self.frames[frame].begun) < self.small
            {
                self.keep_rest(entries, behind);
                return Ok(entries.len());
            }
        }
        self.around.push(Level {
            array: true,
            rows,
            keys: Vec::new(),
            item,
        });
        Ok(behind)
    }

    /// Keeps the entry of an open object or array.
    fn keep(&mut self, entry: &Entry) {
        self.frames[self.next_frame].entry = self.kept.len();
        self.next_frame += 1;
        self.kept.push(entry.clone());
    }

    /// Keeps all entries from this index on.
    fn keep_rest(&mut self, entries: &[Entry], from: usize) {
        let to = self.kept.len();
        for frame in &mut self.frames[self.next_frame..] {
            frame.entry = frame.entry - from + to;
            frame.entries = (frame.entries + to).saturating_sub(from);
        }
        self.kept.extend_from_slice(&entries[from..]);
    }

    /// Bytes from this position to the end of what was read.
    fn size(&self, at: usize) -> usize {
        self.text.0.len() + self.text.1.len() - at
    }

    fn key(&self, range: &Range<usize>) -> Option<Arc<str>> {
        let (kept, read) = self.text;
        let literal = match range.start.checked_sub(kept.len()) {
            Some(start) => read.get(start..range.end - kept.len()),
            None => kept.get(range.clone()),
        };
        super::super::unescape(literal?).map(Arc::from)
    }
}
