//! Words that no sentence has side by side, and words that are no language: asked once the pass is over, because
//! one more thing to hold slows the pass itself.

use super::class::{FLAGS, SPACE, class_of};

/// Letters and digits from which a word may be Base64.
pub(super) const LONG_WORD: u32 = 40;

/// Which stop words cannot stand behind which: the, be, to, of, and, that, have, with, as bits. `with and
/// without`, `to and from`, `that of` and `be of use` are sentences.
const ODD_BEHIND: [u8; 8] = [
    0b1111_1111,
    0b0101_0010,
    0b1000_1100,
    0b1101_1110,
    0b0001_0000,
    0b0001_0000,
    0b0101_1010,
    0b1100_1110,
];

/// Finds stop words by their hash.
#[derive(Debug)]
pub(super) struct OddPairs {
    shift: u32,
    /// By the byte at `shift`: the word's hash, its bit, and those that must not follow.
    slots: Box<[(u64, u8, u8); 256]>,
}

impl OddPairs {
    /// Of the hashes of the words above, which differ in one of their bytes at least.
    pub(super) fn new(hashes: &[u64; 8]) -> Result<Self, String> {
        for shift in 0..=56 {
            let mut slots = Box::new([(0, 0, 0); 256]);
            for (i, &hash) in hashes.iter().enumerate() {
                slots[(hash >> shift) as usize & 0xFF] = (hash, 1 << i, ODD_BEHIND[i]);
            }
            if slots.iter().filter(|slot| slot.1 != 0).count() == hashes.len() {
                return Ok(Self { shift, slots });
            }
        }
        Err("two stop words have one hash".to_owned())
    }

    /// How many words must not stand behind the one before.
    pub(super) fn count(&self, words: &[u64]) -> u32 {
        let (mut odd, mut forbidden) = (0, 0);
        for &word in words {
            let &(hash, bit, behind) = &self.slots[(word >> self.shift) as usize & 0xFF];
            let found = hash == word;
            odd += u32::from(found && bit & forbidden != 0);
            forbidden = if found { behind } else { 0 };
        }
        odd
    }
}

/// Characters of words that are Base64 or hexadecimal. Such a word has a byte at every place that is looked at.
#[cold]
pub(super) fn encoded(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let blank = |c: Option<char>| c.is_none_or(|c| FLAGS[class_of(c) as usize] & SPACE != 0);
    let step = LONG_WORD as usize;
    let (mut at, mut characters) = (step - 1, 0);
    while at < bytes.len() {
        if !inside(&bytes[at]) {
            at += step;
            continue;
        }
        let start = at - bytes[..at].iter().rev().take_while(|&byte| inside(byte)).count();
        let end = at + bytes[at..].iter().take_while(|&byte| inside(byte)).count();
        if end - start >= step
            && blank(text[..start].chars().next_back())
            && blank(text[end..].chars().next())
            && is_encoded(&bytes[start..end])
        {
            characters += (end - start) as u32;
        }
        at = end + step;
    }
    characters
}

/// Whether a word of letters, digits and `+/=` has a twentieth of digits at least and fewer strokes than a path.
fn is_encoded(word: &[u8]) -> bool {
    let (mut digits, mut letters, mut strokes) = (0, 0, 0);
    for &byte in word {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            b'/' => strokes += 1,
            _ => {}
        }
    }
    letters + digits >= LONG_WORD as usize
        && 20 * digits >= word.len()
        && 12 * strokes <= word.len()
}
