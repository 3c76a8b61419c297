//! Makes JSON text of the values of a program, so that they take the same way as all others.

use serde::Serialize;

mod tokens;

/// Appends the JSON text of the next value; `None` if there is none left.
pub(crate) type NextValue<'a> = Box<dyn FnMut(&mut Vec<u8>) -> Option<Result<(), NoValue>> + 'a>;

/// Why there is no value.
pub(crate) enum NoValue {
    /// It cannot be serialised.
    Serialise(serde_json::Error),
    /// The iterator has failed.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Makes the text of values one after another.
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
