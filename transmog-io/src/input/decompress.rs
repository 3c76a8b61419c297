//! Compressed inputs: finds out how they are compressed, and decompresses them while they are read, member by member. What
//! is wrong with the compressed data ends the text and is left for whoever reads it; see [`DeferredError`].

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

/// Bytes that are asked of a decoder at a time: what it has of them is lost if it fails.
const PIECE: usize = 16 << 10;

/// How inputs are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// As their first bytes say.
    #[default]
    Auto,
    /// Not at all: bytes are taken as they are.
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
    /// A file's name without the extension that says how it is compressed, if it has one: `.gz`, `.gzip`, `.zst`, `.zstd`,
    /// `.bz2` or `.xz`.
    ///
    /// ```
    /// use std::path::Path;
    /// use transmog_io::Compression;
    ///
    /// assert_eq!(Compression::inner_name(Path::new("in/orders.jsonl.gz")), Path::new("orders.jsonl"));
    /// assert_eq!(Compression::inner_name(Path::new("in/orders.csv")), Path::new("orders.csv"));
    /// ```
    pub fn inner_name(path: &Path) -> &Path {
        let name = match Codec::of_path(path) {
            Some(_) => path.file_stem(),
            None => path.file_name(),
        };
        name.map_or(path, Path::new)
    }

    /// The codec of an input that begins like this.
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
                // A name alone says nothing about content, but what is too short to tell was cut off.
                let of_name = path.and_then(Codec::of_path);
                let of_name = of_name.filter(|codec| codec.begins(head) == Begins::Maybe);
                of_content.chain(of_name).next()
            }
        }
    }
}

/// The text of an input, and how it will have ended if the input is compressed.
pub(crate) type Opened<'a> = (Box<dyn Read + 'a>, Option<DeferredError>);

/// Reads an input's text, of at most `limit` bytes if it is compressed.
///
/// # Errors
/// If its beginning cannot be read, is not what `compression` says, or is compressed in a way that this program cannot read.
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
    /// Members (frames, streams) that were begun.
    members: u64,
    /// Bytes of text given.
    given: u64,
    limit: u64,
    about: ByteCounter,
    error: DeferredError,
}

enum State<'a> {
    Member(Box<dyn Member<'a> + 'a>),
    /// Before the first member, or behind one.
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

    /// Counts text that is given.
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

    /// Says what a decoder's error means: that the text ends here, that it is refused, or that reading has failed.
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
