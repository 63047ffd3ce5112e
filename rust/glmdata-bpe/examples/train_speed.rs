//! How long training takes: `train_speed [--base none|glm4] [--tokens N] [--megabytes N] FILE.jsonl ...`
//!
//! Takes so many megabytes of text from each file, and prints the seconds of counting (`count_s`) and of
//! all (`train_s`).
//! `RAYON_NUM_THREADS` sets the threads. `--out FILE` writes the ranks.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::time::Instant;

use glmdata_base::{Cancel, Progress};
use glmdata_bpe::{Base, Digits, Guards, Inventory, Phase, to_tiktoken, train};
use serde::Deserialize;

#[derive(Deserialize)]
struct Record {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut base, mut tokens, mut megabytes) = (Base::None, 50_000 - 256, 30);
    let (mut files, mut out, mut guarded) = (Vec::new(), None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--base" if value()? == "glm4" => base = Base::Glm4,
            "--base" => base = Base::None,
            "--tokens" => tokens = value()?.parse()?,
            "--megabytes" => megabytes = value()?.parse()?,
            "--out" => out = Some(value()?),
            "--guarded" => guarded = true,
            _ => files.push(argument),
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for file in files {
        let mut taken = 0;
        for line in BufReader::new(File::open(&file)?).lines() {
            if taken >= megabytes * 1_000_000 {
                break;
            }
            let text = serde_json::from_str::<Record>(&line?)?.text;
            taken += text.len();
            texts.push(text);
        }
    }
    let begun = Instant::now();
    let inventory = Inventory::count(&texts, Digits::UpToThree);
    let counted = begun.elapsed().as_secs_f64();
    let guards = if guarded { Guards::standard(texts.len() as u64) } else { Guards::default() };
    let phase = Phase { inventory: &inventory, tokens, least: 1, guards };
    let trained = train(base.ranks()?, &[phase], &Cancel::new(), &Progress::new())?;
    let total = begun.elapsed().as_secs_f64();
    if let Some(out) = out {
        std::fs::write(out, to_tiktoken(&trained.ranks))?;
    }
    let (words, tokens, vetoes) = (inventory.len(), trained.ranks.len(), trained.vetoes.len());
    writeln!(io::stdout(), "count_s,{counted:.3}\ntrain_s,{total:.3}")?;
    Ok(writeln!(io::stdout(), "words,{words}\ntokens,{tokens}\nvetoes,{vetoes}")?)
}
