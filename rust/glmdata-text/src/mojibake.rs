//! Text that was read in the wrong encoding and written again, byte by byte back to what it was.
//!
//! Three damages are known: UTF-8 read as windows-1252 or windows-1251 (and Latin-1, whose controls
//! stand where the first leaves bytes undefined), GBK read as windows-1252, and UTF-8 read as GBK.
//! All of them are undone by writing the characters as the wrong encoding has them and reading the
//! bytes as the right one. What cannot be brought back, and what already lost its bytes (U+FFFD, and
//! the characters that U+FFFD becomes in GBK), is damaged.
//!
//! Clean text is told by a search for two bytes and a few words. `glmdata/reference/mojibake.py` says
//! the same slowly.

use std::sync::LazyLock;

use encoding_rs::{Encoding, GB18030, WINDOWS_1251, WINDOWS_1252};
use memchr::{memchr_iter, memmem};

use crate::sparse_mojibake::{are_certain, speaks_of_it};

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mojibake {
    /// It is no mojibake.
    Clean,
    /// It was, and this is what it had been.
    Repaired(String),
    /// It is, and cannot be brought back.
    Damaged,
}

/// A text may have been read wrongly so often.
const PASSES: usize = 3;
/// Fewer sequences, and fewer to a thousand characters, are an example in a clean text.
const LEAST: usize = 3;
const A_THOUSAND: usize = 5;
/// In a text about encodings one sequence to fewer characters is none of its examples.
const EXAMPLES: usize = 20;
/// A larger share of sequences that cannot be read is too much.
const LOST: f64 = 0.02;
/// From this share of visible characters on, letters of Latin-1 are no language.
const LATIN: f64 = 0.3;
const LATIN_LEAST: usize = 12;
/// The share of characters of GBK that are common ones, of text in Chinese.
const COMMON: f64 = 0.6;
/// From this share of characters on, those that stand for lost bytes are too many: a page that shows
/// an encrypted file has fewer.
const GONE: f64 = 0.05;
/// From this share of characters on, those that are marks in GBK are no accident.
const MARKED: f64 = 0.01;
/// What the bytes of U+FFFD are in GBK.
const GONE_IN_GBK: &str = "锟斤拷";
/// Bytes that are looked at to tell Cyrillic text from what looks like it.
const SAMPLE: usize = 4096;
/// What the first bytes of Chinese punctuation in UTF-8 are in GBK.
const MARKS_IN_GBK: [&str; 2] = ["锛", "銆"];
/// The other marks of such a text are looked for once so many of those were found.
const MARKS_LEAST: usize = 2;

/// Bytes of the characters of a single-byte encoding from 0x80 on, and of the controls of Latin-1.
struct Table {
    by_char: Vec<(char, u8)>,
}

impl Table {
    fn of(encoding: &'static Encoding) -> Self {
        let mut by_char: Vec<(char, u8)> = (0x80..=0xFF_u8)
            .map(|byte| {
                let bytes = [byte];
                let (text, _) = encoding.decode_without_bom_handling(&bytes);
                // Undefined bytes are the controls of Latin-1.
                let decoded = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                let known = decoded != char::REPLACEMENT_CHARACTER;
                (if known { decoded } else { char::from(byte) }, byte)
            })
            .collect();
        // Read as Latin-1 itself, all bytes below 0xA0 are controls.
        by_char.extend((0x80..0xA0_u8).map(|byte| (char::from(byte), byte)));
        by_char.sort_unstable();
        by_char.dedup();
        Self { by_char }
    }

    fn byte(&self, character: char) -> Option<u8> {
        let found = self.by_char.binary_search_by_key(&character, |&(known, _)| known);
        found.ok().map(|at| self.by_char[at].1)
    }
}

static LATIN_TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(WINDOWS_1252));
static CYRILLIC_TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(WINDOWS_1251));

static MARKS: LazyLock<[memmem::Finder<'static>; 2]> =
    LazyLock::new(|| MARKS_IN_GBK.map(memmem::Finder::new));
static LOST_SIGN: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("\u{FFFD}"));
static LOST_IN_GBK: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(GONE_IN_GBK));

/// Whether a text is mojibake, and what it was before.
pub fn mojibake(text: &str) -> Mojibake {
    let mut repaired: Option<String> = None;
    for _ in 0..PASSES {
        match once(repaired.as_deref().unwrap_or(text)) {
            Mojibake::Clean => break,
            Mojibake::Damaged => return Mojibake::Damaged,
            Mojibake::Repaired(better) => repaired = Some(better),
        }
    }
    repaired.map_or(Mojibake::Clean, Mojibake::Repaired)
}

fn once(text: &str) -> Mojibake {
    let bytes = text.as_bytes();
    let pairs = pairs(bytes);
    if pairs > 0 {
        // Before the other, which would take this for GBK.
        let found = sequences(text, &LATIN_TABLE);
        if found != Mojibake::Clean {
            return found;
        }
    }
    if pairs >= LEAST {
        let found = latin(text);
        if found != Mojibake::Clean {
            return found;
        }
    }
    if has_odd_letters(&bytes[..bytes.len().min(SAMPLE)]) {
        let found = sequences(text, &CYRILLIC_TABLE);
        if found != Mojibake::Clean {
            return found;
        }
    }
    if MARKS.iter().any(|mark| mark.find_iter(bytes).nth(MARKS_LEAST - 1).is_some()) {
        let found = as_gbk(text);
        if found != Mojibake::Clean {
            return found;
        }
    }
    // A lesson names those characters; a damaged text is full of them.
    let named = LOST_IN_GBK.find_iter(bytes).count();
    let named = if named >= LEAST { 3 * named } else { 0 };
    let gone = LOST_SIGN.find_iter(bytes).count() + named;
    if gone >= LEAST && gone as f64 >= GONE * text.chars().count() as f64 {
        return Mojibake::Damaged;
    }
    Mojibake::Clean
}

/// How many characters that lead a sequence are followed by others that are no ASCII: U+00C2 to U+00F4
/// begin with C3 in UTF-8, and no other byte of UTF-8 is C3. In a language with such letters, next to
/// all of them stand before ASCII: 0 unless a quarter is followed so.
fn pairs(bytes: &[u8]) -> usize {
    let (mut all, mut pairs) = (0_usize, 0_usize);
    for at in memchr_iter(0xC3, bytes) {
        all += 1;
        pairs += usize::from(bytes.get(at + 2).is_some_and(|&next| next >= 0xC2));
    }
    if pairs * 4 >= all { pairs } else { 0 }
}

/// Whether a text has more signs and letters of other languages among its Cyrillic ones than any
/// language: that is how windows-1251 shows the second bytes of letters.
fn has_odd_letters(bytes: &[u8]) -> bool {
    if memchr_iter(0xD0, bytes).nth(LEAST).is_none() {
        return false;
    }
    let (mut all, mut odd) = (0_usize, 0_usize);
    for pair in bytes.windows(2) {
        all += usize::from(pair[0] >= 0xC2);
        odd += usize::from(match pair[0] {
            0xC2 | 0xE2 => true,
            0xD0 => pair[1] < 0x90,
            0xD1 => pair[1] >= 0x90,
            _ => false,
        });
    }
    odd * 4 >= all
}

/// What stands for a closing quote, E2 80 9D: windows-1252 has no character for its last byte, and most who read it
/// so drop that.
const CLOSING_QUOTE: char = '”';

fn is_quote(sequence: [u8; 4]) -> bool {
    sequence[..2] == [0xE2, 0x80]
}

fn width(lead: u8) -> usize {
    match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 0,
    }
}

/// UTF-8 that was read as an encoding of one byte a character.
fn sequences(text: &str, table: &Table) -> Mojibake {
    let characters: Vec<(char, Option<u8>)> =
        text.chars().map(|character| (character, table.byte(character))).collect();
    let (mut better, mut at) = (String::with_capacity(text.len()), 0);
    let mut found = Vec::new();
    let (mut good, mut lost, mut covered, mut others) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(&(character, byte)) = characters.get(at) {
        others += usize::from(!character.is_ascii());
        let size = byte.map_or(0, width);
        if size == 0 {
            better.push(character);
            at += 1;
            continue;
        }
        let mut sequence = [byte.unwrap_or_default(), 0, 0, 0];
        let mut length = 1;
        while length < size {
            let Some(&(next, byte)) = characters.get(at + length) else { break };
            sequence[length] = match byte {
                Some(byte @ 0x80..=0xBF) => byte,
                // Who tidies blanks makes one of 0xA0; in a sequence it can be nothing else, but behind the first
                // two of a closing quote, of which the third has no character.
                _ if next == ' ' && length + 1 == size && size > 2 && !is_quote(sequence) => 0xA0,
                _ => break,
            };
            length += 1;
        }
        match std::str::from_utf8(&sequence[..length]) {
            Ok(decoded) if length == size => {
                found.push((at, length, decoded.chars().next().unwrap_or_default()));
                good += 1;
                covered += length;
                others +=
                    characters[at + 1..at + length].iter().filter(|(c, _)| !c.is_ascii()).count();
                better.push_str(decoded);
                at += length;
            }
            _ if length == 2 && is_quote(sequence) => {
                found.push((at, length, CLOSING_QUOTE));
                good += 1;
                covered += length;
                others += 1;
                better.push(CLOSING_QUOTE);
                at += length;
            }
            _ if length > 1 && size > 2 => {
                // Its bytes are there in part: a letter nobody can bring back.
                lost += 1;
                others +=
                    characters[at + 1..at + length].iter().filter(|(c, _)| !c.is_ascii()).count();
                better.push(char::REPLACEMENT_CHARACTER);
                at += length;
            }
            _ => {
                better.push(character);
                at += 1;
            }
        }
    }
    let dense = good >= LEAST && good * 1000 >= A_THOUSAND * characters.len();
    // Half of what is no ASCII must be such sequences.
    if !dense || covered * 2 < others {
        let whole = lost == 0 && std::ptr::eq(table, &raw const *LATIN_TABLE);
        let certain =
            whole && are_certain(text, &characters, &found, others.saturating_sub(covered));
        return if certain { Mojibake::Repaired(better) } else { Mojibake::Clean };
    }
    // Who writes about encodings gives many examples, and ASCII between them.
    if good * EXAMPLES < characters.len() && speaks_of_it(text) {
        return Mojibake::Clean;
    }
    if lost as f64 > LOST * (good + lost) as f64 {
        return Mojibake::Damaged;
    }
    Mojibake::Repaired(better)
}

/// Text in which letters of Latin-1 are more than any language has: GBK, or something unknown.
fn latin(text: &str) -> Mojibake {
    let visible = text.chars().filter(|character| !character.is_whitespace()).count();
    let high = text.chars().filter(|&c| ('\u{80}'..='\u{FF}').contains(&c)).count();
    if high < LATIN_LEAST || (high as f64) < LATIN * visible as f64 {
        return Mojibake::Clean;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match (character.is_ascii(), LATIN_TABLE.byte(character)) {
            (true, _) => bytes.push(character as u8),
            (_, Some(byte)) => bytes.push(byte),
            _ => return Mojibake::Damaged,
        }
    }
    let decoded = GB18030.decode_without_bom_handling_and_without_replacement(&bytes);
    let Some(decoded) = decoded else { return Mojibake::Damaged };
    let (mut pairs, mut common, mut at) = (0_usize, 0_usize, 0);
    while at < bytes.len() {
        if bytes[at] < 0x80 {
            at += 1;
            continue;
        }
        pairs += 1;
        let second = bytes.get(at + 1).copied().unwrap_or_default();
        // Rows of GB 2312 with punctuation and its 3,755 common characters.
        let row = matches!(bytes[at], 0xA1..=0xA3 | 0xB0..=0xD7);
        common += usize::from(row && second >= 0xA1);
        at += 2;
    }
    if (common as f64) < COMMON * pairs as f64 {
        return Mojibake::Damaged;
    }
    Mojibake::Repaired(decoded.into_owned())
}

/// UTF-8 in Chinese that was read as GBK.
fn as_gbk(text: &str) -> Mojibake {
    let total = text.chars().count();
    let marks: usize =
        MARKS_IN_GBK.iter().map(|mark| memmem::find_iter(text.as_bytes(), mark).count()).sum();
    if (marks as f64) < MARKED * total as f64 {
        return Mojibake::Clean;
    }
    let (bytes, _, unmapped) = GB18030.encode(text);
    if unmapped {
        return Mojibake::Damaged;
    }
    match std::str::from_utf8(&bytes) {
        Ok(decoded) => Mojibake::Repaired(decoded.to_owned()),
        Err(_) => Mojibake::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, encoding: &'static Encoding) -> String {
        encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn what_was_read_wrongly_comes_back() {
        let text = "渔民在河口修补渔网，老师在山谷里清点种子。他们说好明天一起去镇上。";
        let once = broken(text, WINDOWS_1252);
        assert_eq!(mojibake(&once), Mojibake::Repaired(text.to_owned()));
        assert_eq!(mojibake(&broken(&once, WINDOWS_1252)), Mojibake::Repaired(text.to_owned()));
        let (gbk, _, _) = GB18030.encode(text);
        let read = WINDOWS_1252.decode_without_bom_handling(&gbk).0.into_owned();
        assert_eq!(mojibake(&read), Mojibake::Repaired(text.to_owned()));
        let russian = "Рыбак чинит сети у реки, а учительница считает семена в долине.";
        assert_eq!(
            mojibake(&broken(russian, WINDOWS_1251)),
            Mojibake::Repaired(russian.to_owned())
        );
    }

    #[test]
    fn what_is_lost_is_damaged_and_what_is_clean_is_left() {
        let text = "渔民在河口修补渔网，老师在山谷里清点种子。他们说好明天一起去镇上。";
        assert_eq!(mojibake(&broken(text, GB18030)), Mojibake::Damaged);
        assert_eq!(mojibake(&"锟斤拷".repeat(5)), Mojibake::Damaged);
        assert_eq!(mojibake(&"caf\u{FFFD} ".repeat(5)), Mojibake::Damaged);
        for clean in
            ["", text, "Le café est fermé ; « l'été » aussi.", "Ñandú, à côté", "â ê î ô û"]
        {
            assert_eq!(mojibake(clean), Mojibake::Clean, "{clean}");
        }
    }
}
