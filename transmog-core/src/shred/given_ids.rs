//! Holds the ids that were made while their rows were shredded.

/// The ids of a table's rows in a chunk, made of the rows themselves. A row may have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenIds {
    texts: String,
    /// Where each row's text ends; nothing between two ends is no id.
    ends: Vec<usize>,
}

impl GivenIds {
    /// Adds the id of the next row; empty text is none.
    pub(crate) fn push(&mut self, id: Option<&str>) {
        self.texts.push_str(id.unwrap_or_default());
        self.ends.push(self.texts.len());
    }

    /// The id of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        let start = row
            .checked_sub(1)
            .map_or(Some(&0), |at| self.ends.get(at))?;
        self.texts
            .get(*start..*self.ends.get(row)?)
            .filter(|id| !id.is_empty())
    }

    /// Bytes of all ids.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_text_is_no_id() {
        let mut ids = GivenIds::default();
        for id in [Some("a"), None, Some(""), Some("é1")] {
            ids.push(id);
        }
        let found: Vec<_> = (0..5).map(|row| ids.get(row)).collect();
        assert_eq!(found, [Some("a"), None, None, Some("é1"), None]);
    }
}
