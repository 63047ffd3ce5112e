//! How fast one core turns text into ids: `encode_speed [--runs N] [--ranks FILE] FILE.jsonl`
//!
//! Each pass starts with a new encoder, so nothing is remembered from the pass before. Prints the
//! fastest and the median pass in MB of text a second, for cutting alone and for encoding, and how
//! many ids there are. `--write-ranks FILE` writes cl100k_base for those who need a file, and ends.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Write};
use std::time::Instant;

use glmdata_bpe::{Digits, Pieces, Split, Tokenizer, cl100k, from_tiktoken, to_tiktoken};
use serde::Deserialize;

#[derive(Deserialize)]
struct Record {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut runs, mut ranks, mut files) = (5, cl100k()?, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            "--ranks" => {
                let path = arguments.next().ok_or("--ranks needs a file")?;
                ranks = from_tiktoken(&std::fs::read_to_string(path)?)?;
            }
            "--write-ranks" => {
                let path = arguments.next().ok_or("--write-ranks needs a file")?;
                return Ok(std::fs::write(path, to_tiktoken(&ranks))?);
            }
            _ => files.push(argument),
        }
    }
    let tokenizer = Tokenizer::new(ranks, Split::Family(Digits::UpToThree));
    for file in files {
        let mut texts: Vec<String> = Vec::new();
        for line in BufReader::new(File::open(&file)?).lines() {
            texts.push(serde_json::from_str::<Record>(&line?)?.text);
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        measure("cut", bytes, runs, || {
            let pieces = texts.iter().flat_map(|text| Pieces::new(text, Digits::UpToThree));
            Ok(pieces.map(|piece| black_box(piece.len()).min(1)).sum())
        })?;
        let found = measure("encode", bytes, runs, || {
            let mut encoder = tokenizer.encoder();
            let (mut ids, mut count) = (Vec::new(), 0);
            for text in &texts {
                ids.clear();
                encoder.encode_into(text, &mut ids)?;
                count += black_box(&ids).len();
            }
            Ok(count)
        })?;
        writeln!(io::stdout(), "ids,{found}")?;
    }
    Ok(())
}

fn measure(
    what: &str,
    bytes: usize,
    runs: usize,
    mut pass: impl FnMut() -> Result<usize, Box<dyn Error>>,
) -> Result<usize, Box<dyn Error>> {
    let mut seconds = Vec::new();
    let mut count = 0;
    for _ in 0..runs {
        let begun = Instant::now();
        count = pass()?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let speed = |at: usize| seconds.get(at).map_or(0.0, |second| bytes as f64 / second / 1e6);
    writeln!(
        io::stdout(),
        "{what}_mb_s,{:.1}\n{what}_best_mb_s,{:.1}",
        speed(seconds.len() / 2),
        speed(0)
    )?;
    Ok(count)
}
