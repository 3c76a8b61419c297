//! Chooses the words for booleans and nulls in text formats; each format knows what the words are.

/// Whose words formats that are text use for booleans and nulls, where their own options do not
/// say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Words {
    /// Few words that mean nothing else: `true` and `false`, and nothing at all for a null.
    #[default]
    Plain,
    /// Those of the Python package: CSV is read with `yes` and `no` as booleans and `NULL`, `NA`,
    /// `N/A` as nulls, and written with `True` and `False`.
    Python,
}
