//! The output formats that the cargo features choose.
//!
//! Naming a writer crate here is what links it. A crate that only stands in `Cargo.toml` is left out of the program, its
//! registration never runs, and its format is missing without a sign.

use transmog_io::WriterRegistration;

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

/// The formats that the features chose, in name order.
///
/// For targets whose linker runs no registrations: [`Registry::register`](transmog_io::Registry::register) takes each.
/// Elsewhere [`Registry::discovered`](transmog_io::Registry::discovered) has them all, and those of other crates.
pub fn builtin() -> &'static [&'static WriterRegistration] {
    BUILTIN
}

#[cfg(test)]
mod tests {
    use transmog_io::Registry;

    use super::*;

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
