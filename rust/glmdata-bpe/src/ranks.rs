//! A vocabulary: byte strings numbered from zero, where the number is id, rank and merge priority.
//!
//! Everything in this crate reads vocabularies through [`Ranks`]; `tiktoken_file` reads and writes
//! them, `base` makes those that training starts from.
//!
//! ```
//! use glmdata_bpe::Ranks;
//! let tokens = (0..=255).map(|byte| vec![byte]).chain([b"ab".to_vec()]);
//! let ranks = Ranks::new(tokens)?;
//! assert_eq!((ranks.len(), ranks.rank(b"ab"), ranks.token(97)), (257, Some(256), Some(&b"a"[..])));
//! # Ok::<(), glmdata_base::Error>(())
//! ```

use glmdata_base::{Error, Result, hash64};
use hashbrown::HashTable;

/// Ranks 0 to `len() - 1`, all different, every single byte among them (rule C3).
#[derive(Clone, Debug)]
pub struct Ranks {
    bytes: Vec<u8>,
    /// Token `r` is `bytes[ends[r]..ends[r + 1]]`.
    ends: Vec<u32>,
    index: HashTable<u32>,
}

impl Ranks {
    /// The tokens in rank order. An empty token, a repeated one or a missing byte is refused: each
    /// of them makes ids ambiguous for some reader of the file.
    pub fn new<T: AsRef<[u8]>>(tokens: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut ranks = Self { bytes: Vec::new(), ends: vec![0], index: HashTable::new() };
        for token in tokens {
            let token = token.as_ref();
            let place = format!("rank {}", ranks.len());
            if token.is_empty() {
                return Err(Error::config("vocabulary", "tokens of at least one byte", place));
            }
            if let Some(earlier) = ranks.rank(token) {
                let found = format!("{place} equal to rank {earlier}");
                return Err(Error::config("vocabulary", "tokens that all differ", found));
            }
            ranks.push(token);
        }
        for byte in 0..=u8::MAX {
            if ranks.rank(&[byte]).is_none() {
                let found = format!("none for byte 0x{byte:02x}");
                return Err(Error::config("vocabulary", "a token for every byte", found));
            }
        }
        Ok(ranks)
    }

    /// The 256 bytes in order of value: where training from bytes starts.
    pub fn bytes_only() -> Self {
        let mut ranks = Self { bytes: Vec::new(), ends: vec![0], index: HashTable::new() };
        (0..=u8::MAX).for_each(|byte| ranks.push(&[byte]));
        ranks
    }

    /// Number of tokens; also the first id behind them.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Never true for a vocabulary that [`new`](Self::new) accepted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a rank.
    #[inline]
    pub fn token(&self, rank: u32) -> Option<&[u8]> {
        let at = rank as usize;
        let (start, end) = (*self.ends.get(at)?, *self.ends.get(at + 1)?);
        self.bytes.get(start as usize..end as usize)
    }

    /// The rank of a byte string.
    #[inline]
    pub fn rank(&self, token: &[u8]) -> Option<u32> {
        self.index.find(hash64(token), |&rank| self.token(rank) == Some(token)).copied()
    }

    /// The tokens in rank order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.ends.windows(2).map(|ends| &self.bytes[ends[0] as usize..ends[1] as usize])
    }

    /// Append a token that the caller knows to be new.
    pub(crate) fn push(&mut self, token: &[u8]) {
        let rank = self.len() as u32;
        self.bytes.extend_from_slice(token);
        self.ends.push(self.bytes.len() as u32);
        let (bytes, ends) = (&self.bytes, &self.ends);
        self.index.insert_unique(hash64(token), rank, |&rank| {
            let at = rank as usize;
            hash64(&bytes[ends[at] as usize..ends[at + 1] as usize])
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_makes_ids_ambiguous() {
        let bytes = || (0..=255u8).map(|byte| vec![byte]);
        let cases: [(Vec<Vec<u8>>, &str); 3] = [
            (
                bytes().chain([b"ab".to_vec(), b"ab".to_vec()]).collect(),
                "rank 257 equal to rank 256",
            ),
            (bytes().chain([vec![]]).collect(), "at least one byte"),
            (bytes().take(255).collect(), "none for byte 0xff"),
        ];
        for (tokens, expected) in cases {
            let message = Ranks::new(tokens).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn finds_every_token() {
        let ranks = Ranks::bytes_only();
        for (rank, token) in ranks.iter().enumerate() {
            assert_eq!(ranks.rank(token), Some(rank as u32));
        }
        assert_eq!(ranks.rank(b"ab"), None);
        assert_eq!(ranks.token(256), None);
    }
}
