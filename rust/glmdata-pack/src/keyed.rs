//! Numbers that look random and are a function of a key: the only source of chance in this crate.

/// What the state grows by: odd, so it takes all 2^64 values.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of 64-bit numbers, SplitMix64 of a state that starts as the hash of a key.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
///
/// ```
/// use glmdata_pack::Keyed;
///
/// let (mut one, mut two) = (Keyed::new(7, 1), Keyed::new(7, 1));
/// assert_eq!(one.next(), two.next());
/// assert!(one.below(10) < 10);
/// ```
#[derive(Clone, Debug)]
pub struct Keyed {
    state: u64,
}

impl Keyed {
    /// The stream of `seed` for one of several purposes, whose streams are unrelated.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self::from_state(mix(seed ^ mix(purpose)))
    }

    /// The stream of a state that is a hash already.
    pub fn from_state(state: u64) -> Self {
        Self { state }
    }

    /// The `n`-th number from here, without going there.
    pub fn at(&self, n: u64) -> u64 {
        mix(self.state.wrapping_add(n.wrapping_add(1).wrapping_mul(STEP)))
    }

    /// The next number.
    #[expect(clippy::should_implement_trait, reason = "a stream without end is no Iterator")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number below `n`, which is at least 1: the high half of a product, whose bias is below
    /// n / 2^64.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number from 0 to below 1 with 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (0.5f64).powi(53)
    }

    /// Put a slice in an order of this stream (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// The finaliser of SplitMix64: a bijection of 64 bits.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // The published first outputs for state 1234567 (rosettacode.org, "Pseudo-random
        // numbers/Splitmix64").
        let mut stream = Keyed::from_state(1_234_567);
        let ahead: Vec<u64> = (0..3).map(|n| stream.at(n)).collect();
        let first: Vec<u64> = (0..3).map(|_| stream.next()).collect();
        assert_eq!(ahead, first);
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut seen = [0; 6];
        for seed in 0..6000 {
            let mut items = [0, 1, 2];
            Keyed::new(seed, 0).shuffle(&mut items);
            seen[items[0] * 2 + usize::from(items[1] > items[2])] += 1;
        }
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}");
    }
}
