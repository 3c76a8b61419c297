//! Checks that the columns ids are made of were there: a name without a column is a mistake in the
//! settings.

use super::repeats::Repeats;
use super::{Catalog, Table};
use crate::{
    base::{ErrorKind, Result, nearest},
    config::{Counted, IdFormula, Ids, Rank, RuleUse},
    shred::ShreddedTable,
};

impl Table {
    /// The columns that a word in the settings of ids may mean, the one that it means first of all
    /// before the others: a name, or a path with dots.
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

/// What was found of the columns that ids are to be made of, by their numbers in the settings.
#[derive(Debug, Default)]
pub(super) struct IdWords(Vec<IdWord>);

/// What was found of a column.
#[derive(Debug, Clone, Default)]
struct IdWord {
    /// True if there were rows that could have it.
    asked: bool,
    /// True if rows have it, with a value or null.
    met: bool,
    /// Rows that have a value in it, and for natural ids that have their id in it.
    rows: u64,
}

impl IdWords {
    /// Adds what a chunk's rows of a table have of a column.
    pub(super) fn ask(&mut self, number: usize, met: bool, rows: u64) {
        if self.0.len() <= number {
            self.0.resize(number + 1, IdWord::default());
        }
        let word = &mut self.0[number];
        word.asked = true;
        word.met |= met;
        word.rows += rows;
    }

    fn is_missing(&self, number: usize) -> bool {
        let word = self.0.get(number);
        word.is_some_and(|word| word.asked && !word.met)
    }

    fn is_asked(&self, number: usize) -> bool {
        self.0.get(number).is_some_and(|word| word.asked)
    }

    fn rows(&self, number: usize) -> u64 {
        self.0.get(number).map_or(0, |word| word.rows)
    }
}

impl Catalog {
    /// Positions in a chunk of the columns that deterministic ids of a table are made of. `sources`
    /// are the positions of the table's columns.
    pub(super) fn id_sources(
        &mut self,
        table: usize,
        chunk: &ShreddedTable,
        sources: &[Option<usize>],
    ) -> Vec<usize> {
        let Ids::Deterministic(source) = &self.plan.settings.ids else {
            return Vec::new();
        };
        let table = &self.tables[table];
        let keys = chunk.path.keys().collect::<Vec<_>>();
        let keys = keys.join(self.plan.settings.separator());
        let Some((number, word)) = source.column(&keys, &table.name) else {
            return Vec::new();
        };
        let meant = table.meant(word).into_iter();
        let found: Vec<usize> = meant.filter_map(|column| sources[column]).collect();
        if chunk.rows > 0 {
            let has = |row: usize| {
                let mut columns = found.iter().map(|column| &chunk.columns[*column].values);
                columns.any(|values| values.place(row).is_some())
            };
            let rows = (0..chunk.rows).filter(|row| has(*row)).count();
            self.id_words.ask(number, !found.is_empty(), rows as u64);
        }
        found
    }

    /// Checks at the end of a run that what ids are made of was there.
    ///
    /// # Errors
    /// If there are rows, and none has a column that the settings name; or if there is a header
    /// without rows, and it has not.
    pub fn check_ids(&self) -> Result<()> {
        let is_missing = |(number, word): &(usize, &str)| {
            self.id_words.is_missing(*number) || self.header_has(None, word) == Some(false)
        };
        let missing: Option<&str> = match &self.run_plan.settings.ids {
            // To the Python package, a field that is missing is null, and such a row gets a random
            // id.
            Ids::Composite(_) | Ids::Deterministic(_)
                if self.plan.settings.id_formula == IdFormula::Python =>
            {
                None
            }
            Ids::Composite(fields) => {
                let mut fields = fields.fields().enumerate();
                fields.find(is_missing).map(|(_, field)| field)
            }
            Ids::Deterministic(source) => {
                let mut columns = source.pairs().enumerate();
                let missing = columns.find(|(number, (table, column))| {
                    let in_header = self.header_has(*table, column);
                    self.id_words.is_missing(*number) || in_header == Some(false)
                });
                missing.map(|(_, (_, column))| column)
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

    /// The columns that ids are made of, as they were set, and how many rows have each. None for
    /// natural ids in columns with the usual names, for those are not the user's words.
    pub(super) fn id_rules(&self) -> Vec<RuleUse> {
        let (kind, words): (&str, Vec<(Option<&str>, &str)>) = match &self.run_plan.settings.ids {
            Ids::Composite(fields) => ("composite", fields.fields().map(|f| (None, f)).collect()),
            Ids::Deterministic(source) => ("deterministic", source.pairs().collect()),
            Ids::Natural(natural) if !natural.is_forced() && natural.is_named() => {
                ("natural", natural.pairs().collect())
            }
            _ => return Vec::new(),
        };
        let rule = |(number, (table, column)): (usize, (Option<&str>, &str))| {
            let (met, counted) = match self.header_has(table, column) {
                Some(has) => (u64::from(has), Counted::Columns),
                None => (self.id_words.rows(number), Counted::Rows),
            };
            RuleUse {
                setting: "ids",
                path: match table {
                    Some(table) => format!("{kind}:{table}={column}"),
                    None => format!("{kind}:{column}"),
                },
                value: None,
                counted,
                met,
                suggestion: self.meant_rule(number, table, column).filter(|_| met == 0),
                names: None,
            }
        };
        words.into_iter().enumerate().map(rule).collect()
    }

    /// Where a header is all that there is: whether it has this column. `None` for columns of other
    /// tables.
    fn header_has(&self, table: Option<&str>, column: &str) -> Option<bool> {
        let main = self.tables.get_index(0).map(|(_, main)| main)?;
        let is_judged = self.is_header_only() && table.is_none_or(|table| table == main.name);
        let header = self.headed.as_deref();
        let column = header.map_or(column, |header| header.column(column));
        is_judged.then(|| !main.meant(column).is_empty())
    }

    /// What may have been meant by a column in which no row has a value: another table's, if there
    /// is no such table.
    fn meant_rule(&self, number: usize, table: Option<&str>, column: &str) -> Option<String> {
        match table {
            Some(table) if !self.id_words.is_asked(number) => {
                let names = self.tables.values().map(|table| table.name.as_str());
                Some(format!("{}={column}", nearest(table, names)?))
            }
            _ => self.close_to(column).filter(|name| name != column),
        }
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
        match &self.run_plan.settings.ids {
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
