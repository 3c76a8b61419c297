//! Opens files, and notices if one is cut short while it is read.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// Opens a file. Reading fails if it becomes shorter meanwhile.
pub(crate) fn open_file(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = fs::File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(is_folder(path));
    }
    let length = if about.is_file() { about.len() } else { 0 };
    Ok(Box::new(Whole { file, length }))
}

/// A file that must not become shorter while it is read. Otherwise the early end would look like
/// the end of the records, and the rest would be lost in silence.
struct Whole {
    file: fs::File,
    /// Length in bytes when it was opened; 0 for pipes and devices.
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

/// The error if an input is a folder.
pub(crate) fn is_folder(path: &Path) -> io::Error {
    let some = path.join("*.json");
    let reason = format!(
        "it is a folder; name the files in it, such as {}",
        some.display()
    );
    io::Error::new(io::ErrorKind::IsADirectory, reason)
}
