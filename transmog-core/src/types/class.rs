//! Classifies the cells of text columns, which may represent booleans, numbers, text or JSON.

use super::kinds::Kinds;

/// The kind of a value as a reader of text must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// `true` or `false`.
    Bool,
    /// A number of any size.
    Number,
    /// Text.
    Text,
    /// JSON text of an object or an array.
    Json,
}

impl Class {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// The class of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Bool, Self::Number, Self::Text, Self::Json]
            .into_iter()
            .find(|class| class.as_str() == word)
    }

    /// The one class that all values of a column have; `None` if they have several.
    pub(crate) fn of_kinds(kinds: Kinds) -> Option<Self> {
        let numbers = Kinds::LARGE
            .join(Kinds::BIG)
            .join(Kinds::HUGE)
            .join(Kinds::FLOAT);
        let classes = [
            (Self::Bool, Kinds::BOOL),
            (Self::Number, numbers),
            (Self::Text, Kinds::TEXT),
            (Self::Json, Kinds::LIST.join(Kinds::JSON)),
        ];
        let sole = |(class, all): (Self, Kinds)| all.holds(kinds).then_some(class);
        classes
            .into_iter()
            .find_map(sole)
            .filter(|_| kinds != Kinds::NONE)
    }
}
