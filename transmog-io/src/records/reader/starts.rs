//! Maps the number of a record to its place in the chunk.

/// Finds the stretch of a chunk (a line, an item, a row) that contains a record. Most stretches
/// contain exactly one record, so only exceptions are stored.
///
/// ```text
/// line 0   {"a":1}            record 0
/// line 1                      none          note: record 1 begins on line 2
/// line 2   {"a":2}{"a":3}     records 1, 2  note: record 3 would begin on line 3
/// ```
#[derive(Debug, Default)]
pub(crate) struct Starts {
    /// The number of records before a stretch, and the index of the stretch.
    notes: Vec<(u64, usize)>,
    /// Number of records and stretches so far.
    met: (u64, usize),
}

impl Starts {
    /// Adds a stretch, before which there are this many records.
    #[inline]
    pub(super) fn next(&mut self, records: u64) {
        let (expected, stretch) = self.met;
        if records != expected {
            self.notes.push((records, stretch));
        }
        self.met = (records + 1, stretch + 1);
    }

    /// Ends the chunk, which has this many records.
    pub(super) fn end(&mut self, records: u64) {
        let (expected, stretch) = self.met;
        if records != expected {
            self.notes.push((records, stretch));
        }
    }

    /// The index of the stretch that contains a record.
    pub(crate) fn stretch(&self, record: u64) -> usize {
        let after = self.notes.partition_point(|(before, _)| *before <= record);
        let (records, first) = after.checked_sub(1).map_or((0, 0), |last| self.notes[last]);
        let stretch = first + usize::try_from(record - records).unwrap_or(usize::MAX);
        match self.notes.get(after) {
            Some((_, next)) => stretch.min(next.saturating_sub(1)),
            None => stretch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_where_stretches_hold_none_or_several() {
        for stretches in [
            vec![1, 1, 1],
            vec![1, 0, 2],
            vec![0, 0, 3, 1, 0, 1],
            vec![2, 2, 0, 0, 1, 1, 5, 0],
        ] {
            let mut starts = Starts::default();
            let mut expected = Vec::new();
            for (stretch, records) in stretches.iter().enumerate() {
                starts.next(expected.len() as u64);
                expected.extend(std::iter::repeat_n(stretch, *records));
            }
            starts.end(expected.len() as u64);
            let found = (0..expected.len() as u64).map(|record| starts.stretch(record));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{stretches:?}");
        }
    }
}
