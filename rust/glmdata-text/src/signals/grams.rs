//! Repetition: n-grams of words, repeated windows of units, and the table all of it is counted in.
//!
//! An n-gram can only be repeated where both (n-1)-grams in it are. So all 2-grams are counted, and
//! longer ones only where the shorter were seen twice: prose costs two look-ups a word instead of
//! one for each of nine lengths.

use crate::hash::mix64;

/// Longest n-gram whose repeats are measured.
pub(crate) const LONGEST: usize = 10;

/// Bits that say which windows cannot be repeated; one window in sixteen is suspected wrongly.
const BITS_A_WINDOW: usize = 16;

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Counts 64-bit hashes; open addressing, emptied for each use.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    slots: Vec<Slot>,
    mask: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    count: u32,
    first: u32,
}

impl Counter {
    /// Empty, with room for `keys` different keys.
    pub(crate) fn reset(&mut self, keys: usize) {
        let size = (2 * keys).next_power_of_two().max(16);
        self.slots.clear();
        self.slots.resize(size, Slot::default());
        self.mask = size - 1;
    }

    /// Count `key`, seen at `place`; its slot and how often it was counted before.
    #[inline]
    pub(crate) fn add(&mut self, key: u64, place: u32) -> (u32, u32) {
        // The high bits: keys are products, whose low bits are the weak ones.
        let mut at = (key >> 32) as usize & self.mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                *slot = Slot { key, count: 1, first: place };
                return (at as u32, 0);
            }
            if slot.key == key {
                slot.count += 1;
                return (at as u32, slot.count - 1);
            }
            at = (at + 1) & self.mask;
        }
    }

    fn get(&self, slot: u32) -> Slot {
        self.slots[slot as usize]
    }
}

/// The words of a document.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) hashes: Vec<u64>,
    /// Characters of all words before the i-th.
    pub(crate) characters: Vec<u32>,
}

impl Words {
    pub(crate) fn clear(&mut self) {
        self.hashes.clear();
        self.characters.clear();
        self.characters.push(0);
    }

    #[inline]
    pub(crate) fn push(&mut self, hash: u64, characters: u32) {
        let before = self.characters[self.hashes.len()];
        self.hashes.push(hash);
        self.characters.push(before + characters);
    }

    fn length(&self, start: usize, n: usize) -> u32 {
        self.characters[start + n] - self.characters[start]
    }
}

/// What is repeated, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    /// Of the most frequent n-gram, times its count, spaces between words included; by n.
    pub(crate) top: [u32; 5],
    /// The same where it occurs twice at least, else 0.
    pub(crate) again: [u32; 5],
    /// In n-grams that occurred before, each character once; by n.
    pub(crate) duplicate: [u32; LONGEST + 1],
}

/// An n-gram at a place where its (n-1)-grams are repeated.
#[derive(Clone, Copy, Debug)]
struct Gram {
    place: u32,
    slot: u32,
    hash: u64,
}

/// Buffers of [`Grams::repeats`].
#[derive(Debug, Default)]
pub(crate) struct Grams {
    counter: Counter,
    now: Vec<Gram>,
    next: Vec<Gram>,
    seen: Vec<bool>,
}

impl Grams {
    /// Repeated n-grams of `words`.
    pub(crate) fn repeats(&mut self, words: &Words) -> Repeats {
        let mut found = Repeats::default();
        let hashes = &words.hashes;
        if hashes.len() < 2 {
            return found;
        }
        self.counter.reset(hashes.len());
        self.now.clear();
        self.now.extend(hashes.windows(2).enumerate().map(|(place, pair)| {
            let hash = extend(pair[0].wrapping_mul(MULTIPLIER), pair[1]);
            let (slot, _) = self.counter.add(hash, place as u32);
            Gram { place: place as u32, slot, hash }
        }));
        for n in 2..=LONGEST {
            if n < found.top.len() {
                (found.top[n], found.again[n]) = self.top(words, n);
            }
            let counter = &self.counter;
            self.now.retain(|gram| counter.get(gram.slot).count > 1);
            if n >= found.top.len() {
                found.duplicate[n] = self.duplicate(words, n);
            }
            if n < LONGEST {
                self.lengthen(hashes, n + 1);
            }
        }
        found
    }

    /// The grams of length `n` whose two shorter ones are all in `now`.
    fn lengthen(&mut self, hashes: &[u64], n: usize) {
        self.next.clear();
        self.counter.reset(self.now.len());
        for pair in self.now.windows(2) {
            if pair[0].place + 1 == pair[1].place {
                let place = pair[0].place;
                let hash = extend(pair[0].hash, hashes[place as usize + n - 1]);
                let (slot, _) = self.counter.add(hash, place);
                self.next.push(Gram { place, slot, hash });
            }
        }
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// Characters of the most frequent n-gram (the first of equals) times its count; and if it is repeated.
    fn top(&self, words: &Words, n: usize) -> (u32, u32) {
        if words.hashes.len() < n {
            return (0, 0);
        }
        // Where nothing is repeated, the first one is the most frequent.
        let (mut count, mut first) = (1, 0);
        for slot in self.now.iter().map(|gram| self.counter.get(gram.slot)) {
            if slot.count > count || slot.count == count && slot.first < first {
                (count, first) = (slot.count, slot.first);
            }
        }
        let characters = count.saturating_mul(words.length(first as usize, n) + n as u32 - 1);
        (characters, if count > 1 { characters } else { 0 })
    }

    /// Walk over the words; a gram that was met before is counted and stepped over.
    fn duplicate(&mut self, words: &Words, n: usize) -> u32 {
        self.seen.clear();
        self.seen.resize(self.counter.mask + 1, false);
        let (mut from, mut characters) = (0, 0);
        for gram in &self.now {
            if gram.place < from {
                continue;
            }
            let seen = &mut self.seen[gram.slot as usize];
            if std::mem::replace(seen, true) {
                characters += words.length(gram.place as usize, n);
                from = gram.place + n as u32;
            }
        }
        characters
    }
}

#[inline]
fn extend(hash: u64, word: u64) -> u64 {
    mix64(hash ^ word.rotate_left(29)).wrapping_mul(MULTIPLIER)
}

/// Finds how many windows are repeated; emptied for each use.
///
/// In prose none is, so a bit for each says first which of them can be: windows that share a bit with
/// another one. Only those are counted, in a table that stays small.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    met: Vec<u64>,
    again: Vec<u64>,
    counter: Counter,
    suspects: Vec<u64>,
}

impl Repeated {
    /// The share of `windows` that occur more than once.
    pub(crate) fn share(&mut self, windows: &[u64]) -> f64 {
        if windows.is_empty() {
            return 0.0;
        }
        let Self { met, again, counter, suspects } = self;
        let words = (BITS_A_WINDOW * windows.len()).div_ceil(64).next_power_of_two();
        for bits in [&mut *met, &mut *again] {
            bits.clear();
            bits.resize(words, 0);
        }
        let place = |window: u64| ((window >> 32) as usize & (words - 1), 1 << (window >> 58));
        for &window in windows {
            let (word, bit) = place(window);
            again[word] |= met[word] & bit;
            met[word] |= bit;
        }
        suspects.clear();
        suspects.extend(windows.iter().copied().filter(|&window| {
            let (word, bit) = place(window);
            again[word] & bit != 0
        }));
        counter.reset(suspects.len());
        let mut repeated = 0u64;
        for &window in &*suspects {
            // The second time, the first one turns out to have been repeated too.
            repeated += match counter.add(window, 0).1 {
                0 => 0,
                1 => 2,
                _ => 1,
            };
        }
        repeated as f64 / windows.len() as f64
    }
}
