//! Defines which columns get bloom filters.

/// The columns that get bloom filters. Booleans never do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BloomFilter {
    /// No column.
    #[default]
    None,
    /// All columns.
    All,
    /// The columns with these names, in every table that has them.
    Columns(Vec<String>),
}

impl BloomFilter {
    /// Reads `none`, `all`, or names separated by commas; `None` if a name is empty.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "all" => Some(Self::All),
            names => {
                let names: Vec<String> = names.split(',').map(str::to_owned).collect();
                let is_named = !names.iter().any(String::is_empty);
                is_named.then_some(Self::Columns(names))
            }
        }
    }

    /// The names, without repetitions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Self::None | Self::All => &[],
            Self::Columns(names) => names.as_slice(),
        };
        let is_first = |(at, name): &(usize, &String)| !names[..*at].contains(name);
        let each_once = names.iter().enumerate().filter(is_first);
        each_once.map(|(_, name)| name.as_str())
    }

    /// True if a column gets a bloom filter.
    pub(crate) fn is_for(&self, column: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Columns(names) => names.iter().any(|name| name == column),
        }
    }
}
