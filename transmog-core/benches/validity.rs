//! Which rows of a column have values, held in three ways while a chunk is filled: as the rows'
//! numbers from the first gap on (as columns do), as a byte for each row, as a bit for each row. In
//! the end each is an array's values and bitmap. Models only: decision 16 has the figures.

use std::{hint::black_box, mem};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

/// Rows of a chunk.
const ROWS: usize = 2_000;

/// Values with nulls, and a bit for each row that tells whether it has a value.
type Finished = (Vec<i64>, Vec<u64>);

trait Column: Default {
    /// Rows rise.
    fn push(&mut self, row: usize, value: i64);
    fn finish(&mut self) -> Finished;
}

/// Numbers of the rows, once a row has been passed over.
#[derive(Default)]
struct Numbers {
    values: Vec<i64>,
    rows: Vec<u32>,
    has_gaps: bool,
}

impl Column for Numbers {
    #[inline]
    fn push(&mut self, row: usize, value: i64) {
        if !self.has_gaps && row != self.values.len() {
            self.has_gaps = true;
            self.rows.extend(0..self.values.len() as u32);
        }
        self.values.push(value);
        if self.has_gaps {
            self.rows.push(row as u32);
        }
    }

    fn finish(&mut self) -> Finished {
        if !self.has_gaps && self.values.len() == ROWS {
            let values = mem::replace(&mut self.values, Vec::with_capacity(ROWS));
            return (values, vec![!0; ROWS.div_ceil(64)]);
        }
        if !self.has_gaps {
            self.rows.extend(0..self.values.len() as u32);
        }
        let (mut values, mut bits) = (vec![0; ROWS], vec![0; ROWS.div_ceil(64)]);
        for (row, value) in self.rows.drain(..).zip(self.values.drain(..)) {
            let row = row as usize;
            values[row] = value;
            bits[row / 64] |= 1 << (row % 64);
        }
        self.has_gaps = false;
        (values, bits)
    }
}

#[derive(Default)]
struct Bytes {
    values: Vec<i64>,
    has_value: Vec<u8>,
}

impl Column for Bytes {
    #[inline]
    fn push(&mut self, row: usize, value: i64) {
        if row != self.values.len() {
            self.values.resize(row, 0);
            self.has_value.resize(row, 0);
        }
        self.values.push(value);
        self.has_value.push(1);
    }

    fn finish(&mut self) -> Finished {
        self.values.resize(ROWS, 0);
        self.has_value.resize(ROWS, 0);
        let words = self.has_value.chunks(64).map(|bytes| {
            let bits = bytes.iter().enumerate();
            bits.fold(0, |word, (at, byte)| word | u64::from(*byte) << at)
        });
        let words = words.collect();
        self.has_value.clear();
        (
            mem::replace(&mut self.values, Vec::with_capacity(ROWS)),
            words,
        )
    }
}

#[derive(Default)]
struct Bits {
    values: Vec<i64>,
    has_value: Vec<u64>,
}

impl Column for Bits {
    #[inline]
    fn push(&mut self, row: usize, value: i64) {
        if row != self.values.len() {
            self.values.resize(row, 0);
        }
        self.values.push(value);
        if row / 64 >= self.has_value.len() {
            self.has_value.resize(row / 64 + 1, 0);
        }
        self.has_value[row / 64] |= 1 << (row % 64);
    }

    fn finish(&mut self) -> Finished {
        self.values.resize(ROWS, 0);
        self.has_value.resize(ROWS.div_ceil(64), 0);
        let values = mem::replace(&mut self.values, Vec::with_capacity(ROWS));
        (values, mem::take(&mut self.has_value))
    }
}

/// Whether each column of each row has a value: `percent` of them have.
fn pattern(columns: usize, percent: u64) -> Vec<bool> {
    let mut state = 2026_u64;
    let cells = (0..columns * ROWS).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % 100 < percent
    });
    cells.collect()
}

fn measure<C: Column>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    columns: usize,
    pattern: &[bool],
) {
    let mut filled: Vec<C> = (0..columns).map(|_| C::default()).collect();
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for (row, cells) in pattern.chunks(columns).enumerate() {
                for (column, has_value) in filled.iter_mut().zip(cells) {
                    if *has_value {
                        column.push(row, row as i64);
                    }
                }
            }
            for column in &mut filled {
                black_box(column.finish());
            }
        });
    });
}

fn benches(criterion: &mut Criterion) {
    for (columns, percent) in [(100, 100), (100, 50), (100, 6), (1_000, 6)] {
        let pattern = pattern(columns, percent);
        let mut group = criterion.benchmark_group(format!("{columns} columns, {percent} % filled"));
        let values = pattern.iter().filter(|has_value| **has_value).count();
        group.throughput(Throughput::Elements(values as u64));
        measure::<Numbers>(&mut group, "row numbers", columns, &pattern);
        measure::<Bytes>(&mut group, "bytes", columns, &pattern);
        measure::<Bits>(&mut group, "bits", columns, &pattern);
        group.finish();
    }
}

criterion_group!(all, benches);
criterion_main!(all);
