//! How likely a passage is offensive: a linear model over hashed terms, taught by
//! `glmdata.filter.offence_training`.
//!
//! A text is cut into windows of its lines of prose, so that one bad paragraph of a long page is
//! seen. Terms of a window are runs of one to three Han characters, words of ASCII letters and
//! digits, and pairs of neighbouring words. Each term has a weight of eight bits by its hash; the
//! sum of a window, scaled, is the logarithm of the odds.
//!
//! Hardly any window of a crawl is offensive, and a sum costs more than all other signals of a
//! Chinese text. So a window is summed up only if some pair of Han characters or some word in it is
//! a *cue*: a term of offensive windows that clean ones hardly have, by its bit in the file.
//! Without one its probability is 0.
//!
//! Even so it costs up to a twelfth of all other signals, so it is asked only for a run whose rules ask. The
//! slow twin is `glmdata/reference/offence_model.py`.

use std::ops::Range;
use std::sync::OnceLock;

use super::prose::ProseLine;
use crate::terms::load;

/// The file of weights: a head of [`HEAD`] bytes, a weight for each bucket, a bit for each bucket.
const FILE: &[u8] = include_bytes!("../../../../glmdata/filter/lexicons/offence.weights");
const HEAD: usize = 20;
/// Buckets, as a power of two, and how many of their high bits are looked at first.
const BITS: u32 = 21;
const FEW: u32 = 16;

/// Bytes from which a window is full, and bytes after which a line is cut.
const FULL: usize = 240;
const LONGEST: usize = 480;

/// Odd, so that multiplying by it loses nothing.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
/// Of a word by a letter, and of a word or pair beside the next.
const SHIFT: u32 = 7;
const TURN: u32 = 29;

/// Name of every signal of offensive passages, and whether it is a whole number.
pub const OFFENCE: [(&str, bool); 2] = [
    // Largest probability that a window of prose is offensive; 0 where none has a cue.
    ("offence_max", false),
    // Bytes of windows that are offensive at the threshold of the model, of those of all windows.
    ("offence_share", false),
];

/// What the model of offence says of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passages {
    /// The signals, in the order of [`OFFENCE`].
    pub values: [f64; OFFENCE.len()],
    /// Bytes of the window with the largest probability; none where no window has a cue.
    pub place: Option<Range<usize>>,
}

/// The weights, and what makes a probability of their sum.
#[derive(Debug)]
struct Model {
    weights: &'static [u8],
    /// By bucket, from the lowest bit of a byte on: whether it is a cue.
    cues: &'static [u8],
    /// By the high bits of a bucket: whether one of those that begin so is a cue. Small enough to stay at hand.
    may_be_cue: Box<[u64; 1 << (FEW - 6)]>,
    scale: f64,
    bias: f64,
    /// Sum from which a window is offensive.
    threshold: i64,
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        // The file is compiled in, and a test holds its form.
        let four = |at: usize| [FILE[at], FILE[at + 1], FILE[at + 2], FILE[at + 3]];
        let (weights, cues) = FILE[HEAD..].split_at(1 << BITS);
        let mut may_be_cue = Box::new([0; 1 << (FEW - 6)]);
        for (place, _) in cues.iter().enumerate().filter(|&(_, &bits)| bits > 0) {
            let high = place << 3 >> (BITS - FEW);
            may_be_cue[high >> 6] |= 1 << (high & 63);
        }
        Model {
            weights,
            cues,
            may_be_cue,
            scale: f64::from(f32::from_le_bytes(four(8))),
            bias: f64::from(f32::from_le_bytes(four(12))),
            threshold: i64::from(i32::from_le_bytes(four(16))),
        }
    })
}

#[inline]
fn bucket(key: u64) -> usize {
    (key.wrapping_mul(MIX) >> (64 - BITS)) as usize
}

/// What a byte is: a letter or digit of ASCII (then in lower case), [`HAN`], or 0.
static CLASSES: [u8; 256] = {
    let mut found = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        found[byte] = match byte as u8 {
            letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
            // First bytes of U+4000 to U+9FFF.
            0xE4..=0xE9 => HAN,
            _ => 0,
        };
        byte += 1;
    }
    found
};
const HAN: u8 = 1;
/// A Han character and two of them, of eight bytes.
const ONE: u64 = 0xFF_FFFF;
const TWO: u64 = 0xFFFF_FFFF_FFFF;

/// Hash of the word that begins at `at`, and where it ends.
#[inline]
fn word(bytes: &[u8], mut at: usize) -> (u64, usize) {
    let mut hash = 0_u64;
    while let Some(&byte) = bytes.get(at) {
        let class = CLASSES[usize::from(byte)];
        if class <= HAN {
            break;
        }
        hash = hash.rotate_left(SHIFT) ^ u64::from(class);
        at += 1;
    }
    (hash, at)
}

/// Give the bucket of every term of a line to `take`, and whether the term may be a cue.
fn terms(line: &str, mut take: impl FnMut(usize, bool)) {
    let bytes = line.as_bytes();
    let is_han = |at: usize| bytes.get(at).is_some_and(|&byte| CLASSES[usize::from(byte)] == HAN);
    let (mut at, mut last) = (0, None);
    while at < bytes.len() {
        match CLASSES[usize::from(bytes[at])] {
            0 => at += 1,
            HAN => {
                let two = load(bytes, at) & TWO;
                take(bucket(two & ONE), false);
                if is_han(at + 3) {
                    take(bucket(two), true);
                    if is_han(at + 6) {
                        let third = load(bytes, at + 6) & ONE;
                        take(bucket(two.rotate_left(TURN) ^ third), false);
                    }
                }
                (at, last) = (at + 3, None);
            }
            _ => {
                let (hash, end) = word(bytes, at);
                take(bucket(hash), true);
                if let Some(last) = last {
                    take(bucket(hash ^ u64::rotate_left(last, TURN)), false);
                }
                (at, last) = (end, Some(hash));
            }
        }
    }
}

/// Whether a pair of Han characters or a word of a line is a cue.
fn has_cue(line: &str, model: &Model) -> bool {
    let bytes = line.as_bytes();
    let is_cue = |key| {
        let bucket = bucket(key);
        let high = bucket >> (BITS - FEW);
        model.may_be_cue[high >> 6] >> (high & 63) & 1 == 1
            && model.cues[bucket >> 3] >> (bucket & 7) & 1 == 1
    };
    let mut at = 0;
    while at < bytes.len() {
        match CLASSES[usize::from(bytes[at])] {
            0 => at += 1,
            HAN => {
                // A run, but for its last bytes in the line.
                while let Some(eight) = bytes[at..].first_chunk::<8>() {
                    if CLASSES[usize::from(eight[3])] != HAN {
                        break;
                    }
                    if is_cue(u64::from_le_bytes(*eight) & TWO) {
                        return true;
                    }
                    at += 3;
                }
                let next = bytes.get(at + 3).copied().unwrap_or(0);
                if CLASSES[usize::from(next)] == HAN && is_cue(load(bytes, at) & TWO) {
                    return true;
                }
                at += 3;
            }
            _ => {
                let (hash, end) = word(bytes, at);
                if is_cue(hash) {
                    return true;
                }
                at = end;
            }
        }
    }
    false
}

/// Give the pieces of every window of `text` to `take`. A text that is no longer than a line may be is one
/// window whatever its lines are: a comment with a few entities of HTML reads as program text.
fn windows(text: &str, lines: &[ProseLine], mut take: impl FnMut(&[Range<usize>])) {
    if text.len() <= LONGEST {
        return take(std::slice::from_ref(&(0..text.len())));
    }
    let (mut pieces, mut bytes) = (Vec::with_capacity(16), 0);
    for line in lines {
        let mut start = line.start as usize;
        let end = line.end as usize;
        while start < end {
            let mut cut = end.min(start + LONGEST);
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            pieces.push(start..cut);
            bytes += cut - start;
            start = cut;
            if bytes >= FULL {
                take(&pieces);
                pieces.clear();
                bytes = 0;
            }
        }
    }
    if !pieces.is_empty() {
        take(&pieces);
    }
}

/// Places for the terms of a window, which are fewer than its bytes: less than `FULL + LONGEST`.
const SLOTS: usize = 2048;

/// The terms of a window so far, each one more than its bucket at the first free place from its own on.
struct Seen([u32; SLOTS]);

impl Seen {
    #[inline]
    fn is_new(&mut self, bucket: u32) -> bool {
        let mut slot = bucket as usize % SLOTS;
        loop {
            match self.0[slot] {
                0 => {
                    self.0[slot] = bucket + 1;
                    return true;
                }
                held if held == bucket + 1 => return false,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }
}

/// What the model says of a text with these lines of prose.
pub(super) fn passages(text: &str, lines: &[ProseLine]) -> Passages {
    let model = model();
    let (mut most, mut place, mut offensive, mut all) = (None, None, 0, 0);
    let mut seen = Seen([0; SLOTS]);
    windows(text, lines, |pieces| {
        let bytes: usize = pieces.iter().map(ExactSizeIterator::len).sum();
        all += bytes;
        if !pieces.iter().any(|piece| has_cue(&text[piece.clone()], model)) {
            return;
        }
        // A term counts once, however often it is said.
        let mut sum = 0;
        seen.0.fill(0);
        for piece in pieces {
            terms(&text[piece.clone()], |bucket, _| {
                if seen.is_new(bucket as u32) {
                    sum += i64::from(model.weights[bucket] as i8);
                }
            });
        }
        if sum >= model.threshold {
            offensive += bytes;
        }
        if most.is_none_or(|most| sum > most) {
            most = Some(sum);
            place = Some(pieces[0].start..pieces[pieces.len() - 1].end);
        }
    });
    let probability = |sum: i64| 1.0 / (1.0 + (-(model.scale * sum as f64 + model.bias)).exp());
    let share = if all == 0 { 0.0 } else { offensive as f64 / all as f64 };
    Passages { values: [most.map_or(0.0, probability), share], place }
}

/// The buckets of all terms of each window, for those who teach; the highest bit is set where a term may be
/// a cue.
pub(super) fn buckets(text: &str, lines: &[ProseLine]) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    windows(text, lines, |pieces| {
        let mut window = Vec::new();
        for piece in pieces {
            terms(&text[piece.clone()], |bucket, may_be_cue| {
                window.push(bucket as u32 | u32::from(may_be_cue) << 31);
            });
        }
        found.push(window);
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_its_form() {
        assert_eq!(&FILE[..8], b"glmoff1\n");
        assert_eq!(FILE.len(), HEAD + (1 << BITS) + (1 << (BITS - 3)));
        let model = model();
        assert!(model.scale > 0.0 && model.bias.is_finite() && model.threshold > 0);
    }

    #[test]
    fn terms_are_runs_words_and_pairs() {
        let of = |line: &str| {
            let mut found = Vec::new();
            terms(line, |bucket, _| found.push(bucket));
            found
        };
        assert_eq!(of("你好吗").len(), 6);
        assert_eq!(of("你，好").len(), 2);
        assert_eq!(of("Big data, OK").len(), 5);
        assert_eq!(of("BIG Data"), of("big-data"));
        assert_eq!(of("big 你 data").len(), 3);
        assert!(of("カナ é …").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_and_short_ones_are_joined() {
        let line = |start: usize, end: usize| ProseLine {
            start: start as u32,
            end: end as u32,
            width: 0,
            hash: 0,
            words: (0, 0),
            block: 0,
            closed: false,
            signs: 0,
            quoted: false,
        };
        let text = format!("{}\n{}", "字".repeat(200), "a\n".repeat(300));
        let mut lines = vec![line(0, 600)];
        lines.extend((0..300).map(|n| line(601 + 2 * n, 602 + 2 * n)));
        let mut found = Vec::new();
        windows(&text, &lines, |pieces| found.push((pieces[0].start, pieces.len())));
        assert_eq!(found, [(0, 1), (480, 121), (841, 180)]);
    }
}
