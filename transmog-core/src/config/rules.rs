//! Answers what the settings ask for at a path: to leave out, to keep as JSON, to make a table of,
//! to rename.

use crate::base::Pattern;

mod header;
mod names;
mod prune;
mod settings;
mod uses;

pub use header::{Header, HeaderColumn};
pub use uses::{Counted, Named, RuleUse};

pub(crate) use uses::LeftOut;

/// The rules of a run. Paths are the keys of the table, then those within the row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rules {
    /// In the order in which they were set.
    rules: Vec<Rule>,
}

/// What happens at one path.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    what: What,
    pattern: Pattern,
    /// Position of the rule as it was set: a rule may need a pattern for each of several columns of
    /// a CSV input.
    number: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Exclude,
    Select,
    /// [`How::Json`], [`How::Map`] or [`How::Array`].
    Take(How),
    Rename(String),
}

/// How a value is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// As what it is.
    #[default]
    Plain,
    /// Not at all.
    Excluded,
    /// As JSON text.
    Json,
    /// An object as a table of its entries.
    Map,
    /// As an array.
    Array,
}

impl What {
    /// Name of its setting.
    fn setting(&self) -> &'static str {
        match self {
            Self::Exclude | Self::Take(How::Plain | How::Excluded) => "exclude",
            Self::Select => "select",
            Self::Take(How::Json) => "json_path",
            Self::Take(How::Map) => "map_path",
            Self::Take(How::Array) => "array_path",
            Self::Rename(_) => "rename",
        }
    }
}

/// What a path within the rows of a table needs. Most need nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Treatment {
    pub(crate) how: How,
    /// True if only something below it is selected: its own scalars are left out.
    pub(crate) way: bool,
    /// True if texts must be spelled as its type wants it.
    pub(crate) form: bool,
    /// True if there are rules for exactly this path, which count its values.
    pub(crate) counted: bool,
}

impl Treatment {
    pub(crate) const PLAIN: Self = Self {
        how: How::Plain,
        way: false,
        form: false,
        counted: false,
    };

    /// True if values are taken as they come, but for being counted.
    #[inline]
    pub(crate) fn takes_all(self) -> bool {
        self.how == How::Plain && !self.way && !self.form
    }
}

/// Whether a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Out,
    /// Only what is selected below it.
    Way,
    In,
}

impl Rules {
    /// How the value at these keys is taken.
    pub(crate) fn treatment(&self, keys: &[&str]) -> Treatment {
        let reach = self.reach(keys);
        let how = match reach {
            Reach::Out => How::Excluded,
            Reach::Way | Reach::In => {
                // The first in the order of `How` counts.
                let taken = self.matching(keys).filter_map(|rule| match rule.what {
                    What::Take(how) => Some(how),
                    _ => None,
                });
                taken.min().unwrap_or_default()
            }
        };
        Treatment {
            how,
            way: reach == Reach::Way,
            form: false,
            counted: self.matching(keys).any(Rule::counts_values),
        }
    }

    /// How the items of a table are taken, whose array these keys lead to.
    pub(crate) fn item_treatment(&self, keys: &[&str]) -> Treatment {
        Treatment {
            way: self.reach(keys) == Reach::Way,
            ..Treatment::PLAIN
        }
    }

    /// True if objects at these keys are tables of their entries.
    pub(crate) fn is_map<'k>(&self, keys: impl Iterator<Item = &'k str>) -> bool {
        self.has_maps() && self.treatment(&keys.collect::<Vec<_>>()).how == How::Map
    }

    /// True if all values are taken as they come.
    pub(crate) fn is_empty(&self) -> bool {
        !self.rules.iter().any(Rule::counts_values)
    }

    pub(crate) fn has_maps(&self) -> bool {
        self.any(|what| *what == What::Take(How::Map))
    }

    /// True if there are rules that leave something out.
    pub(crate) fn leaves_out(&self) -> bool {
        self.any(|what| matches!(what, What::Exclude | What::Select))
    }

    /// True if there are rules that say what is taken.
    pub(crate) fn selects(&self) -> bool {
        self.any(|what| *what == What::Select)
    }

    fn any(&self, is: impl Fn(&What) -> bool) -> bool {
        self.rules.iter().any(|rule| is(&rule.what))
    }

    /// The patterns of rules of one kind.
    fn patterns<'r>(&'r self, what: &'r What) -> impl Iterator<Item = &'r Pattern> {
        let rules = self.rules.iter().filter(move |rule| rule.what == *what);
        rules.map(|rule| &rule.pattern)
    }

    fn matching<'r>(&'r self, keys: &'r [&str]) -> impl Iterator<Item = &'r Rule> {
        let rules = self.rules.iter();
        rules.filter(|rule| rule.pattern.matches(keys.iter().copied()))
    }

    fn reach(&self, keys: &[&str]) -> Reach {
        let all = || keys.iter().copied();
        let mut excluded = self.patterns(&What::Exclude);
        if excluded.any(|pattern| pattern.matches(all())) {
            return Reach::Out;
        }
        let selected = |pattern: &Pattern| pattern.matches(all().take(pattern.len()));
        let select = || self.patterns(&What::Select);
        if !self.selects() || select().any(selected) {
            return Reach::In;
        }
        let leads = |pattern: &Pattern| pattern.leads_to(all()).is_some();
        if select().any(leads) {
            Reach::Way
        } else {
            Reach::Out
        }
    }
}

impl Rule {
    /// True if it is about values, and not only about names.
    fn counts_values(&self) -> bool {
        !matches!(self.what, What::Rename(_))
    }
}
