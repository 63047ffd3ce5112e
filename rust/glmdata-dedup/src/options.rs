//! What a deduplication run is asked to do, checked and typed. Defaults live in Python only.

use glmdata_base::Error;
use glmdata_io::{Field, OutputFormat, ReadOptions};
use glmdata_text::Shingling;

use crate::bands::Banding;
use crate::ledger::Pair;

/// Texts of fewer shingles need half of the missing share to be contained.
const SHORT: u32 = 400;

/// How a set of shingles is sketched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Fast Similarity Sketching with independent slots (`sketch.rs`).
    FastSimilarity,
    /// The values of `datasketch.MinHash`.
    Datasketch,
}

/// Which documents are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Global,
    /// Those of the same language.
    Lang,
    /// Those of the same source.
    Source,
}

/// Which document of a group of duplicates is kept, after source priority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The one with the longest text, in bytes.
    Longest,
    /// The first in canonical input order.
    First,
    /// The one with the latest date or number in this field.
    Newest(String),
    /// The one with the largest number in this field.
    Best(String),
}

/// The typed configuration of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How records become documents.
    pub read: ReadOptions,
    /// Jaccard similarity from which two documents are duplicates.
    pub threshold: f64,
    /// How shingles are sketched.
    pub scheme: Scheme,
    /// Slots of a sketch.
    pub num_perm: usize,
    /// How sketches are cut into bands.
    pub banding: Banding,
    /// How texts are cut into shingles.
    pub shingling: Shingling,
    /// Compare traditional and simplified Chinese as one.
    pub script_fold: bool,
    /// Compare texts of fewer than 20 shingles too.
    pub fuzzy_short: bool,
    /// Keep near-duplicates that differ in content-bearing units.
    pub keep_variants: bool,
    /// Remove all of a connected component but one, as most tools do.
    pub components: bool,
    /// Which documents are compared.
    pub scope: Scope,
    /// Which document stays.
    pub keep: Keep,
    /// Sources from the most to the least wanted; others come after.
    pub source_priority: Vec<String>,
    /// Also remove documents of which this share is contained in a kept, longer one.
    pub containment: Option<f64>,
    /// The date, of which the later stays among copies that are as clean.
    pub date_field: Field,
    /// Documents of one address are one document.
    pub url_dedup: bool,
    /// Cut lines that more than this many kept documents have, out of all but the first.
    pub line_dedup: Option<u32>,
    /// The same for paragraphs.
    pub paragraph_dedup: Option<u32>,
    /// Cut passages of so many units or more that stand elsewhere too out of all places but the first.
    pub substring_dedup: Option<u32>,
    /// Cut what the template of a site prints on its pages, told by their hosts, out of all but the first.
    pub templates: bool,
    /// Format of the kept documents.
    pub format: OutputFormat,
    /// Write kept documents, not only decisions.
    pub write_documents: bool,
    /// Put the text into `removed/` too.
    pub removed_text: bool,
    /// Worker threads.
    pub threads: usize,
    /// Memory budget in bytes.
    pub memory: u64,
}

impl Options {
    /// The shingling of a document: source code keeps its operators unless told otherwise.
    pub(crate) fn is_code(&self, source: &str) -> bool {
        source == "code" && self.shingling == Shingling::Mixed
    }

    /// Whether a pair may decide about one of its documents, as far as shingles tell.
    pub(crate) fn is_near(&self, pair: &Pair) -> bool {
        let least = self.contained_from(pair.shingles_a.min(pair.shingles_b));
        pair.jaccard() >= self.threshold || least.is_some_and(|least| pair.containment() >= least)
    }

    /// Whether the texts of such a pair are read for what differs in them.
    pub(crate) fn judges(&self, pair: &Pair) -> bool {
        self.is_near(pair) && (pair.jaccard() >= self.threshold || pair.same_opening)
    }

    /// The share of a text of so many shingles that another one must hold for it to go; none: it stays.
    pub(crate) fn contained_from(&self, shingles: u32) -> Option<f64> {
        let least = self.containment?;
        // One sentence is much of a short text.
        Some(if shingles < SHORT { f64::midpoint(least, 1.0) } else { least })
    }

    /// The place of a source among those whose copies stay, the best first.
    pub(crate) fn priority(&self, source: &str) -> usize {
        self.source_priority.iter().position(|own| own == source).unwrap_or(usize::MAX)
    }

    /// How a document of this source is cut into shingles.
    pub(crate) fn shingling_of(&self, source: &str) -> Shingling {
        if self.is_code(source) { Shingling::Code } else { self.shingling }
    }

    /// Mixed shingles in 16 bands of 8, all else as simple as possible.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self {
            read: ReadOptions::default(),
            threshold: 0.8,
            scheme: Scheme::FastSimilarity,
            num_perm: 128,
            banding: Banding { bands: 16, rows: 8 },
            shingling: Shingling::Mixed,
            script_fold: false,
            fuzzy_short: false,
            keep_variants: true,
            components: false,
            scope: Scope::Global,
            keep: Keep::Longest,
            source_priority: Vec::new(),
            containment: None,
            date_field: Field::named("date"),
            url_dedup: false,
            line_dedup: None,
            paragraph_dedup: None,
            substring_dedup: None,
            templates: false,
            format: OutputFormat::Arrow,
            write_documents: true,
            removed_text: false,
            threads: 1,
            memory: 1 << 30,
        }
    }

    /// Refuse what makes no sense before anything is read.
    pub fn check(&self) -> Result<(), Error> {
        let share = |option, value: f64| {
            if value > 0.0 && value <= 1.0 {
                Ok(())
            } else {
                Err(Error::config(option, "a number above 0 and up to 1", value))
            }
        };
        share("threshold", self.threshold)?;
        if let Some(containment) = self.containment {
            share("containment", containment)?;
        }
        if !self.num_perm.is_power_of_two() || !(16..=1024).contains(&self.num_perm) {
            return Err(Error::config("num_perm", "a power of two from 16 to 1024", self.num_perm));
        }
        let Banding { bands, rows } = self.banding;
        if bands * rows > self.num_perm {
            let expected = format!("bands x rows of at most num_perm {}", self.num_perm);
            return Err(Error::config("bands", &expected, format!("{bands}x{rows}")));
        }
        Ok(())
    }
}

impl std::str::FromStr for Scheme {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "fast-similarity" => Ok(Self::FastSimilarity),
            "datasketch" => Ok(Self::Datasketch),
            _ => Err(Error::config("scheme", "fast-similarity or datasketch", name)),
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "global" => Ok(Self::Global),
            "lang" => Ok(Self::Lang),
            "source" => Ok(Self::Source),
            _ => Err(Error::config("scope", "global, lang or source", name)),
        }
    }
}

impl std::str::FromStr for Keep {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name.split_once(':') {
            None if name == "longest" => Ok(Self::Longest),
            None if name == "first" => Ok(Self::First),
            Some(("newest", field)) if !field.is_empty() => Ok(Self::Newest(field.to_owned())),
            Some(("best", field)) if !field.is_empty() => Ok(Self::Best(field.to_owned())),
            _ => Err(Error::config("keep", "longest, first, newest:FIELD or best:FIELD", name)),
        }
    }
}
