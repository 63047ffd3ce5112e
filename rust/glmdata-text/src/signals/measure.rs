//! The one who measures: the pass, then what needs all words, lines or units at once.

use std::borrow::Cow;

use super::Signals;
use super::entity::numbered;
use super::form::form_of;
use super::garbage::GarbageList;
use super::grams::{Counter, Grams, Repeated, Words};
use super::odd::{LONG_WORD, OddPairs, encoded};
use super::offence::Lexicon;
use super::offence_model::{Passages, buckets, passages};
use super::phrases::{Finder, Found};
use super::prose::Prose;
use super::scan::Pass;
use super::tally::{Found as Sums, signals_of};
use super::word::word_hash;
use crate::pii::{CUES, find_with, narrowed};
use crate::shingle::{Shingler, Shingling};
use crate::terms::{Hit, Terms};

/// A text of which no more is repeated has no prose of its own to be counted: the rules of glmdata begin
/// at a tenth, and ask that the whole text repeats itself too.
const LITTLE: f64 = 0.1;

/// Units of the windows behind `repeated_13_share`.
const WINDOW: u32 = 13;

/// Lists of terms, by number.
const PHRASES: usize = 0;
const OFFENCES: usize = 1;
const CUED: usize = 2;
const GARBAGE: usize = 3;

/// Gopher's eight words.
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// Measures documents; holds the buffers.
#[derive(Debug)]
pub struct Measurer {
    finder: Finder,
    lexicon: Lexicon,
    garbage: GarbageList,
    odd_pairs: OddPairs,
    terms: Terms,
    hits: Vec<Hit>,
    offences: Vec<Hit>,
    garbage_hits: Vec<Hit>,
    pub(super) stop_hashes: [u64; 8],
    pub(super) shingler: Shingler,
    pub(super) words: Words,
    pub(super) grams: Grams,
    pub(super) counter: Counter,
    repeated: Repeated,
    pub(super) lengths: Box<[u32; 256]>,
    pub(super) lines: Vec<(u64, u32, bool)>,
    pub(super) paragraphs: Vec<(u64, u32)>,
    pub(super) found: Vec<Found>,
    pub(super) prose: Prose,
}

impl Measurer {
    /// With empty buffers.
    ///
    /// # Errors
    /// None in practice: the table of fixed terms is built.
    pub fn new() -> Result<Self, String> {
        let (finder, lexicon, garbage) = (Finder::new(), Lexicon::new()?, GarbageList::new()?);
        let phrases: Vec<&str> = finder.phrases().iter().map(String::as_str).collect();
        let mut lists = [&[][..]; 4];
        lists[PHRASES] = &phrases;
        lists[OFFENCES] = lexicon.terms();
        lists[CUED] = &CUES;
        lists[GARBAGE] = garbage.terms();
        let terms = Terms::new(&lists)?;
        let stop_hashes = STOP_WORDS.map(|word| word_hash(word.as_bytes()));
        Ok(Self {
            finder,
            lexicon,
            garbage,
            terms,
            hits: Vec::new(),
            offences: Vec::new(),
            garbage_hits: Vec::new(),
            odd_pairs: OddPairs::new(&stop_hashes)?,
            stop_hashes,
            shingler: Shingler::new(Shingling::Words(WINDOW)),
            words: Words::default(),
            grams: Grams::default(),
            counter: Counter::default(),
            repeated: Repeated::default(),
            lengths: Box::new([0; 256]),
            lines: Vec::new(),
            paragraphs: Vec::new(),
            found: Vec::new(),
            prose: Prose::default(),
        })
    }

    /// Every signal of `text`.
    pub fn measure(&mut self, text: &str) -> Signals {
        self.terms.find(text, &mut self.hits);
        let of = |list| self.hits.iter().copied().filter(move |hit| usize::from(hit.list) == list);
        let placeholders = self.finder.find(text, of(PHRASES), &mut self.found);
        self.offences.clear();
        self.offences.extend(of(OFFENCES));
        self.garbage_hits.clear();
        self.garbage_hits.extend(of(GARBAGE));
        let pii = match narrowed(text) {
            Cow::Borrowed(text) => find_with(text, of(CUED)),
            Cow::Owned(text) => {
                self.terms.find(&text, &mut self.hits);
                let hits = self.hits.iter().copied();
                find_with(&text, hits.filter(|hit| usize::from(hit.list) == CUED))
            }
        };
        let mut tally = Pass::new(text, self).run();
        tally.placeholders = placeholders;
        let lines = &self.prose.lines;
        tally.offence = self.lexicon.weigh(text, &self.offences, lines);
        tally.garbage = self.garbage.weigh(text, &self.garbage_hits, lines);
        tally.pii = pii.len() as u32;
        if tally.stop_words != 0 {
            tally.odd_pairs = self.odd_pairs.count(&self.words.hashes);
        }
        if tally.longest_plain_token >= LONG_WORD {
            tally.encoded = encoded(text);
        }
        if self.prose.signs.markup {
            tally.entities = numbered(text);
        }
        let repeats = self.grams.repeats(&self.words);
        let lines = self.duplicate_lines();
        let paragraphs = self.duplicate_paragraphs();
        let windows = self.shingler.hashes(text);
        // A text too short for a window has one of all its units, which is no repeat.
        let repeated = self.repeated.share(windows);
        if lines[0] > 0 {
            self.prose.count_repeats(&mut self.counter);
        }
        // A text of prose repeats what its prose does; one that repeats little is not cut a second time.
        let in_prose = self.prose.number_of_words();
        let all_prose = 20 * u64::from(in_prose) >= 19 * u64::from(tally.words);
        let most = repeats.top.iter().chain(&repeats.duplicate).copied().max().unwrap_or(0);
        let few = f64::from(most) / f64::from(tally.chars) <= LITTLE;
        let otherwise = !all_prose || !self.prose.shortened.is_empty();
        let prose_repeats =
            (otherwise && !few).then(|| self.grams.repeats(self.prose.words(&self.words)));
        let prose_repeated = if all_prose || repeated <= LITTLE {
            repeated
        } else {
            self.repeated.share(self.shingler.hashes(self.prose.text(text)))
        };
        let form = form_of(text, &self.prose.lines, self.prose.sums.digits);
        let found = Sums {
            tally: &tally,
            signs: self.prose.signs,
            lengths: &self.lengths,
            repeats: &repeats,
            lines,
            paragraphs,
            repeated,
            prose: &self.prose.sums,
            prose_lines: self.prose.lines.len() as u32,
            prose_repeats: prose_repeats.as_ref(),
            prose_repeated,
            form,
        };
        signals_of(text, &found)
    }

    /// The same, and what the model of offence says, from one pass.
    pub fn measure_with_passages(&mut self, text: &str) -> (Signals, Passages) {
        let signals = self.measure(text);
        (signals, passages(text, &self.prose.lines))
    }

    /// What the model of offence says of `text`.
    pub fn passages(&mut self, text: &str) -> Passages {
        Pass::new(text, self).run();
        passages(text, &self.prose.lines)
    }

    /// The terms of each window of prose as the model of offence sees them, for those who teach it.
    pub fn offence_terms(&mut self, text: &str) -> Vec<Vec<u32>> {
        Pass::new(text, self).run();
        buckets(text, &self.prose.lines)
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
