//! The way back: random records become tables under random settings, and records again. The oracle
//! is the record as it was made up, before it was ever JSON.

mod by_hand;
mod tree;

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use transmog::{
    ArrayMode, Cast, Config, EmptyText, Ids, Nulls, OutputSpec, Pattern, Processor, Value,
    WriterOptions,
};

use tree::{Tree, lines, records, says_nothing};

/// How a run is done.
#[derive(Debug, Clone)]
struct Settings {
    format: usize,
    config: Config,
    chunk_size: usize,
    threads: usize,
}

/// Format names and options.
const FORMATS: &[(&str, &[(&str, &str)])] = &[
    ("csv", &[]),
    ("csv", &[("delimiter", ";"), ("formula_guard", "true")]),
    ("csv", &[("quotechar", "'"), ("include_header", "false")]),
    ("json", &[]),
    ("json", &[("lines", "true")]),
    ("json", &[("indent", "none")]),
    ("parquet", &[]),
    ("parquet", &[("row_group_size", "2")]),
];

fn any_config() -> impl Strategy<Value = Config> {
    let modes = [
        ArrayMode::Separate,
        ArrayMode::Smart,
        ArrayMode::Inline,
        ArrayMode::Keep,
    ];
    let modes = prop::sample::select(modes.to_vec());
    let depths = prop::sample::select(vec![1, 2, 3, 100]);
    let ids = prop::sample::select(vec![Ids::Random, Ids::Row]);
    (modes, depths, ids).prop_map(|(mode, depth, ids)| {
        let config = Config::default().with_array_mode(mode).with_ids(ids);
        config.with_max_depth(depth).expect("in range")
    })
}

/// What only notes can bring back.
fn any_rules() -> impl Strategy<Value = (Nulls, EmptyText, Cast, bool)> {
    let nulls = prop::sample::select(vec![Nulls::Keep, Nulls::Drop, Nulls::EmptyText]);
    let texts = vec![EmptyText::Keep, EmptyText::Drop, EmptyText::Null];
    let casts = vec![Cast::Off, Cast::Off, Cast::Text, Cast::PythonText];
    let (texts, casts) = (prop::sample::select(texts), prop::sample::select(casts));
    (nulls, texts, casts, any::<bool>())
}

/// Paths with a JSON rule, an array rule and a map rule, and how many columns a table may have.
type Shape = (
    Vec<&'static str>,
    Vec<&'static str>,
    Vec<&'static str>,
    usize,
);

fn any_shape() -> impl Strategy<Value = Shape> {
    let some = |of: &[&'static str]| prop::sample::subsequence(of.to_vec(), 0..=of.len());
    (
        some(&["/a", "/b/a"]),
        some(&["/b", "/c/b"]),
        some(&["/c", "/b/c", "/value"]),
        prop::sample::select(vec![1, 3, 10_000, 10_000]),
    )
}

fn shaped(config: Config, (json, arrays, maps, columns): &Shape) -> Config {
    let pattern = |path: &str| path.parse::<Pattern>().expect("a path");
    let config = config.with_max_columns(*columns).expect("in range");
    let config = json.iter().fold(config, |config, path| {
        config.with_json_path(pattern(path)).expect("a rule")
    });
    let config = arrays.iter().fold(config, |config, path| {
        config.with_array_path(pattern(path)).expect("a rule")
    });
    maps.iter().fold(config, |config, path| {
        config.with_map_path(pattern(path)).expect("a rule")
    })
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let pace = (0..FORMATS.len(), 1..6_usize, 1..4_usize);
    (any_config(), pace).prop_map(|(config, (format, chunk_size, threads))| Settings {
        format,
        config,
        chunk_size,
        threads,
    })
}

fn flatten(settings: &Settings, records: &[Tree], folder: &Path) {
    let (name, options) = FORMATS[settings.format];
    let options = options
        .iter()
        .fold(WriterOptions::new(), |all, (key, value)| {
            all.with(*key, value)
        });
    Processor::new()
        .with_config(settings.config.clone())
        .with_chunk_size(settings.chunk_size)
        .and_then(|processor| processor.with_threads(settings.threads))
        .and_then(|processor| processor.with_timestamp("2026-01-02T03:04:05Z"))
        .expect("settings")
        .with_manifest(true)
        .stream_process(
            lines(records).as_str(),
            "t",
            OutputSpec::directory((name, options), folder),
        )
        .expect("a run");
}

fn back(folder: &Path) -> Vec<Value> {
    let records = transmog::unflatten(folder, None).expect("a manifest");
    records.map(|record| record.expect("a record")).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let file = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), fs::read(&path).expect("a file"))
    };
    entries
        .map(|entry| file(entry.expect("an entry").path()))
        .collect()
}

proptest! {
    #![proptest_config(crate::support::cases(300))]

    /// With kept empties everything comes back, and no chunk size and no thread shows in the files.
    #[test]
    fn with_kept_empties_everything_comes_back(
        records in records(false),
        mut settings in any_settings(),
        (nulls, texts, cast, skipped) in any_rules(),
        shape in any_shape(),
    ) {
        // What has no column of its own has no kind but that of its JSON text.
        let cast = if shape.3 < 10_000 { Cast::Off } else { cast };
        settings.config = settings
            .config
            .with_nulls(nulls)
            .with_empty_text(texts)
            .with_cast(cast)
            .with_empty_items_skipped(skipped)
            .with_kept_empties(true);
        settings.config = shaped(settings.config, &shape);
        let folder = tempfile::tempdir().expect("a folder");
        flatten(&settings, &records, folder.path());
        let found = back(folder.path());
        prop_assert_eq!(found.len(), records.len());
        for (found, record) in found.iter().zip(&records) {
            prop_assert!(record.is(found), "{}\n{}\n{}", record.json(), found, lines(&records));
        }
        if *settings.config.ids() == Ids::Row {
            let other = tempfile::tempdir().expect("a folder");
            let settings = Settings {
                chunk_size: settings.chunk_size % 3 + 1,
                threads: settings.threads % 3 + 1,
                ..settings
            };
            flatten(&settings, &records, other.path());
            prop_assert_eq!(files(folder.path()), files(other.path()));
        }
    }

    /// Without, what is null or empty is missing, and what shares a column with another kind is
    /// text.
    #[test]
    fn without_them_all_but_nulls_and_empties_comes_back(
        records in records(true),
        settings in any_settings(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        flatten(&settings, &records, folder.path());
        let found = back(folder.path());
        prop_assert_eq!(found.len(), records.len());
        for (found, record) in found.iter().zip(&records) {
            prop_assert!(
                record.is_nearly(found) || record.says_nothing() && says_nothing(found),
                "{}\n{}\n{}", record.json(), found, lines(&records)
            );
        }
    }
}
