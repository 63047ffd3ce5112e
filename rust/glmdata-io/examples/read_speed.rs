//! How fast the inputs given are read: `cargo run --release --example read_speed crawl/`.
//!
//! Units are read on as many threads as RAYON_NUM_THREADS says, and batches dropped as soon as they
//! are made. Prints the median of five rounds, the file cache being warm, in decoded MB a second.
#![allow(clippy::print_stdout)] // printing is what it is for

use std::path::PathBuf;
use std::time::Instant;

use arrow_array::RecordBatch;
use glmdata_base::{Cancel, Result};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

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
    let options = ReadOptions::default();
    let found = discover(&inputs, &options)?;
    let units = plan_units(&found.files);
    let mut seconds = Vec::new();
    let mut sums = (0, 0, 0);
    for _ in 0..5 {
        let start = Instant::now();
        let read: Vec<(Count, u64)> = units
            .par_iter()
            .map(|unit| {
                let mut count = Count::default();
                let file = &found.files[unit.file];
                let summary = read_unit(file, unit, &options, &Cancel::new(), &mut count)?;
                Ok((count, summary.decoded_bytes))
            })
            .collect::<Result<_>>()?;
        seconds.push(start.elapsed().as_secs_f64());
        sums = read.iter().fold((0, 0, 0), |sum, (count, decoded)| {
            (sum.0 + count.documents, sum.1 + count.events, sum.2 + decoded)
        });
    }
    seconds.sort_by(f64::total_cmp);
    println!("documents,{}", sums.0);
    println!("quarantined,{}", sums.1);
    println!("read_mb_s,{:.1}", sums.2 as f64 / seconds[2] / 1e6);
    Ok(())
}
