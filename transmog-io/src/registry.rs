//! The formats that are linked into the program. The only file that names `inventory`.
//!
//! A format crate registers itself with [`register_writer!`](crate::register_writer) when it is
//! linked, so that no list of formats has to be changed.

use std::{collections::BTreeMap, fmt};

use crate::{
    destination::Destination,
    error::{Error, FormatError},
    writer::{OpenReader, OptionSpec, StreamingWriter, WriterOptions},
};

/// Opens a writer on a destination. A plain fn pointer, because registrations are const.
pub type OpenWriter =
    fn(&WriterOptions, Box<dyn Destination>) -> Result<Box<dyn StreamingWriter>, Error>;

/// A format, as its crate registers it.
#[derive(Clone, Copy)]
pub struct WriterRegistration {
    name: &'static str,
    provider: &'static str,
    open: OpenWriter,
    summary: &'static str,
    options: &'static [OptionSpec],
    reader: Option<OpenReader>,
}

impl WriterRegistration {
    /// A format. `name` is lower-case ASCII and unique; `provider` is the crate's name
    /// (`env!("CARGO_PKG_NAME")`), for the error that two crates claim one name.
    pub const fn new(name: &'static str, provider: &'static str, open: OpenWriter) -> Self {
        Self {
            name,
            provider,
            open,
            summary: "",
            options: &[],
            reader: None,
        }
    }

    /// One line for `transmog formats`.
    #[must_use]
    pub const fn with_summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Sets the options of the format; others are refused.
    #[must_use]
    pub const fn with_options(mut self, options: &'static [OptionSpec]) -> Self {
        self.options = options;
        self
    }

    /// How tables of the format are read back. The writer says with which options:
    /// [`StreamingWriter::read_back`].
    #[must_use]
    pub const fn with_reader(mut self, open: OpenReader) -> Self {
        self.reader = Some(open);
        self
    }

    /// How tables of the format are read back; `None` if they cannot be.
    pub fn reader(&self) -> Option<OpenReader> {
        self.reader
    }

    /// The format's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The crate that offers it.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// What it is, in one line.
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// Its options.
    pub fn options(&self) -> &'static [OptionSpec] {
        self.options
    }

    /// Opens a writer.
    ///
    /// # Errors
    /// If an option is unknown or has an invalid value.
    pub fn open(
        &self,
        options: &WriterOptions,
        destination: Box<dyn Destination>,
    ) -> Result<Box<dyn StreamingWriter>, Error> {
        options.check(self.name, self.options)?;
        (self.open)(options, destination)
    }
}

impl fmt::Debug for WriterRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterRegistration")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// The collected item: a reference, so that a registration found twice is one.
#[doc(hidden)]
#[derive(Debug)]
pub struct WriterEntry(pub &'static WriterRegistration);
inventory::collect!(WriterEntry);

#[doc(hidden)]
pub use inventory as __inventory;

/// Registers a format with every program that links the calling crate. Keep the call in the crate's
/// `lib.rs`.
///
/// ```
/// # use transmog_io::{Destination, Error, StreamingWriter, WriterOptions};
/// # fn open(
/// #     _: &WriterOptions,
/// #     _: Box<dyn Destination>,
/// # ) -> Result<Box<dyn StreamingWriter>, Error> {
/// #     unimplemented!()
/// # }
/// pub static REGISTRATION: transmog_io::WriterRegistration =
///     transmog_io::WriterRegistration::new("tsv", env!("CARGO_PKG_NAME"), open);
/// transmog_io::register_writer!(REGISTRATION);
/// # assert!(transmog_io::is_streaming_format_available("TSV"));
/// ```
#[macro_export]
macro_rules! register_writer {
    ($registration:path) => {
        $crate::__inventory::submit! { $crate::WriterEntry(&$registration) }
    };
}

/// The formats of a program, by name.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    by_name: BTreeMap<&'static str, Vec<&'static WriterRegistration>>,
}

impl Registry {
    /// No formats: for tests and for programs that register by hand.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every format of every linked crate.
    pub fn discovered() -> Self {
        let mut registry = Self::new();
        for WriterEntry(registration) in inventory::iter::<WriterEntry> {
            registry.register(registration);
        }
        registry
    }

    /// Adds a format. The same registration twice counts once. Two with the same name are an error
    /// when that name is looked up.
    pub fn register(&mut self, registration: &'static WriterRegistration) {
        let claims = self.by_name.entry(registration.name).or_default();
        if !claims
            .iter()
            .any(|known| std::ptr::eq(*known, registration))
        {
            claims.push(registration);
            claims.sort_by_key(|claim| claim.provider);
        }
    }

    /// The formats' names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        self.by_name.keys().copied().collect()
    }

    /// Finds a format; case does not matter.
    ///
    /// # Errors
    /// If there is no such format (the error lists the known ones), or several crates claim the
    /// name.
    pub fn get(&self, name: &str) -> Result<&'static WriterRegistration, FormatError> {
        if self.by_name.is_empty() {
            return Err(FormatError::None);
        }
        match self
            .by_name
            .get(name.to_ascii_lowercase().as_str())
            .map(Vec::as_slice)
        {
            None | Some([]) => Err(FormatError::Unknown {
                name: name.to_owned(),
                available: self.names(),
            }),
            Some([one]) => Ok(one),
            Some(several) => Err(FormatError::Ambiguous {
                name: name.to_owned(),
                providers: several.iter().map(|claim| claim.provider).collect(),
            }),
        }
    }
}

/// The formats linked into this program, sorted.
pub fn get_supported_streaming_formats() -> Vec<&'static str> {
    Registry::discovered().names()
}

/// True if exactly one linked crate offers the format; case does not matter.
pub fn is_streaming_format_available(name: &str) -> bool {
    Registry::discovered().get(name).is_ok()
}

/// Opens a writer by the name of its format.
///
/// # Errors
/// If the format or an option is unknown; the error lists what there is.
pub fn create_streaming_writer(
    name: &str,
    destination: impl Destination + 'static,
    options: &WriterOptions,
) -> Result<Box<dyn StreamingWriter>, Error> {
    let format = Registry::discovered().get(name)?;
    format.open(options, Box::new(destination))
}
