//! Records that something is wrong with: a strategy of one's own, and the file of what was left
//! out.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, fs};

use transmog::{
    InputFormat, LENIENT, OutputSpec, Problem, Processor, RecoveryStrategy, SkipAndLogRecovery,
    Verdict,
};

const LOG: &str = "# written by hand\n\
    {\"id\": 1, \"price\": 9.5}\n\
    {\"id\": 2, \"price\": NaN}\n\
    {\"id\": 3, \"price\": 1.5}\n";

/// Comments are no records; anything else that is wrong ends the run.
struct Comments;

impl RecoveryStrategy for Comments {
    fn recover(&self, problem: &Problem<'_>) -> Verdict {
        if problem.raw.starts_with(b"#") {
            Verdict::Skip
        } else {
            Verdict::Fail
        }
    }

    fn name(&self) -> &'static str {
        "comments"
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let out = |name: &str| OutputSpec::directory("json", folder.path().join(name));
    let processor = Processor::new().with_input_format(InputFormat::JsonLines);

    let comments = processor.clone().with_recovery(Comments);
    let run = comments.stream_process(LOG, "prices", out("comments"));
    let error = run.err().ok_or("NaN is no comment")?;
    println!("{error}");
    assert_eq!(error.location().and_then(|at| at.line), Some(3));
    assert!(!folder.path().join("comments").exists()); // No half of an output.

    // Whole records only. The rest is in a file beside the tables, with its place and its text.
    let skip = processor.clone().with_recovery(SkipAndLogRecovery);
    let report = skip.stream_process(LOG, "prices", out("skip"))?;
    println!("\n{report}");
    assert_eq!((report.records_read, report.records_rejected), (4, 2));
    let rejects = fs::read_to_string(folder.path().join("skip/prices.rejected.jsonl"))?;
    print!("{rejects}");
    let raw = rejects
        .lines()
        .map(|line| line.contains(r#""raw":"{\"id\": 2"#));
    assert_eq!(raw.collect::<Vec<_>>(), [false, true]);

    // What can be read of a record, with a mark.
    let result = processor.with_recovery(LENIENT).process(LOG, "prices")?;
    let row = result.main_table().rows().nth(1).ok_or("it is kept")?;
    println!("\n{row}");
    assert_eq!(
        row.get("__error").and_then(|mark| mark.as_str()),
        Some("price: NaN is not a JSON number")
    );
    Ok(())
}
