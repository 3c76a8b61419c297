//! Makes the names of columns distinct: `a`, `a_1`, `a_2`.

use std::collections::BTreeMap;

/// Names in use, each with the next number to try if it is wanted again.
#[derive(Debug, Default)]
pub(super) struct UniqueNames(BTreeMap<String, usize>);

impl UniqueNames {
    /// The wanted name if it is free, else with the first free suffix `_1`, `_2`, ...
    pub(super) fn give(&mut self, wanted: String) -> String {
        let Some(next) = self.0.get(&wanted) else {
            self.0.insert(wanted.clone(), 1);
            return wanted;
        };
        let mut number = *next;
        let mut name = format!("{wanted}_{number}");
        while self.0.contains_key(&name) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.0.insert(name.clone(), 1);
        self.0.insert(wanted, number + 1);
        name
    }
}

/// The name of a column that has none, by its position from 0.
pub(super) fn by_position(column: usize) -> String {
    format!("column_{}", column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_get_the_first_free_suffix() {
        let mut names = UniqueNames::default();
        let wanted = ["a", "a_1", "a", "b", "a", "a_1", "", ""];
        let names = wanted.map(|name| names.give(name.into()));
        assert_eq!(names, ["a", "a_1", "a_2", "b", "a_3", "a_1_1", "", "_1"]);
    }
}
