//! The one who measures: the pass, then what needs all words, lines or units at once.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Signals;
use super::grams::{Counter, Grams, Words, repeated_share};
use super::scan::{Pass, word_hash};
use super::tally::signals_of;
use crate::shingle::{Shingler, Shingling};

/// Units of the windows behind `repeated_13_share`.
const WINDOW: u32 = 13;

/// Gopher's eight words.
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// C4's phrases, lower case; the first is a reason to drop the page, the others to drop the line.
const PHRASES: [&str; 8] = [
    "lorem ipsum",
    "javascript",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
];

/// Measures documents; holds the buffers.
#[derive(Debug)]
pub struct Measurer {
    pub(super) phrases: AhoCorasick,
    pub(super) stop_hashes: [u64; 8],
    pub(super) shingler: Shingler,
    pub(super) words: Words,
    pub(super) grams: Grams,
    pub(super) counter: Counter,
    pub(super) lengths: Box<[u32; 256]>,
    pub(super) lines: Vec<(u64, u32, bool)>,
    pub(super) paragraphs: Vec<(u64, u32)>,
    pub(super) found: Vec<(u32, bool)>,
}

impl Measurer {
    /// With empty buffers.
    ///
    /// # Errors
    /// None in practice: the automaton of eight fixed phrases is built.
    pub fn new() -> Result<Self, String> {
        let phrases = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(PHRASES)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            phrases,
            stop_hashes: STOP_WORDS.map(|word| word_hash(word.as_bytes())),
            shingler: Shingler::new(Shingling::Words(WINDOW)),
            words: Words::default(),
            grams: Grams::default(),
            counter: Counter::default(),
            lengths: Box::new([0; 256]),
            lines: Vec::new(),
            paragraphs: Vec::new(),
            found: Vec::new(),
        })
    }

    /// Every signal of `text`.
    pub fn measure(&mut self, text: &str) -> Signals {
        self.found.clear();
        self.found.extend(
            self.phrases
                .find_overlapping_iter(text)
                .map(|found| (found.start() as u32, found.pattern().as_usize() == 0)),
        );
        let tally = Pass::new(text, self).run();
        let repeats = self.grams.repeats(&self.words);
        let lines = self.duplicate_lines();
        let paragraphs = self.duplicate_paragraphs();
        let windows = self.shingler.hashes(text);
        // A text too short for a window has one of all its units, which is no repeat.
        let repeated = repeated_share(&mut self.counter, windows);
        signals_of(text, &tally, &self.lengths, &repeats, &lines, paragraphs, repeated)
    }

    /// (lines, characters, characters of lines that hold something) that occurred before.
    fn duplicate_lines(&mut self) -> [u32; 3] {
        let mut found = [0; 3];
        self.counter.reset(self.lines.len());
        for &(hash, characters, visible) in &self.lines {
            if self.counter.add(hash, 0).1 > 0 {
                found[0] += 1;
                found[1] += characters;
                found[2] += if visible { characters } else { 0 };
            }
        }
        found
    }

    fn duplicate_paragraphs(&mut self) -> [u32; 2] {
        let mut found = [0; 2];
        self.counter.reset(self.paragraphs.len());
        for &(hash, characters) in &self.paragraphs {
            if self.counter.add(hash, 0).1 > 0 {
                found[0] += 1;
                found[1] += characters;
            }
        }
        found
    }
}
