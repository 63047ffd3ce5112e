//! Shingle sets that verification will most likely ask for, kept from the scan, which has just made
//! the shingles anyway. A text whose band keys were seen before resembles an earlier one; the earlier
//! one is cut again when its turn comes. What is kept or forgotten changes no value.

use std::iter::Peekable;
use std::sync::atomic::{AtomicU32, Ordering};
use std::vec;

use glmdata_base::{MemoryBudget, Reservation};

/// Bands that are looked at: seven pairs in ten of J = 0.8 share one of eight with eight rows each,
/// nearly all of J = 0.9 do.
const BANDS: usize = 8;

/// Bytes of input a tag: half as many tags as texts of some 4 KB have bands looked at.
const INPUT_A_TAG: u64 = 256;

/// The band keys that all threads of a scan have met, by their low bits; later ones overwrite.
#[derive(Debug)]
pub(crate) struct Seen {
    tags: Box<[AtomicU32]>,
}

impl Seen {
    /// For an input of so many bytes, within `memory` bytes.
    pub(crate) fn new(input_bytes: u64, memory: u64) -> Self {
        let wanted = (input_bytes / INPUT_A_TAG).clamp(1 << 10, 1 << 26);
        let count = wanted.min(memory / size_of::<AtomicU32>() as u64).max(1).next_power_of_two();
        Self { tags: std::iter::repeat_with(AtomicU32::default).take(count as usize).collect() }
    }

    /// Whether a key of a text was met before; from now on all of them were.
    pub(crate) fn meets(&self, bands: &[u64]) -> bool {
        let mut met = false;
        for &key in bands.iter().take(BANDS) {
            let tag = &self.tags[key as usize & (self.tags.len() - 1)];
            let high = (key >> 32) as u32;
            met |= tag.swap(high, Ordering::Relaxed) == high;
        }
        met
    }
}

/// Sets of a unit's documents, which are counted from its first, in their order.
#[derive(Debug, Default)]
pub(crate) struct EarlySets {
    sets: Vec<(u32, Box<[u64]>)>,
    held: Vec<Reservation>,
}

impl EarlySets {
    /// Keep a set if there is room for it.
    pub(crate) fn keep(&mut self, document: u32, set: Box<[u64]>, budget: &MemoryBudget) {
        if let Some(held) = budget.try_reserve(size_of_val(&*set) as u64) {
            self.sets.push((document, set));
            self.held.push(held);
        }
    }

    /// The sets alone; their memory is from now on the caller's to account for.
    pub(crate) fn release(self) -> ReleasedSets {
        self.sets.into_iter().peekable()
    }
}

/// Sets of a unit's documents in their order.
pub(crate) type ReleasedSets = Peekable<vec::IntoIter<(u32, Box<[u64]>)>>;

/// The set of `document` if it is there. Documents are asked for in their order.
pub(crate) fn take_set(sets: &mut ReleasedSets, document: u32) -> Option<Box<[u64]>> {
    while sets.next_if(|(number, _)| *number < document).is_some() {}
    sets.next_if(|(number, _)| *number == document).map(|(_, set)| set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_equal_band_is_met() {
        let seen = Seen::new(1 << 20, 1 << 20);
        let keys = |from: u64| (from..from + 32).map(glmdata_text::mix64).collect::<Vec<_>>();
        assert!(!seen.meets(&keys(1)));
        assert!(seen.meets(&keys(7)), "one of the bands that are looked at");
        assert!(!seen.meets(&keys(100)));
        assert!(!seen.meets(&[0; 32][BANDS..BANDS]));
    }

    #[test]
    fn sets_are_taken_in_order_as_far_as_there_was_room() {
        let budget = MemoryBudget::new(24);
        let mut sets = EarlySets::default();
        for document in [1, 4, 6, 8] {
            sets.keep(document, vec![u64::from(document)].into(), &budget);
        }
        assert_eq!(budget.used(), 24);
        let mut sets = sets.release();
        assert_eq!(budget.used(), 0);
        let taken: Vec<_> = (2..9).map(|document| take_set(&mut sets, document)).collect();
        let set = |value: u64| Some(vec![value].into_boxed_slice());
        assert_eq!(taken, [None, None, set(4), None, set(6), None, None]);
    }
}
