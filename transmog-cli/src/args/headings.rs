//! Headings of the help under which options of several files stand. Each option names its heading:
//! one that a group set would hold for all options that follow it.

/// What columns are called and which types they have.
pub(super) const TYPES: &str = "Types and names";

/// How fast, with how much memory.
pub(super) const SPEED: &str = "Speed and memory";
