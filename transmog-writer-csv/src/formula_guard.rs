//! Finds text that a spreadsheet would run as a formula, such as `=1+1`.
//!
//! With the option `formula_guard` such text is written with a `'` in front. The guard can be
//! undone only if guarded text differs from text that began with `'` anyway, so that one gets a
//! mark, too:
//!
//! ```text
//! text    cell
//! =1      '=1
//! '=1     ''=1
//! 'tis    'tis
//! ```

/// The character in front of guarded text.
pub(crate) const MARK: u8 = b'\'';

/// True if `cell` is a formula after any number of marks: then it is written with one mark more.
pub(crate) fn is_needed(cell: &[u8]) -> bool {
    let marks = cell.iter().take_while(|byte| **byte == MARK).count();
    starts_formula(&cell[marks..])
}

fn starts_formula(cell: &[u8]) -> bool {
    // Invariant: cells are UTF-8. Were they not, the cell would count as no formula.
    let text = std::str::from_utf8(cell).unwrap_or_default();
    let is_blank = |c: char| c.is_whitespace() && !matches!(c, '\t' | '\r');
    let rest = text.trim_start_matches(is_blank);
    rest.starts_with(['=', '+', '-', '@', '|', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_what_looks_guarded() {
        for cell in [
            "=1", "+", "-x", "@a", "|", "\t", "\rx", "  =1", "\n=1", "\u{a0}=1", " \t1", "'=1",
            "'''-", "' =1",
        ] {
            assert!(is_needed(cell.as_bytes()), "{cell:?}");
        }
        for cell in [
            "", " ", "x", "x=1", "1-2", "'", "'x", "''", "\u{e9}=", "[-1]", " '=1",
        ] {
            assert!(!is_needed(cell.as_bytes()), "{cell:?}");
        }
    }
}
