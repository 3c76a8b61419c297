//! The rules as settings: each is checked against the others when it is set.

use super::{How, Rule, Rules, What};
use crate::{
    base::{Error, Pattern, Result},
    config::Config,
};

impl Rules {
    /// Adds a rule, unless it is there already.
    fn add(&mut self, what: What, pattern: Pattern) -> Result<()> {
        for other in self.rules.iter().filter(|rule| rule.pattern == pattern) {
            if other.what == what {
                return Ok(());
            }
            what.check(&other.what, &pattern)?;
        }
        let number = self.rules.len();
        self.rules.push(Rule {
            what,
            pattern,
            number,
        });
        Ok(())
    }
}

impl What {
    /// Fails if two rules for one path contradict each other.
    fn check(&self, other: &Self, pattern: &Pattern) -> Result<()> {
        match (self, other) {
            (Self::Rename(name), Self::Rename(known)) => {
                let reason = format!("{pattern} is called {known:?} and {name:?}; give one name");
                Err(Error::setting("rename", reason))
            }
            (Self::Take(_), Self::Take(_))
            | (Self::Exclude, Self::Take(_) | Self::Select)
            | (Self::Take(_) | Self::Select, Self::Exclude) => {
                let reason = format!(
                    "{pattern} is also set as {}; set one of them",
                    other.setting()
                );
                Err(Error::setting(self.setting(), reason))
            }
            _ => Ok(()),
        }
    }
}

/// Rules by path.
impl Config {
    /// Keeps whatever stands at a path in the row, as compact JSON text in one column: objects, arrays, and scalars too, so that
    /// every cell can be parsed. Null stays null.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_json_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(What::Take(How::Json), path)?;
        Ok(self)
    }

    /// Takes whatever stands at a path for an array that becomes a child table, whatever the array mode: an object or a scalar
    /// there is the only item, null is none.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_array_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(What::Take(How::Array), path)?;
        Ok(self)
    }

    /// Makes a child table of an object at a path whose keys are data: a row for each entry, with its key in the column
    /// [`Metadata::key`](crate::config::Metadata::key). An entry is treated like the item of an array, and its key, as the number of
    /// an item, is no part of paths.
    ///
    /// # Errors
    /// If another rule is set for the same path, or another metadata column has the key column's name.
    pub fn with_map_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(What::Take(How::Map), path)?;
        self.with_metadata(|_| ())
    }

    /// Leaves out what stands at a path, with everything below it, also where that is part of JSON text. It is counted as
    /// excluded. Wins over [`with_select`](Self::with_select).
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_exclude(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(What::Exclude, path)?;
        Ok(self)
    }

    /// Takes only what stands at a path, what is below it, and the objects and arrays on the way to it; everything else is
    /// counted as excluded. Several such paths add up.
    ///
    /// # Errors
    /// If the same path is excluded.
    pub fn with_select(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(What::Select, path)?;
        Ok(self)
    }

    /// Calls the column or the table of a path by a name. Below it, the name stands for the keys of the path; the tables below
    /// an array begin with it.
    ///
    /// # Errors
    /// If the name is empty, or the path has another one already.
    pub fn with_rename(mut self, path: Pattern, name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::setting(
                "rename",
                format!("{path} needs a name that is not empty"),
            ));
        }
        self.rules.add(What::Rename(name.to_owned()), path)?;
        Ok(self)
    }
}
