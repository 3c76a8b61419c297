//! Writes JSON strings, and finds what needs an escape.

use wide::u8x16;

/// Bytes that are looked at at once.
const WIDTH: usize = 16;

/// Bytes at the start of a JSON string's content that stand for themselves: before the first quote,
/// backslash or control character.
///
/// ```
/// assert_eq!(transmog_core::text::plain_json(b"abc\n"), 3);
/// ```
#[inline]
pub fn plain_json(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let special = special(block);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
    let rest = &bytes[at..];
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

/// A bit for each byte that does not stand for itself.
#[inline]
fn special(block: &[u8; WIDTH]) -> u32 {
    let bytes = u8x16::new(*block);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let escapes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quotes | escapes | controls).to_bitmask()
}

/// Appends a JSON string: quotes, and escapes for the quote, the backslash and control characters
/// only.
pub fn write_json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_json(rest));
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else {
            break;
        };
        write_escape(out, *byte);
        rest = after;
    }
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_are_those_of_another_library(text in "[a-z\"\\\\\u{0}-\u{20}\u{7f}é😀]{0,70}") {
            let mut out = Vec::new();
            write_json_string(&mut out, &text);
            prop_assert_eq!(out, serde_json::to_vec(&text).expect("text"));
        }
    }
}
