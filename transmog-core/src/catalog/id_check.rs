//! Whether the columns that ids are to be made of were there: a word that means no column is a mistake in the settings.

use super::{Catalog, Table};
use crate::{
    error::{ErrorKind, Result},
    ids::{IdFormula, Ids, Rank, Repeats},
    rules::nearest,
    shred::ShreddedTable,
};

impl Table {
    /// The columns that a word in the settings of ids may mean, the one that it means first of all before the others: a name, or
    /// a path with dots.
    pub(super) fn meant(&self, word: &str) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        let mut meant: Vec<(Rank, usize)> = columns
            .filter_map(|(index, (path, column))| {
                Some((Rank::of(word, path, &column.name)?, index))
            })
            .collect();
        meant.sort_unstable();
        meant.into_iter().map(|(_, index)| index).collect()
    }
}

/// Which of the words that ids are to be made of mean something, by their numbers in the settings.
#[derive(Debug, Default)]
pub(super) struct IdWords {
    /// Words that were looked for in rows, and those that were found.
    asked: Vec<bool>,
    met: Vec<bool>,
}

impl IdWords {
    /// Takes note of a word that a table's rows were searched for.
    pub(super) fn ask(&mut self, word: usize, met: bool) {
        for (flags, flag) in [(&mut self.asked, true), (&mut self.met, met)] {
            flags.resize(flags.len().max(word + 1), false);
            flags[word] |= flag;
        }
    }

    fn is_missing(&self, word: usize) -> bool {
        self.asked.get(word) == Some(&true) && self.met.get(word) == Some(&false)
    }
}

impl Catalog {
    /// Positions in a chunk of the columns that deterministic ids of a table are made of. `sources` are the positions of the
    /// table's columns.
    pub(super) fn id_sources(
        &mut self,
        table: usize,
        chunk: &ShreddedTable,
        sources: &[Option<usize>],
    ) -> Vec<usize> {
        let Ids::Deterministic(source) = &self.config.ids else {
            return Vec::new();
        };
        let table = &self.tables[table];
        let keys = chunk.path.keys().collect::<Vec<_>>();
        let keys = keys.join(&self.config.separator);
        let Some((number, word)) = source.column(&keys, &table.name) else {
            return Vec::new();
        };
        let meant = table.meant(word).into_iter();
        let found: Vec<usize> = meant.filter_map(|column| sources[column]).collect();
        if chunk.rows > 0 {
            self.id_words.ask(number, !found.is_empty());
        }
        found
    }

    /// Checks at the end of a run that what ids are made of was there.
    ///
    /// # Errors
    /// If there are rows, and none has a column that the settings name.
    pub fn check_ids(&self) -> Result<()> {
        let is_missing = |(number, _): &(usize, &str)| self.id_words.is_missing(*number);
        let missing: Option<&str> = match &self.given.ids {
            // To the Python package, a field that is missing is null.
            Ids::Composite(_) if self.config.id_formula == IdFormula::Python => None,
            Ids::Composite(fields) => {
                let mut fields = fields.fields().enumerate();
                fields.find(is_missing).map(|(_, field)| field)
            }
            Ids::Deterministic(source) => {
                let mut columns = source.columns().enumerate();
                columns.find(is_missing).map(|(_, column)| column)
            }
            // One of the words is enough.
            Ids::Natural(natural) if !natural.is_forced() && natural.is_named() => {
                let mut words = natural.words().enumerate();
                let first = natural.words().next();
                first.filter(|_| words.all(|word| is_missing(&word)))
            }
            _ => None,
        };
        let Some(column) = missing else {
            return Ok(());
        };
        Err(ErrorKind::NoIdColumn {
            column: column.to_owned(),
            suggestion: self.close_to(column),
        }
        .into())
    }

    /// What a row must have to get an id that is not random, in words.
    pub(super) fn ids_need(&self, is_child: bool) -> String {
        let value_in = |words: &mut dyn Iterator<Item = &str>| {
            let mut different: Vec<&str> = Vec::new();
            for word in words {
                if !different.contains(&word) {
                    different.push(word);
                }
            }
            format!("a value in {}", different.join(" or "))
        };
        match &self.given.ids {
            Ids::Random | Ids::Row => String::new(),
            Ids::Hash => "a main row with an id".to_owned(),
            Ids::Deterministic(source) => value_in(&mut source.columns()),
            Ids::Composite(fields) if is_child => {
                format!("a main row with {}", value_in(&mut fields.fields()))
            }
            Ids::Composite(fields) => value_in(&mut fields.fields()),
            Ids::Natural(natural) if natural.is_named() => value_in(&mut natural.words()),
            Ids::Natural(_) => "a value in a column that is called like an id".to_owned(),
            Ids::Custom(_) => "an id from the function that makes them".to_owned(),
        }
    }

    /// The name or path of a column that a word may be a slip of.
    fn close_to(&self, word: &str) -> Option<String> {
        let columns = self.tables.values().flat_map(|table| &table.columns);
        let spelled = columns.flat_map(|(path, column)| [column.name.clone(), path.join(".")]);
        let spelled: Vec<String> = spelled.filter(|name| !name.is_empty()).collect();
        nearest(word, spelled.iter().map(String::as_str)).map(str::to_owned)
    }

    /// What counts a table's repeated ids.
    pub(crate) fn repeats(&mut self, table: usize) -> &mut Repeats {
        &mut self.tables[table].repeats
    }
}
