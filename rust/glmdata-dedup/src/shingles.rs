//! The shingles of a document under the options of a run: prose in normal form, code as it is.

use std::convert::Infallible;

use glmdata_base::hash128;
use glmdata_text::{LongText, Normaliser, Said, Shingler, Shingling};

use crate::options::Options;

/// Texts from here on are cut into shingles piece by piece.
pub(crate) const LONG_BYTES: usize = 1 << 20;

/// Holds the buffers of one worker.
#[derive(Debug)]
pub(crate) struct Shingles<'a> {
    options: &'a Options,
    normaliser: Normaliser,
    prose: Shingler,
    code: Shingler,
}

impl<'a> Shingles<'a> {
    pub(crate) fn new(options: &'a Options) -> Self {
        Self {
            options,
            normaliser: Normaliser::new().folding_script(options.script_fold),
            prose: Shingler::new(options.shingling),
            code: Shingler::new(Shingling::Code),
        }
    }

    /// Normalised key (the raw key for code), bytes of what the text says, and shingle hashes, repeats
    /// included.
    pub(crate) fn of(&mut self, text: &str, source: &str) -> (u128, u32, &[u64]) {
        // `--shingle code` looks at texts as they are: an equal normal form is not enough there.
        if self.options.shingling == Shingling::Code || self.options.is_code(source) {
            return (hash128(text.as_bytes()), without_blanks(text), self.code.hashes(text));
        }
        let normal = self.normaliser.run(text);
        (hash128(normal.as_bytes()), normal.len() as u32, self.prose.hashes(normal))
    }

    /// The same of a long text: the hashes go to `take`, piece by piece, and `hold` is told of memory
    /// that a piece takes if it is a large one.
    pub(crate) fn of_long<E>(
        &self,
        text: &str,
        source: &str,
        hold: &mut dyn FnMut(usize) -> Result<(), E>,
        take: &mut dyn FnMut(&[u64]),
    ) -> Result<(u128, u32), E> {
        let code = self.options.shingling == Shingling::Code || self.options.is_code(source);
        let shingling = if code { Shingling::Code } else { self.options.shingling };
        let Said { key, bytes } = self.long(shingling).each(text, hold, take)?;
        Ok((key, if code { without_blanks(text) } else { bytes as u32 }))
    }

    fn long(&self, shingling: Shingling) -> LongText {
        LongText::new(shingling).folding_script(self.options.script_fold)
    }

    /// The set of shingle hashes, sorted.
    pub(crate) fn set_of(&mut self, text: &str, source: &str) -> Box<[u64]> {
        if text.len() < LONG_BYTES {
            return set_of(self.of(text, source).2);
        }
        let mut hashes = Vec::new();
        let mut hold = |_| Ok::<_, Infallible>(());
        let Ok(_) = self.of_long(text, source, &mut hold, &mut |more| hashes.extend(more));
        // Where they are: dealing them out takes twice as much.
        hashes.sort_unstable();
        hashes.dedup();
        hashes.into_boxed_slice()
    }

    /// Bytes of what the text says.
    pub(crate) fn length(&mut self, text: &str, source: &str) -> u32 {
        if self.options.shingling == Shingling::Code || self.options.is_code(source) {
            return without_blanks(text);
        }
        self.normaliser.run(text).len() as u32
    }
}

/// Bytes of source code but for ASCII white space, which can be put anywhere.
fn without_blanks(code: &str) -> u32 {
    code.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0x0B).count() as u32
}

/// The set of these hashes, sorted.
pub(crate) fn set_of(hashes: &[u64]) -> Box<[u64]> {
    let mut set = sorted(hashes);
    set.dedup();
    set.into_boxed_slice()
}

/// Hashes are spread evenly: dealt out by their top two bytes, the lower one first, they lie in order
/// but for a few neighbours. That is more than twice as fast as comparing them.
fn sorted(hashes: &[u64]) -> Vec<u64> {
    const FEW: usize = 64;
    let mut out = hashes.to_vec();
    if hashes.len() < FEW {
        out.sort_unstable();
        return out;
    }
    let mut between = vec![0; hashes.len()];
    deal(hashes, 48, &mut between);
    deal(&between, 56, &mut out);
    // Any number may share its top bytes with all others if someone has made it so.
    let mut steps = 8 * out.len();
    for i in 1..out.len() {
        let (hash, mut at) = (out[i], i);
        while at > 0 && out[at - 1] > hash {
            out[at] = out[at - 1];
            at -= 1;
        }
        out[at] = hash;
        let Some(left) = steps.checked_sub(i - at) else {
            out.sort_unstable();
            break;
        };
        steps = left;
    }
    out
}

/// Order `from` by the byte that starts at bit `shift`, equal ones as they stand.
fn deal(from: &[u64], shift: u32, to: &mut [u64]) {
    let place = |hash: u64| usize::from((hash >> shift) as u8);
    let mut starts = [0usize; 256];
    for &hash in from {
        starts[place(hash)] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        (*start, sum) = (sum, sum + *start);
    }
    for &hash in from {
        let start = &mut starts[place(hash)];
        to[*start] = hash;
        *start += 1;
    }
}

/// Sets of a large corpus are in no cache, and the loop below would wait for each of their lines. Here
/// nothing depends on what was read before, so many lines are on their way at a time.
fn fetch(set: &[u64]) {
    const LINE: usize = 64 / size_of::<u64>();
    std::hint::black_box(set.iter().step_by(LINE).fold(0, |all, hash| all ^ hash));
}

/// How many values two sorted sets share.
pub(crate) fn shared(a: &[u64], b: &[u64]) -> usize {
    shared_if(a, b, 0).unwrap_or_default()
}

/// Values between two looks at whether enough can still be shared.
const LOOK: usize = 64;

/// How many values two sorted sets share; `None` if that is found to be fewer than `least`.
pub(crate) fn shared_if(a: &[u64], b: &[u64], least: usize) -> Option<usize> {
    let (mut i, mut j, mut count) = (0, 0, 0);
    fetch(a);
    fetch(b);
    while i < a.len() && j < b.len() {
        if count + (a.len() - i).min(b.len() - j) < least {
            return None;
        }
        // Neither side runs out before so many steps.
        for _ in 0..LOOK.min(a.len() - i).min(b.len() - j) {
            // Without branches: which side advances is as random as the hashes.
            let (left, right) = (a[i], b[j]);
            count += usize::from(left == right);
            i += usize::from(left <= right);
            j += usize::from(right <= left);
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_sorted() {
        let spread = |n: u64| (0..n).map(|i| glmdata_text::mix64(i % 700)).collect::<Vec<_>>();
        let crowded = |n: u64| (0..n).map(|i| (i * 31) % 97).collect::<Vec<_>>();
        // Of equal top bytes, and the first two in the wrong order.
        let neighbours = |n: u64| [vec![1, 0], spread(n)].concat();
        for n in [0, 1, 2, 63, 64, 65, 100, 1_000, 5_000] {
            for hashes in [spread(n), crowded(n), neighbours(n), vec![u64::MAX; n as usize]] {
                let mut expected = hashes.clone();
                expected.sort_unstable();
                assert_eq!(sorted(&hashes), expected);
            }
        }
    }

    #[test]
    fn shared_counts_what_both_hold() {
        assert_eq!(shared(&[1, 3, 5, 9], &[2, 3, 4, 9, 10]), 2);
        assert_eq!(shared(&[], &[1]), 0);
        let (all, even): (Vec<u64>, Vec<u64>) =
            ((0..1_000).collect(), (0..500).map(|i| 2 * i).collect());
        assert_eq!(shared_if(&all, &even, 500), Some(500));
        assert_eq!(shared_if(&all, &even, 501), None);
        assert_eq!(shared_if(&all, &all[..10], 11), None);
        assert_eq!(shared(&[1, 2], &[1, 2]), 2);
    }
}
