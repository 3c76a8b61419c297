//! What the machine could do at best with an input: the product's parser walking it and keeping
//! nothing, and the product's writer encoding batches that were made before. One core each, if
//! `RAYON_NUM_THREADS` is 1. No run that parses and encodes can take less than both.
//!
//! `transmog-limit FILE [FORMAT IDS FOLDER]` prints a line of JSON for each of the two; without a
//! format only the first. `transmog-limit loop FILE FORMAT FOLDER` runs all stages one after
//! another on one thread.

use std::{
    env,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, bail};
use serde_json::json;

mod encode;
mod plain;
mod tables;
mod walk;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (file, encoded) = match words[..] {
        ["loop", file, format, folder] => {
            let took = plain::file(Path::new(file), format, Path::new(folder))
                .with_context(|| format!("cannot make tables of {file} as {format}"))?;
            return Ok(print(
                &json!({"step": "loop", "seconds": took.as_secs_f64()}),
            )?);
        }
        [file] => (Path::new(file), None),
        [file, format, ids, folder] => (Path::new(file), Some((format, ids, Path::new(folder)))),
        _ => bail!(
            "usage: transmog-limit FILE [FORMAT IDS FOLDER], or transmog-limit loop FILE FORMAT FOLDER"
        ),
    };
    let walked = walk::file(file).with_context(|| format!("cannot walk {}", file.display()))?;
    print(&json!({
        "step": "parse",
        "seconds": walked.time.as_secs_f64(),
        "records": walked.records,
        "bytes": walked.bytes,
    }))?;
    if let Some((format, ids, folder)) = encoded {
        let encoded = encode::file(file, format, ids, folder)
            .with_context(|| format!("cannot encode {} as {format}", file.display()))?;
        print(&json!({
            "step": "encode",
            "seconds": encoded.time.as_secs_f64(),
            "rows": encoded.rows,
            "bytes": encoded.bytes,
        }))?;
    }
    Ok(())
}

fn print(line: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
