//! Bytes per token of vocabularies on texts: `compression [--ranks NAME=FILE.tiktoken] ... FILE.jsonl ...`
//!
//! Compares with the vocabularies that the tiktoken crate carries and prints, for each text and
//! vocabulary, `FILE:NAME,BYTES_PER_TOKEN`.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use glmdata_bpe::{Digits, Split, Tokenizer, from_tiktoken};
use rayon::prelude::*;
use serde::Deserialize;

const COMPARED: [&str; 5] = ["cl100k_base", "o200k_base", "glm4", "qwen2", "llama3"];

#[derive(Deserialize)]
struct Record {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut ours, mut files) = (Vec::new(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--ranks" {
            let value = arguments.next().ok_or("--ranks needs NAME=FILE")?;
            let (name, path) = value.split_once('=').ok_or("--ranks needs NAME=FILE")?;
            let ranks = from_tiktoken(&std::fs::read_to_string(path)?)?;
            let split = Split::Family(Digits::UpToThree);
            ours.push((name.to_owned(), Tokenizer::new(ranks, split)));
        } else {
            files.push(argument);
        }
    }
    for file in files {
        let lines = BufReader::new(File::open(&file)?).lines();
        let texts = lines
            .map(|line| Ok(serde_json::from_str::<Record>(&line?)?.text))
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        let bytes: usize = texts.iter().map(String::len).sum();
        let stem = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let tell = |name: &str, tokens: usize| {
            writeln!(io::stdout(), "{stem}:{name},{:.4}", bytes as f64 / tokens as f64)
        };
        for (name, tokenizer) in &ours {
            let chunks = texts.par_chunks(64).map(|texts| {
                let mut encoder = tokenizer.encoder();
                texts
                    .iter()
                    .map(|text| encoder.encode(text).map_or(0, |ids| ids.len()))
                    .sum::<usize>()
            });
            tell(name, chunks.sum::<usize>())?;
        }
        for name in COMPARED {
            let Some(encoding) = tiktoken::get_encoding(name) else { continue };
            tell(name, texts.par_iter().map(|text| encoding.encode(text).len()).sum())?;
        }
    }
    Ok(())
}
