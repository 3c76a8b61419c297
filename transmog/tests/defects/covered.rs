//! Every case has a test of its name here, or a reason not to have one. The cases lie in the folder
//! `defects` of the one that the variable `TRANSMOG_GOLDEN` names, or else of `shared/golden`
//! beside the repository.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
};

const TESTS: [&str; 12] = [
    include_str!("buffers.rs"),
    include_str!("calls.rs"),
    include_str!("csv_reading.rs"),
    include_str!("formats.rs"),
    include_str!("ids.rs"),
    include_str!("names.rs"),
    include_str!("recovery.rs"),
    include_str!("results.rs"),
    include_str!("second_version.rs"),
    include_str!("second_version_files.rs"),
    include_str!("values.rs"),
    include_str!("writers.rs"),
];

/// Cases without a counterpart here, and why.
const LEFT_OUT: [(&str, &str); 4] = [
    (
        "d119_no_destination",
        "an output cannot be made without a destination, in any format",
    ),
    ("e25_avro_float_truncated", "there is no Avro output"),
    ("e26_avro_new_column", "there is no Avro output"),
    (
        "vectors_v1_csv_odd",
        "no case but a list of cells, which the golden runner checks",
    ),
];

#[test]
fn every_case_has_a_test_or_a_reason() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let golden = env::var_os("TRANSMOG_GOLDEN").unwrap_or_else(|| "../shared/golden".into());
    let folder = repository.join(golden).join("defects");
    let Ok(entries) = fs::read_dir(&folder) else {
        let folder = folder.display();
        writeln!(
            io::stderr(),
            "defects: the list of cases is not compared for want of {folder}"
        )
        .expect("the terminal takes text");
        return;
    };
    let has_test = |case: &str| {
        let test = format!("#[test]\nfn {case}() {{");
        TESTS.iter().any(|module| module.contains(&test))
    };
    let mut missing = Vec::new();
    let mut tested = 0;
    for entry in entries {
        let name = entry.expect("the folder can be read").file_name();
        let name = name.into_string().expect("text");
        let Some(case) = name.strip_suffix(".json") else {
            continue;
        };
        let left_out = LEFT_OUT.iter().any(|(name, _)| *name == case);
        assert!(!(left_out && has_test(case)), "{case} has a test");
        if has_test(case) {
            tested += 1;
        } else if !left_out {
            missing.push(case.to_owned());
        }
    }
    assert!(missing.is_empty(), "no test of {missing:?}");
    writeln!(
        io::stderr(),
        "defects: {tested} cases have tests, {} are left out",
        LEFT_OUT.len()
    )
    .expect("the terminal takes text");
}
