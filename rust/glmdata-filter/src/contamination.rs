//! Benchmark items in documents: whole, changed in some words or numbers, with or without options.
//!
//! Items and documents are compared in normal form, unit by unit (a Han character, a word, a number), so
//! case, width, punctuation, line breaks and other numbers do not hide one. A window is a run of five
//! units and weighs the more the fewer items have it. An item is in a document as far as its windows
//! stand there within twice its length: those of its question, or those of the question and of each
//! option, whichever is more. A question of fewer than twenty Han characters or thirteen words must be
//! there whole, and one of fewer than eight or five is not looked for: every text has it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, StringArray, UInt64Array};
use glmdata_base::{MemoryBudget, Reservation, Result, hash128};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::benchmark_items::Item;
use crate::folded::{Reader, Units};
use crate::prepared::{HEAD, Prepared, WINDOW, Whole};

/// Windows of more items than this are phrases of the benchmark and of no item.
const MOST_ITEMS: usize = 10;
/// Units that may stand between those of an item, besides as many as it has.
const BETWEEN: usize = 10;
/// From this share on a hit has its place, which takes a while to find.
const PLACED: f64 = 0.2;
/// A place is looked for in pieces of at least so many bytes.
const PIECE: usize = 1024;
/// What is charged for the items.
pub(crate) const BENCHMARKS: &str = "the list of benchmark items";
/// Where a window is: in which item, and which of its windows it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    item: u32,
    window: u32,
}

/// Takes a hash for what it is.
#[derive(Clone, Copy, Debug, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// An item, and what each of its windows weighs.
#[derive(Debug)]
struct Known {
    item: Prepared,
    weights: Vec<f64>,
}

impl Known {
    /// Weights of the windows of the question, and of all.
    fn totals(&self) -> [f64; 2] {
        [self.weights[..self.item.asked].iter().sum(), self.weights.iter().sum()]
    }
}

/// What was found of the item that is most in a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hit {
    /// From 0 to 1.
    pub share: f64,
    /// Its number.
    item: Option<u32>,
    /// Units of the text that hold it.
    units: Range<usize>,
}

/// Items to be found.
#[derive(Debug, Default)]
pub struct Benchmarks {
    items: Vec<Known>,
    windows: HashMap<u64, Vec<Slot>, BuildHasherDefault<Mixed>>,
    /// By the last bits of a hash: whether a window may have it.
    sieve: Vec<u64>,
    /// Whole short questions, and how many units they have.
    short: HashMap<u64, u32>,
    lengths: BTreeSet<usize>,
    heads: HashSet<u64>,
    too_short: usize,
    /// Items that say what an earlier one says.
    equal: usize,
    /// Hashes of what the items say, until all are known.
    met: HashSet<u128>,
    fingerprint: u128,
    /// No record of a file was read, so that no name of a field mattered.
    pub(crate) from_packs_alone: bool,
    memory: Vec<Reservation>,
}

impl Benchmarks {
    /// Of named questions and their options.
    ///
    /// # Errors
    /// [`glmdata_base::Error::Budget`] if `memory` has no room for them.
    pub fn new(items: &[Item], memory: &MemoryBudget) -> Result<Self> {
        let (mut found, mut units, mut reader) =
            (Self::default(), Units::default(), Reader::default());
        for item in items {
            found.take(Prepared::of(item, &mut units, &mut reader), memory)?;
        }
        Ok(found.finish())
    }

    /// One more item, which is not looked for before [`Self::finish`].
    pub(crate) fn take(&mut self, item: Prepared, memory: &MemoryBudget) -> Result<()> {
        let name = hash128(item.name.as_bytes()).to_le_bytes();
        let seen = [self.fingerprint.to_le_bytes(), name, item.says.to_le_bytes()];
        self.fingerprint = hash128(seen.as_flattened());
        // Of eleven equal items no window would be of few.
        if !self.met.insert(item.says) {
            self.equal += 1;
            return Ok(());
        }
        self.memory.push(memory.reserve(item.bytes(), BENCHMARKS)?);
        if item.short {
            self.look_for_whole(self.items.len() as u32, item.whole);
        }
        self.too_short += usize::from(item.is_too_short());
        self.items.push(Known { item, weights: Vec::new() });
        Ok(())
    }

    /// With all items known: what each window weighs.
    pub(crate) fn finish(mut self) -> Self {
        self.met = HashSet::new();
        for (number, known) in self.items.iter().enumerate() {
            for (place, &window) in known.item.windows.iter().enumerate() {
                let slot = Slot { item: number as u32, window: place as u32 };
                self.windows.entry(window).or_default().push(slot);
            }
        }
        self.windows.retain(|_, slots| slots.len() <= MOST_ITEMS);
        let all = self.items.len() as f64;
        for known in &mut self.items {
            let in_items = |window| self.windows.get(window).map_or(0, Vec::len);
            // What every item has tells of none.
            let weight =
                |count: usize| if count == 0 { 0.0 } else { (1.0 + all / count as f64).ln() };
            known.weights = known.item.windows.iter().map(in_items).map(weight).collect();
        }
        // A question of phrases of the benchmark alone would not be found by any part.
        let common = |known: &&Known| known.item.long[0] && known.totals()[0] == 0.0;
        let whole = self.items.iter().enumerate().filter(|(_, known)| common(known));
        let whole: Vec<(usize, Whole)> = whole.map(|(at, known)| (at, known.item.whole)).collect();
        for (number, whole) in whole {
            self.look_for_whole(number as u32, whole);
        }
        self.sieve = vec![0; (self.windows.len() / 4 + 1).next_power_of_two()];
        let last = self.sieve.len() - 1;
        for &window in self.windows.keys() {
            self.sieve[(window >> 6) as usize & last] |= 1 << (window & 63);
        }
        self
    }

    /// A question that must be there whole.
    fn look_for_whole(&mut self, item: u32, whole: Whole) {
        let first = self.short.entry(whole.hash).or_insert(item);
        *first = item.min(*first);
        self.lengths.insert(whole.units);
        self.heads.insert(whole.head);
    }

    /// The item that is most in `text`.
    pub fn find(&self, text: &str, reader: &mut Reader) -> Hit {
        let mut units = Units::default();
        units.fill(text, reader);
        let mut hits: Vec<(Slot, usize)> = Vec::new();
        let last = self.sieve.len() - 1;
        for (start, window) in units.windows(WINDOW).enumerate() {
            if self.sieve[(window >> 6) as usize & last] >> (window & 63) & 1 == 0 {
                continue;
            }
            for &slot in self.windows.get(&window).into_iter().flatten() {
                hits.push((slot, start));
            }
        }
        hits.sort_unstable_by_key(|&(slot, start)| (slot.item, start, slot.window));
        let mut best = Hit::default();
        for same in hits.chunk_by(|a, b| a.0.item == b.0.item) {
            let (share, units) = self.items[same[0].0.item as usize].densest(same);
            if share > best.share {
                best = Hit { share, item: Some(same[0].0.item), units };
            }
        }
        if best.share < 1.0
            && let Some((item, units)) = self.short_in(&units)
        {
            best = Hit { share: 1.0, item: Some(item), units };
        }
        best
    }

    /// The name of an item that was found.
    pub fn name(&self, hit: &Hit) -> Option<&str> {
        hit.item.map(|item| self.items[item as usize].item.name.as_str())
    }

    /// The columns `contamination`, `benchmark`, `benchmark_begin` and `benchmark_end` of texts: how far
    /// the item that is most in each is in it, its name, and the bytes that hold it.
    pub(crate) fn columns(&self, texts: &LargeStringArray) -> [ArrayRef; 4] {
        let rows = (0..texts.len()).into_par_iter();
        let found: Vec<(Hit, Option<Range<usize>>)> = rows
            .map_init(Reader::default, |reader, row| {
                let hit = self.find(texts.value(row), reader);
                let place = hit.place(texts.value(row), reader);
                (hit, place)
            })
            .collect();
        let shares = Float64Array::from_iter_values(found.iter().map(|(hit, _)| hit.share));
        let names: StringArray = found.iter().map(|(hit, _)| self.name(hit)).collect();
        let bytes = |of: fn(&Range<usize>) -> usize| {
            let places = found.iter().map(|(_, place)| place.as_ref().map(|at| of(at) as u64));
            Arc::new(places.collect::<UInt64Array>()) as ArrayRef
        };
        [Arc::new(shares), Arc::new(names), bytes(|at| at.start), bytes(|at| at.end)]
    }

    fn short_in(&self, units: &Units) -> Option<(u32, Range<usize>)> {
        let starts = 0..(units.len() + 1).saturating_sub(HEAD);
        let heads = starts.filter(|&at| self.heads.contains(&units.hash(at, at + HEAD)));
        let whole = |at: usize| {
            let ends = self.lengths.iter().map(move |length| at + length);
            let ends = ends.take_while(|&end| end <= units.len());
            ends.filter_map(move |end| Some((*self.short.get(&units.hash(at, end))?, at..end)))
        };
        heads.flat_map(whole).min_by_key(|(item, at)| (*item, at.start))
    }

    /// Changes with every item.
    pub(crate) fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    /// Items, those whose question must be there whole, those too short to be looked for, those that say
    /// what an earlier one says.
    pub(crate) fn counts(&self) -> [usize; 4] {
        [self.items.len() + self.equal, self.short.len(), self.too_short, self.equal]
    }
}

impl Known {
    /// The largest share of it in a stretch of a text, of windows at their places, and that stretch.
    fn densest(&self, hits: &[(Slot, usize)]) -> (f64, Range<usize>) {
        let reach = 2 * self.item.units + BETWEEN;
        let totals = self.totals();
        let mut counts: HashMap<u32, u32> = HashMap::new();
        let (mut sums, mut first, mut best) = ([0.0_f64; 2], 0, (0.0, 0..0));
        for (number, (slot, at)) in hits.iter().enumerate() {
            let weight = |window: u32| self.weights[window as usize];
            let asked = |window: u32| (window as usize) < self.item.asked;
            let count = counts.entry(slot.window).or_default();
            *count += 1;
            if *count == 1 {
                sums[0] += if asked(slot.window) { weight(slot.window) } else { 0.0 };
                sums[1] += weight(slot.window);
            }
            while at + WINDOW - hits[first].1 > reach {
                let gone = hits[first].0.window;
                let count = counts.entry(gone).or_default();
                *count -= 1;
                if *count == 0 {
                    sums[0] -= if asked(gone) { weight(gone) } else { 0.0 };
                    sums[1] -= weight(gone);
                }
                first += 1;
            }
            for part in 0..2 {
                let share = if self.item.long[part] && totals[part] > 0.0 {
                    (sums[part] / totals[part]).min(1.0)
                } else {
                    0.0
                };
                // Sums of weights in another order differ in the last place.
                if share > best.0 + 1e-9 {
                    best = (share, hits[first].1..hits[number].1 + WINDOW);
                }
            }
        }
        best
    }
}

impl Hit {
    /// The bytes of `text` that hold a good part of the item: units are of its normal form, so the place is
    /// where as many stand before it.
    pub fn place(&self, text: &str, reader: &mut Reader) -> Option<Range<usize>> {
        if self.share < PLACED {
            return None;
        }
        let (mut units, mut pieces, mut at) = (Units::default(), vec![(0, 0)], 0);
        units.truncate(0);
        while at < text.len() {
            at += piece(&text[at..]);
            units.append(&text[pieces[pieces.len() - 1].0..at], reader);
            pieces.push((at, units.len()));
        }
        let mut before = |wanted: usize| {
            let last = pieces.partition_point(|&(_, count)| count <= wanted) - 1;
            let (from, count) = pieces[last];
            let rest = &text[from..pieces.get(last + 1).map_or(text.len(), |piece| piece.0)];
            let ends: Vec<usize> = rest.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
            let place = ends.partition_point(|&end| {
                units.truncate(count);
                units.append(&rest[..end], reader);
                units.len() <= wanted
            });
            from + place.checked_sub(1).map_or(0, |place| ends[place])
        };
        let start = before(self.units.start);
        let end = before(self.units.end);
        Some(start..start + text[start..end.max(start)].trim_end().len())
    }
}

/// Bytes of a text that are looked at together: up to a blank, or to the end of any character of a text
/// that has none.
fn piece(text: &str) -> usize {
    let near = text.bytes().enumerate().skip(PIECE).take(PIECE);
    let blank = near.into_iter().find(|(_, byte)| byte.is_ascii_whitespace());
    let end = blank.map_or(2 * PIECE, |(at, _)| at);
    (end..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}
