//! Finds out how an input is compressed and decompresses it while it is read, member by member.
//!
//! A compressed file may be several members one after another: `cat a.gz b.gz` is a valid gzip
//! file. If the data is damaged, the text ends there and the error waits until the records before
//! it are read; see [`DeferredError`].

use std::{
    io::{self, BufRead, Read},
    path::Path,
    str::FromStr,
    sync::Arc,
};

use transmog_core::{Error as DataError, counted};

use super::raw::{ByteCounter, Raw};
use crate::error::ReadError;

mod codec;
mod deferred_error;

use codec::{Begins, Codec, Member};
pub(crate) use deferred_error::DeferredError;

/// Bytes requested from a decoder at a time. If it fails, what it has of them is lost, so few.
const PIECE: usize = 16 << 10;

/// How an input is compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Found by the first bytes.
    #[default]
    Auto,
    /// Not compressed.
    None,
    /// With gzip.
    Gzip,
    /// With Zstandard.
    Zstd,
    /// With bzip2.
    Bzip2,
    /// With xz.
    Xz,
}

impl FromStr for Compression {
    type Err = DataError;

    fn from_str(word: &str) -> Result<Self, DataError> {
        match word {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            "bzip2" => Ok(Self::Bzip2),
            "xz" => Ok(Self::Xz),
            _ => {
                let reason = format!("{word:?} is none of auto, none, gzip, zstd, bzip2, xz");
                Err(DataError::setting("compression", reason))
            }
        }
    }
}

impl Compression {
    /// A file's name without the extension of its compression, if it has one: `.gz`, `.gzip`,
    /// `.zst`, `.zstd`, `.bz2` or `.xz`.
    ///
    /// ```
    /// use std::path::Path;
    /// use transmog_io::Compression;
    ///
    /// let name = Compression::inner_name(Path::new("in/orders.jsonl.gz"));
    /// assert_eq!(name, Path::new("orders.jsonl"));
    /// assert_eq!(Compression::inner_name(Path::new("in/orders.csv")), Path::new("orders.csv"));
    /// ```
    pub fn inner_name(path: &Path) -> &Path {
        let name = match Codec::of_path(path) {
            Some(_) => path.file_stem(),
            None => path.file_name(),
        };
        name.map_or(path, Path::new)
    }

    /// The codec of an input that begins with `head`.
    pub(in crate::input) fn codec(self, head: &[u8], path: Option<&Path>) -> Option<Codec> {
        match self {
            Self::None => None,
            Self::Gzip => Some(Codec::Gzip),
            Self::Zstd => Some(Codec::Zstd),
            Self::Bzip2 => Some(Codec::Bzip2),
            Self::Xz => Some(Codec::Xz),
            Self::Auto => {
                let of_content = Codec::ALL.into_iter();
                let of_content = of_content.filter(|codec| codec.begins(head) == Begins::Yes);
                // The name counts only if the file is too short to tell: it was cut off.
                let of_name = path.and_then(Codec::of_path);
                let of_name = of_name.filter(|codec| codec.begins(head) == Begins::Maybe);
                of_content.chain(of_name).next()
            }
        }
    }
}

/// The text of an input; for a compressed one, also the error that its decoder may meet.
pub(crate) type Opened<'a> = (Box<dyn Read + 'a>, Option<DeferredError>);

/// A reader of the input's text. Decompressed text may have at most `limit` bytes.
///
/// # Errors
/// If the first bytes cannot be read, are not those of the codec that `compression` names, or are
/// those of a codec that is not compiled in.
pub(crate) fn open<'a>(
    mut raw: Raw<'a>,
    (compression, limit): (Compression, Option<u64>),
    name: &Arc<str>,
    path: Option<&Path>,
) -> Result<Opened<'a>, ReadError> {
    if compression == Compression::None {
        return Ok((Box::new(raw), None));
    }
    let about = raw.about().clone();
    let head = raw.look(codec::LONGEST_MAGIC);
    let head = head.map_err(|source| ReadError::Io {
        input: Arc::clone(name),
        byte: about.bytes(),
        source,
    })?;
    let Some(codec) = compression.codec(head, path) else {
        return Ok((Box::new(raw), None));
    };
    let refuse = |reason| {
        let input = Arc::clone(name);
        let byte = 0;
        Err(ReadError::Decompress {
            input,
            byte,
            reason,
        })
    };
    if codec.begins(head) == Begins::No {
        return refuse(format!(
            "it does not begin as {codec} data does, although `compression={codec}` is set; use `compression=auto`"
        ));
    }
    if !codec.is_compiled_in() {
        return refuse(format!(
            "this program was built without {codec}, which is the cargo feature {:?} of transmog",
            codec.to_string()
        ));
    }
    let error = DeferredError::new(Arc::clone(name));
    let reader = Decompressing {
        codec,
        about,
        state: State::Between(raw),
        members: 0,
        given: 0,
        limit: limit.unwrap_or(u64::MAX),
        error: error.clone(),
    };
    Ok((Box::new(reader), Some(error)))
}

struct Decompressing<'a> {
    codec: Codec,
    state: State<'a>,
    /// Members (also called frames or streams) begun so far.
    members: u64,
    /// Bytes of text produced so far.
    given: u64,
    limit: u64,
    about: ByteCounter,
    error: DeferredError,
}

enum State<'a> {
    Member(Box<dyn Member<'a> + 'a>),
    /// Before the first member, or after one.
    Between(Raw<'a>),
    End,
}

impl<'a> Decompressing<'a> {
    /// Begins the next member, if there is one.
    fn begin(&mut self, mut raw: Raw<'a>) -> io::Result<()> {
        let codec = self.codec;
        let zeros = if self.members > 0 && codec.may_be_padded() {
            skip_zeros(&mut raw)?
        } else {
            0
        };
        let head = raw.look(codec::LONGEST_MAGIC)?;
        let wrong = match codec.begins(head) {
            _ if codec == Codec::Xz && !zeros.is_multiple_of(4) => {
                format!("the {codec} data is corrupt: its padding has a wrong length")
            }
            Begins::Yes => {
                self.members += 1;
                self.state = State::Member(codec.member(raw)?);
                return Ok(());
            }
            _ if head.is_empty() && self.members > 0 => return Ok(()),
            Begins::Maybe => cut_off(codec),
            Begins::No => format!("what follows the {codec} data is none"),
        };
        self.error.set_corrupt(self.given, wrong);
        Ok(())
    }

    /// Counts produced text, and fails if it is more than allowed.
    fn give(&mut self, bytes: usize) -> io::Result<usize> {
        self.given += bytes as u64;
        if self.given <= self.limit {
            return Ok(bytes);
        }
        self.state = State::End;
        let limit = self.limit;
        let reason = format!(
            "it decompresses to more than {}, and `max_decompressed` allows no more; raise it if the input is meant to \
             be that large",
            counted(limit, "byte")
        );
        Err(self.error.refuse(limit, reason))
    }

    /// Decides what a decoder's error means: the data is damaged (the text ends here), it is
    /// refused, or the compressed bytes could not be read.
    fn fail(&mut self, error: io::Error) -> io::Result<()> {
        let codec = self.codec;
        if self.about.has_failed() {
            return Err(error);
        }
        if codec.needs_more_memory(&error) {
            let most = codec::MOST_WINDOW >> 20;
            let reason = format!(
                "its window is larger than {most} MiB, which is the most that is held; decompress it with {codec} and read \
                 the result"
            );
            return Err(self.error.refuse(self.given, reason));
        }
        let wrong = if error.kind() == io::ErrorKind::UnexpectedEof {
            cut_off(codec)
        } else {
            format!("the {codec} data is corrupt: {error}")
        };
        self.error.set_corrupt(self.given, wrong);
        Ok(())
    }
}

impl Read for Decompressing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = out.len().min(PIECE);
        let out = &mut out[..piece];
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let result = match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(raw) => self.begin(raw),
                State::Member(mut member) => match member.read(out) {
                    Ok(0) => {
                        self.state = State::Between(member.into_raw());
                        Ok(())
                    }
                    Ok(read) => {
                        self.state = State::Member(member);
                        return self.give(read);
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = result {
                self.fail(error)?;
            }
        }
    }
}

fn cut_off(codec: Codec) -> String {
    format!("the {codec} data is cut off; is the input complete?")
}

fn skip_zeros(raw: &mut Raw<'_>) -> io::Result<u64> {
    let mut zeros = 0;
    loop {
        let held = raw.fill_buf()?;
        let count = held.iter().take_while(|byte| **byte == 0).count();
        let goes_on = count > 0 && count == held.len();
        raw.consume(count);
        zeros += count as u64;
        if !goes_on {
            return Ok(zeros);
        }
    }
}
