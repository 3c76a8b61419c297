//! The stages of a run as a plain loop: no thread but this one, no queue, no hand-over. A run on
//! one thread should not be slower.

use std::{
    fs::File,
    io::Read,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use memchr::{memchr_iter, memrchr};
use transmog::{Ids, StreamingWriter, TableSpec};
use transmog_core::{Assembler, Config, Plan, Run, Shredder};
use transmog_io::{CHUNK_SIZE, parse_json, read_json};

use crate::{tables, walk::BLOCK};

/// Makes the tables of a file of JSON Lines in a folder, with row numbers as ids.
pub(crate) fn file(path: &Path, format: &str, folder: &Path) -> anyhow::Result<Duration> {
    if path.extension().is_some_and(|extension| extension == "csv") {
        bail!("the plain loop reads JSON Lines only");
    }
    let start = Instant::now();
    let plan = Plan::compile(&Config::default().with_ids(Ids::Row), "events")?;
    let plan = Arc::new(plan);
    let mut stages = Stages {
        shredder: Shredder::new(Arc::clone(&plan)),
        assembler: Assembler::new(plan),
        writer: tables::writer(format, folder)?,
        run: Run {
            time: 0,
            seed: [0; 32],
        },
        chunks: 0,
    };
    for table in stages.assembler.catalog().tables() {
        let (name, parent, schema) = (table.name, table.parent, table.schema);
        stages.writer.begin_table(&TableSpec {
            name,
            parent,
            schema,
        })?;
    }
    let mut input = File::open(path)?;
    let mut block = Vec::new();
    loop {
        let read = (&mut input).take(BLOCK as u64).read_to_end(&mut block)?;
        let end = match read {
            0 => block.len(),
            _ => memrchr(b'\n', &block).map_or(0, |at| at + 1),
        };
        stages.lines(&block[..end])?;
        block.drain(..end);
        if read == 0 {
            break;
        }
    }
    for table in stages.assembler.catalog().tables() {
        stages.writer.set_schema(&table.name, &table.schema)?;
    }
    stages.writer.finish()?;
    Ok(start.elapsed())
}

struct Stages {
    shredder: Shredder,
    assembler: Assembler,
    writer: Box<dyn StreamingWriter>,
    run: Run,
    chunks: u64,
}

impl Stages {
    fn lines(&mut self, block: &[u8]) -> anyhow::Result<()> {
        let text = simdutf8::basic::from_utf8(block).context("the input is not UTF-8")?;
        let mut unescaped = String::new();
        let mut start = 0;
        for end in memchr_iter(b'\n', block).chain([block.len()]) {
            let line = &text[start..end];
            start = (end + 1).min(block.len());
            if line.is_empty() {
                continue;
            }
            let taken = self
                .shredder
                .record(|seed| parse_json(line, &mut unescaped, seed).ok_or(()));
            if taken.is_err() {
                self.shredder.record_value(&read_json(line)?)?;
            }
            if self.shredder.records() >= CHUNK_SIZE.get() as u64 || self.shredder.is_full() {
                self.write()?;
            }
        }
        self.write()?;
        self.writer.checkpoint()?;
        Ok(())
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let chunk = self.shredder.seal()?;
        let tables = self.assembler.assemble(&chunk, self.chunks, &self.run)?;
        self.chunks += 1;
        for table in tables {
            if table.new {
                let (name, parent) = (table.name.clone(), table.parent);
                let schema = table.batch.rows.schema();
                self.writer.begin_table(&TableSpec {
                    name,
                    parent,
                    schema,
                })?;
            }
            self.writer.write_batch(&table.name, &table.batch)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use transmog::{OutputSpec, Processor};

    use super::*;
    use crate::encode::tests::input;

    #[test]
    fn the_files_are_those_of_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(folder.path());
        let [looped, ran] = ["loop", "run"].map(|name| folder.path().join(name));
        file(&input, "csv", &looped).unwrap();
        Processor::new()
            .with_ids(Ids::Row)
            .with_timestamp("1970-01-01T00:00:00Z")
            .unwrap()
            .stream_process_file(&input, "events", OutputSpec::directory("csv", &ran))
            .unwrap();
        for name in ["events.csv", "events_items.csv"] {
            let text = |folder: &Path| fs::read_to_string(folder.join(name)).unwrap();
            assert!(text(&looped) == text(&ran), "{name}");
        }
    }
}
