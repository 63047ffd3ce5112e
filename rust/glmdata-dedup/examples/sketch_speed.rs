//! How fast one core turns raw text into band keys: normal form, shingles, sketch.
//!
//! `sketch_speed [--simd portable|avx2|avx512] [--runs N] FILE.jsonl ...` reads the texts of every
//! file into memory, goes over them N times and prints the fastest and the median pass of each
//! stage as MB of raw text a second. `all` is timed in passes of its own, without a clock between
//! the stages.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use glmdata_dedup::{Banding, Sketcher};
use glmdata_text::{Normaliser, Shingler, Shingling, Simd};
use serde::Deserialize;

const NUM_PERM: usize = 128;
const THRESHOLD: f64 = 0.8;
const STAGES: [&str; 4] = ["normalise", "shingle", "sketch", "all"];

#[derive(Deserialize)]
struct Record {
    text: String,
}

struct Arguments {
    simd: Simd,
    runs: usize,
    files: Vec<PathBuf>,
}

/// What a scan does to a document, with its buffers.
struct Pass {
    normaliser: Normaliser,
    shingler: Shingler,
    sketcher: Sketcher,
    banding: Banding,
    keys: Vec<u64>,
}

impl Pass {
    fn new(simd: Simd) -> Self {
        Self {
            normaliser: Normaliser::with_simd(simd),
            shingler: Shingler::with_simd(Shingling::Mixed, simd),
            sketcher: Sketcher::new(NUM_PERM),
            banding: Banding::choose(NUM_PERM, THRESHOLD),
            keys: Vec::new(),
        }
    }

    /// Time over all texts, without a clock inside.
    fn whole(&mut self, texts: &[String]) -> Duration {
        let start = Instant::now();
        for text in texts {
            let hashes = self.shingler.hashes(self.normaliser.run(text));
            self.keys.clear();
            self.banding.keys(self.sketcher.sketch(hashes), &mut self.keys);
            black_box(&self.keys);
        }
        start.elapsed()
    }

    /// Time of each stage; band keys count to the sketch.
    fn stages(&mut self, texts: &[String]) -> [Duration; 3] {
        let mut times = [Duration::ZERO; 3];
        for text in texts {
            let start = Instant::now();
            let normal = self.normaliser.run(text);
            let normalised = Instant::now();
            let hashes = self.shingler.hashes(normal);
            let shingled = Instant::now();
            self.keys.clear();
            self.banding.keys(self.sketcher.sketch(hashes), &mut self.keys);
            black_box(&self.keys);
            times[0] += normalised - start;
            times[1] += shingled - normalised;
            times[2] += shingled.elapsed();
        }
        times
    }
}

fn simd_named(name: &str) -> Result<Simd, String> {
    let available = Simd::available();
    available.iter().copied().find(|simd| simd.name() == name).ok_or_else(|| {
        let names: Vec<_> = available.iter().map(|simd| simd.name()).collect();
        format!("--simd {name}: this machine has {}", names.join(", "))
    })
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut parsed = Arguments { simd: Simd::detect(), runs: 7, files: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--simd" => parsed.simd = simd_named(&words.next().unwrap_or_default())?,
            "--runs" => parsed.runs = words.next().unwrap_or_default().parse::<usize>()?.max(1),
            _ => parsed.files.push(word.into()),
        }
    }
    if parsed.files.is_empty() {
        return Err("expected at least one FILE.jsonl".into());
    }
    Ok(parsed)
}

fn texts_of(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    BufReader::new(File::open(path)?)
        .lines()
        .map(|line| Ok(serde_json::from_str::<Record>(&line?)?.text))
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { simd, runs, files } = arguments()?;
    let mut out = io::stdout().lock();
    writeln!(out, "corpus,simd,stage,bytes,best_mb_s,median_mb_s")?;
    for path in files {
        let texts = texts_of(&path)?;
        let bytes: usize = texts.iter().map(String::len).sum();
        let corpus = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut pass = Pass::new(simd);
        let mut times: [Vec<Duration>; 4] = Default::default();
        for _ in 0..runs {
            let stages = pass.stages(&texts);
            let all = [stages[0], stages[1], stages[2], pass.whole(&texts)];
            for (times, time) in times.iter_mut().zip(all) {
                times.push(time);
            }
        }
        for (stage, times) in STAGES.iter().zip(&mut times) {
            times.sort_unstable();
            let speed = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e6;
            let (best, median) = (speed(times[0]), speed(times[times.len() / 2]));
            let simd = simd.name();
            writeln!(out, "{corpus},{simd},{stage},{bytes},{best:.1},{median:.1}")?;
        }
    }
    Ok(())
}
