//! Bytes per second through the stages, with one worker: parsing alone, to record batches, to each format in memory. The
//! calling thread cuts the input into chunks beside the worker, which takes a few hundredths of the time.
//!
//! `TRANSMOG_BENCH_INPUT` names a JSON Lines file to measure; without it, records are made up.
#![allow(
    clippy::expect_used,
    reason = "a bench that cannot go on measures nothing"
)]

use std::{env, fmt::Write as _, fs, hint::black_box, time::Duration};

use arrow_schema::SchemaRef;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use transmog::{
    Config, Ids, Memory, OutputFormat, OutputSpec, Processor, StreamingWriter, TableBatch,
    TableSpec, TableSummary, WriteError,
};

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A writer that counts rows and forgets them.
struct Nowhere(u64);

impl StreamingWriter for Nowhere {
    fn begin_table(&mut self, _: &TableSpec) -> Result<(), WriteError> {
        Ok(())
    }

    fn write_batch(&mut self, _: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.0 += black_box(batch).rows.num_rows() as u64;
        Ok(())
    }

    fn set_schema(&mut self, _: &str, _: &SchemaRef) -> Result<(), WriteError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        black_box(self.0);
        Ok(Vec::new())
    }
}

/// Looks at every value and keeps none.
struct Walked;

impl<'de> Deserialize<'de> for Walked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Walked {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// Events of a code host: an actor, a repository, and for some of them lists of commits or labels.
fn events() -> String {
    let mut text = String::new();
    for n in 0_u64..20_000 {
        let (user, repo) = (n * 7919 % 997, n * 104_729 % 1009);
        write!(
            text,
            r#"{{"id":"{}","type":"{}","public":true,"created_at":"2026-01-{:02}T10:{:02}:00Z","actor":{{"id":{user},"login":"user-{user}","url":"https://example.org/users/user-{user}","avatar_url":"https://example.org/avatars/{user}?v=4"}},"repo":{{"id":{repo},"name":"team/repository-{repo}","stars":{},"score":{}.25}},"payload":{{"#,
            n * 1_000_003,
            ["PushEvent", "IssuesEvent", "WatchEvent"][n as usize % 3],
            n % 28 + 1,
            n % 60,
            n % 500,
            n % 100,
        )
        .expect("text grows");
        match n % 3 {
            0 => {
                text.push_str(r#""ref":"refs/heads/main","commits":["#);
                for c in 0..n % 4 {
                    let comma = if c > 0 { "," } else { "" };
                    write!(
                        text,
                        r#"{comma}{{"sha":"{:040x}","message":"Change number {c} of \"{n}\"\nand why","distinct":{},"author":{{"name":"User {user}","email":"user-{user}@example.org"}}}}"#,
                        n * 31 + c,
                        c == 0,
                    )
                    .expect("text grows");
                }
                text.push(']');
            }
            1 => write!(
                text,
                r#""action":"opened","issue":{{"number":{n},"title":"Something is wrong with {repo}","labels":["bug","help wanted"],"milestone":null}}"#
            )
            .expect("text grows"),
            _ => text.push_str(r#""action":"started""#),
        }
        text.push_str("}}\n");
    }
    text
}

fn throughput(criterion: &mut Criterion) {
    let input = match env::var_os("TRANSMOG_BENCH_INPUT") {
        Some(path) => fs::read_to_string(path).expect("TRANSMOG_BENCH_INPUT can be read"),
        None => events(),
    };
    let mut group = criterion.benchmark_group("one worker");
    group.throughput(Throughput::Bytes(input.len() as u64));
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    let config = Config::default().with_ids(Ids::Row);
    let processor = Processor::new()
        .with_config(config)
        .with_threads(1)
        .expect("a thread");
    group.bench_function("parse only", |bencher| {
        bencher.iter(|| {
            for line in input.lines() {
                let walked: Result<Walked, _> = serde_json::from_str(line);
                walked.expect("the input is JSON Lines");
            }
        });
    });
    group.bench_function("to record batches", |bencher| {
        bencher.iter(|| {
            let nowhere = OutputFormat::custom(|_| Ok(Box::new(Nowhere(0))));
            let output = OutputSpec::new(nowhere, Memory::new().0);
            processor.stream_process(input.as_str(), "events", output)
        });
    });
    for format in transmog::get_supported_streaming_formats() {
        group.bench_function(format!("to {format}"), |bencher| {
            bencher.iter(|| {
                let (memory, files) = Memory::new();
                let output = OutputSpec::new(format, memory);
                let report = processor.stream_process(input.as_str(), "events", output);
                (report, files.take())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
