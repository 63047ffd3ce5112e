//! How often each pre-token occurs, in how many documents and sources: what training needs of a
//! corpus.
//!
//! A [`Counter`] per thread reads documents; inventories of other threads, files or days merge into
//! one. Order never matters: counts add up, and training does not look at it.
//!
//! ```
//! use glmdata_bpe::{Counter, Counting, Inventory};
//! let mut counter = Counter::new(Counting::default());
//! counter.add("one two two", "web");
//! counter.add(" two", "wiki");
//! let inventory = Inventory::merged(vec![counter]);
//! let two = inventory.iter().find(|word| word.bytes == b" two");
//! assert_eq!(two.map(|word| (word.count, word.documents)), Some((3, 2)));
//! ```

mod counter;
mod file;

use glmdata_base::hash64;
use hashbrown::HashTable;
use rayon::prelude::*;

pub use counter::{Counter, Counting};
pub(crate) use file::{merge_runs, read_inventory, write_inventory};

use crate::scan::Digits;

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
    /// One bit for each source it occurs in, chosen by the source's name.
    pub sources: u32,
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
    /// How often it occurred in that document.
    in_last: u32,
    sources: u32,
}

/// Bytes of an entry in a table that is three quarters full.
const ENTRY_BYTES: usize = (size_of::<Entry>() + 1) * 4 / 3;

#[derive(Clone, Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    table: HashTable<Entry>,
}

impl Part {
    /// The entry of `bytes`, empty if it is new.
    #[inline(always)]
    fn entry(&mut self, bytes: &[u8], hash: u64) -> &mut Entry {
        let Self { bytes: arena, table } = self;
        let same = |entry: &Entry| entry.hash == hash && arena[range(entry)] == *bytes;
        match table.entry(hash, same, |entry| entry.hash) {
            hashbrown::hash_table::Entry::Occupied(found) => found.into_mut(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let (at, length) = (arena.len() as u32, bytes.len() as u32);
                arena.extend_from_slice(bytes);
                let new = Entry {
                    hash,
                    at,
                    length,
                    count: 0,
                    sketch: 0,
                    documents: 0,
                    last: 0,
                    in_last: 0,
                    sources: 0,
                };
                place.insert(new).into_mut()
            }
        }
    }

    /// Add what other documents say of a word.
    fn add(&mut self, word: Word<'_>, hash: u64) {
        let entry = self.entry(word.bytes, hash);
        entry.count += word.count;
        entry.documents = entry.documents.saturating_add(word.documents);
        entry.sketch |= word.sketch;
        entry.sources |= word.sources;
    }

    fn words(&self) -> impl Iterator<Item = (Word<'_>, u64)> {
        self.table.iter().map(|entry| {
            let &Entry { count, documents, sketch, sources, hash, .. } = entry;
            (Word { bytes: &self.bytes[range(entry)], count, documents, sketch, sources }, hash)
        })
    }
}

fn range(entry: &Entry) -> std::ops::Range<usize> {
    entry.at as usize..(entry.at + entry.length) as usize
}

/// The counts of a corpus, in no particular order.
#[derive(Clone, Debug)]
pub struct Inventory {
    parts: Vec<Part>,
}

impl Default for Inventory {
    fn default() -> Self {
        Self { parts: vec![Part::default(); PARTS] }
    }
}

impl Inventory {
    /// The sum of counters that read different documents.
    pub fn merged(counters: Vec<Counter>) -> Self {
        Self::sum(counters.into_iter().map(Counter::into_inventory).collect())
    }

    /// The sum of inventories of different documents.
    pub fn sum(inventories: Vec<Self>) -> Self {
        let mut by_part: Vec<Vec<Part>> = (0..PARTS).map(|_| Vec::new()).collect();
        for inventory in inventories {
            by_part.iter_mut().zip(inventory.parts).for_each(|(parts, part)| parts.push(part));
        }
        Self { parts: by_part.into_par_iter().map(sum).collect() }
    }

    /// Count `texts`, a document each, on all threads of the pool.
    pub fn count<T: AsRef<str> + Sync>(texts: &[T], digits: Digits) -> Self {
        let chunk = texts.len().div_ceil(rayon::current_num_threads() * 4).max(1);
        let counters = texts.par_chunks(chunk).map(|texts| {
            let mut counter = Counter::new(Counting { digits, document_cap: 0 });
            for text in texts {
                counter.add(text.as_ref(), "");
            }
            counter
        });
        Self::merged(counters.collect())
    }

    /// Multiply all counts.
    pub fn scale(&mut self, factor: u64) {
        for part in &mut self.parts {
            part.table.iter_mut().for_each(|entry| entry.count *= factor);
        }
    }

    /// Add a word.
    pub fn add(&mut self, word: Word<'_>) {
        let hash = hash64(word.bytes);
        if let Some(part) = self.parts.get_mut((hash >> PART_SHIFT) as usize) {
            part.add(word, hash);
        }
    }

    /// Every word, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        self.parts.iter().flat_map(|part| part.words().map(|(word, _)| word))
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

    /// About how many bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        let of_part = |part: &Part| part.bytes.capacity() + part.table.len() * ENTRY_BYTES;
        self.parts.iter().map(of_part).sum()
    }
}

/// The sum of parts that cover the same hashes; documents of different parts differ.
fn sum(mut parts: Vec<Part>) -> Part {
    parts.sort_by_key(|part| part.table.len());
    let mut total = parts.pop().unwrap_or_default();
    for part in parts {
        for (word, hash) in part.words() {
            total.add(word, hash);
        }
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
        let source = |n: usize| if n.is_multiple_of(3) { "web" } else { "wiki" };
        let counted = |from: usize, to: usize| {
            let mut counter = Counter::new(Counting::default());
            (from..to).for_each(|n| counter.add(&texts[n], source(n)));
            counter
        };
        let whole = Inventory::merged(vec![counted(0, 500)]);
        for step in [1, 3, 100] {
            let counters = (0..500).step_by(step).map(|from| counted(from, (from + step).min(500)));
            assert_eq!(Inventory::merged(counters.collect()).sorted(), whole.sorted());
        }
        let halves = [(0, 250), (250, 500)].map(|(a, b)| Inventory::merged(vec![counted(a, b)]));
        assert_eq!(Inventory::sum(halves.into()).sorted(), whole.sorted());
        let the = whole.sorted().into_iter().find(|word| word.bytes == b" the").unwrap();
        assert_eq!((the.count, the.documents, the.sources.count_ones()), (1000, 500, 2));
    }
}
