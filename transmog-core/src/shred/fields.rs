//! Finds the node of a key among the keys of one path, trying the key that came next in the record
//! before.

use std::sync::Arc;

use indexmap::IndexMap;

use super::place::NodeId;

/// The keys met, in the order in which they were met first.
#[derive(Debug, Default)]
pub(super) struct Fields {
    nodes: IndexMap<Arc<str>, NodeId, ahash::RandomState>,
    /// The same keys in the same order, without pointers: most are found here.
    prints: Vec<(Fingerprint, NodeId)>,
}

/// What tells keys of up to 16 bytes apart: the length, and the first and last 8 or 4 bytes, which
/// may overlap, or all bytes if there are fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    length: usize,
    first: u64,
    last: u64,
}

/// Bytes of the longest key that its fingerprint stands for.
const PRINTED: usize = 16;

impl Fields {
    /// The node of a key. `next` is the field expected next: most records repeat the key order of
    /// the one before.
    #[inline]
    pub(super) fn node(&self, key: &str, next: &mut usize) -> Option<NodeId> {
        if let Some((print, node)) = self.prints.get(*next)
            && *print == Fingerprint::of(key)
            && (key.len() <= PRINTED || self.is_at(*next, key))
        {
            *next += 1;
            return Some(*node);
        }
        self.node_elsewhere(key, next)
    }

    #[inline(never)]
    fn node_elsewhere(&self, key: &str, next: &mut usize) -> Option<NodeId> {
        let (index, _, node) = self.nodes.get_full(key)?;
        *next = index + 1;
        Some(*node)
    }

    fn is_at(&self, index: usize, key: &str) -> bool {
        let known = self.nodes.get_index(index);
        known.is_some_and(|(known, _)| **known == *key)
    }

    /// Adds a key that is not there.
    pub(super) fn add(&mut self, key: Arc<str>, node: NodeId) {
        debug_assert!(!self.nodes.contains_key(&key), "a key has one place");
        self.prints.push((Fingerprint::of(&key), node));
        self.nodes.insert(key, node);
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.prints.len()
    }
}

impl Fingerprint {
    #[inline]
    fn of(key: &str) -> Self {
        let key = key.as_bytes();
        let (first, last) = if let Some((first, last)) = ends::<8>(key) {
            (u64::from_ne_bytes(first), u64::from_ne_bytes(last))
        } else if let Some((first, last)) = ends::<4>(key) {
            (
                u32::from_ne_bytes(first).into(),
                u32::from_ne_bytes(last).into(),
            )
        } else {
            let bytes = key.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
            (bytes, 0)
        };
        Self {
            length: key.len(),
            first,
            last,
        }
    }
}

/// The first and the last `N` bytes, if there are so many.
#[inline]
fn ends<const N: usize>(key: &[u8]) -> Option<([u8; N], [u8; N])> {
    Some((*key.first_chunk()?, *key.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_wherever_they_differ() {
        for length in 0..40 {
            let key = "k".repeat(length);
            let mut fields = Fields::default();
            fields.add(key.as_str().into(), 7);
            for at in 0..length {
                let mut other = key.clone().into_bytes();
                other[at] = b'x';
                let other = String::from_utf8(other).expect("it is ASCII");
                assert_eq!(fields.node(&other, &mut 0), None, "{other}");
            }
            assert_eq!(fields.node(&"k".repeat(length + 1), &mut 0), None);
            let mut next = 0;
            assert_eq!(fields.node(&key, &mut next), Some(7));
            assert_eq!(next, 1);
            assert_eq!(fields.node(&key, &mut next), Some(7));
        }
    }
}
