//! Decides which column type holds which values.
//!
//! A column collects the kinds of its values (`Kinds`); joining kinds gives the narrowest type that
//! holds all of them, in whatever order they come: `1`, `2.5` and `"x"` make a text column.

mod class;
mod detect;
mod kinds;
mod layout;
mod pin;

pub use class::Class;
pub use detect::Detection;
pub use kinds::{Kinds, final_schema, final_type, type_name, type_of_name};
pub use layout::{ColumnLayout, Layout, TableLayout};

pub(crate) use detect::first_misfit;
pub(crate) use pin::{Breach, Pin, form, spelled};
