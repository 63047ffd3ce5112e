//! Benchmark items in documents: whole, or nearly so.
//!
//! Items and documents are compared in normal form, unit by unit (a Han character, a word), so case,
//! width, punctuation and line breaks do not hide one. A window is the shortest run of units that
//! holds twenty Han characters, thirteen words, or as much of both. An item is in a document as far
//! as its windows are; an item shorter than a window must be there whole, and one of fewer than
//! eight Han characters or five words is not looked for: every text has it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch, StringArray};
use glmdata_base::{Cancel, Error, MemoryBudget, Reservation, Result, hash64, hash128};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};
use glmdata_text::{Kind, Normaliser, Simd, UnitScanner, mix64};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const HAN_WEIGHT: u32 = 13;
const WORD_WEIGHT: u32 = 20;
/// Twenty Han characters, thirteen words.
const WINDOW: u32 = 260;
/// Eight Han characters, five words.
const LEAST: u32 = 100;
/// Windows of more items than this are phrases of the benchmark and of no item.
const MOST_ITEMS: usize = 10;
/// Units that are compared before a short item is.
const HEAD: usize = 4;
/// What is charged for the items.
const BENCHMARKS: &str = "the list of benchmark items";
/// Bytes of an item besides its windows, and of a window: once in the list of its item, once in the
/// table, whose places grow by doubling.
const ITEM_BYTES: u64 = 256;
const WINDOW_BYTES: u64 = 144;
/// Odd, so that multiplying loses nothing; the digits of the golden ratio.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// A text as units: their hashes summed up so that any run has one, and their weights.
#[derive(Debug, Default)]
struct Units {
    /// Of the first n units, n from 0.
    sums: Vec<u64>,
    powers: Vec<u64>,
    weights: Vec<u32>,
}

impl Units {
    fn fill(&mut self, text: &str, reader: &mut Reader) {
        let Reader { normaliser, scanner } = reader;
        let normal = normaliser.run(text);
        self.sums.clear();
        self.weights.clear();
        self.sums.push(0);
        if self.powers.is_empty() {
            self.powers.push(1);
        }
        let (mut sum, sums, weights) = (0_u64, &mut self.sums, &mut self.weights);
        scanner.for_each(normal, |found| {
            found.each(|unit| {
                let hash = hash64(&normal.as_bytes()[unit.start..unit.end]);
                sum = sum.wrapping_mul(BASE).wrapping_add(hash);
                sums.push(sum);
                weights.push(if unit.kind == Kind::Han { HAN_WEIGHT } else { WORD_WEIGHT });
            });
        });
        while self.powers.len() <= self.weights.len() {
            let last = self.powers[self.powers.len() - 1];
            self.powers.push(last.wrapping_mul(BASE));
        }
    }

    fn len(&self) -> usize {
        self.weights.len()
    }

    fn hash(&self, start: usize, end: usize) -> u64 {
        let before = self.sums[start].wrapping_mul(self.powers[end - start]);
        mix64(self.sums[end].wrapping_sub(before))
    }

    /// Begin and end of every window.
    fn windows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let (mut end, mut weight) = (0, 0);
        (0..self.len()).map_while(move |start| {
            while weight < WINDOW {
                weight += self.weights.get(end)?;
                end += 1;
            }
            weight -= self.weights[start];
            Some((start, end))
        })
    }
}

/// The buffers of one who reads texts.
#[derive(Debug)]
pub struct Reader {
    normaliser: Normaliser,
    scanner: UnitScanner,
}

impl Default for Reader {
    fn default() -> Self {
        Self { normaliser: Normaliser::new(), scanner: UnitScanner::new(Simd::detect()) }
    }
}

/// Items to be found.
#[derive(Debug, Default)]
pub struct Benchmarks {
    names: Vec<String>,
    /// Windows of each item that count for it.
    totals: Vec<u32>,
    windows: HashMap<u64, Vec<u32>>,
    /// Whole short items, and how many units they have.
    short: HashMap<u64, u32>,
    lengths: BTreeSet<usize>,
    heads: HashSet<u64>,
    too_short: usize,
    fingerprint: u128,
    memory: Vec<Reservation>,
}

impl Benchmarks {
    /// Of named texts.
    ///
    /// # Errors
    /// [`Error::Budget`] if `memory` has no room for them.
    pub fn new<'t>(
        items: impl IntoIterator<Item = (String, &'t str)>,
        memory: &MemoryBudget,
    ) -> Result<Self> {
        let (mut found, mut units, mut reader) =
            (Self::default(), Units::default(), Reader::default());
        let mut of_items: Vec<Vec<u64>> = Vec::new();
        for (name, text) in items {
            units.fill(text, &mut reader);
            let number = found.names.len() as u32;
            let seen = [found.fingerprint.to_le_bytes(), hash128(text.as_bytes()).to_le_bytes()];
            found.fingerprint = hash128(&seen.concat()) ^ hash128(name.as_bytes());
            found.names.push(name);
            let mut windows: Vec<u64> = units.windows().map(|(a, b)| units.hash(a, b)).collect();
            windows.sort_unstable();
            windows.dedup();
            let weight: u32 = units.weights.iter().sum();
            if windows.is_empty() && weight >= LEAST {
                let length = units.len();
                found.short.entry(units.hash(0, length)).or_insert(number);
                found.lengths.insert(length);
                found.heads.insert(units.hash(0, HEAD.min(length)));
            }
            found.too_short += usize::from(weight < LEAST);
            let bytes = ITEM_BYTES + windows.len() as u64 * WINDOW_BYTES;
            found.memory.push(memory.reserve(bytes, BENCHMARKS)?);
            of_items.push(windows);
        }
        for (number, windows) in of_items.iter().enumerate() {
            for &window in windows {
                found.windows.entry(window).or_default().push(number as u32);
            }
        }
        found.windows.retain(|_, items| items.len() <= MOST_ITEMS);
        let counted = |windows: &Vec<u64>| {
            windows.iter().filter(|window| found.windows.contains_key(window)).count() as u32
        };
        found.totals = of_items.iter().map(counted).collect();
        Ok(found)
    }

    /// Of the records of files, named by their id, else by file and row.
    ///
    /// # Errors
    /// [`Error::Input`] if a file is missing or holds records without a text: an item that is not
    /// looked for would be missed in silence. [`Error::Budget`] if `memory` has no room for them.
    pub fn read(
        inputs: &[PathBuf],
        options: &ReadOptions,
        memory: &MemoryBudget,
        cancel: &Cancel,
    ) -> Result<Self> {
        let found = discover(inputs, options)?.refuse_nothing()?;
        let (mut items, mut held, mut first_row) = (Vec::new(), Vec::new(), 0);
        for unit in plan_units(&found.files) {
            let file = &found.files[unit.file];
            if unit.start == 0 {
                first_row = 0;
            }
            let relative = &file.relative;
            let mut sink = Items {
                file: relative,
                first_row,
                items: &mut items,
                bad: None,
                memory,
                held: &mut held,
            };
            first_row += read_unit(file, &unit, options, cancel, &mut sink)?.rows;
            if let Some(event) = sink.bad {
                let row = event.row.map_or_else(String::new, |row| format!(" in record {row}"));
                let reason = format!("expected benchmark items, found {}{row}", event.kind.name());
                return Err(Error::Input { path: file.path.clone(), reason });
            }
        }
        Self::new(items.iter().map(|(name, text)| (name.clone(), text.as_str())), memory)
    }

    /// How far the item that is most in `text` is in it, from 0 to 1, and which one that is.
    pub fn find(&self, text: &str, reader: &mut Reader) -> (f64, Option<&str>) {
        let mut units = Units::default();
        units.fill(text, reader);
        let mut hits: Vec<(u32, u64)> = Vec::new();
        for (start, end) in units.windows() {
            let window = units.hash(start, end);
            for &item in self.windows.get(&window).into_iter().flatten() {
                hits.push((item, window));
            }
        }
        hits.sort_unstable();
        hits.dedup();
        let mut best: (f64, Option<u32>) = (0.0, None);
        for same in hits.chunk_by(|a, b| a.0 == b.0) {
            let share = same.len() as f64 / f64::from(self.totals[same[0].0 as usize].max(1));
            if share > best.0 {
                best = (share, Some(same[0].0));
            }
        }
        if best.0 < 1.0
            && let Some(item) = self.short_in(&units)
        {
            best = (1.0, Some(item));
        }
        (best.0, best.1.map(|item| self.names[item as usize].as_str()))
    }

    /// The columns `contamination` and `benchmark` of texts: how far the item that is most in each
    /// is in it, and its name.
    pub(crate) fn columns(&self, texts: &LargeStringArray) -> [ArrayRef; 2] {
        let rows = (0..texts.len()).into_par_iter();
        let found: Vec<(f64, Option<&str>)> = rows
            .map_init(Reader::default, |reader, row| self.find(texts.value(row), reader))
            .collect();
        let shares = Float64Array::from_iter_values(found.iter().map(|(share, _)| *share));
        let names: StringArray = found.into_iter().map(|(_, name)| name).collect();
        [Arc::new(shares), Arc::new(names)]
    }

    fn short_in(&self, units: &Units) -> Option<u32> {
        let starts = 0..(units.len() + 1).saturating_sub(HEAD);
        let heads = starts.filter(|&at| self.heads.contains(&units.hash(at, at + HEAD)));
        let whole = |at: usize| {
            let ends = self.lengths.iter().map(move |length| at + length);
            let ends = ends.take_while(|&end| end <= units.len());
            ends.filter_map(move |end| self.short.get(&units.hash(at, end)).copied())
        };
        heads.flat_map(whole).min()
    }

    /// Changes with every item.
    pub(crate) fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    /// Items, those that must be there whole, those too short to be looked for.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        (self.names.len(), self.short.len(), self.too_short)
    }
}

struct Items<'a> {
    file: &'a str,
    first_row: u64,
    items: &'a mut Vec<(String, String)>,
    bad: Option<QuarantineEvent>,
    memory: &'a MemoryBudget,
    /// For the texts, which are held until all windows are known.
    held: &'a mut Vec<Reservation>,
}

impl UnitSink for Items<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let (texts, ids) = (batch["text"].as_string::<i64>(), batch["id"].as_string::<i32>());
        let rows = batch["row"].as_primitive::<UInt64Type>();
        self.held.push(self.memory.reserve(texts.value_data().len() as u64, BENCHMARKS)?);
        for row in 0..batch.num_rows() {
            let name = if ids.is_valid(row) && !ids.value(row).is_empty() {
                ids.value(row).to_owned()
            } else {
                format!("{}#{}", self.file, self.first_row + rows.value(row))
            };
            self.items.push((name, texts.value(row).to_owned()));
        }
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.bad.get_or_insert(event);
        Ok(())
    }
}
