//! Most band keys belong to one document, and finding that out needs no sorting: every key leaves a
//! mark in a table, and a place with two marks says that its keys may be shared.

/// Places of the table for each key: about four of five lonely keys have a place of their own.
const PLACES_A_KEY: usize = 4;
/// Bits of a place: none, one, or more marks.
const BITS: usize = 2;

/// Marks of up to so many keys.
#[derive(Debug)]
pub(crate) struct KeyMarks {
    words: Vec<u64>,
}

impl KeyMarks {
    /// Bytes of a table for `keys` keys.
    pub(crate) fn memory(keys: usize) -> u64 {
        (8 * Self::words(keys)) as u64
    }

    fn words(keys: usize) -> usize {
        (keys * PLACES_A_KEY * BITS).div_ceil(64) + 1
    }

    pub(crate) fn new(keys: usize) -> Self {
        Self { words: vec![0; Self::words(keys)] }
    }

    /// The word of a key, and where in it its place begins.
    fn place(&self, key: u64) -> (usize, u32) {
        let wide = u128::from(key) * self.words.len() as u128;
        // The word by the high bits of the key, the place by the high bits of what is left.
        ((wide >> 64) as usize, (wide as u64 >> 59) as u32 * BITS as u32)
    }

    /// Leave a mark for a key.
    pub(crate) fn note(&mut self, key: u64) {
        let (word, place) = self.place(key);
        let first = 1 << place;
        // The first mark sets the lower bit, all others the upper one.
        self.words[word] |= first | (self.words[word] & first) << 1;
    }

    /// Whether a key has left two marks, or one and another key the other.
    pub(crate) fn may_be_shared(&self, key: u64) -> bool {
        let (word, place) = self.place(key);
        self.words[word] >> place & 2 != 0
    }
}

#[cfg(test)]
mod tests {
    use glmdata_text::mix64;

    use super::*;

    #[test]
    fn shared_keys_are_told_from_most_lonely_ones() {
        const KEYS: u64 = 20_000;
        let mut marks = KeyMarks::new(KEYS as usize);
        for i in 0..KEYS {
            marks.note(mix64(i));
        }
        for i in (0..KEYS).step_by(10) {
            marks.note(mix64(i));
        }
        let may_be_shared = |i: &u64| marks.may_be_shared(mix64(*i));
        assert!((0..KEYS).step_by(10).all(|i| may_be_shared(&i)));
        let lonely = (0..KEYS).filter(|i| i % 10 != 0);
        let mistaken = lonely.filter(may_be_shared).count() as f64 / (0.9 * KEYS as f64);
        // One mark of 1.1 in four places: 1 - exp(-1.1 / 4) = 0.24.
        assert!((0.22..0.26).contains(&mistaken), "{mistaken}");
        assert_eq!(KeyMarks::memory(KEYS as usize), 8 * (KEYS / 8 + 1));
    }
}
