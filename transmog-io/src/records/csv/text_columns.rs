//! Columns of CSV inputs whose cells are text, as written, because a value made them text.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The names of these columns, known to all threads of a run. There are only more of them as a run goes on.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextColumns(Arc<Mutex<Arc<BTreeSet<String>>>>);

impl TextColumns {
    pub(crate) fn new(names: BTreeSet<String>) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(names))))
    }

    /// Those known by now.
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

/// Which columns of a chunk have text in which rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextFrom {
    /// Columns that are text in all rows.
    pub(crate) whole: Arc<BTreeSet<String>>,
    /// Columns that are text from a record of the chunk on, by these records.
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
