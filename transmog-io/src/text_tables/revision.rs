//! The streaming copy that gives rows written under an earlier schema the columns and spellings of the final one: pieces of
//! whole rows are changed on all threads and written in their order. Knows no format and no file.

use std::{
    io::{self, Read},
    sync::{Arc, Mutex},
    vec,
};

use super::{Columns, blocks::lock};
use crate::{destination::Output, writer::in_order};

/// Bytes that a thread changes at a time, unless a row is longer.
const PIECE_BYTES: usize = 64 * 1024;

/// Bytes of a buffer that is used again: one of a long row is not.
const KEPT_BYTES: usize = 2 * PIECE_BYTES;

/// What happens to the rows of a stretch of an output in which no column changed.
pub trait Revision: Send + Sync {
    /// True if the rows stay as they are.
    fn is_empty(&self) -> bool;

    /// Bytes of `text`, which begins where a row begins, up to the end of its last whole row; 0 if it has none.
    fn whole_rows(&self, text: &[u8]) -> usize;

    /// Appends whole rows with their changes.
    ///
    /// # Errors
    /// If `rows` is not what the format's writer has written.
    fn apply(&self, rows: &[u8], out: &mut Vec<u8>) -> io::Result<()>;
}

/// Copies an output if some of its rows are to be changed. It begins with `old_header` bytes, which become `header`; `revision` gives
/// what happens to rows that were written from a byte on.
///
/// A piece for each thread and one more are in memory, as they were or as they become, or both: each has up to 64 KiB, or a row that is
/// longer, and then up to half as much again.
///
/// # Errors
/// If the output cannot be read or written, or holds something else than its writer has written.
pub fn revise<R: Revision>(
    output: &mut dyn Output,
    columns: &Columns,
    old_header: u64,
    header: &[u8],
    revision: impl Fn(u64) -> R + Send,
) -> io::Result<()> {
    let stretches = columns.stretches(old_header, output.len());
    if stretches
        .iter()
        .all(|(start, _)| revision(*start).is_empty())
    {
        return Ok(());
    }
    let mut old = output.restart()?;
    if io::copy(&mut (&mut old).take(old_header), &mut io::sink())? < old_header {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    output.write_all(header)?;
    let unused = Mutex::new(Vec::new());
    let pieces = Pieces {
        old,
        piece_bytes: PIECE_BYTES,
        stretches: stretches.into_iter(),
        revision,
        current: None,
        rest: Vec::new(),
        unused: &unused,
    };
    let most = rayon::current_num_threads() + 1;
    let change = |piece: io::Result<Piece<R>>| piece?.changed(&unused);
    in_order(pieces, most, change, |rows: io::Result<Vec<u8>>| {
        let rows = rows?;
        output.write_all(&rows)?;
        give_back(rows, &unused);
        Ok(())
    })
}

/// Whole rows, and what happens to them.
struct Piece<R> {
    revision: Arc<R>,
    rows: Vec<u8>,
}

impl<R: Revision> Piece<R> {
    fn changed(self, unused: &Mutex<Vec<Vec<u8>>>) -> io::Result<Vec<u8>> {
        if self.revision.is_empty() {
            return Ok(self.rows);
        }
        let mut out = buffer(unused);
        self.revision.apply(&self.rows, &mut out)?;
        give_back(self.rows, unused);
        Ok(out)
    }
}

/// What an output held, in pieces.
struct Pieces<'u, I, R, F> {
    old: I,
    piece_bytes: usize,
    /// First byte, and the byte after the last, of those that were not begun.
    stretches: vec::IntoIter<(u64, u64)>,
    revision: F,
    /// The stretch that was begun, and how many of its bytes were not read.
    current: Option<(Arc<R>, u64)>,
    /// The start of a row of that stretch: bytes that were read and belong to the next piece.
    rest: Vec<u8>,
    unused: &'u Mutex<Vec<Vec<u8>>>,
}

impl<I: Read, R: Revision, F: Fn(u64) -> R> Iterator for Pieces<'_, I, R, F> {
    type Item = io::Result<Piece<R>>;

    fn next(&mut self) -> Option<Self::Item> {
        if !matches!(self.current, Some((_, left)) if left > 0 || !self.rest.is_empty()) {
            let (start, end) = self.stretches.next()?;
            self.current = Some((Arc::new((self.revision)(start)), end - start));
        }
        let (revision, left) = self.current.as_mut()?;
        let mut rows = std::mem::take(&mut self.rest);
        let mut most = self.piece_bytes;
        loop {
            let missing = most.saturating_sub(rows.len());
            let count = usize::try_from(*left).map_or(missing, |left| left.min(missing));
            rows.reserve(count);
            match (&mut self.old).take(count as u64).read_to_end(&mut rows) {
                Ok(read) if read == count => *left -= count as u64,
                Ok(_) => return Some(Err(io::ErrorKind::UnexpectedEof.into())),
                Err(error) => return Some(Err(error)),
            }
            let whole = if *left == 0 || revision.is_empty() {
                rows.len()
            } else {
                revision.whole_rows(&rows)
            };
            if whole > 0 {
                self.rest = buffer(self.unused);
                self.rest.extend_from_slice(&rows[whole..]);
                rows.truncate(whole);
                let revision = Arc::clone(revision);
                return Some(Ok(Piece { revision, rows }));
            }
            most = rows.len() + (rows.len() / 2).max(1); // The row is longer.
        }
    }
}

/// An empty buffer.
fn buffer(unused: &Mutex<Vec<Vec<u8>>>) -> Vec<u8> {
    let mut buffer = lock(unused).pop().unwrap_or_default();
    buffer.clear();
    buffer
}

fn give_back(buffer: Vec<u8>, unused: &Mutex<Vec<Vec<u8>>>) {
    if buffer.capacity() <= KEPT_BYTES {
        lock(unused).push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines become the number of their stretch and themselves.
    struct Numbered(u64);

    impl Revision for Numbered {
        fn is_empty(&self) -> bool {
            self.0 == 0
        }

        fn whole_rows(&self, text: &[u8]) -> usize {
            memchr::memrchr(b'\n', text).map_or(0, |end| end + 1)
        }

        fn apply(&self, rows: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
            for line in rows.split_inclusive(|byte| *byte == b'\n') {
                if !line.ends_with(b"\n") {
                    return Err(io::Error::other("half a line"));
                }
                out.extend_from_slice(format!("{} ", self.0).as_bytes());
                out.extend_from_slice(line);
            }
            Ok(())
        }
    }

    fn pieces(
        old: &[u8],
        piece_bytes: usize,
        stretches: impl Into<Vec<(u64, u64)>>,
    ) -> io::Result<String> {
        let unused = Mutex::new(Vec::new());
        let pieces = Pieces {
            old,
            piece_bytes,
            stretches: stretches.into().into_iter(),
            revision: Numbered,
            current: None,
            rest: Vec::new(),
            unused: &unused,
        };
        let mut all = Vec::new();
        for piece in pieces {
            let rows = piece?.changed(&unused)?;
            all.extend_from_slice(&rows);
            give_back(rows, &unused);
        }
        Ok(String::from_utf8(all).expect("text"))
    }

    #[test]
    fn every_row_is_changed_as_its_stretch_says_however_long_a_piece_is() {
        let old = b"one\ntwo\nthree\n\n\na line that is longer than the others\n";
        let stretches = [(0, 8), (8, 15), (15, 16), (16, 54)];
        let new = "one\ntwo\n8 three\n8 \n15 \n16 a line that is longer than the others\n";
        for piece_bytes in 1..60 {
            assert_eq!(pieces(old, piece_bytes, stretches).expect("rows"), new);
        }
    }

    #[test]
    fn what_was_cut_off_or_changed_is_an_error() {
        for piece_bytes in [1, 4, 100] {
            let error = pieces(b"one\ntwo\n", piece_bytes, [(0, 4), (4, 9)]).err();
            let kind = error.map(|error| error.kind());
            assert_eq!(kind, Some(io::ErrorKind::UnexpectedEof));
            let error = pieces(b"one\ntwo\n", piece_bytes, [(0, 4), (4, 7)]);
            assert_eq!(error.expect_err("half").to_string(), "half a line");
        }
    }
}
