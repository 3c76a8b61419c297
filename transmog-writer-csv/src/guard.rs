//! Which text a spreadsheet would take for a formula. Knows no columns and no quotes.

/// What is put in front of such text.
pub(crate) const MARK: u8 = b'\'';

/// True if a cell looks like a formula, or like one that was guarded: then taking one mark away would change it.
pub(crate) fn is_needed(cell: &[u8]) -> bool {
    let marks = cell.iter().take_while(|byte| **byte == MARK).count();
    starts_formula(&cell[marks..])
}

fn starts_formula(cell: &[u8]) -> bool {
    // Cells are UTF-8.
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
