//! Holds the words that every other layer uses: errors and places in the input, paths of columns
//! and tables, and names.

mod count;
pub(crate) mod error;
mod location;
pub(crate) mod name;
mod nearest;
mod path;
mod pattern;
mod role;

pub use count::counted;
pub use error::{Error, ErrorKind, Result};
pub use location::Location;
pub use nearest::nearest;
pub use path::{ColumnPath, TablePath};
pub use pattern::Pattern;
pub use role::{Role, time_type};

pub(crate) use name::Names;
