//! The output formats that the cargo features choose.
//!
//! Naming a writer crate here is what links it. A crate that only stands in `Cargo.toml` is left
//! out of the program, its registration never runs, and its format is missing without a sign.

use transmog_io::{
    Destination, Error, FormatError, Registry, StreamingWriter, WriterOptions, WriterRegistration,
};

#[cfg(feature = "csv")]
pub use transmog_writer_csv as csv;
#[cfg(feature = "json")]
pub use transmog_writer_json as json;
#[cfg(feature = "parquet")]
pub use transmog_writer_parquet as parquet;

static BUILTIN: &[&WriterRegistration] = &[
    #[cfg(feature = "csv")]
    &transmog_writer_csv::REGISTRATION,
    #[cfg(feature = "json")]
    &transmog_writer_json::REGISTRATION,
    #[cfg(feature = "parquet")]
    &transmog_writer_parquet::REGISTRATION,
];

/// Every format that a feature of this crate brings, and the feature.
const FEATURES: &[(&str, &str)] = &[("csv", "csv"), ("json", "json"), ("parquet", "parquet")];

/// Opens a writer by the name of its format.
///
/// ```
/// use transmog::{Directory, Error, FormatError, WriterOptions, create_streaming_writer};
///
/// let options = WriterOptions::new().with("compression", "zstd");
/// match create_streaming_writer("parquet", Directory::new("out"), &options) {
///     Ok(_) => assert!(cfg!(feature = "parquet")),
///     Err(Error::Format(FormatError::NotCompiledIn { feature, .. })) => assert_eq!(feature, "parquet"),
///     Err(error) => panic!("{error}"),
/// }
/// ```
///
/// # Errors
/// If the format or an option is unknown; the error lists what there is. If the format is one of
/// this crate's and was not compiled in, the error names the feature that brings it.
pub fn create_streaming_writer(
    name: &str,
    destination: impl Destination + 'static,
    options: &WriterOptions,
) -> Result<Box<dyn StreamingWriter>, Error> {
    let registry = Registry::discovered();
    let format = registry
        .get(name)
        .map_err(|error| name_feature(name, &registry, error))?;
    format.open(options, Box::new(destination))
}

/// The error for a format that is not there, with the feature that brings it if there is one.
fn name_feature(name: &str, registry: &Registry, error: FormatError) -> FormatError {
    let known = FEATURES
        .iter()
        .find(|(format, _)| format.eq_ignore_ascii_case(name));
    match (known, &error) {
        (Some((_, feature)), FormatError::Unknown { .. } | FormatError::None) => {
            FormatError::NotCompiledIn {
                name: name.to_owned(),
                feature,
                available: registry.names(),
            }
        }
        _ => error,
    }
}

/// The formats that the features chose, in name order.
///
/// For targets whose linker runs no registrations:
/// [`Registry::register`](transmog_io::Registry::register) takes each. Elsewhere
/// [`Registry::discovered`](transmog_io::Registry::discovered) has them all, and those of other
/// crates.
pub fn builtin() -> &'static [&'static WriterRegistration] {
    BUILTIN
}

#[cfg(test)]
mod tests {
    use transmog_io::Memory;

    use super::*;

    #[test]
    fn a_format_that_is_not_compiled_in_names_its_feature() {
        for (name, feature) in FEATURES {
            let upper = name.to_uppercase();
            let opened = create_streaming_writer(&upper, Memory::default(), &WriterOptions::new());
            if Registry::discovered().get(name).is_ok() {
                assert!(opened.is_ok(), "{name}");
                continue;
            }
            let Err(error) = opened else {
                panic!("{name} is there");
            };
            let names = Registry::discovered().names().join(", ");
            let names = if names.is_empty() { "none" } else { &names };
            assert_eq!(
                error.to_string(),
                format!(
                    "output format {upper:?} is not compiled in: enable the feature {feature:?} of transmog (compiled \
                     in: {names})"
                )
            );
        }
    }

    #[test]
    fn features_do_not_speak_for_formats_of_others() {
        let opened = create_streaming_writer("xml", Memory::default(), &WriterOptions::new());
        let Err(Error::Format(error)) = opened else {
            panic!("xml is there");
        };
        match error {
            FormatError::None => assert!(builtin().is_empty()),
            FormatError::Unknown { available, .. } => assert_eq!(available.len(), builtin().len()),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_the_features_chose_registers_itself() {
        let chosen: Vec<&str> = builtin().iter().map(|format| format.name()).collect();
        assert!(chosen.is_sorted());
        assert_eq!(Registry::discovered().names(), chosen);
    }

    #[test]
    fn each_feature_brings_its_format() {
        let expected = [
            ("csv", cfg!(feature = "csv")),
            ("json", cfg!(feature = "json")),
            ("parquet", cfg!(feature = "parquet")),
        ];
        for (name, chosen) in expected {
            assert_eq!(Registry::discovered().get(name).is_ok(), chosen, "{name}");
        }
    }

    #[test]
    fn the_linkers_finding_and_the_list_do_not_clash() {
        let mut registry = Registry::discovered();
        for format in builtin() {
            registry.register(format);
            assert!(registry.get(format.name()).is_ok(), "{}", format.name());
        }
    }
}
