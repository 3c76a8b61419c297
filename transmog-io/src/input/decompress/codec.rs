//! The compression formats: their first bytes, their extensions, and the decoders of other crates,
//! each with a cargo feature of its own.

use std::{
    fmt,
    io::{self, Read},
    path::Path,
};

use crate::input::raw::Raw;

/// Most bytes of a decoder's window: the default limit of `zstd` itself, and more than `xz -9`
/// needs.
pub(super) const MOST_WINDOW: u64 = 1 << 27;

/// Bytes that are enough to recognise any codec.
pub(super) const LONGEST_MAGIC: usize = 10;

/// A compression format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) enum Codec {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// Whether bytes are the beginning of a codec's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Yes,
    No,
    /// Too few to tell, but right so far.
    Maybe,
}

/// The range of a byte: from, to.
type ByteRange = (u8, u8);

const fn one(byte: u8) -> ByteRange {
    (byte, byte)
}

/// With the method, always deflate: the first two bytes alone could be UTF-16 text.
const GZIP: &[ByteRange] = &[one(0x1f), one(0x8b), one(8)];
const ZSTD: &[ByteRange] = &[one(0x28), one(0xb5), one(0x2f), one(0xfd)];
/// A frame without data, which decoders skip.
const SKIPPABLE: &[ByteRange] = &[(0x50, 0x5f), one(0x2a), one(0x4d), one(0x18)];
/// With the magic number of the first block, because four letters could be text.
const BZIP2: &[ByteRange] = &[
    one(b'B'),
    one(b'Z'),
    one(b'h'),
    (b'1', b'9'),
    one(0x31),
    one(0x41),
    one(0x59),
    one(0x26),
    one(0x53),
    one(0x59),
];
/// Without any block.
const EMPTY_BZIP2: &[ByteRange] = &[
    one(b'B'),
    one(b'Z'),
    one(b'h'),
    (b'1', b'9'),
    one(0x17),
    one(0x72),
    one(0x45),
    one(0x38),
    one(0x50),
    one(0x90),
];
const XZ: &[ByteRange] = &[
    one(0xfd),
    one(b'7'),
    one(b'z'),
    one(b'X'),
    one(b'Z'),
    one(0),
];

impl Codec {
    pub(super) const ALL: [Self; 4] = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];

    fn magics(self) -> &'static [&'static [ByteRange]] {
        match self {
            Self::Gzip => &[GZIP],
            Self::Zstd => &[ZSTD, SKIPPABLE],
            Self::Bzip2 => &[BZIP2, EMPTY_BZIP2],
            Self::Xz => &[XZ],
        }
    }

    /// The name of its data.
    pub(in crate::input) fn data(self) -> &'static str {
        match self {
            Self::Gzip => "gzip data",
            Self::Zstd => "zstd data",
            Self::Bzip2 => "bzip2 data",
            Self::Xz => "xz data",
        }
    }

    pub(super) fn begins(self, head: &[u8]) -> Begins {
        let fits = |magic: &&&[ByteRange]| {
            let mut pairs = magic.iter().zip(head);
            pairs.all(|((from, to), byte)| (from..=to).contains(&byte))
        };
        let magics = self.magics().iter().filter(fits);
        let found = magics.map(|magic| head.len() >= magic.len());
        match found.reduce(|one, other| one || other) {
            Some(true) => Begins::Yes,
            Some(false) => Begins::Maybe,
            None => Begins::No,
        }
    }

    /// The codec of a file by its extension.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            "bz2" => Some(Self::Bzip2),
            "xz" => Some(Self::Xz),
            _ => None,
        }
    }

    /// True if zero bytes may follow a member, as on tapes and block devices.
    pub(super) fn may_be_padded(self) -> bool {
        matches!(self, Self::Gzip | Self::Xz)
    }

    pub(super) fn is_compiled_in(self) -> bool {
        match self {
            Self::Gzip => cfg!(feature = "gzip"),
            Self::Zstd => cfg!(feature = "zstd"),
            Self::Bzip2 => cfg!(feature = "bzip2"),
            Self::Xz => cfg!(feature = "xz"),
        }
    }

    /// True for the error of a decoder that needs more memory than allowed.
    pub(super) fn needs_more_memory(self, error: &io::Error) -> bool {
        match self {
            // The crate has no other sign of it than the library's words.
            Self::Zstd => error.to_string() == "Frame requires too much memory for decoding",
            _ => error.kind() == io::ErrorKind::OutOfMemory,
        }
    }

    /// A decoder of the member that begins here. It reads nothing after its end.
    pub(super) fn member<'a>(self, raw: Raw<'a>) -> io::Result<Box<dyn Member<'a> + 'a>> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => Ok(Box::new(flate2::bufread::GzDecoder::new(raw))),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(raw)?.single_frame();
                decoder.window_log_max(MOST_WINDOW.ilog2())?;
                Ok(Box::new(decoder))
            }
            #[cfg(feature = "bzip2")]
            Self::Bzip2 => Ok(Box::new(bzip2::bufread::BzDecoder::new(raw))),
            #[cfg(feature = "xz")]
            Self::Xz => {
                // In KiB, with what the decoder needs beside the window.
                let most = (MOST_WINDOW >> 10) as u32 + 1024;
                let decoder = lzma_rust2::XzReader::new_mem_limit(raw, false, most);
                Ok(Box::new(decoder))
            }
            #[allow(
                unreachable_patterns,
                reason = "with all features there is nothing left"
            )]
            _ => {
                drop(raw);
                Err(io::ErrorKind::Unsupported.into())
            }
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        })
    }
}

/// Decompresses one member (also called frame or stream).
pub(super) trait Member<'a>: Read {
    /// The rest of the input, after the end of the member.
    fn into_raw(self: Box<Self>) -> Raw<'a>;
}

#[cfg(feature = "gzip")]
impl<'a> Member<'a> for flate2::bufread::GzDecoder<Raw<'a>> {
    fn into_raw(self: Box<Self>) -> Raw<'a> {
        self.into_inner()
    }
}

#[cfg(feature = "zstd")]
impl<'a> Member<'a> for zstd::Decoder<'_, Raw<'a>> {
    fn into_raw(self: Box<Self>) -> Raw<'a> {
        self.finish()
    }
}

#[cfg(feature = "bzip2")]
impl<'a> Member<'a> for bzip2::bufread::BzDecoder<Raw<'a>> {
    fn into_raw(self: Box<Self>) -> Raw<'a> {
        self.into_inner()
    }
}

#[cfg(feature = "xz")]
impl<'a> Member<'a> for lzma_rust2::XzReader<Raw<'a>> {
    fn into_raw(self: Box<Self>) -> Raw<'a> {
        self.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_compressed_data() {
        let texts: [&[u8]; 8] = [
            b"{\"a\":1}",
            b"BZh9,name\n1,2\n",
            b"P,Q\n1,2\n",
            b"PK\x03\x04",
            b"\xef\xbb\xbfa,b",
            b"\x1f\x8b\x00\x00",
            b"(a,b)",
            b"\xfd7zXX",
        ];
        for codec in Codec::ALL {
            for text in texts {
                assert_eq!(codec.begins(text), Begins::No, "{codec} {text:?}");
            }
            assert_eq!(codec.begins(b""), Begins::Maybe);
        }
    }

    #[test]
    fn what_is_too_short_may_become_anything() {
        let heads: [(Codec, &[u8]); 6] = [
            (Codec::Gzip, b"\x1f\x8b\x08"),
            (Codec::Zstd, b"\x28\xb5\x2f\xfd"),
            (Codec::Zstd, b"\x5e\x2a\x4d\x18"),
            (Codec::Bzip2, b"BZh91AY&SY"),
            (Codec::Bzip2, b"BZh1\x17\x72\x45\x38\x50\x90"),
            (Codec::Xz, b"\xfd7zXZ\0"),
        ];
        for (codec, head) in heads {
            assert_eq!(codec.begins(head), Begins::Yes);
            assert_eq!(codec.begins(&[head, &b"more"[..]].concat()), Begins::Yes);
            for end in 0..head.len() {
                assert_eq!(codec.begins(&head[..end]), Begins::Maybe, "{codec} {end}");
            }
        }
    }
}
