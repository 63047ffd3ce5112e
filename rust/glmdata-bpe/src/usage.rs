//! How well some vocabularies compress crawled files, and how often they use each of their tokens.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, Phase, Progress, Result};
use glmdata_io::{
    FieldUse, InputFile, QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, probe,
    read_unit,
};

use crate::encode::{Encoder, Tokenizer};
use crate::language::language_of;
use crate::rows::{Ids, encode_rows};

/// The documents of one language and source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Documents.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub text_bytes: u64,
    /// Characters: Unicode scalar values.
    pub characters: u64,
    /// Tokens, by vocabulary.
    pub tokens: Vec<u64>,
}

/// What was counted.
#[derive(Debug)]
pub struct Usage {
    /// By language (as [`Corpus`](crate::Corpus) tells it) and source.
    pub shares: BTreeMap<(String, String), Share>,
    /// By vocabulary, how often each rank came out.
    pub counts: Vec<Vec<u64>>,
    /// The files, in canonical order.
    pub files: Vec<InputFile>,
    /// What could not be read, in the order of files.
    pub events: Vec<QuarantineEvent>,
    /// What was passed over.
    pub notes: Vec<String>,
}

/// Encode all documents below `inputs` with every one of `tokenizers`; sums do not depend on threads.
pub fn count_usage(
    tokenizers: &[Tokenizer],
    inputs: &[PathBuf],
    options: &ReadOptions,
    threads: usize,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Usage> {
    progress.enter(Phase::Discover, 0);
    let found = discover(inputs, options)?.refuse_nothing()?;
    probe(&found, options)?;
    let units = plan_units(&found.files);
    progress.enter(Phase::Scan, found.files.iter().map(|file| file.bytes).sum());
    let workers = threads.clamp(1, units.len().max(1));
    let next = AtomicUsize::new(0);
    let work = || -> Result<Sink<'_>> {
        let mut sink = Sink::new(tokenizers, (threads / workers).max(1), progress);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(number) else { return Ok(sink) };
            sink.unit = number;
            let read = read_unit(&found.files[unit.file], unit, options, cancel, &mut sink)?;
            sink.fields.push(read.fields);
        }
    };
    let sinks = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = || Err(Error::internal("a counting thread ended without a result"));
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| ended()));
        joined.collect::<Result<Vec<_>>>()
    })?;
    let mut shares: BTreeMap<(String, String), Share> = BTreeMap::new();
    let mut counts: Vec<Vec<u64>> =
        tokenizers.iter().map(|tokenizer| vec![0; tokenizer.ranks().len()]).collect();
    let (mut events, mut fields) = (Vec::new(), Vec::new());
    for sink in sinks {
        for (key, share) in sink.shares {
            shares.entry(key).or_default().add(&share);
        }
        for (all, own) in counts.iter_mut().zip(&sink.counts) {
            add(all, own);
        }
        events.extend(sink.events);
        fields.extend(sink.fields);
    }
    events.sort_by_key(|(unit, _)| *unit);
    let mut notes = found.notes;
    notes.extend(FieldUse::sum(&fields).notes(options));
    Ok(Usage {
        shares,
        counts,
        events: found.events.into_iter().chain(events.into_iter().map(|(_, e)| e)).collect(),
        files: found.files,
        notes,
    })
}

impl Share {
    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.text_bytes += other.text_bytes;
        self.characters += other.characters;
        self.tokens.resize(other.tokens.len(), 0);
        add(&mut self.tokens, &other.tokens);
    }
}

fn add(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// What one thread counts.
struct Sink<'a> {
    /// Of every vocabulary, as many encoders as this worker may use at once.
    encoders: Vec<Vec<Encoder>>,
    counts: Vec<Vec<u64>>,
    shares: BTreeMap<(String, String), Share>,
    events: Vec<(usize, QuarantineEvent)>,
    fields: Vec<FieldUse>,
    unit: usize,
    progress: &'a Progress,
}

impl<'a> Sink<'a> {
    fn new(tokenizers: &[Tokenizer], threads: usize, progress: &'a Progress) -> Self {
        Self {
            encoders: tokenizers.iter().map(|t| vec![t.encoder(); threads]).collect(),
            counts: tokenizers.iter().map(|t| vec![0; t.ranks().len()]).collect(),
            shares: BTreeMap::new(),
            events: Vec::new(),
            fields: Vec::new(),
            unit: 0,
            progress,
        }
    }
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let texts = batch["text"].as_string::<i64>();
        let (sources, langs) =
            (batch["source"].as_string::<i32>(), batch["lang"].as_string::<i32>());
        let mut lengths = Vec::new();
        for (encoders, counts) in self.encoders.iter_mut().zip(&mut self.counts) {
            let ids = encode_rows(encoders, texts)?;
            for &id in ids.iter().flat_map(|share| &share.ids) {
                counts[id as usize] += 1;
            }
            lengths.push(ids.into_iter().flat_map(|share: Ids| share.lengths).collect::<Vec<_>>());
        }
        for row in 0..batch.num_rows() {
            let text = texts.value(row);
            let (lang, source) =
                (langs.is_valid(row).then(|| langs.value(row)), sources.value(row));
            let key = (language_of(text, lang, source), source.to_owned());
            self.shares.entry(key).or_default().add(&Share {
                documents: 1,
                text_bytes: text.len() as u64,
                characters: text.chars().count() as u64,
                tokens: lengths.iter().map(|lengths| u64::from(lengths[row])).collect(),
            });
        }
        self.progress.add(batch.num_rows() as u64, 0);
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events.push((self.unit, event));
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.progress.add(0, bytes);
    }
}
