//! Where the bytes are that matter inside a JSON string: quotes, backslashes, control characters.
//!
//! Code and prose with many line ends have an escape every few dozen bytes. Searching for each one
//! anew (memchr) was nearly half of the time that reading a crawl took; one pass that makes a
//! bitmap, and bit tests after it, took a fifth off the whole.

/// One bit a byte.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
    length: usize,
}

impl Marks {
    /// Mark `bytes`; what was marked before is forgotten.
    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        self.words.clear();
        self.length = bytes.len();
        let (blocks, rest) = bytes.as_chunks::<64>();
        self.words.extend(blocks.iter().map(mark));
        if !rest.is_empty() {
            let mut block = [b' '; 64];
            block[..rest.len()].copy_from_slice(rest);
            self.words.push(mark(&block));
        }
    }

    /// The first marked place at or after `at`; the number of bytes if there is none.
    #[inline]
    pub(crate) fn next(&self, at: usize) -> usize {
        let mut place = at / 64;
        let Some(word) = self.words.get(place) else { return self.length };
        let mut word = word & (u64::MAX << (at % 64));
        while word == 0 {
            place += 1;
            match self.words.get(place) {
                Some(next) => word = *next,
                None => return self.length,
            }
        }
        place * 64 + word.trailing_zeros() as usize
    }
}

/// Written so that the compiler makes vector compares of the first loop; the second packs eight
/// flags at a time: the factor moves flag i to bit 56 + i.
#[inline]
fn mark(block: &[u8; 64]) -> u64 {
    let mut flags = [0_u8; 64];
    #[expect(clippy::needless_bitwise_bool, reason = "lazy operators would be branches")]
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from((*byte == b'"') | (*byte == b'\\') | (*byte < 0x20));
    }
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| {
        word << 8 | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_the_bytes_that_matter() {
        let mut marks = Marks::default();
        for length in [0, 1, 63, 64, 65, 127, 128, 700] {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 7 + n / 64) as u8).collect();
            marks.fill(&bytes);
            for at in 0..=length {
                let expected = bytes[at..]
                    .iter()
                    .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
                    .map_or(length, |found| at + found);
                assert_eq!(marks.next(at), expected, "{length} {at}");
            }
        }
    }
}
