//! Finds whether the rows of a CSV input end with LF (or CR LF), or with CR as old Macs wrote.

use memchr::{memchr2_iter, memchr3_iter};

/// True if rows end with LF or CR LF; a lone CR is then text. False if rows end with CR. Line ends
/// in quotes do not count. `None` if the head has no line end.
pub(super) fn are_lf(head: &[u8], quote: Option<u8>) -> Option<bool> {
    match quote {
        Some(quote) => look(head, memchr3_iter(quote, b'\r', b'\n', head), Some(quote)),
        None => look(head, memchr2_iter(b'\r', b'\n', head), None),
    }
}

fn look(head: &[u8], marks: impl Iterator<Item = usize>, quote: Option<u8>) -> Option<bool> {
    let (mut is_quoted, mut has_cr) = (false, false);
    for at in marks {
        match head[at] {
            byte if Some(byte) == quote => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'\n' => return Some(true),
            _ => has_cr = true,
        }
    }
    has_cr.then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_end_with_lf_have_crs_as_text() {
        let cases: &[(&str, Option<bool>)] = &[
            ("", None),
            ("a", None),
            ("a\n", Some(true)),
            ("a\r\n", Some(true)),
            ("a\rb\r\n", Some(true)),
            ("a\rb\r", Some(false)),
            ("a,\"b\nc\"\rd", Some(false)),
            ("a,\"b\rc\"\nd", Some(true)),
            ("\"a\nb\"", None),
            ("\"a\r\nb\"\n", Some(true)),
        ];
        for (head, expected) in cases {
            assert_eq!(are_lf(head.as_bytes(), Some(b'"')), *expected, "{head:?}");
        }
        assert_eq!(are_lf(b"\"a\nb\"\r", None), Some(true));
    }
}
