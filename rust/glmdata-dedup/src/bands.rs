//! Banding: which sketches are worth comparing.
//!
//! A sketch of `bands * rows` slots is cut into bands; two documents become candidates when all
//! rows of some band are equal, which happens with probability `1 - (1 - J^rows)^bands`.

use std::str::FromStr;

use glmdata_base::Error;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The least probability with which a pair at the threshold must become a candidate.
const DETECTION_AT_THRESHOLD: f64 = 0.94;

/// Number of bands and of rows in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banding {
    /// Bands.
    pub bands: usize,
    /// Slots a band.
    pub rows: usize,
}

impl FromStr for Banding {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let (bands, rows) = text.split_once('x')?;
            let (bands, rows) = (bands.parse().ok()?, rows.parse().ok()?);
            (bands > 0 && rows > 0).then_some(Self { bands, rows })
        };
        parse().ok_or_else(|| Error::config("bands", "BANDSxROWS such as 16x8", text))
    }
}

impl Banding {
    /// The most selective banding of `k` slots (rows a power of two) that detects a pair at
    /// `threshold` with probability 0.94 or more; one row a band if none does.
    ///
    /// Thresholds above 0.8 get the banding of 0.8: a run at 0.8 then holds all the pairs that a
    /// run at 0.85 would compare, so that its ledger can answer for both.
    pub fn choose(k: usize, threshold: f64) -> Self {
        let threshold = threshold.min(0.8);
        let mut rows = k;
        while rows > 1 {
            let banding = Self { bands: k / rows, rows };
            if banding.detection(threshold) >= DETECTION_AT_THRESHOLD {
                return banding;
            }
            rows /= 2;
        }
        Self { bands: k, rows: 1 }
    }

    /// Probability that a pair of Jaccard similarity `jaccard` becomes a candidate.
    pub fn detection(self, jaccard: f64) -> f64 {
        1.0 - (1.0 - jaccard.powi(self.rows as i32)).powi(self.bands as i32)
    }

    /// One 64-bit key a band. Two different bands give equal keys by chance only (2^-64).
    pub fn keys(self, sketch: &[u64], keys: &mut Vec<u64>) {
        let mut bytes = [0u8; 8 * 64];
        for (band, slots) in sketch.chunks_exact(self.rows).take(self.bands).enumerate() {
            let mut hash = band as u64;
            for part in slots.chunks(64) {
                for (slot, place) in part.iter().zip(bytes.as_chunks_mut::<8>().0) {
                    *place = slot.to_le_bytes();
                }
                hash = xxh3_64_with_seed(&bytes[..8 * part.len()], hash);
            }
            keys.push(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_docs() {
        assert_eq!(Banding::choose(128, 0.8), Banding { bands: 16, rows: 8 });
        assert_eq!(Banding::choose(128, 0.85), Banding { bands: 16, rows: 8 });
        assert_eq!(Banding::choose(256, 0.8), Banding { bands: 32, rows: 8 });
        assert_eq!(Banding::choose(128, 0.7), Banding { bands: 32, rows: 4 });
        let table = [(0.70, 0.613), (0.80, 0.947), (0.85, 0.994)];
        for (jaccard, expected) in table {
            let found = Banding { bands: 16, rows: 8 }.detection(jaccard);
            assert!((found - expected).abs() < 0.001, "{jaccard}: {found}");
        }
    }

    #[test]
    fn names() {
        assert_eq!("14x8".parse::<Banding>().unwrap(), Banding { bands: 14, rows: 8 });
        for wrong in ["", "16", "16x", "0x8", "16x8x2", "-1x8"] {
            assert!(wrong.parse::<Banding>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_depend_on_band_and_slots() {
        let sketch = vec![7u64; 256];
        let mut keys = Vec::new();
        Banding { bands: 2, rows: 128 }.keys(&sketch, &mut keys);
        assert_eq!(keys.len(), 2);
        assert_ne!(keys[0], keys[1]);
        let mut changed = sketch.clone();
        changed[127] = 8;
        let mut others = Vec::new();
        Banding { bands: 2, rows: 128 }.keys(&changed, &mut others);
        assert_ne!(keys[0], others[0]);
        assert_eq!(keys[1], others[1]);
    }
}
