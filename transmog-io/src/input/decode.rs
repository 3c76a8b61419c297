//! Decodes other encodings to UTF-8, while the input is read.
//!
//! A byte that cannot be decoded becomes 0xFF, which UTF-8 never contains. The check of the text
//! then reports it at its place, as it does in a UTF-8 input; a replacement character would hide
//! it.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

/// Bytes that are read and decoded in one step.
const PIECE: usize = 64 << 10;

/// Replaces bytes that cannot be decoded.
const NO_TEXT: u8 = 0xff;

/// A reader of the same text in UTF-8. The byte order mark of UTF-16 must have been removed before.
pub(crate) fn decode<'a>(
    reader: Box<dyn Read + 'a>,
    encoding: &'static Encoding,
) -> Box<dyn Read + 'a> {
    if encoding == UTF_8 {
        return reader;
    }
    Box::new(Decoding {
        reader,
        decoder: encoding.new_decoder_without_bom_handling(),
        raw: vec![0; PIECE],
        waiting: 0..0,
        text: Vec::new(),
        given: 0,
        at_end: false,
    })
}

struct Decoding<R> {
    reader: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// The part of `raw` that is not decoded yet.
    waiting: std::ops::Range<usize>,
    text: Vec<u8>,
    /// Bytes of `text` that the caller has read.
    given: usize,
    /// True if everything was read and decoded.
    at_end: bool,
}

impl<R: Read> Decoding<R> {
    /// Decodes the next piece, if there is one.
    fn decode_some(&mut self) -> io::Result<()> {
        let mut last = false;
        if self.waiting.is_empty() {
            let read = self.reader.read(&mut self.raw)?;
            self.waiting = 0..read;
            last = read == 0;
        }
        let raw = &self.raw[self.waiting.clone()];
        // More than any encoding needs. If it were not, the next call would decode the rest.
        self.text.resize(raw.len() * 4 + 16, 0);
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(raw, &mut self.text, last);
        self.waiting.start += read;
        self.text.truncate(written);
        self.given = 0;
        match result {
            DecoderResult::Malformed(..) => self.text.push(NO_TEXT),
            DecoderResult::InputEmpty => self.at_end = last,
            DecoderResult::OutputFull => {}
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.given == self.text.len() {
            if self.at_end {
                return Ok(0);
            }
            self.decode_some()?;
        }
        let read = (&self.text[self.given..]).read(out)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], label: &str) -> Vec<u8> {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        let one_by_one = io::BufReader::with_capacity(1, bytes);
        let mut text = Vec::new();
        decode(Box::new(one_by_one), encoding)
            .read_to_end(&mut text)
            .unwrap();
        text
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn by_label() {
        let text = "é,😀\n";
        assert_eq!(all(text.as_bytes(), "utf-8"), text.as_bytes());
        assert_eq!(
            all(&utf16(text, u16::to_le_bytes), "utf-16"),
            text.as_bytes()
        );
        assert_eq!(
            all(&utf16(text, u16::to_be_bytes), "utf-16be"),
            text.as_bytes()
        );
        assert_eq!(all(b"caf\xe9", "latin1"), "café".as_bytes());
        assert_eq!(all(b"\x93\xfa\x96\x7b", "shift_jis"), "日本".as_bytes());
        assert_eq!(all(b"", "latin1"), b"");
        assert_eq!(all(b"ab", "latin1"), b"ab");
    }

    #[test]
    fn what_is_no_text_becomes_a_byte_that_is_none() {
        assert_eq!(all(b"a\0\0\xd8b\0", "utf-16le"), b"a\xffb");
        assert_eq!(all(b"a\0b", "utf-16le"), b"a\xff");
        assert_eq!(all(b"a\x93", "shift_jis"), b"a\xff");
    }

    #[test]
    fn long_inputs() {
        let text = "日本,é\n".repeat(50_000);
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("日本\n");
        assert_eq!(
            all(&bytes.repeat(40_000), "sjis"),
            "日本\n".repeat(40_000).as_bytes()
        );
        assert_eq!(
            all(&utf16(&text, u16::to_le_bytes), "utf-16"),
            text.as_bytes()
        );
    }
}
