//! Terms of fixed lists in a text: of each list, from left to right, the longest term at its place,
//! letters of ASCII in either case; two hits of one list never overlap.
//!
//! An automaton of all terms is megabytes of states, and a text in Chinese walks through all of it. Here
//! what a term begins with (two characters in Chinese, three bytes in ASCII) is looked up in a
//! bitmap of eight kilobytes, and hardly any place of a text passes. All lists share that one pass.

/// Bits of the bitmap, as a power of two.
const BITS: u32 = 16;

/// A term at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The list it is in.
    pub(crate) list: u8,
    /// Its number in the list.
    pub(crate) term: u32,
    /// First byte.
    pub(crate) start: u32,
    /// One past the last byte.
    pub(crate) end: u32,
}

#[derive(Debug)]
struct Term {
    list: u8,
    number: u32,
    text: Box<[u8]>,
    /// The first eight bytes with the bit of lower case set, and which of them there are.
    head: u64,
    mask: u64,
}

/// All terms of all lists.
#[derive(Debug)]
pub(crate) struct Terms {
    /// By hash of a beginning: whether a term has it.
    bitmap: Box<[u64]>,
    /// By the same hash: where its terms begin and end in `terms`.
    groups: Box<[(u16, u16)]>,
    /// By hash, then list, then longest first.
    terms: Vec<Term>,
    lists: usize,
}

/// What tells that two characters of three bytes come next: the high half of their first bytes.
const THREE_BYTES_TWICE: u64 = 0x0000_0000_F000_00F0;
const LEADS_TWICE: u64 = 0x0000_0000_E000_00E0;

const LOWER: u64 = 0x2020_2020_2020_2020;

impl Terms {
    /// Of lists of terms.
    ///
    /// # Errors
    /// A term has one character only, or begins otherwise than with ASCII or with a character of three
    /// bytes that ASCII or one as long follows.
    pub(crate) fn new<S: AsRef<str>>(lists: &[&[S]]) -> Result<Self, String> {
        let mut found: Vec<(usize, Term)> = Vec::new();
        for (list, terms) in lists.iter().enumerate() {
            for (number, term) in terms.iter().map(AsRef::as_ref).enumerate() {
                let bytes = term.as_bytes();
                let mut widths = bytes
                    .first()
                    .map(|&byte| width(byte))
                    .into_iter()
                    .chain(term.chars().nth(1).map(char::len_utf8));
                let begins = match (widths.next(), widths.next()) {
                    (Some(1), Some(_)) => true,
                    (Some(3), Some(second)) => second != 2,
                    _ => false,
                };
                if !begins {
                    return Err(format!("no term to be looked for: {term:?}"));
                }
                let mask = u64::MAX >> (64 - 8 * bytes.len().min(8));
                let head = (load(bytes, 0) | LOWER) & mask;
                // Whatever stands behind a term of two bytes is part of what is looked up.
                let behind = if bytes.len() == 2 { 0..=u8::MAX } else { 0..=0 };
                for byte in behind {
                    let mut padded = bytes.to_vec();
                    padded.push(byte);
                    let hash = hash_of(load(&padded, 0));
                    let (list, number) = (list as u8, number as u32);
                    found.push((hash, Term { list, number, text: bytes.into(), head, mask }));
                }
            }
        }
        found.sort_by(|(a, x), (b, y)| {
            (a, x.list, y.text.len(), x.number).cmp(&(b, y.list, x.text.len(), y.number))
        });
        let mut bitmap = vec![0_u64; 1 << (BITS - 6)].into_boxed_slice();
        let mut groups = vec![(0_u16, 0_u16); 1 << BITS].into_boxed_slice();
        for (at, (hash, _)) in found.iter().enumerate() {
            let at = u16::try_from(at).map_err(|_| "too many terms".to_owned())?;
            bitmap[hash >> 6] |= 1 << (hash & 63);
            let group = &mut groups[*hash];
            *group = if *group == (0, 0) { (at, at + 1) } else { (group.0, at + 1) };
        }
        let terms = found.into_iter().map(|(_, term)| term).collect();
        Ok(Self { bitmap, groups, terms, lists: lists.len() })
    }

    /// Put all hits of `text` into `hits`, those of one list in the order of the text.
    pub(crate) fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        hits.clear();
        let bytes = text.as_bytes();
        let mut ends = [0_usize; 8];
        let ends = &mut ends[..self.lists];
        let mut at = 0;
        while at < bytes.len() {
            let head = load(bytes, at);
            // Most of Chinese: a character of three bytes before another one.
            if head & THREE_BYTES_TWICE == LEADS_TWICE {
                let hash = place_of(head & 0xFFFF_FFFF_FFFF);
                if self.may_begin(hash) {
                    self.compare(bytes, at, head, hash, ends, hits);
                }
                at += 3;
                continue;
            }
            let hash = hash_of(head);
            if self.may_begin(hash) {
                self.compare(bytes, at, head, hash, ends, hits);
            }
            at += width(bytes[at]);
        }
    }

    #[inline]
    fn may_begin(&self, hash: usize) -> bool {
        self.bitmap[hash >> 6] >> (hash & 63) & 1 == 1
    }

    #[inline(never)]
    fn compare(
        &self,
        bytes: &[u8],
        at: usize,
        head: u64,
        hash: usize,
        ends: &mut [usize],
        hits: &mut Vec<Hit>,
    ) {
        let (from, to) = self.groups[hash];
        let lower = head | LOWER;
        for term in &self.terms[usize::from(from)..usize::from(to)] {
            let list = usize::from(term.list);
            // Behind the hit that a longer term of the list is.
            if lower & term.mask != term.head || at < ends[list] {
                continue;
            }
            let end = at + term.text.len();
            if bytes.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(&term.text)) {
                ends[list] = end;
                let (start, end) = (at as u32, end as u32);
                hits.push(Hit { list: term.list, term: term.number, start, end });
            }
        }
    }
}

/// The eight bytes from `at` on, zeros behind the end.
#[inline]
pub(crate) fn load(bytes: &[u8], at: usize) -> u64 {
    if let Some(eight) = bytes[at..].first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let rest = &bytes[at..];
    let mut eight = [0; 8];
    eight[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(eight)
}

/// Bytes of the character that begins with `byte`.
#[inline]
fn width(byte: u8) -> usize {
    match byte {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Of the beginning of a term, whatever stands behind it: three bytes of ASCII and more, or a
/// character of three bytes and the next one.
#[inline]
fn hash_of(head: u64) -> usize {
    let key = if head & 0x80 == 0 {
        (head | LOWER) & 0xFF_FFFF
    } else if head & 0x8000_0000 == 0 {
        (head & 0xFF_FFFF) | ((head | LOWER) & 0xFF00_0000)
    } else {
        head & 0xFFFF_FFFF_FFFF
    };
    place_of(key)
}

#[inline]
fn place_of(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix64;

    /// Every place, every term.
    fn slowly(lists: &[&[&str]], text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (list, terms) in lists.iter().enumerate() {
            let mut at = 0;
            while at < text.len() {
                let fits = |term: &&str| {
                    let found = text.as_bytes().get(at..at + term.len());
                    found.is_some_and(|found| found.eq_ignore_ascii_case(term.as_bytes()))
                };
                let numbered = terms.iter().enumerate().filter(|(_, term)| fits(term));
                let longest =
                    numbered.max_by_key(|(number, term)| (term.len(), usize::MAX - number));
                let length = longest.map_or(1, |(number, term)| {
                    let (start, end) = (at as u32, (at + term.len()) as u32);
                    hits.push(Hit { list: list as u8, term: number as u32, start, end });
                    term.len()
                });
                at += length;
            }
        }
        hits
    }

    #[test]
    fn finds_what_looking_everywhere_finds() {
        let lists: [&[&str]; 3] = [
            &["%s", "%d", "{{", "ab", "abc", "abcabcabcabc", "x 一", "ain't"],
            &["一二", "一二三", "二三", "一a", "一A", "三四五六", "二三"],
            &["qq", "扣扣", "v信", "vx", "：null"],
        ];
        let terms = Terms::new(&lists).unwrap();
        let pieces = [
            "%", "s", "D", "{", "a", "B", "c", "abc", "一", "二", "三", "四五", "六", "q", "Q",
            "v", "V", "信", "x", " ", "扣", "：", "nuLL", "é", "🙂", "\n", "'", "t", "in",
            "\u{12}",
        ];
        let (mut hits, mut seed, mut all) = (Vec::new(), 7_u64, 0);
        for round in 0..20_000_u64 {
            let mut text = String::new();
            for _ in 0..round % 60 {
                seed = mix64(seed.wrapping_add(0x9E37_79B9));
                text.push_str(pieces[(seed % pieces.len() as u64) as usize]);
            }
            terms.find(&text, &mut hits);
            hits.sort_by_key(|hit| (hit.list, hit.start));
            assert_eq!(hits, slowly(&lists, &text), "{text:?}");
            all += hits.len();
        }
        assert!(all > 20_000, "{all}");
    }

    #[test]
    fn a_term_that_cannot_be_looked_for_is_refused() {
        for term in ["", "a", "一", "éa", "一é", "🙂🙂"] {
            assert!(Terms::new(&[&[term][..]]).is_err(), "{term:?}");
        }
    }
}
