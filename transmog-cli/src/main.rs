//! The transmog command.
fn main() {}
