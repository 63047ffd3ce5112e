//! Hashes of units, and the mixing of 64-bit integers.

use xxhash_rust::xxh3::xxh3_64;

/// Odd, so that multiplying by it loses nothing modulo 2^64.
pub(crate) const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hash of one unit: up to fifteen bytes as two integers and their length, else xxh3-64.
#[inline]
pub(crate) fn unit_hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length > 15 {
        return xxh3_64(&bytes[start..end]);
    }
    let (low, high) = if let Some(sixteen) = bytes.get(start..start + 16) {
        halves(sixteen)
    } else {
        let mut padded = [0; 16];
        padded[..length].copy_from_slice(&bytes[start..end]);
        halves(&padded)
    };
    let keep = |bytes: usize| u64::MAX.unbounded_shr(64u32.saturating_sub(8 * bytes as u32));
    short_hash(low & keep(length), high & keep(length.saturating_sub(8)), length as u64)
}

/// The same for a Han character of three bytes at `at`.
#[inline]
pub(crate) fn han_hash(bytes: &[u8], at: usize) -> u64 {
    let han = match bytes.get(at..at + 4) {
        Some(&[first, second, third, behind]) => {
            u32::from_le_bytes([first, second, third, behind]) & 0x00FF_FFFF
        }
        _ => (0..3).map(|i| u32::from(bytes[at + i]) << (8 * i)).sum(),
    };
    short_hash(u64::from(han), 0, 3)
}

#[inline]
fn halves(sixteen: &[u8]) -> (u64, u64) {
    let value = u128::from_le_bytes(sixteen.try_into().unwrap_or_default());
    (value as u64, (value >> 64) as u64)
}

#[inline]
fn short_hash(low: u64, high: u64, length: u64) -> u64 {
    let folded = low ^ (high | length << 56).wrapping_mul(BASE);
    let mixed = (folded ^ folded >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ mixed >> 29
}

/// A bijection of 64-bit integers whose every output bit depends on every input bit: two
/// multiply-and-shift rounds with the constants of MurmurHash3's finaliser (Appleby, 2011).
#[inline]
pub fn mix64(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    x ^= x >> 33;
    x = x.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    x ^ (x >> 33)
}
