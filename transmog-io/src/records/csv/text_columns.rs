//! CSV columns that a value has made text, whose later cells are text as written.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The names of such columns, shared by all threads of a run. The set only grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextColumns(Arc<Mutex<Arc<BTreeSet<String>>>>);

impl TextColumns {
    pub(crate) fn new(names: BTreeSet<String>) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(names))))
    }

    /// The names known by now.
    pub(crate) fn names(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(name) {
            Arc::make_mut(&mut names).insert(name.to_owned());
        }
    }
}

/// From which record of a chunk on columns are text.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextFrom {
    /// Columns that are text in all rows of the chunk.
    pub(crate) whole: Arc<BTreeSet<String>>,
    /// Columns that are text from a record of the chunk on, sorted by record.
    pub(crate) later: Vec<(u64, String)>,
}

impl TextFrom {
    /// Columns that are text in all rows.
    pub(crate) fn whole(names: Arc<BTreeSet<String>>) -> Self {
        Self {
            whole: names,
            later: Vec::new(),
        }
    }
}
