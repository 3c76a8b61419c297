//! Opens a file as an input.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// Opens a file, which must not become shorter while it is read.
pub(crate) fn open_file(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = fs::File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(is_folder(path));
    }
    let length = if about.is_file() { about.len() } else { 0 };
    Ok(Box::new(Whole { file, length }))
}

/// A file that must not become shorter while it is read: its end would pass for the end of the records.
struct Whole {
    file: fs::File,
    /// Bytes when it was opened; 0 for what is no ordinary file.
    length: u64,
}

impl Read for Whole {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        if read == 0 && !out.is_empty() && self.length > 0 {
            let now = self.file.metadata()?.len();
            if now < self.length {
                let was = self.length;
                let reason = format!(
                    "it had {was} bytes when it was opened and has {now} now; it was changed while it was read"
                );
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
            }
        }
        Ok(read)
    }
}

/// What is wrong with a folder as an input.
pub(crate) fn is_folder(path: &Path) -> io::Error {
    let some = path.join("*.json");
    let reason = format!(
        "it is a folder; name the files in it, such as {}",
        some.display()
    );
    io::Error::new(io::ErrorKind::IsADirectory, reason)
}
