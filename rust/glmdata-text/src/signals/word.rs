//! Words, tokens and addresses: where they begin and end, and what stands for them.

use xxhash_rust::xxh3::xxh3_64;

/// Hash of a word: words of up to eight bytes without a call.
#[inline]
pub(super) fn word_hash(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 {
        return xxh3_64(bytes);
    }
    let mut padded = [0; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    let value = u64::from_le_bytes(padded) ^ ((bytes.len() as u64) << 56);
    let mixed = value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// A run without white space and Han characters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    /// Its letters, digits and marks.
    pub(super) characters: u32,
    /// Those of them that stand in addresses, counted when an address begins.
    pub(super) in_address: u32,
}

/// The code point that `bytes` begin with, if it is of the block of common Han characters.
#[inline]
pub(super) fn common_han(bytes: &[u8]) -> Option<u32> {
    let &[first @ 0xE4..=0xE9, second, third, ..] = bytes else { return None };
    let code =
        u32::from(first & 0xF) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
    (0x4E00..=0x9FFF).contains(&code).then_some(code)
}

/// Where an address whose `://` begins at `colon` ends: at white space, a quote, a bracket, or
/// what is not ASCII.
pub(super) fn address_end(bytes: &[u8], colon: usize) -> usize {
    let inside = |byte: &&u8| byte.is_ascii_graphic() && !b"\"'()<>[]{}`".contains(byte);
    colon + bytes[colon..].iter().take_while(inside).count()
}
