//! Sketches of shingle sets: Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup,
//! arXiv 1704.04370).
//!
//! A sketch has `k` slots. In round `t` every shingle gets a fresh hash that names a slot and a
//! rank; a slot keeps the smallest rank of the first round that reaches it. Rounds go on until all
//! slots are filled: one round for long documents, a few for short ones. Two slots at the same
//! place are equal with probability J, the Jaccard similarity of the sets, and the number of equal
//! slots varies less than MinHash's. A slot depends on the *set* only: order, repeats and position
//! of shingles change nothing.

use glmdata_text::{Simd, rehash};

/// Computes sketches of `k` slots; `k` is a power of two.
#[derive(Debug)]
pub struct Sketcher {
    simd: Simd,
    slots: Vec<u64>,
    /// The hashes of a round after the first.
    fresh: Vec<u64>,
}

/// A slot that no shingle has reached.
const EMPTY: u64 = u64::MAX;

/// Added to a shingle's hash once a round: any odd constant with well-spread bits serves.
const STEP: u64 = 0xD6E8_FEB8_6659_FD93;

impl Sketcher {
    /// A sketcher for `k` slots.
    ///
    /// # Panics
    /// Never; a `k` that is no power of two is rounded up to one.
    pub fn new(k: usize) -> Self {
        let slots = vec![EMPTY; k.next_power_of_two()];
        Self { simd: Simd::detect(), slots, fresh: Vec::new() }
    }

    /// The sketch of the set of `hashes` (well-mixed 64-bit values; repeats are harmless), or all
    /// slots empty if there is none. Valid until the next call.
    pub fn sketch(&mut self, hashes: &[u64]) -> &[u64] {
        let Self { simd, slots, fresh } = self;
        let slots = &mut slots[..];
        slots.fill(EMPTY);
        if hashes.is_empty() {
            return slots;
        }
        let k = slots.len() as u64;
        let bits = k.trailing_zeros();
        // Rounds 0 to k-1 throw every shingle into a random slot, rounds k to 2k-1 into slot
        // t-k, which fills what chance left empty (section 2 of the paper).
        let mut empty = slots.len();
        for round in 0..2 * k {
            // The round goes on top of the rank, so that an earlier round always wins.
            let offset = round << 48;
            let hashes = if round == 0 {
                hashes
            } else {
                rehash(*simd, hashes, round.wrapping_mul(STEP), fresh);
                &fresh[..]
            };
            for &mixed in hashes {
                let slot = if round < k { mixed.unbounded_shr(64 - bits) } else { round - k };
                let value = offset | (mixed & ((1 << 48) - 1));
                let place = &mut slots[slot as usize];
                empty -= usize::from(*place == EMPTY);
                *place = value.min(*place);
            }
            if empty == 0 {
                break;
            }
        }
        slots
    }
}

/// Share of equal slots: an unbiased estimate of the Jaccard similarity of the two sets.
///
/// # Panics
/// Never; sketches of different lengths are compared over the shorter one.
pub fn estimate(a: &[u64], b: &[u64]) -> f64 {
    let equal = a.iter().zip(b).filter(|(a, b)| a == b).count();
    equal as f64 / a.len().min(b.len()).max(1) as f64
}
