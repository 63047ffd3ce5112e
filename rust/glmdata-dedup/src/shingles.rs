//! The shingles of a document under the options of a run: prose in normal form, code as it is.

use glmdata_base::hash128;
use glmdata_text::{Normaliser, Shingler, Shingling};

use crate::options::Options;

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
            normaliser: Normaliser::new(),
            prose: Shingler::new(options.shingling),
            code: Shingler::new(Shingling::Code),
        }
    }

    /// Normalised key (the raw key for code) and shingle hashes, repeats included.
    pub(crate) fn of(&mut self, text: &str, source: &str) -> (u128, &[u64]) {
        // `--shingle code` looks at texts as they are: an equal normal form is not enough there.
        if self.options.shingling == Shingling::Code || self.options.is_code(source) {
            return (hash128(text.as_bytes()), self.code.hashes(text));
        }
        let normal = self.normaliser.run(text);
        (hash128(normal.as_bytes()), self.prose.hashes(normal))
    }

    /// The set of shingle hashes, sorted.
    pub(crate) fn set_of(&mut self, text: &str, source: &str) -> Box<[u64]> {
        let mut set = self.of(text, source).1.to_vec();
        set.sort_unstable();
        set.dedup();
        set.into_boxed_slice()
    }
}

/// How many values two sorted sets share.
pub(crate) fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        // Without branches: which side advances is as random as the hashes.
        let (left, right) = (a[i], b[j]);
        count += usize::from(left == right);
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_counts_what_both_hold() {
        assert_eq!(shared(&[1, 3, 5, 9], &[2, 3, 4, 9, 10]), 2);
        assert_eq!(shared(&[], &[1]), 0);
        assert_eq!(shared(&[1, 2], &[1, 2]), 2);
    }
}
