//! Finds out by zero bytes whether text without a byte order mark is UTF-16 or UTF-32.
//!
//! Whatever the language, JSON and CSV have line ends, delimiters and brackets, which are ASCII:
//! one zero byte stands beside each of them in UTF-16, always on the same side, and three in
//! UTF-32.
//!
//! ```text
//! あ,い⏎    42 30  2c 00  44 30  0a 00    UTF-16LE
//!           30 42  00 2c  30 44  00 0a    UTF-16BE
//! ```

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::memchr;

/// What zero bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf {
    Utf16(&'static Encoding),
    Utf32,
}

/// Characters between records and cells: one of them stands in every text with records.
const BETWEEN: &[u8] = b"\n\r\t,;|:{}[]\"";

/// Those of them that seldom are the half of another character.
const LINE_ENDS: &[u8] = b"\n\r,";

/// The encoding of an input that begins like this, if its zero bytes show it.
pub(super) fn encoding_of(head: &[u8]) -> Option<Utf> {
    memchr(0, head)?;
    if is_utf32(head, u32::from_le_bytes) || is_utf32(head, u32::from_be_bytes) {
        return Some(Utf::Utf32);
    }
    if is_utf16(head, u16::from_le_bytes) {
        return Some(Utf::Utf16(UTF_16LE));
    }
    is_utf16(head, u16::from_be_bytes).then_some(Utf::Utf16(UTF_16BE))
}

/// True if these bytes are text in UTF-8, which may be cut at its end, without control characters.
pub(super) fn is_utf8(head: &[u8]) -> bool {
    let is_cut_at_most = |error: std::str::Utf8Error| error.error_len().is_none();
    !head.is_empty()
        && std::str::from_utf8(head).map_or_else(is_cut_at_most, |_| true)
        && !head.iter().any(|byte| is_control(char::from(*byte)))
        && head.iter().any(|byte| BETWEEN.contains(byte))
}

/// True for control characters that no text has.
fn is_control(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1e' | '\x1f')
}

/// True if all of it is characters in four bytes each.
fn is_utf32(head: &[u8], order: fn([u8; 4]) -> u32) -> bool {
    let mut units = 0;
    let is_text = head.chunks_exact(4).all(|bytes| {
        let unit = bytes.try_into().map(order).ok();
        units += 1;
        unit.and_then(char::from_u32)
            .is_some_and(|c| !is_control(c))
    });
    is_text && units > 1
}

/// What the characters are if bytes are read in pairs.
#[derive(Debug, Default)]
struct Pairs {
    all: usize,
    ascii: usize,
    /// Line ends, delimiters and brackets; those of them that seldom are a half of something else.
    between: usize,
    line_ends: usize,
    /// Characters with a zero byte on the other side, such as U+3000; those that are between cells
    /// in the other order.
    round: usize,
    round_between: usize,
    /// Characters of which the low byte would be a line end or a comma alone.
    torn: usize,
    /// Characters that no standard names.
    private: usize,
}

impl Pairs {
    /// `None` if these are no characters.
    fn of(head: &[u8], order: fn([u8; 2]) -> u16) -> Option<Self> {
        let units = (head.chunks_exact(2)).filter_map(|pair| pair.try_into().map(order).ok());
        let mut pairs = Self::default();
        let last = head.len() / 2;
        for c in char::decode_utf16(units) {
            let Ok(c) = c else {
                // The second half of the last character may be missing.
                let is_last = pairs.all + 1 >= last;
                if is_last {
                    break;
                }
                return None;
            };
            if is_control(c) {
                return None;
            }
            pairs.all += c.len_utf16();
            if let Ok(byte) = u8::try_from(c)
                && byte.is_ascii()
            {
                pairs.ascii += 1;
                pairs.between += usize::from(BETWEEN.contains(&byte));
                pairs.line_ends += usize::from(LINE_ENDS.contains(&byte));
            }
            let code = u32::from(c);
            pairs.torn += usize::from(code > 0xff && LINE_ENDS.contains(&(code as u8)));
            if code.trailing_zeros() >= 8 && code < 0x1_0000 {
                pairs.round += 1;
                let high = (code >> 8) as u8;
                pairs.round_between += usize::from(BETWEEN.contains(&high));
            }
            pairs.private += usize::from(matches!(c, '\u{e000}'..='\u{f8ff}'));
        }
        Some(pairs)
    }
}

/// True if the bytes are text in pairs of this order.
fn is_utf16(head: &[u8], order: fn([u8; 2]) -> u16) -> bool {
    let Some(pairs) = Pairs::of(head, order) else {
        return false;
    };
    if pairs.all < 2 || pairs.private * 50 > pairs.all || pairs.round_between * 4 > pairs.between {
        return false;
    }
    let are_clean = pairs.round * 8 <= pairs.ascii && pairs.torn * 4 <= pairs.between;
    if pairs.ascii * 4 >= pairs.all && are_clean {
        return pairs.between > 0 || pairs.ascii == pairs.all;
    }
    if pairs.between == 0 {
        return false;
    }
    // Bytes that are text in UTF-8 but for the zeros are UTF-16 only if line ends and commas are
    // all in pairs.
    let is_single = || {
        let without: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
        is_utf8(&without)
    };
    let line_ends = head.iter().filter(|byte| LINE_ENDS.contains(byte)).count();
    let stray = line_ends.saturating_sub(pairs.line_ends);
    (stray * 8 <= pairs.line_ends && pairs.round * 2 <= pairs.between) || !is_single()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn text_in_any_script() {
        let prose = "これは長い文章です。".repeat(200);
        for text in [
            "имя,город\nИван,Москва\n",
            "あい,いう\nうえ,えお\nかき,くけ\n",
            "名前,住所\n山田\u{3000}太郎,東京\n",
            "όνομα;πόλη\nΑ;Β\n",
            "नाम,शहर\nअ,दिल्ली\n",
            "નામ,શહેર\nઅ,સુરત\n",
            "이름\t도시\n김\t서울\n",
            "שם|עיר\nא|ב\n",
            "[{\"日本語\":\"日本語日本語\"}]",
            "{\"имя\":\"Иван\"}\n{\"имя\":\"Пётр\"}\n",
            "id,name\n1,ä\n",
            "a,😀\n1,😀😀\n",
            &format!("id,text\n0,{prose}\n1,{prose}\n"),
            &format!("文,章\n{prose},{prose}\n"),
        ] {
            let (little, big) = (utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes));
            // Cut anywhere, for a head is.
            for cut in [0, 1, 2] {
                let end = little.len() - cut;
                let found = encoding_of(&little[..end]);
                assert_eq!(found, Some(Utf::Utf16(UTF_16LE)), "{text:.30} {cut}");
                let found = encoding_of(&big[..end]);
                assert_eq!(found, Some(Utf::Utf16(UTF_16BE)), "{text:.30} {cut}");
            }
            for order in [u32::to_le_bytes, u32::to_be_bytes] {
                let bytes: Vec<u8> = text.chars().map(u32::from).flat_map(order).collect();
                assert_eq!(encoding_of(&bytes), Some(Utf::Utf32), "{text:.30}");
            }
            assert_eq!(encoding_of(text.as_bytes()), None, "{text:.30}");
        }
    }

    #[test]
    fn other_bytes_with_zeros() {
        for bytes in [
            &b"a,b\n1,x\0y\n"[..],
            b"a,b\n1,\0\n2,\0\n",
            b"a,\0b,\0c\n1,\x002,\x003\n",
            b"a\0,b\0,c\0\n1\0,2\0,3\0\n",
            b"\x0c\0\0\0\x10a\0\x01\0\0\0\0",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
            b"id,name\n\0\0\0\0\0\0\0\0",
            b"\0\0\0\0",
            b"\0",
        ] {
            assert_eq!(encoding_of(bytes), None, "{bytes:?}");
        }
    }
}
