//! The normal form that normalised keys and units are computed on: without what nobody sees
//! (`Default_Ignorable_Code_Point`, as NFKC_Casefold has it, but joiners where a script needs them), NFKC, then
//! default case folding, then every run of white space as one space, ends trimmed. Punctuation stays.
//!
//! Three paths, by how much of Chinese and English text takes them: ASCII runs byte by byte, Han
//! by blocks of 64 bytes, single characters through the table of `character.rs`; what combines or
//! expands (marks, ligatures, jamo) goes through `unicode-normalization` together with the
//! character before it, so the result equals normalising the whole text at once.

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;

use crate::bitmap::{Simd, not_plain};
use crate::character::entry;
use crate::script_fold::fold_script_into;
use crate::unseen::{ignorable_run, is_joiner, push_seen};

/// Holds the buffers, so that normalising a document allocates nothing.
#[derive(Debug)]
pub struct Normaliser {
    simd: Simd,
    out: Vec<u8>,
    slow: String,
    seen: String,
    /// Whether traditional Chinese characters become simplified ones.
    folds_script: bool,
    two_spaces: Finder<'static>,
}

/// The normal form of `text` as a new string.
///
/// ```
/// assert_eq!(glmdata_text::normalised(" ＧＬＭ－４　很\n\nGood "), "glm-4 很 good");
/// ```
pub fn normalised(text: &str) -> String {
    Normaliser::new().run(text).to_owned()
}

/// ASCII bytes up to which a run is folded byte by byte.
const SHORT_RUN: usize = 32;

/// ASCII folded: lower case, and the white space of `White_Space` as a space.
#[inline]
fn fold_ascii(byte: u8) -> u8 {
    let lower = byte | (u8::from(byte.is_ascii_uppercase()) << 5);
    if byte.wrapping_sub(9) < 5 { b' ' } else { lower }
}

/// Bytes before the first one beyond ASCII.
fn ascii_length(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<32>();
    let whole = 32 * blocks.iter().take_while(|block| block.is_ascii()).count();
    whole + bytes[whole..].iter().take_while(|byte| byte.is_ascii()).count()
}

fn leading_spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte == b' ').count()
}

/// Whether a first byte is one of U+4000 to U+9FFF.
fn is_han(lead: u8) -> bool {
    lead.wrapping_sub(0xE4) < 6
}

/// Whether `bytes` begin with a character of three bytes that nothing folds, decomposes or composes with
/// what stands before it: U+4000 to U+9FFF, most CJK punctuation and kana.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    match *bytes {
        [0xE4..=0xE9, ..] => true,
        [0xE3, second, third, ..] => matches!(
            (second, third),
            (0x80, 0x81..=0xA9) | (0x81, _) | (0x82, 0x80..=0x93 | 0xA1..=0xBF) | (0x83, 0x80..=0xBE)
        ),
        _ => false,
    }
}

/// The ASCII character that a full-width one (U+FF01 to U+FF5E) stands for.
fn full_width(bytes: &[u8]) -> Option<u8> {
    match *bytes.first_chunk::<3>()? {
        [0xEF, 0xBC, low @ 0x81..=0xBF] => Some(low - 0x60),
        [0xEF, 0xBD, low @ 0x80..=0x9E] => Some(low - 0x20),
        _ => None,
    }
}

impl Default for Normaliser {
    fn default() -> Self {
        Self::new()
    }
}

impl Normaliser {
    /// A normaliser with empty buffers.
    pub fn new() -> Self {
        Self::with_simd(Simd::detect())
    }

    /// The same for a chosen instruction set: the normal form does not depend on it.
    pub fn with_simd(simd: Simd) -> Self {
        let simd = simd.or_portable();
        let (slow, seen) = (String::new(), String::new());
        Self {
            simd,
            out: Vec::new(),
            slow,
            seen,
            folds_script: false,
            two_spaces: Finder::new("  "),
        }
    }

    /// The same, with traditional Chinese characters as simplified ones in the normal form.
    #[must_use]
    pub fn folding_script(self, folds_script: bool) -> Self {
        Self { folds_script, ..self }
    }

    /// The normal form of `text`, valid until the next call.
    ///
    /// # Panics
    /// Never, unless a path of this file has appended half a character.
    pub fn run(&mut self, text: &str) -> &str {
        self.out.clear();
        self.out.reserve(text.len() + 64);
        let bytes = text.as_bytes();
        let mut at = 0;
        // Start of the last source character whose folded form is the last one in `out`.
        let mut last = 0;
        while at < bytes.len() {
            let lead = bytes[at];
            if lead < 128 {
                at += self.ascii_run(&bytes[at..]);
                last = at - 1;
            } else if is_han(lead)
                && let Some(block) = bytes[at..].first_chunk::<64>()
            {
                let run = self.copy_han(block);
                at += run;
                last = at - if bytes[at - 1] < 128 { 1 } else { 3 };
            } else if is_plain(&bytes[at..]) {
                self.out.extend_from_slice(&bytes[at..at + 3]);
                last = at;
                at += 3;
            } else if let Some(ascii) = full_width(&bytes[at..]) {
                self.out.push(fold_ascii(ascii));
                last = at;
                at += 3;
            } else {
                let Some(character) = text[at..].chars().next() else {
                    break;
                };
                let row = entry(character);
                if row.is_ignorable() {
                    let (end, joiners) = ignorable_run(text, at);
                    if joiners {
                        text[at..end]
                            .chars()
                            .filter(|&c| is_joiner(c))
                            .for_each(|joiner| self.push(joiner));
                        // What stands behind a joiner composes with nothing before it.
                        last = end;
                    }
                    at = end;
                } else if row.is_slow() {
                    let end = at + slow_length(&text[at..]);
                    let start = if at > last && self.take_back() { last } else { at };
                    self.slow_run(text, start, end);
                    (at, last) = (end, end);
                } else {
                    self.push(row.folded());
                    last = at;
                    at += character.len_utf8();
                }
            }
        }
        if self.out.last() == Some(&b' ') {
            self.out.pop();
        }
        // The check is cheap and keeps this free of `unsafe`.
        #[expect(clippy::expect_used, reason = "an empty text would be taken for a copy of others")]
        let normal =
            simdutf8::basic::from_utf8(&self.out).expect("all paths append whole characters");
        if !self.folds_script {
            return normal;
        }
        self.slow.clear();
        fold_script_into(normal, &mut self.slow);
        &self.slow
    }

    /// Append the characters at the start of `block` up to white space or one that is neither of ASCII nor
    /// of U+4000 to U+9FFF; returns their bytes.
    ///
    /// All of the block is written and what is too much taken back: Han runs are short, and a loop that ends
    /// with them ends where nobody can foretell.
    fn copy_han(&mut self, block: &[u8; 64]) -> usize {
        let run = match not_plain(self.simd, block).trailing_zeros() as usize {
            // The last character may go on behind the block.
            64 if is_han(block[63]) => 63,
            64 if is_han(block[62]) => 62,
            run => run,
        };
        let end = self.out.len() + run;
        self.out.extend(block.map(|byte| byte | (u8::from(byte.is_ascii_uppercase()) << 5)));
        self.out.truncate(end);
        run
    }

    /// Fold the ASCII bytes at the start of `bytes`; returns how many there were.
    fn ascii_run(&mut self, bytes: &[u8]) -> usize {
        let run = ascii_length(bytes);
        if run < SHORT_RUN {
            // A figure or a line end within Chinese: setting up a search would cost more.
            for &byte in &bytes[..run] {
                let folded = fold_ascii(byte);
                if folded != b' ' || self.out.last().is_some_and(|&last| last != b' ') {
                    self.out.push(folded);
                }
            }
        } else {
            self.long_ascii_run(&bytes[..run]);
        }
        run
    }

    fn long_ascii_run(&mut self, bytes: &[u8]) {
        let mut from = self.out.len();
        self.out.extend(bytes.iter().map(|&byte| fold_ascii(byte)));
        // Spaces that follow a space go, and so do those in front of the text. They are rare, so
        // the text between them moves in whole pieces.
        if from > 0 {
            from -= 1;
        } else if self.out.first() == Some(&b' ') {
            let spaces = leading_spaces(&self.out);
            self.out.drain(..spaces);
        }
        let Some(first) = self.two_spaces.find(&self.out[from..]) else { return };
        let mut to = from + first + 1;
        let mut read = to;
        while read < self.out.len() {
            read += leading_spaces(&self.out[read..]);
            let piece = match self.two_spaces.find(&self.out[read..]) {
                Some(length) => length + 1,
                None => self.out.len() - read,
            };
            self.out.copy_within(read..read + piece, to);
            (read, to) = (read + piece, to + piece);
        }
        self.out.truncate(to);
    }

    fn push(&mut self, folded: char) {
        if folded.is_whitespace() {
            if self.out.last().is_some_and(|&byte| byte != b' ') {
                self.out.push(b' ');
            }
        } else {
            let mut buffer = [0; 4];
            self.out.extend_from_slice(folded.encode_utf8(&mut buffer).as_bytes());
        }
    }

    /// Remove the last character, which a slow one may change. A space stays: nothing composes
    /// with it, and it may stand for several.
    fn take_back(&mut self) -> bool {
        match self.out.last() {
            None | Some(b' ') => false,
            Some(_) => {
                while self.out.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
                true
            }
        }
    }

    /// Append the normal form of `text[start..end]`, which begins with a character that can be seen.
    fn slow_run(&mut self, text: &str, start: usize, end: usize) {
        let mut normal = std::mem::take(&mut self.slow);
        normal.clear();
        if text[start..end].chars().any(|character| entry(character).is_ignorable()) {
            let mut seen = std::mem::take(&mut self.seen);
            seen.clear();
            push_seen(text, start, end, &mut seen);
            normal.extend(seen.nfkc());
            self.seen = seen;
        } else {
            normal.extend(text[start..end].nfkc());
        }
        for folded in caseless::Caseless::default_case_fold(normal.chars()) {
            self.push(folded);
        }
        self.slow = normal;
    }
}

/// Bytes from the start of `text` up to the first character that stands alone and can be seen.
fn slow_length(text: &str) -> usize {
    let stands_alone = |character: char| {
        let row = entry(character);
        !row.is_slow() && !row.is_ignorable()
    };
    text.char_indices()
        .find(|&(_, character)| character.is_ascii() || stands_alone(character))
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests;
