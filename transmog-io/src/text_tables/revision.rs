//! Rewrites an output in one streaming copy, so that earlier rows have the columns and types of the
//! final schema.
//!
//! ```text
//! old output -> pieces of whole rows -> changed on all threads -> written in order -> new output
//! ```

use std::{
    io::{self, Read},
    sync::{Arc, Mutex},
    vec,
};

use super::{Columns, blocks::lock};
use crate::{destination::Output, writer::in_order};

/// Bytes of a piece, unless a row is longer.
const PIECE_BYTES: usize = 64 * 1024;

/// Larger buffers, which grew for a long row, are not reused.
const KEPT_BYTES: usize = 2 * PIECE_BYTES;

/// How the rows of one stretch of an output are rewritten.
pub trait Revision: Send + Sync {
    /// True if the rows need no change.
    fn is_empty(&self) -> bool;

    /// The number of bytes of whole rows in `text`, which begins with a row; 0 if there is none.
    fn whole_rows(&self, text: &[u8]) -> usize;

    /// Appends whole rows, rewritten.
    ///
    /// # Errors
    /// If `rows` is not what the writer of the format has written.
    fn apply(&self, rows: &[u8], out: &mut Vec<u8>) -> io::Result<()>;
}

/// Rewrites an output if some of its rows need it. Its first `old_header` bytes are replaced by
/// `header`; `revision` gives the change for the stretch that begins at a byte.
///
/// Memory: one piece for each thread and one more, before and after the change. A piece has up to
/// 64 KiB; for a longer row, up to one and a half times the row.
///
/// # Errors
/// If the output cannot be read or written, or is not what its writer has written.
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

/// Whole rows, and their change.
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

/// The previous content of an output, in pieces of whole rows.
struct Pieces<'u, I, R, F> {
    old: I,
    piece_bytes: usize,
    /// Stretches not begun: first byte, and the byte after the last.
    stretches: vec::IntoIter<(u64, u64)>,
    revision: F,
    /// The current stretch, and the number of its bytes still to read.
    current: Option<(Arc<R>, u64)>,
    /// The beginning of the next piece: a part of a row that was read already.
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
