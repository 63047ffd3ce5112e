//! Which two tokens merge into which: the table that encoding, checking and training look into.

/// The largest vocabulary the packed table can hold.
pub(crate) const MAX_TOKENS: usize = (1 << ID_BITS) - 1;

const ID_BITS: u32 = 20;
/// Bits of `taken` per slot.
const TAKEN_SPREAD: usize = 4;
const ID_MASK: u64 = (1 << ID_BITS) - 1;

/// (left, right) -> merged, open addressing with eight bytes an entry: 150,000 merges fit into the
/// share of the last-level cache that one core may hope for.
#[derive(Clone, Debug)]
pub(crate) struct PairTable {
    /// left, right and merged id in 20 bits each; merged ids are never 0, so 0 means empty.
    slots: Vec<u64>,
    /// A bit for every hash that is taken, an eighth of a byte where the slots take eight: most
    /// look-ups are for pairs that do not merge, and end here, in the second-level cache.
    taken: Vec<u64>,
    shift: u32,
    filled: usize,
}

impl PairTable {
    pub(crate) fn with_capacity(merges: usize) -> Self {
        let bits = (merges.max(8) * 2).next_power_of_two().trailing_zeros();
        let words = ((1_usize << bits) * TAKEN_SPREAD).div_ceil(64);
        Self { slots: vec![0; 1 << bits], taken: vec![0; words], shift: 64 - bits, filled: 0 }
    }

    #[inline(always)]
    fn hash(key: u64) -> u64 {
        key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// The word and bit of `taken` for a hash.
    #[inline(always)]
    fn taken_bit(&self, hash: u64) -> (usize, u64) {
        let bit = (hash >> (self.shift - TAKEN_SPREAD.trailing_zeros())) as usize;
        ((bit / 64) & (self.taken.len() - 1), 1 << (bit % 64))
    }

    /// The token that `left` and `right` merge into.
    #[inline(always)]
    pub(crate) fn get(&self, left: u32, right: u32) -> Option<u32> {
        let key = (u64::from(left) << ID_BITS) | u64::from(right);
        let hash = Self::hash(key);
        let (word, bit) = self.taken_bit(hash);
        if self.taken[word] & bit == 0 {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = (hash >> self.shift) as usize;
        loop {
            let slot = self.slots[at & mask];
            if slot >> ID_BITS == key && slot != 0 {
                return Some((slot & ID_MASK) as u32);
            }
            if slot == 0 {
                return None;
            }
            at += 1;
        }
    }

    /// Add a merge that is not in the table; `merged` is not 0.
    pub(crate) fn insert(&mut self, left: u32, right: u32, merged: u32) {
        if (self.filled + 1) * 2 > self.slots.len() {
            let mut larger = Self::with_capacity(self.slots.len());
            for &slot in self.slots.iter().filter(|&&slot| slot != 0) {
                larger.place(slot);
            }
            *self = larger;
        }
        let key = (u64::from(left) << ID_BITS) | u64::from(right);
        self.place((key << ID_BITS) | u64::from(merged));
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let hash = Self::hash(slot >> ID_BITS);
        let (word, bit) = self.taken_bit(hash);
        self.taken[word] |= bit;
        let mut at = (hash >> self.shift) as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
        self.filled += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let mut table = PairTable::with_capacity(4);
        for merged in 1..5_000_u32 {
            table.insert(merged * 7 % 1000, merged, merged);
        }
        for merged in 1..5_000_u32 {
            assert_eq!(table.get(merged * 7 % 1000, merged), Some(merged));
            assert_eq!(table.get(merged * 7 % 1000 + 1000, merged), None);
        }
        assert_eq!(table.get(0, 0), None);
    }
}
