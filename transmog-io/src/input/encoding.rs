//! Finds the encoding of an input's text: by its byte order mark, by the setting, or by zero bytes.
//!
//! Most inputs are UTF-8 and pass unchanged. Excel and Windows tools write UTF-16, often without
//! saying so. [`decode`](super::decode) then makes UTF-8 of the text.

use std::str::FromStr;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;
use transmog_core::Error;

/// The encoding of text inputs, by a label of the WHATWG's Encoding Standard.
///
/// ```
/// use transmog_io::TextEncoding;
///
/// let encoding: TextEncoding = "latin1".parse()?;
/// assert_eq!(encoding.name(), "windows-1252");
/// assert!("latin2000".parse::<TextEncoding>().is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);

    /// Its name in the standard, such as `UTF-8`, `windows-1252`, `Shift_JIS`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(crate) fn encoding(self) -> &'static Encoding {
        self.0
    }
}

impl FromStr for TextEncoding {
    type Err = Error;

    /// Reads a label: `utf-8`, `utf-16le`, `latin1`, `shift_jis`; also in Python's spelling, such
    /// as `latin-1` or `euc_jp`.
    fn from_str(label: &str) -> Result<Self, Error> {
        let ways = [
            label.to_owned(),
            label.replace('_', "-"),
            label.replace(['-', '_'], ""),
        ];
        let known = |label: &String| Encoding::for_label_no_replacement(label.as_bytes());
        let unknown = || {
            let is_utf32 = ways.iter().any(|way| {
                let way = way.to_ascii_lowercase();
                way.starts_with("utf32") || way.starts_with("ucs4") || way.starts_with("utf-32")
            });
            let reason = if is_utf32 {
                format!("{label:?} is not read: {UTF_32_ADVICE}")
            } else {
                format!(
                    "{label:?} is no label of the WHATWG's Encoding Standard, such as utf-8, utf-16le, latin1, \
                     windows-1252, shift_jis"
                )
            };
            Error::setting("encoding", reason)
        };
        let encoding = ways.iter().find_map(known).ok_or_else(unknown)?;
        Ok(Self(encoding))
    }
}

/// Advice for UTF-32, which there is no decoder for.
pub(crate) const UTF_32_ADVICE: &str =
    "convert it to UTF-8 first, for example with iconv -f UTF-32 -t UTF-8";

/// How the encoding of an input was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncodingFoundBy {
    /// No sign of another one: text is UTF-8.
    Default,
    /// Set by the caller.
    Setting,
    /// A byte order mark at the input's beginning.
    ByteOrderMark,
    /// Zero bytes beside ASCII characters, as UTF-16 has them: a guess.
    ZeroBytes,
}

/// The encoding of an input, if it is not UTF-8 or not the one that was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EncodingReport {
    /// Name of the input.
    pub input: String,
    /// Name of the encoding that it was read in.
    pub encoding: String,
    /// How it was found: `default`, `setting`, `byte_order_mark` or `zero_bytes`.
    pub found_by: EncodingFoundBy,
    /// The encoding that was set, if the input has another one.
    pub instead_of: Option<String>,
    /// Position of the first zero byte in the first two mebibytes of a CSV input. Text should have
    /// none; it is kept in its cell.
    pub zero_byte: Option<u64>,
}

/// The encoding of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) encoding: TextEncoding,
    pub(crate) by: EncodingFoundBy,
    /// Length of the mark of UTF-16, which must be removed. The mark of UTF-8 is skipped later.
    pub(crate) mark: usize,
}

/// The encoding of an input that begins with `head`; a few hundred bytes are enough.
///
/// # Errors
/// If it is UTF-32.
pub(crate) fn find(head: &[u8], wanted: Option<TextEncoding>) -> Result<Found, Utf32> {
    let found = |encoding, by, mark| {
        Ok(Found {
            encoding: TextEncoding(encoding),
            by,
            mark,
        })
    };
    match head {
        // Before UTF-16: its mark is the first half of this one.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(Utf32),
        [0xff, 0xfe, ..] => return found(UTF_16LE, EncodingFoundBy::ByteOrderMark, 2),
        [0xfe, 0xff, ..] => return found(UTF_16BE, EncodingFoundBy::ByteOrderMark, 2),
        [0xef, 0xbb, 0xbf, ..] => return found(UTF_8, EncodingFoundBy::ByteOrderMark, 0),
        _ => {}
    }
    let by_zeros = by_zero_bytes(head);
    match (wanted, by_zeros) {
        (None, Some(ZeroBytes::Utf32)) => Err(Utf32),
        (None, Some(ZeroBytes::Utf16(encoding))) => found(encoding, EncodingFoundBy::ZeroBytes, 0),
        // The label `utf-16` alone does not say which byte comes first.
        (Some(TextEncoding(wanted)), Some(ZeroBytes::Utf16(encoding)))
            if wanted != encoding && (wanted == UTF_16LE || wanted == UTF_16BE) =>
        {
            found(encoding, EncodingFoundBy::ZeroBytes, 0)
        }
        (Some(TextEncoding(wanted)), _) => found(wanted, EncodingFoundBy::Setting, 0),
        (None, None) => found(UTF_8, EncodingFoundBy::Default, 0),
    }
}

/// The input is UTF-32, which is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Utf32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ZeroBytes {
    Utf16(&'static Encoding),
    Utf32,
}

/// The encoding that zero bytes suggest. JSON and CSV begin with ASCII characters. Each has one
/// zero byte in UTF-16 and three in UTF-32:
///
/// ```text
/// {"   UTF-8      7b 22
///      UTF-16LE   7b 00 22 00
///      UTF-16BE   00 7b 00 22
/// ```
fn by_zero_bytes(head: &[u8]) -> Option<ZeroBytes> {
    let zeros = |of: usize, at: usize| {
        let bytes = head.iter().skip(at).step_by(of);
        let (all, zeros) = bytes.fold((0, 0), |(all, zeros), byte| {
            (all + 1, zeros + usize::from(*byte == 0))
        });
        (all, zeros)
    };
    match head {
        [a, 0, 0, 0, b, 0, 0, 0, ..] if *a != 0 && *b != 0 => return Some(ZeroBytes::Utf32),
        [0, 0, 0, a, 0, 0, 0, b, ..] if *a != 0 && *b != 0 => return Some(ZeroBytes::Utf32),
        _ => {}
    }
    // A quarter of the high bytes must be zero, and at most 5 % of the low ones: UTF-8 text with a
    // few zero bytes is not UTF-16.
    let mostly = |(all, zeros): (usize, usize)| zeros * 4 >= all;
    let hardly = |(all, zeros): (usize, usize)| zeros * 20 <= all;
    let (even, odd) = (zeros(2, 0), zeros(2, 1));
    match head {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 && mostly(odd) && hardly(even) => {
            Some(ZeroBytes::Utf16(UTF_16LE))
        }
        [0, a, 0, b, ..] if *a != 0 && *b != 0 && mostly(even) && hardly(odd) => {
            Some(ZeroBytes::Utf16(UTF_16BE))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[u8], wanted: Option<&str>) -> (&'static str, EncodingFoundBy) {
        let wanted = wanted.map(|label| label.parse().unwrap());
        let found = find(head, wanted).unwrap();
        (found.encoding.name(), found.by)
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_mark_goes_before_everything() {
        use EncodingFoundBy::ByteOrderMark;
        for wanted in [None, Some("latin1"), Some("utf-8")] {
            assert_eq!(found(b"\xff\xfea\0", wanted), ("UTF-16LE", ByteOrderMark));
            assert_eq!(found(b"\xfe\xff\0a", wanted), ("UTF-16BE", ByteOrderMark));
            assert_eq!(found(b"\xef\xbb\xbfa", wanted), ("UTF-8", ByteOrderMark));
        }
    }

    #[test]
    fn zero_bytes_show_utf_16() {
        use EncodingFoundBy::{Default, Setting, ZeroBytes};
        for text in [
            "{}",
            "id,name\n1,ä",
            "[{\"日本語\":\"日本語日本語\"}]",
            "[\n",
        ] {
            let little = utf16(text, u16::to_le_bytes);
            let big = utf16(text, u16::to_be_bytes);
            assert_eq!(found(&little, None), ("UTF-16LE", ZeroBytes), "{text}");
            assert_eq!(found(&big, None), ("UTF-16BE", ZeroBytes), "{text}");
            assert_eq!(found(&little, Some("utf-16le")), ("UTF-16LE", Setting));
            assert_eq!(found(&big, Some("utf-16")), ("UTF-16BE", ZeroBytes));
            assert_eq!(found(&big, Some("latin1")), ("windows-1252", Setting));
        }
        for text in [
            "",
            "a",
            "a\0",
            "a\0b",
            "{\"a\":\"\0\0\0\"}",
            "a\0b,c,d,e,f,g\n1,2",
            "\0\0\0\0",
        ] {
            assert_eq!(found(text.as_bytes(), None), ("UTF-8", Default), "{text:?}");
        }
        assert_eq!(found(b"a\0b\0", Some("utf-8")), ("UTF-8", Setting));
    }

    #[test]
    fn utf_32_is_known() {
        let utf32 = |order: fn(u32) -> [u8; 4], text: &str| -> Vec<u8> {
            text.chars().map(u32::from).flat_map(order).collect()
        };
        for text in ["\u{feff}{}", "{}", "a,b\n"] {
            assert_eq!(find(&utf32(u32::to_le_bytes, text), None), Err(Utf32));
            assert_eq!(find(&utf32(u32::to_be_bytes, text), None), Err(Utf32));
        }
        let error = "utf-32le".parse::<TextEncoding>().unwrap_err().to_string();
        assert!(error.contains("iconv -f UTF-32"), "{error}");
    }
}
