//! Makes JSON text of Rust values, so that records from a program take the same way as those from
//! files.

use serde::Serialize;

mod tokens;

/// Appends the JSON text of the next value to a buffer; `None` at the end.
pub(crate) type NextValue<'a> = Box<dyn FnMut(&mut Vec<u8>) -> Option<Result<(), NoValue>> + 'a>;

/// Why there is no text for a value.
pub(crate) enum NoValue {
    /// It cannot be serialised.
    Serialise(serde_json::Error),
    /// The iterator has failed.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Makes JSON text of values, one at a time.
pub(crate) fn serialize<'a, T, E>(
    mut next: impl FnMut() -> Option<Result<T, E>> + 'a,
) -> NextValue<'a>
where
    T: Serialize,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Box::new(move |out| {
        Some(match next()? {
            Ok(value) => tokens::write(out, &value).map_err(NoValue::Serialise),
            Err(error) => Err(NoValue::Failed(error.into())),
        })
    })
}
