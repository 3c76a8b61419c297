//! Numbers that no computer holds, and NUL wherever text may stand: exactly as written, or refused
//! with a place.

use transmog::{InputFormat, OutputSpec, Processor};

use crate::support::{flatten, plain};

/// The value of `a` in every format: as CSV, as JSON and in Parquet with its type.
#[track_caller]
fn holds(token: &str, csv: &str, json: &str, parquet: (&str, &str)) {
    let outcome = flatten(&format!("{{\"a\":{token}}}\n"));
    let short: String = token.chars().take(40).collect();
    assert!(outcome.csv["t"] == format!("a\n{csv}\n"), "{short}");
    assert!(
        outcome.json["t"] == format!("{{\"a\":{json}}}\n"),
        "{short}"
    );
    let (name, kind, values) = &outcome.parquet["t"][0];
    assert_eq!((name.as_str(), kind.as_str()), ("a", parquet.0), "{short}");
    assert!(values.as_slice() == [parquet.1], "{short}");
}

#[track_caller]
fn stays_text(token: &str) {
    holds(token, token, &format!("\"{token}\""), ("text", token));
}

#[test]
fn numbers_beyond_all_measure() {
    let many = |digit: &str| digit.repeat(1_000_000);
    for token in [
        "1e999999999",
        "-1E+999999999",
        "1e99999999999999999999999",
        "0.1e400",
    ] {
        stays_text(token);
    }
    stays_text(&many("7"));
    stays_text(&format!("-{}", many("7")));
    stays_text(&format!("1e{}", many("9")));
    stays_text(&format!("{}.5", many("9")));
    // Not zero, however near, and not a third.
    stays_text("1e-999999999");
    stays_text("-1e-999999999");
    stays_text(&format!("1e-{}", many("9")));
    stays_text(&format!("0.{}", many("3")));
    stays_text(&format!("0.{}1", many("0")));
    holds(
        &format!("1.{}", many("0")),
        "1.0",
        "1.0",
        ("float64", "1.0"),
    );
    holds("-0", "0", "0", ("int64", "0"));
    holds("-0.0", "-0.0", "-0.0", ("float64", "-0.0"));
    holds("0e999999999", "0.0", "0.0", ("float64", "0.0"));
}

#[test]
fn numbers_beyond_all_measure_in_csv() {
    let long = "7".repeat(1_000_000);
    let text = format!("a,b,c\n1e999999999,{long},{}\n", "-".repeat(100_000));
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv);
    let (_, files) = crate::support::files(
        &processor,
        "csv",
        transmog::WriterOptions::new(),
        text.as_str(),
    )
    .expect("cells are text if nothing else");
    assert!(String::from_utf8_lossy(&files["t.csv"]).replace("\r\n", "\n") == text);
}

/// Tokens that are no numbers: told with their place.
#[test]
fn what_only_looks_like_a_number() {
    let minus = format!("{}1", "-".repeat(100_000));
    let zeros = format!("{}1", "0".repeat(100_000));
    let points = format!("1.{}", ".1".repeat(100_000));
    for token in [
        &minus, &zeros, &points, "-", "1e", "1e+", "-.5", "+1", "0x10", "1_000",
    ] {
        let text = format!("{{\"ok\":1}}\n{{\"a\":{token}}}\n");
        for format in [InputFormat::JsonLines, InputFormat::Json] {
            let processor = Processor::new().with_input_format(format);
            let error = processor
                .process(text.as_str(), "t")
                .expect_err("no number");
            let at = error.location().expect("a place");
            let short: String = token.chars().take(40).collect();
            assert_eq!((at.record, at.line), (Some(1), Some(2)), "{short}: {error}");
            let (start, end) = (9 + 5, 9 + 5 + token.len() as u64 + 1);
            assert!(
                at.byte.is_some_and(|byte| (start..=end).contains(&byte)),
                "{short}: {error}"
            );
            assert!(error.to_string().len() < 1_000, "{short}");
        }
    }
}

#[test]
fn nul_is_text() {
    flatten("{\"a\\u0000b\":\"x\\u0000\",\"c\":[\"\\u0000\"]}\n").table(
        "t",
        &["a\0b", "x\0"],
        &[r#"{"a\u0000b":"x\u0000"}"#],
        &[("a\0b", "text", &["x\0"])],
    );
}

#[test]
fn nul_in_csv_is_refused() {
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv);
    for text in ["a\0,b\n1,2\n", "a,b\n\0,2\n", "a,b\n1,\"x\0,\"\n"] {
        let options = transmog::WriterOptions::new();
        let error = crate::support::files(&processor, "csv", options, text).expect_err("no text");
        assert!(
            error.to_string().contains("text has no zero bytes"),
            "{error}"
        );
    }
}

#[test]
fn nul_as_it_stands_in_json_is_refused() {
    for text in [
        "{\"a\":\"x\0\"}",
        "{\"a\0\":1}",
        "{\"a\":1\0}",
        "\0",
        "{\"a\":1}\0",
    ] {
        for format in [InputFormat::JsonLines, InputFormat::Json] {
            let processor = Processor::new().with_input_format(format);
            let error = processor.process(text, "t").expect_err("no JSON");
            let at = error.location().expect("a place");
            assert!(at.byte.is_some() && at.line == Some(1), "{text:?}: {error}");
        }
    }
}

#[test]
fn nul_in_names_of_entities_and_tables_makes_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "{\"x\\u0000\":[1],\"x\\u0001\":[2]}\n";
    for format in ["csv", "json", "parquet"] {
        let out = folder.path().join(format);
        let output = OutputSpec::directory(format, &out);
        let report = Processor::new()
            .stream_process(text, "e\0/..", output)
            .expect("names");
        let files: Vec<&String> = report
            .tables
            .iter()
            .flat_map(|table| &table.files)
            .collect();
        assert_eq!(files.len(), 3);
        for file in files {
            assert!(!file.contains(['\0', '\u{1}', '/']), "{file:?}");
            assert!(out.join(file).is_file(), "{file:?}");
        }
    }
}
