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

/// Units of a window.
const WINDOW: usize = 5;
/// Twenty Han characters, thirteen words.
const LONG: u32 = 260;
/// Eight Han characters, five words.
const LEAST: u32 = 100;
/// Windows of more items than this are phrases of the benchmark and of no item.
const MOST_ITEMS: usize = 10;
/// Units that are compared before a short item is.
const HEAD: usize = 4;
/// Units that may stand between those of an item, besides as many as it has.
const BETWEEN: usize = 10;
/// From this share on a hit has its place, which takes a while to find.
const PLACED: f64 = 0.2;
/// A place is looked for in pieces of at least so many bytes.
const PIECE: usize = 1024;
/// What is charged for the items.
pub(crate) const BENCHMARKS: &str = "the list of benchmark items";
/// Bytes of an item besides its windows, and of a window: once in the list of its item, once in the
/// table, whose places grow by doubling.
const ITEM_BYTES: u64 = 256;
const WINDOW_BYTES: u64 = 144;

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

/// What is known of an item.
#[derive(Debug, Default)]
struct Known {
    name: String,
    /// Hashes of the windows of its question, then of those that only its options have.
    windows: Vec<u64>,
    weights: Vec<f64>,
    /// How many windows are of the question.
    asked: usize,
    units: usize,
    /// Whether the question, and all of it, are long enough to be known by a part.
    long: [bool; 2],
    /// Its question as a whole.
    whole: Whole,
}

/// A question as a whole: hash, hash of its first units, how many units.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    hash: u64,
    head: u64,
    units: usize,
}

impl Known {
    /// Weights of the windows of the question, and of all.
    fn totals(&self) -> [f64; 2] {
        [self.weights[..self.asked].iter().sum(), self.weights.iter().sum()]
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
    fingerprint: u128,
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
        let mut met = HashSet::new();
        for item in items {
            // Of eleven equal items no window would be of few.
            if !met.insert(found.note(item)) {
                found.equal += 1;
                continue;
            }
            let known = found.add(item, &mut units, &mut reader);
            let bytes = ITEM_BYTES + known.windows.len() as u64 * WINDOW_BYTES;
            found.memory.push(memory.reserve(bytes, BENCHMARKS)?);
            found.items.push(known);
        }
        for (number, item) in found.items.iter().enumerate() {
            for (place, &window) in item.windows.iter().enumerate() {
                let slot = Slot { item: number as u32, window: place as u32 };
                found.windows.entry(window).or_default().push(slot);
            }
        }
        found.windows.retain(|_, slots| slots.len() <= MOST_ITEMS);
        let all = found.items.len() as f64;
        for item in &mut found.items {
            let in_items = |window| found.windows.get(window).map_or(0, Vec::len);
            // What every item has tells of none.
            let weight =
                |count: usize| if count == 0 { 0.0 } else { (1.0 + all / count as f64).ln() };
            item.weights = item.windows.iter().map(in_items).map(weight).collect();
        }
        // A question of phrases of the benchmark alone would not be found by any part.
        let common = |item: &&Known| item.long[0] && item.totals()[0] == 0.0;
        let whole = found.items.iter().enumerate().filter(|(_, item)| common(item));
        let whole: Vec<(usize, Whole)> = whole.map(|(at, item)| (at, item.whole)).collect();
        for (number, whole) in whole {
            found.look_for_whole(number as u32, whole);
        }
        found.sieve = vec![0; (found.windows.len() / 4 + 1).next_power_of_two()];
        let last = found.sieve.len() - 1;
        for &window in found.windows.keys() {
            found.sieve[(window >> 6) as usize & last] |= 1 << (window & 63);
        }
        Ok(found)
    }

    /// Take an item into the fingerprint; a hash of what it says comes back.
    fn note(&mut self, item: &Item) -> u128 {
        let hash = |text: &String| hash128(text.as_bytes()).to_le_bytes();
        let says: Vec<u8> =
            [&item.question].into_iter().chain(&item.options).flat_map(hash).collect();
        let seen = [&self.fingerprint.to_le_bytes(), &hash(&item.name), &says[..]].concat();
        self.fingerprint = hash128(&seen);
        hash128(&says)
    }

    fn add(&mut self, item: &Item, units: &mut Units, reader: &mut Reader) -> Known {
        units.fill(&item.question, reader);
        let number = self.items.len() as u32;
        let (mut weight, length) = (units.weight(), units.len());
        let mut known = Known { name: item.name.clone(), units: length, ..Known::default() };
        known.long[0] = weight >= LONG && length >= WINDOW;
        let mut met = HashSet::new();
        known.windows.extend(units.windows(WINDOW).filter(|window| met.insert(*window)));
        known.asked = known.windows.len();
        let short = !known.long[0] && weight >= LEAST;
        known.whole = Whole {
            hash: units.hash(0, length),
            head: units.hash(0, HEAD.min(length)),
            units: length,
        };
        if short {
            self.look_for_whole(number, known.whole);
        }
        for option in &item.options {
            units.fill(option, reader);
            known.windows.extend(units.windows(WINDOW).filter(|window| met.insert(*window)));
            weight += units.weight();
            known.units += units.len();
        }
        known.long[1] = weight >= LONG && !item.options.is_empty();
        self.too_short += usize::from(!short && known.long == [false, false]);
        known
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
        hit.item.map(|item| self.items[item as usize].name.as_str())
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
        let reach = 2 * self.units + BETWEEN;
        let totals = self.totals();
        let mut counts: HashMap<u32, u32> = HashMap::new();
        let (mut sums, mut first, mut best) = ([0.0_f64; 2], 0, (0.0, 0..0));
        for (number, (slot, at)) in hits.iter().enumerate() {
            let weight = |window: u32| self.weights[window as usize];
            let asked = |window: u32| (window as usize) < self.asked;
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
                let share = if self.long[part] && totals[part] > 0.0 {
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
