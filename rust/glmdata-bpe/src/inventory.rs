//! How often each pre-token occurs, and in how many documents: what training needs of a corpus.
//!
//! A [`Counter`] per thread reads documents; inventories of other threads, files or days merge into
//! one. Order never matters: counts add up, and training does not look at it.
//!
//! ```
//! use glmdata_bpe::{Counter, Digits, Inventory};
//! let mut counter = Counter::new(Digits::UpToThree);
//! counter.add("one two two");
//! counter.add(" two");
//! let inventory = Inventory::merged(vec![counter]);
//! let two = inventory.iter().find(|word| word.bytes == b" two");
//! assert_eq!(two.map(|word| (word.count, word.documents)), Some((3, 2)));
//! ```

use glmdata_base::hash64;
use hashbrown::HashTable;
use rayon::prelude::*;

use crate::scan::{Digits, Pieces};

/// Tables are split by hash, so that merging them needs no locks.
const PARTS: usize = 32;
const PART_SHIFT: u32 = 64 - PARTS.trailing_zeros();

/// A pre-token of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Occurrences.
    pub count: u64,
    /// Documents it occurs in.
    pub documents: u32,
    /// One bit for each of these documents, chosen by its text: the union over several words tells
    /// about how many different documents they come from.
    pub sketch: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    at: u32,
    length: u32,
    count: u64,
    sketch: u64,
    documents: u32,
    /// The document that counted last: a word counts a document once.
    last: u32,
}

#[derive(Clone, Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    table: HashTable<Entry>,
}

impl Part {
    fn add(&mut self, bytes: &[u8], hash: u64, added: Entry) {
        let arena = &self.bytes;
        let same = |entry: &Entry| entry.hash == hash && arena[range(entry)] == *bytes;
        if let Some(entry) = self.table.find_mut(hash, same) {
            entry.count += added.count;
            entry.documents += if entry.last == added.last { 0 } else { added.documents };
            entry.last = added.last;
            entry.sketch |= added.sketch;
            return;
        }
        let (at, length) = (self.bytes.len() as u32, bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
        let entry = Entry { at, length, ..added };
        self.table.insert_unique(hash, entry, |entry| entry.hash);
    }
}

fn range(entry: &Entry) -> std::ops::Range<usize> {
    entry.at as usize..(entry.at + entry.length) as usize
}

/// Counts the pre-tokens of documents.
#[derive(Clone, Debug)]
pub struct Counter {
    digits: Digits,
    parts: Vec<Part>,
    document: u32,
}

impl Counter {
    /// Nothing counted.
    pub fn new(digits: Digits) -> Self {
        Self { digits, parts: vec![Part::default(); PARTS], document: 0 }
    }

    /// Count one document.
    pub fn add(&mut self, text: &str) {
        self.document += 1;
        let sketch = 1 << (hash64(text.as_bytes()) >> 58);
        for piece in Pieces::new(text, self.digits) {
            let hash = hash64(piece.as_bytes());
            let last = self.document;
            let one = Entry { hash, at: 0, length: 0, count: 1, sketch, documents: 1, last };
            if let Some(part) = self.parts.get_mut((hash >> PART_SHIFT) as usize) {
                part.add(piece.as_bytes(), hash, one);
            }
        }
    }
}

/// The counts of a corpus, in no particular order.
#[derive(Clone, Debug)]
pub struct Inventory {
    parts: Vec<Part>,
}

impl Inventory {
    /// The sum of counters that read different documents.
    pub fn merged(counters: Vec<Counter>) -> Self {
        let mut by_part: Vec<Vec<Part>> = (0..PARTS).map(|_| Vec::new()).collect();
        for counter in counters {
            by_part.iter_mut().zip(counter.parts).for_each(|(parts, part)| parts.push(part));
        }
        Self { parts: by_part.into_par_iter().map(sum).collect() }
    }

    /// The sum of inventories of different documents.
    pub fn sum(inventories: Vec<Self>) -> Self {
        let counters = inventories.into_iter().map(|inventory| Counter {
            digits: Digits::UpToThree,
            parts: inventory.parts,
            document: 0,
        });
        Self::merged(counters.collect())
    }

    /// Count `texts`, a document each, on all threads of the pool.
    pub fn count<T: AsRef<str> + Sync>(texts: &[T], digits: Digits) -> Self {
        let chunk = texts.len().div_ceil(rayon::current_num_threads() * 4).max(1);
        let counters = texts.par_chunks(chunk).map(|texts| {
            let mut counter = Counter::new(digits);
            for text in texts {
                counter.add(text.as_ref());
            }
            counter
        });
        Self::merged(counters.collect())
    }

    /// Every word, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        self.parts.iter().flat_map(|part| {
            part.table.iter().map(|entry| Word {
                bytes: &part.bytes[range(entry)],
                count: entry.count,
                documents: entry.documents,
                sketch: entry.sketch,
            })
        })
    }

    /// Number of different words.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.table.len()).sum()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words by their bytes: what is written to files and compared.
    pub fn sorted(&self) -> Vec<Word<'_>> {
        let mut words: Vec<Word<'_>> = self.iter().collect();
        words.par_sort_unstable_by_key(|word| word.bytes);
        words
    }
}

/// The sum of parts that cover the same hashes; documents of different parts differ.
fn sum(mut parts: Vec<Part>) -> Part {
    parts.sort_by_key(|part| part.table.len());
    let mut total = parts.pop().unwrap_or_default();
    // No document of the others may look like the last one of the total.
    total.table.iter_mut().for_each(|entry| entry.last = 0);
    for part in parts {
        for entry in &part.table {
            let added = Entry { last: 1, ..*entry };
            total.add(&part.bytes[range(entry)], entry.hash, added);
        }
        total.table.iter_mut().for_each(|entry| entry.last = 0);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_into_counters_does_not_matter() {
        let texts: Vec<String> = (0..500_u32)
            .map(|n| format!("中文 {} words and {} the the", n % 7, n * n % 31))
            .collect();
        let whole = Inventory::count(&texts, Digits::UpToThree);
        for step in [1, 3, 100] {
            let counters = texts.chunks(step).map(|texts| {
                let mut counter = Counter::new(Digits::UpToThree);
                for text in texts {
                    counter.add(text);
                }
                counter
            });
            assert_eq!(Inventory::merged(counters.collect()).sorted(), whole.sorted());
        }
        let halves = texts.chunks(250).map(|texts| Inventory::count(texts, Digits::UpToThree));
        assert_eq!(Inventory::sum(halves.collect()).sorted(), whole.sorted());
        let the = whole.sorted().into_iter().find(|word| word.bytes == b" the").unwrap();
        assert_eq!((the.count, the.documents), (1000, 500));
    }
}
