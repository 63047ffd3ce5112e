//! How fast one core measures documents: `signal_speed [--runs N] [--sums] FILE.jsonl...`
//!
//! Prints the median and the fastest pass over each file in MB of text a second, every signal
//! measured; with `--sums` also the sum of each signal, so that two versions can be compared.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::time::Instant;

use glmdata_text::{Measurer, SIGNALS};
use serde::Deserialize;

#[derive(Deserialize)]
struct Record {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut runs, mut show_sums, mut files) = (5, false, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            "--sums" => show_sums = true,
            _ => files.push(argument),
        }
    }
    let mut measurer = Measurer::new()?;
    for file in files {
        let mut texts: Vec<String> = Vec::new();
        for line in BufReader::new(File::open(&file)?).lines() {
            texts.push(serde_json::from_str::<Record>(&line?)?.text);
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut seconds = Vec::new();
        let mut sums = vec![0.0; SIGNALS.len()];
        for _ in 0..runs {
            sums.fill(0.0);
            let begun = Instant::now();
            for text in &texts {
                let values = measurer.measure(text).values();
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            seconds.push(begun.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let speed = |at: usize| seconds.get(at).map_or(0.0, |second| bytes as f64 / second / 1e6);
        let mut out = io::stdout();
        writeln!(out, "score_mb_s,{:.2}", speed(seconds.len() / 2))?;
        writeln!(out, "score_best_mb_s,{:.2}", speed(0))?;
        if show_sums {
            for ((name, _), sum) in SIGNALS.iter().zip(&sums) {
                writeln!(out, "{name} {sum}")?;
            }
        }
    }
    Ok(())
}
