//! How a record of each shape is made.

pub(crate) mod arrays;
pub(crate) mod csv;
pub(crate) mod deep;
pub(crate) mod drift;
pub(crate) mod events;
pub(crate) mod flat;
pub(crate) mod scaling;
pub(crate) mod wide;
