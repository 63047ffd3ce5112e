//! Sketches of shingle sets: the rounds of Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup,
//! arXiv 1704.04370), with slots that are independent as MinHash's are.
//!
//! A sketch has `k` slots. In round `t` every shingle gets a fresh hash. Half of the shingles throw
//! two balls, the others none: a ball names a slot and a rank, and a slot keeps the smallest rank
//! of the first round that reaches it. What two rounds leave empty is filled slot by slot, by the
//! smallest rank of all shingles. Two slots at the same place are equal with probability J, the
//! Jaccard similarity of the sets. A slot depends on the *set* only: order, repeats and position of
//! shingles change nothing.
//!
//! In the paper every element throws one ball a round, so that what falls into one slot is missing in
//! another; with few elements the slots then vary together, and the banding formula does not hold.
//! With a ball count whose variance equals its mean (0 or 2, evenly) that covariance is zero.

use glmdata_text::{Simd, least, rehash, select};

/// Computes sketches of `k` slots; `k` is a power of two.
#[derive(Debug)]
pub struct Sketcher {
    simd: Simd,
    slots: Vec<u64>,
    /// The hashes of a round after the first.
    fresh: Vec<u64>,
    /// The hashes of a round that throw balls, and their second balls.
    throwing: Vec<u64>,
    second: Vec<u64>,
}

/// A slot that no shingle has reached.
const EMPTY: u64 = u64::MAX;

/// Added to a shingle's hash once a round: any odd constant with well-spread bits serves.
const STEP: u64 = 0xD6E8_FEB8_6659_FD93;

/// Added to a hash of a round for its second ball.
const SECOND: u64 = 0x9E37_79B9_7F4A_7C15;

/// Rounds that throw into random slots. Long documents are done after one; for short ones a slot
/// alone, in one vector loop, soon costs less than another round that mostly hits full slots.
const ROUNDS: u64 = 2;

/// The low bits of a ball are its rank; the bit above says whether balls are thrown; the top bits
/// are the slot.
const RANK_BITS: u32 = 48;
const RANK: u64 = (1 << RANK_BITS) - 1;

impl Sketcher {
    /// A sketcher for `k` slots.
    ///
    /// # Panics
    /// Never; a `k` that is no power of two is rounded up to one.
    pub fn new(k: usize) -> Self {
        let slots = vec![EMPTY; k.next_power_of_two()];
        let (fresh, throwing, second) = (Vec::new(), Vec::new(), Vec::new());
        Self { simd: Simd::detect(), slots, fresh, throwing, second }
    }

    /// The sketch of the set of `hashes` (well-mixed 64-bit values; repeats are harmless), or all
    /// slots empty if there is none. Valid until the next call.
    pub fn sketch(&mut self, hashes: &[u64]) -> &[u64] {
        self.slots.fill(EMPTY);
        if hashes.is_empty() {
            return &self.slots;
        }
        for round in 0..ROUNDS {
            self.round(round, hashes);
            if !self.slots.contains(&EMPTY) {
                return &self.slots;
            }
        }
        let own = (ROUNDS..).zip(&mut self.slots);
        for (round, slot) in own.filter(|(_, slot)| **slot == EMPTY) {
            *slot = least_of(self.simd, hashes, round);
        }
        &self.slots
    }

    /// The sketch of hashes that come in pieces: `pass` gives all of them, every time it is called.
    pub(crate) fn sketch_pieces<E>(
        &mut self,
        mut pass: impl FnMut(&mut dyn FnMut(&[u64])) -> Result<(), E>,
    ) -> Result<&[u64], E> {
        self.slots.fill(EMPTY);
        for round in 0..ROUNDS {
            pass(&mut |hashes| self.round(round, hashes))?;
            if !self.slots.contains(&EMPTY) {
                return Ok(&self.slots);
            }
        }
        let own = (ROUNDS..).zip(&self.slots).enumerate();
        let own: Vec<(usize, u64)> = own
            .filter(|(_, (_, slot))| **slot == EMPTY)
            .map(|(place, (round, _))| (place, round))
            .collect();
        pass(&mut |hashes| {
            for &(place, round) in own.iter().filter(|_| !hashes.is_empty()) {
                self.slots[place] = self.slots[place].min(least_of(self.simd, hashes, round));
            }
        })?;
        Ok(&self.slots)
    }

    /// Throw the balls of a round.
    fn round(&mut self, round: u64, hashes: &[u64]) {
        let Self { simd, slots, fresh, throwing, second } = self;
        let hashes = if round == 0 {
            hashes
        } else {
            rehash(*simd, hashes, round.wrapping_mul(STEP), fresh);
            &fresh[..]
        };
        select(*simd, hashes, RANK_BITS, throwing);
        throw(throwing, round, slots);
        rehash(*simd, throwing, SECOND, second);
        throw(second, round, slots);
    }
}

/// What a slot alone keeps in its own round.
fn least_of(simd: Simd, hashes: &[u64], round: u64) -> u64 {
    least(simd, hashes, round.wrapping_mul(STEP), RANK) | ROUNDS << RANK_BITS
}

/// The round goes on top of the rank, so that an earlier round always wins.
fn throw(balls: &[u64], round: u64, slots: &mut [u64]) {
    let bits = slots.len().trailing_zeros();
    for &ball in balls {
        let slot = &mut slots[ball.unbounded_shr(64 - bits) as usize];
        *slot = (round << RANK_BITS | ball & RANK).min(*slot);
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
