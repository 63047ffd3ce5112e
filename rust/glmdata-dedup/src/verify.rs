//! Candidate pairs become measured pairs: the exact Jaccard similarity of the real shingle sets.
//!
//! The shingle sets of all candidates are held in memory if the budget allows. If not, the texts of
//! the candidates are brought together on disk first (`partition.rs`), neighbours with neighbours,
//! and a part or two of them is in memory at a time. Which way is taken changes no value.

use std::sync::{Mutex, OnceLock};

use glmdata_base::{Cancel, Error, MemoryBudget, Phase, Progress, Reservation, Result};
use glmdata_text::{Shingling, fold_script};
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use rayon::slice::ParallelSliceMut;

use crate::decide::rule_of;
use crate::difference::{Outline, Outlined, extra, opens_in, relation_of};
use crate::early::{EarlySets, ReleasedSets, take_set};
use crate::ledger::{LEDGER_FLOOR, Pair, Relation};
use crate::options::Options;
use crate::partition::{Candidates, Partitioned};
use crate::removal::Rule;
use crate::shingles::{Shingles, shared, shared_if};
use crate::sort::Sorted;
use crate::table::Table;
use crate::texts::Texts;

/// Pairs compared between two looks at the cancel flag.
pub(crate) const CHUNK: usize = 1 << 14;

/// Counts for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verified {
    /// Pairs that were compared.
    pub(crate) candidates: u64,
    /// Of these, compared since decisions left both standing (`family.rs`, `follow.rs`).
    pub(crate) followed: u64,
    /// Of these, with J at or above the threshold.
    pub(crate) verified: u64,
    /// Of these, below it.
    pub(crate) rejected: u64,
    /// Of the verified, those that differ in what bears content.
    pub(crate) variants: u64,
    /// Pairs at or above the threshold whose texts nobody looked at, since nearer ones were
    /// (`family.rs`), and those among them that could have removed a document that stays.
    pub(crate) unread: u64,
    pub(crate) unread_of_kept: u64,
    /// Parts that the candidates' texts were spilled to; 0 if they fitted into memory.
    pub(crate) partitions: u64,
    /// Bytes written to and read back from those parts.
    pub(crate) spilled_bytes: u64,
    pub(crate) spilled_bytes_read: u64,
}

impl Verified {
    /// Count what the final `ledger` says of the compared pairs.
    pub(crate) fn count(&mut self, ledger: &[Pair], threshold: f64) {
        let close = ledger.iter().filter(|pair| pair.jaccard() >= threshold);
        self.verified = close.clone().count() as u64;
        self.rejected = self.candidates - self.verified - self.unread;
        self.variants = close.filter(|pair| pair.relation != Relation::Same).count() as u64;
    }

    /// Add what another round compared.
    pub(crate) fn add(&mut self, other: &Self) {
        self.candidates += other.candidates;
        self.followed += other.followed;
        self.partitions += other.partitions;
        self.spilled_bytes += other.spilled_bytes;
        self.spilled_bytes_read += other.spilled_bytes_read;
    }
}

/// What a round of comparisons found.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// Pairs of J >= 0.5, in document order.
    pub(crate) pairs: Vec<Pair>,
    pub(crate) counts: Verified,
}

/// What verification works with.
pub(crate) struct Verifier<'a> {
    pub(crate) table: &'a Table,
    pub(crate) texts: &'a Texts<'a>,
    /// First document of every unit, and one past the last.
    pub(crate) first_of_unit: &'a [u32],
    /// Sets that the scan kept, by unit; the first round takes them.
    pub(crate) early: Mutex<Vec<EarlySets>>,
    pub(crate) options: &'a Options,
    pub(crate) budget: &'a MemoryBudget,
    pub(crate) folder: &'a std::path::Path,
    pub(crate) cancel: &'a Cancel,
    pub(crate) progress: &'a Progress,
    /// Where families of near copies count what they compare.
    pub(crate) rounds: &'a Progress,
}

/// A candidate in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) set: Box<[u64]>,
    pub(crate) text: TextRef,
    /// Made when it is first asked for.
    outline: OnceLock<Outline>,
}

impl Loaded {
    pub(crate) fn new(set: Box<[u64]>, text: TextRef) -> Self {
        Self { set, text, outline: OnceLock::new() }
    }

    fn outlined(&self) -> Outlined<'_> {
        let text = self.text.get();
        Outlined { text, outline: self.outline.get_or_init(|| Outline::of(text)) }
    }
}

/// A text that is in memory anyway, or a copy.
#[derive(Debug)]
pub(crate) enum TextRef {
    Shared(arrow_array::LargeStringArray, usize),
    Owned(Box<str>),
}

impl TextRef {
    pub(crate) fn get(&self) -> &str {
        match self {
            Self::Shared(column, row) => column.value(*row),
            Self::Owned(text) => text,
        }
    }
}

/// Finds candidates that are in memory.
pub(crate) trait Lookup: Sync {
    fn get(&self, document: u32) -> &Loaded;
}

/// Candidates that are in memory together.
pub(crate) struct All {
    candidates: Candidates,
    loaded: Vec<Loaded>,
    _held: Reservation,
}

impl Lookup for All {
    fn get(&self, document: u32) -> &Loaded {
        &self.loaded[self.candidates.slot(document)]
    }
}

/// Takes pairs and what finds their documents.
pub(crate) type Measure<'a> = dyn FnMut(&[u64], &dyn Lookup) -> Result<()> + 'a;

impl<'a> Verifier<'a> {
    /// The same for later rounds, whose comparisons are no work that was known before.
    pub(crate) fn in_rounds(&self, quiet: &'a Progress) -> Self {
        Self { early: Mutex::default(), progress: quiet, rounds: self.progress, ..*self }
    }

    /// Measure all these pairs, whose documents may be in memory already.
    pub(crate) fn run(&self, pairs: &Sorted<u64>, held: Option<&All>) -> Result<Compared> {
        let mut compared = Compared::default();
        let counts = self.each(pairs, held, &mut |chunk, documents| {
            compared.pairs.extend(self.measure(chunk, documents));
            Ok(())
        })?;
        compared.counts = counts;
        compared.pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
        Ok(compared)
    }

    /// Give all these pairs to `measure`, with their documents.
    pub(crate) fn each(
        &self,
        pairs: &Sorted<u64>,
        held: Option<&All>,
        measure: &mut Measure<'_>,
    ) -> Result<Verified> {
        let mut counts = Verified::default();
        let mut walk = |all: &All, counts: &mut Verified| {
            let mut merge = pairs.merge()?;
            while let Some(chunk) = next_chunk(|| merge.next())? {
                self.cancel.check()?;
                counts.candidates += chunk.len() as u64;
                measure(&chunk, all)?;
                self.progress.add(chunk.len() as u64, chunk.len() as u64);
            }
            Ok(())
        };
        if let Some(all) = held {
            walk(all, &mut counts)?;
            return Ok(counts);
        }
        let candidates = Candidates::of(pairs, self.table.len())?;
        if candidates.pairs == 0 {
            return Ok(counts);
        }
        let work = candidates.pairs;
        let candidates = match self.hold(candidates)? {
            Ok(all) => {
                self.progress.enter(Phase::Verify, work);
                walk(&all, &mut counts)?;
                return Ok(counts);
            }
            Err(candidates) => candidates,
        };
        counts.candidates = candidates.pairs;
        let partitioned = Partitioned::spill(self, pairs, &candidates)?;
        counts.partitions = partitioned.count() as u64;
        self.progress.enter(Phase::Verify, work);
        partitioned.each_group(self, &mut |chunk, documents| {
            self.cancel.check()?;
            measure(chunk, documents)?;
            self.progress.add(chunk.len() as u64, chunk.len() as u64);
            Ok(())
        })?;
        (counts.spilled_bytes, counts.spilled_bytes_read) = partitioned.bytes();
        Ok(counts)
    }

    /// All these candidates in memory, or themselves if there is no room.
    pub(crate) fn hold(&self, candidates: Candidates) -> Result<Result<All, Candidates>> {
        let work = candidates.documents().map(|i| u64::from(self.table.bytes[i as usize])).sum();
        self.progress.enter(Phase::Load, work);
        // From here on their memory is counted with that of all candidates.
        let mut early: Vec<_> = std::mem::take(&mut *self.early.lock().map_err(Error::internal)?);
        early.resize_with(self.texts.units.len(), EarlySets::default);
        let early: Vec<_> = early.into_iter().map(EarlySets::release).collect();
        let memory = candidates.memory(self.table, self.compares_texts_in_memory());
        let Some(held) = self.budget.try_reserve(memory) else { return Ok(Err(candidates)) };
        let loaded = self.load_all(&candidates, early)?;
        Ok(Ok(All { candidates, loaded, _held: held }))
    }

    /// Whether texts are compared where they lie.
    fn compares_texts_in_memory(&self) -> bool {
        self.texts.in_memory() && !self.options.script_fold
    }

    /// A text as it is compared.
    pub(crate) fn compared(&self, text: Box<str>) -> TextRef {
        TextRef::Owned(if self.options.script_fold { fold_script(&text).into() } else { text })
    }

    /// Shingle sets and texts of all candidates, in candidate order.
    fn load_all(&self, candidates: &Candidates, early: Vec<ReleasedSets>) -> Result<Vec<Loaded>> {
        let of_units: Vec<Vec<Loaded>> = early
            .into_par_iter()
            .with_max_len(1)
            .enumerate()
            .map_init(
                || Shingles::new(self.options),
                |shingles, (unit, mut early)| {
                    let first = self.first_of_unit[unit];
                    let mut loaded = Vec::new();
                    self.each_candidate(unit, candidates, &mut |document, column, row| {
                        let text = column.value(row);
                        self.progress.add(1, text.len() as u64);
                        let set = take_set(&mut early, document - first).unwrap_or_else(|| {
                            shingles.set_of(text, self.table.source_of(document as usize))
                        });
                        let text = if self.compares_texts_in_memory() {
                            TextRef::Shared(column.clone(), row)
                        } else {
                            self.compared(text.into())
                        };
                        loaded.push(Loaded::new(set, text));
                        Ok(())
                    })?;
                    Ok(loaded)
                },
            )
            .collect::<Result<_>>()?;
        Ok(of_units.into_iter().flatten().collect())
    }

    /// Visit the candidates of a unit: document, text column of its batch, row in it.
    pub(crate) fn each_candidate(
        &self,
        unit: usize,
        candidates: &Candidates,
        visit: &mut dyn FnMut(u32, &arrow_array::LargeStringArray, usize) -> Result<()>,
    ) -> Result<()> {
        use arrow_array::cast::AsArray;
        let (first, end) = (self.first_of_unit[unit], self.first_of_unit[unit + 1]);
        if !(first..end).any(|document| candidates.contains(document)) {
            return Ok(());
        }
        let mut document = first;
        self.texts.each_batch(unit, &mut |batch| {
            let column = batch["text"].as_string::<i64>();
            for row in 0..batch.num_rows() {
                if candidates.contains(document) {
                    visit(document, column, row)?;
                }
                document += 1;
            }
            Ok(())
        })
    }

    /// Measure a chunk of pairs; those of J >= 0.5 come back.
    fn measure(&self, chunk: &[u64], documents: &dyn Lookup) -> Vec<Pair> {
        let measured = chunk.par_iter().filter_map(|&packed| {
            let mut pair = sizes_of(packed, documents);
            if pair.jaccard() < LEDGER_FLOOR {
                return None;
            }
            if self.options.is_near(&pair) {
                let (a, b) = (documents.get(pair.a).outlined(), documents.get(pair.b).outlined());
                let a_is_smaller = pair.shingles_a <= pair.shingles_b;
                pair.same_opening = if a_is_smaller { opens_in(a, b) } else { opens_in(b, a) };
                if self.options.judges(&pair) {
                    let code = [pair.a, pair.b].into_iter().all(|document| {
                        let source = self.table.source_of(document as usize);
                        self.options.shingling_of(source) == Shingling::Code
                    });
                    pair.relation = relation_of(a, b, code);
                }
                if pair.relation == Relation::Same {
                    (pair.extra_a, pair.extra_b) = extra(a, b);
                }
            }
            Some(pair)
        });
        measured.collect()
    }
}

/// A pair and how much its documents share, their texts not looked at.
fn sizes_of(packed: u64, documents: &dyn Lookup) -> Pair {
    let (a, b) = ((packed >> 32) as u32, packed as u32);
    let (left, right) = (documents.get(a), documents.get(b));
    Pair {
        a,
        b,
        shingles_a: left.set.len() as u32,
        shingles_b: right.set.len() as u32,
        shared: shared(&left.set, &right.set) as u32,
        relation: Relation::Related,
        same_opening: false,
        extra_a: 0,
        extra_b: 0,
        followed: false,
    }
}

/// The pair as one of the same text, if it is similar enough for one to leave for the other.
pub(crate) fn if_similar(packed: u64, documents: &dyn Lookup, options: &Options) -> Option<Pair> {
    let (a, b) = ((packed >> 32) as u32, packed as u32);
    let (left, right) = (&documents.get(a).set, &documents.get(b).set);
    // J >= t where t / (1 + t) of both sizes is shared; a little less, for what rounding does.
    let sum = (left.len() + right.len()) as f64 * options.threshold / (1.0 + options.threshold);
    let pair = Pair {
        a,
        b,
        shingles_a: left.len() as u32,
        shingles_b: right.len() as u32,
        shared: shared_if(left, right, (sum - 1e-6).max(0.0) as usize)? as u32,
        relation: Relation::Same,
        same_opening: true,
        extra_a: 0,
        extra_b: 0,
        followed: false,
    };
    // Pages of one template hold each other: there, containment tells nothing.
    (rule_of(&pair, options, None) == Some(Rule::Fuzzy)).then_some(pair)
}

/// Up to [`CHUNK`] items; `None` at the end.
pub(crate) fn next_chunk<T>(mut next: impl FnMut() -> Result<Option<T>>) -> Result<Option<Vec<T>>> {
    let mut chunk = Vec::new();
    while chunk.len() < CHUNK {
        match next()? {
            Some(item) => chunk.push(item),
            None => break,
        }
    }
    Ok((!chunk.is_empty()).then_some(chunk))
}
