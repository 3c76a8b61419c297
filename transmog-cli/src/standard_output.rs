//! Standard output as a place for a table. Whoever closes it has read enough, which is no error.

use std::io::{self, Write};

/// Standard output, or nowhere once it was closed at the other end.
#[derive(Debug, Default)]
pub(crate) struct StandardOutput {
    is_closed: bool,
}

impl StandardOutput {
    fn unless_closed<R>(&mut self, result: io::Result<R>, enough: R) -> io::Result<R> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(enough)
            }
            Err(error) => Err(io::Error::new(
                error.kind(),
                format!("standard output: {error}"),
            )),
            Ok(result) => Ok(result),
        }
    }
}

impl Write for StandardOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(data.len());
        }
        self.unless_closed(io::stdout().write(data), data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        self.unless_closed(io::stdout().flush(), ())
    }
}
