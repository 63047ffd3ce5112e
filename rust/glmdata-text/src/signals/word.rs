//! Words, tokens, rows and addresses: where they begin and end, and what stands for them.

use memchr::memmem;
use xxhash_rust::xxh3::xxh3_64;

use super::class::{COLON, LETTER};
use crate::unseen::is_unseen;

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

/// An address counts no more characters than this where repetition of prose is counted.
const ADDRESS: u32 = 20;

/// Whether a word may be one that repetition of prose counts otherwise: not a letter in it, or long and with a colon.
#[inline]
pub(super) fn may_be_shortened(first: u8, characters: u32, flags: u8) -> bool {
    flags & LETTER == 0 && first >= 0xC2 || characters > ADDRESS && flags & COLON != 0
}

/// Characters that repetition of prose counts of such a word, where those are not all: none of a word of which nothing
/// is seen, few of an address.
pub(super) fn counted(word: &str, characters: u32, flags: u8) -> Option<u32> {
    if flags & LETTER == 0 && word.as_bytes()[0] >= 0xC2 {
        return is_unseen(word).then_some(0);
    }
    let address = characters > ADDRESS && memmem::find(word.as_bytes(), b"://").is_some();
    address.then_some(ADDRESS)
}

/// Equal characters in a row from which they are counted.
const LONG_ROW: u32 = 10;

/// One visible character again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    character: u32,
    length: u32,
    /// Characters of all long rows so far.
    pub(super) in_long: u32,
}

impl Default for Row {
    fn default() -> Self {
        Self { character: NO_CHARACTER, length: 0, in_long: 0 }
    }
}

/// What equals no code point.
const NO_CHARACTER: u32 = u32::MAX;

impl Row {
    #[inline]
    pub(super) fn add(&mut self, character: u32) {
        if character != self.character {
            (self.character, self.length) = (character, 1);
            return;
        }
        self.length += 1;
        if self.length >= LONG_ROW {
            self.in_long += if self.length == LONG_ROW { LONG_ROW } else { 1 };
        }
    }

    /// White space follows.
    #[inline]
    pub(super) fn end(&mut self) {
        self.character = NO_CHARACTER;
    }
}

/// A run without white space and Han characters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    /// Its letters, digits and marks.
    pub(super) characters: u32,
    /// Those of them that stand in addresses, counted when an address begins.
    pub(super) in_address: u32,
}

/// Three bytes of a text read as a number, if they are a Han character from U+4E00 to U+9FFF; no code
/// point is as large.
#[inline]
pub(super) fn common_han([first, second, third]: [u8; 3]) -> Option<u32> {
    let number = u32::from_be_bytes([0, first, second, third]);
    (0xE4_B880..=0xE9_BFBF).contains(&number).then_some(number)
}

/// Where an address whose `://` begins at `colon` ends: at white space, a quote, a bracket, or
/// what is not ASCII.
pub(super) fn address_end(bytes: &[u8], colon: usize) -> usize {
    let around = |byte| {
        matches!(byte, b'"' | b'\'' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'`')
    };
    let inside = |byte: &&u8| byte.is_ascii_graphic() && !around(**byte);
    colon + bytes[colon..].iter().take_while(inside).count()
}
