//! The sketch of `scheme = "datasketch"`: MinHash, bit for bit the values of
//! `datasketch.MinHash(num_perm=K, seed=1)` of datasketch 2.0 (its scheme `affine32`) fed with the
//! UTF-8 of every shingle, its units joined by spaces.
//!
//! It serves to feed indexes that others have built and to check ours; [`Sketcher`](crate::Sketcher)
//! is many times faster and varies less.

use glmdata_text::{Shingling, shingle_texts};
use rand_mt::Mt;
use sha1::{Digest, Sha1};

/// The seed that datasketch takes when none is given.
const SEED: u32 = 1;

/// Computes sketches of `k` values of 32 bits.
#[derive(Debug)]
pub struct AffineSketcher {
    multipliers: Vec<u32>,
    offsets: Vec<u32>,
    values: Vec<u32>,
}

impl AffineSketcher {
    /// A sketcher for `k` values.
    pub fn new(k: usize) -> Self {
        // numpy's RandomState(1).randint, first `k` numbers of 31 bits, then `k` of 32.
        let mut generator = Mt::new(SEED);
        let multipliers = (0..k).map(|_| 2 * (generator.next_u32() & (u32::MAX >> 1)) + 1);
        let multipliers = multipliers.collect();
        let offsets = (0..k).map(|_| generator.next_u32()).collect();
        Self { multipliers, offsets, values: vec![u32::MAX; k] }
    }

    /// The sketch of the shingles of a raw `text`; all values are `u32::MAX` if it has none. Valid
    /// until the next call.
    pub fn sketch(&mut self, text: &str, shingling: Shingling) -> &[u32] {
        self.values.fill(u32::MAX);
        for shingle in shingle_texts(text, shingling) {
            let hash = premix(sha1_32(shingle.as_bytes()));
            let permutations = self.multipliers.iter().zip(&self.offsets);
            for (value, (multiplier, offset)) in self.values.iter_mut().zip(permutations) {
                *value = (*value).min(hash.wrapping_mul(*multiplier).wrapping_add(*offset));
            }
        }
        &self.values
    }
}

/// The first four bytes of SHA-1, little-endian.
fn sha1_32(bytes: &[u8]) -> u32 {
    let digest = Sha1::digest(bytes);
    digest.first_chunk().map_or(0, |first| u32::from_le_bytes(*first))
}

/// The 32-bit finaliser of MurmurHash3 (Appleby, 2011).
fn premix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85EB_CA6B);
    x ^= x >> 13;
    x = x.wrapping_mul(0xC2B2_AE35);
    x ^ (x >> 16)
}
