//! Shows a few characters of the input in messages:
//! `expected a value, found "<!DOCTYPE html>\n<html la..."`.

use std::fmt::Write as _;

use encoding_rs::Encoding;
use memchr::memchr;
use transmog_core::ErrorKind;

/// Characters that are shown.
const MOST: usize = 24;

/// Bytes shown before the position of undecodable bytes.
const BEFORE: usize = 10;

/// Bytes from which an encoding is guessed.
const GUESSED_BY: usize = 1024;

/// The beginning of some bytes, in quotes; control characters as escapes, undecodable bytes as
/// `\xE9`.
///
/// `<!DOCTYPE html>⏎<html lang="en">` is shown as `"<!DOCTYPE html>\n<html la..."`.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    let mut left = MOST;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if left == 0 {
                break;
            }
            left -= 1;
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid().iter().take(left) {
            left -= 1;
            write!(text, "\\x{byte:02X}").ok(); // Writing to a string does not fail.
        }
        if left == 0 {
            break;
        }
    }
    // The limit was reached: check whether anything is left.
    if left == 0 && is_longer(bytes) {
        text.push_str("...");
    }
    text.push('"');
    text
}

/// Adds an excerpt to a message: `expected a value, found "x"`.
pub(crate) fn with_found(message: &str, rest: &[u8], end: &str) -> String {
    match (rest, message.starts_with("expected")) {
        ([], true) => format!("{message}, found {end}"),
        ([], false) => message.to_owned(),
        (rest, true) => format!("{message}, found {}", shown(rest)),
        (rest, false) => format!("{message}, at {}", shown(rest)),
    }
}

/// True if the bytes are longer than an excerpt.
fn is_longer(bytes: &[u8]) -> bool {
    let units = bytes
        .utf8_chunks()
        .flat_map(|chunk| [chunk.valid().chars().count(), chunk.invalid().len()]);
    let mut sum = 0;
    for count in units {
        sum += count;
        if sum > MOST {
            return true;
        }
    }
    false
}

/// The error of bytes that are not UTF-8, and its position; `None` if they are. `goes_on` is false
/// if the input ends with them.
pub(crate) fn no_text(bytes: &[u8], encoding: &str, goes_on: bool) -> Option<(ErrorKind, usize)> {
    let error = std::str::from_utf8(bytes).err()?;
    let at = error.valid_up_to();
    let from = before(bytes, at);
    let found = shown(&bytes[from..]);
    let message = if encoding != "UTF-8" {
        format!(
            "found bytes that are not {encoding} behind {}",
            shown(&bytes[from..at])
        )
    } else if is_binary(bytes, at) {
        format!("found {found}, which is no text: the input looks like a binary file")
    } else if error.error_len().is_none() && !goes_on {
        format!(
            "the input ends within a character of UTF-8, with {found}: it is cut off, or in another encoding, such as \
             `encoding=windows-1252`"
        )
    } else {
        let guess = guess(bytes, at);
        if bytes
            .iter()
            .take(GUESSED_BY)
            .any(|byte| matches!(byte, 1..=3))
        {
            format!(
                "found {found}, which is not UTF-8: a binary file, or text in another encoding, such as `encoding={guess}`"
            )
        } else {
            format!("found {found}, which is not UTF-8; try `encoding={guess}`")
        }
    };
    Some((ErrorKind::Text { message }, at))
}

/// What is wrong with bytes in which a zero byte stands, and where.
pub(crate) fn zero_byte(bytes: &[u8]) -> Option<(ErrorKind, usize)> {
    let at = memchr(0, bytes)?;
    let found = shown(&bytes[before(bytes, at)..]);
    let message = if is_binary(bytes, at) {
        format!("found {found}, which is no text: the input looks like a binary file")
    } else {
        format!(
            "found {found}, and text has no zero bytes; if it is text but for them, take them away first, for example \
             with tr -d '\\000'"
        )
    };
    Some((ErrorKind::Text { message }, at))
}

/// A place shortly before another one, not within a character.
fn before(bytes: &[u8], at: usize) -> usize {
    let mut from = at.saturating_sub(BEFORE);
    while from < at && bytes[from] & 0xc0 == 0x80 {
        from += 1;
    }
    from
}

/// True if control characters stand near a place that no text has. 01 to 03 are delimiters in Hive.
fn is_binary(bytes: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(GUESSED_BY / 2);
    let near = &bytes[from..bytes.len().min(from + GUESSED_BY)];
    let is_control = |byte: &&u8| matches!(byte, 4..=8 | 0x0e..=0x19 | 0x1c | 0x1d);
    near.iter().any(|byte| is_control(&byte))
}

/// The label of the most likely encoding.
fn guess(bytes: &[u8], at: usize) -> &'static str {
    let from = at.saturating_sub(GUESSED_BY / 2);
    let near = &bytes[from..bytes.len().min(from + GUESSED_BY)];
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(near, true);
    label(detector.guess(None, false))
}

/// The label of an encoding as people write it.
fn label(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "Shift_JIS" => "shift_jis",
        "Big5" => "big5",
        "GBK" => "gbk",
        "EUC-JP" => "euc-jp",
        "EUC-KR" => "euc-kr",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_characters_on_one_line() {
        assert_eq!(shown(b"x"), "\"x\"");
        assert_eq!(
            shown(b"<!DOCTYPE html>\n<html lang=\"en\">"),
            "\"<!DOCTYPE html>\\n<html la...\""
        );
        assert_eq!(shown(b"caf\xe9,\0"), "\"caf\\xE9,\\u{0}\"");
        assert_eq!(
            shown("日".repeat(24).as_bytes()),
            format!("\"{}\"", "日".repeat(24))
        );
        assert_eq!(
            shown("日".repeat(25).as_bytes()),
            format!("\"{}...\"", "日".repeat(24))
        );
        assert_eq!(shown(&[0xff; 30]), format!("\"{}...\"", "\\xFF".repeat(24)));
    }

    #[test]
    fn bytes_that_are_no_text() {
        let message = |bytes: &[u8], encoding, goes_on| {
            let (kind, at) = no_text(bytes, encoding, goes_on).unwrap();
            (kind.to_string(), at)
        };
        let (text, at) = message(b"Zo\xeb,caf\xe9", "UTF-8", true);
        assert_eq!(at, 2);
        assert!(
            text.ends_with("which is not UTF-8; try `encoding=windows-1252`"),
            "{text}"
        );
        let (text, _) = message(b"\x04\xeb\0", "UTF-8", true);
        assert!(
            text.ends_with("which is no text: the input looks like a binary file"),
            "{text}"
        );
        let (text, _) = message(b"\x81\xa1a\x01", "UTF-8", true);
        assert!(
            text.contains("a binary file, or text in another encoding"),
            "{text}"
        );
        let zero = |bytes: &[u8]| zero_byte(bytes).map(|(kind, at)| (kind.to_string(), at));
        let (text, at) = zero(b"1,a\0b").unwrap();
        assert_eq!(at, 3);
        assert!(
            text.contains("text has no zero bytes; if it is text"),
            "{text}"
        );
        assert!(zero(b"\x05\0").unwrap().0.contains("a binary file"));
        assert_eq!(zero(b"ab"), None);
        // At its end, a row may lack bytes of a character; it does not, if more rows follow.
        let (text, _) = message(b"caf\xe9", "UTF-8", true);
        assert!(text.ends_with("try `encoding=windows-1252`"), "{text}");
        let (text, _) = message(b"caf\xc3", "UTF-8", false);
        assert!(text.contains("ends within a character"), "{text}");
        let (text, _) = message(b"caf\xff", "Shift_JIS", true);
        assert_eq!(
            text,
            "invalid text: found bytes that are not Shift_JIS behind \"caf\""
        );
        assert_eq!(no_text("é".as_bytes(), "UTF-8", false), None);
        for (label, text) in [
            ("shift_jis", "名前は日本語です。これは長い文章です"),
            ("windows-1251", "Привет, это русский текст"),
            ("gbk", "这是一个中文的句子，我们在测试"),
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, _) = encoding.encode(text);
            let (found, _) = message(&bytes, "UTF-8", true);
            assert!(found.ends_with(&format!("`encoding={label}`")), "{found}");
        }
    }
}
