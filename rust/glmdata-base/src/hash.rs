//! The hashes that end up in files: xxh3, seed 0, for keys; sha256 for manifests.

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128};

/// xxh3-64 of `bytes`.
pub fn hash64(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// xxh3-128 of `bytes`.
pub fn hash128(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// sha256 of bytes that come in pieces.
#[derive(Clone, Debug, Default)]
pub struct Sha256Hasher(Sha256);

impl Sha256Hasher {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them, lower-case hex.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The `doc` key of a record: xxh3-128 over root label, relative path and row, big-endian bytes.
///
/// Unique within a run because (root, path, row) is; all joins between files use it.
pub fn doc_key(root: &str, relative: &str, row: u64) -> [u8; 16] {
    let mut state = Xxh3::new();
    state.update(root.as_bytes());
    state.update(b"\0");
    state.update(relative.as_bytes());
    state.update(b"\0");
    state.update(&row.to_le_bytes());
    state.digest128().to_be_bytes()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // The published xxh3 test vector for the empty input.
        assert_eq!(hash64(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(hash128(b""), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }

    #[test]
    fn doc_key_separates_its_parts() {
        assert_ne!(doc_key("a", "bc", 1), doc_key("ab", "c", 1));
        assert_ne!(doc_key("a", "bc", 1), doc_key("a", "bc", 2));
    }
}
