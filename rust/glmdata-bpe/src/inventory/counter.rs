//! Counting the pre-tokens of documents, on one thread.

use glmdata_base::hash64;

use super::{Inventory, PART_SHIFT};
use crate::scan::{Digits, Pieces};

/// How documents are counted. Inventories that were counted in different ways do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// How digits are cut.
    pub digits: Digits,
    /// How often a document may count a word; 0 for no limit.
    pub document_cap: u32,
}

impl Default for Counting {
    fn default() -> Self {
        Self { digits: Digits::UpToThree, document_cap: 0 }
    }
}

/// Counts the pre-tokens of documents.
#[derive(Clone, Debug)]
pub struct Counter {
    counting: Counting,
    inventory: Inventory,
    document: u32,
}

impl Counter {
    /// Nothing counted.
    pub fn new(counting: Counting) -> Self {
        Self { counting, inventory: Inventory::default(), document: 0 }
    }

    /// Count one document.
    pub fn add(&mut self, text: &str, source: &str) {
        self.document += 1;
        let sketch = 1 << (hash64(text.as_bytes()) >> 58);
        let sources = source_bit(source);
        let cap = match self.counting.document_cap {
            0 => u32::MAX,
            cap => cap,
        };
        for piece in Pieces::new(text, self.counting.digits) {
            let hash = hash64(piece.as_bytes());
            let Some(part) = self.inventory.parts.get_mut((hash >> PART_SHIFT) as usize) else {
                continue;
            };
            let entry = part.entry(piece.as_bytes(), hash);
            if entry.last != self.document {
                entry.last = self.document;
                entry.in_last = 0;
                entry.documents += 1;
                entry.sketch |= sketch;
                entry.sources |= sources;
            }
            if entry.in_last < cap {
                entry.in_last += 1;
                entry.count += 1;
            }
        }
    }

    /// What was counted.
    pub fn into_inventory(self) -> Inventory {
        self.inventory
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        self.inventory.memory()
    }
}

/// The bit of [`Word::sources`](super::Word::sources) that stands for a source.
pub(crate) fn source_bit(source: &str) -> u32 {
    1 << (hash64(source.as_bytes()) >> 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_counts_a_word_so_often_at_most() {
        let mut counter = Counter::new(Counting { document_cap: 3, ..Counting::default() });
        counter.add(&" spam".repeat(50), "web");
        counter.add(" spam spam", "web");
        let inventory = counter.into_inventory();
        let spam = inventory.iter().find(|word| word.bytes == b" spam").unwrap();
        assert_eq!((spam.count, spam.documents), (3 + 2, 2));
    }
}
