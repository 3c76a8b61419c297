//! Adds rules, and checks each against those that are there.

use super::{How, Rule, Rules, What};
use crate::base::{Error, Pattern, Result};

impl Rules {
    /// Takes what stands at a path in some way.
    pub(crate) fn take(&mut self, how: How, path: Pattern) -> Result<()> {
        self.add(What::Take(how), path)
    }

    /// Leaves out what stands at a path.
    pub(crate) fn exclude(&mut self, path: Pattern) -> Result<()> {
        self.add(What::Exclude, path)
    }

    /// Takes only what stands at this path and others that are selected.
    pub(crate) fn select(&mut self, path: Pattern) -> Result<()> {
        self.add(What::Select, path)
    }

    /// Gives what stands at a path a name.
    pub(crate) fn rename(&mut self, path: Pattern, name: &str) -> Result<()> {
        if name.is_empty() {
            return Err(Error::setting(
                "rename",
                format!("{path} needs a name that is not empty"),
            ));
        }
        self.add(What::Rename(name.to_owned()), path)
    }

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
                    "{pattern} is also set with `{}`; set one of them",
                    other.setting()
                );
                Err(Error::setting(self.setting(), reason))
            }
            _ => Ok(()),
        }
    }
}
