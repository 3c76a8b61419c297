//! Counts the rows of a table whose id an earlier row has, in bounded memory.

use ahash::{HashMap, HashSet};

/// Ids of the first tables that are all remembered. A set of them takes 4.5 MiB, and their counts,
/// if all repeat, 8 MiB.
const MOST: usize = (1 << 19) / 8 * 7;

/// Tables that remember that many; of as many tables after them each remembers half, and so on.
const TABLES: usize = 4;

/// What every table remembers.
const FEWEST: usize = 256;

/// Counts repeated ids: exactly, as long as a table has few of them. Beyond that, only ids whose
/// hash begins with some zeros are looked at: one in two, in four, and so on. What is found among
/// these times two, four, and so on is about what all have.
///
/// So a table whose ids are all different is never said to repeat some, however many rows it has;
/// an estimate of the number of different ids could not promise that. The result depends on the ids
/// alone and not on their order.
#[derive(Debug)]
pub(crate) struct Repeats {
    most: usize,
    /// Hashes begin with so many zeros.
    zeros: u32,
    met: HashSet<u64>,
    /// Ids that came again, and how often.
    again: HashMap<u64, u64>,
}

impl Repeats {
    /// Nothing yet, for the table of a number.
    pub(crate) fn new(table: usize) -> Self {
        Self::of_most((MOST >> (table / TABLES).min(63)).max(FEWEST))
    }

    fn of_most(most: usize) -> Self {
        Self {
            most,
            zeros: 0,
            met: HashSet::default(),
            again: HashMap::default(),
        }
    }

    /// Takes the id of a row.
    pub(crate) fn take(&mut self, id: &[u8]) {
        let hash = hash(id);
        if hash.leading_zeros() < self.zeros {
            return;
        }
        if !self.met.insert(hash) {
            *self.again.entry(hash).or_default() += 1;
        } else if self.met.len() > self.most {
            self.thin_out();
        }
    }

    fn thin_out(&mut self) {
        while self.met.len() > self.most {
            self.zeros += 1;
            let zeros = self.zeros;
            self.met.retain(|hash| hash.leading_zeros() >= zeros);
            self.again.retain(|hash, _| hash.leading_zeros() >= zeros);
        }
    }

    /// Rows whose id an earlier row has; about that many, unless it is [exact](Self::is_exact).
    pub(crate) fn count(&self) -> u64 {
        let found: u64 = self.again.values().sum();
        found.saturating_mul(1_u64.checked_shl(self.zeros).unwrap_or(u64::MAX))
    }

    /// True if all ids were looked at.
    pub(crate) fn is_exact(&self) -> bool {
        self.zeros == 0
    }
}

/// A hash that is the same on every machine. Ids are short, and most are random or hashes
/// themselves.
fn hash(id: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(MULTIPLIER);
        (product as u64) ^ ((product >> 64) as u64)
    };
    let (words, rest) = id.as_chunks::<8>();
    let mut hash = mix(id.len() as u64, 0x51_7c_c1_b7_27_22_0a_95);
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word)).rotate_left(29);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = mix(hash, u64::from_le_bytes(last));
    hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(most: usize, ids: impl Iterator<Item = String>) -> Repeats {
        let mut repeats = Repeats::of_most(most);
        ids.for_each(|id| repeats.take(id.as_bytes()));
        repeats
    }

    #[test]
    fn few_ids_are_counted_exactly() {
        let ids = || ["a", "b", "a", "", "", "", "c", "a"].map(str::to_owned);
        let repeats = counted(4, ids().into_iter());
        assert_eq!((repeats.count(), repeats.is_exact()), (4, true));
        let numbers = (0..50_000).map(|n| (n % 30_000).to_string());
        let repeats = counted(MOST, numbers);
        assert_eq!((repeats.count(), repeats.is_exact()), (20_000, true));
    }

    #[test]
    fn different_ids_never_repeat_however_many_they_are() {
        for spelled in [|n: u64| n.to_string(), |n| format!("{:032x}", n << 40)] {
            let repeats = counted(300, (0..200_000).map(spelled));
            assert_eq!((repeats.count(), repeats.is_exact()), (0, false));
        }
    }

    #[test]
    fn many_ids_are_counted_about_whatever_their_order() {
        let ids: Vec<u64> = (0..100_000).chain(0..25_000).collect();
        let repeats = counted(4096, ids.iter().map(u64::to_string));
        let found = repeats.count();
        assert!((22_000..28_000).contains(&found), "{found}");
        let backwards = counted(4096, ids.iter().rev().map(u64::to_string));
        assert_eq!(backwards.count(), found);
        // One id over and over.
        let same = counted(4096, (0..1_000_000_u64).map(|n| (n % 3).to_string()));
        assert_eq!((same.count(), same.is_exact()), (999_997, true));
    }

    #[test]
    fn the_tables_of_a_run_remember_little_together() {
        let all: usize = (0..10_000).map(|table| Repeats::new(table).most).sum();
        assert!(all < 2 * TABLES * MOST + 10_000 * FEWEST, "{all}");
    }
}
