//! Cuts records that are too large for memory: items of long arrays are handed on before the record
//! ends.
//!
//! ```text
//! {"id":1,"items":[{..},{..}, ... 10 GB ... ,{..}],"total":7}
//!                  [ items ][ items ] ...           chunks of items, as soon as they are complete
//! {"id":1,"items":[],"total":7}                     the rest is the last chunk, with a gap
//! ```
//!
//! Only arrays that become tables can be cut, because their items become rows of their own.
//! [`cut_points`] decides what is cut; this module reads the record and makes the chunks.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{DEEPEST, Error as DataError, ErrorKind, Plan};

use super::{DocumentSplitter, Passed::Kept};
use crate::{
    error::Error,
    split::{Chunk, Gap, Records},
};

mod cut_points;

use cut_points::{Cut, CutPoints};

/// Deepest nesting in which something can be cut: two levels for each that settings allow, and
/// those of one more item.
const DEEPEST_CUT: usize = 2 * DEEPEST + 200;

/// When a record is cut, and by which settings.
#[derive(Debug, Clone)]
pub(crate) struct Cutting {
    pub(crate) plan: Arc<Plan>,
    /// Records up to this size are not cut.
    pub(crate) record_bytes: usize,
}

/// The record that is being cut. Positions count in `text` followed by the read buffer.
pub(super) struct Large {
    plan: Arc<Plan>,
    /// Complete items are cut out each time this many bytes were read.
    piece: usize,
    /// The part of the record up to the last cut, without what was cut out.
    text: Vec<u8>,
    gaps: Vec<Gap>,
    /// Byte and line of the input at which the record begins.
    start: (u64, u64),
    cut_points: CutPoints,
    /// Place and number of cut points at the last look.
    looked: (usize, usize),
    ready: VecDeque<Chunk>,
    done: bool,
}

impl Large {
    pub(super) fn new(cutting: &Cutting) -> Self {
        Self {
            plan: Arc::clone(&cutting.plan),
            piece: cutting.record_bytes / 4 + 1,
            text: Vec::new(),
            gaps: Vec::new(),
            start: (0, 1),
            cut_points: CutPoints::default(),
            looked: (0, 0),
            ready: VecDeque::new(),
            done: false,
        }
    }

    /// Byte and line of a position up to the last cut.
    fn place(&self, at: usize) -> (u64, u64) {
        let (mut byte, mut line) = (self.start.0 + at as u64, self.start.1);
        for gap in self.gaps.iter().take_while(|gap| gap.at <= at) {
            (byte, line) = (byte + gap.bytes, line + gap.lines);
        }
        let text = &self.text[..at.min(self.text.len())];
        (byte, line + memchr_iter(b'\n', text).count() as u64)
    }
}

impl DocumentSplitter<'_> {
    /// The next chunk of a record that is cut; `None` when it has ended, or there is none.
    pub(super) fn next_of_large(&mut self) -> Result<Option<Chunk>, Error> {
        let Some(mut large) = self.large.take() else {
            return Ok(None);
        };
        if large.text.is_empty() {
            self.reading.discard(self.at);
            self.at = 0;
            large.start = (self.reading.offset, self.reading.line);
        }
        while large.ready.is_empty() && !large.done {
            self.scan_large(&mut large)?;
        }
        let chunk = large.ready.pop_front();
        if large.done && large.ready.is_empty() {
            self.block_start = self.reading.offset;
        } else {
            self.large = Some(large);
        }
        Ok(chunk)
    }

    /// Reads on until something is cut out, or to the end of the record.
    fn scan_large(&mut self, large: &mut Large) -> Result<(), Error> {
        let scanned = self.scan_on(large);
        self.stop = usize::MAX;
        if self.too_large && scanned.is_ok() {
            return self.hold_no_more(large);
        }
        scanned
    }

    /// Ends a record that would need more memory than allowed.
    fn hold_no_more(&mut self, large: &mut Large) -> Result<(), Error> {
        if large.cut_points.was_cut() {
            let bytes = (large.text.len() + self.at) as u64;
            let limit = self.most as u64;
            let kind = ErrorKind::PartlyWritten {
                reason: Box::new(ErrorKind::RecordOverLimit { bytes, limit }),
            };
            let mut place = self.location();
            (place.byte, place.line) = (Some(large.start.0), Some(large.start.1));
            return Err(DataError::new(kind, place).into());
        }
        self.at = 0;
        let broken = self.pass_over()?;
        let records = Records::Items(Vec::new());
        let mut chunk = self.chunk_of_large(Bytes::new(), records, Vec::new(), large.start);
        chunk.broken.push(broken);
        chunk.ends_block = true;
        large.ready.push_back(chunk);
        large.done = true;
        Ok(())
    }

    fn scan_on(&mut self, large: &mut Large) -> Result<(), Error> {
        while large.ready.is_empty() && !self.too_large {
            self.stop = self.most.saturating_sub(large.text.len());
            let Some(byte) = self.peek(Kept)? else {
                if self.too_large {
                    break;
                }
                self.cut = true;
                self.end_large(large);
                return Ok(());
            };
            let before = large.text.len();
            let at = before + self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'"' => {
                    large.cut_points.begin_value(at);
                    self.skip_string(Kept, &mut |_| ())?;
                    if self.too_large {
                        break;
                    }
                    large.cut_points.string(at..before + self.at);
                    self.look(large)?;
                }
                b'{' | b'[' if large.cut_points.depth() > DEEPEST_CUT => {
                    large.cut_points.begin_value(at);
                    self.skip_within()?;
                    if self.too_large {
                        break;
                    }
                    large.cut_points.end_value(before + self.at, byte == b'{');
                    self.look(large)?;
                }
                b'{' | b'[' => {
                    large.cut_points.begin_value(at);
                    large.cut_points.open(byte, at);
                    self.at += 1;
                }
                b'}' | b']' => {
                    let Some(level) = large.cut_points.level_of(byte) else {
                        self.end_large(large);
                        return Ok(());
                    };
                    // A record or item that was cut must be cut to its end.
                    if large.cut_points.must_cut(level) && !self.cut_out(large)? {
                        return Ok(());
                    }
                    self.at += 1;
                    large.cut_points.close(level, large.text.len() + self.at);
                    if large.cut_points.is_closed() {
                        self.end_large(large);
                        return Ok(());
                    }
                    self.look(large)?;
                }
                b',' => {
                    large.cut_points.comma(at);
                    self.at += 1;
                }
                b':' => {
                    large.cut_points.colon(at);
                    self.at += 1;
                }
                _ => {
                    large.cut_points.begin_value(at);
                    self.skip_scalar()?;
                    if self.too_large {
                        break;
                    }
                    large.cut_points.end_value(before + self.at, false);
                    self.look(large)?;
                }
            }
        }
        Ok(())
    }

    fn skip_scalar(&mut self) -> Result<(), Error> {
        let ends = |byte: &u8| b",:]}[{\" \t\n\r".contains(byte);
        while self.peek(Kept)?.is_some_and(|byte| !ends(&byte)) {
            let rest = &self.reading.buffer[self.at..];
            self.at += rest.iter().position(ends).unwrap_or(rest.len());
        }
        Ok(())
    }

    /// Cuts after a value, if enough was read since the last cut.
    fn look(&mut self, large: &mut Large) -> Result<(), Error> {
        let at = large.text.len() + self.at;
        let (place, entries) = large.looked;
        // Looking costs as much as there are entries.
        if at - place >= large.piece.max(entries * 16) {
            self.cut_out(large)?;
        }
        Ok(())
    }

    /// Cuts complete items out of what was read. False if the record is now kept whole.
    fn cut_out(&mut self, large: &mut Large) -> Result<bool, Error> {
        let read = &self.reading.buffer[..self.at];
        let at = large.text.len() + self.at;
        let plan = large
            .cut_points
            .cut(&large.plan, (&large.text, read), large.piece / 2);
        match plan {
            Ok(plan) => {
                if !plan.cuts.is_empty() || !plan.removals.is_empty() {
                    self.apply(large, &plan);
                }
                large.looked = (large.text.len() + self.at, large.cut_points.entries());
                Ok(true)
            }
            Err((_, _)) if !large.cut_points.was_cut() => {
                // Nothing was cut yet, so the record can be rejected as a whole.
                self.at = 0;
                self.skip_record(Kept)?;
                if !self.too_large {
                    self.end_large(large);
                }
                Ok(false)
            }
            Err((wrong, message)) => {
                let read = self.reading.buffer[..self.at].to_vec();
                large.text.extend_from_slice(&read);
                let (byte, line) = large.place(wrong.min(at));
                let message = message.to_owned();
                let kind = ErrorKind::PartlyWritten {
                    reason: Box::new(ErrorKind::Syntax { message }),
                };
                let mut place = self.location();
                (place.byte, place.line) = (Some(byte), Some(line));
                Err(DataError::new(kind, place).into())
            }
        }
    }

    fn apply(&mut self, large: &mut Large, plan: &cut_points::Plan) {
        let first = plan.removals.first().map_or(usize::MAX, |cut| cut.start);
        let base = first.min(large.text.len());
        let (mut counted, mut line) = (base, large.place(base).1);
        let mut tail = large.text.split_off(base);
        tail.extend_from_slice(&self.reading.buffer[..self.at]);
        self.reading.discard(self.at);
        self.at = 0;
        let old_gaps = std::mem::take(&mut large.gaps);
        for cut in &plan.cuts {
            let start = cut.items.first().map_or(base, |item| item.start);
            let end = cut.items.last().map_or(start, |item| item.end);
            // Count the lines of the gaps passed, and those of the text between them.
            let passed = old_gaps
                .iter()
                .filter(|gap| gap.at > counted && gap.at <= start);
            line += passed.map(|gap| gap.lines).sum::<u64>();
            line += memchr_iter(b'\n', &tail[counted - base..start - base]).count() as u64;
            counted = start;
            let data = Bytes::copy_from_slice(&tail[start - base..end - base]);
            self.part(large, cut, &data, &old_gaps, line);
        }
        if let Some(last) = large.ready.back_mut() {
            last.ends_block = true;
        }
        let mut gaps = old_gaps.iter().peekable();
        let (mut kept_to, mut removed) = (base, 0);
        for removal in &plan.removals {
            while let Some(gap) = gaps.next_if(|gap| gap.at < removal.start) {
                let at = gap.at - removed;
                large.gaps.push(Gap { at, ..*gap });
            }
            large
                .text
                .extend_from_slice(&tail[kept_to - base..removal.start - base]);
            let out = &tail[removal.start - base..removal.end - base];
            let mut sum = Gap {
                at: removal.start - removed,
                bytes: out.len() as u64,
                lines: memchr_iter(b'\n', out).count() as u64,
            };
            while let Some(gap) = gaps.next_if(|gap| gap.at <= removal.end) {
                sum.bytes += gap.bytes;
                sum.lines += gap.lines;
            }
            large.gaps.push(sum);
            kept_to = removal.end;
            removed += out.len();
        }
        for gap in gaps {
            let at = gap.at - removed;
            large.gaps.push(Gap { at, ..*gap });
        }
        large.text.extend_from_slice(&tail[kept_to - base..]);
    }

    /// Makes chunks of items that were cut out.
    fn part(&self, large: &mut Large, cut: &Cut, data: &Bytes, gaps: &[Gap], line: u64) {
        let Some(origin) = cut.items.first().map(|item| item.start) else {
            return;
        };
        let before = gaps.iter().take_while(|gap| gap.at <= origin);
        let mut byte = large.start.0 + origin as u64 + before.map(|gap| gap.bytes).sum::<u64>();
        let (mut line, mut start, mut first) = (line, origin, cut.first);
        for items in cut.items.chunks(self.chunk_size) {
            let end = items.last().map_or(start, |item| item.end);
            let within = gaps.iter().filter(|gap| gap.at > start && gap.at <= end);
            let gaps: Vec<Gap> = within
                .map(|gap| Gap {
                    at: gap.at - start,
                    ..*gap
                })
                .collect();
            let data = data.slice(start - origin..end - origin);
            let (bytes, lines) = (data.len(), memchr_iter(b'\n', &data).count());
            let items = items
                .iter()
                .map(|item| item.start - start..item.end - start)
                .collect::<Vec<_>>();
            let number = items.len() as u64;
            let records = Records::ArrayItems {
                table: cut.table.clone(),
                open: cut.open.clone(),
                first,
                items,
            };
            let passed = gaps
                .iter()
                .fold((0, 0), |sum, gap| (sum.0 + gap.bytes, sum.1 + gap.lines));
            let chunk = self.chunk_of_large(data, records, gaps, (byte, line));
            large.ready.push_back(chunk);
            byte += bytes as u64 + passed.0;
            line += lines as u64 + passed.1;
            (start, first) = (end, first + number);
        }
    }

    fn chunk_of_large(
        &self,
        data: Bytes,
        records: Records,
        gaps: Vec<Gap>,
        (first_byte, first_line): (u64, u64),
    ) -> Chunk {
        Chunk {
            input: Arc::clone(&self.reading.name),
            text: self.reading.text.clone(),
            input_number: self.reading.number,
            data,
            records,
            first_byte,
            first_line,
            gaps,
            broken: Vec::new(),
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
            ends_block: false,
        }
    }

    /// Hands on the rest of the record at its end.
    fn end_large(&mut self, large: &mut Large) {
        let mut text = std::mem::take(&mut large.text);
        text.extend_from_slice(&self.reading.buffer[..self.at]);
        self.reading.discard(self.at);
        self.at = 0;
        let range = 0..text.len();
        let gaps = std::mem::take(&mut large.gaps);
        let records = Records::Items(vec![range]);
        let mut chunk = self.chunk_of_large(text.into(), records, gaps, large.start);
        chunk.ends_block = true;
        large.ready.push_back(chunk);
        large.done = true;
        self.records += 1;
    }
}
