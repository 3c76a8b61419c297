//! The options of a format as text, from a command line or a settings file.

use crate::error::FormatError;

/// Ordered option names and values for one writer. Later values of a name replace earlier ones.
///
/// ```
/// let options = transmog_io::WriterOptions::new();
/// let options = options.with("compression", "zstd").with("row_group_size", 5000);
/// assert_eq!(options.get("row_group_size"), Some("5000"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriterOptions(Vec<(String, String)>);

impl WriterOptions {
    /// No options: the writer's defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an option.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a number or a word is handed over as it is"
    )]
    pub fn with(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.0.push((key.into(), value.to_string()));
        self
    }

    /// The value of an option, if it was given.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Names and values in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Checks that all names are in the table of the writer.
    ///
    /// # Errors
    /// [`FormatError::UnknownOption`], which lists the known names.
    pub fn check(&self, format: &str, specs: &[OptionSpec]) -> Result<(), FormatError> {
        match self
            .iter()
            .find(|(key, _)| !specs.iter().any(|spec| spec.name == *key))
        {
            None => Ok(()),
            Some((key, _)) => Err(FormatError::UnknownOption {
                format: format.to_owned(),
                key: key.to_owned(),
                known: specs.iter().map(|spec| spec.name).collect(),
            }),
        }
    }

    /// The value of an option, parsed by `read`, which returns `None` for invalid text; `default`
    /// if the option was not given.
    ///
    /// # Errors
    /// [`FormatError::InvalidOption`], which names what is `expected`.
    pub fn parse<T>(
        &self,
        format: &str,
        key: &str,
        default: T,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, FormatError> {
        let Some(value) = self.get(key) else {
            return Ok(default);
        };
        read(value).ok_or_else(|| FormatError::InvalidOption {
            format: format.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            expected: expected.to_owned(),
        })
    }
}

/// One option of a writer, as `transmog formats` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// Its default, as text.
    pub default: &'static str,
    /// What it does and what is allowed, in one line.
    pub help: &'static str,
}
