//! Rules by path: what each does, and which of them contradict each other.

mod oracle;
mod random;
