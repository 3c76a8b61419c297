//! What must work whichever formats are compiled in: none, any one alone, all.
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use transmog::{
    Config, Error, FormatError, Memory, OutputSpec, Processor, TableWriter, WriterOptions,
    create_streaming_writer, formats, get_supported_streaming_formats,
};

const TEXT: &str = "{\"a\": 1, \"l\": [1, 2]}\n{\"a\": \"x\"}";

fn processor() -> Processor {
    let processor = Processor::new().with_config(Config::default());
    processor
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time")
}

#[test]
fn results_in_memory_need_no_format() {
    let result = processor().process(TEXT, "t").expect("valid");
    assert_eq!(result.main_table().num_rows(), 2);
    assert_eq!(result.table_names(), ["t_l"]);
}

#[test]
fn every_format_that_is_there_works_in_every_way() {
    let names: Vec<&str> = formats::builtin()
        .iter()
        .map(|format| format.name())
        .collect();
    assert_eq!(get_supported_streaming_formats(), names);
    for name in names {
        let folder = tempfile::tempdir().expect("a folder");
        let output = OutputSpec::directory(name, folder.path());
        let report = processor()
            .stream_process(TEXT, "t", output)
            .expect("valid");
        for table in &report.tables {
            assert!(folder.path().join(&table.files[0]).exists(), "{name}");
        }

        let result = processor().process(TEXT, "t").expect("valid");
        let bytes = result.to_bytes(name).expect("written");
        let (memory, files) = Memory::new();
        let options = WriterOptions::new();
        let writer = create_streaming_writer(name, memory, &options).expect("a format");
        let mut writer = TableWriter::new(writer);
        writer.write(&result).expect("written");
        writer.finalize().expect("written");
        let tables: Vec<String> = files.take_tables().into_keys().collect();
        assert_eq!(tables, bytes.into_keys().collect::<Vec<_>>());
    }
}

#[test]
fn a_format_that_is_not_there_names_its_feature() {
    for name in ["csv", "json", "parquet"] {
        let output = OutputSpec::new(name, Memory::default());
        let run = processor().stream_process(TEXT, "t", output);
        let written = processor()
            .process(TEXT, "t")
            .expect("valid")
            .to_bytes(name);
        if get_supported_streaming_formats().contains(&name) {
            assert!(run.is_ok() && written.is_ok(), "{name}");
            continue;
        }
        for error in [run.expect_err("no format"), written.expect_err("no format")] {
            let expected = matches!(
                &error,
                Error::Format(FormatError::NotCompiledIn { feature, .. }) if *feature == name
            );
            assert!(expected, "{error}");
        }
    }
}

#[test]
fn a_codec_that_is_not_compiled_in_names_its_feature() {
    let heads: [(&str, bool, &[u8]); 4] = [
        ("bzip2", cfg!(feature = "bzip2"), b"BZh91AY&SY"),
        ("gzip", cfg!(feature = "gzip"), b"\x1f\x8b\x08"),
        ("xz", cfg!(feature = "xz"), b"\xfd7zXZ\0"),
        ("zstd", cfg!(feature = "zstd"), b"\x28\xb5\x2f\xfd"),
    ];
    for (codec, is_there, head) in heads {
        let result = processor().process(head, "t");
        let error = result.map(drop).expect_err("cut off").to_string();
        let expected = if is_there {
            format!(
                "<memory>: record 0, byte 0: the {codec} data is cut off; is the input complete?"
            )
        } else {
            format!(
                "cannot decompress <memory> at byte 0: this program was built without {codec}, which is the cargo feature {codec:?} of transmog"
            )
        };
        assert_eq!(error, expected);
    }
}
