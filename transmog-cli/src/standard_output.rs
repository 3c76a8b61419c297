//! Standard output as a place for rows or records, whose errors say so.

use std::io::{self, Write};

/// Standard output.
#[derive(Debug)]
pub(crate) struct StandardOutput;

impl Write for StandardOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        io::stdout().write(data).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush().map_err(named)
    }
}

fn named(error: io::Error) -> io::Error {
    let kind = error.kind();
    match kind {
        io::ErrorKind::Interrupted => error, // Whoever writes tries again.
        io::ErrorKind::BrokenPipe => io::Error::new(
            kind,
            "standard output was closed before everything was written",
        ),
        _ => io::Error::new(kind, format!("standard output: {error}")),
    }
}
