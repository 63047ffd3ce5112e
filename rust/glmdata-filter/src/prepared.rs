//! A benchmark item as hashes: all that finding it takes, and nothing that could be read.

use std::collections::HashSet;

use glmdata_base::hash128;

use crate::benchmark_items::Item;
use crate::folded::{Reader, Units};

/// Units of a window.
pub(crate) const WINDOW: usize = 5;
/// Units that are compared before a short item is.
pub(crate) const HEAD: usize = 4;
/// Twenty Han characters, thirteen words.
const LONG: u32 = 260;
/// Eight Han characters, five words.
const LEAST: u32 = 100;

/// Bytes of an item besides its windows, and of a window: once in the list of its item, once in the
/// table, whose places grow by doubling.
const ITEM_BYTES: u64 = 256;
const WINDOW_BYTES: u64 = 144;

/// What is known of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prepared {
    /// What a hit is called.
    pub(crate) name: String,
    /// Hash of what it says.
    pub(crate) says: u128,
    /// Hashes of the windows of its question, then of those that only its options have.
    pub(crate) windows: Vec<u64>,
    /// How many windows are of the question.
    pub(crate) asked: usize,
    pub(crate) units: usize,
    /// Whether the question, and all of it, are long enough to be known by a part.
    pub(crate) long: [bool; 2],
    /// Whether the question is short, and looked for as a whole.
    pub(crate) short: bool,
    /// Its question as a whole.
    pub(crate) whole: Whole,
}

/// A question as a whole: hash, hash of its first units, how many units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Whole {
    pub(crate) hash: u64,
    pub(crate) head: u64,
    pub(crate) units: usize,
}

impl Prepared {
    pub(crate) fn of(item: &Item, units: &mut Units, reader: &mut Reader) -> Self {
        units.fill(&item.question, reader);
        let (mut weight, length) = (units.weight(), units.len());
        let hash = |text: &String| hash128(text.as_bytes()).to_le_bytes();
        let says: Vec<u8> =
            [&item.question].into_iter().chain(&item.options).flat_map(hash).collect();
        let mut found = Self {
            name: item.name.clone(),
            says: hash128(&says),
            units: length,
            ..Self::default()
        };
        found.long[0] = weight >= LONG && length >= WINDOW;
        found.short = !found.long[0] && weight >= LEAST;
        found.whole = Whole {
            hash: units.hash(0, length),
            head: units.hash(0, HEAD.min(length)),
            units: length,
        };
        let mut met = HashSet::new();
        found.windows.extend(units.windows(WINDOW).filter(|window| met.insert(*window)));
        found.asked = found.windows.len();
        for option in &item.options {
            units.fill(option, reader);
            found.windows.extend(units.windows(WINDOW).filter(|window| met.insert(*window)));
            weight += units.weight();
            found.units += units.len();
        }
        found.long[1] = weight >= LONG && !item.options.is_empty();
        found
    }

    /// What it takes in memory among the items that are looked for.
    pub(crate) fn bytes(&self) -> u64 {
        ITEM_BYTES + self.windows.len() as u64 * WINDOW_BYTES
    }

    /// Whether every text would have it.
    pub(crate) fn is_too_short(&self) -> bool {
        !self.short && self.long == [false, false]
    }
}
