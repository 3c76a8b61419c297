//! Turns what a caller has into UTF-8 text: a file, bytes, a reader, or Rust values.
//!
//! All later stages see UTF-8 text, whatever the input was:
//!
//! ```text
//! Input::file("orders.csv.gz")
//!   file          open it; fail if it becomes shorter while it is read
//!   raw           count the bytes, look at the first ones without consuming them
//!   decompress    gzip, zstd, bzip2, xz, found by their first bytes
//!   unsupported   refuse what is not text: a ZIP archive, a Parquet file, ...
//!   encoding      UTF-8, UTF-16 or what the settings name
//!   decode        make UTF-8 of it
//! ```

mod address;
pub(crate) mod byte_order_mark;
pub(crate) mod decode;
pub(crate) mod decompress;
mod detect;
pub(crate) mod encoding;
pub(crate) mod file;
mod opening;
pub(crate) mod raw;
pub(crate) mod serialized;
pub(crate) mod unsupported;

use std::{
    convert::Infallible,
    error::Error,
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use serde::Serialize;
use transmog_core::Value;

pub(crate) use address::check_local;
use serialized::{NextValue, serialize};

pub use address::address_scheme;
pub use decompress::Compression;
pub use detect::InputFormat;
pub use encoding::{EncodingFoundBy, EncodingReport, TextEncoding};
pub use opening::{InputText, Opening};

/// Something to read records from. Nothing is opened before its turn comes.
pub struct Input<'a> {
    pub(crate) name: Arc<str>,
    pub(crate) content: Content<'a>,
}

pub(crate) enum Content<'a> {
    File(PathBuf),
    Bytes(Held<'a>),
    Reader(Box<dyn Read + 'a>),
    Values(NextValue<'a>),
}

/// Bytes in memory, which can be read several times.
#[derive(Clone)]
pub(crate) struct Held<'a>(Rc<dyn AsRef<[u8]> + 'a>);

impl AsRef<[u8]> for Held<'_> {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl<'a> Input<'a> {
    /// A file, opened when its turn comes.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.to_string_lossy().into(),
            content: Content::File(path),
        }
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Self::reader("<stdin>", io::stdin())
    }

    /// Bytes in memory that hold what a file might: JSON, JSON Lines, or another format that is
    /// set.
    pub fn bytes(bytes: impl AsRef<[u8]> + 'a) -> Self {
        Self {
            name: "<memory>".into(),
            content: Content::Bytes(Held(Rc::new(bytes))),
        }
    }

    /// A reader, of what a file might hold; errors call it `name`.
    pub fn reader(name: &str, reader: impl Read + 'a) -> Self {
        Self {
            name: name.into(),
            content: Content::Reader(Box::new(reader)),
        }
    }

    /// Values, each of which must serialise to a JSON object. Floats that are not finite are
    /// problems, as in text.
    pub fn records<I>(records: I) -> Self
    where
        I: IntoIterator<Item: Serialize>,
        I::IntoIter: 'a,
    {
        let mut records = records.into_iter();
        Self::values(serialize(move || records.next().map(Ok::<_, Infallible>)))
    }

    /// As [`records`](Self::records), from an iterator that may fail: the run then ends with its
    /// error, whatever becomes of bad records otherwise.
    ///
    /// ```
    /// use transmog_io::Input;
    ///
    /// let lines = ["1", "2", "x"].map(|line| line.parse::<u8>().map(|n| [("n", n)]));
    /// let input = Input::try_records(lines);
    /// ```
    pub fn try_records<I, T, E>(records: I) -> Self
    where
        I: IntoIterator<Item = Result<T, E>>,
        I::IntoIter: 'a,
        T: Serialize,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut records = records.into_iter();
        Self::values(serialize(move || records.next()))
    }

    fn values(next: NextValue<'a>) -> Self {
        Self {
            name: "<records>".into(),
            content: Content::Values(next),
        }
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.content {
            Content::File(path) => Some(path),
            _ => None,
        }
    }

    /// The same input from its beginning, if it can be read twice: an ordinary file, or bytes in
    /// memory.
    pub fn again(&self) -> Option<Self> {
        let content = match &self.content {
            Content::File(path) if fs::metadata(path).is_ok_and(|about| about.is_file()) => {
                Content::File(path.clone())
            }
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::File(_) | Content::Reader(_) | Content::Values(_) => return None,
        };
        let name = Arc::clone(&self.name);
        Some(Self { name, content })
    }

    /// What errors and reports call it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<'a> From<&'a str> for Input<'a> {
    /// Text that holds records; the path of a file is [`Input::file`].
    fn from(text: &'a str) -> Self {
        Self::bytes(text)
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::bytes(bytes)
    }
}

impl From<String> for Input<'_> {
    fn from(text: String) -> Self {
        Self::bytes(text)
    }
}

impl From<Vec<u8>> for Input<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl<'a> From<&'a String> for Input<'a> {
    fn from(text: &'a String) -> Self {
        Self::bytes(text.as_str())
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::bytes(bytes.as_slice())
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::bytes(bytes.as_slice())
    }
}

impl From<&Path> for Input<'_> {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl From<PathBuf> for Input<'_> {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<Value> for Input<'_> {
    /// One record, or an array of them.
    fn from(value: Value) -> Self {
        match value {
            Value::Array(records) => Self::records(records),
            record => Self::records([record]),
        }
    }
}

impl<'a> From<&'a serde_json::Value> for Input<'a> {
    /// One record, or an array of them.
    fn from(value: &'a serde_json::Value) -> Self {
        match value {
            serde_json::Value::Array(records) => Self::records(records),
            record => Self::records([record]),
        }
    }
}

impl From<serde_json::Value> for Input<'_> {
    /// One record, or an array of them.
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Array(records) => Self::records(records),
            record => Self::records([record]),
        }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.name).finish()
    }
}
