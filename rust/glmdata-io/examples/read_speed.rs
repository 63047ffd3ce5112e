//! How fast the inputs given are read, on one thread: `cargo run --release --example read_speed crawl/`.
//!
//! Batches are dropped as soon as they are made; the best of five rounds counts, so that the file
//! cache is warm.
#![allow(clippy::print_stdout)] // printing is what it is for

use std::path::PathBuf;
use std::time::Instant;

use arrow_array::RecordBatch;
use glmdata_base::{Cancel, Result};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};

#[derive(Default)]
struct Count {
    documents: usize,
    events: usize,
}

impl UnitSink for Count {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.documents += batch.num_rows();
        Ok(())
    }

    fn quarantine(&mut self, _event: QuarantineEvent) -> Result<()> {
        self.events += 1;
        Ok(())
    }
}

fn main() -> Result<()> {
    let inputs: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let found = discover(&inputs)?;
    let options = ReadOptions::default();
    let mut best = f64::MAX;
    for _ in 0..5 {
        let (mut count, mut bytes, mut decoded) = (Count::default(), 0, 0);
        let start = Instant::now();
        for unit in plan_units(&found.files) {
            let file = &found.files[unit.file];
            let summary = read_unit(file, &unit, &options, &Cancel::new(), &mut count)?;
            bytes += summary.bytes_read;
            decoded += summary.decoded_bytes;
        }
        let seconds = start.elapsed().as_secs_f64();
        best = best.min(seconds);
        println!(
            "{} documents, {} events, {bytes} bytes, {decoded} decoded, {seconds:.3} s",
            count.documents, count.events
        );
        println!("best: {:.0} MB/s decoded", decoded as f64 / best / 1e6);
    }
    Ok(())
}
